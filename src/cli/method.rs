//! The arguments of the commands around the method and its knowledge.

use super::{Format, format_arg, format_of, pack_arg};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

/// What is asked of the method of a project.
#[derive(Debug)]
pub enum MethodCommand {
    /// The text of a step that stands alone.
    Guide(String),
    /// What is known of a step.
    Info(String),
    /// Every step.
    List,
    /// The steps of this project.
    Status,
    /// The steps that can be begun.
    Next,
    /// A step is done.
    Complete(String),
    /// A step is not wanted, and why.
    Skip(String, String),
    /// A step is pending again.
    Reset(String),
}

/// The arguments of these commands.
#[derive(Debug)]
pub struct MethodArgs {
    /// Which.
    pub command: MethodCommand,
    /// How deep the guide goes, from 1 to 5.
    pub depth: Option<i64>,
    /// How to print.
    pub format: Format,
}

/// What is asked of the documents.
#[derive(Debug)]
pub enum KnowledgeCommand {
    /// All of them.
    List,
    /// One.
    Show(String),
    /// Those that have all of these words.
    Search(Vec<String>),
    /// Whether they are still true.
    Check,
}

/// The arguments of `knowledge`.
#[derive(Debug)]
pub struct KnowledgeArgs {
    /// Which.
    pub command: KnowledgeCommand,
    /// How to print.
    pub format: Format,
}

/// The names of the commands around the method.
pub(super) const METHOD: [&str; 8] =
    ["guide", "list", "info", "status", "next", "complete", "skip", "reset"];

/// Whether a word of a command line may be the name of a command that takes a step or a document.
#[must_use]
pub fn is_of_knowledge(word: &str) -> bool {
    METHOD.contains(&word) || matches!(word, "run" | "knowledge")
}

pub(super) fn commands() -> Vec<Command> {
    let plain = |name: &'static str, about: &'static str| {
        Command::new(name).about(about).arg(pack_arg()).arg(format_arg())
    };
    let of_step = |name: &'static str, about: &'static str| {
        let step = Arg::new("step")
            .value_name("STEP")
            .required(true)
            .help("The step; `scaffold list` names them");
        plain(name, about).arg(step)
    };
    let depth = Arg::new("depth")
        .long("depth")
        .value_name("N")
        .value_parser(value_parser!(i64).range(1..=5))
        .help("From 1, the core, to 5, everything [default: as the project has it]");
    let why = Arg::new("reason")
        .long("reason")
        .value_name("TEXT")
        .required(true)
        .help("Why it is not wanted");
    vec![
        of_step("guide", "Print the guide of a step: one text with the knowledge that it needs")
            .visible_alias("run")
            .arg(depth),
        plain("list", "List all steps, and whether this project uses them"),
        of_step("info", "Show the details of a step"),
        plain("status", "Show how far this project has come"),
        plain("next", "List the steps that can be started"),
        of_step("complete", "Record that a step is done"),
        of_step("skip", "Record that a step is skipped").arg(why),
        of_step("reset", "Make a step pending again"),
        knowledge(),
    ]
}

fn knowledge() -> Command {
    let plain = |name: &'static str, about: &'static str| {
        Command::new(name).about(about).arg(pack_arg()).arg(format_arg())
    };
    Command::new("knowledge")
        .about("List, show, search and check the documents that guides are merged from")
        .subcommand_required(true)
        .subcommand(plain("list", "List all documents"))
        .subcommand(
            plain("show", "Print a document")
                .arg(Arg::new("name").value_name("NAME").required(true).help("Which")),
        )
        .subcommand(
            plain("search", "Find documents that have all of the words, the best first").arg(
                Arg::new("words")
                    .value_name("WORDS")
                    .required(true)
                    .action(ArgAction::Append)
                    .num_args(1..)
                    .help("In any case, whole or their beginnings"),
            ),
        )
        .subcommand(plain(
            "check",
            "Find documents that are old, without sources, or with dead links or broken examples",
        ))
}

pub(super) fn method_arguments(name: &str, matches: &ArgMatches) -> MethodArgs {
    let text =
        |id: &str| matches.try_get_one::<String>(id).ok().flatten().cloned().unwrap_or_default();
    let step = text("step");
    let command = match name {
        "guide" => MethodCommand::Guide(step),
        "info" => MethodCommand::Info(step),
        "list" => MethodCommand::List,
        "status" => MethodCommand::Status,
        "next" => MethodCommand::Next,
        "complete" => MethodCommand::Complete(step),
        "skip" => MethodCommand::Skip(step, text("reason")),
        _ => MethodCommand::Reset(step),
    };
    let depth = matches.try_get_one::<i64>("depth").ok().flatten().copied();
    MethodArgs { command, depth, format: format_of(matches) }
}

pub(super) fn knowledge_arguments(matches: &ArgMatches) -> KnowledgeArgs {
    let (name, inner) = matches.subcommand().expect("clap requires one");
    let command = match name {
        "list" => KnowledgeCommand::List,
        "show" => {
            KnowledgeCommand::Show(inner.get_one::<String>("name").cloned().unwrap_or_default())
        }
        "search" => KnowledgeCommand::Search(
            inner.get_many::<String>("words").into_iter().flatten().cloned().collect(),
        ),
        _ => KnowledgeCommand::Check,
    };
    KnowledgeArgs { command, format: format_of(inner) }
}
