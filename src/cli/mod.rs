//! The command line: what clap is told, and what it found. Flags of questions come from the catalog.

mod init;
mod pack;
mod refusal;

pub use init::{InitArgs, OWN_FLAGS};
pub use pack::{LintArgs, Selection, TestArgs};

use crate::catalog::Catalog;
use crate::error::{Code, Problem, Result};
use clap::error::ErrorKind;
use clap::{Arg, Command};
use std::ffi::OsString;
use std::path::PathBuf;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON document on stdout.
    Json,
}

/// What the user wants done.
#[derive(Debug)]
pub enum Request {
    /// `scaffold init`.
    Init(Box<InitArgs>),
    /// `scaffold pack lint`.
    PackLint(LintArgs),
    /// `scaffold pack test`.
    PackTest(Box<TestArgs>),
}

/// The name of the command that a command line asks for, for messages about it.
#[must_use]
pub fn command_name(arguments: &[OsString]) -> &'static str {
    let word = |index: usize| arguments.get(index).and_then(|word| word.to_str());
    match (word(1), word(2)) {
        (Some("pack"), Some("lint")) => "pack lint",
        (Some("pack"), Some("test")) => "pack test",
        (Some("pack"), _) => "pack",
        _ => "init",
    }
}

/// The packs that an `init` names; needed before its flags can be known. Other commands read packs themselves.
#[must_use]
pub fn pack_folders(arguments: &[OsString]) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if command_name(arguments) != "init" {
        return folders;
    }
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let word = word.to_string_lossy();
        if word == "--" {
            break;
        } else if word == "--pack" {
            folders.extend(words.next().map(PathBuf::from));
        } else if let Some(folder) = word.strip_prefix("--pack=") {
            folders.push(PathBuf::from(folder));
        }
    }
    folders
}

/// Whether the result is wanted as JSON; needed before the command line is known to be right.
#[must_use]
pub fn wanted_format(arguments: &[OsString]) -> Format {
    let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
    let separate = words.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json");
    if separate || words.iter().any(|word| word == "--format=json") {
        Format::Json
    } else {
        Format::Text
    }
}

/// Reads the command line.
///
/// # Errors
/// Everything that clap refuses, in our shape; asking for help or the version is no error but `Ok(Err(text))`.
pub fn parse(
    arguments: Vec<OsString>,
    catalog: &Catalog,
) -> Result<std::result::Result<Request, clap::Error>> {
    let mut command = command(catalog);
    let matches = match command.try_get_matches_from_mut(arguments) {
        Ok(matches) => matches,
        Err(error)
            if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) =>
        {
            return Ok(Err(error));
        }
        Err(error) => return Err(refusal::problem(&error, &command).into()),
    };
    let nested = |matches: &clap::ArgMatches| {
        matches.subcommand().map(|(name, inner)| (name.to_owned(), inner.clone()))
    };
    match nested(&matches) {
        Some((name, inner)) if name == "init" => {
            Ok(Ok(Request::Init(Box::new(init::arguments(&inner, catalog)?))))
        }
        Some((_, inner)) => match nested(&inner) {
            Some((name, inner)) if name == "lint" => {
                Ok(Ok(Request::PackLint(pack::lint_arguments(&inner))))
            }
            Some((_, inner)) => Ok(Ok(Request::PackTest(Box::new(pack::test_arguments(&inner)?)))),
            None => Err(Problem::new(Code::Usage, "no command is given").into()),
        },
        None => Err(Problem::new(Code::Usage, "no command is given").into()),
    }
}

fn command(catalog: &Catalog) -> Command {
    Command::new("scaffold")
        .version(env!("CARGO_PKG_VERSION"))
        .about(env!("CARGO_PKG_DESCRIPTION"))
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .max_term_width(100)
        .after_help("Example: scaffold init demo --auto --pipeline-processing batch")
        .subcommand(init::command(catalog))
        .subcommand(pack::command())
}

/// `--format`, as most commands have it.
fn format_arg() -> Arg {
    Arg::new("format")
        .long("format")
        .value_name("FORMAT")
        .value_parser(["text", "json"])
        .default_value("text")
        .help("How to print: for people, or one JSON document")
}

fn format_of(matches: &clap::ArgMatches) -> Format {
    let json = matches.get_one::<String>("format").is_some_and(|format| format == "json");
    if json { Format::Json } else { Format::Text }
}
