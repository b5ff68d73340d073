//! What can stand at the cursor of a command line that is being typed. Shells ask it, each by a short script of its own.

use crate::formats::hidden;
use clap::{Arg, Command, ValueHint};

/// What a shell offers.
#[derive(Debug, PartialEq, Eq)]
pub enum Candidates {
    /// Files and folders, which the shell knows better.
    Files,
    /// Whole words with their meaning.
    Words(Vec<(String, String)>),
}

/// Words that the command line itself does not list.
#[derive(Debug, Default)]
pub struct Known {
    /// The flags whose value is a list with commas.
    pub lists: Vec<String>,
    /// By the id of a positional argument: its values with their meaning.
    pub values: Vec<(&'static str, Vec<(String, String)>)>,
}

/// What can stand in place of `current`, after these words of the command line. `root` is built.
#[must_use]
pub fn candidates(root: &Command, known: &Known, words: &[String], current: &str) -> Candidates {
    let mut command = root;
    let mut place = 0;
    let mut are_flags_over = false;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if !are_flags_over && word.starts_with('-') && word.len() > 1 {
            are_flags_over = word == "--";
            if flag(command, word).is_some_and(takes_next) && rest.next().is_none() {
                return values(flag(command, word), known, "", current);
            }
        } else if let Some(inner) = command.find_subcommand(word) {
            (command, place) = (inner, 0);
        } else {
            place += 1;
        }
    }
    if !are_flags_over && current.starts_with('-') {
        return match current.split_once('=') {
            Some((name, part)) => values(flag(command, name), known, &format!("{name}="), part),
            None => beginning(flags(command, current), "", current),
        };
    }
    if command.has_subcommands() {
        let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set());
        let about = |inner: &Command| inner.get_about().map(ToString::to_string);
        let names = inner.map(|inner| entry(inner.get_name(), about(inner)));
        // After a command that there is not, nothing is known.
        return beginning(if place == 0 { names.collect() } else { Vec::new() }, "", current);
    }
    let all: Vec<&Arg> = command.get_positionals().collect();
    let is_open = |arg: &&Arg| arg.get_num_args().is_some_and(|count| count.max_values() > 1);
    let last = all.last().copied().filter(is_open);
    match all.get(place).copied().or(last) {
        Some(arg) => values(Some(arg), known, "", current),
        None => beginning(flags(command, current), "", current),
    }
}

fn entry(word: &str, help: Option<String>) -> (String, String) {
    (word.to_owned(), hidden::folded(&help.unwrap_or_default()))
}

/// The flag that a word names.
fn flag<'c>(command: &'c Command, word: &str) -> Option<&'c Arg> {
    let long = word.strip_prefix("--");
    command.get_arguments().find(|arg| match long {
        Some(name) => {
            let also = arg.get_all_aliases().unwrap_or_default();
            !arg.is_positional() && (arg.get_long() == Some(name) || also.contains(&name))
        }
        None => word.chars().nth(1).is_some_and(|short| arg.get_short() == Some(short)),
    })
}

/// Whether the word after a flag is its value.
fn takes_next(arg: &Arg) -> bool {
    arg.get_action().takes_values() && !arg.is_require_equals_set()
}

/// Flags by their long names; those that say no are offered to who begins to type one.
fn flags(command: &Command, current: &str) -> Vec<(String, String)> {
    command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set() || current.starts_with("--no-"))
        .filter_map(|arg| {
            Some(entry(&format!("--{}", arg.get_long()?), arg.get_help().map(ToString::to_string)))
        })
        .collect()
}

/// Those that begin with what is typed, each behind what stands before it.
fn beginning(all: Vec<(String, String)>, before: &str, typed: &str) -> Candidates {
    let fits = all.into_iter().filter(|(word, _)| word.starts_with(typed));
    Candidates::Words(fits.map(|(word, help)| (format!("{before}{word}"), help)).collect())
}

fn values(arg: Option<&Arg>, known: &Known, before: &str, typed: &str) -> Candidates {
    let Some(arg) = arg else { return Candidates::Words(Vec::new()) };
    let listed = arg.get_possible_values();
    let mut all: Vec<(String, String)> = listed
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| entry(value.get_name(), value.get_help().map(ToString::to_string)))
        .collect();
    if all.is_empty() {
        let id = arg.get_id().as_str();
        let mut of = known.values.iter().filter(|(of, _)| *of == id && arg.is_positional());
        match (of.next(), arg.get_value_hint()) {
            (Some((_, words)), _) => all.clone_from(words),
            (None, ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath) => {
                return Candidates::Files;
            }
            // A truth value, which alone can be left out.
            _ if arg.is_require_equals_set() => {
                all = ["true", "false"].map(|word| (word.to_owned(), String::new())).to_vec();
            }
            _ => {}
        }
    }
    if !arg.get_long().is_some_and(|long| known.lists.iter().any(|list| list == long)) {
        return beginning(all, before, typed);
    }
    let (there, typed) = typed.rsplit_once(',').map_or(("", typed), |(there, rest)| (there, rest));
    if there.is_empty() {
        return beginning(all, before, typed);
    }
    // An item is given once; `none` and `all` stand alone.
    let stands_alone = |word: &str| word == "none" || word == "all";
    all.retain(|(word, _)| !stands_alone(word) && there.split(',').all(|item| item != word));
    beginning(all, &format!("{before}{there},"), typed)
}
