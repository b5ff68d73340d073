//! The record of a run: what makes a stage that is found later one that this user made on this machine.
//!
//! It lies outside of every repository, and names the stage by the numbers that the file system gave it. Once the run
//! has decided it holds the digest of the journal as well, so that no other journal is ever followed.

use super::digest::digest;
use crate::error::{Code, Problem, Result};
use crate::folder::{Access, Folder};
use crate::private;
use std::path::Path;

/// The folder of records.
const RUNS: &str = "runs";
/// A record is a digest and a path.
const MOST_BYTES: u64 = 64 << 10;
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
        let runs = private::open(RUNS, root)?;
        drop_stale(&runs);
        let path = stage.path().display().to_string();
        let record = Self { runs, name: name(stage)?, stage: path, journal: None };
        record.write(UNDECIDED)?;
        Ok(record)
    }

    /// The record of a stage that was found; `None` if this user did not make it here.
    ///
    /// # Errors
    /// The system refuses.
    pub fn find(stage: &Folder, root: &Path) -> Result<Option<Self>> {
        let Some(runs) = private::look(RUNS, root) else { return Ok(None) };
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

    /// Forgets the stage, which is gone.
    pub fn forget(&self) {
        let _ = self.runs.remove(&self.name);
    }

    fn write(&self, journal: &str) -> Result<()> {
        let beside = format!("{}.new", self.name);
        self.runs.remove(&beside)?;
        let text = format!("{journal}\n{}", self.stage);
        let file = self.runs.create(&beside, text.as_bytes(), Access::Private)?;
        if journal != UNDECIDED {
            crate::folder::sync(&file, &self.runs.join(&beside))?;
        }
        self.runs.rename(&beside, &self.name)?;
        if journal == UNDECIDED { Ok(()) } else { self.runs.sync() }
    }
}

/// The numbers of a stage. A system without them has no records, so that nothing found there is ever followed.
fn name(stage: &Folder) -> Result<String> {
    let seen = stage.seen()?;
    if cfg!(unix) {
        return Ok(format!("{}-{}", seen.device, seen.inode));
    }
    let path = stage
        .path()
        .to_str()
        .ok_or_else(|| Problem::new(Code::BadPath, "the path of the destination is not Unicode"))?;
    Ok(digest(path.as_bytes()))
}

/// Drops the records of stages that were removed by hand. A disk that is not there now keeps its records.
fn drop_stale(runs: &Folder) {
    for name in runs.names().unwrap_or_default() {
        let Ok(Some(text)) = runs.read(&name, MOST_BYTES) else { continue };
        let text = String::from_utf8_lossy(&text).into_owned();
        let Some((_, path)) = text.split_once('\n') else { continue };
        let path = Path::new(path);
        let around =
            if path.ends_with(Path::new(super::SCAFFOLD).join(super::STAGE)) { 2 } else { 1 };
        let Some(around) = path.ancestors().nth(around) else { continue };
        let is_there = Folder::open(path).and_then(|stage| self::name(&stage));
        if around.is_dir() && is_there.map_or(true, |there| name.trim_end_matches(".new") != there)
        {
            let _ = runs.remove(&name);
        }
    }
}
