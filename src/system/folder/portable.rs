//! An open folder where the system has no calls relative to one: links are looked for just before each use.

use super::{Access, Kind, Seen};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a file is waited for that another program has open, and how often it is tried.
const PATIENCE: Duration = Duration::from_millis(200);
const TICK: Duration = Duration::from_millis(5);
/// What Windows says then, and of a folder that goes once it is closed: access denied, and a sharing violation.
const HELD: [i32; 2] = [5, 32];

/// Another run that ends, or a scanner for viruses, may have a file open for a moment.
fn patiently<T>(work: impl Fn() -> io::Result<T>) -> io::Result<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        match work() {
            Err(cause)
                if cfg!(windows)
                    && cause.raw_os_error().is_some_and(|code| HELD.contains(&code))
                    && Instant::now() < end =>
            {
                std::thread::sleep(TICK);
            }
            result => return result,
        }
    }
}

#[derive(Debug)]
pub(super) struct Handle(PathBuf);

impl Handle {
    pub fn open(path: &Path) -> io::Result<Self> {
        if fs::metadata(path)?.is_dir() {
            Ok(Self(path.to_owned()))
        } else {
            Err(ErrorKind::NotADirectory.into())
        }
    }

    pub fn again(&self) -> io::Result<Self> {
        Ok(Self(self.0.clone()))
    }

    pub fn enter(&self, name: &OsStr) -> io::Result<Self> {
        let path = self.0.join(name);
        if patiently(|| fs::symlink_metadata(&path))?.is_dir() {
            Ok(Self(path))
        } else {
            Err(ErrorKind::NotADirectory.into())
        }
    }

    /// An open folder is one, also after it was removed.
    pub fn seen(&self) -> io::Result<Seen> {
        Ok(Seen { kind: Kind::Folder, size: 0, device: 0, inode: 0, owner: 0, mode: 0 })
    }

    pub fn see(&self, name: &OsStr) -> io::Result<Option<Seen>> {
        match patiently(|| fs::symlink_metadata(self.0.join(name))) {
            Ok(found) => Ok(Some(seen(&found))),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    pub fn open_file(&self, name: &OsStr) -> io::Result<File> {
        patiently(|| File::open(self.0.join(name)))
    }

    pub fn create_file(&self, name: &OsStr, _: Access) -> io::Result<File> {
        patiently(|| OpenOptions::new().write(true).create_new(true).open(self.0.join(name)))
    }

    pub fn open_lock(&self, name: &OsStr) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        patiently(|| options.open(self.0.join(name)))
    }

    pub fn make(&self, name: &OsStr, _: bool) -> io::Result<()> {
        patiently(|| fs::create_dir(self.0.join(name)))
    }

    pub fn set_mode(&self, _: &OsStr, _: u32) -> io::Result<()> {
        Ok(())
    }

    pub fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        patiently(|| fs::rename(self.0.join(from), self.0.join(to)))
    }

    pub fn rename_new(&self, from: &OsStr, other: &Self, to: &OsStr) -> io::Result<()> {
        if other.see(to)?.is_some() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        patiently(|| fs::rename(self.0.join(from), other.0.join(to)))
    }

    pub fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        patiently(|| fs::remove_dir(self.0.join(name)))
    }

    pub fn remove_all(&self, name: &OsStr) -> io::Result<()> {
        let path = self.0.join(name);
        match self.see(name)? {
            None => Ok(()),
            Some(found) if found.kind == Kind::Folder => {
                super::step(|| patiently(|| fs::remove_dir_all(&path)))
            }
            Some(_) => super::step(|| patiently(|| fs::remove_file(&path))),
        }
    }

    pub fn names(&self) -> io::Result<Vec<OsString>> {
        let entries = match patiently(|| fs::read_dir(&self.0)) {
            // As an open folder has none after it was removed.
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        entries.map(|entry| entry.map(|entry| entry.file_name())).collect()
    }

    pub fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    pub fn sync_all(&self) -> io::Result<()> {
        Ok(())
    }

    pub fn check_writable(&self, _: Option<&OsStr>) -> io::Result<()> {
        Ok(())
    }
}

/// What the system says of an open file.
pub fn seen_of(file: &File) -> io::Result<Seen> {
    file.metadata().map(|found| seen(&found))
}

fn seen(found: &fs::Metadata) -> Seen {
    let kind = match found.file_type() {
        kind if kind.is_symlink() => Kind::Link,
        kind if kind.is_dir() => Kind::Folder,
        kind if kind.is_file() => Kind::File,
        _ => Kind::Other,
    };
    Seen { kind, size: found.len(), device: 0, inode: 0, owner: 0, mode: 0 }
}
