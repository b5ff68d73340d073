//! Guides: the text of a step with the documents that it merges, as one text that stands alone or as a page of a repository.

use super::document::{self, DEEP, SUMMARY, Section};
use super::method::Task;
use super::{Document, Library};
use crate::error::Result;
use crate::pack::expression::{Datum, Scope};
use indexmap::IndexMap;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// From this depth on a guide has the deep guidance of its documents.
const DEEP_FROM: i64 = 3;
/// From this depth on it has what to look at before the step is called done.
const REVIEW_FROM: i64 = 4;

/// What guides are about.
#[derive(Debug)]
pub struct Project<'a> {
    /// As people call it.
    pub name: String,
    /// What templates see; documents name `project.package` and `project.slug`.
    pub scope: &'a Scope,
    /// The method.
    pub methodology: String,
    /// The command that checks everything.
    pub check: String,
    /// The paths of the repository; what a document shows is named only if it is there.
    pub paths: BTreeSet<String>,
}

/// What became of a merged document.
#[derive(Clone, Debug)]
pub struct Merged {
    /// Its name.
    pub name: String,
    /// The pack that it comes from, or `project`.
    pub origin: String,
    /// SHA-256 of its file.
    pub digest: String,
    /// Its text, headings moved below the level of the guide.
    pub text: String,
}

/// Joins documents; what would meet in one text is told apart.
#[derive(Debug, Default)]
pub struct Merger {
    anchors: BTreeSet<String>,
}

impl Merger {
    /// The text of a document at this depth, with headings below `level`.
    ///
    /// # Errors
    /// A condition of a section fails.
    pub fn merge(
        &mut self,
        document: &Document,
        depth: i64,
        level: usize,
        project: &Project,
    ) -> Result<Merged> {
        let all = document.parsed.fitting(project.scope)?;
        let mut sections = document::part(&all, SUMMARY);
        if depth >= DEEP_FROM || sections.is_empty() {
            sections.extend(document::part(&all, DEEP));
        }
        // A document in another shape is taken whole.
        let sections = if sections.is_empty() { all } else { sections };
        let front = &document.parsed.front;
        Ok(Merged {
            name: front.name.clone(),
            origin: document.origin.clone(),
            digest: document.parsed.digest().to_owned(),
            text: self.join(&front.name, &sections, level, project),
        })
    }

    fn join(
        &mut self,
        name: &str,
        sections: &[&Section],
        level: usize,
        project: &Project,
    ) -> String {
        let is_part = |section: &Section| [SUMMARY, DEEP].contains(&section.title.as_str());
        let top = sections.iter().filter(|s| s.level > 0 && !is_part(s)).map(|s| s.level).min();
        let shift = top.map_or(0, |top| (level + 1).saturating_sub(top));
        let mut renamed = BTreeMap::new();
        let mut titles = Vec::new();
        for section in sections {
            let mut title = section.title.clone();
            if section.level > 0 && !is_part(section) && !self.anchors.insert(anchor(&title)) {
                title = format!("{title} ({name})");
                self.anchors.insert(anchor(&title));
            }
            renamed.insert(anchor(&section.title), anchor(&title));
            titles.push(title);
        }
        let mut text = String::new();
        for (section, title) in sections.iter().zip(titles) {
            if section.level > 0 && !is_part(section) {
                let hashes = "#".repeat((section.level + shift).min(6));
                let _ = write!(text, "{hashes} {title}\n\n");
            }
            let body = section.text.trim();
            if !body.is_empty() {
                text.push_str(body);
                text.push_str("\n\n");
            }
        }
        for (old, new) in renamed.iter().filter(|(old, new)| old != new) {
            text = text.replace(&format!("](#{old})"), &format!("](#{new})"));
        }
        // Footnotes of several documents may have one number.
        let text = text.replace("[^", &format!("[^{name}-"));
        named(&text, project)
    }
}

