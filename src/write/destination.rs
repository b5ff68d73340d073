//! Where the destination really is, and whether it can be used.

use crate::error::{Code, Error, Problem, Result};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Whether a repository can be written to `dest`, as far as that shows without writing. A folder that
/// does not exist yet is fine, and so is a link to a folder.
///
/// # Errors
/// [`Code::BadDestination`]: it is a file, a dangling link, below something that is no folder, or not
/// writable.
pub fn check_destination(dest: &Path) -> Result<()> {
    let root = resolve(dest)?;
    let folder = root.ancestors().find(|folder| folder.exists()).unwrap_or(&root);
    // On Windows the attribute means something else for a folder.
    let closed = cfg!(unix) && folder.metadata().is_ok_and(|found| found.permissions().readonly());
    if closed { Err(not_writable(folder, "it is read-only")) } else { Ok(()) }
}

/// The absolute path of `dest`; links are resolved as far as it exists, but for Windows.
///
/// # Errors
/// It cannot be a folder.
pub fn resolve(dest: &Path) -> Result<PathBuf> {
    let dest = if dest.as_os_str().is_empty() { Path::new(".") } else { dest };
    let absolute = std::path::absolute(dest)
        .map_err(|cause| refuse(dest, &cause.to_string(), "give another destination"))?;
    let mut missing: Vec<OsString> = Vec::new();
    let mut at = absolute.as_path();
    loop {
        match at.symlink_metadata() {
            Ok(_) => break,
            Err(cause)
                if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(cause) => return Err(refuse(at, &cause.to_string(), "check its permissions")),
        }
        let (Some(name), Some(parent)) = (at.file_name(), at.parent()) else {
            let why = "it leads through a folder that does not exist";
            return Err(refuse(dest, why, "write the path without `..`"));
        };
        missing.push(name.to_owned());
        at = parent;
    }
    let folder = folder(at)?;
    Ok(missing.iter().rev().fold(folder, |path, name| path.join(name)))
}

/// Whether something is there; that the system does not say is no `false`.
///
/// # Errors
/// The system does not say.
pub fn exists(path: &Path) -> Result<bool> {
    path.try_exists().map_err(|cause| refuse(path, &cause.to_string(), "check its permissions"))
}

/// Resolves something that exists.
fn folder(at: &Path) -> Result<PathBuf> {
    let another = "give another destination, or move it away";
    match at.metadata() {
        // The resolved form (`\\?\C:\…`) confuses git and people.
        Ok(found) if found.is_dir() && cfg!(windows) => Ok(at.to_owned()),
        Ok(found) if found.is_dir() => {
            at.canonicalize().map_err(|cause| refuse(at, &cause.to_string(), another))
        }
        Ok(_) => Err(refuse(at, "it is not a folder", another)),
        Err(_) if at.is_symlink() => {
            Err(refuse(at, "it is a link that leads nowhere", "remove the link or make its target"))
        }
        Err(cause) => Err(refuse(at, &cause.to_string(), "check its permissions")),
    }
}

fn refuse(path: &Path, why: &str, hint: &str) -> Error {
    let path = path.display().to_string();
    let message = format!("`{path}` cannot be the destination: {why}");
    Problem::new(Code::BadDestination, message).file(path).hint(hint).into()
}

/// The error for a destination that the system protects.
pub fn not_writable(folder: &Path, why: &str) -> Error {
    let path = folder.display().to_string();
    Problem::new(Code::BadDestination, format!("`{path}` cannot be written to: {why}"))
        .file(path)
        .hint("change its permissions, or give another destination")
        .into()
}

/// The name of the stage of a run that makes `name`; it is beside it.
pub fn sibling_name(name: &str) -> String {
    format!(".{name}.scaffold-tmp")
}

/// The error for a destination whose name cannot be written into messages and journals.
pub fn not_unicode(path: &Path) -> Error {
    refuse(path, "its name is not Unicode", "give another destination")
}
