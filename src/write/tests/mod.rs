//! Tests of the write stage, and what they share.

mod compare;
mod crash;
mod destination;
mod process;
mod text;
#[cfg(unix)]
mod unix;

use super::{Action, Apply, Change, Conflict, OnConflict, Recovery};
use super::{apply, compare as decide_all, recover};
use crate::error::{Error, Result};
use crate::system::folder::steps::{Fate, reached, with_fate};
use crate::tree::File;
use proptest::test_runner::Config as ProptestConfig;
use std::collections::BTreeMap;
use std::path::Path;
use walkdir::WalkDir;

/// Everything below a folder; folders end in `/` and hold nothing.
type Tree = BTreeMap<String, Vec<u8>>;

fn tree(root: &Path) -> Tree {
    let entries = WalkDir::new(root).min_depth(1).into_iter().map(|entry| entry.expect("readable"));
    entries
        .map(|entry| {
            let path = entry.path().strip_prefix(root).expect("below");
            let path = path.to_str().expect("UTF-8").replace('\\', "/");
            if entry.file_type().is_dir() {
                return (path + "/", Vec::new());
            }
            let content = match std::fs::read_link(entry.path()) {
                Ok(link) => link.to_str().expect("UTF-8").as_bytes().to_vec(),
                Err(_) => std::fs::read(entry.path()).expect("readable"),
            };
            (path, content)
        })
        .collect()
}

fn put(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    }
}

fn file(path: &str, text: &str) -> File {
    let (path, bytes) = (path.to_owned(), text.as_bytes().to_vec().into());
    File { path, bytes, executable: false, layers: vec!["base".to_owned()] }
}

fn compared(dest: &Path, files: &[File], choice: OnConflict) -> Result<Vec<Change>> {
    decide_all(dest, files, &mut |_: &Conflict| Ok(choice))
}

/// Compares and applies.
fn run(dest: &Path, files: &[File], choice: OnConflict, how: &Apply) -> Result<Vec<Change>> {
    let changes = compared(dest, files, choice)?;
    assert!(apply(dest, &changes, how)?.kept.is_empty());
    Ok(changes)
}

fn write(dest: &Path, files: &[File], choice: OnConflict) -> Result<Vec<Change>> {
    run(dest, files, choice, &Apply::default())
}

/// What became of an earlier run.
fn recovered(dest: &Path) -> Recovery {
    recover(dest).unwrap().recovery
}

fn actions(changes: &[Change]) -> Vec<(&str, Action)> {
    changes.iter().map(|change| (change.path.as_str(), change.action)).collect()
}

fn codes(error: &Error) -> Vec<&'static str> {
    error.problems.iter().map(|problem| problem.code.name).collect()
}

/// Settings of a property test; failures are not kept in files.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}
