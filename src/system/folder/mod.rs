//! An open folder: files below it are read and written part by part, and through no link.
//!
//! A path is judged when it is used and not before: each part is opened relative to the one above it, so that a folder
//! which somebody turns into a link in the meantime leads nowhere.

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "as where the system may refuse")]
mod portable;
mod series;
#[cfg(test)]
pub mod steps;
#[cfg(test)]
mod tests;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
use portable as system;
#[cfg(unix)]
use unix as system;

pub use series::Series;

use crate::error::{Code, Error, Problem, Result};
use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read, Write};
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, wherever it leads.
    Link,
    /// A device, a pipe, a socket.
    Other,
}

/// What the system says of something in a folder, without following a link.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// What it is.
    pub kind: Kind,
    /// In bytes.
    pub size: u64,
    /// The file system; 0 where the system has no such number.
    pub device: u64,
    /// The number within the file system; 0 where the system has no such number.
    pub inode: u64,
    /// The user who owns it; 0 where the system has no such number.
    pub owner: u32,
    /// Permissions, and the bits for set-user-id, set-group-id and sticky.
    pub mode: u32,
}

impl Seen {
    /// Whether both are the same thing on the same file system.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

/// What the system says of an open file.
///
/// # Errors
/// It says nothing.
pub fn seen_of(file: &File) -> io::Result<Seen> {
    system::seen_of(file)
}

/// What a new file may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whatever the umask leaves.
    Shared {
        /// Whether it can be run.
        executable: bool,
    },
    /// Nobody but the owner.
    Private,
}

/// An open folder. It stays the same one, whatever becomes of its path.
#[derive(Debug)]
pub struct Folder {
    handle: system::Handle,
    path: PathBuf,
}

impl Folder {
    /// Opens the folder at `path`, through links if there are any: for paths that the user gave.
    ///
    /// # Errors
    /// There is none, or the system refuses.
    pub fn open(path: &Path) -> Result<Self> {
        let handle = system::Handle::open(path).map_err(|cause| fault("opening", path, &cause))?;
        Ok(Self { handle, path: path.to_owned() })
    }

    /// Where it was when it was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the system says of the folder itself.
    ///
    /// # Errors
    /// The system does not say.
    pub fn seen(&self) -> Result<Seen> {
        self.handle.seen().map_err(|cause| fault("reading", &self.path, &cause))
    }

