//! `scaffold knowledge`: list, show and search documents, and check that they are still true.

use super::project;
use crate::cli::{Format, KnowledgeArgs, KnowledgeCommand};
use crate::error::{self, Code, Error, Problem, Result};
use crate::formats::hidden;
use crate::knowledge::{Document, Library, search};
use crate::pack::Catalog;
use crate::prove::documents;
use crate::prove::inspect;
use crate::ui;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Does what is asked, over the documents of all packs and, in a project, its own.
///
/// # Errors
/// No such document, documents that cannot be read, findings of `check`.
pub fn run(args: &KnowledgeArgs, catalog: &Catalog) -> Result<()> {
    let own = match project::find()? {
        Some(root) => project::own_documents(&root)?,
        None => BTreeMap::new(),
    };
    let library = Library::of(catalog, &own)?;
    match &args.command {
        KnowledgeCommand::List => {
            list(library.documents.values().collect(), "knowledge list", args.format)
        }
        KnowledgeCommand::Show(name) => show(library.document(name)?, args.format),
        KnowledgeCommand::Search(words) => {
            let hits = search::search(&library, words);
            if hits.is_empty() {
                return Err(nothing_found(&library, words));
            }
            if args.format == Format::Text {
                let row = |hit: &search::Hit| {
                    let (name, about) = row(hit.document);
                    (name, format!("{about} ({})", hit.section))
                };
                return ui::print(ui::table(&hits.iter().map(row).collect::<Vec<_>>()));
            }
            let hits: Vec<Value> = hits
                .iter()
                .map(|hit| {
                    let mut entry = entry(hit.document);
                    entry["score"] = json!(hit.score);
                    entry["section"] = json!(hit.section);
                    entry
                })
                .collect();
            ui::document(
                &json!({"schema": ui::SCHEMA, "ok": true, "command": "knowledge search", "documents": hits}),
            )
        }
        KnowledgeCommand::Check => {
            let mut problems = library.broken.clone();
            problems.extend(documents::check(&library, &today(), &inspect::python::flaws));
            Error::unless_empty(problems)?;
            ui::sound_knowledge(library.documents.len(), library.steps.len(), args.format)
        }
    }
}

/// That no document has all of the words; the nearest topic to each of them may be what was meant.
fn nothing_found(library: &Library, words: &[String]) -> Error {
    let topics: Vec<String> = library
        .documents
        .values()
        .flat_map(|document| &document.parsed.front.topics)
        .cloned()
        .collect();
    let shown = hidden::visible(&words.join(" "));
    let mut problem = Problem::new(Code::UnknownValue, format!("no document has `{shown}`"));
    problem.nearest = words.iter().find_map(|word| error::nearest(word, &topics));
    let hint = "a document must have every word; `scaffold knowledge list` shows all documents";
    problem.hint(hint).into()
}

/// The day as `YYYY-MM-DD`; only whether a document is past its review depends on it.
fn today() -> String {
    let now = humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string();
    now[..10].to_owned()
}

fn entry(document: &Document) -> Value {
    let front = &document.parsed.front;
    json!({
        "name": front.name, "description": front.description, "topics": front.topics, "origin": document.origin,
        "file": document.parsed.file, "reviewed": front.reviewed, "sha256": document.parsed.digest(),
    })
}

fn list(documents: Vec<&Document>, command: &str, format: Format) -> Result<()> {
    if format == Format::Json {
        let documents: Vec<Value> = documents.into_iter().map(entry).collect();
        return ui::document(
            &json!({"schema": ui::SCHEMA, "ok": true, "command": command, "documents": documents}),
        );
    }
    ui::print(ui::table(&documents.into_iter().map(row).collect::<Vec<_>>()))
}

/// A document in a table for people.
fn row(document: &Document) -> (String, String) {
    let front = &document.parsed.front;
    (front.name.clone(), hidden::folded(&front.description))
}

fn show(document: &Document, format: Format) -> Result<()> {
    let text: String = document
        .parsed
        .body()
        .iter()
        .map(|section| match section.level {
            0 => section.text.clone(),
            level => format!("{} {}\n{}", "#".repeat(level), section.title, section.text),
        })
        .collect();
    if format == Format::Text {
        return ui::print(format!("{}\n", text.trim()));
    }
    let mut entry = entry(document);
    entry["sources"] = json!(document.parsed.front.sources);
    entry["text"] = json!(text);
    ui::document(
        &json!({"schema": ui::SCHEMA, "ok": true, "command": "knowledge show", "document": entry}),
    )
}
