//! Tells what the commands for template authors found.

use super::{SCHEMA, pretty, print, tell};
use crate::cli::Format;
use crate::error::{Exit, Result};
use crate::results::{self, Circumstances, Outcome};
use console::style;
use serde_json::json;

/// Tells that lint found nothing.
///
/// # Errors
/// Standard output fails.
pub fn sound(pack: &str, format: Format) -> Result<()> {
    match format {
        Format::Json => print(&pretty(
            &json!({"schema": SCHEMA, "ok": true, "command": "pack lint", "pack": pack, "findings": []}),
        )),
        Format::Text => {
            let ok = style("ok").for_stderr().green().bold();
            tell(&format!("{ok} nothing is wrong in the pack `{pack}`"));
            Ok(())
        }
    }
}

/// Tells that every document is as it should be.
///
/// # Errors
/// Standard output fails.
pub fn sound_knowledge(documents: usize, steps: usize, format: Format) -> Result<()> {
    if format == Format::Json {
        return print(&pretty(&json!({
            "schema": SCHEMA, "ok": true, "command": "knowledge check", "documents": documents, "steps": steps,
        })));
    }
    let ok = style("ok").for_stderr().green().bold();
    tell(&format!("{ok} nothing is wrong in {documents} documents and {steps} steps"));
    Ok(())
}

/// Tells that a command of a configuration starts; only where someone watches.
pub fn begin(label: &str, step: &str, format: Format) {
    if format == Format::Text && console::user_attended_stderr() {
        tell(&format!("{} {label}", style(format!("  {step:>9}")).for_stderr().dim()));
    }
}

/// Tells that one of many configurations is done.
pub fn progress(outcome: &Outcome, count: usize, all: usize, format: Format) {
    if format == Format::Json {
        return;
    }
    let mark = if outcome.is_success() {
        style("passed").for_stderr().green()
    } else {
        style("failed").for_stderr().red()
    };
    tell(&format!("{mark} {count}/{all}  {}", results::line(outcome)));
}

/// Prints what `pack test` found.
///
/// # Errors
/// Standard output fails.
pub fn tested(outcomes: &[Outcome], circumstances: &Circumstances, format: Format) -> Result<()> {
    let ok = outcomes.iter().all(Outcome::is_success);
    if format == Format::Json {
        let exit = if ok { Exit::Done } else { Exit::Failed };
        return print(&pretty(&json!({
            "schema": SCHEMA, "ok": ok, "command": "pack test", "exit_code": exit as i32,
            "circumstances": circumstances, "configurations": outcomes,
        })));
    }
    let mark = style("failed").red().bold();
    let mut lines: Vec<String> = outcomes
        .iter()
        .filter(|outcome| !outcome.is_success())
        .map(|outcome| format!("{mark} {}\n{}", results::line(outcome), results::told(outcome)))
        .collect();
    lines.extend(circumstances.skipped.iter().cloned());
    lines.extend(Some(circumstances.network.clone()).filter(|text| !text.is_empty()));
    for (name, passed, all) in results::totals(outcomes) {
        lines.push(format!("{name}: {passed} of {all} passed"));
    }
    print(&(lines.join("\n") + "\n"))
}
