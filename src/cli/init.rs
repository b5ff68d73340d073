//! `scaffold init`: its own flags, and those of every question in the catalog.

use super::{Format, no_input_arg, pack_arg};
use crate::answers::{Given, PROJECT_TYPE, Raw, Source};
use crate::error::{Code, Place, Problem, Result};
use crate::formats::hidden;
use crate::pack::overlay::Kind;
use crate::pack::{Catalog, Question, value};
use crate::write::OnConflict;
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};
use indexmap::IndexMap;
use std::path::PathBuf;

/// How to ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    /// Lists that are moved through with keys; plain lines where the terminal cannot do that.
    Screens,
    /// Numbered lines, for screen readers and for terminals without cursor movement.
    Plain,
}

/// Which commands of the new repository are run once it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// What prepares it.
    Only,
    /// Then the one that does the main job.
    Run,
    /// Then the one that tests, lints and types.
    Check,
}

/// The arguments of `init`, not yet resolved.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of the command line, independent of the others
pub struct InitArgs {
    /// The destination, `--root` included.
    pub destination: PathBuf,
    /// Answers given by flag and by `--set`.
    pub given: Vec<Given>,
    /// One line about the project.
    pub idea: String,
    /// Defaults instead of questions.
    pub auto: bool,
    /// But none for the type's own questions.
    pub strict: bool,
    /// Whether anything may be asked, where there is a terminal.
    pub asks: bool,
    /// How to ask.
    pub mode: Mode,
    /// The packs that are named, for the command that repeats the run.
    pub packs: Vec<String>,
    /// The digest that the files must have.
    pub expect: Option<String>,
    /// A file with answers, or `-`.
    pub answers: Option<String>,
    /// Start again in an initialised folder.
    pub force: bool,
    /// The root of the repository around the destination, and agreement to the files that packs write there.
    pub repository: Option<PathBuf>,
    /// Write nothing, show the tree.
    pub dry_run: bool,
    /// Write nothing, show the differences.
    pub diff: bool,
    /// What to do with files that differ; `None` asks in a terminal and fails elsewhere.
    pub on_conflict: Option<OnConflict>,
    /// What is run afterwards; `None` is nothing, unless the wizard is told so.
    pub setup: Option<Setup>,
    /// Agreement to what the packs run.
    pub trust: bool,
    /// `git init` in a new repository.
    pub git: bool,
    /// Say more.
    pub verbose: bool,
    /// How to print.
    pub format: Format,
}

pub(super) fn command(catalog: &Catalog) -> Command {
    Command::new("init")
        .about("Generate a repository from answers: by questions in a terminal, or by flags")
        .arg(
            Arg::new("dir")
                .value_name("DIR")
                .help("Where to write [default: the current folder]")
                .value_parser(paths()),
        )
        .args(answer_args(catalog))
        .args(write_args())
        .args(setup_args())
        .args(output_args())
        .args(question_args(catalog))
        .after_help("`scaffold init --help` explains every value and has examples.")
        .after_long_help(EXAMPLES)
}

const EXAMPLES: &str = "\
Examples:
  Ask for everything, in a terminal:
    scaffold init demo
  Ask for nothing; take defaults and say which:
    scaffold init demo --auto --pipeline-processing batch
  See what would be written, then write exactly that:
    scaffold init demo --answers answers.yml --dry-run --format json
    scaffold init demo --answers answers.yml --expect sha256:…
  Answer from the environment or from standard input:
    SCAFFOLD_SET_PROCESSING_MODEL=batch scaffold init demo --auto
    scaffold init demo --answers - < answers.yml
  Write it, install what it needs and run its tests:
    scaffold init demo --auto --pipeline-processing batch --setup=check
  In a folder that has files already, write what differs beside them:
    scaffold init . --on-conflict beside
  List what can be asked for a type:
    scaffold questions data-pipeline";

fn paths() -> clap::builder::ValueParser {
    clap::value_parser!(PathBuf)
}

/// The flags by which answers are given, but for those of questions.
pub(super) fn answer_args(catalog: &Catalog) -> Vec<Arg> {
    let types: Vec<PossibleValue> = catalog
        .types()
        .map(|t| PossibleValue::new(t.name.clone()).help(hidden::folded(&t.description)))
        .collect();
    let heading = "Answers";
    vec![
        repeatable("project-type", "TYPE", "What to make")
            .value_parser(Known(types))
            .help_heading(heading),
        Arg::new("auto")
            .long("auto")
            .action(ArgAction::SetTrue)
            .help_heading(heading)
            .help("Take defaults for what is not given, ask nothing"),
        no_input_arg().help_heading(heading),
        Arg::new("strict")
            .long("strict")
            .action(ArgAction::SetTrue)
            .help_heading(heading)
            .help("Take no default for the type's own questions, not even with --auto"),
        Arg::new("idea")
            .long("idea")
            .value_name("TEXT")
            .help_heading(heading)
            .help("One line about the project; the default description"),
        Arg::new("answers")
            .long("answers")
            .value_name("FILE")
            .help_heading(heading)
            .value_hint(ValueHint::FilePath)
            .help("Read answers from a file in the shape of config.yml; `-` is stdin"),
        repeatable(
            "set",
            "FIELD=VALUE",
            "Answer by the field's name in config.yml; can be repeated",
        )
        .help_heading(heading),
        pack_arg().help_heading(heading),
    ]
}

