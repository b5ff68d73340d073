//! Tells what a command that writes a repository did or would do.

use super::{Executed, SCHEMA, Text, of_messages, pretty, print, tell, warn};
use crate::answers::{Answer, Source, flag_words};
use crate::cli::Format;
use crate::error::Result;
use crate::formats::hidden;
use crate::formats::quote::command_line;
use crate::keep::{lock, pristine};
use crate::pack::ProjectType;
use crate::render::plan::CommandLines;
use crate::tree::{Bytes, File, count_of_files, digest_of};
use crate::write::{self, BESIDE, Change};
use indexmap::IndexMap;
use serde_json::{Value, json};

/// What a command that writes a repository did or would do.
#[derive(Debug)]
pub struct Report<'a> {
    /// The name of the command.
    pub command: &'static str,
    /// As the user named it.
    pub destination: String,
    /// All files, as they were rendered.
    pub rendered: &'a [File],
    /// With its source.
    pub project_type: (&'a str, Source),
    /// All answers.
    pub answers: &'a IndexMap<String, Answer>,
    /// One for each file.
    pub files: Vec<Written>,
    /// What the repository runs.
    pub commands: &'a CommandLines,
    /// What was run afterwards, where that was asked for.
    pub setup: Option<&'a [Executed]>,
    /// What people must know.
    pub notes: &'a [String],
    /// What was noticed.
    pub warnings: &'a [String],
}

/// One file of a report.
#[derive(Clone, Debug)]
pub struct Written {
    path: String,
    action: String,
    bytes: usize,
    content: Bytes,
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
            content: change.after.clone(),
            layers: change.layers.clone(),
        }
    }

    /// Describes a file of which nothing is written.
    #[must_use]
    pub fn rendered(file: &File) -> Self {
        Self {
            path: file.path.clone(),
            action: "create".to_owned(),
            bytes: file.bytes.len(),
            content: file.bytes.clone(),
            layers: file.layers.clone(),
        }
    }

    /// The same, under the path by which the user knows it.
    #[must_use]
    pub fn at(self, path: String) -> Self {
        Self { path, ..self }
    }

    /// Where it lies below the destination.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is of the pristine copy, whose objects nobody counts.
    #[must_use]
    pub fn is_object(&self) -> bool {
        pristine::is_object(&self.path)
    }

    /// What the user has to do with it before the repository is whole; nothing for most files.
    fn by_hand(&self) -> Option<String> {
        match self.action.as_str() {
            "markers" => Some(
                "has conflict markers: choose one side of each, then remove the markers".to_owned(),
            ),
            // One of an earlier run that is the same still waits.
            "beside" | "unchanged" => {
                let yours = &self.path[..self.path.rfind(BESIDE)?];
                Some(format!("compare it with `{yours}`, take over what you need, then remove it"))
            }
            "keep" => Some(
                "yours is kept: `scaffold diff` shows how it differs from what is generated"
                    .to_owned(),
            ),
            _ => None,
        }
    }

    /// How large it is after the run.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
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
        .map(|f| json!({"path": f.path, "action": f.action, "bytes": f.bytes, "sha256": f.content.digest(), "layers": f.layers}))
        .collect();
    let by_hand: Vec<Value> = (report.files.iter())
        .filter_map(|f| Some(json!({"path": f.path, "action": f.action, "todo": f.by_hand()?})))
        .collect();
    let mut document = json!({
        "schema": SCHEMA, "ok": true, "command": report.command, "destination": report.destination,
        "digest": digest_of(report.rendered), "answers": answers, "files": files, "commands": report.commands,
        "by_hand": by_hand, "notes": report.notes, "warnings": report.warnings,
    });
    if let Some(executed) = report.setup {
        document["setup"] = json!(executed);
    }
    print(pretty(&document))
}

/// Tells that writing begins, which takes a moment for large repositories.
pub fn writing(count: usize, format: Format) {
    if format == Format::Text && console::user_attended_stderr() {
        tell(Text::styled("writing", &of_messages().dim()).and(format!(" {count} files")));
    }
}

/// Prints the differences that writing would make.
///
/// # Errors
/// Standard output fails.
pub fn diff(changes: &[Change]) -> Result<()> {
    // What the repository remembers follows from the rest.
    let is_shown = |change: &&Change| !pristine::is_object(&change.path);
    let differing = changes
        .iter()
        .filter(is_shown)
        .filter(|change| change.before.as_deref() != Some(&*change.after));
    let text: String = differing
        .map(|change| {
            write::unified_diff(
                &change.path,
                change.before.as_deref().unwrap_or_default(),
                &change.after,
            )
        })
        .collect();
    print(text)
}

/// Prints the tree that would be written, with what would happen to each file.
///
/// # Errors
/// Standard output fails.
pub fn tree(report: &Report) -> Result<()> {
    print(tree_lines(&report.destination, &report.files).join("\n") + "\n")?;
    said(report);
    Ok(())
}

/// The tree below a destination, with what happens to each file, and a last line that counts them, objects of the pristine
/// copy aside.
#[must_use]
pub fn tree_lines(destination: &str, files: &[Written]) -> Vec<String> {
    let mut lines = vec![format!("{}/", hidden::line(destination.trim_end_matches('/')))];
    let files = &folded(files);
    let paths: Vec<Vec<&str>> = files.iter().map(|file| file.path.split('/').collect()).collect();
    branch(&mut lines, &paths, files, 0, "");
    let (count, bytes) = counted(files.iter());
    lines.push(format!("{}, {}", count_of_files(count), size(bytes)));
    lines
}

