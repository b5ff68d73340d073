//! The command line: what clap is told, and what it found. Flags of questions come from the catalog.

mod complete;
mod describe;
mod init;
mod keep;
mod method;
mod pack;
mod refusal;

pub use complete::{Candidates, Known, candidates};
pub use describe::{DoctorArgs, QuestionsArgs, SchemaOf, Shell};
pub use init::{InitArgs, Mode, Setup};
pub use keep::{CheckArgs, DiffArgs, UpdateArgs};
pub use method::is_of_knowledge;
pub use method::{KnowledgeArgs, KnowledgeCommand, MethodArgs, MethodCommand};
pub use pack::{LintArgs, RenderArgs, Selection, TestArgs};

use crate::error::{Code, Problem, Result};
use crate::pack::Catalog;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    /// For people.
    Text,
    /// One JSON document on stdout.
    Json,
}

/// Whether results and messages are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Where the terminal has colours and `NO_COLOR` is not set.
    Auto,
    /// Whatever reads them.
    Always,
    /// Not at all.
    Never,
}

/// What the user wants done.
#[derive(Debug)]
pub enum Request {
    /// `scaffold init`.
    Init(Box<InitArgs>),
    /// `scaffold update`, `scaffold set`.
    Update(Box<UpdateArgs>),
    /// `scaffold check`.
    Check(CheckArgs),
    /// `scaffold diff`.
    Diff(DiffArgs),
    /// `scaffold questions`.
    Questions(QuestionsArgs),
    /// `scaffold schema`.
    Schema(SchemaOf),
    /// `scaffold explain`, of the code of this name, or of all.
    Explain(Option<String>),
    /// `scaffold completions`.
    Completions(Shell),
    /// What can stand at the cursor of the command line that these words are; the first is the word there.
    Complete(Vec<String>),
    /// `scaffold man`, of the command that these words name.
    Man(Vec<String>),
    /// `scaffold doctor`.
    Doctor(DoctorArgs),
    /// `scaffold guide` and the other commands around the method.
    Method(MethodArgs),
    /// `scaffold knowledge …`.
    Knowledge(KnowledgeArgs),
    /// `scaffold pack lint`.
    PackLint(LintArgs),
    /// `scaffold pack render`.
    PackRender(Box<RenderArgs>),
    /// `scaffold pack test`.
    PackTest(Box<TestArgs>),
}

/// The name of the command that a command line asks for, for messages about it.
#[must_use]
pub fn command_name(arguments: &[OsString]) -> &'static str {
    let word = |index: usize| arguments.get(index).and_then(|word| word.to_str());
    match (word(1), word(2)) {
        (Some("pack"), Some("lint")) => "pack lint",
        (Some("pack"), Some("render")) => "pack render",
        (Some("pack"), Some("test")) => "pack test",
        (Some("pack"), _) => "pack",
        (Some("guide" | "run"), _) => "guide",
        (Some("list"), _) => "list",
        (Some("info"), _) => "info",
        (Some("status"), _) => "status",
        (Some("next"), _) => "next",
        (Some("complete"), _) => "complete",
        (Some("skip"), _) => "skip",
        (Some("reset"), _) => "reset",
        (Some("knowledge"), _) => "knowledge",
        (Some("update"), _) => "update",
        (Some("set"), _) => "set",
        (Some("check"), _) => "check",
        (Some("diff"), _) => "diff",
        (Some("questions"), _) => "questions",
        (Some("schema"), _) => "schema",
        (Some("explain"), _) => "explain",
        (Some("completions"), _) => "completions",
        (Some("man"), _) => "man",
        (Some("doctor"), _) => "doctor",
        _ => "init",
    }
}

/// Whether the command needs what packs say. Errors are explained also where a pack or a policy cannot be read.
#[must_use]
pub fn reads_packs(arguments: &[OsString]) -> bool {
    command_name(arguments) != "explain"
}

/// The packs that a command line names; needed before its flags can be known. `pack lint` and `pack test` read theirs
/// themselves.
#[must_use]
pub fn pack_folders(arguments: &[OsString]) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        } else if word == "--pack" {
            folders.extend(words.next().map(PathBuf::from));
        } else if let Some(folder) = after(word, "--pack=") {
            folders.push(PathBuf::from(folder));
        }
    }
    folders
}

/// What stands behind `start`, byte for byte where the system can: a path need not be UTF-8.
fn after(word: &OsStr, start: &str) -> Option<OsString> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let rest = word.as_bytes().strip_prefix(start.as_bytes())?;
        Some(OsStr::from_bytes(rest).to_owned())
    }
    #[cfg(not(unix))]
    Some(word.to_str()?.strip_prefix(start)?.into())
}

/// Whether the result is wanted as JSON; needed before the command line is known to be right.
#[must_use]
pub fn wanted_format(arguments: &[OsString]) -> Format {
    let json = value_of(arguments, "--format").is_some_and(|format| format == "json");
    if json { Format::Json } else { Format::Text }
}

/// Whether colours are wished for; needed before the command line is known to be right.
#[must_use]
pub fn wanted_colour(arguments: &[OsString]) -> Colour {
    match value_of(arguments, "--color").as_deref() {
        Some("always") => Colour::Always,
        Some("never") => Colour::Never,
        _ => Colour::Auto,
    }
}

