//! What a repository carries of its method: a page for each step, the documents once each, an index, and the file that AI
//! assistants read. The texts are templates of the packs, `knowledge/pages/`; they never outweigh the code.

use super::Cache;
use super::plan::{CommandLines, Plan};
use super::template::Renderer;
use crate::error::{Code, Error, Problem, Result};
use crate::formats::quote::command_line;
use crate::knowledge::document::{self, DEEP, SUMMARY};
use crate::knowledge::guide::{self, Merger, Project};
use crate::knowledge::method::{self, Preset, Task};
use crate::knowledge::{Document, LazyLibrary, Library};
use crate::pack::Catalog;
use crate::pack::expression::{Datum, Scope};
use crate::system::read;
use crate::tree::File;
use indexmap::{IndexMap, IndexSet};
use std::collections::{BTreeMap, BTreeSet};

const GUIDES: &str = "docs/guides";
const KNOWLEDGE: &str = "docs/knowledge";
/// From this depth on a document is carried whole.
const WHOLE_FROM: i64 = 3;

/// The pages for these answers, in no order. `files` are those of the layers.
///
/// # Errors
/// A condition of a document or a template fails, or steps wait for each other.
pub fn pages(
    plan: &Plan,
    library: &LazyLibrary,
    files: &[File],
    cache: Option<&Cache>,
) -> Result<Vec<File>> {
    let word = |id: &str| match plan.conditions.get(id) {
        Some(Datum::Word(word)) => word.clone(),
        _ => String::new(),
    };
    let project = Project {
        name: word("name"),
        scope: &plan.scope,
        methodology: word("methodology"),
        check: command_line(&plan.commands.check),
        paths: files.iter().map(|file| file.path.clone()).collect(),
    };
    let writer =
        Writer { catalog: plan.catalog, cache, renderer: Renderer::new(&plan.scope), project };
    let wanted = word("guides");
    let mut pages = BTreeMap::new();
    if matches!(wanted.as_str(), "core" | "all") {
        let depth = match plan.conditions.get("depth") {
            Some(Datum::Integer(depth)) => *depth,
            _ => method::preset_depth(&word("methodology")),
        };
        let preset = Preset { name: word("methodology"), depth, steps: plan.steps.clone() };
        writer.guides(plan, library.get()?, &preset, wanted == "all", &mut pages)?;
    }
    let has_guides = !pages.is_empty();
    if matches!(plan.conditions.get("platforms"), Some(Datum::List(names)) if !names.is_empty()) {
        pages.insert("AGENTS.md".to_owned(), writer.agents(&plan.commands, files, has_guides)?);
    }
    Ok(pages.into_iter().map(|(path, text)| file(path, &text)).collect())
}

/// The documents that a repository carries for a step: with the core guides those that its type adds, and the general
/// ones of the step too where all guides are wanted. `scaffold guide` has all of them in any case.
fn carried(task: &Task, is_all: bool) -> Vec<String> {
    let general = &task.step.front.knowledge;
    task.knowledge.iter().filter(|name| is_all || !general.contains(name)).cloned().collect()
}

fn file(path: String, text: &str) -> File {
    let text = format!("{}\n", text.trim_end());
    File { path, bytes: text.into(), executable: false, layers: vec!["knowledge".to_owned()] }
}

/// A text for a template.
pub(super) fn data(text: &str) -> Datum {
    Datum::Word(text.to_owned())
}

/// Fields for a template.
pub(super) fn fields<const N: usize>(fields: [(&str, Datum); N]) -> Datum {
    Datum::Map(fields.map(|(name, datum)| (name.to_owned(), datum)).into())
}

/// What templates see of a step.
pub(super) fn step_data(task: &Task, project: &Project) -> Datum {
    let front = &task.step.front;
    let part = |title: &str| data(&guide::section(task, title, project));
    fields([
        ("name", data(&front.name)),
        ("description", data(&front.description)),
        ("outputs", Datum::List(front.outputs.clone())),
        ("depth", Datum::Integer(task.depth)),
        ("purpose", part("Purpose")),
        ("instructions", part("Instructions")),
        ("done_when", part("Done When")),
        ("review", part("Review")),
    ])
}

/// A rendered template of a pack; what is wrong with it is told with its place.
pub(super) fn rendered(
    renderer: &Renderer,
    shown: &str,
    bytes: &[u8],
    scope: &Scope,
) -> Result<String> {
    let text = read::text(shown, bytes, Code::BadTemplate)?;
    renderer.page(text, scope).map_err(|fault| {
        Error::from(Problem::new(Code::BadTemplate, fault.message).at(
            shown,
            fault.line,
            fault.column,
        ))
    })
}

/// What all pages of a repository share.
struct Writer<'p> {
    catalog: &'p Catalog,
    /// Of the same catalog.
    cache: Option<&'p Cache<'p>>,
    renderer: Renderer,
    project: Project<'p>,
}

