//! The files of the built-in pack as they are part of the program, and what their YAML says in a quick form.

use super::source::Content::{self, Built};
use super::source::Entry;
use crate::tree::Packed;
use std::borrow::Cow::Borrowed;

// `FILES` and `QUICK`, each sorted by path; `build.rs` writes them.
include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// All files, sorted by path.
pub(super) fn files() -> &'static [Entry] {
    FILES
}

/// What the YAML of a file says, for [`crate::formats::quick`]; `None` for a file without YAML.
pub(super) fn quick(path: &str) -> Option<&'static [u8]> {
    let at = QUICK.binary_search_by_key(&path, |(path, _)| path).ok()?;
    Some(QUICK[at].1)
}
