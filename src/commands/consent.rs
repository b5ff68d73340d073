//! Which packs of others may name programs that are run: kept by the digest of a pack, where no repository can write.

use crate::error::Result;
use crate::system::folder::{Access, Folder};
use crate::system::private::{self, Purpose};
use std::path::{Path, PathBuf};

/// Whether the user has agreed to the pack with this digest. What cannot be read or is not the user's own is no consent.
#[must_use]
pub fn is_given(digest: &str) -> bool {
    let folder = private::look(Purpose::Consents, &here()).ok().flatten();
    folder.is_some_and(|folder: Folder| folder.see(digest).is_ok_and(|seen| seen.is_some()))
}

/// Keeps that the user has agreed to the pack with this digest.
///
/// # Errors
/// There is no folder for it that is the user's alone, or the system refuses.
pub fn remember(digest: &str) -> Result<()> {
    let folder = private::open(Purpose::Consents, &here())?;
    if folder.see(digest)?.is_none() {
        folder.create(digest, b"", Access::Private)?;
    }
    Ok(())
}

/// What the repository that the user stands in brings along is no consent.
fn here() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| Path::new("/").to_owned())
}
