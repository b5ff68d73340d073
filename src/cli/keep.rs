//! The arguments of the commands around a repository's past: `update`, `set`, `check`, `diff`.

use super::init::{self, InitArgs};
use super::{Format, format_arg, format_of, pack_arg};
use crate::error::Result;
use crate::pack::Catalog;
use clap::{Arg, ArgAction, ArgMatches, Command};

/// The names of these commands.
pub(super) const KEEP: [&str; 4] = ["update", "set", "check", "diff"];

/// The arguments of `update` and `set`.
#[derive(Clone, Debug)]
pub struct UpdateArgs {
    /// `update` or `set`.
    pub name: &'static str,
    /// New answers, and how to write.
    pub init: InitArgs,
    /// Write to files with changes that are in no commit.
    pub allow_dirty: bool,
    /// Undo the last update.
    pub abort: bool,
    /// `set` without an answer: whoever sits at a terminal looks at all answers and changes some.
    pub looks: bool,
}

/// The arguments of `check`.
#[derive(Debug)]
pub struct CheckArgs {
    /// Fail where anything differs.
    pub strict: bool,
    /// How to print.
    pub format: Format,
}

/// The arguments of `diff`.
#[derive(Debug)]
pub struct DiffArgs {
    /// Only this file, or what is below this folder.
    pub path: Option<String>,
    /// Only how many lines differ.
    pub stat: bool,
    /// What an update would change, not what the user changed.
    pub update: bool,
}

pub(super) fn commands(catalog: &Catalog) -> [Command; 4] {
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    let writing = |command: Command| {
        let is_ours =
            |arg: &Arg| ["pack", "no-input", "project-type"].iter().any(|id| arg.get_id() == *id);
        let answers = init::answer_args(catalog).into_iter().filter(is_ours);
        let answers = answers.map(|arg| arg.clone().hide(arg.get_id() == "project-type"));
        let how = ["repository", "dry-run", "diff", "on-conflict", "expect"];
        let is_how = |arg: &Arg| how.iter().any(|id| arg.get_id() == *id);
        command
            .args(answers)
            .args(init::write_args().into_iter().filter(is_how))
            .arg(
                switch("allow-dirty", "Also change files that have changes of yours in no commit")
                    .help_heading("Writing"),
            )
            .args(init::output_args())
            .args(init::question_args(catalog))
    };
    let update = writing(
            Command::new("update")
                .about("Bring a generated repository to this version of its pack, with every line of yours kept")
                .arg(
                    Arg::new("set")
                        .long("set")
                        .value_name("FIELD=VALUE")
                        .action(ArgAction::Append)
                        .help_heading("Answers")
                        .help("Change an answer as well; can be repeated"),
                ),
        );
    let together =
        ["repository", "dry-run", "format", "no-input", "color", "quiet", "verbose", "plain"];
    let others: Vec<String> = update.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    let others = others.into_iter().filter(|id| !together.contains(&id.as_str()));
    let abort =
        switch("abort", "Undo the last update or set, as long as nothing that it wrote was edited");
    [
        update.arg(abort.help_heading("Writing").conflicts_with_all(others)),
        writing(
            Command::new("set")
                .about("Change answers of a generated repository: what they bring is added, what they brought is removed")
                .after_help("Without an answer, in a terminal, all answers are shown and any of them can be changed.")
                .arg(
                    Arg::new("set")
                        .value_name("FIELD=VALUE")
                        .action(ArgAction::Append)
                        .num_args(0..)
                        .help("Answers by the field's name in config.yml; the flags of questions do the same"),
                ),
        ),
        Command::new("check")
            .about("Show which generated files were edited or deleted, and whether an update is at hand")
            .arg(switch("strict", "End with status 4 where anything differs"))
            .arg(pack_arg())
            .arg(format_arg()),
        Command::new("diff")
            .about("Show what you changed in generated files")
            .arg(Arg::new("path").value_name("PATH").help("Only this file, or what is below this folder"))
            .arg(switch("stat", "Only count the lines"))
            .arg(switch("update", "Show what an update would change instead"))
            .arg(pack_arg()),
    ]
}

pub(super) fn update_arguments(
    name: &str,
    matches: &ArgMatches,
    catalog: &Catalog,
) -> Result<UpdateArgs> {
    // Its answers are the defaults, as with `init --force`; nobody is asked for more.
    let init = InitArgs { auto: true, force: true, ..init::arguments(matches, catalog)? };
    let name = if name == "set" { "set" } else { "update" };
    Ok(UpdateArgs {
        name,
        looks: name == "set" && init.given.is_empty(),
        init,
        allow_dirty: matches.get_flag("allow-dirty"),
        abort: name == "update" && matches.get_flag("abort"),
    })
}

pub(super) fn check_arguments(matches: &ArgMatches) -> CheckArgs {
    CheckArgs { strict: matches.get_flag("strict"), format: format_of(matches) }
}

pub(super) fn diff_arguments(matches: &ArgMatches) -> DiffArgs {
    DiffArgs {
        path: matches.get_one::<String>("path").cloned(),
        stat: matches.get_flag("stat"),
        update: matches.get_flag("update"),
    }
}
