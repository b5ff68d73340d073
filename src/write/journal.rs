//! The journal of a run: what it decided to write, so that the next run can complete it.

use super::digest::digest;
use super::disk;
use super::stage::{BACKUP, COMMIT, DONE, JOURNAL, Stage, TREE};
use super::{Action, backup};
use crate::error::{Code, Error, Problem, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The version of the format.
const FORMAT: u32 = 1;

/// One file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Relative to the destination, with `/`.
    pub path: String,
    /// Why it is here, for people who read a journal.
    pub action: String,
    /// The digest before the run; `None` if there was no file.
    pub old: Option<String>,
    /// The digest after the run; `None` if the file is removed.
    pub new: Option<String>,
}

impl Entry {
    /// The entry of a file that is written.
    pub fn write(path: &str, action: Action, before: Option<&[u8]>, after: &[u8]) -> Self {
        let (old, new) = (before.map(digest), Some(digest(after)));
        Self { path: path.to_owned(), action: action.to_string(), old, new }
    }

    /// The entry of a file that is removed, because the backup has it.
    pub fn remove(path: String, content: &[u8]) -> Self {
        Self { path, action: "backup".to_owned(), old: Some(digest(content)), new: None }
    }
}

/// All of a run's changes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    format: u32,
    files: Vec<Entry>,
}

/// How far one entry is.
enum State {
    Done,
    Pending,
}

impl Journal {
    /// A journal of these entries.
    pub fn new(files: Vec<Entry>) -> Self {
        Self { format: FORMAT, files }
    }

    /// Takes the decision: from here on the run is completed, by itself or by the next one.
    ///
    /// # Errors
    /// The system refuses; nothing is decided then.
    pub fn commit(&self, stage: &Stage) -> Result<()> {
        let text = serde_json::to_vec(self)
            .map_err(|cause| Error::io("writing the journal", &cause.into()))?;
        disk::create_durable(&stage.join(JOURNAL), &text)?;
        disk::rename(&stage.join(JOURNAL), &stage.join(COMMIT))?;
        stage.sync();
        Ok(())
    }

    /// Reads the journal of a run that had decided.
    ///
    /// # Errors
    /// [`Code::Unrecoverable`]: it is not a journal, or has paths that no run writes.
    pub fn read(stage: &Stage) -> Result<Self> {
        let path = stage.join(COMMIT);
        let unreadable = |why: String| {
            let message = format!("the journal of an interrupted run cannot be used: {why}");
            Error::from(
                Problem::new(Code::Unrecoverable, message)
                    .file(path.display().to_string())
                    .hint(give_up(stage)),
            )
        };
        let bytes = stage.read(COMMIT).map_err(|error| unreadable(error.to_string()))?;
        let journal: Self = serde_json::from_slice(&bytes.unwrap_or_default())
            .map_err(|cause| unreadable(cause.to_string()))?;
        if journal.format != FORMAT {
            return Err(unreadable(format!("its format is {}, not {FORMAT}", journal.format)));
        }
        for entry in &journal.files {
            disk::check_path(&entry.path).map_err(|error| unreadable(error.to_string()))?;
        }
        Ok(journal)
    }

    /// Puts everything in place that is not yet. What was done before is skipped, so that this can be
    /// interrupted and repeated at will.
    ///
    /// # Errors
    /// [`Code::Unrecoverable`] if somebody changed a file in between: nothing is changed then. Or the
    /// system refuses: what is missing then is for the next run.
    pub fn complete(&self, root: &Path, stage: &Stage) -> Result<()> {
        let pending = self.pending(root, stage)?;
        backup::put_in_place(root, &stage.join(BACKUP))?;
        for entry in pending {
            let target = disk::join(root, &entry.path);
            if entry.new.is_none() {
                disk::remove(&target)?;
                continue;
            }
            if let Some(folder) = target.parent() {
                disk::make_folder(folder)?;
            }
            disk::rename(&disk::join(&stage.join(TREE), &entry.path), &target)?;
        }
        let removed = self.files.iter().filter(|entry| entry.new.is_none());
        backup::remove_empty_folders(root, removed.map(|entry| entry.path.as_str()));
        disk::rename(&stage.join(COMMIT), &stage.join(DONE))
    }

    fn pending(&self, root: &Path, stage: &Stage) -> Result<Vec<&Entry>> {
        let mut problems = Vec::new();
        let mut pending = Vec::new();
        for entry in &self.files {
            match entry.state(root, stage) {
                Ok(State::Pending) => pending.push(entry),
                Ok(State::Done) => {}
                Err(why) => problems.push(
                    Problem::new(
                        Code::Unrecoverable,
                        format!("an interrupted run cannot be completed: `{}` {why}", entry.path),
                    )
                    .file(&entry.path)
                    .hint(give_up(stage)),
                ),
            }
        }
        Error::unless_empty(problems)?;
        Ok(pending)
    }
}

impl Entry {
    fn state(&self, root: &Path, stage: &Stage) -> std::result::Result<State, String> {
        let current = disk::read(root, &self.path)
            .map_err(|error| format!("cannot be read ({error})"))?
            .map(|bytes| digest(&bytes));
        if current == self.new {
            return Ok(State::Done);
        }
        if current != self.old {
            return Err("was changed since".to_owned());
        }
        let staged = stage
            .read(&format!("{TREE}/{}", self.path))
            .map_err(|error| format!("is not staged as it should be ({error})"))?
            .map(|bytes| digest(&bytes));
        if staged == self.new {
            Ok(State::Pending)
        } else {
            Err("is damaged in the stage".to_owned())
        }
    }
}

fn give_up(stage: &Stage) -> String {
    let (tree, stage) = (stage.join(TREE), stage.join(""));
    format!(
        "put the file back as it was, or take the new one from `{}`, then run the command again; \
         to give up the interrupted run, remove `{}`",
        tree.display(),
        stage.display()
    )
}
