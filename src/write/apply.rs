//! Applies changes, all or none, and completes or undoes what a killed run left behind.

use super::complete::complete;
use super::journal::{Entry, Journal};
use super::stage::{self, COMMIT, DONE, Found, JOURNAL, Place, REPLACED, REPOSITORY, Stage, TREE};
use super::{Action, Apply, Change, MOST_BYTES, Outcome, Recovery, SCAFFOLD, STAGE, hinted};
use super::{backup, check_path, destination, git, preflight};
use crate::error::{Code, Error, Problem, Result};
use crate::system::folder::{Access, Folder, Series};
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

/// Applies `changes`, as [`super::compare`] returned them, to `dest`: all of them or none. What a killed run left there
/// is completed or undone first.
///
/// # Errors
/// [`Code::Busy`] while another run writes there; [`Code::Conflict`] if a file is no longer what it was when it was
/// compared; [`Code::Interrupted`]; [`Code::Foreign`], [`Code::BadPath`], [`Code::BadDestination`] and [`Code::Io`].
/// Nothing has changed then, unless the error says that a later run completes it. [`Code::Unrecoverable`] as in
/// [`recover`].
pub fn apply(dest: &Path, changes: &[Change], how: &Apply) -> Result<Outcome> {
    let root = destination::resolve(dest)?;
    changes.iter().try_for_each(|change| check_path(&change.path))?;
    if !destination::exists(&root)?
        && let Some(new) = New::of(&root)?
        && let Some(outcome) = create(&new, changes, how)?
    {
        return Ok(outcome);
    }
    update(&root, changes, how)
}

/// A destination that does not exist: with the folders above that do not exist either it is made in one step.
struct New {
    /// The folder that exists.
    parent: Folder,
    /// What is made in it.
    name: String,
    /// The way from there to the destination, empty or ending in `/`.
    inside: String,
}

impl New {
    /// `None` for the root of a file system.
    fn of(root: &Path) -> Result<Option<Self>> {
        let mut above = root.ancestors().skip(1);
        let existing = loop {
            let Some(folder) = above.next() else { return Ok(None) };
            if destination::exists(folder)? {
                break folder;
            }
        };
        let way = root.strip_prefix(existing).unwrap_or(root);
        let parts: Option<Vec<&str>> = way.iter().map(|part| part.to_str()).collect();
        let Some((name, inside)) = parts.as_ref().and_then(|parts| parts.split_first()) else {
            return Err(destination::not_unicode(root));
        };
        let inside = inside.iter().flat_map(|part| [part, "/"]).collect();
        let name = (*name).to_owned();
        Ok(Some(Self { parent: Folder::open(existing)?, name, inside }))
    }

    fn stage_name(&self) -> String {
        destination::sibling_name(&self.name)
    }
}

/// Makes a destination that does not exist; `None` if it exists by now.
fn create(new: &New, changes: &[Change], how: &Apply) -> Result<Option<Outcome>> {
    let root = new.parent.path().join(&new.name);
    let name = new.stage_name();
    let place = Place { parent: &new.parent, name: &name, root: &root };
    let mut outcome = Outcome::default();
    let stage = Stage::acquire(&place).map_err(|error| outcome.before(error))?;
    let made = build(new, &stage, changes, how);
    outcome.left = stage.remove();
    match made {
        Ok(made) => Ok(made.then_some(outcome)),
        Err(error) => Err(outcome.before(error)),
    }
}

