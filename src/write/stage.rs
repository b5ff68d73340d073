//! The stage: the folder in which a run prepares its changes, with the lock that keeps others out.

use super::destination;
use super::record::Record;
use crate::error::{Code, Error, Problem, Result};
use crate::system::folder::{self, Access, Folder, Kind, Seen};
use crate::system::private;
use crate::tree::digest;
use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::{Duration, Instant};

/// The staged files.
pub const TREE: &str = "tree";
/// What was in the place of files that are replaced or removed, until all is done.
pub const REPLACED: &str = "replaced";
/// The folder with a `.git` that was made for the destination.
pub const REPOSITORY: &str = "repository";
/// The journal while it is written.
pub const JOURNAL: &str = "journal";
/// The journal once the run has decided.
pub const COMMIT: &str = "commit";
/// The journal once all is in place.
pub const DONE: &str = "done";
const LOCK: &str = "lock";
/// Keeps git from adding the stage of a run that was killed.
const IGNORE: &str = ".gitignore";

/// How often the lock is tried while others remove the stage under our feet.
const TRIES: usize = 100;
/// How long the lock of another run is waited for, and how often it is tried.
const PATIENCE: Duration = Duration::from_millis(200);
const TICK: Duration = Duration::from_millis(5);
/// How often an empty stage is removed again, a tick apart, whose lock the file system is still closing.
const CLOSING: usize = 4;
const NO_FOLDER: &str = "it is not a folder";
const UNKNOWN: &str = "no run of yours on this machine made it";
/// A stage holds few things beside its trees.
const MOST_JOURNAL: u64 = 64 << 20;

/// Where a stage is.
#[derive(Debug)]
pub struct Place<'a> {
    /// The folder that holds it.
    pub parent: &'a Folder,
    /// Its name there.
    pub name: &'a str,
    /// What is written to, for messages.
    pub root: &'a Path,
}

/// What was found in the place of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing, or a run that is at work.
    Nothing,
    /// A run of this user that had not begun yet, or was at its very end.
    Empty,
    /// A run that this user started here, and that did not end: whether it had decided to write.
    Ours {
        /// Whether it had decided.
        decided: bool,
    },
    /// Something that no run of this user on this machine left, and why that is clear.
    Foreign(String),
}

/// A stage that this process has locked.
#[derive(Debug)]
pub struct Stage {
    parent: Folder,
    name: String,
    folder: Folder,
    record: Record,
    // Held until the stage is dropped, or the process dies.
    lock: Lock,
}

/// The lock of a stage.
#[derive(Debug)]
struct Lock(File);

impl Lock {
    /// Takes the lock. It is waited for a moment: `git init` of a run that was killed may hold it until it has ended.
    fn acquire(&self) -> Result<(), TryLockError> {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.0.try_lock() {
                Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(TICK),
                result => return result,
            }
        }
    }
}

impl Drop for Lock {
    /// A process that is just being started has a copy of the file, which would keep the lock.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl Stage {
    /// Makes the stage, unless a run that was killed left it, and locks it.
    ///
    /// # Errors
    /// [`Code::Busy`] if another process has it, [`Code::Foreign`] if something is there that no run of this user left,
    /// [`Code::BadDestination`] if it cannot be made.
    pub fn acquire(place: &Place) -> Result<Self> {
        for _ in 0..TRIES {
            if let Some(stage) = Self::try_acquire(place)? {
                return Ok(stage);
            }
        }
        Err(busy(place.root))
    }

    /// `None` if another process removed it meanwhile.
    fn try_acquire(place: &Place) -> Result<Option<Self>> {
        let Place { parent, name, root } = place;
        let made = parent.make_private(name).map(Some).or_else(gone);
        let Some(made) = made.map_err(|cause| refused(root, &cause))? else { return Ok(None) };
        let opened = parent.below(name).map_err(|error| {
            parent.remove_if_empty(name);
            let is_folder = |seen: Option<Seen>| seen.is_some_and(|seen| seen.kind == Kind::Folder);
            if parent.see(name).is_ok_and(is_folder) { error } else { foreign(place, NO_FOLDER) }
        })?;
        let Some(folder) = opened else { return Ok(None) };
        let stage = Self::open(place, &folder);
        if let Err(error) = &stage {
            // It may be another user's, or another run's: only what this one made goes, and what is empty.
            if made && error.problems.iter().all(|problem| problem.code != Code::Busy) {
                Record::give_up(&folder, root);
                let _ = folder.remove(LOCK);
            }
            parent.remove_if_empty(name);
        }
        stage
    }