pub(super) fn write_args() -> Vec<Arg> {
    let heading = "Writing";
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help_heading(heading).help(help)
    };
    vec![
        Arg::new("root").long("root").value_name("DIR").value_parser(paths()).help_heading(heading).help("Take DIR as relative to this folder"),
        Arg::new("repository").long("repository").value_name("DIR").value_parser(paths()).help_heading(heading)
            .help("Use DIR as the root of the repository around the destination, and agree to the files that packs write there"),
        switch("dry-run", "Write nothing: show the tree with what would happen to each file"),
        switch("diff", "Write nothing: show the differences"),
        Arg::new("on-conflict").long("on-conflict").value_name("HOW").value_parser(CONFLICT_WORDS).help_heading(heading)
            .help("What to do with a file that exists and differs [default: ask in a terminal, else fail]"),
        switch("force", "Start again in a folder that has a config.yml; its answers become the defaults"),
        Arg::new("expect").long("expect").value_name("DIGEST").help_heading(heading)
            .help("Write only if the files have this digest, which --dry-run --format json prints"),
        switch("no-git", "Do not run `git init`"),
    ]
}

fn setup_args() -> [Arg; 2] {
    let heading = "Afterwards";
    let values = [
        PossibleValue::new("setup").help("install what it needs"),
        PossibleValue::new("run").help("then run it once"),
        PossibleValue::new("check").help("then run its tests, lint and types"),
    ];
    [
        Arg::new("setup")
            .long("setup")
            .value_name("UNTIL")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("setup")
            .value_parser(values)
            .help_heading(heading)
            .help("Run the commands of the new repository, until this one [default: setup]"),
        Arg::new("trust")
            .long("trust")
            .action(ArgAction::SetTrue)
            .help_heading(heading)
            .help("Agree that packs run programs, now and later, until a pack changes"),
    ]
}

const CONFLICT_WORDS: [&str; 6] = ["fail", "keep", "overwrite", "markers", "beside", "ask"];

pub(super) fn output_args() -> Vec<Arg> {
    let heading = "Output";
    vec![
        Arg::new("format").long("format").value_name("FORMAT").value_parser(["text", "json", "auto", "interactive"]).default_value("text")
            .help_heading(heading).help("`json` asks nothing and prints one document; `auto` is --auto, `interactive` is text"),
        Arg::new("plain").long("plain").action(ArgAction::SetTrue).help_heading(heading).help("Ask in numbered lines, for screen readers"),
        Arg::new("verbose").long("verbose").short('v').action(ArgAction::SetTrue).help_heading(heading).help("Show each file, and where each answer came from"),
    ]
}

fn repeatable(
    name: impl Into<clap::builder::Str> + Clone + Into<clap::Id>,
    value: impl Into<clap::builder::Str>,
    help: impl Into<clap::builder::StyledStr>,
) -> Arg {
    Arg::new(name.clone()).long(name).value_name(value).action(ArgAction::Append).help(help)
}

/// Questions by flag, their texts cleaned for help, completions and manual pages: the same flag of two types is one argument.
fn flags(catalog: &Catalog) -> IndexMap<&str, (Vec<&str>, &Question)> {
    let mut flags: IndexMap<&str, (Vec<&str>, &Question)> = IndexMap::new();
    for project_type in catalog.types() {
        for question in &project_type.questions {
            let entry = flags.entry(question.flag.as_str()).or_insert((Vec::new(), question));
            entry.0.push(project_type.name.as_str());
        }
    }
    flags
}

/// The flags of questions.
pub(super) fn question_args(catalog: &Catalog) -> Vec<Arg> {
    let mut args = Vec::new();
    for (flag, (types, question)) in flags(catalog) {
        let heading = if question.common { "Every project".to_owned() } else { types.join(", ") };
        let mut arg = repeatable(flag.to_owned(), value_name(question), help(question))
            .long_help(long_help(question))
            .help_heading(heading.clone());
        for alias in &question.aliases {
            arg = arg.alias(alias.clone());
        }
        if question.kind == Kind::Bool {
            arg = arg.num_args(0..=1).require_equals(true).default_missing_value("true");
            let no = format!("no-{flag}");
            args.push(
                Arg::new(no.clone())
                    .long(no)
                    .action(ArgAction::Count)
                    .hide(true)
                    .help_heading(heading),
            );
        }
        args.push(arg.value_parser(Known(possible(question))));
    }
    args
}

fn value_name(question: &Question) -> &'static str {
    match question.kind {
        Kind::Choice => "VALUE",
        Kind::MultiChoice => "VALUES",
        Kind::Bool => "BOOL",
        Kind::Text => "TEXT",
        Kind::Integer => "NUMBER",
    }
}

