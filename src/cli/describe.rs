//! The arguments of the commands that describe: `questions`, `schema`, `explain`, `completions`, `man`, `doctor`.

use super::{Format, Request, format_arg, format_of, no_input_arg, pack_arg};
use crate::error::{Code, Problem, Result};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};

/// The arguments of `questions`.
#[derive(Debug)]
pub struct QuestionsArgs {
    /// Without one, the types are listed.
    pub project_type: Option<String>,
    /// How to print.
    pub format: Format,
}

/// The arguments of `doctor`.
#[derive(Debug)]
pub struct DoctorArgs {
    /// Without one, all of them.
    pub project_type: Option<String>,
    /// Run what packs of others name.
    pub trust: bool,
    /// Whether anything may be asked, where there is a terminal.
    pub asks: bool,
    /// How to print.
    pub format: Format,
}

/// A shell that can complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// `bash`
    Bash,
    /// `elvish`
    Elvish,
    /// `fish`
    Fish,
    /// `powershell`
    PowerShell,
    /// `zsh`
    Zsh,
}

/// What a schema describes.
#[derive(Debug)]
pub enum SchemaOf {
    /// Documents that are printed.
    Output,
    /// An overlay.
    Overlay,
    /// `config.yml`.
    Config,
    /// An answers file for the type of this name.
    Answers(String),
}

pub(super) fn commands() -> [Command; 7] {
    let of_type = |help: &'static str| Arg::new("type").value_name("TYPE").help(help);
    [
        Command::new("questions")
            .about("List what can be asked for a project type, with flags, values and defaults")
            .arg(of_type("The project type [default: list the types]"))
            .arg(pack_arg())
            .arg(format_arg()),
        Command::new("schema")
            .about("Print a JSON Schema")
            .arg(
                Arg::new("of")
                    .value_name("WHAT")
                    .required(true)
                    .value_parser(["output", "answers", "overlay", "config"])
                    .help("Of what"),
            )
            .arg(of_type("The project type; only for `answers`"))
            .arg(pack_arg()),
        Command::new("explain").about("Explain an error code, and how to fix it").arg(
            Arg::new("code")
                .value_name("CODE")
                .value_parser(PossibleValuesParser::new(Code::ALL.iter().map(|code| code.name)))
                .hide_possible_values(true)
                .help("The word in brackets after `error` [default: list the codes]"),
        ),
        Command::new("completions")
            .about("Print completions for a shell: commands, flags and their values")
            .arg(
                Arg::new("shell")
                    .value_name("SHELL")
                    .required(true)
                    .value_parser(["bash", "elvish", "fish", "powershell", "zsh"])
                    .help("Which shell"),
            ),
        Command::new("__complete").hide(true).about("Say what can stand at the cursor").arg(
            Arg::new("words")
                .value_name("WORDS")
                .num_args(0..)
                .trailing_var_arg(true)
                .allow_hyphen_values(true),
        ),
        Command::new("man").about("Print a manual page, as `man -l -` reads it").arg(
            Arg::new("command")
                .value_name("COMMAND")
                .action(ArgAction::Append)
                .num_args(0..)
                .help("The command [default: the program]"),
        ),
        Command::new("doctor")
            .about("Check that the programs that generated repositories need are installed")
            .arg(of_type("The project type [default: all]"))
            .arg(pack_arg())
            .arg(
                Arg::new("trust").long("trust").action(ArgAction::SetTrue).help(
                    "Run the programs that the packs name, now and later, until a pack changes",
                ),
            )
            .arg(no_input_arg())
            .arg(format_arg()),
    ]
}

/// What one of these commands asks for.
pub(super) fn request(name: &str, matches: &ArgMatches) -> Result<Request> {
    // Each command has its own arguments only; the others are absent.
    let text = |id: &str| matches.try_get_one::<String>(id).ok().flatten().cloned();
    let project_type = text("type");
    Ok(match name {
        "questions" => {
            Request::Questions(QuestionsArgs { project_type, format: format_of(matches) })
        }
        "doctor" => {
            let trust = matches.get_flag("trust");
            let format = format_of(matches);
            let asks = format == Format::Text && !matches.get_flag("no-input");
            Request::Doctor(DoctorArgs { project_type, trust, asks, format })
        }
        "completions" => Request::Completions(match text("shell").as_deref() {
            Some("bash") => Shell::Bash,
            Some("elvish") => Shell::Elvish,
            Some("fish") => Shell::Fish,
            Some("powershell") => Shell::PowerShell,
            _ => Shell::Zsh,
        }),
        "__complete" => {
            let words = matches.get_many::<String>("words").into_iter().flatten();
            Request::Complete(words.cloned().collect())
        }
        "explain" => Request::Explain(text("code")),
        "man" => {
            let words = matches.get_many::<String>("command").into_iter().flatten();
            Request::Man(words.cloned().collect())
        }
        _ => Request::Schema(schema(text("of").as_deref(), project_type)?),
    })
}

fn schema(of: Option<&str>, project_type: Option<String>) -> Result<SchemaOf> {
    match (of, project_type) {
        (Some("answers"), Some(name)) => Ok(SchemaOf::Answers(name)),
        (Some("answers"), None) => {
            let problem = Problem::new(Code::Usage, "`schema answers` needs a project type");
            Err(problem.hint("`scaffold questions` lists them").into())
        }
        (_, Some(name)) => {
            let message = format!("`{}` is not expected", crate::formats::hidden::visible(&name));
            Err(Problem::new(Code::Usage, message)
                .hint("only `schema answers` takes a project type")
                .into())
        }
        (Some("output"), None) => Ok(SchemaOf::Output),
        (Some("overlay"), None) => Ok(SchemaOf::Overlay),
        _ => Ok(SchemaOf::Config),
    }
}
