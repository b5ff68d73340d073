//! What a repository carries of its method: a page for each step, the documents once each, an index, and the file that AI
//! assistants read. The text never outweighs the code: pages have summaries, and name where the code shows the rest.

use crate::error::Result;
use crate::formats::quote::command_line;
use crate::knowledge::document::{self, DEEP, SUMMARY};
use crate::knowledge::guide::{self, Merger, Project, named};
use crate::knowledge::method::{self, Preset, Task};
use crate::knowledge::{Document, LazyLibrary, Library};
use crate::pack::expression::Datum;
use crate::render::plan::{CommandLines, Plan};
use crate::tree::File;
use crate::tree::count_of_files;
use indexmap::{IndexMap, IndexSet};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const GUIDES: &str = "docs/guides";
const KNOWLEDGE: &str = "docs/knowledge";
/// From this depth on a document is carried whole.
const WHOLE_FROM: i64 = 3;

/// The pages for these answers, in no order. `files` are those of the layers.
///
/// # Errors
/// A condition of a document fails, or steps wait for each other.
pub fn pages(plan: &Plan, library: &LazyLibrary, files: &[File]) -> Result<Vec<File>> {
    let word = |id: &str| match plan.conditions.get(id) {
        Some(Datum::Word(word)) => word.clone(),
        _ => String::new(),
    };
    let wanted = word("guides");
    let project = Project {
        name: word("name"),
        scope: &plan.scope,
        methodology: word("methodology"),
        check: command_line(&plan.commands.check),
        paths: files.iter().map(|file| file.path.clone()).collect(),
    };
    // Without guides no document is read.
    let mut pages = match wanted.as_str() {
        "all" | "core" => guides(plan, library.get()?, &project, wanted == "all")?,
        _ => BTreeMap::new(),
    };
    let has_guides = !pages.is_empty();
    pages.extend(assistants(plan, &project, files, has_guides));
    Ok(pages.into_iter().map(|(path, text)| file(path, &text)).collect())
}

