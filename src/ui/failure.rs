//! Tells what went wrong: for people on stderr, as JSON on stdout.

use super::{SCHEMA, alarm, pretty, print, words};
use crate::cli::Format;
use crate::error::{Error, Place, Problem};
use console::style;
use serde_json::{Value, json};

/// More words than this help no reader; JSON has them all.
const MOST_LISTED: usize = 16;

/// Prints what went wrong: for people on stderr, as JSON on stdout.
pub fn failure(command: &str, error: &Error, format: Format) {
    match format {
        Format::Json => {
            let problems: Vec<Value> = error.problems.iter().map(problem_json).collect();
            let exit = error.exit() as i32;
            let document = json!({"schema": SCHEMA, "ok": false, "command": command, "exit_code": exit, "errors": problems});
            // Nothing is left to tell it to if this fails too; the exit status stands.
            let _ = print(&pretty(&document));
        }
        Format::Text => {
            for problem in &error.problems {
                alarm(&problem_text(problem));
            }
        }
    }
}

fn problem_json(problem: &Problem) -> Value {
    let mut object = serde_json::Map::new();
    object.insert("code".to_owned(), json!(problem.code.name));
    object.insert("message".to_owned(), json!(problem.message));
    if let Some(place) = &problem.place {
        object.insert("where".to_owned(), json!(place));
    }
    if !problem.allowed.is_empty() {
        object.insert("allowed".to_owned(), json!(problem.allowed));
    }
    if let Some(nearest) = &problem.nearest {
        object.insert("nearest".to_owned(), json!(nearest));
    }
    if !problem.fix.is_empty() {
        object.insert("fix".to_owned(), json!(problem.fix));
    }
    if let Some(hint) = &problem.hint {
        object.insert("hint".to_owned(), json!(hint));
    }
    Value::Object(object)
}

fn problem_text(problem: &Problem) -> String {
    let label = style(format!("error[{}]", problem.code.name)).for_stderr().red().bold();
    let mut lines = vec![format!("{label}: {}", problem.message)];
    match &problem.place {
        Some(Place::File { file, line, column }) => {
            lines.push(format!("  at {file}:{line}:{column}"));
        }
        Some(Place::Path { file }) => lines.push(format!("  at {file}")),
        Some(Place::Flag { .. }) | None => {}
    }
    if (1..=MOST_LISTED).contains(&problem.allowed.len()) {
        lines.push(format!("  allowed: {}", problem.allowed.join(", ")));
    }
    lines.extend(problem.nearest.iter().map(|nearest| format!("  did you mean `{nearest}`?")));
    if !problem.fix.is_empty() {
        lines.push(format!("  try: {}", words(&problem.fix)));
    }
    lines.extend(problem.hint.iter().map(|hint| format!("  {hint}")));
    lines.join("\n") + "\n"
}
