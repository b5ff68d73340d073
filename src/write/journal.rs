//! The journal of a run: what it decided to write, so that a later run can complete it.

use super::stage::{Stage, TREE};
use super::{Action, check_path};
use crate::error::{Code, Error, Problem, Result};
use crate::tree::digest;
use serde::{Deserialize, Serialize};

/// The version of the format.
const FORMAT: u32 = 2;

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

    /// The entry of a file that is removed: the backup has it, or nothing would be generated there any more.
    pub fn remove(path: String, content: &[u8]) -> Self {
        Self { path, action: "remove".to_owned(), old: Some(digest(content)), new: None }
    }
}

/// All of a run's changes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    format: u32,
    /// The files, in the order in which they are put in place.
    pub files: Vec<Entry>,
    /// Whether the destination becomes a repository.
    pub git: bool,
}

impl Journal {
    /// A journal of these changes.
    #[must_use]
    pub fn new(files: Vec<Entry>, git: bool) -> Self {
        Self { format: FORMAT, files, git }
    }

    /// Its text.
    ///
    /// # Errors
    /// None for what a run writes.
    pub fn text(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|cause| Error::io("writing the journal", &cause.into()))
    }

    /// Reads the journal of a run that had decided, and looks whether all that it needs is in the stage.
    ///
    /// # Errors
    /// [`Code::Unrecoverable`]: it is not the one that was recorded, or a staged file is damaged.
    pub fn read(stage: &Stage) -> Result<Self> {
        let journal = Self::parse(&stage.journal()?).map_err(|why| {
            let message = format!("the journal of an interrupted run cannot be used: {why}");
            Problem::new(Code::Unrecoverable, message).hint(stage.give_up())
        })?;
        for entry in &journal.files {
            let staged = stage.folder().read(&format!("{TREE}/{}", entry.path), u64::MAX - 1)?;
            if staged.is_some_and(|bytes| Some(digest(&bytes)) != entry.new) {
                let message = format!("`{}` is damaged in the stage", entry.path);
                let problem = Problem::new(Code::Unrecoverable, message).file(&entry.path);
                return Err(problem.hint(stage.give_up()).into());
            }
        }
        Ok(journal)
    }

    /// Reads the text of a journal; paths that no run writes are refused.
    ///
    /// # Errors
    /// Why it is none, in words.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let journal: Self = serde_json::from_slice(text).map_err(|cause| cause.to_string())?;
        if journal.format != FORMAT {
            return Err(format!("its format is {}, not {FORMAT}", journal.format));
        }
        for entry in &journal.files {
            check_path(&entry.path).map_err(|error| error.to_string())?;
        }
        Ok(journal)
    }
}
