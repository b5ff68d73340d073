//! Write: compares rendered files with the destination, then applies all of the changes or none.
//!
//! Nothing outside this module touches the destination. A run stages everything beside or inside the
//! destination first; one rename is the decision, and [`recover`] finishes or undoes what a killed
//! run left behind.

mod apply;
mod backup;
mod compare;
mod complete;
mod destination;
mod git;
mod gitignore;
mod journal;
mod preflight;
mod record;
mod stage;
#[cfg(test)]
mod tests;
mod text;

pub use apply::{apply, interrupt, is_left_in, recover, unfinished};
pub use compare::{BESIDE, chosen, compare, has_block_of, namesakes};
pub use destination::{check_destination, resolve};
pub use journal::Journal;
pub use stage::Found;
pub use text::{alike, unified_diff};

use crate::error::{Code, Error, Problem, Result};
use crate::tree::Bytes;
use serde::Serialize;

/// The folder of the tool in a generated repository.
const SCAFFOLD: &str = ".scaffold";
/// The stage inside [`SCAFFOLD`].
const STAGE: &str = "tmp-write";
/// No file that is compared or kept is larger, in bytes.
const MOST_BYTES: u64 = 256 << 20;

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
    /// The changes of both sides are joined.
    Merge,
    /// Both texts are joined with conflict markers.
    Markers,
    /// It is written beside the user's file.
    Beside,
    /// Lines are added to the user's file in a block of their own.
    Append,
    /// It is removed.
    Remove,
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Create => "create",
            Self::Unchanged => "unchanged",
            Self::Overwrite => "overwrite",
            Self::Keep => "keep",
            Self::Merge => "merge",
            Self::Markers => "markers",
            Self::Beside => "beside",
            Self::Append => "append",
            Self::Remove => "remove",
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
    pub after: Bytes,
    /// Whether it can be run.
    pub executable: bool,
    /// The layers that it comes from.
    pub layers: Vec<String>,
}

impl Change {
    /// The removal of a file that holds this.
    #[must_use]
    pub fn removal(path: String, before: Vec<u8>) -> Self {
        Self {
            path,
            action: Action::Remove,
            before: Some(before),
            after: Vec::new().into(),
            executable: false,
            layers: Vec::new(),
        }
    }

    /// Whether anything is written or removed.
    #[must_use]
    pub fn writes(&self) -> bool {
        !matches!(self.action, Action::Unchanged | Action::Keep)
    }
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recovery {
    /// Nothing was left behind.
    #[default]
    Nothing,
    /// The run had not decided: its stage was removed, the destination is as it was before.
    RolledBack,
    /// The run had decided: its changes are complete now.
    Completed,
}

/// A file, folder or link that somebody put in the place of a file while it was being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it was, relative to the destination, with `/`.
    pub path: String,
    /// Where it is now.
    pub beside: String,
}

/// What a run that wrote came upon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What became of an earlier run that was killed.
    pub recovery: Recovery,
    /// What was set aside.
    pub kept: Vec<Kept>,
    /// The folder in which the earlier `.scaffold/` is kept, if one was asked for.
    pub backup: Option<String>,
    /// What was prepared and could not be removed; the next run that writes there does it.
    pub left: Option<String>,
}

impl Outcome {
    /// What it came upon, in words; each path is shown as `shown` gives it.
    #[must_use]
    pub fn words(&self, shown: impl Fn(&str) -> String) -> Vec<String> {
        let recovered = match self.recovery {
            Recovery::Nothing => None,
            Recovery::RolledBack => {
                Some("an interrupted run had changed nothing yet; what it had prepared is removed")
            }
            Recovery::Completed => {
                Some("an interrupted run had written a part of its files; it is complete now")
            }
        };
        let kept = self.kept.iter().map(|kept| {
            let (path, beside) = (shown(&kept.path), shown(&kept.beside));
            format!("`{path}` was changed while it was being written; what was there is in `{beside}` now")
        });
        let left = self.left.as_ref().map(|left| {
            format!("`{left}` could not be removed; the next command that writes there removes it")
        });
        recovered.map(str::to_owned).into_iter().chain(kept).chain(left).collect()
    }

    /// Adds what another run came upon.
    pub fn extend(&mut self, other: Self) {
        self.recovery = self.recovery.max(other.recovery);
        self.kept.extend(other.kept);
        self.left = other.left.or(self.left.take());
    }

    /// An error that came after this: it says how things stand.
    #[must_use]
    pub fn before(&self, error: Error) -> Error {
        let words = self.words(str::to_owned);
        if words.is_empty() {
            return hinted(error, "nothing was changed", false);
        }
        hinted(error, &format!("{}; beyond that nothing was changed", words.join("; ")), true)
    }
}

/// Says in the hint how things stand; where there is a hint already, only if it is needed there too.
fn hinted(mut error: Error, words: &str, always: bool) -> Error {
    for problem in &mut error.problems {
        problem.hint = match problem.hint.take() {
            None => Some(words.to_owned()),
            Some(hint) if always && !hint.contains(words) => Some(format!("{hint}; {words}")),
            hint => hint,
        };
    }
    error
}

/// How changes are applied.
#[derive(Debug, Default)]
pub struct Apply {
    /// Keeps what `.scaffold/` of the project holds (but for `knowledge/` and `state`) in a new numbered folder of
    /// `.scaffold.backup/`. The value is the way from the destination to the project, empty or ending in `/`.
    pub backup: Option<String>,
    /// Runs `git init` where git is installed and the destination is no repository yet.
    pub git_init: bool,
}

/// Whether `path` is relative, stays inside the destination, and is a place for generated files.
///
/// # Errors
/// It is not.
pub fn check_path(path: &str) -> Result<()> {
    let parts: Vec<&str> = path.split('/').collect();
    let bad = |part: &&str| {
        matches!(*part, "" | "." | "..") || part.contains(['\\', ':', '\0']) || is_git(part)
    };
    let is_stage =
        |two: &[&str]| two[0].eq_ignore_ascii_case(SCAFFOLD) && two[1].eq_ignore_ascii_case(STAGE);
    if parts.iter().any(bad) || parts.windows(2).any(is_stage) {
        let message = format!("`{path}` is not a path that a generated file can have");
        return Err(Problem::new(Code::BadPath, message).file(path).into());
    }
    Ok(())
}

/// Whether some system takes the name for `.git`, as git itself judges it: Windows drops dots and spaces at the end and
/// has the short name `git~1`, macOS passes over characters that cannot be seen.
fn is_git(name: &str) -> bool {
    let seen: String = name.chars().filter(|c| !is_passed_over(*c)).collect();
    let seen = seen.trim_end_matches([' ', '.']);
    seen.eq_ignore_ascii_case(".git") || seen.eq_ignore_ascii_case("git~1")
}

/// The characters that HFS+ leaves out when it compares names, from git's `utf8.c`.
fn is_passed_over(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}
