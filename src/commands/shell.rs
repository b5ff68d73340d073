//! `scaffold completions` and `scaffold man`: what shells and `man` know of the command line.

use crate::cli;
use crate::error::{Code, Error, Problem, Result};
use crate::pack::Catalog;
use crate::ui;
use clap_complete::Shell;

/// Prints the completions for a shell, with the values of flags.
///
/// # Errors
/// Standard output fails.
pub fn completions(shell: Shell, catalog: &Catalog) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(catalog), "scaffold", &mut script);
    ui::print(String::from_utf8_lossy(&script))
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