/// The pages of steps and documents, by path; none where no step of the method matters here.
fn guides(
    plan: &Plan,
    library: &Library,
    project: &Project,
    is_all: bool,
) -> Result<BTreeMap<String, String>> {
    let depth = match plan.conditions.get("depth") {
        Some(Datum::Integer(depth)) => *depth,
        _ => method::preset_depth(&project.methodology),
    };
    let preset = Preset { name: project.methodology.clone(), depth, steps: plan.steps.clone() };
    let tasks = method::tasks(library, plan.project_type, &preset, &plan.conditions)?;
    let is_wanted =
        |task: &&Task| task.enabled && task.is_touched && (is_all || task.step.front.mvp);
    let chosen: Vec<&Task> = tasks.values().filter(is_wanted).collect();
    let carried: Vec<Vec<String>> = chosen.iter().map(|task| carried(task, is_all)).collect();
    let names: IndexSet<&String> = carried.iter().flatten().collect();
    let documents: Vec<&Document> =
        names.iter().filter_map(|name| library.documents.get(*name)).collect();
    let mut pages = BTreeMap::new();
    for (task, knowledge) in chosen.iter().zip(&carried) {
        let path = format!("{GUIDES}/{}.md", task.step.front.name);
        pages.insert(path, guide_page(library, task, knowledge, &chosen, project)?);
    }
    for document in documents {
        let is_whole = is_all && depth >= WHOLE_FROM;
        let path = format!("{KNOWLEDGE}/{}.md", document.parsed.front.name);
        pages.insert(path, document_page(document, is_whole, library, project)?);
    }
    if !chosen.is_empty() {
        pages.insert(format!("{GUIDES}/README.md"), index(&chosen, project));
    }
    Ok(pages)
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

fn guide_page(
    library: &Library,
    task: &Task,
    knowledge: &[String],
    chosen: &[&Task],
    project: &Project,
) -> Result<String> {
    let front = &task.step.front;
    let part = |title: &str| guide::section(task, title, project);
    let mut text = format!("# {}\n\n{}.\n\n{}\n\n", front.name, front.description, part("Purpose"));
    let before: Vec<String> = task
        .reads
        .iter()
        .chain(&task.dependencies)
        .collect::<IndexSet<_>>()
        .into_iter()
        .filter_map(|name| library.steps.get(name))
        .map(|step| {
            let name = &step.front.name;
            let is_here = chosen.iter().any(|other| other.step.front.name == *name);
            let link = if is_here { format!("[{name}]({name}.md)") } else { name.clone() };
            format!("- {link}: {}\n", step.front.description)
        })
        .collect();
    if !before.is_empty() {
        let _ = write!(text, "## What comes before\n\n{}\n", before.concat());
    }
    let _ = write!(text, "## What to do\n\n{}\n\n", part("Instructions"));
    let outputs =
        front.outputs.iter().map(|path| format!("- `{path}`\n")).collect::<Vec<_>>().concat();
    if !outputs.is_empty() {
        let _ = write!(text, "It produces, as new files of this repository:\n\n{outputs}\n");
    }
    let mut merger = Merger::default();
    for document in knowledge.iter().filter_map(|name| library.documents.get(name)) {
        let one = merger.merge(document, 1, 3, project)?;
        let _ = write!(
            text,
            "## From [{}](../knowledge/{0}.md)\n\n{}\n\n",
            one.name,
            first_paragraph(&one.text)
        );
    }
    let code = guide::shown_in_code(library, knowledge, project);
    if !code.is_empty() {
        let line = |(path, what): (&String, &&str)| format!("- [`{path}`](../../{path}): {what}\n");
        let _ = write!(
            text,
            "## Where this repository shows it\n\n{}\n",
            code.iter().map(line).collect::<String>()
        );
    }
    let _ = write!(text, "## Done when\n\n{}\n\n", part("Done When"));
    if task.depth >= 4 && !part("Review").is_empty() {
        let _ = write!(text, "## Before you call it done\n\n{}\n\n", part("Review"));
    }
    let _ = writeln!(
        text,
        "`scaffold guide {}` prints this step with all of its knowledge as one text.",
        front.name
    );
    Ok(text)
}

/// What a summary says first; the document that is linked beside it has the rest.
fn first_paragraph(text: &str) -> &str {
    text.trim().split("\n\n").next().unwrap_or_default()
}

fn document_page(
    document: &Document,
    is_whole: bool,
    library: &Library,
    project: &Project,
) -> Result<String> {
    let front = &document.parsed.front;
    let mut text = format!("# {}\n\n{}.\n\n", front.name, front.description.trim_end_matches('.'));
    let mut merger = Merger::default();
    let depth = if is_whole { 5 } else { 1 };
    text += &merger.merge(document, depth, 1, project)?.text;
    let code = guide::shown_in_code(library, std::slice::from_ref(&front.name), project);
    if !code.is_empty() {
        let line = |(path, what): (&String, &&str)| format!("- [`{path}`](../../{path}): {what}\n");
        let _ = write!(
            text,
            "## In this repository\n\n{}\n",
            code.iter().map(line).collect::<String>()
        );
    }
    let all = document.parsed.fitting(project.scope)?;
    let more: Vec<String> = document::part(&all, DEEP)
        .into_iter()
        .filter(|section| section.level == 3)
        .map(|section| section.title.clone())
        .collect();
    if !is_whole && !more.is_empty() && !document::part(&all, SUMMARY).is_empty() {
        let _ = write!(
            text,
            "`scaffold knowledge show {}` has the deep guidance: {}.\n\n",
            front.name,
            more.join("; ")
        );
    }
    let reviewed =
        front.reviewed.as_ref().map_or(String::new(), |day| format!(", reviewed on {day}"));
    let _ = writeln!(
        text,
        "Source: document `{}` of `{}`{reviewed}, sha256 {}.",
        front.name,
        document.origin,
        &document.parsed.digest()[..12]
    );
    Ok(text)
}

/// The steps with what comes before each, as a picture and a list.
fn index(chosen: &[&Task], project: &Project) -> String {
    let names: BTreeSet<&str> = chosen.iter().map(|task| task.step.front.name.as_str()).collect();
    let mut graph = String::new();
    let mut list = String::new();
    for task in chosen {
        let name = &task.step.front.name;
        let _ = writeln!(graph, "    {}[{name}]", id(name));
        for before in task.dependencies.iter().filter(|before| names.contains(before.as_str())) {
            let _ = writeln!(graph, "    {} --> {}", id(before), id(name));
        }
        let _ = writeln!(list, "- [{name}]({name}.md): {}", task.step.front.description);
    }
    format!(
        "# Guides\n\nThe steps of the method `{}` that matter to this type of project. `scaffold next` says which can be begun, \
         `scaffold complete STEP` records one.\n\n```mermaid\nflowchart TD\n{graph}```\n\n{list}",
        project.methodology
    )
}

fn id(name: &str) -> String {
    name.replace('-', "_")
}

/// What each assistant reads, and which file that is.
const ADAPTERS: [(&str, Option<(&str, &str)>); 3] = [
    ("codex", None),
    ("claude-code", Some(("CLAUDE.md", "@AGENTS.md\n"))),
    ("gemini", Some(("GEMINI.md", "@./AGENTS.md\n"))),
];

fn assistants(
    plan: &Plan,
    project: &Project,
    files: &[File],
    has_guides: bool,
) -> Vec<(String, String)> {
    let platforms = match plan.conditions.get("platforms") {
        Some(Datum::List(platforms)) => platforms.clone(),
        _ => Vec::new(),
    };
    if platforms.is_empty() {
        return Vec::new();
    }
    let mut written = vec![("AGENTS.md".to_owned(), agents(plan, project, files, has_guides))];
    for (name, file) in ADAPTERS {
        if let Some((path, text)) =
            file.filter(|_| platforms.iter().any(|platform| platform == name))
        {
            written.push((path.to_owned(), text.to_owned()));
        }
    }
    written
}

fn agents(plan: &Plan, project: &Project, files: &[File], has_guides: bool) -> String {
    let CommandLines { setup, run, check, more } = &plan.commands;
    let mut commands: IndexMap<&str, &Vec<String>> =
        IndexMap::from([("set up", setup), ("run", run), ("check everything", check)]);
    commands.extend(more.iter().map(|(name, words)| (name.as_str(), words)));
    let commands: String = commands
        .iter()
        .filter(|(_, line)| !line.is_empty())
        .map(|(name, line)| format!("- {name}: `{}`\n", command_line(line)))
        .collect::<Vec<_>>()
        .concat();
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files {
        if let Some((folder, _)) = file.path.split_once('/') {
            *folders.entry(folder).or_default() += 1;
        }
    }
    let layout: String = folders
        .iter()
        .map(|(name, count)| format!("- `{name}/`: {}\n", count_of_files(*count)))
        .collect::<Vec<_>>()
        .concat();
    let guides = if has_guides {
        "- `docs/guides/README.md`: the steps of the method; each page says what to do and when it is done\n"
    } else {
        ""
    };
    named(
        &format!(
            "# {}\n\nFor AI assistants that work here. People read `README.md` first, and so should you.\n\n## Commands\n\n{commands}\n\
             ## Layout\n\n{layout}\n## Rules\n\n- A change is finished when the check is green, without network and without skipped tests.\n\
             - Each change of behaviour comes with a test that fails without it. Never weaken or delete a test to get green.\n\
             - Ask before adding a dependency, changing a format that others read, or touching what is generated or secret.\n\
             - No secrets, personal data or machine paths in files, logs and commits.\n\
             - `.scaffold/` belongs to the generator; `.scaffold/config.yml` says how this repository was made.\n\n## More\n\n{guides}\
             - `README.md`: what it does, where things are, how to make it yours\n",
            project.name
        ),
        project,
    )
}