/// The text with the names of the project in place of their expressions.
#[must_use]
pub fn named(text: &str, project: &Project) -> String {
    let Some(Datum::Map(names)) = project.scope.get("project") else { return text.to_owned() };
    ["package", "slug"].iter().fold(text.to_owned(), |text, id| match names.get(*id) {
        Some(Datum::Word(name)) => text.replace(&format!("{{{{ project.{id} }}}}"), name),
        _ => text,
    })
}

/// The anchor that Markdown renderers give a heading.
#[must_use]
pub fn anchor(title: &str) -> String {
    let kept = title.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The parts of the repository that show what these documents say: path and what is shown, each path once.
#[must_use]
pub fn shown_in_code<'l>(
    library: &'l Library,
    names: &[String],
    project: &Project,
) -> IndexMap<String, &'l str> {
    let documents = names.iter().filter_map(|name| library.documents.get(name));
    let code = documents.flat_map(|document| &document.parsed.front.code);
    let mut found = IndexMap::new();
    for (path, what) in code {
        let path = named(path, project);
        if is_there(&path, &project.paths) {
            found.entry(path).or_insert(what.as_str());
        }
    }
    found
}

/// Whether a file, or a folder where the path ends in `/`, is in the repository.
fn is_there(path: &str, paths: &BTreeSet<String>) -> bool {
    paths.contains(path)
        || (path.ends_with('/') && paths.iter().any(|other| other.starts_with(path)))
}

/// The body of a section of a step, with the names of the project.
#[must_use]
pub fn section(task: &Task, title: &str, project: &Project) -> String {
    let found = task.step.body().iter().find(|section| section.title == title);
    found.map_or(String::new(), |section| named(section.text.trim(), project))
}

/// What the text that stands alone is made of, in this order.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Title and text of each of the seven sections.
    pub sections: Vec<(&'static str, String)>,
    /// The documents in it.
    pub merged: Vec<Merged>,
    /// Documents that the step names and nobody has.
    pub missing: Vec<String>,
}

/// The text of a step that stands alone, for a person or an assistant.
///
/// `outputs` gives the content of a document of the project, if it exists.
///
/// # Errors
/// A condition of a document fails.
pub fn prompt(
    library: &Library,
    task: &Task,
    tasks: &IndexMap<&str, Task>,
    project: &Project,
    outputs: &dyn Fn(&str) -> Option<String>,
) -> Result<Prompt> {
    let front = &task.step.front;
    let mut joined = Merger::default();
    let mut merged = Vec::new();
    let mut missing = Vec::new();
    for name in &task.knowledge {
        match library.documents.get(name) {
            Some(document) => merged.push(joined.merge(document, task.depth, 3, project)?),
            None => missing.push(name.clone()),
        }
    }
    let part = |title: &str| section(task, title, project);
    let list = |items: &[String]| {
        items.iter().map(|item| format!("- `{item}`\n")).collect::<Vec<_>>().concat()
    };
    let mut instructions = part("Instructions");
    if task.depth >= REVIEW_FROM && !part("Review").is_empty() {
        let _ = write!(instructions, "\n\n### Before it is done\n\n{}", part("Review"));
    }
    let sections = vec![
        (
            "System",
            format!(
                "You work on `{}`. This is the step `{}` of its method: {}.",
                project.name, front.name, front.description
            ),
        ),
        (
            "Meta-Prompt",
            format!(
                "{}\n\nIt produces:\n\n{}\nIt is done when:\n\n{}",
                part("Purpose"),
                list(&front.outputs),
                part("Done When")
            ),
        ),
        (
            "Knowledge Base",
            merged
                .iter()
                .map(|one| {
                    format!(
                        "### From `{}` ({}, {})\n\n{}",
                        one.name,
                        one.origin,
                        &one.digest[..12],
                        one.text
                    )
                })
                .collect::<Vec<_>>()
                .concat(),
        ),
        ("Project Context", context(task, tasks, outputs)),
        (
            "Methodology",
            format!(
                "`{}`, depth {} of 5: {}.",
                project.methodology,
                task.depth,
                depth_says(task.depth)
            ),
        ),
        ("Instructions", instructions),
        (
            "Execution",
            format!(
                "Write {}Then `{}` must pass, and `scaffold complete {}` records the step.",
                if front.outputs.is_empty() {
                    "the code and its tests. ".to_owned()
                } else {
                    format!("these files:\n\n{}\n", list(&front.outputs))
                },
                project.check,
                front.name
            ),
        ),
    ];
    Ok(Prompt { sections, merged, missing })
}