/// How many files these are, and their bytes; the objects of the pristine copy aside, which nobody looks at.
#[must_use]
pub fn counted<'w>(files: impl Iterator<Item = &'w Written>) -> (usize, usize) {
    let counted = files.filter(|file| !file.is_object());
    counted.fold((0, 0), |(count, bytes), file| (count + 1, bytes + file.bytes))
}

/// The files, with the objects of the pristine copy as one.
fn folded(files: &[Written]) -> Vec<Written> {
    let mut folded: Vec<Written> = Vec::new();
    for file in files {
        match folded.last_mut().filter(|last| last.path.ends_with(OBJECTS)) {
            Some(objects) if file.is_object() => objects.bytes += file.bytes,
            _ if file.is_object() => {
                let at = file.path.find(pristine::FOLDER).unwrap_or_default();
                let path = format!("{}{}{OBJECTS}", &file.path[..at], pristine::FOLDER);
                folded.push(Written { path, ..file.clone() });
            }
            _ => folded.push(file.clone()),
        }
    }
    folded
}

/// How all objects of the pristine copy are shown together.
const OBJECTS: &str = "*.z";

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

/// A number of bytes for people, in units of 1,000.
#[must_use]
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// Tells what an update has changed, or in a preview would change. `first` has to be run before the commands of the repository.
///
/// # Errors
/// Standard output fails.
pub fn changed(report: &Report, first: &[Vec<String>], is_preview: bool) -> Result<()> {
    let is_changed = |file: &&Written| {
        !file.is_object()
            && !matches!(file.action.as_str(), "unchanged" | "keep")
            && file.path != lock::PATH
    };
    let files: Vec<&Written> = report.files.iter().filter(is_changed).collect();
    let lines = files.iter().map(|file| format!("{:<10} {}\n", file.action, file.path));
    print(lines.collect::<String>())?;
    let what = if is_preview { "would change" } else { "changed" };
    let count = Text::styled(what, &of_messages().green().bold());
    tell(
        count
            .and(format!(" {} in ", count_of_files(files.len())))
            .and(Text::line(&report.destination)),
    );
    said(report);
    needs_hand(&report.files);
    let usual = [&report.commands.setup, &report.commands.check];
    if !files.is_empty() && !is_preview {
        tell("\nNext:");
        for command in first.iter().chain(usual).filter(|command| !command.is_empty()) {
            tell(Text::line(&format!("  {}", command_line(command))));
        }
    }
    Ok(())
}

/// Tells what was written.
///
/// # Errors
/// None so far; the type is that of its siblings.
pub fn summary(report: &Report, project_type: &ProjectType, verbose: bool) -> Result<()> {
    let is_written = |file: &&Written| file.action != "unchanged" && file.action != "keep";
    let (count, bytes) = counted(report.files.iter().filter(is_written));
    let what = format!(" {} ({}) in ", count_of_files(count), size(bytes));
    let wrote = Text::styled("wrote", &of_messages().green().bold());
    tell(wrote.and(what).and(Text::line(&report.destination)));
    if verbose {
        for file in &report.files {
            tell(Text::line(&format!("  {:<10} {}", file.action, file.path)));
        }
        for (id, answer) in report.answers {
            let source = json!(answer.source);
            let source = source.as_str().unwrap_or_default();
            tell(Text::line(&format!("  {id} = {} ({source})", answer.value)));
        }
    }
    let assumed: Vec<String> = project_type
        .questions
        .iter()
        .filter_map(|question| Some((question, report.answers.get(&question.id)?)))
        .filter(|(question, answer)| answer.source == Source::Default && !question.common)
        .map(|(question, answer)| command_line(&flag_words(question, &answer.value.to_string())))
        .collect();
    if !assumed.is_empty() {
        let assumed = Text::line(&assumed.join(" "));
        tell(Text::styled("assumed", &of_messages().cyan()).and(" ").and(assumed));
    }
    said(report);
    needs_hand(&report.files);
    Ok(())
}

/// Tells what to do next: what stays up first, where there is such a thing, and nothing that was done already.
pub fn next(report: &Report, done: &[Executed]) {
    let enter = vec!["cd".to_owned(), report.destination.clone()];
    let commands = &report.commands;
    let first = commands.first.iter().filter_map(|name| commands.more.get(name));
    let next: Vec<_> = [&enter, &commands.setup]
        .into_iter()
        .chain(first)
        .chain([&commands.run, &commands.check])
        .skip(usize::from(report.destination == "."))
        .filter(|command| !command.is_empty())
        .filter(|command| done.iter().all(|one| one.command != **command))
        .collect();
    if !next.is_empty() {
        tell("\nNext:");
    }
    for command in next {
        tell(Text::line(&format!("  {}", command_line(command))));
    }
}

/// Names what the user has to do first: without it the next commands may fail.
fn needs_hand(files: &[Written]) {
    let todo: Vec<_> = files.iter().filter_map(|file| Some((file, file.by_hand()?))).collect();
    if todo.is_empty() {
        return;
    }
    let them = if todo.len() == 1 { "file needs" } else { "files need" };
    let count = format!("\n{} {them} your hand first:", todo.len());
    tell(Text::styled(&count, &of_messages().yellow().bold()));
    for (file, what) in todo {
        tell(Text::line(&format!("  {}: {what}", file.path)));
    }
}

fn said(report: &Report) {
    for text in report.notes {
        note(text);
    }
    for warning in report.warnings {
        warn(warning);
    }
}

fn note(text: &str) {
    tell(Text::styled("note", &of_messages().cyan()).and(" ").and(Text::prose(text)));
}