/// Whether only errors and data are wanted.
#[must_use]
pub fn wants_quiet(arguments: &[OsString]) -> bool {
    arguments.iter().any(|word| word == "--quiet" || word == "-q")
}

/// The value of a flag on a command line that was not read yet.
fn value_of(arguments: &[OsString], flag: &str) -> Option<String> {
    let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
    let separate = words.windows(2).find(|pair| pair[0] == flag).map(|pair| pair[1].to_string());
    let joined = |word: &std::borrow::Cow<str>| {
        word.strip_prefix(flag)?.strip_prefix('=').map(str::to_owned)
    };
    separate.or_else(|| words.iter().find_map(joined))
}

/// The version, or the help of the program as a whole: these need no pack. In a terminal the program alone shows its help.
#[must_use]
pub fn without_packs(arguments: &[OsString], is_terminal: bool) -> Option<clap::Error> {
    let words: Vec<_> = arguments.iter().skip(1).map(|word| word.to_str()).collect();
    let alone = match words[..] {
        [] if is_terminal => ["scaffold", "-h"],
        [Some(word @ ("--help" | "-h"))] => ["scaffold", word],
        [Some(word @ ("--version" | "-V"))] => {
            // The other commands have no part in it.
            return program().try_get_matches_from(["scaffold", word]).err();
        }
        _ => return None,
    };
    command(&Catalog::default()).try_get_matches_from(alone).err()
}

/// Reads the command line.
///
/// # Errors
/// Everything that clap refuses, in our shape; asking for help or the version is no error but `Ok(Err(text))`.
pub fn parse(
    arguments: &[OsString],
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
        Err(error) => return Err(refusal::problem(&error, &command, arguments).into()),
    };
    let nested = |matches: &clap::ArgMatches| {
        matches.subcommand().map(|(name, inner)| (name.to_owned(), inner.clone()))
    };
    match nested(&matches) {
        Some((name, inner)) if name == "init" => {
            Ok(Ok(Request::Init(Box::new(init::arguments(&inner, catalog)?))))
        }
        Some((name, inner)) if method::METHOD.contains(&name.as_str()) => {
            Ok(Ok(Request::Method(method::method_arguments(&name, &inner))))
        }
        Some((name, inner)) if keep::KEEP.contains(&name.as_str()) => Ok(Ok(match name.as_str() {
            "check" => Request::Check(keep::check_arguments(&inner)),
            "diff" => Request::Diff(keep::diff_arguments(&inner)),
            name => Request::Update(Box::new(keep::update_arguments(name, &inner, catalog)?)),
        })),
        Some((name, inner)) if name == "knowledge" => {
            Ok(Ok(Request::Knowledge(method::knowledge_arguments(&inner))))
        }
        Some((name, inner)) if name != "pack" => Ok(Ok(describe::request(&name, &inner)?)),
        Some((_, inner)) => match nested(&inner) {
            Some((name, inner)) if name == "lint" => {
                Ok(Ok(Request::PackLint(pack::lint_arguments(&inner))))
            }
            Some((name, inner)) if name == "render" => {
                Ok(Ok(Request::PackRender(Box::new(pack::render_arguments(&inner, catalog)?))))
            }
            Some((_, inner)) => Ok(Ok(Request::PackTest(Box::new(pack::test_arguments(&inner)?)))),
            None => Err(Problem::new(Code::Usage, "no command is given").into()),
        },
        None => Err(Problem::new(Code::Usage, "no command is given").into()),
    }
}

/// All of the command line; flags of questions come from the catalog.
#[must_use]
pub fn command(catalog: &Catalog) -> Command {
    program()
        .about(env!("CARGO_PKG_DESCRIPTION"))
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .max_term_width(100)
        .after_help(
            "Start with:\n  scaffold init demo    asks, shows what it would write, and writes it\n  scaffold init --help  every flag of every project type, with examples\n  scaffold doctor       which programs the generated projects need",
        )
        .arg(
            Arg::new("color")
                .long("color")
                .value_name("WHEN")
                .value_parser(["auto", "always", "never"])
                .global(true)
                .help_heading("Output")
                .help("Colours [default: where the terminal has them and NO_COLOR is not set]"),
        )
        .arg(
            Arg::new("quiet")
                .long("quiet")
                .short('q')
                .action(ArgAction::SetTrue)
                .global(true)
                .help_heading("Output")
                .help("Print errors and data, and nothing else"),
        )
        .subcommand(init::command(catalog))
        .subcommands(keep::commands(catalog))
        .subcommands(method::commands())
        .subcommands(describe::commands())
        .subcommand(pack::command(catalog))
}

fn program() -> Command {
    // Help names it as its documents do, where its file is called `scaffold.exe` too.
    Command::new("scaffold").bin_name("scaffold").version(env!("CARGO_PKG_VERSION"))
}

/// `--pack`, which is read before everything else.
fn pack_arg() -> Arg {
    Arg::new("pack")
        .long("pack")
        .value_name("DIR")
        .action(ArgAction::Append)
        .value_parser(clap::value_parser!(PathBuf))
        .help("Add a pack of project types; can be repeated")
}

/// `--no-input`, of the commands that may ask.
fn no_input_arg() -> Arg {
    Arg::new("no-input")
        .long("no-input")
        .action(ArgAction::SetTrue)
        .help("Ask nothing, in a terminal too; so do the variables SCAFFOLD_NO_INPUT and CI")
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
