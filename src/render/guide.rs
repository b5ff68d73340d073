//! The text of a step that stands alone, for a person or an assistant, from the templates `knowledge/pages/prompt/` of the packs.

use super::pages::{data, fields, rendered, step_data};
use super::template::Renderer;
use crate::error::Result;
use crate::knowledge::Library;
use crate::knowledge::guide::{Merged, Merger, Project};
use crate::knowledge::method::Task;
use crate::pack::Catalog;
use crate::pack::expression::{Datum, Scope};
use indexmap::{IndexMap, IndexSet};

/// What is there of a document, or a folder of documents, that a step produces.
#[derive(Clone, Debug)]
pub enum Output {
    /// Nothing yet.
    Missing,
    /// A document with this content.
    Text(String),
    /// A folder with these names in it.
    Folder(Vec<String>),
}

/// A guide as one text.
#[derive(Clone, Debug)]
pub struct Guide {
    /// Title and text of each section, in order.
    pub sections: Vec<(String, String)>,
    /// The documents in it.
    pub merged: Vec<Merged>,
    /// Documents that the step names and nobody has.
    pub missing: Vec<String>,
}

impl Guide {
    /// All of it as one text.
    #[must_use]
    pub fn text(&self) -> String {
        let sections = self.sections.iter().map(|(title, text)| format!("## {title}\n\n{text}\n"));
        sections.collect::<Vec<_>>().join("\n")
    }
}

/// Makes the guide of a step. `outputs` says what is there of what earlier steps produce.
///
/// # Errors
/// A condition of a document or a template fails.
pub fn guide(
    catalog: &Catalog,
    library: &Library,
    task: &Task,
    tasks: &IndexMap<&str, Task>,
    project: &Project,
    outputs: &dyn Fn(&str) -> Output,
) -> Result<Guide> {
    let mut joined = Merger::default();
    let mut merged = Vec::new();
    let mut missing = Vec::new();
    for name in &task.knowledge {
        match library.documents.get(name) {
            Some(document) => merged.push(joined.merge(document, task.depth, 3, project)?),
            None => missing.push(name.clone()),
        }
    }
    let document = |one: &Merged| {
        fields([
            ("name", data(&one.name)),
            ("origin", data(&one.origin)),
            ("digest", data(&one.digest[..12])),
            ("text", data(one.text.trim_end())),
        ])
    };
    let scope = Scope::from(
        [
            ("step", step_data(task, project)),
            ("methodology", data(&project.methodology)),
            ("check", data(&project.check)),
            ("documents", Datum::Many(merged.iter().map(document).collect())),
            ("before", Datum::Many(before(task, tasks, outputs))),
        ]
        .map(|(name, datum)| (name.to_owned(), datum)),
    );
    let renderer = Renderer::new(project.scope);
    let mut sections = Vec::new();
    for (shown, bytes) in catalog.pages("prompt") {
        let text = rendered(&renderer, &shown, bytes, &scope)?;
        let (title, body) = text.split_once('\n').unwrap_or((&text, ""));
        sections.push((title.trim_start_matches('#').trim().to_owned(), body.trim().to_owned()));
    }
    Ok(Guide { sections, merged, missing })
}

/// The text inside a fence that nothing in it closes, so that its headings stay its own.
fn fenced(path: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(3) + 1);
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    format!("{fence}{ending}\n{}\n{fence}", text.trim())
}

/// What earlier steps produce, with its content as far as it exists.
fn before(
    task: &Task,
    tasks: &IndexMap<&str, Task>,
    outputs: &dyn Fn(&str) -> Output,
) -> Vec<Datum> {
    let names: IndexSet<&String> = task.reads.iter().chain(&task.dependencies).collect();
    let earlier = names.into_iter().filter_map(|name| tasks.get(name.as_str()));
    let output = |name: &str, path: &String| {
        let (text, names) = match outputs(path) {
            Output::Missing => (Datum::None, Datum::None),
            Output::Text(text) => (data(&fenced(path, &text)), Datum::None),
            Output::Folder(names) => (Datum::None, Datum::List(names)),
        };
        fields([("path", data(path)), ("step", data(name)), ("text", text), ("names", names)])
    };
    earlier
        .flat_map(|other| {
            let front = &other.step.front;
            front.outputs.iter().map(|path| output(&front.name, path)).collect::<Vec<_>>()
        })
        .collect()
}
