//! Tells what went wrong: for people on stderr, as JSON on stdout.

use super::{SCHEMA, Text, of_messages, pretty, print, print_message};
use crate::cli::Format;
use crate::error::{Error, Exit, Place, Problem};
use crate::formats::hidden;
use crate::formats::quote::command_line;
use serde_json::{Value, json};

/// More words than this help no reader; JSON has them all.
const MOST_LISTED: usize = 20;

/// Prints what went wrong: for people on stderr, as JSON on stdout.
pub fn failure(command: &str, error: &Error, format: Format) {
    match format {
        Format::Json => {
            let problems: Vec<Value> = error.problems.iter().map(problem_json).collect();
            let exit = error.exit() as i32;
            let document = json!({"schema": SCHEMA, "ok": false, "command": command, "exit_code": exit, "errors": problems});
            if print(pretty(&document)).is_err() {
                // Whoever reads the documents gets none; then a person is told.
                failure(command, error, Format::Text);
            }
        }
        Format::Text => {
            let (alone, alike) = folded(&error.problems);
            let shown: Vec<&Problem> = alone.into_iter().chain(&alike).collect();
            for alike in shown.chunk_by(|one, next| has_cure_of(one, next)) {
                print_message(problems_text(alike));
            }
        }
    }
}

/// Problems that one flag cures together say the same again and again: they are shown as one, after the others.
fn folded(problems: &[Problem]) -> (Vec<&Problem>, Option<Problem>) {
    let (alike, alone): (Vec<&Problem>, Vec<&Problem>) =
        problems.iter().partition(|problem| problem.cure_of_all.is_some());
    let Some(&Problem { code, cure_of_all: Some(cure), .. }) =
        alike.first().copied().filter(|_| alike.len() > 1)
    else {
        return (problems.iter().collect(), None);
    };
    let flags: Vec<String> =
        alike.iter().flat_map(|problem| &problem.place).map(Place::shown).collect();
    let more = if alone.is_empty() { "" } else { " more" };
    let message = format!("{}{more} are not answered: {}", alike.len(), flags.join(", "));
    let hint = format!("`{cure}` takes the default of each; `--format json` shows them");
    (alone, Some(Problem::new(code, message).fix([cure]).hint(hint)))
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

/// Whether what cures one problem is said in the same words of the other.
fn has_cure_of(one: &Problem, other: &Problem) -> bool {
    let cure = |of: &Problem| (of.code, of.allowed.clone(), of.fix.clone(), of.hint.clone());
    one.hint.is_some() && one.nearest.is_none() && cure(one) == cure(other)
}

/// Problems with one cure, which is said once, and their places where they do not name them.
fn problems_text(alike: &[&Problem]) -> Text {
    let mut lines = Vec::new();
    for problem in alike {
        let label = format!("error[{}]", problem.code.name);
        let label = Text::styled(&label, &of_messages().red().bold());
        lines.push(label.and(": ").and(Text::prose(&problem.message)));
        let place = match &problem.place {
            Some(Place::File { file, line, column }) => format!("{file}:{line}:{column}"),
            Some(Place::Path { file }) if alike.len() == 1 || !problem.message.contains(file) => {
                file.clone()
            }
            Some(Place::Flag { flag }) if !names(problem, flag) => flag.clone(),
            _ => continue,
        };
        lines.push(Text::from("  at ").and(Text::prose(&hidden::line(&place))));
    }
    if let Some(problem) = alike.last() {
        lines.extend(cure_text(problem));
    }
    Text::join(lines, "\n").and("\n")
}

/// What is allowed, what is near, and what to do.
fn cure_text(problem: &Problem) -> Vec<Text> {
    let mut lines = Vec::new();
    let mut add = |label: &str, text: &str| lines.push(Text::from(label).and(Text::prose(text)));
    if (1..=MOST_LISTED).contains(&problem.allowed.len()) {
        add("  allowed: ", &problem.allowed.join(", "));
    }
    if let Some(nearest) = &problem.nearest {
        add("  did you mean ", &format!("`{nearest}`?"));
    }
    if !problem.fix.is_empty() {
        add("  try: ", &command_line(&problem.fix));
    }
    if let Some(hint) = &problem.hint {
        add("  ", hint);
    }
    lines
}

/// Whether what is shown of a problem names the flag anyway.
fn names(problem: &Problem, flag: &str) -> bool {
    let shown = [Some(&problem.message), problem.hint.as_ref()].into_iter().flatten();
    flag.is_empty()
        || problem.fix.iter().any(|word| word == flag)
        || shown.into_iter().any(|text| text.contains(flag))
}

/// A fault of the program itself is told in one line, without a trace, and ends it with status 1.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        super::restore();
        let place = panic.location().map(|at| format!("{}:{}", at.file(), at.line()));
        let why = panic.payload_as_str().unwrap_or_default();
        let what = format!("{}: {why}", place.unwrap_or_default());
        let message = format!("a bug in scaffold ({what}); please report it with your command");
        print_message(
            Text::styled("error", &of_messages().red().bold())
                .and(": ")
                .and(Text::line(&message))
                .and("\n"),
        );
        std::process::exit(Exit::Unexpected as i32);
    }));
}
