//! Tells what the commands for template authors found.

use super::{SCHEMA, Text, of_messages, pretty, print, tell};
use crate::cli::Format;
use crate::error::{Exit, Result};
use crate::formats::hidden;
use crate::prove::results::{self, Circumstances, Outcome};
use crate::render::trace::Part;
use crate::tree::{self, File};
use console::Style;
use serde_json::json;

/// Tells that lint found nothing.
///
/// # Errors
/// Standard output fails.
pub fn sound(pack: &str, warnings: &[String], format: Format) -> Result<()> {
    match format {
        Format::Json => print(pretty(
            &json!({"schema": SCHEMA, "ok": true, "command": "pack lint", "pack": pack, "findings": [], "warnings": warnings}),
        )),
        Format::Text => {
            tell(ok().and(format!(" nothing is wrong in the pack `{pack}`")));
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
        return print(pretty(&json!({
            "schema": SCHEMA, "ok": true, "command": "knowledge check", "documents": documents, "steps": steps,
        })));
    }
    tell(ok().and(format!(" nothing is wrong in {documents} documents and {steps} steps")));
    Ok(())
}

fn ok() -> Text {
    Text::styled("ok", &of_messages().green().bold())
}

/// Tells that a command of a configuration starts; only where someone watches.
pub fn begin(label: &str, step: &str, format: Format) {
    if format == Format::Text && console::user_attended_stderr() {
        let step = Text::styled(&format!("  {step:>9}"), &of_messages().dim());
        tell(step.and(" ").and(Text::line(label)));
    }
}

/// Tells that one of many configurations is done.
pub fn progress(outcome: &Outcome, count: usize, all: usize, format: Format) {
    if format == Format::Json {
        return;
    }
    let mark = if outcome.is_success() {
        Text::styled("passed", &of_messages().green())
    } else {
        Text::styled("failed", &of_messages().red())
    };
    let line = Text::line(&results::line(outcome));
    tell(mark.and(format!(" {count}/{all}  ")).and(line));
}

/// Prints what `pack test` found.
///
/// # Errors
/// Standard output fails.
pub fn tested(outcomes: &[Outcome], circumstances: &Circumstances, format: Format) -> Result<()> {
    let ok = outcomes.iter().all(Outcome::is_success);
    if format == Format::Json {
        let exit = if ok { Exit::Done } else { Exit::Failed };
        return print(pretty(&json!({
            "schema": SCHEMA, "ok": ok, "command": "pack test", "exit_code": exit as i32,
            "circumstances": circumstances, "configurations": outcomes,
        })));
    }
    let mark = Text::styled("failed", &Style::new().red().bold());
    let told = |(outcome, more)| {
        let line = Text::line(&results::line(outcome));
        let noun = if more == 1 { "configuration fails" } else { "configurations fail" };
        let same = if more == 0 {
            String::new()
        } else {
            format!("  {more} more {noun} in the same way\n")
        };
        mark.clone().and(" ").and(line).and("\n").and(results::details(outcome)).and(same)
    };
    let mut lines: Vec<Text> = results::failures(outcomes).into_iter().map(told).collect();
    lines.extend(circumstances.skipped.iter().map(Text::from));
    lines.extend(Some(&circumstances.network).filter(|text| !text.is_empty()).map(Text::from));
    for (name, passed, all) in results::totals(outcomes) {
        lines.push(format!("{name}: {passed} of {all} passed").into());
    }
    print(Text::join(lines, "\n").and("\n"))
}

/// Prints a rendered file with what each part of it comes from in the margin; `None` is a file that is no text.
///
/// # Errors
/// Standard output fails.
pub fn rendered(file: &File, parts: Option<&[Part]>, format: Format) -> Result<()> {
    if format == Format::Json {
        return print(pretty(&json!({
            "schema": SCHEMA, "ok": true, "command": "pack render", "path": file.path, "bytes": file.bytes.len(),
            "sha256": tree::digest(&file.bytes), "layers": file.layers, "parts": parts,
        })));
    }
    let Some(parts) = parts else {
        let layers = hidden::line(&file.layers.join(", "));
        return print(format!("no text: {}, from {layers}\n", super::size(file.bytes.len())));
    };
    let names: Vec<String> = parts.iter().map(margin).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, part) in names.iter().zip(parts) {
        for (index, line) in part.text.lines().enumerate() {
            let name = if index == 0 { name.as_str() } else { "" };
            let line = format!("{name:width$} │ {}", hidden::line(line));
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    print(text)
}

/// The layer and the last names of the template, as the path of the file is known.
fn margin(part: &Part) -> String {
    let Some(origin) = &part.origin else { return "scaffold".to_owned() };
    let (folder, name) = origin.template.rsplit_once('/').unwrap_or(("", &origin.template));
    let above = folder.rsplit('/').next().unwrap_or(folder);
    let is_of_file = [".parts", ".sections"].iter().any(|end| above.ends_with(end));
    let name = if is_of_file { format!("{above}/{name}") } else { name.to_owned() };
    hidden::line(&format!("{}: {name}", origin.layer))
}