fn build(new: &New, stage: &Stage, changes: &[Change], how: &Apply) -> Result<bool> {
    stage.clear()?;
    let tree = format!("{TREE}/{}", new.inside);
    stage.folder().make(tree.trim_end_matches('/'))?;
    let mut series = Series::below(stage.folder());
    for change in changes {
        check_interrupt()?;
        if change.before.is_some() {
            return Err(changed_meanwhile(&change.path));
        }
        let access = Access::Shared { executable: change.executable };
        series.create(&format!("{tree}{}", change.path), &change.after, access)?;
    }
    let made = if how.git_init {
        git::init(&stage.folder().join(tree.trim_end_matches('/')), stage.lock())
    } else {
        Ok(())
    };
    // Before git's error: Ctrl-C reaches git too.
    check_interrupt()?;
    made?;
    stage.folder().sync_all()?;
    if !stage.folder().place(TREE, &new.parent, &new.name)? {
        return Ok(false);
    }
    // It is in place: that it may not outlast a loss of power is no reason to say that it is not.
    let _ = new.parent.sync();
    Ok(true)
}

/// Changes a destination that exists.
fn update(root: &Path, changes: &[Change], how: &Apply) -> Result<Outcome> {
    if how.backup.is_none() && !how.git_init && !changes.iter().any(Change::writes) {
        return Ok(Outcome::default());
    }
    let mut outcome = Outcome::default();
    let folder = Folder::open(root).map_err(|error| outcome.before(error))?;
    let mut stage = acquire(&folder, root).map_err(|error| outcome.before(error))?;
    let decided = end_interrupted(&folder, &stage, &mut outcome)
        .and_then(|()| decide(&folder, &mut stage, changes, how));
    match decided {
        Ok(None) => {}
        // Where this fails the stage stays: it is what a later run completes it from.
        Ok(Some((journal, backup))) => {
            outcome.backup = backup;
            outcome.kept.extend(complete(&folder, &stage, &journal).map_err(later_run_completes)?);
        }
        Err(error) if is_decided(&stage) => return Err(error),
        Err(error) => {
            outcome.left = leave(&folder, stage);
            return Err(outcome.before(error));
        }
    }
    outcome.left = leave(&folder, stage);
    Ok(outcome)
}

/// Whether a later run has to complete what is staged. In doubt the stage stays.
fn is_decided(stage: &Stage) -> bool {
    stage.has(COMMIT).unwrap_or(true)
}

/// The stage inside a destination that exists.
fn acquire(folder: &Folder, root: &Path) -> Result<Stage> {
    let stage = folder
        .make(SCAFFOLD)
        .and_then(|scaffold| Stage::acquire(&Place { parent: &scaffold, name: STAGE, root }));
    stage.inspect_err(|_| {
        folder.remove_if_empty(SCAFFOLD);
    })
}

/// Removes the stage, and `.scaffold` around it if that was made for the stage alone.
fn leave(folder: &Folder, stage: Stage) -> Option<String> {
    stage.remove().or(remove_around(folder))
}

/// Removes `.scaffold` if nothing is in it. Gives its path if that was refused.
fn remove_around(folder: &Folder) -> Option<String> {
    (!folder.remove_if_empty(SCAFFOLD)).then(|| folder.join(SCAFFOLD).display().to_string())
}

/// Stages everything and takes the decision: the journal, and where the old `.scaffold/` goes; `None` if there is nothing
/// to do.
fn decide(
    root: &Folder,
    stage: &mut Stage,
    changes: &[Change],
    how: &Apply,
) -> Result<Option<(Journal, Option<String>)>> {
    let mut entries = Vec::new();
    let mut place = None;
    let removed = |change: &&Change| change.action == Action::Remove;
    let removed: HashSet<String> =
        changes.iter().filter(removed).map(|change| change.path.to_lowercase()).collect();
    for change in changes.iter().filter(|change| change.writes()) {
        check_interrupt()?;
        let is_respelled = change.action == Action::Create
            && removed.contains(&change.path.to_lowercase())
            && !root.is_listed(&change.path)?;
        entries.push(stage_change(root, stage, change, is_respelled)?);
    }
    // What goes gives its place to what comes, also where that differs in capitals alone.
    entries.sort_by_key(|entry| entry.new.is_some());
    if let Some(project) = &how.backup {
        let written: HashSet<&str> = changes.iter().map(|change| change.path.as_str()).collect();
        let backup = backup::prepare(root, project, stage, &written)?;
        // Before all else: what is copied is replaced or removed only when the copies are in place.
        entries.splice(0..0, backup.entries);
        place = backup.place;
    }
    let git = how.git_init && root.see(".git")?.is_none() && stage_repository(stage)?;
    check_interrupt()?;
    if entries.is_empty() && !git {
        return Ok(None);
    }
    preflight::check(root, stage.folder(), &entries, git)?;
    let journal = Journal::new(entries, git);
    let text = journal.text()?;
    check_interrupt()?;
    stage.decide(&text)?;
    Ok(Some((journal, place)))
}

