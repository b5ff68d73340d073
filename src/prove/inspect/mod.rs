//! Inspect: what must hold of every generated tree, judged in memory.

mod commands;
mod markdown;
pub mod python;

use crate::formats::markdown::Page;
use crate::formats::parse;
use crate::prove::memo::Memo;
use crate::render::plan::CommandLines;
use crate::tree::File;
use regex_lite::Regex;

/// The kinds of flaw, by which an author allows one.
pub const KINDS: [&str; 7] =
    [NOT_UTF8, UNPARSED, NO_NEWLINE, TEMPLATE_SYNTAX, PLACEHOLDER, DEAD_LINK, UNKNOWN_COMMAND];
const NOT_UTF8: &str = "not-utf8";
const UNPARSED: &str = "unparsed";
const NO_NEWLINE: &str = "no-newline";
const TEMPLATE_SYNTAX: &str = "template-syntax";
const PLACEHOLDER: &str = "placeholder";
const DEAD_LINK: &str = "dead-link";
const UNKNOWN_COMMAND: &str = "unknown-command";

/// What is wrong with a tree, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, relative to the tree, with `/`.
    pub path: String,
    /// The line, from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// One of [`KINDS`]; empty for what cannot be allowed.
    pub kind: &'static str,
    /// What is wrong, lower case.
    pub message: String,
}

impl Finding {
    fn new(kind: &'static str, path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, kind, message: message.into() }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message)?,
            line => write!(f, "{}:{line}: {}", self.path, self.message)?,
        }
        if self.kind.is_empty() { Ok(()) } else { write!(f, " [{}]", self.kind) }
    }
}

/// Judges trees; what it has seen of a file it does not look at again.
pub struct Inspector {
    leftovers: Regex,
    placeholders: Regex,
    seen: Memo<Vec<Finding>>,
    pages: Memo<Page>,
    commands: commands::Seen,
}

impl Inspector {
    /// An inspector of trees whose templates could read `names`.
    ///
    /// # Panics
    /// Never: the patterns are made of words.
    #[must_use]
    pub fn new<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let names: Vec<&str> = names.chain(["project", "answers"]).collect();
        let pattern = |text: &str| Regex::new(text).expect("the pattern is made of words");
        Self {
            leftovers: pattern(&format!(
                r"\{{\{{-?\s*((?:{})\b|part\()|\{{%-?\s*(?:if|elif|else|endif|for|endfor|set|macro|raw|endraw)\b",
                names.join("|")
            )),
            placeholders: pattern(
                r"\b(TODO|FIXME|XXX|TBD)\b|(?i:\blorem ipsum\b|\bchangeme\b|\breplace[- ]me\b|\byour[-_](?:name|project)[-_]here\b)",
            ),
            seen: Memo::default(),
            pages: Memo::default(),
            commands: commands::Seen::default(),
        }
    }

    /// All flaws of a tree.
    pub fn inspect(&mut self, files: &[File], lines: &CommandLines) -> Vec<Finding> {
        let mut flaws = Vec::new();
        for file in files {
            let Self { leftovers, placeholders, seen, .. } = self;
            let found = seen.of(file, || look_at(file, leftovers, placeholders));
            flaws.extend(found.iter().cloned());
        }
        flaws.extend(markdown::flaws(files, &mut self.pages));
        flaws.extend(commands::flaws(files, lines, &mut self.commands));
        flaws
    }
}

