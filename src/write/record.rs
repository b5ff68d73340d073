//! The record of a run: what makes a stage that is found later one that this user made on this machine.
//!
//! It lies outside of every repository, and names the stage by the numbers that the file system gave it. Once the run
//! has decided it holds the digest of the journal as well, so that no other journal is ever followed.

use super::{SCAFFOLD, STAGE};
use crate::error::Result;
use crate::system::folder::{Access, Folder};
use crate::system::private::{self, Purpose};
use crate::tree::digest;
use std::io::ErrorKind::NotFound;
use std::path::Path;

/// A record is a digest and a path.
const MOST_BYTES: u64 = 64 << 10;
/// So many records of stages that were removed by hand do no harm.
const FEW: usize = 64;
/// What stands in the place of the digest before the decision.
const UNDECIDED: &str = "undecided";

/// The record of one stage.
#[derive(Debug)]
pub struct Record {
    runs: Folder,
    name: String,
    stage: String,
    /// The digest of the journal, once the run has decided.
    pub journal: Option<String>,
}

impl Record {
    /// Records a stage that was just made for a run that writes to `root`, and drops records of stages that are gone.
    ///
    /// # Errors
    /// There is no place for it, or the system refuses.
    pub fn make(stage: &Folder, root: &Path) -> Result<Self> {
        let runs = private::open(Purpose::Runs, root)?;
        if runs.names()?.len() > FEW {
            drop_stale(&runs);
        }
        let path = stage.path().display().to_string();
        let record = Self { runs, name: name(stage)?, stage: path, journal: None };
        record.write(UNDECIDED).inspect_err(|_| {
            record.forget();
        })?;
        Ok(record)
    }

    /// The record of a stage that was found; `None` if this user did not make it here.
    ///
    /// # Errors
    /// The system refuses.
    pub fn find(stage: &Folder, root: &Path) -> Result<Option<Self>> {
        let Some(runs) = private::look(Purpose::Runs, root)? else { return Ok(None) };
        let name = name(stage)?;
        let Some(text) = runs.read(&name, MOST_BYTES)? else { return Ok(None) };
        let text = String::from_utf8_lossy(&text).into_owned();
        let Some((journal, path)) = text.split_once('\n') else { return Ok(None) };
        if Path::new(path) != stage.path() {
            return Ok(None);
        }
        let journal = (journal != UNDECIDED).then(|| journal.to_owned());
        Ok(Some(Self { runs, name, stage: path.to_owned(), journal }))
    }

    /// Keeps the digest of the journal, and does not return before it is on the disk.
    ///
    /// # Errors
    /// The system refuses.
    pub fn decide(&mut self, journal: &[u8]) -> Result<()> {
        let digest = digest(journal);
        self.write(&digest)?;
        self.journal = Some(digest);
        Ok(())
    }

    /// Forgets an empty stage that is given up; what cannot be removed does no harm.
    pub fn give_up(stage: &Folder, root: &Path) {
        if let (Ok(Some(runs)), Ok(name)) = (private::look(Purpose::Runs, root), name(stage)) {
            let stage = stage.path().display().to_string();
            Self { runs, name, stage, journal: None }.forget();
        }
    }

    /// Forgets the stage, in which nothing is left; `false` if that was refused.
    pub fn forget(&self) -> bool {
        self.runs.remove(&self.beside()).is_ok() && self.runs.remove(&self.name).is_ok()
    }

    /// The next text of the record, until it takes the place of the one before.
    fn beside(&self) -> String {
        format!("{}.new", self.name)
    }

    fn write(&self, journal: &str) -> Result<()> {
        let beside = self.beside();
        self.runs.remove(&beside)?;
        self.write_beside(&beside, journal).inspect_err(|_| {
            let _ = self.runs.remove(&beside);
        })?;
        if journal == UNDECIDED { Ok(()) } else { self.runs.sync() }
    }

    fn write_beside(&self, beside: &str, journal: &str) -> Result<()> {
        let text = format!("{journal}\n{}", self.stage);
        let file = self.runs.create(beside, text.as_bytes(), Access::Private)?;
        if journal != UNDECIDED {
            crate::system::folder::sync(&file, &self.runs.join(beside))?;
        }
        self.runs.rename(beside, &self.name)
    }
}

/// The numbers that the file system gave a stage, and its path in short.
fn name(stage: &Folder) -> Result<String> {
    let seen = stage.seen()?;
    let path = digest(stage.path().as_os_str().as_encoded_bytes());
    Ok(format!("{}-{}-{}", seen.device, seen.inode, &path[..16]))
}

/// Drops the records of stages that were removed by hand. A disk that is not there now keeps its records.
fn drop_stale(runs: &Folder) {
    for name in runs.names().unwrap_or_default() {
        let Ok(Some(text)) = runs.read(&name, MOST_BYTES) else { continue };
        let text = String::from_utf8_lossy(&text).into_owned();
        let Some((_, path)) = text.split_once('\n') else { continue };
        let path = Path::new(path);
        let around = if path.ends_with(Path::new(SCAFFOLD).join(STAGE)) { 2 } else { 1 };
        let is_disk_there = path.ancestors().nth(around).is_some_and(Path::is_dir);
        if is_disk_there && path.symlink_metadata().is_err_and(|cause| cause.kind() == NotFound) {
            let _ = runs.remove(&name);
        }
    }
}
