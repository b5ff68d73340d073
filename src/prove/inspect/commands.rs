//! Commands of the overlay, and those that Markdown files show, name what the tree defines.

use super::{Finding, Memo, UNKNOWN_COMMAND, has_ending, line_of};
use crate::render::plan::CommandLines;
use crate::tree::File;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use std::rc::Rc;
use toml_edit::{DocumentMut, Item, TableLike, Value};

/// Where flaws of the overlay's own commands are said to be.
const OVERLAY: &str = "commands";
/// Options of `uv run` that take a word.
const UV_OPTIONS: [&str; 7] =
    ["--group", "--extra", "--with", "--python", "-p", "--env-file", "-m"];

/// All commands that name what is not there.
pub(super) fn flaws(files: &[File], lines: &CommandLines, seen: &mut Seen) -> Vec<Finding> {
    let known = Known::read(files, seen);
    let own = [&lines.setup, &lines.run, &lines.check];
    let mut flaws: Vec<Finding> = own
        .into_iter()
        .chain(lines.more.values())
        .filter_map(|words| {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            Some(Finding::new(UNKNOWN_COMMAND, OVERLAY, 0, known.missing(&words)?))
        })
        .collect();
    for file in files.iter().filter(|file| has_ending(&file.path, &["md"])) {
        let text = std::str::from_utf8(&file.bytes).unwrap_or_default();
        for (line, command) in &*seen.shown.of(file, || shown(text)) {
            let words: Vec<&str> = command.split_whitespace().collect();
            let told = |message| Finding::new(UNKNOWN_COMMAND, &file.path, *line, message);
            flaws.extend(known.missing(&words).map(told));
        }
    }
    flaws
}

/// What was read of files that many trees share.
#[derive(Default)]
pub(super) struct Seen {
    shown: Memo<Vec<(usize, String)>>,
    python: Memo<Option<Python>>,
    node: Memo<Option<BTreeSet<String>>>,
}

/// Commands in the shell blocks of a page, with their lines.
fn shown(text: &str) -> Vec<(usize, String)> {
    let mut commands = Vec::new();
    let mut in_shell = false;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                in_shell = matches!(&*language, "sh" | "bash" | "shell" | "console");
            }
            Event::End(TagEnd::CodeBlock) => in_shell = false,
            Event::Text(block) if in_shell => {
                let first = line_of(text, range.start);
                for (index, line) in block.lines().enumerate() {
                    let line = line.split(" #").next().unwrap_or(line);
                    let parts = line.split("&&").map(|part| part.trim().to_owned());
                    commands.extend(parts.map(|part| (first + index, part)));
                }
            }
            _ => {}
        }
    }
    commands
}

/// What a `pyproject.toml` defines.
struct Python {
    /// Programs that the project installs.
    programs: BTreeSet<String>,
    tasks: BTreeSet<String>,
}

impl Python {
    fn read(text: &str) -> Option<Self> {
        let document: DocumentMut = text.parse().ok()?;
        let tasks = table(document.as_item(), &["tool", "poe", "tasks"]).into_iter();
        let tasks = tasks.flat_map(|tasks| tasks.iter().map(|(name, _)| name.to_owned())).collect();
        Some(Self { programs: programs(&document), tasks })
    }
}

/// The scripts of a `package.json`.
fn scripts(text: &str) -> Option<BTreeSet<String>> {
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    let scripts = document["scripts"].as_object();
    Some(scripts.map(|scripts| scripts.keys().cloned().collect()).unwrap_or_default())
}

/// What the manifests of a tree define.
struct Known<'f> {
    paths: BTreeSet<&'f str>,
    python: Rc<Option<Python>>,
    scripts: Rc<Option<BTreeSet<String>>>,
}

impl<'f> Known<'f> {
    fn read(files: &'f [File], seen: &mut Seen) -> Self {
        let file = |path: &str| files.iter().find(|file| file.path == path);
        let text = |file: &'f File| std::str::from_utf8(&file.bytes).ok();
        let python = file("pyproject.toml")
            .map(|file| seen.python.of(file, || text(file).and_then(Python::read)));
        let scripts =
            file("package.json").map(|file| seen.node.of(file, || text(file).and_then(scripts)));
        Self {
            paths: files.iter().map(|file| file.path.as_str()).collect(),
            python: python.unwrap_or_default(),
            scripts: scripts.unwrap_or_default(),
        }
    }

