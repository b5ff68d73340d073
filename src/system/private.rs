//! What belongs to this user on this machine: whose a folder is, and a folder that no repository and no other user can
//! write to.
//!
//! The folder holds the records of runs that write and the packs that may run programs. A clone, an archive or another
//! user cannot put anything there, so what it says can be trusted.

use crate::error::{Code, Error, Problem, Result};
use crate::system::folder::{self, Folder};
use crate::system::process;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is kept for this user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Records of runs. Where there is no home, the place for small files will do: a run ends soon.
    Runs,
    /// Packs whose programs may be run.
    Consents,
    /// What undoes the last update of a repository.
    Updates,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Consents => "trusted",
            Self::Updates => "updates",
        }
    }
}

/// Opens this user's folder for the purpose, and makes it if need be. It is not below `root` or the repository around it: what
/// a repository brings could be in the place.
///
/// # Errors
/// [`Code::BadDestination`]: no place can be written that belongs to this user alone.
pub fn open(purpose: Purpose, root: &Path) -> Result<Folder> {
    let mut refused = None;
    for base in outside(root, purpose)? {
        // Where it is already, it stays: a record in another place would be a second one.
        if let Some(folder) = existing(&base, purpose)? {
            return Ok(folder);
        }
        match make(&base, purpose.name()) {
            Ok(Some(folder)) => return Ok(folder),
            Ok(None) => {}
            Err(error) => refused = Some(error),
        }
    }
    if let Some(error) = refused {
        return Err(error);
    }
    let message = "there is no folder in which a record of this run can be kept";
    Err(Problem::new(Code::BadDestination, message)
        .hint(
            "set XDG_STATE_HOME to a folder of yours that can be written, outside the destination",
        )
        .into())
}

