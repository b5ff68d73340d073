//! Write: compares rendered files with the destination, then applies all of the changes or none.
//!
//! Nothing outside this module touches the destination. A run stages everything beside or inside the
//! destination first; one rename is the decision, and [`recover`] finishes or undoes what a killed
//! run left behind.

mod apply;
mod backup;
mod compare;
mod destination;
mod digest;
mod disk;
mod git;
mod gitignore;
mod journal;
mod stage;
#[cfg(test)]
mod tests;
mod text;

pub use apply::{apply, interrupt, recover};
pub use compare::compare;
pub use destination::{check_destination, resolve};
pub use digest::{digest, digest_of};
pub use text::unified_diff;

use serde::Serialize;

/// A rendered file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Relative to the destination, with `/`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Whether it can be run.
    pub executable: bool,
    /// The layers that it comes from.
    pub layers: Vec<String>,
}

/// What to do with a file that exists and differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// Write nothing at all and report it.
    Fail,
    /// Leave the user's file.
    Keep,
    /// Replace the user's file.
    Overwrite,
    /// Join both texts, with conflict markers where they differ.
    Markers,
    /// Write the new file beside it, as `PATH.scaffold-new`.
    Beside,
}

impl OnConflict {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Fail, Self::Keep, Self::Overwrite, Self::Markers, Self::Beside];

    /// The word for it on a command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Keep => "keep",
            Self::Overwrite => "overwrite",
            Self::Markers => "markers",
            Self::Beside => "beside",
        }
    }
}

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It does not exist and is written.
    Create,
    /// It holds the right content already.
    Unchanged,
    /// The user's file is replaced.
    Overwrite,
    /// The user's file stays.
    Keep,
    /// Both texts are joined with conflict markers.
    Merge,
    /// It is written beside the user's file.
    Beside,
    /// Lines are added to the user's file in a block of their own.
    Append,
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Create => "create",
            Self::Unchanged => "unchanged",
            Self::Overwrite => "overwrite",
            Self::Keep => "keep",
            Self::Merge => "merge",
            Self::Beside => "beside",
            Self::Append => "append",
        })
    }
}

/// What happens to one file, with its content before and after the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Relative to the destination, with `/`.
    pub path: String,
    /// What happens.
    pub action: Action,
    /// What the file holds now, if it exists.
    pub before: Option<Vec<u8>>,
    /// What it holds after the run.
    pub after: Vec<u8>,
    /// Whether it can be run.
    pub executable: bool,
    /// The layers that it comes from.
    pub layers: Vec<String>,
}

/// A file that exists and differs from what would be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Relative to the destination, with `/`.
    pub path: String,
    /// The user's content.
    pub before: Vec<u8>,
    /// What would be written.
    pub after: Vec<u8>,
}

/// What a killed run had left behind, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing was left behind.
    Nothing,
    /// The run had not decided: its stage was removed, the destination is as it was before.
    RolledBack,
    /// The run had decided: its changes are complete now.
    Completed,
}

/// How changes are applied.
#[derive(Debug, Default)]
pub struct Apply {
    /// Moves what `.scaffold/` holds (but for `knowledge/`) to `.scaffold.backup/` in the same
    /// transaction, in place of an older backup.
    pub backup: bool,
    /// Runs `git init` where git is installed and the destination is no repository yet.
    pub git_init: bool,
}
