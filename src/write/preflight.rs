//! Tries before the decision what would fail after it: rights, links, mounts, other file systems.

use super::complete::first_missing;
use super::journal::Entry;
use crate::error::{Code, Error, Problem, Result};
use crate::system::folder::{Folder, Kind, Seen};
use std::collections::HashSet;

/// So many faults are enough to understand what is wrong.
const MOST_PROBLEMS: usize = 20;

/// Looks at every place that the entries change, as far as it exists.
///
/// # Errors
/// [`Code::BadDestination`] for each that could not be changed; what the system refuses to show.
pub fn check(root: &Folder, stage: &Folder, entries: &[Entry], git: bool) -> Result<()> {
    let stage = stage.seen()?;
    let mut problems = Vec::new();
    let mut checked: HashSet<String> = HashSet::new();
    if git && let Err(why) = check_place(root, "", ".git", &stage) {
        problems.push(refusal(".git", &why));
    }
    for entry in entries {
        let top = first_missing(root, &entry.path)?;
        let (above, name) = top.rsplit_once('/').unwrap_or(("", &top));
        let is_replaced = entry.old.is_some();
        // What is new in a folder meets the same answer as its neighbours.
        if !is_replaced && checked.contains(above) {
            continue;
        }
        let outcome = check_place(root, above, name, &stage);
        checked.insert(above.to_owned());
        if let Err(why) = outcome
            && problems.len() < MOST_PROBLEMS
        {
            problems.push(refusal(&top, &why));
        }
    }
    Error::unless_empty(problems)
}

fn check_place(root: &Folder, above: &str, name: &str, stage: &Seen) -> Result<(), String> {
    let opened;
    let folder = if above.is_empty() {
        root
    } else {
        let below = root.below(above).map_err(|error| error.to_string())?;
        opened = below.ok_or("its folder is gone")?;
        &opened
    };
    let seen = folder.seen().map_err(|error| error.to_string())?;
    if seen.device != stage.device {
        return Err("it is on another file system than the folder around it".to_owned());
    }
    let there = folder.see(name).map_err(|error| error.to_string())?;
    if there.is_some_and(|seen| seen.kind != Kind::File) {
        return Err("it is not a file".to_owned());
    }
    folder.check_writable(Some(name)).map_err(|cause| cause.to_string())
}

fn refusal(path: &str, why: &str) -> Problem {
    Problem::new(Code::BadDestination, format!("`{path}` cannot be written: {why}"))
        .file(path)
        .hint("nothing was changed; fix that, or choose another destination")
}