impl Writer<'_> {
    fn page<const N: usize>(&self, name: &str, values: [(&str, Datum); N]) -> Result<String> {
        let scope: Scope = values.map(|(name, datum)| (name.to_owned(), datum)).into();
        let mut text = String::new();
        for (shown, bytes) in self.catalog.pages(name) {
            let make = || rendered(&self.renderer, &shown, bytes, &scope);
            text += &match self.cache {
                Some(cache) => cache.page(bytes, [&scope, self.project.scope], make)?,
                None => make()?,
            };
        }
        Ok(text)
    }

    fn guides(
        &self,
        plan: &Plan,
        library: &Library,
        preset: &Preset,
        is_all: bool,
        pages: &mut BTreeMap<String, String>,
    ) -> Result<()> {
        let tasks = method::tasks(library, plan.project_type, preset, &plan.conditions)?;
        let is_wanted =
            |task: &&Task| task.enabled && task.is_touched && (is_all || task.step.front.mvp);
        let chosen: Vec<&Task> = tasks.values().filter(is_wanted).collect();
        let mut names: IndexSet<String> = IndexSet::new();
        for task in &chosen {
            let knowledge = carried(task, is_all);
            let path = format!("{GUIDES}/{}.md", task.step.front.name);
            pages.insert(path, self.guide(library, task, &knowledge, &chosen)?);
            names.extend(knowledge);
        }
        for document in names.iter().filter_map(|name| library.documents.get(name)) {
            let is_whole = is_all && preset.depth >= WHOLE_FROM;
            let path = format!("{KNOWLEDGE}/{}.md", document.parsed.front.name);
            pages.insert(path, self.document(document, is_whole, library)?);
        }
        if !chosen.is_empty() {
            pages.insert(format!("{GUIDES}/README.md"), self.index(&chosen)?);
        }
        Ok(())
    }

    fn guide(
        &self,
        library: &Library,
        task: &Task,
        knowledge: &[String],
        chosen: &[&Task],
    ) -> Result<String> {
        let names: IndexSet<&String> = task.reads.iter().chain(&task.dependencies).collect();
        let before = names.into_iter().filter_map(|name| library.steps.get(name)).map(|step| {
            let name = &step.front.name;
            let is_here = chosen.iter().any(|other| other.step.front.name == *name);
            fields([
                ("name", data(name)),
                ("description", data(&step.front.description)),
                ("is_here", Datum::Bool(is_here)),
            ])
        });
        let mut merger = Merger::default();
        let mut documents = Vec::new();
        for document in knowledge.iter().filter_map(|name| library.documents.get(name)) {
            let one = merger.merge(document, 1, 3, &self.project)?;
            let first = data(first_paragraph(&one.text));
            documents.push(fields([("name", data(&one.name)), ("first", first)]));
        }
        self.page(
            "guide.md.jinja",
            [
                ("step", step_data(task, &self.project)),
                ("before", Datum::Many(before.collect())),
                ("documents", Datum::Many(documents)),
                ("code", self.code(library, knowledge)),
            ],
        )
    }

    /// The places in the repository that show what these documents say.
    fn code(&self, library: &Library, names: &[String]) -> Datum {
        let shown = guide::shown_in_code(library, names, &self.project);
        let place =
            |(path, what): (&String, &&str)| fields([("path", data(path)), ("what", data(what))]);
        Datum::Many(shown.iter().map(place).collect())
    }

    fn document(&self, document: &Document, is_whole: bool, library: &Library) -> Result<String> {
        let front = &document.parsed.front;
        let depth = if is_whole { 5 } else { 1 };
        let text = Merger::default().merge(document, depth, 1, &self.project)?.text;
        let all = document.parsed.fitting(self.project.scope)?;
        let has_more = !is_whole && !document::part(&all, SUMMARY).is_empty();
        let deep = document::part(&all, DEEP).into_iter().filter(|section| section.level == 3);
        let more = deep.filter(|_| has_more).map(|section| section.title.clone()).collect();
        let reviewed = front.reviewed.as_ref().map_or(Datum::None, |day| data(day));
        let shown = fields([
            ("name", data(&front.name)),
            ("description", data(front.description.trim_end_matches('.'))),
            ("text", data(text.trim_end())),
            ("more", Datum::List(more)),
            ("reviewed", reviewed),
            ("origin", data(&document.origin)),
            ("digest", data(&document.parsed.digest()[..12])),
        ]);
        let code = self.code(library, std::slice::from_ref(&front.name));
        self.page("document.md.jinja", [("document", shown), ("code", code)])
    }

    /// The steps with what comes before each, as a picture and a list.
    fn index(&self, chosen: &[&Task]) -> Result<String> {
        let names: BTreeSet<&str> =
            chosen.iter().map(|task| task.step.front.name.as_str()).collect();
        let step = |task: &&Task| {
            let after = task.dependencies.iter().filter(|name| names.contains(name.as_str()));
            fields([
                ("name", data(&task.step.front.name)),
                ("description", data(&task.step.front.description)),
                ("after", Datum::List(after.cloned().collect())),
            ])
        };
        let steps = Datum::Many(chosen.iter().map(step).collect());
        let methodology = data(&self.project.methodology);
        self.page("index.md.jinja", [("steps", steps), ("methodology", methodology)])
    }

    fn agents(&self, lines: &CommandLines, files: &[File], has_guides: bool) -> Result<String> {
        let CommandLines { setup, run, check, more, first: _ } = lines;
        let mut commands: IndexMap<&str, &Vec<String>> =
            IndexMap::from([("set up", setup), ("run", run), ("check everything", check)]);
        commands.extend(more.iter().map(|(name, words)| (name.as_str(), words)));
        let commands = commands.iter().filter(|(_, line)| !line.is_empty()).map(|(name, line)| {
            fields([("name", data(name)), ("line", data(&command_line(line)))])
        });
        let mut folders: BTreeMap<&str, i64> = BTreeMap::new();
        for (folder, _) in files.iter().filter_map(|file| file.path.split_once('/')) {
            *folders.entry(folder).or_default() += 1;
        }
        let folders = folders
            .iter()
            .map(|(name, count)| fields([("name", data(name)), ("files", Datum::Integer(*count))]));
        self.page(
            "agents.md.jinja",
            [
                ("commands", Datum::Many(commands.collect())),
                ("folders", Datum::Many(folders.collect())),
                ("has_guides", Datum::Bool(has_guides)),
            ],
        )
    }
}

/// What a summary says first; the document that is linked beside it has the rest.
fn first_paragraph(text: &str) -> &str {
    text.trim().split("\n\n").next().unwrap_or_default()
}
