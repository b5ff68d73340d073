//! Decides what happens to each file, before anything is written.

use super::{Action, Change, Conflict, MOST_BYTES, OnConflict};
use super::{check_path, destination, gitignore, text};
use crate::error::{Code, Error, Problem, Result};
use crate::system::folder::Folder;
use crate::tree::{Bytes, File};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Reads the destination and decides what happens to each file, in the order of `files`. `decide` is
/// asked about each file that exists and differs, after everything else was found to be right.
///
/// # Errors
/// [`Code::Conflict`], one problem per file, where `decide` says [`OnConflict::Fail`] or a file cannot
/// take conflict markers; [`Code::BadPath`] or [`Code::Conflict`] where a link, a folder or a file is in
/// the way; [`Code::BadDestination`]; [`Code::Io`]; and what `decide` returns.
pub fn compare(
    dest: &Path,
    files: &[File],
    decide: &mut dyn FnMut(&Conflict) -> Result<OnConflict>,
) -> Result<Vec<Change>> {
    let path = destination::resolve(dest)?;
    let root = if destination::exists(&path)? { Some(Folder::open(&path)?) } else { None };
    let found = read_all(root.as_ref(), files)?;
    let mut problems = Vec::new();
    let mut changes = Vec::new();
    for (file, before) in files.iter().zip(found) {
        let change = match before {
            None => Ok(file.change(Action::Create, None, file.bytes.clone())),
            Some(before) if *before == *file.bytes => {
                Ok(file.change(Action::Unchanged, Some(before), file.bytes.clone()))
            }
            Some(before) if is_gitignore(&file.path) => Ok(append(file, before)),
            Some(before) => {
                let (path, after) = (file.path.clone(), file.bytes.to_vec());
                let conflict = Conflict { path, before, after };
                let choice = decide(&conflict)?;
                let joined = |before: &[u8]| text::with_markers(before, &file.bytes);
                chosen(root.as_ref(), file, conflict.before, choice, joined)
            }
        };
        match change {
            Ok(change) => changes.push(change),
            Err(error) => problems.extend(error.problems),
        }
    }
    Error::unless_empty(problems)?;
    Ok(changes)
}

fn read_all(root: Option<&Folder>, files: &[File]) -> Result<Vec<Option<Vec<u8>>>> {
    let mut problems = Vec::new();
    let mut found = Vec::new();
    for file in files {
        let read = |()| root.map_or(Ok(None), |root| root.read(&file.path, MOST_BYTES));
        match check_path(&file.path).and_then(read) {
            Ok(before) => found.push(before),
            Err(error) => problems.extend(error.problems),
        }
    }
    Error::unless_empty(problems)?;
    Ok(found)
}

/// New paths that differ only in case from what is in `dest` already, each with that: a file system that takes them for one
/// keeps one of the two.
#[must_use]
pub fn namesakes(dest: &Path, changes: &[Change]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let Ok(root) = destination::resolve(dest).and_then(|path| Folder::open(&path)) else {
        return found;
    };
    let list = |folder: &str| match folder {
        "" => root.names().ok(),
        _ => root.below(folder).ok().flatten().and_then(|folder| folder.names().ok()),
    };
    let mut listed: HashMap<String, Vec<String>> = HashMap::new();
    for change in changes.iter().filter(|change| matches!(change.action, Action::Create)) {
        let mut above = String::new();
        for part in change.path.split('/') {
            let names =
                listed.entry(above.clone()).or_insert_with(|| list(&above).unwrap_or_default());
            let join = |name: &str| {
                if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") }
            };
            if !names.iter().any(|name| name == part) {
                let lower = part.to_lowercase();
                let other = names.iter().find(|name| name.to_lowercase() == lower);
                found.extend(other.map(|other| (join(part), join(other))));
                break;
            }
            above = join(part);
        }
    }
    found
}

fn is_gitignore(path: &str) -> bool {
    path.rsplit('/').next() == Some(".gitignore")
}

/// Whether a `.gitignore` of the user's has our block as it was written: what stands around it is the user's.
#[must_use]
pub fn has_block_of(path: &str, there: &[u8], generated: &[u8]) -> bool {
    is_gitignore(path)
        && gitignore::has_block(there)
        && gitignore::with_block(there, generated) == there
}

fn append(file: &File, before: Vec<u8>) -> Change {
    let after = gitignore::with_block(&before, &file.bytes);
    let action = if after == before { Action::Unchanged } else { Action::Append };
    file.change(action, Some(before), after.into())
}

/// Does what was chosen for a conflict; `joined` gives both texts with markers, or says why not.
///
/// # Errors
/// [`Code::Conflict`] where nothing may be done, or no markers be set; what is beside the file cannot be read.
pub fn chosen(
    root: Option<&Folder>,
    file: &File,
    before: Vec<u8>,
    choice: OnConflict,
    joined: impl FnOnce(&[u8]) -> Result<Vec<u8>, text::Refusal>,
) -> Result<Change> {
    match choice {
        OnConflict::Fail => {
            let why = "exists and differs from what would be written";
            Err(refuse(&file.path, why, "keep, overwrite, markers or beside"))
        }
        OnConflict::Keep => Ok(file.change(Action::Keep, Some(before.clone()), before.into())),
        OnConflict::Overwrite => {
            Ok(file.change(Action::Overwrite, Some(before), file.bytes.clone()))
        }
        OnConflict::Markers => {
            let merged = joined(&before)
                .map_err(|why| refuse(&file.path, why, "keep, overwrite or beside"))?;
            // Nothing is left to merge where only line endings differ.
            let action = if merged == before { Action::Keep } else { Action::Markers };
            Ok(file.change(action, Some(before), merged.into()))
        }
        OnConflict::Beside => beside(root, file),
    }
}

fn refuse(path: &str, why: &str, choices: &str) -> Error {
    Problem::new(Code::Conflict, format!("`{path}` {why}"))
        .file(path)
        .hint(format!("choose with --on-conflict {choices}"))
        .into()
}

/// The end of the name of a file that is written beside the user's; a number may follow.
pub const BESIDE: &str = ".scaffold-new";

/// A file of that name that differs may be of an earlier run, and the user may have edited it: it stays, and the new one
/// gets a number.
fn beside(root: Option<&Folder>, file: &File) -> Result<Change> {
    for number in 1.. {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let path = format!("{}{BESIDE}{suffix}", file.path);
        let before = root.map_or(Ok(None), |root| root.read(&path, MOST_BYTES))?;
        let action = match &before {
            None => Action::Beside,
            Some(bytes) if **bytes == *file.bytes => Action::Unchanged,
            Some(_) => continue,
        };
        return Ok(Change { path, ..file.change(action, before, file.bytes.clone()) });
    }
    unreachable!("there are more numbers than files")
}

impl File {
    /// What happens to it.
    #[must_use]
    pub fn change(&self, action: Action, before: Option<Vec<u8>>, after: Bytes) -> Change {
        let Self { path, executable, layers, .. } = self;
        let (path, executable, layers) = (path.clone(), *executable, layers.clone());
        Change { path, action, before, after, executable, layers }
    }
}
