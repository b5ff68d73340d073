//! The stage: the folder in which a run prepares its changes, with the lock that keeps others out.

use super::{destination, disk};
use crate::error::{Code, Error, Problem, Result};
use same_file::Handle;
use std::fs::{File, Metadata, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The staged files.
pub const TREE: &str = "tree";
/// The journal while it is written.
pub const JOURNAL: &str = "journal";
/// The journal once the run has decided.
pub const COMMIT: &str = "commit";
/// The journal once all is in place.
pub const DONE: &str = "done";
/// The next `.scaffold.backup`.
pub const BACKUP: &str = "backup";
const LOCK: &str = "lock";

/// How often the lock is tried while others remove the stage under our feet.
const TRIES: usize = 100;

/// A stage that this process has locked.
#[derive(Debug)]
pub struct Stage {
    path: PathBuf,
    // Held until the stage is dropped, or the process dies.
    lock: File,
}

impl Drop for Stage {
    /// A process that is just being started has a copy of the file, which would keep the lock.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}

impl Stage {
    /// Makes the stage at `path`, unless a killed run left it, and locks it.
    ///
    /// # Errors
    /// [`Code::Busy`] if another process has it, [`Code::BadDestination`] if it cannot be made.
    pub fn acquire(path: PathBuf, root: &Path) -> Result<Self> {
        inside(&path).map_or(Ok(()), |folder| refuse_unless(Metadata::is_dir, folder))?;
        refuse_unless(Metadata::is_dir, &path)?;
        refuse_unless(Metadata::is_file, &path.join(LOCK))?;
        for _ in 0..TRIES {
            match lock(&path) {
                Ok(Some(lock)) => return Ok(Self { path, lock }),
                Ok(None) => {}
                Err(TryLockError::WouldBlock) => return Err(busy(root)),
                Err(TryLockError::Error(cause)) => {
                    remove_empty(&path);
                    return Err(refused(root, &cause));
                }
            }
        }
        Err(busy(root))
    }

    /// The path of `name` in the stage.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether the stage holds `name`.
    pub fn has(&self, name: &str) -> bool {
        self.join(name).symlink_metadata().is_ok()
    }

    /// What the file `name` in the stage holds; `None` if there is none.
    ///
    /// # Errors
    /// There is something else, or links lead to it.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        disk::read(&self.path, name)
    }

    /// Makes the order of what was renamed in the stage survive a loss of power.
    pub fn sync(&self) {
        disk::sync_folder(&self.path);
    }

    /// Removes everything but the lock. What says that the run has decided goes last.
    ///
    /// # Errors
    /// The system refuses.
    pub fn clear(&self) -> Result<()> {
        for name in [TREE, BACKUP, JOURNAL, COMMIT, DONE] {
            disk::remove(&self.join(name))?;
        }
        Ok(())
    }

    /// Removes the stage. What cannot be removed is left to the next run's recovery.
    pub fn remove(self) {
        if self.clear().and_then(|()| disk::remove(&self.join(LOCK))).is_ok() {
            remove_empty(&self.path);
        }
    }
}

/// `.scaffold` around a stage that is inside the destination.
fn inside(path: &Path) -> Option<&Path> {
    path.parent().filter(|parent| parent.ends_with(disk::SCAFFOLD))
}

/// Removes the stage's folder, and `.scaffold` around it if that was made for the stage alone.
fn remove_empty(path: &Path) {
    disk::remove_if_empty(path);
    if let Some(scaffold) = inside(path) {
        disk::remove_if_empty(scaffold);
    }
}

/// Locks the stage's lock file; `None` if its former holder removed it meanwhile.
fn lock(path: &Path) -> std::result::Result<Option<File>, TryLockError> {
    // To `create_dir_all` a folder that vanishes under its feet is something else that exists.
    let gone =
        |cause: &io::Error| matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists);
    let name = path.join(LOCK);
    let file = match disk::open_lock(&name) {
        Ok(file) => file,
        Err(cause) if gone(&cause) => return Ok(None),
        Err(cause) => return Err(TryLockError::Error(cause)),
    };
    file.try_lock()?;
    let ours = file.try_clone().and_then(Handle::from_file).map_err(TryLockError::Error)?;
    match Handle::from_path(&name) {
        Ok(there) => Ok((ours == there).then_some(file)),
        Err(cause) if gone(&cause) => Ok(None),
        Err(cause) => Err(TryLockError::Error(cause)),
    }
}

/// Refuses what is there but of the wrong kind: a cloned repository could hold links to anywhere.
fn refuse_unless(right: fn(&Metadata) -> bool, path: &Path) -> Result<()> {
    if disk::stat(path)?.as_ref().is_none_or(right) {
        return Ok(());
    }
    let path = path.display().to_string();
    Err(Problem::new(Code::BadPath, format!("`{path}` is not what an interrupted run leaves"))
        .file(path)
        .hint("move it away or remove it, then run the command again")
        .into())
}

fn busy(root: &Path) -> Error {
    let path = root.display().to_string();
    Problem::new(Code::Busy, format!("another run is writing to `{path}`"))
        .file(path)
        .hint("wait until it has ended, then run the command again")
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