    /// The whole path of something in it, for messages and for programs that need one.
    #[must_use]
    pub fn join(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.path.clone(), |joined, part| joined.join(part))
    }

    /// What is at `path`; `None` if nothing is.
    ///
    /// # Errors
    /// A link or a file stands where a folder is needed, or the system does not say.
    pub fn see(&self, path: &str) -> Result<Option<Seen>> {
        let Some((parent, name)) = self.parent(path)? else { return Ok(None) };
        parent.handle.see(name.as_ref()).map_err(|cause| fault("reading", &self.join(path), &cause))
    }

    /// The folder at `path`; `None` if nothing is there.
    ///
    /// # Errors
    /// A link or something else is in its place, or the system refuses.
    pub fn below(&self, path: &str) -> Result<Option<Self>> {
        let Some((parent, name)) = self.parent(path)? else { return Ok(None) };
        parent.enter(name, path)
    }

    /// What the file at `path` holds; `None` if nothing is there. `most` is in bytes.
    ///
    /// # Errors
    /// [`Code::BadPath`] or [`Code::Conflict`]: a link, a folder or something else is in its place or above it;
    /// [`Code::Limit`]: it is larger than `most`; [`Code::Io`].
    pub fn read(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>> {
        let Some((parent, name)) = self.parent(path)? else { return Ok(None) };
        let whole = self.join(path);
        let failed = |cause: &io::Error| fault("reading", &whole, cause);
        match parent.handle.see(name.as_ref()).map_err(|cause| failed(&cause))? {
            None => return Ok(None),
            Some(seen) if seen.kind != Kind::File => return Err(obstacle(path, path, seen.kind)),
            Some(_) => {}
        }
        // Somebody may have put something else there since: the file that is open is looked at once more.
        let file = match parent.handle.open_file(name.as_ref()) {
            Ok(file) => file,
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(failed(&cause)),
        };
        if !file.metadata().map_err(|cause| failed(&cause))?.is_file() {
            return Err(obstacle(path, path, Kind::Other));
        }
        match read_open(file, most).map_err(|cause| failed(&cause))? {
            Some(bytes) => Ok(Some(bytes)),
            None => Err(too_large(&whole, most)),
        }
    }

    /// The names of what is in it, sorted.
    ///
    /// # Errors
    /// A name is not UTF-8, or the system refuses.
    pub fn names(&self) -> Result<Vec<String>> {
        let names = self.handle.names().map_err(|cause| fault("reading", &self.path, &cause))?;
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            found.push(name.into_string().map_err(|name| not_utf8(&self.path.join(name)))?);
        }
        found.sort();
        Ok(found)
    }

    /// Whether something is at `path` in exactly this spelling, and not only in one that differs in capitals, which some
    /// file systems take for the same.
    ///
    /// # Errors
    /// As [`Folder::see`] and [`Folder::names`].
    pub fn is_listed(&self, path: &str) -> Result<bool> {
        let holds = |folder: &Self, name: &str| {
            Ok::<_, Error>(folder.names()?.iter().any(|other| other == name))
        };
        let Some((parent, name)) = path.rsplit_once('/') else { return holds(self, path) };
        let Some(folder) = self.below(parent)? else { return Ok(false) };
        Ok(self.is_listed(parent)? && holds(&folder, name)?)
    }

    /// Makes the folder at `path` and those above it, unless they exist, and opens it.
    ///
    /// # Errors
    /// A link or something else is in its place, or the system refuses.
    pub fn make(&self, path: &str) -> Result<Self> {
        let mut at = self.again()?;
        for (index, name) in path.split('/').enumerate() {
            let so_far = path.split('/').take(index + 1).collect::<Vec<_>>().join("/");
            at = if let Some(folder) = at.enter(name, &so_far)? {
                folder
            } else {
                let failed =
                    |cause: &io::Error| fault("making the folder", &self.join(&so_far), cause);
                step(|| at.handle.make(name.as_ref(), false))
                    .or_else(unless(ErrorKind::AlreadyExists))
                    .map_err(|cause| failed(&cause))?;
                at.enter(name, &so_far)?.ok_or_else(|| failed(&ErrorKind::NotFound.into()))?
            };
        }
        Ok(at)
    }

    /// Makes the folder `name` that nobody but the owner may use; `false` if something is there.
    ///
    /// # Errors
    /// The system refuses.
    pub fn make_private(&self, name: &str) -> io::Result<bool> {
        step(|| self.handle.make(name.as_ref(), true))
            .map(|()| true)
            .or_else(|cause| unless(ErrorKind::AlreadyExists)(cause).map(|()| false))
    }

    /// Writes a file that must not exist yet, and the folders above it.
    ///
    /// # Errors
    /// It exists, or the system refuses.
    pub fn create(&self, path: &str, bytes: &[u8], access: Access) -> Result<File> {
        let (above, name) = split(path);
        let parent =
            if above.is_empty() { Near::This(self) } else { Near::Below(self.make(above)?) };
        let failed = |cause: &io::Error| fault("writing", &self.join(path), cause);
        let mut file = step(|| parent.handle.create_file(name.as_ref(), access))
            .map_err(|cause| failed(&cause))?;
        step(|| file.write_all(bytes)).map_err(|cause| failed(&cause))?;
        Ok(file)
    }

    /// Opens a file that exists, to read or to lock it. The error is the system's own.
    ///
    /// # Errors
    /// There is none, it is a link, or the system refuses.
    pub fn open_file(&self, name: &str) -> io::Result<File> {
        self.handle.open_file(name.as_ref())
    }

    /// Opens a file for a lock, and makes it unless it exists. The error is the system's own.
    ///
    /// # Errors
    /// It is a link, or the system refuses.
    pub fn open_lock(&self, name: &str) -> io::Result<File> {
        step(|| self.handle.open_lock(name.as_ref()))
    }

    /// Gives the file at `path` these permissions.
    ///
    /// # Errors
    /// There is none, or the system refuses.
    pub fn set_mode(&self, path: &str, mode: u32) -> Result<()> {
        let Some((parent, name)) = self.parent(path)? else { return Ok(()) };
        step(|| parent.handle.set_mode(name.as_ref(), mode))
            .map_err(|cause| fault("writing", &self.join(path), &cause))
    }

    /// Moves what is at `from` to `to` in another folder of the same file system, where nothing may be; `false` if
    /// something is there.
    ///
    /// # Errors
    /// Nothing is at `from`, or the system refuses.
    pub fn place(&self, from: &str, other: &Self, to: &str) -> Result<bool> {
        let failed = |cause: &io::Error| fault("writing", &other.join(to), cause);
        let gone = || fault("reading", &self.join(from), &ErrorKind::NotFound.into());
        let (source, name) = self.parent(from)?.ok_or_else(gone)?;
        let (above, new_name) = split(to);
        let target =
            if above.is_empty() { Near::This(other) } else { Near::Below(other.make(above)?) };
        let moved =
            step(|| source.handle.rename_new(name.as_ref(), &target.handle, new_name.as_ref()));
        match moved {
            Ok(()) => Ok(true),
            Err(cause)
                if matches!(
                    cause.kind(),
                    ErrorKind::AlreadyExists
                        | ErrorKind::DirectoryNotEmpty
                        | ErrorKind::IsADirectory
                        | ErrorKind::NotADirectory
                ) =>
            {
                Ok(false)
            }
            Err(cause) => Err(failed(&cause)),
        }
    }

    /// Renames a file, over another if there is one.
    ///
    /// # Errors
    /// The system refuses.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        step(|| self.handle.rename(from.as_ref(), to.as_ref()))
            .map_err(|cause| fault("writing", &self.join(to), &cause))
    }

    /// Removes what is at `path`, with everything below it; nothing there is no error. Links are removed, not followed.
    ///
    /// # Errors
    /// The system refuses.
    pub fn remove(&self, path: &str) -> Result<()> {
        let Some((parent, name)) = self.parent(path)? else { return Ok(()) };
        parent
            .handle
            .remove_all(name.as_ref())
            .map_err(|cause| fault("removing", &self.join(path), &cause))
    }

    /// Removes the folder at `path` if it is empty. `false` if it may be empty and is still there; that is no error.
    #[allow(clippy::must_use_candidate)] // most callers only tidy up
    pub fn remove_if_empty(&self, path: &str) -> bool {
        match self.parent(path) {
            Ok(Some((parent, name))) => match step(|| parent.handle.remove_folder(name.as_ref())) {
                Ok(()) => true,
                Err(cause) => {
                    use ErrorKind::{DirectoryNotEmpty, NotADirectory, NotFound};
                    matches!(cause.kind(), DirectoryNotEmpty | NotADirectory | NotFound)
                }
            },
            Ok(None) => true,
            Err(_) => false,
        }
    }

    /// Makes the order of what was renamed in the folder survive a loss of power, where the system can.
    ///
    /// # Errors
    /// The system cannot write.
    pub fn sync(&self) -> Result<()> {
        step(|| on_disk(|| self.handle.sync()))
            .map_err(|cause| fault("writing", &self.path, &cause))
    }

    /// Makes everything that was written to its file system survive a loss of power.
    ///
    /// # Errors
    /// The system cannot write.
    pub fn sync_all(&self) -> Result<()> {
        step(|| on_disk(|| self.handle.sync_all()))
            .map_err(|cause| fault("writing", &self.path, &cause))
    }

    /// Why something in it cannot be made, renamed or removed, as far as that shows before it is tried: `name` is what
    /// would be replaced, if there is something.
    ///
    /// # Errors
    /// The reason.
    pub fn check_writable(&self, name: Option<&str>) -> io::Result<()> {
        self.handle.check_writable(name.map(OsStr::new))
    }

    /// The same folder, opened once more.
    ///
    /// # Errors
    /// The system refuses.
    pub fn again(&self) -> Result<Self> {
        let handle = self.handle.again().map_err(|cause| fault("opening", &self.path, &cause))?;
        Ok(Self { handle, path: self.path.clone() })
    }

    /// The folder above `path` and the last part; `None` if it does not exist.
    fn parent<'p>(&self, path: &'p str) -> Result<Option<(Near<'_>, &'p str)>> {
        check(path)?;
        let (above, name) = split(path);
        let mut at = Near::This(self);
        let mut length = 0;
        for part in above.split('/').filter(|part| !part.is_empty()) {
            length += part.len() + usize::from(length > 0);
            match at.enter(part, &path[..length])? {
                Some(folder) => at = Near::Below(folder),
                None => return Ok(None),
            }
        }
        Ok(Some((at, name)))
    }

    /// The folder `name` in it, which is shown as `path`.
    fn enter(&self, name: &str, path: &str) -> Result<Option<Self>> {
        match self.handle.enter(name.as_ref()) {
            Ok(handle) => Ok(Some(Self { handle, path: self.path.join(name) })),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => match self.handle.see(name.as_ref()) {
                Ok(Some(seen)) if seen.kind != Kind::Folder => Err(obstacle(path, path, seen.kind)),
                _ => Err(fault("opening", &self.path.join(name), &cause)),
            },
        }
    }
}

