//! Keeps the old `.scaffold/` in a numbered folder of `.scaffold.backup/`, within the transaction that replaces it.
//!
//! Copies are staged and placed as all other files; what the run does not write anew is removed from `.scaffold/`.

use super::journal::Entry;
use super::stage::{Stage, TREE};
use super::{Action, MOST_BYTES, SCAFFOLD, STAGE, check_path};
use crate::error::{Code, Problem, Result};
use crate::system::folder::{Access, Folder, Kind};
use std::collections::HashSet;

/// Where copies end up.
const PLACE: &str = ".scaffold.backup";
/// What stays: the stage, the user's own documents, and how far the project has come.
const STAYS: [&str; 3] = [STAGE, "knowledge", "state"];

/// Where the old `.scaffold/` goes, and what is written and removed for that.
#[derive(Debug, Default)]
pub struct Backup {
    /// The numbered folder; `None` if there is nothing to keep.
    pub place: Option<String>,
    /// Copies first: nothing is removed before its copy is in place.
    pub entries: Vec<Entry>,
}

/// Stages copies of what `.scaffold/` of the project holds, and says what to write and to remove: all that is not
/// `written`. `project` is the way from `root` to the project, empty or ending in `/`.
///
/// # Errors
/// Something else stands where backups belong, or the system refuses.
pub fn prepare(
    root: &Folder,
    project: &str,
    stage: &Stage,
    written: &HashSet<&str>,
) -> Result<Backup> {
    let place = format!("{project}{PLACE}");
    let number = next_number(root, &place)?;
    let (mut copies, mut removed) = (Vec::new(), Vec::new());
    for (name, content) in files(root, &format!("{project}{SCAFFOLD}"))? {
        let copy = format!("{place}/{number}/{name}");
        copies.push(stage_copy(stage, &copy, &content)?);
        let path = format!("{project}{SCAFFOLD}/{name}");
        if !written.contains(path.as_str()) {
            removed.push(Entry::remove(path, &content));
        }
    }
    let ignore = format!("{place}/.gitignore");
    if !copies.is_empty() && root.see(&ignore)?.is_none() {
        copies.push(stage_copy(stage, &ignore, b"*\n")?);
    }
    let place = (!copies.is_empty()).then(|| format!("{place}/{number}/"));
    Ok(Backup { place, entries: copies.into_iter().chain(removed).collect() })
}

fn stage_copy(stage: &Stage, path: &str, content: &[u8]) -> Result<Entry> {
    let staged = format!("{TREE}/{path}");
    stage.folder().create(&staged, content, Access::Shared { executable: false })?;
    Ok(Entry::write(path, Action::Create, None, content))
}

/// One more than the highest number that is taken, so that the order of backups is that of their numbers.
fn next_number(root: &Folder, place: &str) -> Result<u64> {
    match root.see(place)? {
        None => return Ok(1),
        Some(seen) if seen.kind == Kind::Folder => {}
        Some(_) => {
            let message = format!("`{place}` is not a folder, so it cannot take a backup");
            return Err(Problem::new(Code::Conflict, message)
                .file(place)
                .hint("move it away or remove it, then run the command again")
                .into());
        }
    }
    let Some(folder) = root.below(place)? else { return Ok(1) };
    let numbers = folder.names()?.into_iter().filter_map(|name| name.parse::<u64>().ok());
    Ok(numbers.max().unwrap_or(0) + 1)
}

/// The files of `.scaffold/` that are ours, by their path below it. Links are not, and stay.
fn files(root: &Folder, place: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    if let Some(folder) = root.below(place)? {
        for name in folder.names()?.into_iter().filter(|name| !STAYS.contains(&name.as_str())) {
            collect(&folder, &name, &mut found)?;
        }
    }
    Ok(found)
}

fn collect(folder: &Folder, path: &str, found: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let Some(seen) = folder.see(path)? else { return Ok(()) };
    match seen.kind {
        Kind::File => {
            check_path(path)?;
            found.extend(folder.read(path, MOST_BYTES)?.map(|bytes| (path.to_owned(), bytes)));
        }
        Kind::Folder => {
            let names = folder.below(path)?.map_or(Ok(Vec::new()), |inner| inner.names())?;
            for name in names {
                collect(folder, &format!("{path}/{name}"), found)?;
            }
        }
        Kind::Link | Kind::Other => {}
    }
    Ok(())
}