/// As [`open`], but makes nothing: `None` if there is none yet.
///
/// # Errors
/// The system refuses: what is there is not known then.
pub fn look(purpose: Purpose, root: &Path) -> Result<Option<Folder>> {
    for base in outside(root, purpose)? {
        if let Some(folder) = existing(&base, purpose)? {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

fn existing(base: &Path, purpose: Purpose) -> Result<Option<Folder>> {
    if is_private(base)? { Folder::open(base)?.below(purpose.name()) } else { Ok(None) }
}

/// Places that the repository around `root` cannot bring along.
fn outside(root: &Path, purpose: Purpose) -> Result<Vec<PathBuf>> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let around = folder::first(root.ancestors(), ".git")?.unwrap_or(root);
    // Whoever keeps a whole home in git gives that repository more than this.
    let is_home = home.as_deref() == Some(around);
    let is_outside = |base: &PathBuf| {
        let existing = base.ancestors().find(|folder| folder.exists());
        let resolved = existing.and_then(|folder| folder.canonicalize().ok());
        let is_inside = |path: &Path| path.starts_with(around);
        is_home || !(is_inside(base) || resolved.is_some_and(|path| is_inside(&path)))
    };
    Ok(here(purpose).into_iter().filter(is_outside).collect())
}

#[cfg(not(test))]
fn here(purpose: Purpose) -> Vec<PathBuf> {
    bases(purpose, |name| std::env::var_os(name).map(PathBuf::from))
}

/// Tests leave the folder of whoever runs them alone.
#[cfg(test)]
fn here(_: Purpose) -> Vec<PathBuf> {
    vec![std::env::temp_dir().join(format!("scaffold-tests-{}", system::me()))]
}

/// The user's folder of a kind: by its variable, below the home, or by a variable of Windows. A relative folder counts as not
/// named, as the base directory specification of freedesktop.org has it.
pub fn base(
    variable: &impl Fn(&str) -> Option<PathBuf>,
    xdg: &str,
    below_home: &str,
    windows: &str,
) -> Option<PathBuf> {
    let absolute = |name: &str| variable(name).filter(|path| path.is_absolute());
    absolute(xdg)
        .or_else(|| absolute("HOME").map(|home| home.join(below_home)))
        .or_else(|| absolute(windows))
}

/// Where the folder may be, best first: the state folder of freedesktop.org's base directory specification; else a place
/// for small files, for containers without a home.
fn bases(purpose: Purpose, variable: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let state = base(&variable, "XDG_STATE_HOME", ".local/state", "LOCALAPPDATA");
    let state = state.map(|state| state.join("scaffold"));
    let other = std::env::temp_dir().join(format!("scaffold-{}", system::me()));
    let other = Some(other).filter(|path| purpose == Purpose::Runs && path.is_absolute());
    state.into_iter().chain(other).collect()
}

/// Makes what is missing; `None` if the place is not this user's alone.
fn make(base: &Path, name: &str) -> Result<Option<Folder>> {
    let Some(existing) = base.ancestors().find(|folder| folder.exists()) else { return Ok(None) };
    // With `sudo` the home may be another user's: what is made there would be in that user's way. The folder for
    // everybody's small files is the exception, and there the name has the user's number in it.
    let shared = existing == std::env::temp_dir();
    if !shared && !system::is_own(existing).unwrap_or(false) {
        return Ok(None);
    }
    let missing = base.strip_prefix(existing).unwrap_or(base);
    // Folders are made by names in UTF-8: to leave one out would be to make another folder.
    let Some(missing) = missing.iter().map(|part| part.to_str()).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let mut at = Folder::open(existing)?;
    for part in missing {
        at = make_inside(&at, part)?;
    }
    if !is_private(base)? {
        return Ok(None);
    }
    make_inside(&at, name).map(Some)
}

fn make_inside(folder: &Folder, name: &str) -> Result<Folder> {
    let failed = |cause: &std::io::Error| {
        let path = folder.join(name).display().to_string();
        Problem::new(Code::Io, format!("making the folder `{path}`: {cause}")).file(path)
    };
    folder.make_private(name).map_err(|cause| failed(&cause))?;
    Ok(folder.below(name)?.ok_or_else(|| failed(&std::io::ErrorKind::NotFound.into()))?)
}

/// Whether `owner`, as the system told it of a file, is this user.
#[must_use]
pub fn is_me(owner: u32) -> bool {
    system::is_me(owner)
}

/// Whether a folder is there that nobody but this user can write to.
fn is_private(path: &Path) -> Result<bool> {
    let found = folder::at(path)?;
    Ok(found.is_some_and(|found| found.is_dir() && system::is_closed(&found)))
}

/// Whether what is in `folder` may be used where nobody named it: it belongs to this user, as git wants it, or git's
/// `safe.directory` lists it.
///
/// # Errors
/// The system does not say whose it is.
pub fn is_mine(folder: &Path) -> Result<bool> {
    let owned = system::is_own(folder).map_err(|cause| {
        let path = folder.display().to_string();
        Problem::new(Code::Io, format!("reading `{path}`: {cause}")).file(path)
    })?;
    Ok(owned || git_trusts(folder))
}

/// The error for a folder above that another user made.
#[must_use]
pub fn not_mine(folder: &Path) -> Error {
    let path = folder.display().to_string().replace('\\', "/");
    let message = format!("`{path}` belongs to another user, and is not used");
    Problem::new(Code::BadDestination, message)
        .file(&path)
        .hint(format!(
            "if you trust it, say so to git and scaffold: git config --global --add safe.directory {path}"
        ))
        .into()
}

/// Whether the user's or the system's configuration of git lists the folder, or all of them.
fn git_trusts(folder: &Path) -> bool {
    let mut git = Command::new("git");
    git.args(["config", "--null", "--get-all", "safe.directory"]);
    // Only what the user and the system say counts, not the repository: it would trust itself.
    git.current_dir("/").env("GIT_CEILING_DIRECTORIES", "/").env_remove("GIT_DIR");
    git.env_remove("GIT_CONFIG").env_remove("GIT_CONFIG_PARAMETERS").env_remove("GIT_CONFIG_COUNT");
    git.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok((_, listed)) = git.spawn().and_then(process::finish) else { return false };
    let listed = String::from_utf8_lossy(&listed).into_owned();
    // An empty entry takes back what stands above it.
    let after_reset = listed.rsplit("\0\0").next().unwrap_or_default();
    after_reset.split('\0').any(|entry| entry == "*" || Path::new(entry) == folder)
}

#[cfg(unix)]
mod system {
    use std::fs::Metadata;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    /// The number of the user that this process acts for.
    pub fn me() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    pub fn is_me(owner: u32) -> bool {
        owner == me()
    }

    /// With `sudo`, what belongs to the user who called it is the user's own too, as git has it.
    pub fn is_own(path: &Path) -> std::io::Result<bool> {
        let found = path.metadata()?;
        let caller = || std::env::var("SUDO_UID").ok()?.parse::<u32>().ok();
        Ok(found.uid() == me() || (me() == 0 && caller() == Some(found.uid())))
    }

    pub fn is_closed(found: &Metadata) -> bool {
        found.uid() == me() && found.mode() & 0o022 == 0
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as where the system may refuse")]
mod system {
    use std::fs::Metadata;
    use std::path::Path;

    pub fn me() -> String {
        std::env::var("USERNAME").unwrap_or_default()
    }

    pub fn is_me(_: u32) -> bool {
        true
    }

    /// A user's folders are closed to others by the system.
    pub fn is_own(_: &Path) -> std::io::Result<bool> {
        Ok(true)
    }

    pub fn is_closed(_: &Metadata) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_folder_comes_first_and_must_be_absolute() {
        // An absolute path of whatever system this is.
        let here = std::env::temp_dir();
        let first = |values: &[(&str, PathBuf)]| {
            let value = |name: &str| values.iter().find(|(key, _)| *key == name);
            bases(Purpose::Runs, |name| value(name).map(|(_, path)| path.clone())).remove(0)
        };
        let home = || ("HOME", here.join("h"));
        let named = first(&[("XDG_STATE_HOME", here.join("s")), home()]);
        assert_eq!(named, here.join("s/scaffold"));
        let relative = first(&[("XDG_STATE_HOME", PathBuf::from("s")), home()]);
        assert_eq!(relative, here.join("h/.local/state/scaffold"));
        assert!(first(&[]).starts_with(here));
    }

    #[cfg(unix)]
    #[test]
    fn a_relative_cache_folder_is_not_named() {
        let find = |name: &str| match name {
            "XDG_CACHE_HOME" => Some(PathBuf::from("cache")),
            "HOME" => Some(PathBuf::from("/home/me")),
            _ => None,
        };
        let found = base(&find, "XDG_CACHE_HOME", ".cache", "LOCALAPPDATA");
        assert_eq!(found, Some(PathBuf::from("/home/me/.cache")));
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_can_write_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let keep = tempfile::tempdir().unwrap();
        let base = keep.path().join("a/scaffold");
        assert!(make(&base, "runs").unwrap().is_some());
        assert!(is_private(&base).unwrap());
        std::fs::set_permissions(&base, std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(make(&base, "runs").unwrap().is_none());
        std::fs::remove_dir_all(&base).unwrap();
        std::os::unix::fs::symlink(keep.path(), &base).unwrap();
        assert!(make(&base, "runs").unwrap().is_none());
    }
}
