//! Tests of the write stage, and the means to stop a run before any change of the file system.

mod compare;
mod crash;
mod destination;
mod process;
mod text;
#[cfg(unix)]
mod unix;

use super::{Action, Apply, Change, Conflict, File, OnConflict, apply, compare as decide_all};
use crate::error::{Error, Result};
use proptest::test_runner::Config as ProptestConfig;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use walkdir::WalkDir;

/// What happens at a step of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// As if the process were killed: no clean-up of ours runs, the system releases the lock.
    Die,
    /// The disk is full, this once.
    Fail,
    /// The disk is full from now on.
    FailOn,
    /// The process says so and waits to be killed.
    Hang,
}

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
    static FATE: Cell<Option<(usize, Fate)>> = const { Cell::new(None) };
}

/// Called by `disk` before every change.
pub fn moment() -> io::Result<()> {
    let step = STEPS.get() + 1;
    STEPS.set(step);
    match FATE.get() {
        Some((at, Fate::Die)) if at == step => resume_unwind(Box::new("killed")),
        Some((at, Fate::Fail)) if at == step => Err(io::ErrorKind::StorageFull.into()),
        Some((at, Fate::FailOn)) if at <= step => Err(io::ErrorKind::StorageFull.into()),
        Some((at, Fate::Hang)) if at == step => process::hang(),
        _ => Ok(()),
    }
}

/// Runs `work` with that fate at that step; `None` if it was killed.
fn with_fate<T>(at: usize, fate: Fate, work: impl FnOnce() -> T) -> Option<T> {
    STEPS.set(0);
    FATE.set(Some((at, fate)));
    let result = catch_unwind(AssertUnwindSafe(work)).ok();
    FATE.set(None);
    result
}

/// Whether the step that a fate was meant for came at all.
fn reached(at: usize) -> bool {
    STEPS.get() >= at
}

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
    let (path, bytes) = (path.to_owned(), text.as_bytes().to_vec());
    File { path, bytes, executable: false, layers: vec!["base".to_owned()] }
}

fn compared(dest: &Path, files: &[File], choice: OnConflict) -> Result<Vec<Change>> {
    decide_all(dest, files, &mut |_: &Conflict| Ok(choice))
}

/// Compares and applies.
fn run(dest: &Path, files: &[File], choice: OnConflict, how: &Apply) -> Result<Vec<Change>> {
    let changes = compared(dest, files, choice)?;
    apply(dest, &changes, how)?;
    Ok(changes)
}

fn write(dest: &Path, files: &[File], choice: OnConflict) -> Result<Vec<Change>> {
    run(dest, files, choice, &Apply::default())
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