/// Stages one change. What `is_respelled` is not there in its own spelling.
fn stage_change(
    root: &Folder,
    stage: &Stage,
    change: &Change,
    is_respelled: bool,
) -> Result<Entry> {
    let before = if is_respelled { None } else { root.read(&change.path, MOST_BYTES)? };
    if before != change.before {
        return Err(changed_meanwhile(&change.path));
    }
    if let (Action::Remove, Some(before)) = (change.action, &before) {
        return Ok(Entry::remove(change.path.clone(), before));
    }
    let staged = format!("{TREE}/{}", change.path);
    let access = Access::Shared { executable: change.executable };
    stage.folder().create(&staged, &change.after, access)?;
    if let Some(seen) = root.see(&change.path)? {
        // The user's permissions stay; who may read may run.
        let run = if change.executable { (seen.mode & 0o444) >> 2 } else { 0 };
        stage.folder().set_mode(&staged, (seen.mode & 0o777) | run)?;
    }
    Ok(Entry::write(&change.path, change.action, change.before.as_deref(), &change.after))
}

/// Runs `git init` in the stage; `false` if git is not installed.
fn stage_repository(stage: &Stage) -> Result<bool> {
    stage.folder().make(REPOSITORY)?;
    let made = git::init(&stage.folder().join(REPOSITORY), stage.lock());
    check_interrupt()?;
    made?;
    stage.has(&format!("{REPOSITORY}/.git"))
}

/// Completes or undoes what a killed run left behind at `dest`. Commands that write call this first; those that read
/// call [`unfinished`].
///
/// # Errors
/// [`Code::Busy`] if the run is not dead but at work; [`Code::Foreign`] if something is in the place of a stage that no
/// run of this user on this machine left; [`Code::Unrecoverable`] if what was staged is damaged; [`Code::Io`].
pub fn recover(dest: &Path) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for at in places(dest)? {
        recover_at(&at, &mut outcome).map_err(|error| outcome.before(error))?;
    }
    Ok(outcome)
}

fn recover_at(at: &At, outcome: &mut Outcome) -> Result<()> {
    if !at.is_there()? {
        // A run may have been killed between the last two things that it removes.
        outcome.left = at.inner.as_ref().and_then(remove_around).or(outcome.left.take());
        return Ok(());
    }
    let stage = Stage::acquire(&at.place())?;
    match &at.inner {
        Some(root) => end_interrupted(root, &stage, outcome)?,
        None => undo(&stage, outcome)?,
    }
    let left = stage.remove().or_else(|| at.inner.as_ref().and_then(remove_around));
    outcome.left = left.or(outcome.left.take());
    Ok(())
}

/// What a killed run left behind at `dest`, or something that pretends to be that. Nothing is changed.
///
/// # Errors
/// The system refuses; what is in the place of `.scaffold` is no folder.
pub fn unfinished(dest: &Path) -> Result<Vec<(PathBuf, Found)>> {
    let mut all = Vec::new();
    for at in places(dest)? {
        let found = stage::look(&at.parent, &at.name, &at.root)?;
        if !matches!(found, Found::Nothing | Found::Empty) {
            all.push((at.parent.join(&at.name), found));
        }
    }
    Ok(all)
}

