//! Applies changes, all or none, and completes or undoes what a killed run left behind.

use super::journal::{Entry, Journal};
use super::stage::{BACKUP, COMMIT, DONE, JOURNAL, Stage, TREE};
use super::{Action, Apply, Change, Recovery, backup, destination, disk, git};
use crate::error::{Code, Error, Problem, Result};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Asks a running [`apply`] to stop: before the decision it rolls back, after it it completes.
pub fn interrupt() {
    INTERRUPTED.store(true, Ordering::SeqCst);
}

fn check_interrupt() -> Result<()> {
    if INTERRUPTED.load(Ordering::SeqCst) {
        return Err(Problem::new(Code::Interrupted, "interrupted").into());
    }
    Ok(())
}

/// Applies `changes`, as [`super::compare`] returned them, to `dest`: all of them or none.
///
/// # Errors
/// [`Code::Busy`] while another run writes there; [`Code::Conflict`] if a file is no longer what it
/// was when it was compared; [`Code::Interrupted`]; [`Code::BadPath`], [`Code::BadDestination`] and
/// [`Code::Io`]. Nothing has changed then, unless the error says that the next run completes it.
/// [`Code::Unrecoverable`] as in [`recover`].
pub fn apply(dest: &Path, changes: &[Change], how: &Apply) -> Result<()> {
    let root = destination::resolve(dest)?;
    changes.iter().try_for_each(|change| disk::check_path(&change.path))?;
    let sibling = destination::sibling_stage(&root).filter(|_| !root.exists());
    if let Some(stage) = sibling
        && create(&root, stage, changes, how)?
    {
        return Ok(());
    }
    update(&root, changes, how)?;
    if how.git_init {
        git::init(&root).map_err(|error| hinted(error, "all files are written"))?;
    }
    Ok(())
}

/// Makes a destination that does not exist; `false` if it exists by now.
fn create(root: &Path, stage: PathBuf, changes: &[Change], how: &Apply) -> Result<bool> {
    let parents = root.ancestors().skip(1);
    let missing: Vec<&Path> = parents.take_while(|folder| !folder.exists()).collect();
    let outcome = Stage::acquire(stage, root).and_then(|stage| {
        // Whoever had the lock before may have made it.
        let exists = root.symlink_metadata().is_ok();
        let outcome = if exists { Ok(()) } else { build(root, &stage, changes, how) };
        stage.remove();
        outcome.map(|()| !exists)
    });
    if outcome.is_err() {
        missing.into_iter().for_each(disk::remove_if_empty);
    }
    outcome.map_err(nothing_changed)
}

fn build(root: &Path, stage: &Stage, changes: &[Change], how: &Apply) -> Result<()> {
    stage.clear()?;
    let tree = stage.join(TREE);
    disk::make_folder(&tree)?;
    for change in changes {
        check_interrupt()?;
        if change.before.is_some() {
            return Err(changed_meanwhile(&change.path));
        }
        disk::create(&disk::join(&tree, &change.path), &change.after, change.executable)?;
    }
    let git = if how.git_init { git::init(&tree) } else { Ok(()) };
    // Before git's error: Ctrl-C reaches git too.
    check_interrupt()?;
    git?;
    disk::rename(&tree, root)
}

/// Changes a destination that exists.
fn update(root: &Path, changes: &[Change], how: &Apply) -> Result<()> {
    if !how.backup && !changes.iter().any(Change::writes) {
        return Ok(());
    }
    let stage = Stage::acquire(destination::inner_stage(root), root).map_err(nothing_changed)?;
    settle(root, &stage)?;
    match decide(root, &stage, changes, how) {
        Ok(journal) => journal.complete(root, &stage).map_err(next_run_completes)?,
        Err(error) => {
            stage.remove();
            return Err(nothing_changed(error));
        }
    }
    stage.remove();
    Ok(())
}

/// Stages everything and takes the decision.
fn decide(root: &Path, stage: &Stage, changes: &[Change], how: &Apply) -> Result<Journal> {
    let tree = stage.join(TREE);
    let mut entries = Vec::new();
    for change in changes.iter().filter(|change| change.writes()) {
        check_interrupt()?;
        if disk::read(root, &change.path)? != change.before {
            return Err(changed_meanwhile(&change.path));
        }
        let staged = disk::join(&tree, &change.path);
        disk::create(&staged, &change.after, change.executable)?;
        if change.before.is_some() {
            disk::keep_mode(&disk::join(root, &change.path), &staged, change.executable)?;
        }
        let before = change.before.as_deref();
        entries.push(Entry::write(&change.path, change.action, before, &change.after));
    }
    if how.backup {
        let written: HashSet<&str> = changes.iter().map(|change| change.path.as_str()).collect();
        entries.extend(backup::prepare(root, stage, &written)?);
    }
    let journal = Journal::new(entries);
    check_interrupt()?;
    journal.commit(stage)?;
    Ok(journal)
}

/// Completes or undoes what a killed run left behind at `dest`. Every command calls this first.
///
/// # Errors
/// [`Code::Busy`] if the run is not dead but at work; [`Code::Unrecoverable`] if it had decided and a
/// file is neither as it was nor as it shall be: nothing is changed then; [`Code::BadDestination`],
/// [`Code::BadPath`] and [`Code::Io`].
pub fn recover(dest: &Path) -> Result<Recovery> {
    let root = destination::resolve(dest)?;
    let mut recovery = Recovery::Nothing;
    if let Some(path) = destination::sibling_stage(&root)
        && disk::stat(&path)?.is_some()
    {
        let stage = Stage::acquire(path, &root)?;
        // Without a tree the destination has it, or nothing was begun.
        recovery = if stage.has(TREE) { Recovery::RolledBack } else { Recovery::Nothing };
        stage.remove();
    }
    let path = destination::inner_stage(&root);
    if disk::stat(&path)?.is_some() {
        let stage = Stage::acquire(path, &root)?;
        recovery = settle(&root, &stage)?;
        stage.remove();
    }
    Ok(recovery)
}

/// Ends the run that the stage is left of; only the lock stays.
fn settle(root: &Path, stage: &Stage) -> Result<Recovery> {
    if stage.has(COMMIT) {
        Journal::read(stage)?.complete(root, stage).map_err(next_run_completes)?;
    }
    let recovery = if stage.has(DONE) {
        Recovery::Completed
    } else if [TREE, BACKUP, JOURNAL].iter().any(|name| stage.has(name)) {
        Recovery::RolledBack
    } else {
        Recovery::Nothing
    };
    stage.clear()?;
    Ok(recovery)
}

impl Change {
    fn writes(&self) -> bool {
        !matches!(self.action, Action::Unchanged | Action::Keep)
    }
}

fn changed_meanwhile(path: &str) -> Error {
    Problem::new(Code::Conflict, format!("`{path}` was changed while scaffold was running"))
        .file(path)
        .hint("nothing was changed by scaffold; run the command again")
        .into()
}

fn nothing_changed(error: Error) -> Error {
    hinted(error, "nothing was changed")
}

fn next_run_completes(error: Error) -> Error {
    hinted(error, "part of the files is written; running the same command again completes it")
}

/// Says how things stand, where no problem says already what to do.
fn hinted(mut error: Error, hint: &str) -> Error {
    for problem in &mut error.problems {
        problem.hint.get_or_insert_with(|| hint.to_owned());
    }
    error
}