fn help(question: &Question) -> String {
    use crate::pack::overlay::Default;
    let tail = match (&question.default, question.kind) {
        (None, _) => " [required]".to_owned(),
        (Some(Default::Value(value)), _) => format!(" [default: {value}]"),
        (Some(Default::Expr(_)), _) => String::new(),
    };
    let negated = if question.kind == Kind::Bool {
        format!(" (--no-{} says no)", question.flag)
    } else {
        String::new()
    };
    hidden::folded(&format!("{}{negated}{tail}", question.ask))
}

/// As [`help`], with the longer explanation of the question.
fn long_help(question: &Question) -> String {
    let more = question.help.iter().map(|more| format!("\n\n{}", hidden::lines(more)));
    std::iter::once(help(question)).chain(more).collect()
}

fn possible(question: &Question) -> Vec<PossibleValue> {
    let is_list = question.kind == Kind::MultiChoice;
    let none = is_list.then(|| PossibleValue::new("none").help("nothing of these"));
    let all = (is_list && !question.choices.0.contains_key(value::ALL))
        .then(|| PossibleValue::new(value::ALL).help("all of these"));
    let choices = question.choices.0.iter().map(|(value, choice)| {
        PossibleValue::new(value.clone()).help(hidden::folded(&choice.help))
    });
    choices.chain(all).chain(none).collect()
}

/// Shows values in the help and to completions, but leaves the checking, and its words, to the answers stage.
#[derive(Clone)]
struct Known(Vec<PossibleValue>);

impl TypedValueParser for Known {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> std::result::Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        (!self.0.is_empty()).then(|| Box::new(self.0.iter().cloned()) as Box<_>)
    }
}

/// The arguments, of which other commands than `init` have only some.
pub(super) fn arguments(matches: &ArgMatches, catalog: &Catalog) -> Result<InitArgs> {
    let text = |name: &str| matches.try_get_one::<String>(name).ok().flatten().cloned();
    let path = |name: &str| matches.try_get_one::<PathBuf>(name).ok().flatten().cloned();
    let is_set = |name: &str| matches.try_get_one::<bool>(name).ok().flatten() == Some(&true);
    let format = text("format").unwrap_or_default();
    let how = text("on-conflict").unwrap_or_default();
    let on_conflict = OnConflict::ALL.into_iter().find(|on_conflict| on_conflict.word() == how);
    Ok(InitArgs {
        destination: path("root")
            .unwrap_or_default()
            .join(path("dir").unwrap_or_else(|| PathBuf::from("."))),
        given: given(matches, catalog)?,
        idea: text("idea").unwrap_or_default(),
        auto: is_set("auto") || format == "auto",
        strict: is_set("strict"),
        asks: format != "json" && !is_set("no-input"),
        mode: if is_set("plain") { Mode::Plain } else { Mode::Screens },
        packs: matches
            .get_many::<PathBuf>("pack")
            .into_iter()
            .flatten()
            .map(|folder| folder.display().to_string().replace('\\', "/"))
            .collect(),
        expect: text("expect"),
        answers: text("answers"),
        force: is_set("force"),
        repository: path("repository"),
        dry_run: is_set("dry-run"),
        diff: is_set("diff"),
        on_conflict,
        setup: text("setup").map(|until| match until.as_str() {
            "run" => Setup::Run,
            "check" => Setup::Check,
            _ => Setup::Only,
        }),
        trust: is_set("trust"),
        git: !is_set("no-git"),
        verbose: is_set("verbose"),
        format: if format == "json" { Format::Json } else { Format::Text },
    })
}

fn given(matches: &ArgMatches, catalog: &Catalog) -> Result<Vec<Given>> {
    let mut all = Vec::new();
    for word in matches.get_many::<String>("project-type").into_iter().flatten() {
        all.push(by_flag(PROJECT_TYPE, "--project-type", word));
    }
    for (flag, (_, question)) in flags(catalog) {
        for word in matches.get_many::<String>(flag).into_iter().flatten() {
            all.push(by_flag(flag, &format!("--{flag}"), word));
        }
        if question.kind == Kind::Bool {
            let no = format!("no-{flag}");
            all.extend(
                (0..matches.get_count(&no)).map(|_| by_flag(flag, &format!("--{no}"), "false")),
            );
        }
    }
    for pair in matches.get_many::<String>("set").into_iter().flatten() {
        let Some((field, value)) = pair.split_once('=') else {
            let message = format!("`{}` is not FIELD=VALUE", crate::formats::hidden::visible(pair));
            return Err(Problem::new(Code::Usage, message).flag("--set").into());
        };
        all.push(Given { source: Source::Set, ..by_flag(field, "--set", value) });
    }
    Ok(all)
}

fn by_flag(field: &str, flag: &str, word: &str) -> Given {
    let place = Place::Flag { flag: flag.to_owned() };
    Given {
        field: field.to_owned(),
        raw: Raw::Word(word.to_owned()),
        source: Source::Flag,
        place,
        locked: false,
    }
}