    fn open(place: &Place, folder: &Folder) -> Result<Option<Self>> {
        let failed = |cause: io::Error| refused(place.root, &cause);
        if let Some(why) = is_open_to_others(folder)? {
            return Err(foreign(place, why));
        }
        // Without a lock it is none of a run, and nothing is added to it. The lock is made first and goes last, so another
        // run is not mistaken for that by whoever looks in this order.
        if !is_empty(folder)? && folder.see(LOCK)?.is_none() && !is_empty(folder)? {
            return Err(foreign(place, UNKNOWN));
        }
        let Some(lock) = open_lock(folder).map_err(failed)? else { return Ok(None) };
        let lock = Lock(lock);
        match lock.acquire() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy(place.root)),
            Err(TryLockError::Error(cause)) => return Err(unlocked(place.root, &cause)),
        }
        // Whoever had it may have removed the file meanwhile, and another run may have made and locked a new one.
        let held = folder::seen_of(&lock.0).map_err(failed)?;
        if !folder.see(LOCK)?.is_some_and(|there| there.is(&held)) {
            return Ok(None);
        }
        // Of an empty folder that is only known now: it has a lock to be compared with.
        let locked = match is_open_to_others(folder)? {
            Some(why) => Err(foreign(place, why)),
            None => Self::locked(place, folder, lock),
        };
        if locked.is_err() && is_empty(folder).unwrap_or(false) {
            Record::give_up(folder, place.root);
            let _ = folder.remove(LOCK);
        }
        locked
    }

    /// Judges and records a stage under its lock, when nobody else makes or forgets a record.
    fn locked(place: &Place, folder: &Folder, lock: Lock) -> Result<Option<Self>> {
        let Place { parent, name, root } = place;
        if !is_still_there(parent, name, folder)? {
            return Ok(None);
        }
        let (record, is_new) = match Record::find(folder, root)? {
            Some(record) => (record, false),
            None if !is_empty(folder)? => return Err(foreign(place, UNKNOWN)),
            None => (Record::make(folder, root)?, true),
        };
        let (parent, name, folder) = (parent.again()?, (*name).to_owned(), folder.again()?);
        let stage = Self { parent, name, folder, record, lock };
        let ignored = match stage.folder.see(IGNORE) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => stage.folder.create(IGNORE, b"*\n", Access::Private).map(drop),
            Err(error) => Err(error),
        };
        match ignored {
            Ok(()) => Ok(Some(stage)),
            // What an interrupted run left is still needed: only a stage of this run's own goes.
            Err(error) => {
                if is_new {
                    stage.remove();
                }
                Err(error)
            }
        }
    }

    /// What keeps others out, for a program that works in the stage.
    pub fn lock(&self) -> &File {
        &self.lock.0
    }

    /// The folder itself.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Whether the stage holds `name`.
    ///
    /// # Errors
    /// The system does not say.
    pub fn has(&self, name: &str) -> Result<bool> {
        self.folder.see(name).map(|seen| seen.is_some())
    }

    /// Takes the decision: once this returns the run is completed, by itself or by a later one.
    ///
    /// # Errors
    /// The system refuses; nothing is decided then.
    pub fn decide(&mut self, journal: &[u8]) -> Result<()> {
        self.folder.create(JOURNAL, journal, Access::Private)?;
        // All that is staged, in one call: one for each file takes many times as long.
        self.folder.sync_all()?;
        self.record.decide(journal)?;
        self.folder.rename(JOURNAL, COMMIT)?;
        // The decision is taken: that it may not outlast a loss of power is no reason to stop now.
        let _ = self.folder.sync();
        Ok(())
    }

    /// The journal of a run that had decided, if it is the one that was recorded.
    ///
    /// # Errors
    /// It is another one, or cannot be read.
    pub fn journal(&self) -> Result<Vec<u8>> {
        let bytes = self.folder.read(COMMIT, MOST_JOURNAL)?.unwrap_or_default();
        if self.record.journal.as_deref() == Some(digest(&bytes).as_str()) {
            return Ok(bytes);
        }
        let path = self.folder.join(COMMIT).display().to_string();
        let message = format!("`{path}` is not the journal that the interrupted run wrote");
        Err(Problem::new(Code::Unrecoverable, message).file(path).hint(self.give_up()).into())
    }

    /// What to do where an interrupted run cannot be completed.
    pub fn give_up(&self) -> String {
        format!("to give up the interrupted run, remove `{}`", self.folder.path().display())
    }

    /// Removes everything but the lock. What says that the run has decided goes last.
    ///
    /// # Errors
    /// The system refuses.
    pub fn clear(&self) -> Result<()> {
        let names = [TREE, REPLACED, REPOSITORY, JOURNAL, COMMIT, DONE];
        names.into_iter().try_for_each(|name| self.folder.remove(name))
    }

    /// Removes the stage. Gives its path if that was refused: then the next run that writes does it.
    pub fn remove(self) -> Option<String> {
        let path = self.folder.path().display().to_string();
        // The record before the folder: another one could get its number, and a record of its own.
        if self.clear().is_err() || self.folder.remove(IGNORE).is_err() || !self.record.forget() {
            return Some(path);
        }
        let Self { parent, name, folder, lock, .. } = self;
        let _ = folder.remove(LOCK);
        // Some file systems (NFS, FUSE) keep a removed file under another name until it is closed.
        drop(lock);
        let is_gone = || {
            parent.remove_if_empty(&name);
            parent.see(&name).is_ok_and(|seen| seen.is_none())
        };
        let is_gone_soon = || {
            std::thread::sleep(TICK);
            is_gone()
        };
        let is_removed = is_gone() || (0..CLOSING).any(|_| is_gone_soon());
        (!is_removed).then_some(path)
    }
}