/// The folder itself, or one below it that was opened on the way.
enum Near<'f> {
    This(&'f Folder),
    Below(Folder),
}

impl Deref for Near<'_> {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        match self {
            Self::This(folder) => folder,
            Self::Below(folder) => folder,
        }
    }
}

/// What is at `path` itself, without following a link; `None` if nothing is there.
///
/// # Errors
/// The system does not say: that is no answer, and whoever took it for "nothing" would go on without a word.
pub fn at(path: &Path) -> Result<Option<Metadata>> {
    found(path, path.symlink_metadata())
}

/// The first of `folders` in which something is at `path`.
///
/// # Errors
/// As [`at`].
pub fn first<'p>(folders: impl Iterator<Item = &'p Path>, path: &str) -> Result<Option<&'p Path>> {
    for folder in folders {
        if at(&folder.join(path))?.is_some() {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

/// What `path` leads to; `None` if that is nothing.
///
/// # Errors
/// As [`at`].
pub fn behind(path: &Path) -> Result<Option<Metadata>> {
    found(path, path.metadata())
}

fn found(path: &Path, said: io::Result<Metadata>) -> Result<Option<Metadata>> {
    match said {
        Ok(found) => Ok(Some(found)),
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(cause) => {
            let mut error = fault("reading", path, &cause);
            for problem in &mut error.problems {
                problem.hint = Some("nothing was changed".to_owned());
            }
            Err(error)
        }
    }
}

/// The content of an open file; `None` if it has more than `most` bytes.
///
/// # Errors
/// The system refuses.
pub fn read_open(file: impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// Waits until the content of an open file is on the disk; `path` is for the message.
///
/// # Errors
/// The system cannot write.
pub fn sync(file: &File, path: &Path) -> Result<()> {
    step(|| on_disk(|| file.sync_all())).map_err(|cause| fault("writing", path, &cause))
}

/// The error for a file that is larger than `most` bytes.
#[must_use]
pub fn too_large(path: &Path, most: u64) -> Error {
    let path = shown(path);
    let unit = if most >= 1 << 20 { (most >> 20, "MB") } else { (most >> 10, "kB") };
    Problem::new(Code::Limit, format!("`{path}` is larger than {} {}", unit.0, unit.1))
        .file(path)
        .into()
}

fn not_utf8(path: &Path) -> Error {
    let path = shown(path);
    Problem::new(Code::BadPath, format!("`{path}` has a name that is not UTF-8"))
        .file(path)
        .hint("rename it or move it away, then run the command again")
        .into()
}

fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// Only what is below can be named.
fn check(path: &str) -> Result<()> {
    if path.split('/').any(|part| matches!(part, "" | "." | "..") || part.contains('\0')) {
        let message = format!("`{path}` is not a path below a folder");
        return Err(Problem::new(Code::BadPath, message).file(path).into());
    }
    Ok(())
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn unless(kind: ErrorKind) -> impl Fn(io::Error) -> io::Result<()> {
    move |cause| if cause.kind() == kind { Ok(()) } else { Err(cause) }
}

fn obstacle(path: &str, at: &str, found: Kind) -> Error {
    let (code, what) = match found {
        Kind::Link => (Code::BadPath, "a link, and links are not followed"),
        Kind::Folder => (Code::Conflict, "a folder"),
        Kind::File => (Code::Conflict, "a file, where a folder is needed"),
        Kind::Other => (Code::Conflict, "neither a file nor a folder"),
    };
    Problem::new(code, format!("`{path}` cannot be used: `{at}` is {what}"))
        .file(path)
        .hint(format!("move `{at}` away or remove it, then run the command again"))
        .into()
}

/// The error for a system call that failed.
fn fault(what: &str, path: &Path, cause: &io::Error) -> Error {
    let path = shown(path);
    Problem::new(Code::Io, format!("{what} `{path}`: {cause}")).file(path).into()
}

/// The tests of this crate lose no power, and thousands of their runs would wait for the disk; those of the whole program
/// wait as it does.
fn on_disk(sync: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    if cfg!(test) { Ok(()) } else { sync() }
}

/// Every change of the file system passes here, so that tests can stop a run before any of them.
fn step<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    #[cfg(test)]
    steps::moment()?;
    work()
}
