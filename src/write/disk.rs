//! File system calls whose errors name the path, and reads that follow no link.

use crate::error::{Code, Error, Problem, Result};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The folder of the tool in a generated repository.
pub const SCAFFOLD: &str = ".scaffold";
/// The stage inside [`SCAFFOLD`].
pub const STAGE: &str = "tmp-write";

/// Whether `path` is relative, stays inside the destination, and is a place for generated files.
///
/// This is also asked of journals, which may come with a cloned repository: without it one could
/// plant a hook in `.git`.
///
/// # Errors
/// It is not.
pub fn check_path(path: &str) -> Result<()> {
    let bad = |part: &str| {
        matches!(part, "" | "." | "..")
            || part.contains(['\\', ':', '\0'])
            || part.eq_ignore_ascii_case(".git")
    };
    let mut parts = path.split('/');
    let staged = parts.next().is_some_and(|part| part.eq_ignore_ascii_case(SCAFFOLD))
        && parts.next().is_some_and(|part| part.eq_ignore_ascii_case(STAGE));
    if staged || path.split('/').any(bad) {
        let message = format!("`{path}` is not a path that a generated file can have");
        return Err(Problem::new(Code::BadPath, message).file(path).into());
    }
    Ok(())
}

/// `path` below `root`; part by part, because `/` is no separator in a resolved Windows path.
pub fn join(root: &Path, path: &str) -> PathBuf {
    path.split('/').fold(root.to_owned(), |joined, part| joined.join(part))
}

/// What the file at `path` below `root` holds; `None` if there is none.
///
/// # Errors
/// A link or a file stands where a folder is needed, something else than a file is in its place, or
/// it cannot be read.
pub fn read(root: &Path, path: &str) -> Result<Option<Vec<u8>>> {
    let parts: Vec<&str> = path.split('/').collect();
    for length in 1..parts.len() {
        let parent = parts[..length].join("/");
        match stat(&join(root, &parent))? {
            None => return Ok(None),
            Some(found) if found.is_dir() => {}
            Some(found) => return Err(obstacle(path, &parent, &found)),
        }
    }
    let target = join(root, path);
    match stat(&target)? {
        None => Ok(None),
        Some(found) if found.is_file() => match fs::read(&target) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(cause) => Err(fault("reading", &target, &cause)),
        },
        Some(found) => Err(obstacle(path, path, &found)),
    }
}

/// What is at `path` itself, without following a link.
///
/// # Errors
/// The system does not say.
pub fn stat(path: &Path) -> Result<Option<Metadata>> {
    match path.symlink_metadata() {
        Ok(found) => Ok(Some(found)),
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(cause) => Err(fault("reading", path, &cause)),
    }
}

fn obstacle(path: &str, at: &str, found: &Metadata) -> Error {
    let (code, what) = if found.is_symlink() {
        (Code::BadPath, "a link, and nothing is written through links")
    } else if found.is_dir() {
        (Code::Conflict, "a folder")
    } else if found.is_file() {
        (Code::Conflict, "a file, where a folder is needed")
    } else {
        (Code::Conflict, "neither a file nor a folder")
    };
    Problem::new(code, format!("`{path}` cannot be written: `{at}` is {what}"))
        .file(path)
        .hint(format!("move `{at}` away or remove it, then run the command again"))
        .into()
}

fn fault(what: &str, path: &Path, cause: &io::Error) -> Error {
    let message = format!("{what} `{}`: {cause}", path.display());
    Problem::new(Code::Io, message).file(path.display().to_string()).into()
}

/// Every change of the file system passes here, so that tests can stop a run before any of them.
fn step<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    #[cfg(test)]
    super::tests::moment()?;
    work()
}

fn change<T>(what: &str, path: &Path, work: impl FnOnce() -> io::Result<T>) -> Result<T> {
    step(work).map_err(|cause| fault(what, path, &cause))
}

/// Opens the lock file at `path`, and makes it and its folder unless they exist. The error is the
/// system's own: its kind says whether another run removed the folder.
///
/// # Errors
/// The system refuses.
pub fn open_lock(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        step(|| fs::create_dir_all(folder))?;
    }
    step(|| OpenOptions::new().write(true).create(true).truncate(false).open(path))
}

/// Writes a file that must not exist yet, and its folders.
///
/// # Errors
/// It exists, or the system refuses.
pub fn create(path: &Path, bytes: &[u8], executable: bool) -> Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    modes::at_creation(&mut options, executable);
    let mut file = change("writing", path, || options.open(path))?;
    change("writing", path, || file.write_all(bytes))
}

/// Like [`create`], and does not return before the content is on the disk.
///
/// # Errors
/// It exists, or the system refuses.
pub fn create_durable(path: &Path, bytes: &[u8]) -> Result<()> {
    create(path, bytes, false)?;
    // Windows flushes only what was opened for writing.
    change("writing", path, || OpenOptions::new().write(true).open(path)?.sync_all())
}

/// Makes the order of renames in `folder` survive a loss of power, where the system can.
pub fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

/// Gives `staged` the mode of the user's file that it will replace, plus the execute bits.
///
/// # Errors
/// The system refuses.
pub fn keep_mode(target: &Path, staged: &Path, executable: bool) -> Result<()> {
    change("writing", staged, || modes::copy(target, staged, executable))
}

/// Makes a folder and its parents, unless they exist.
///
/// # Errors
/// The system refuses.
pub fn make_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    change("making the folder", path, || fs::create_dir_all(path))
}

/// Renames, over `to` if it is a file.
///
/// # Errors
/// The system refuses.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    change("writing", to, || fs::rename(from, to))
}

/// Removes a file, a link or a whole folder, unless it is gone already.
///
/// # Errors
/// The system refuses.
pub fn remove(path: &Path) -> Result<()> {
    let Some(found) = stat(path)? else { return Ok(()) };
    change("removing", path, || {
        if found.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
    })
}

/// Removes a folder if it is empty; that it is not is no error.
pub fn remove_if_empty(path: &Path) {
    let _ = change("removing", path, || fs::remove_dir(path));
}

#[cfg(unix)]
mod modes {
    use std::fs::{self, OpenOptions};
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    use std::path::Path;

    /// The umask takes away what the user does not want to give.
    pub fn at_creation(options: &mut OpenOptions, executable: bool) {
        options.mode(if executable { 0o777 } else { 0o666 });
    }

    pub fn copy(target: &Path, staged: &Path, executable: bool) -> std::io::Result<()> {
        let mode = target.symlink_metadata()?.permissions().mode() & 0o777;
        // Who may read may run.
        let run = if executable { (mode & 0o444) >> 2 } else { 0 };
        fs::set_permissions(staged, fs::Permissions::from_mode(mode | run))
    }
}

#[cfg(not(unix))]
mod modes {
    use std::fs::OpenOptions;
    use std::path::Path;

    pub fn at_creation(_: &mut OpenOptions, _: bool) {}

    pub fn copy(_: &Path, _: &Path, _: bool) -> std::io::Result<()> {
        Ok(())
    }
}