/// What is in the place of a stage; nothing is changed.
///
/// # Errors
/// The system refuses.
pub fn look(parent: &Folder, name: &str, root: &Path) -> Result<Found> {
    match parent.see(name)? {
        None => Ok(Found::Nothing),
        Some(seen) if seen.kind != Kind::Folder => Ok(Found::Foreign(NO_FOLDER.to_owned())),
        Some(_) => match parent.below(name)? {
            None => Ok(Found::Nothing),
            Some(folder) => look_at(&folder, root),
        },
    }
}

/// Judges a stage by its owner, by what only a run of this user can have recorded, and by nothing that it says itself.
fn look_at(folder: &Folder, root: &Path) -> Result<Found> {
    if let Some(why) = is_open_to_others(folder)? {
        return Ok(Found::Foreign(why.to_owned()));
    }
    // A run that is at work is none that was interrupted.
    let lock = folder.open_file(LOCK);
    if matches!(&lock, Ok(lock) if matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
    {
        return Ok(Found::Nothing);
    }
    if Record::find(folder, root)?.is_some() {
        let decided = folder.see(COMMIT)?.is_some();
        return Ok(Found::Ours { decided });
    }
    let is_empty = is_empty(folder)?;
    Ok(if is_empty { Found::Empty } else { Found::Foreign(UNKNOWN.to_owned()) })
}

/// Why others could have put something into a stage. Where a lock, which is made for its user alone, is as open as the
/// folder, the file system keeps no modes (NTFS, exFAT, a share of Windows): they say nothing then.
fn is_open_to_others(folder: &Folder) -> Result<Option<&'static str>> {
    let is_open = |seen: &Seen| seen.mode & 0o022 != 0;
    let seen = folder.seen()?;
    if !private::is_me(seen.owner) {
        return Ok(Some("it belongs to another user"));
    }
    if !is_open(&seen) {
        return Ok(None);
    }
    let is_meant = match folder.see(LOCK)? {
        Some(lock) => !is_open(&lock),
        None => !is_empty(folder)?,
    };
    Ok(is_meant.then_some("other users can write to it"))
}

/// A run that was killed before it had written anything has no record yet, and left no more than its lock.
fn is_empty(folder: &Folder) -> Result<bool> {
    Ok(folder.names()?.iter().all(|name| name == LOCK))
}

/// A lock is made in an empty folder only; `None` if another process removed the stage meanwhile.
fn open_lock(folder: &Folder) -> io::Result<Option<File>> {
    let is_there = match folder.see(LOCK) {
        Ok(seen) => seen.map(|seen| seen.kind == Kind::File),
        Err(error) => return Err(io::Error::other(error.to_string())),
    };
    match is_there {
        Some(true) => folder.open_file(LOCK).map(Some).or_else(gone),
        Some(false) => Err(io::Error::other("its lock is not a file")),
        None => folder.open_lock(LOCK).map(Some).or_else(gone),
    }
}

fn is_still_there(parent: &Folder, name: &str, folder: &Folder) -> Result<bool> {
    let (ours, there) = (folder.seen()?, parent.see(name)?);
    Ok(there.is_some_and(|there| there.is(&ours)))
}

/// A folder or file that another process removed just now.
fn gone<T>(cause: io::Error) -> io::Result<Option<T>> {
    let is_gone = matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists);
    if is_gone { Ok(None) } else { Err(cause) }
}

/// The error for something in the place of the stage that is not ours.
fn foreign(place: &Place, why: &str) -> Error {
    let path = place.parent.join(place.name).display().to_string();
    let message = format!("`{path}` is in the way, and is not used: {why}");
    Problem::new(Code::Foreign, message)
        .file(path)
        .hint("look at what it holds, remove it, then run the command again; nothing was changed")
        .into()
}

fn busy(root: &Path) -> Error {
    let path = root.display().to_string();
    Problem::new(Code::Busy, format!("another run is writing to `{path}`"))
        .file(path)
        .hint("wait until it has ended, then run the command again")
        .into()
}

/// The error where the file system keeps no locks: without one, two runs at once would write into each other.
fn unlocked(root: &Path, cause: &io::Error) -> Error {
    let path = root.display().to_string();
    let message = format!("the file system of `{path}` keeps no locks: {cause}");
    Problem::new(Code::BadDestination, message)
        .file(path)
        .hint("work on a local disk, or let the file system be mounted with locks (`flock`)")
        .into()
}

fn refused(root: &Path, cause: &io::Error) -> Error {
    match cause.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            destination::not_writable(root, &cause.to_string())
        }
        _ => Error::io(&format!("preparing to write to `{}`", root.display()), cause),
    }
}
