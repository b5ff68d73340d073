//! Which packs of others may name programs that are run: kept by the digest of a pack, where no repository can write.

use crate::ask::wizard::prompt::{Choice, Prompter};
use crate::error::Result;
use crate::pack::Pack;
use crate::system::folder::{Access, Folder};
use crate::system::private::{self, Purpose};
use crate::ui;
use std::path::{Path, PathBuf};

/// Whether the user has agreed to the programs of a pack, agrees by flag (`trust`) or when asked; that is kept.
///
/// # Errors
/// As `ask`.
pub fn agrees(pack: &Pack, trust: bool, ask: impl FnOnce() -> Result<bool>) -> Result<bool> {
    if pack.is_builtin() {
        return Ok(true);
    }
    let digest = pack.digest();
    if is_given(&digest) {
        return Ok(true);
    }
    if !trust && !ask()? {
        return Ok(false);
    }
    if let Err(error) = remember(&digest) {
        ui::warn(&format!("you will be asked again: {error}"));
    }
    Ok(true)
}

/// Asks, with all commands in sight; `why` says what they are run for, `without` what happens if they are not.
///
/// # Errors
/// The user interrupts, or the terminal fails.
pub fn asked(
    prompter: &mut dyn Prompter,
    pack: &Pack,
    lines: &[String],
    (why, without): (&str, &str),
) -> Result<bool> {
    let name = &pack.about.name;
    ui::warn(&format!("the pack `{name}` names programs, {why}:\n{}", lines.join("\n")));
    let choice = |name: &str, help: &str| Choice { name: name.to_owned(), help: help.to_owned() };
    let choices = [choice("no", without), choice("yes", "now and later, until the pack changes")];
    Ok(prompter.choose(&format!("Run the programs of the pack `{name}`?"), &choices, 0)? == 1)
}

/// Whether the user has agreed to the pack with this digest. What cannot be read or is not the user's own is no consent.
fn is_given(digest: &str) -> bool {
    let folder = private::look(Purpose::Consents, &here()).ok().flatten();
    folder.is_some_and(|folder: Folder| folder.see(digest).is_ok_and(|seen| seen.is_some()))
}

/// Keeps that the user has agreed to the pack with this digest.
///
/// # Errors
/// There is no folder for it that is the user's alone, or the system refuses.
fn remember(digest: &str) -> Result<()> {
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
