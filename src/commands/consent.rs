//! Which packs of others may name programs that are run: kept by the digest of a pack, where no repository can write.

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// Whether the user has agreed to the pack with this digest. What cannot be read or is not the user's own is no consent.
#[must_use]
pub fn is_given(digest: &str) -> bool {
    folder().is_some_and(|folder| {
        is_own(&folder) && folder.join(digest).symlink_metadata().is_ok_and(|file| file.is_file())
    })
}

/// Keeps that the user has agreed to the pack with this digest.
///
/// # Errors
/// There is no folder for it, it belongs to somebody else, or the system refuses.
pub fn remember(digest: &str) -> Result<()> {
    let refused = |why: &str| Error::io("keeping the consent", &std::io::Error::other(why));
    let folder = folder().ok_or_else(|| refused("neither XDG_STATE_HOME nor HOME is set"))?;
    let failed = |error| Error::io(&format!("writing `{}`", folder.display()), &error);
    create(&folder).map_err(failed)?;
    if !is_own(&folder) {
        let why = format!("`{}` is a link or can be written by others", folder.display());
        return Err(refused(&why));
    }
    std::fs::File::create_new(folder.join(digest)).map(|_| ()).or_else(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists { Ok(()) } else { Err(failed(error)) }
    })
}

fn folder() -> Option<PathBuf> {
    state_folder().map(|state| state.join("trusted"))
}

/// Where scaffold keeps what belongs to the user and to no repository.
fn state_folder() -> Option<PathBuf> {
    let set =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = set("XDG_STATE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".local").join("state")))
        .or_else(|| set("LOCALAPPDATA"))?;
    Some(base.join("scaffold"))
}

fn create(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Whether a folder and the one that it is in are plain folders that only this user can write to.
fn is_own(folder: &Path) -> bool {
    let is_safe = |folder: &Path| {
        folder.symlink_metadata().is_ok_and(|about| about.is_dir() && is_private(&about))
    };
    is_safe(folder) && folder.parent().is_some_and(is_safe)
}

#[cfg(unix)]
fn is_private(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    about.uid() == nix::unistd::geteuid().as_raw() && about.mode() & 0o022 == 0
}

#[cfg(not(unix))]
fn is_private(_: &std::fs::Metadata) -> bool {
    true
}