fn depth_says(depth: i64) -> &'static str {
    match depth {
        ..=2 => "the core only, from summaries",
        3 => "with the guidance behind it",
        _ => "with trade-offs, and a review before it is done",
    }
}

/// What earlier steps produced, as far as it exists.
fn context(
    task: &Task,
    tasks: &IndexMap<&str, Task>,
    outputs: &dyn Fn(&str) -> Option<String>,
) -> String {
    let mut text = String::new();
    let before = task.reads.iter().chain(&task.dependencies);
    let before: indexmap::IndexSet<&String> = before.collect();
    for name in before {
        let Some(other) = tasks.get(name.as_str()) else { continue };
        for path in &other.step.front.outputs {
            let _ = match outputs(path) {
                Some(content) => {
                    write!(text, "### `{path}`, from `{name}`\n\n{}\n\n", content.trim())
                }
                None => writeln!(text, "- `{path}`, from `{name}`: not there yet"),
            };
        }
    }
    if text.is_empty() { "Nothing comes before this step.\n".to_owned() } else { text }
}

impl Prompt {
    /// All of it as one text.
    #[must_use]
    pub fn text(&self) -> String {
        let sections =
            self.sections.iter().map(|(title, text)| format!("## {title}\n\n{}\n", text.trim()));
        sections.collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(name: &str, body: &str) -> Document {
        let text = format!("---\nname: {name}\ndescription: d\n---\n{body}");
        Document {
            parsed: document::parse("d.md", text.as_bytes()).unwrap(),
            origin: "p".to_owned(),
        }
    }

    #[test]
    fn headings_anchors_and_footnotes_of_two_documents_stay_apart() {
        let scope = Scope::from([(
            "project".to_owned(),
            Datum::Map(Scope::from([("package".to_owned(), Datum::Word("demo".to_owned()))])),
        )]);
        let project = Project {
            name: "demo".to_owned(),
            scope: &scope,
            methodology: "deep".to_owned(),
            check: String::new(),
            paths: BTreeSet::new(),
        };
        let body = "## Summary\n\nS [^1] of `src/{{ project.package }}/a.py`.\n\n[^1]: here\n\n## Deep Guidance\n\nSee [it](#testing).\n\n### Testing\n\nT\n";
        let mut merger = Merger::default();
        let mut merge = |name: &str, depth| {
            merger.merge(&document(name, body), depth, 3, &project).unwrap().text
        };
        let first = merge("one", 3);
        assert!(first.contains("#### Testing\n") && first.contains("[^one-1]: here"), "{first}");
        assert!(first.contains("`src/demo/a.py`"), "{first}");
        let second = merge("two", 3);
        assert!(second.contains("#### Testing (two)\n"), "{second}");
        assert!(second.contains("[it](#testing-two)"), "{second}");
        let summary = merge("three", 2);
        assert!(!summary.contains("Testing"), "{summary}");
    }

    #[test]
    fn a_document_in_another_shape_is_taken_whole() {
        let scope = Scope::new();
        let project = Project {
            name: String::new(),
            scope: &scope,
            methodology: String::new(),
            check: String::new(),
            paths: BTreeSet::new(),
        };
        let text = Merger::default().merge(
            &document("x", "Plain.\n\n## Other\n\nMore.\n"),
            1,
            2,
            &project,
        );
        assert_eq!(text.unwrap().text, "Plain.\n\n### Other\n\nMore.\n\n");
    }
}