    /// What a command names and nothing defines.
    fn missing(&self, words: &[&str]) -> Option<String> {
        let shown = || words.join(" ");
        match words {
            [assignment, rest @ ..] if assignment.contains('=') => self.missing(rest),
            ["uv", "run", rest @ ..] => {
                let rest = after_options(rest);
                let Python { programs, tasks } = self.python.as_ref().as_ref()?;
                match rest {
                    ["poe", task, ..] if !task.starts_with('-') && !tasks.contains(*task) => {
                        Some(format!("`{}`: there is no task `{task}`", shown()))
                    }
                    [file, ..] if has_ending(file, &["py"]) => self.no_file(file, &shown()),
                    [program, ..]
                        if !programs.contains(*program)
                            && !program.starts_with(['-', '$', '.']) =>
                    {
                        Some(format!("`{}`: nothing installs `{program}`", shown()))
                    }
                    ["python", file, ..] if has_ending(file, &["py"]) => {
                        self.no_file(file, &shown())
                    }
                    _ => None,
                }
            }
            ["npm", "run", script, ..] | ["npm", script @ ("test" | "start"), ..] => {
                let scripts = self.scripts.as_ref().as_ref()?;
                (!scripts.contains(*script))
                    .then(|| format!("`{}`: there is no script `{script}`", shown()))
            }
            ["sh" | "bash" | "node", file, ..] if !file.starts_with('-') => {
                self.no_file(file, &shown())
            }
            _ => None,
        }
    }

    fn no_file(&self, file: &str, shown: &str) -> Option<String> {
        let file = file.trim_start_matches("./");
        (!self.paths.contains(file)).then(|| format!("`{shown}`: there is no file `{file}`"))
    }
}

/// What follows the options of `uv run`.
fn after_options<'w, 's>(mut words: &'w [&'s str]) -> &'w [&'s str] {
    while let [option, rest @ ..] = words
        && option.starts_with('-')
    {
        let takes_word = UV_OPTIONS.contains(option);
        words = if takes_word { rest.get(1..).unwrap_or_default() } else { rest };
    }
    words
}

/// The scripts of the project, and what its dependencies are called: most install a program of their name.
fn programs(document: &DocumentMut) -> BTreeSet<String> {
    let mut programs: BTreeSet<String> = ["python", "python3"].map(str::to_owned).into();
    let root = document.as_item();
    let scripts = table(root, &["project", "scripts"]);
    programs.extend(
        scripts.into_iter().flat_map(|table| table.iter().map(|(name, _)| name.to_owned())),
    );
    let groups = table(root, &["dependency-groups"])
        .into_iter()
        .chain(table(root, &["project", "optional-dependencies"]));
    let groups = groups.flat_map(|groups| groups.iter().map(|(_, list)| list));
    let project = table(root, &["project"]).and_then(|project| project.get("dependencies"));
    for list in groups.chain(project) {
        let names = list.as_array().into_iter().flatten().filter_map(Value::as_str);
        programs.extend(names.map(|requirement| {
            let end = requirement.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c)));
            requirement[..end.unwrap_or(requirement.len())].to_owned()
        }));
    }
    if programs.contains("poethepoet") {
        programs.insert("poe".to_owned());
    }
    programs
}

fn table<'i>(root: &'i Item, path: &[&str]) -> Option<&'i dyn TableLike> {
    path.iter().try_fold(root, |item, key| item.get(key))?.as_table_like()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: &str = "[project]\ndependencies = [\"mlflow-skinny>=1\"]\nscripts = {demo = \"demo:main\"}\n\
        [dependency-groups]\ndev = [\"poethepoet==1\"]\n[tool.poe.tasks]\ncheck = \"true\"\n";

    fn told(manifest: (&str, &str), command: &str) -> Vec<String> {
        let file = |path: &str, text: String| File {
            path: path.to_owned(),
            bytes: text.into(),
            executable: false,
            layers: Vec::new(),
        };
        let files = [
            file(manifest.0, manifest.1.to_owned()),
            file("README.md", format!("# x\n\n```sh\n{command}  # why\n```\n")),
        ];
        flaws(&files, &CommandLines::default(), &mut Seen::default())
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn what_is_defined_resolves() {
        for command in [
            "uv sync && uv run demo run",
            "UV_OFFLINE=1 uv run --group dev poe check",
            "uv run mlflow-skinny ui",
            "uv run python -m demo",
            "cd demo",
        ] {
            assert_eq!(
                told(("pyproject.toml", PYTHON), command),
                Vec::<String>::new(),
                "{command}"
            );
        }
        assert!(
            told(("package.json", "{\"scripts\": {\"dev\": \"x\"}}"), "npm run dev").is_empty()
        );
    }

    #[test]
    fn what_nothing_defines_is_told() {
        let python = |command: &str| told(("pyproject.toml", PYTHON), command).join("\n");
        assert_eq!(
            python("uv run poe chekc"),
            "README.md:4: `uv run poe chekc`: there is no task `chekc` [unknown-command]"
        );
        assert!(python("uv run dmeo run").contains("nothing installs `dmeo`"));
        assert!(python("uv run tools/x.py").contains("there is no file `tools/x.py`"));
        let node = told(("package.json", "{\"scripts\": {}}"), "npm run dev");
        assert!(node[0].contains("there is no script `dev`"));
    }
}
