//! The old `.scaffold/` as `.scaffold.backup/`, within the transaction of the run that replaces it.
//!
//! The copy is made in the stage and renamed into place after the decision; then what the run does
//! not write anew is removed from `.scaffold/`.

use super::disk::{self, SCAFFOLD, STAGE};
use super::journal::Entry;
use super::stage::{BACKUP, Stage};
use crate::error::{Code, Error, Problem, Result};
use std::collections::HashSet;
use std::path::Path;
use walkdir::{DirEntry, WalkDir};

/// Where the copy ends up.
const PLACE: &str = ".scaffold.backup";
/// The user's own documents, which stay.
const KNOWLEDGE: &str = "knowledge";

/// Copies `.scaffold/` into the stage, and says which files to remove: all that are not `written`.
///
/// # Errors
/// Something else stands where the backup belongs, or the system refuses.
pub fn prepare(root: &Path, stage: &Stage, written: &HashSet<&str>) -> Result<Vec<Entry>> {
    refuse_obstacle(root)?;
    let mut removed = Vec::new();
    let copy = stage.join(BACKUP);
    for file in files(root)? {
        let Some(content) = disk::read(root, &file)? else { continue };
        let name = file.strip_prefix(SCAFFOLD).unwrap_or(&file).trim_start_matches('/');
        let target = disk::join(&copy, name);
        disk::create(&target, &content, false)?;
        disk::keep_mode(&disk::join(root, &file), &target, false)?;
        if !written.contains(file.as_str()) {
            removed.push(Entry::remove(file, &content));
        }
    }
    let ignore = copy.join(".gitignore");
    if copy.is_dir() && !ignore.exists() {
        disk::create(&ignore, b"*\n", false)?;
    }
    Ok(removed)
}

fn refuse_obstacle(root: &Path) -> Result<()> {
    if disk::stat(&root.join(PLACE))?.is_none_or(|found| found.is_dir()) {
        return Ok(());
    }
    Err(Problem::new(
        Code::Conflict,
        format!("`{PLACE}` is not a folder, so it cannot take a backup"),
    )
    .file(PLACE)
    .hint("move it away or remove it, then run the command again")
    .into())
}

/// The files of `.scaffold/` that are ours, relative to `root`. Links are not, and stay.
fn files(root: &Path) -> Result<Vec<String>> {
    let ours = |entry: &DirEntry| {
        entry.depth() != 1 || ![STAGE, KNOWLEDGE].iter().any(|name| entry.file_name() == *name)
    };
    let mut found = Vec::new();
    for entry in
        WalkDir::new(root.join(SCAFFOLD)).sort_by_file_name().into_iter().filter_entry(ours)
    {
        let entry = entry.map_err(|cause| Error::io("reading `.scaffold`", &cause.into()))?;
        if entry.file_type().is_file() {
            found.push(relative(root, entry.path())?);
        }
    }
    Ok(found)
}

fn relative(root: &Path, path: &Path) -> Result<String> {
    let parts = path.strip_prefix(root).unwrap_or(path).iter();
    let parts: Option<Vec<&str>> = parts.map(|part| part.to_str()).collect();
    let joined = parts.map(|parts| parts.join("/")).ok_or_else(|| {
        let shown = path.display().to_string();
        Problem::new(Code::BadPath, format!("`{shown}` has a name that is not UTF-8"))
            .file(shown)
            .hint("rename it or move it away, then run the command again")
    })?;
    disk::check_path(&joined)?;
    Ok(joined)
}

/// Puts a staged backup in the place of an older one; without a staged one that was done before.
///
/// # Errors
/// The system refuses.
pub fn put_in_place(root: &Path, staged: &Path) -> Result<()> {
    if disk::stat(staged)?.is_none() {
        return Ok(());
    }
    let place = root.join(PLACE);
    disk::remove(&place)?;
    disk::rename(staged, &place)
}

/// Removes the folders of `.scaffold/` that removed files leave empty.
pub fn remove_empty_folders<'a>(root: &Path, removed: impl Iterator<Item = &'a str>) {
    for path in removed {
        let mut folder = path;
        while let Some((parent, _)) =
            folder.rsplit_once('/').filter(|(parent, _)| *parent != SCAFFOLD)
        {
            disk::remove_if_empty(&disk::join(root, parent));
            folder = parent;
        }
    }
}
