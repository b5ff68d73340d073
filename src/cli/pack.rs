//! `scaffold pack`: the arguments of the commands for template authors.

use super::{Format, InitArgs, format_arg, format_of, init};
use crate::error::{Code, Problem, Result};
use crate::pack::Catalog;
use crate::pack::expression::Expr;
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};
use std::path::PathBuf;
use std::time::Duration;

/// The arguments of `pack lint`.
#[derive(Debug)]
pub struct LintArgs {
    /// The pack; `None` is the built-in one.
    pub folder: Option<PathBuf>,
    /// How to print.
    pub format: Format,
}

/// The arguments of `pack render`.
#[derive(Debug)]
pub struct RenderArgs {
    /// The answers, as `init --auto --dry-run` takes them.
    pub init: InitArgs,
    /// The file to show, below the repository; `None` shows the tree.
    pub path: Option<String>,
}

/// Which configurations are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Test every combination of each type's own answers.
    All,
    /// Every pair of answers.
    Pairwise,
    /// So many, chosen by a seed.
    Sample {
        /// For each type.
        count: usize,
        /// The same seed chooses the same ones.
        seed: u64,
    },
}

/// The arguments of `pack test`.
#[derive(Debug)]
pub struct TestArgs {
    /// The pack; `None` is the built-in one.
    pub folder: Option<PathBuf>,
    /// Which configurations.
    pub selection: Selection,
    /// Of those, only the ones for which this holds; reads answers and `projectType`.
    pub only: Option<Expr>,
    /// Write, set up, run and check each.
    pub run: bool,
    /// How many at once.
    pub jobs: usize,
    /// What one command may take.
    pub timeout: Duration,
    /// Leave out what an earlier run has shown for the same files.
    pub resume: bool,
    /// A Markdown table to write.
    pub report: Option<PathBuf>,
    /// A `JUnit` file to write.
    pub junit: Option<PathBuf>,
    /// How to print.
    pub format: Format,
}

pub(super) fn command(catalog: &Catalog) -> Command {
    Command::new("pack")
        .about("Check and test a pack: its overlays, its layers and every repository that it can generate")
        .subcommand_required(true)
        .subcommand(
            Command::new("lint")
                .about("Report what is wrong or unused in a pack")
                .arg(folder())
                .arg(format_arg()),
        )
        .subcommand(render(catalog))
        .subcommand(test())
}

fn folder() -> Arg {
    Arg::new("folder")
        .value_name("DIR")
        .value_parser(value_parser!(PathBuf))
        .help("The pack [default: the built-in one]")
}

fn render(catalog: &Catalog) -> Command {
    Command::new("render")
        .about("Show the tree that these answers give, or one file and where each part of it comes from; writes nothing")
        .arg(Arg::new("path").value_name("PATH").help("The file to show, below the repository [default: the tree]"))
        .args(init::answer_args(catalog))
        .args(init::question_args(catalog))
        .arg(format_arg())
}

fn test() -> Command {
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("test")
        .about("Generate configurations in memory and inspect them; with --run, also set up, run and check each")
        .arg(folder())
        .arg(switch("all", "Test every combination of each type's own answers [default without --run]"))
        .arg(switch("pairwise", "Test a few configurations that cover every pair of answers [default with --run]"))
        .arg(number("sample", "N", "This many of each type, chosen by --seed"))
        .group(ArgGroup::new("selection").args(["all", "pairwise", "sample"]))
        .arg(number("seed", "S", "The seed that chooses the sample [default: 1]").requires("sample"))
        .arg(Arg::new("only").long("only").value_name("EXPR").help("Only configurations for which this expression over answers holds"))
        .arg(switch("run", "Write each to a temporary folder with an empty home, then execute its setup, run and check commands"))
        .arg(number("jobs", "N", "Test this many at the same time [default: 1]").requires("run"))
        .arg(number("timeout", "SECONDS", "The longest time for one command [default: 900]").requires("run"))
        .arg(switch("resume", "Skip configurations that passed before with the same files").requires("run"))
        .arg(path("report", "Write a Markdown table"))
        .arg(path("junit", "Write a JUnit file"))
        .arg(format_arg())
}

fn number(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .value_parser(value_parser!(u64).range(1..))
        .help(help)
}

fn path(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help)
}

pub(super) fn lint_arguments(matches: &ArgMatches) -> LintArgs {
    LintArgs { folder: matches.get_one::<PathBuf>("folder").cloned(), format: format_of(matches) }
}

pub(super) fn render_arguments(matches: &ArgMatches, catalog: &Catalog) -> Result<RenderArgs> {
    let given = init::arguments(matches, catalog)?;
    let init = InitArgs { auto: true, asks: false, dry_run: true, ..given };
    Ok(RenderArgs { init, path: matches.get_one::<String>("path").cloned() })
}

pub(super) fn test_arguments(matches: &ArgMatches) -> Result<TestArgs> {
    let number = |name: &str| matches.get_one::<u64>(name).copied();
    let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
    let run = matches.get_flag("run");
    let count = number("sample").map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    let selection = match count {
        Some(count) => Selection::Sample { count, seed: number("seed").unwrap_or(1) },
        None if matches.get_flag("pairwise") || (run && !matches.get_flag("all")) => {
            Selection::Pairwise
        }
        None => Selection::All,
    };
    let only = match matches.get_one::<String>("only") {
        Some(source) => Some(expression(source)?),
        None => None,
    };
    Ok(TestArgs {
        folder: path("folder"),
        selection,
        only,
        run,
        jobs: usize::try_from(number("jobs").unwrap_or(1)).unwrap_or(1),
        timeout: Duration::from_secs(number("timeout").unwrap_or(900)),
        resume: matches.get_flag("resume"),
        report: path("report"),
        junit: path("junit"),
        format: format_of(matches),
    })
}

fn expression(source: &str) -> Result<Expr> {
    Expr::new(source).map_err(|fault| {
        let message = format!("`{source}` is not an expression: {}", fault.message);
        Problem::new(Code::Usage, message).flag("--only").into()
    })
}
