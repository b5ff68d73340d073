//! What guides are made of: documents merged into one text, sections of steps, places in the code that show what is said.

use super::document::{self, DEEP, SUMMARY, Section};
use super::method::Task;
use super::{Document, Library};
use crate::error::Result;
use crate::formats::markdown::{anchor, told_apart};
use crate::pack::expression::{Datum, Scope};
use indexmap::IndexMap;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// From this depth on a guide has the deep guidance of its documents.
const DEEP_FROM: i64 = 3;

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
                let below = section.level - top.unwrap_or(section.level);
                let hashes = "#".repeat((level + 1 + below).min(6));
                let _ = write!(text, "{hashes} {title}\n\n");
            }
            let body = section.text.trim();
            if !body.is_empty() {
                text.push_str(body);
                text.push_str("\n\n");
            }
        }
        // Footnotes of several documents may have one number.
        named(&told_apart(&text, name, &renamed), project)
    }
}

/// The text with the names of the project in place of their expressions.
#[must_use]
pub fn named(text: &str, project: &Project) -> String {
    let Some(Datum::Map(names)) = project.scope.get("project") else { return text.to_owned() };
    if !text.contains("{{ project.") {
        return text.to_owned();
    }
    ["package", "slug"].iter().fold(text.to_owned(), |text, id| match names.get(*id) {
        Some(Datum::Word(name)) => text.replace(&format!("{{{{ project.{id} }}}}"), name),
        _ => text,
    })
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
        // A page of its own has no level between its title and its first heading.
        let page = Merger::default().merge(&document("four", body), 5, 1, &project).unwrap().text;
        assert!(page.contains("\n## Testing\n"), "{page}");
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
