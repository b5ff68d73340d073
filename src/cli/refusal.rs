//! What clap refuses, in our words.

use crate::error::{Code, Problem};
use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;

pub(super) fn problem(error: &clap::Error, command: &Command, words: &[OsString]) -> Problem {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let argument = context(ContextKind::InvalidArg);
    let flag = argument.split([' ', '=']).next().unwrap_or_default().to_owned();
    match error.kind() {
        ErrorKind::UnknownArgument if flag.starts_with('-') => unknown_flag(&flag, command, words),
        ErrorKind::UnknownArgument => {
            Problem::new(Code::UnknownFlag, format!("`{argument}` is not expected"))
                .hint("one folder is taken; everything else is given by flag")
        }
        ErrorKind::InvalidSubcommand => {
            let word = context(ContextKind::InvalidSubcommand);
            let (above, inner) = reached(command, words);
            Problem::new(Code::Usage, format!("there is no command `{above}{word}`"))
                .allowed(&word, names(inner))
        }
        ErrorKind::InvalidValue if !context(ContextKind::InvalidValue).is_empty() => {
            let word = context(ContextKind::InvalidValue);
            let allowed = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(values)) => values.clone(),
                _ => Vec::new(),
            };
            Problem::new(Code::UnknownValue, format!("`{word}` is not a value of {flag}"))
                .flag(flag)
                .allowed(&word, allowed)
        }
        ErrorKind::InvalidValue => {
            Problem::new(Code::Usage, format!("`{flag}` needs a value")).flag(flag)
        }
        ErrorKind::ArgumentConflict => {
            let other = match error.get(ContextKind::PriorArg) {
                Some(ContextValue::String(other)) => Some(other),
                Some(ContextValue::Strings(others)) => others.first(),
                _ => None,
            };
            let other = other.and_then(|other| other.split([' ', '=']).next());
            match other.filter(|other| *other != flag) {
                Some(other) => {
                    let message = format!("`{flag}` and `{other}` cannot be given together");
                    Problem::new(Code::Contradiction, message).flag(flag)
                }
                None => Problem::new(Code::GivenTwice, format!("`{flag}` is given more than once"))
                    .flag(flag),
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            let (above, inner) = reached(command, words);
            Problem::new(Code::Usage, "no command is given")
                .allowed("", names(inner))
                .hint(format!("`scaffold {above}--help` shows all of them"))
        }
        _ => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            Problem::new(Code::Usage, first.strip_prefix("error: ").unwrap_or(first).to_owned())
        }
    }
}

/// The command that the words lead to, and the way there, each name with a blank behind it.
fn reached<'c>(command: &'c Command, words: &[OsString]) -> (String, &'c Command) {
    let (mut way, mut at) = (String::new(), command);
    for word in words.iter().skip(1).filter_map(|word| word.to_str()) {
        if let Some(inner) = at.find_subcommand(word) {
            way += word;
            way.push(' ');
            at = inner;
        }
    }
    (way, at)
}

fn names(command: &Command) -> impl Iterator<Item = String> {
    let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set());
    inner.map(|inner| inner.get_name().to_owned())
}

fn unknown_flag(flag: &str, command: &Command, words: &[OsString]) -> Problem {
    let (way, at) = reached(command, words);
    let unknown = |message: String| Problem::new(Code::UnknownFlag, message).flag(flag);
    if has_flag(at, flag) {
        return unknown(format!("`{flag}` stands behind `--`, where no flags are read"));
    }
    let others = with_flag(command, "scaffold", flag);
    if others.is_empty() {
        return unknown(format!("there is no flag `{flag}`")).allowed(flag, long_flags(at));
    }
    let others: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
    let have = if others.len() == 1 { "has" } else { "have" };
    unknown(format!("`{}` has no flag `{flag}`", format!("scaffold {way}").trim_end()))
        .hint(format!("{} {have} it", others.join(", ")))
}

/// The commands that have a flag, each with the way to it.
fn with_flag(command: &Command, way: &str, flag: &str) -> Vec<String> {
    let this = has_flag(command, flag).then(|| way.to_owned());
    let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set());
    let below =
        inner.flat_map(|inner| with_flag(inner, &format!("{way} {}", inner.get_name()), flag));
    this.into_iter().chain(below).collect()
}

fn has_flag(command: &Command, flag: &str) -> bool {
    let Some(name) = flag.strip_prefix("--") else { return false };
    command.get_arguments().any(|argument| argument.get_long() == Some(name))
}

fn long_flags(command: &Command) -> impl Iterator<Item = String> {
    let long = command.get_arguments().filter_map(clap::Arg::get_long);
    long.map(|long| format!("--{long}"))
}