/// What is wrong with a file by itself.
fn look_at(file: &File, leftovers: &Regex, placeholders: &Regex) -> Vec<Finding> {
    let path = file.path.as_str();
    let Ok(text) = std::str::from_utf8(&file.bytes) else {
        let is_text = is_source(path);
        let flaw = is_text.then(|| Finding::new(NOT_UTF8, path, 0, "is not UTF-8"));
        return flaw.into_iter().collect();
    };
    let mut flaws: Vec<Finding> = unparsed(path, text).into_iter().collect();
    if !text.is_empty() && !text.ends_with('\n') && !text.contains('\0') {
        let line = text.lines().count();
        flaws.push(Finding::new(NO_NEWLINE, path, line, "has no newline at the end"));
    }
    // Most files hold none of it, and finding letters is quicker than matching.
    let may_have_leftovers = ["{{", "{%"].iter().any(|tag| text.contains(tag));
    let small = text.to_ascii_lowercase();
    let may_have_placeholders = PLACEHOLDERS.iter().any(|word| small.contains(word));
    if !may_have_leftovers && !may_have_placeholders {
        return flaws;
    }
    for (index, line) in text.lines().enumerate() {
        if may_have_leftovers
            && let Some(found) = leftovers.find(line)
            && !is_foreign_template(path)
        {
            let message = format!("template syntax is left: `{}`", found.as_str());
            flaws.push(Finding::new(TEMPLATE_SYNTAX, path, index + 1, message));
        }
        if may_have_placeholders
            && let Some(found) = placeholders.find(line)
            && !path.starts_with("data/")
        {
            let message = format!("a placeholder is left: `{}`", found.as_str());
            flaws.push(Finding::new(PLACEHOLDER, path, index + 1, message));
        }
    }
    flaws
}

/// A part of each text that counts as a placeholder, in small letters.
const PLACEHOLDERS: [&str; 10] = [
    "todo",
    "fixme",
    "xxx",
    "tbd",
    "lorem ipsum",
    "changeme",
    "replace me",
    "replace-me",
    "your-",
    "your_",
];

/// Files whose own language has double braces or `{%`.
fn is_foreign_template(path: &str) -> bool {
    has_ending(path, &["jinja", "html", "hbs", "svelte", "vue"])
}

fn is_source(path: &str) -> bool {
    has_ending(path, &["md", "toml", "json", "yml", "yaml", "py", "ts", "js", "sh", "css", "html"])
}

/// Whether the name ends in a dot and one of these.
pub(crate) fn has_ending(path: &str, endings: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}

/// The fault of a file whose format is known and that does not parse.
fn unparsed(path: &str, text: &str) -> Option<Finding> {
    let fault = parse::fault(path, text)?;
    Some(Finding::new(UNPARSED, path, fault.line, format!("is {}", fault.message)))
}

/// The line, from 1, that the byte `offset` is in.
fn line_of(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    before.matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        let bytes = text.to_owned().into();
        File { path: path.to_owned(), bytes, executable: false, layers: Vec::new() }
    }

    fn found(files: &[File]) -> Vec<String> {
        let mut inspector = Inspector::new(["flavour"].into_iter());
        let flaws = inspector.inspect(files, &CommandLines::default());
        flaws.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_sound_tree_has_no_flaw() {
        let files = [
            file(
                "README.md",
                "# A\n\n## A part\n\n[up](#a-part) [code](src/a.py) [out](other:x)\n",
            ),
            file("src/a.py", "pass\n"),
            file("ci.yml", "run: ${{ matrix.os }}\n"),
            file("page.html", "{% if user %}\n"),
            file("empty", ""),
        ];
        assert_eq!(found(&files), Vec::<String>::new());
    }

    #[test]
    fn each_flaw_is_found_in_its_place() {
        let cases = [
            ("a.toml", "a = 1\nb =\n", "a.toml:2: is not TOML"),
            ("a.json", "{\"a\": 1,}\n", "a.json:1: is not JSON"),
            ("a.yml", "a: [1\n", "is not YAML"),
            ("a.txt", "one\ntwo", "a.txt:2: has no newline at the end"),
            ("a.txt", "x\n{{ flavour }}\n", "a.txt:2: template syntax is left"),
            ("a.toml.j2", "x = {{ flavour }}\n", "a.toml.j2:1: template syntax is left"),
            ("a.txt", "{%- endif %}\n", "a.txt:1: template syntax is left"),
            ("a.txt", "# TODO later\n", "a.txt:1: a placeholder is left"),
            ("a.md", "[x](gone.md)\n", "a.md:1: links to `gone.md`, which does not exist"),
            ("a.md", "# One\n\n[x](#two)\n", "a.md:3: links to `#two`"),
        ];
        for (path, text, expected) in cases {
            let told = found(&[file(path, text)]);
            assert_eq!(told.len(), 1, "{path} {text:?}: {told:?}");
            assert!(told[0].contains(expected), "{} is not {expected}", told[0]);
        }
    }
}
