//! The only place that prints: data on stdout, messages on stderr.

use crate::answers::{Answer, Source, flag_words};
use crate::catalog::ProjectType;
use crate::cli::Format;
use crate::error::{Error, Exit, Place, Problem, Result};
use crate::plan::CommandLines;
use crate::results::{self, Circumstances, Outcome};
use crate::write::{self, Change, Recovery};
use console::style;
use indexmap::IndexMap;
use serde_json::{Value, json};
use std::io::Write as _;

/// The version of the JSON shapes; `docs/json.md` describes them.
const SCHEMA: u32 = 1;

/// More words than this help no reader; JSON has them all.
const MOST_LISTED: usize = 16;

/// What a command that writes a repository did or would do.
#[derive(Debug)]
pub struct Report<'a> {
    /// The name of the command.
    pub command: &'static str,
    /// As the user named it.
    pub destination: String,
    /// Covers all files.
    pub digest: String,
    /// With its source.
    pub project_type: (&'a str, Source),
    /// All answers.
    pub answers: &'a IndexMap<String, Answer>,
    /// One for each file.
    pub files: Vec<Written>,
    /// What the repository runs.
    pub commands: &'a CommandLines,
    /// What people must know.
    pub notes: &'a [String],
    /// What was noticed.
    pub warnings: &'a [String],
}

/// One file of a report.
#[derive(Debug)]
pub struct Written {
    path: String,
    action: String,
    bytes: usize,
    sha256: String,
    layers: Vec<String>,
}

impl Written {
    /// Describes a change; a file that is in the way and undecided is a conflict.
    #[must_use]
    pub fn new(change: &Change, conflicts: &[String]) -> Self {
        let undecided = conflicts.contains(&change.path);
        Self {
            path: change.path.clone(),
            action: if undecided { "conflict".to_owned() } else { change.action.to_string() },
            bytes: change.after.len(),
            sha256: write::digest(&change.after),
            layers: change.layers.clone(),
        }
    }
}

/// Prints the report as one JSON document.
///
/// # Errors
/// Standard output fails.
pub fn json(report: &Report) -> Result<()> {
    let mut answers = serde_json::Map::new();
    let (name, source) = report.project_type;
    answers
        .insert(crate::answers::PROJECT_TYPE.to_owned(), json!({"value": name, "source": source}));
    for (id, answer) in report.answers {
        answers.insert(id.clone(), json!(answer));
    }
    let files: Vec<Value> = report
        .files
        .iter()
        .map(|f| json!({"path": f.path, "action": f.action, "bytes": f.bytes, "sha256": f.sha256, "layers": f.layers}))
        .collect();
    print(&pretty(&json!({
        "schema": SCHEMA, "ok": true, "command": report.command, "destination": report.destination,
        "digest": report.digest, "answers": answers, "files": files, "commands": report.commands,
        "notes": report.notes, "warnings": report.warnings,
    })))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::io("printing", &error))
        }
        // A reader that has left, such as `head`, is no fault.
        _ => Ok(()),
    }
}

/// Prints help or the version, as asked.
///
/// # Errors
/// Standard output fails.
pub fn help(text: &clap::Error) -> Result<()> {
    match text.print() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::io("printing", &error))
        }
        _ => Ok(()),
    }
}

/// Prints the differences that writing would make.
///
/// # Errors
/// Standard output fails.
pub fn diff(changes: &[Change]) -> Result<()> {
    let differing = changes.iter().filter(|change| change.before.as_deref() != Some(&change.after));
    let text: String = differing
        .map(|change| {
            write::unified_diff(
                &change.path,
                change.before.as_deref().unwrap_or_default(),
                &change.after,
            )
        })
        .collect();
    print(&text)
}

/// Prints the tree that would be written, with what would happen to each file.
///
/// # Errors
/// Standard output fails.
pub fn tree(report: &Report) -> Result<()> {
    let mut lines = vec![format!("{}/", report.destination.trim_end_matches('/'))];
    let paths: Vec<Vec<&str>> =
        report.files.iter().map(|file| file.path.split('/').collect()).collect();
    branch(&mut lines, &paths, &report.files, 0, "");
    let bytes: usize = report.files.iter().map(|file| file.bytes).sum();
    lines.push(format!("{} files, {}", report.files.len(), size(bytes)));
    print(&(lines.join("\n") + "\n"))?;
    said(report);
    Ok(())
}

