//! Puts in place what a run decided. Each step looks again at what it replaces, and keeps beside what it did not expect.

use super::journal::{Entry, Journal};
use super::stage::{COMMIT, DONE, REPLACED, REPOSITORY, Stage, TREE};
use super::{Kept, SCAFFOLD};
use crate::error::{Code, Error, Problem, Result};
use crate::system::folder::{Folder, Kind};
use crate::tree::digest;

/// How often a place is tried that somebody else changes at the same time.
const TRIES: usize = 100;
const GIT: &str = ".git";

/// Puts everything in place that is not yet. What was done before is skipped, so that this can be interrupted and
/// repeated at will. Returns what was set aside.
///
/// # Errors
/// The system refuses: what is missing then is for a later run.
pub fn complete(root: &Folder, stage: &Stage, journal: &Journal) -> Result<Vec<Kept>> {
    let mut run = Completion { root, stage: stage.folder(), kept: Vec::new() };
    for (index, entry) in journal.files.iter().enumerate() {
        run.put(entry, &format!("{REPLACED}/{index}"))?;
    }
    if journal.git {
        run.put_repository()?;
    }
    for entry in journal.files.iter().filter(|entry| entry.new.is_none()) {
        remove_empty_folders(root, &entry.path);
    }
    // Before the journal goes, all of it must be on the disk.
    root.sync_all()?;
    stage.folder().rename(COMMIT, DONE)?;
    Ok(run.kept)
}

struct Completion<'a> {
    root: &'a Folder,
    stage: &'a Folder,
    kept: Vec<Kept>,
}

impl Completion<'_> {
    /// Puts one file in place, or removes it. `replaced` is where the stage keeps what was there before.
    fn put(&mut self, entry: &Entry, replaced: &str) -> Result<()> {
        let staged = format!("{TREE}/{}", entry.path);
        if entry.new.is_none() {
            self.take_out(&entry.path, replaced)?;
        } else if self.stage.see(&staged)?.is_some() {
            self.place(entry, replaced)?;
        }
        self.keep_unexpected(entry, replaced)
    }

    fn place(&mut self, entry: &Entry, replaced: &str) -> Result<()> {
        for _ in 0..TRIES {
            if let Some(at) = self.obstacle(&entry.path)? {
                self.set_aside(&at)?;
                continue;
            }
            if entry.old.is_some() && self.stage.see(replaced)?.is_none() {
                self.take_out(&entry.path, replaced)?;
            }
            // A folder that does not exist yet goes in one step, with all that is in it.
            let top = first_missing(self.root, &entry.path)?;
            match self.stage.place(&format!("{TREE}/{top}"), self.root, &top) {
                Ok(true) => return Ok(()),
                Ok(false) if top == entry.path => self.set_aside(&top)?,
                Ok(false) => {}
                // A folder above has become a link or a file just now.
                Err(error) if is_obstacle(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(still_changing(&entry.path))
    }

    /// Moves what is at `path` into the stage.
    fn take_out(&mut self, path: &str, replaced: &str) -> Result<()> {
        if self.obstacle(path)?.is_none()
            && self.root.see(path)?.is_some()
            && self.stage.see(replaced)?.is_none()
        {
            self.root.place(path, self.stage, replaced)?;
        }
        Ok(())
    }

    /// What was taken out is the user's if it is not what the run had seen.
    fn keep_unexpected(&mut self, entry: &Entry, replaced: &str) -> Result<()> {
        let Some(seen) = self.stage.see(replaced)? else { return Ok(()) };
        if seen.kind == Kind::File {
            let found = self.stage.read(replaced, u64::MAX - 1)?.map(|bytes| digest(&bytes));
            if found == entry.old {
                return Ok(());
            }
        }
        let beside = self.beside(self.stage, replaced, &entry.path)?;
        self.kept.extend(beside);
        Ok(())
    }

    /// Moves what is in the way of a file to a free name beside it.
    fn set_aside(&mut self, at: &str) -> Result<()> {
        if self.root.see(at)?.is_some() {
            let beside = self.beside(self.root, at, at)?;
            self.kept.extend(beside);
        }
        Ok(())
    }

    fn beside(&self, from: &Folder, name: &str, path: &str) -> Result<Option<Kept>> {
        for number in 1..=TRIES {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let beside = format!("{path}.scaffold-kept{suffix}");
            match from.place(name, self.root, &beside) {
                Ok(true) => return Ok(Some(Kept { path: path.to_owned(), beside })),
                Ok(false) => {}
                Err(_) if from.see(name)?.is_none() => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Err(still_changing(path))
    }

    /// What stands where a folder above `path` is needed.
    fn obstacle(&self, path: &str) -> Result<Option<String>> {
        for (end, _) in path.match_indices('/') {
            match self.root.see(&path[..end])? {
                None => return Ok(None),
                Some(seen) if seen.kind == Kind::Folder => {}
                Some(_) => return Ok(Some(path[..end].to_owned())),
            }
        }
        Ok(None)
    }

    /// Whoever has made a repository meanwhile keeps it.
    fn put_repository(&self) -> Result<()> {
        let staged = format!("{REPOSITORY}/{GIT}");
        if self.stage.see(&staged)?.is_some() {
            self.stage.place(&staged, self.root, GIT)?;
        }
        Ok(())
    }
}

/// The first part of the way to `path` that does not exist; the whole path if its folder does.
///
/// # Errors
/// The system does not say.
pub fn first_missing(root: &Folder, path: &str) -> Result<String> {
    for (end, _) in path.match_indices('/') {
        if root.see(&path[..end])?.is_none() {
            return Ok(path[..end].to_owned());
        }
    }
    Ok(path.to_owned())
}

/// Removes the folders of `.scaffold/` that a removed file leaves empty.
fn remove_empty_folders(root: &Folder, removed: &str) {
    let mut folder = removed;
    while let Some((parent, _)) = folder.rsplit_once('/') {
        if parent.rsplit('/').next() == Some(SCAFFOLD) {
            break;
        }
        root.remove_if_empty(parent);
        folder = parent;
    }
}

fn is_obstacle(error: &Error) -> bool {
    error.problems.iter().all(|problem| matches!(problem.code, Code::BadPath | Code::Conflict))
}

fn still_changing(path: &str) -> Error {
    Problem::new(Code::Io, format!("`{path}` is being changed by another program all the time"))
        .file(path)
        .into()
}
