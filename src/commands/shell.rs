//! `scaffold completions` and `scaffold man`: what shells and `man` know of the command line.

use super::project;
use crate::cli::{self, Candidates, Known, Shell, candidates};
use crate::error::{Code, Error, Problem, Result};
use crate::formats::hidden;
use crate::knowledge::Library;
use crate::pack::Catalog;
use crate::pack::overlay::Kind;
use crate::ui;
use clap::Command;
use std::collections::BTreeMap;

/// Prints the completions for a shell.
///
/// # Errors
/// Standard output fails.
pub fn completions(shell: Shell) -> Result<()> {
    ui::print(match shell {
        Shell::Bash => include_str!("shell/scaffold.bash"),
        Shell::Elvish => include_str!("shell/scaffold.elv"),
        Shell::Fish => include_str!("shell/scaffold.fish"),
        Shell::PowerShell => include_str!("shell/scaffold.ps1"),
        Shell::Zsh => include_str!("shell/scaffold.zsh"),
    })
}

/// Prints what can stand at the cursor: first whether these are files or words, then each word with its meaning behind a
/// tab. The first of the words given is what is typed there, after an equals sign, because shells lose an empty one.
///
/// # Errors
/// Documents of packs cannot be read; standard output fails.
pub fn complete(words: &[String], catalog: &Catalog) -> Result<()> {
    let Some((current, words)) = words.split_first() else { return Ok(()) };
    let current = current.strip_prefix('=').unwrap_or(current);
    let mut command = cli::command(catalog);
    command.build();
    let known = known(&command, words, catalog)?;
    let text = match candidates(&command, &known, words, current) {
        Candidates::Files => "files\n".to_owned(),
        Candidates::Words(found) => {
            let lines =
                found.iter().map(|(word, help)| format!("{}\t{help}\n", hidden::line(word)));
            std::iter::once("words\n".to_owned()).chain(lines).collect()
        }
    };
    ui::print(text)
}

/// What the command line does not list: of steps and documents only where one is asked for.
fn known(command: &Command, words: &[String], catalog: &Catalog) -> Result<Known> {
    let questions = catalog.types().flat_map(|t| &t.questions);
    let lists = questions.filter(|question| question.kind == Kind::MultiChoice);
    let entry = |name: &str, help: &str| (name.to_owned(), hidden::folded(help));
    let types = catalog.types().map(|t| entry(&t.name, &t.description)).collect();
    let about =
        |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set());
    let commands = inner.map(|inner| entry(inner.get_name(), &about(inner))).collect();
    let mut values = vec![("type", types), ("command", commands)];
    if words.iter().any(|word| cli::is_of_knowledge(word)) {
        let own = match project::find()? {
            Some(root) => project::own_documents(&root)?,
            None => BTreeMap::new(),
        };
        let library = Library::of(catalog, &own)?;
        let steps = library.steps.values().map(|step| &step.front);
        let documents = library.documents.values().map(|document| &document.parsed.front);
        values.push(("step", steps.map(|front| entry(&front.name, &front.description)).collect()));
        let documents = documents.map(|front| entry(&front.name, &front.description));
        values.push(("name", documents.collect()));
    }
    Ok(Known { lists: lists.map(|question| question.flag.clone()).collect(), values })
}

/// Prints the page of the program, or of the command that these words name.
///
/// # Errors
/// There is no such command; standard output fails.
pub fn man(words: &[String], catalog: &Catalog) -> Result<()> {
    let mut command = cli::command(catalog);
    command.build();
    for word in words {
        let names: Vec<String> =
            command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
        let inner = command.find_subcommand(word).cloned();
        command = inner.ok_or_else(|| {
            let shown = crate::formats::hidden::visible(word);
            let message = format!("there is no command `{shown}`");
            Error::from(Problem::new(Code::Usage, message).allowed(word, names))
        })?;
    }
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    rendered.map_err(|error| Error::io("writing the page", &error))?;
    ui::print(String::from_utf8_lossy(&page))
}