/// Draws the entries of one folder; `paths` and `files` go together and are sorted.
fn branch(
    lines: &mut Vec<String>,
    paths: &[Vec<&str>],
    files: &[Written],
    depth: usize,
    indent: &str,
) {
    let mut at = 0;
    while at < paths.len() {
        let name = paths[at][depth];
        let end = at + paths[at..].iter().take_while(|path| path[depth] == name).count();
        let (joint, below) =
            if end == paths.len() { ("└── ", "    ") } else { ("├── ", "│   ") };
        if paths[at].len() == depth + 1 {
            lines.push(format!(
                "{indent}{joint}{name}  ({}, {})",
                files[at].action,
                size(files[at].bytes)
            ));
        } else {
            lines.push(format!("{indent}{joint}{name}/"));
            branch(lines, &paths[at..end], &files[at..end], depth + 1, &format!("{indent}{below}"));
        }
        at = end;
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// Tells what was written and what to do next.
///
/// # Errors
/// None so far; the type is that of its siblings.
pub fn summary(report: &Report, project_type: &ProjectType, verbose: bool) -> Result<()> {
    let written =
        report.files.iter().filter(|file| file.action != "unchanged" && file.action != "keep");
    let (count, bytes) =
        written.fold((0, 0), |(count, bytes), file| (count + 1, bytes + file.bytes));
    eprintln!(
        "{} {count} files ({}) in {}",
        style("wrote").for_stderr().green().bold(),
        size(bytes),
        report.destination
    );
    if verbose {
        for file in &report.files {
            eprintln!("  {:<10} {}", file.action, file.path);
        }
        for (id, answer) in report.answers {
            eprintln!(
                "  {id} = {} ({})",
                answer.value,
                json!(answer.source).as_str().unwrap_or_default()
            );
        }
    }
    let assumed: Vec<String> = project_type
        .questions
        .iter()
        .filter_map(|question| Some((question, report.answers.get(&question.id)?)))
        .filter(|(question, answer)| answer.source == Source::Default && !question.common)
        .map(|(question, answer)| words(&flag_words(question, &answer.value.to_string())))
        .collect();
    if !assumed.is_empty() {
        eprintln!("{} {}", style("assumed").for_stderr().cyan(), assumed.join(" "));
    }
    said(report);
    let steps = [
        ("cd", vec![report.destination.clone()]),
        ("", report.commands.setup.clone()),
        ("", report.commands.run.clone()),
        ("", report.commands.check.clone()),
    ];
    eprintln!("\nNext:");
    for (program, rest) in steps {
        if report.destination != "." || program.is_empty() {
            eprintln!("  {}", format!("{program} {}", words(&rest)).trim());
        }
    }
    Ok(())
}

fn said(report: &Report) {
    for note in report.notes {
        eprintln!("{} {note}", style("note").for_stderr().cyan());
    }
    for warning in report.warnings {
        eprintln!("{} {warning}", style("warning").for_stderr().yellow());
    }
}

/// Arguments as a shell reads them.
#[must_use]
pub fn words(arguments: &[String]) -> String {
    use crate::render::{filetype::FileType, quote::quote};
    arguments.iter().map(|word| quote(word, FileType::Shell)).collect::<Vec<_>>().join(" ")
}

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
            eprintln!(
                "{} nothing is wrong in the pack `{pack}`",
                style("ok").for_stderr().green().bold()
            );
            Ok(())
        }
    }
}

/// Tells that a command of a configuration starts; only where someone watches.
pub fn begin(label: &str, step: &str, format: Format) {
    if format == Format::Text && console::user_attended_stderr() {
        eprintln!("{} {label}", style(format!("  {step:>9}")).for_stderr().dim());
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
    eprintln!("{mark} {count}/{all}  {}", results::line(outcome));
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

/// Tells that an interrupted run was put right.
pub fn recovered(recovery: &Recovery, format: Format) {
    let text = match recovery {
        Recovery::Nothing => return,
        Recovery::RolledBack => "an interrupted run had left a stage behind; it is removed",
        Recovery::Completed => "an interrupted run had decided to write; it is completed",
    };
    if format == Format::Text {
        eprintln!("{} {text}", style("note").for_stderr().cyan());
    }
}

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
                eprint!("{}", problem_text(problem));
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