/// Whether a killed run of this user left its stage inside `folder`, so that a file that makes the folder a project may be
/// the one that is out of its place. What cannot be looked at is none.
#[must_use]
pub fn is_left_in(folder: &Path) -> bool {
    let look = || {
        let Some(parent) = Folder::open(folder)?.below(SCAFFOLD)? else { return Ok(false) };
        let found = stage::look(&parent, STAGE, folder)?;
        Ok::<_, Error>(matches!(found, Found::Ours { .. }))
    };
    look().unwrap_or(false)
}

/// A place where a stage may have been left.
struct At {
    parent: Folder,
    name: String,
    root: PathBuf,
    /// The destination, if the stage is inside it.
    inner: Option<Folder>,
}

impl At {
    fn place(&self) -> Place<'_> {
        Place { parent: &self.parent, name: &self.name, root: &self.root }
    }

    fn is_there(&self) -> Result<bool> {
        self.parent.see(&self.name).map(|seen| seen.is_some())
    }
}

fn places(dest: &Path) -> Result<Vec<At>> {
    let root = destination::resolve(dest)?;
    if !destination::exists(&root)? {
        let new = New::of(&root)?;
        return Ok(new.into_iter().map(|new| At::beside(new, &root)).collect());
    }
    // The run that made it, or a folder above, may have been killed before its stage was gone.
    let mut places: Vec<At> =
        root.ancestors().filter_map(|made| At::left_beside(made, &root)).collect();
    let folder = Folder::open(&root)?;
    if let Some(parent) = folder.below(SCAFFOLD)? {
        places.push(At { parent, name: STAGE.to_owned(), root, inner: Some(folder) });
    }
    Ok(places)
}

impl At {
    /// The stage with which `made` was made, if this user did that here: others cannot be in the way any more.
    fn left_beside(made: &Path, root: &Path) -> Option<Self> {
        let name = destination::sibling_name(made.file_name()?.to_str()?);
        made.with_file_name(&name).symlink_metadata().ok()?;
        let parent = Folder::open(made.parent()?).ok()?;
        let found = stage::look(&parent, &name, root).ok()?;
        let is_ours = matches!(found, Found::Ours { .. } | Found::Empty);
        is_ours.then(|| Self { parent, name, root: root.to_owned(), inner: None })
    }

    fn beside(new: New, root: &Path) -> Self {
        let name = new.stage_name();
        Self { parent: new.parent, name, root: root.to_owned(), inner: None }
    }
}

/// Ends the run that made a new destination and was killed. Without a tree the destination has it, or nothing was begun.
fn undo(stage: &Stage, outcome: &mut Outcome) -> Result<()> {
    if stage.has(TREE)? {
        outcome.recovery = outcome.recovery.max(Recovery::RolledBack);
    }
    stage.clear()
}

/// Ends the run that the stage is left of; only the lock stays.
fn end_interrupted(root: &Folder, stage: &Stage, outcome: &mut Outcome) -> Result<()> {
    if stage.has(COMMIT)? {
        let journal = Journal::read(stage)?;
        outcome.kept.extend(complete(root, stage, &journal).map_err(later_run_completes)?);
        outcome.recovery = Recovery::Completed;
    } else if stage.has(DONE)? {
        outcome.recovery = Recovery::Completed;
    }
    for name in [TREE, REPLACED, REPOSITORY, JOURNAL] {
        if stage.has(name)? {
            outcome.recovery = outcome.recovery.max(Recovery::RolledBack);
        }
    }
    stage.clear()
}

fn changed_meanwhile(path: &str) -> Error {
    Problem::new(Code::Conflict, format!("`{path}` was changed while scaffold was running"))
        .file(path)
        .hint("nothing was changed by scaffold; run the command again")
        .into()
}

fn later_run_completes(error: Error) -> Error {
    let words = "part of the files is written; running the same command again completes it";
    hinted(error, words, true)
}
