//! Tests that stop a run before every single change of the file system, and recover.

use super::{Fate, Tree, codes, compared, file, put, reached, recovered};
use super::{temporary, tree, with_fate};
use crate::error::Result;
use crate::tree::File;
use crate::write::{Apply, OnConflict, Recovery, apply, recover};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// A folder as it is, and what is to be written to it.
#[derive(Clone, Debug)]
struct Scene {
    old: Vec<(String, String)>,
    files: Vec<File>,
    choice: OnConflict,
    backup: bool,
    git: bool,
}

impl Scene {
    fn lay(&self, dest: &Path) {
        for (path, text) in &self.old {
            put(dest, &[(path, text)]);
        }
    }

    fn apply(&self, dest: &Path) -> Result<()> {
        let changes = compared(dest, &self.files, self.choice)?;
        let how = Apply { backup: self.backup.then(String::new), git_init: self.git };
        apply(dest, &changes, &how).map(drop)
    }

    fn new_tree(&self) -> Tree {
        let folder = temporary();
        self.lay(folder.path());
        self.apply(folder.path()).expect("it works when nobody stops it");
        tree(folder.path())
    }
}

fn owned(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn update() -> Scene {
    let old = [
        ("a", "old"),
        ("kept", "mine"),
        (".gitignore", "mine\n"),
        (".scaffold/config.yml", "old"),
        (".scaffold/pristine/x", "p"),
        (".scaffold/knowledge/own.md", "mine"),
        (".scaffold/state", "adrs completed"),
        (".scaffold.backup/1/config.yml", "older"),
    ];
    let files = vec![
        file("a", "new"),
        file("deep/er/b", "b"),
        file(".gitignore", "ours\n"),
        file(".scaffold/config.yml", "new"),
    ];
    Scene { old: owned(&old), files, choice: OnConflict::Overwrite, backup: true, git: true }
}

/// What recovery must have made of it.
fn check(dest: &Path, recovery: Recovery, old: &Tree, new: &Tree, at: usize) {
    let bare = |mut tree: Tree| {
        // A run that dies between its last two steps leaves the folder empty.
        if !tree.keys().any(|path| path.starts_with(".scaffold/") && path != ".scaffold/") {
            tree.remove(".scaffold/");
        }
        tree
    };
    let (now, old, new) = (bare(tree(dest)), &bare(old.clone()), &bare(new.clone()));
    match recovery {
        Recovery::RolledBack => assert_eq!(&now, old, "step {at}"),
        Recovery::Completed => assert_eq!(&now, new, "step {at}"),
        Recovery::Nothing => assert!(&now == old || &now == new, "step {at}: {now:?}"),
    }
    assert_eq!(recovered(dest), Recovery::Nothing);
}

#[test]
fn death_at_any_step_of_an_update_leaves_old_or_new() {
    let scene = update();
    let new = scene.new_tree();
    let mut seen = Vec::new();
    for at in 1.. {
        let folder = temporary();
        scene.lay(folder.path());
        let old = tree(folder.path());
        let done = with_fate(at, Fate::Die, || scene.apply(folder.path()));
        if !reached(at) {
            assert!(at > 20, "only {at} steps");
            break;
        }
        assert!(done.is_none());
        for (path, content) in tree(folder.path()) {
            let stage = path.starts_with(".scaffold");
            let known = old.get(&path) == Some(&content) || new.get(&path) == Some(&content);
            assert!(stage || known, "step {at}: {path}");
        }
        let recovery = recovered(folder.path());
        check(folder.path(), recovery, &old, &new, at);
        seen.push(recovery);
    }
    assert!(seen.contains(&Recovery::RolledBack) && seen.contains(&Recovery::Completed));
    seen.retain(|recovery| *recovery != Recovery::Nothing);
    assert!(seen.is_sorted_by_key(|recovery| *recovery != Recovery::RolledBack), "{seen:?}");
}

#[test]
fn death_during_recovery_is_recovered_from() {
    let scene = Scene { git: false, ..update() };
    let new = scene.new_tree();
    // Every third step of the run, and every step of its recovery.
    for at in (1..).step_by(3) {
        for again in 1.. {
            let folder = temporary();
            scene.lay(folder.path());
            let old = tree(folder.path());
            if with_fate(at, Fate::Die, || scene.apply(folder.path())).is_some() {
                return;
            }
            if with_fate(again, Fate::Die, || recover(folder.path())).is_some() {
                break;
            }
            let recovery = recovered(folder.path());
            check(folder.path(), recovery, &old, &new, at);
        }
    }
}

#[test]
fn a_run_that_follows_a_death_recovers_by_itself() {
    let scene = update();
    for at in 1.. {
        let folder = temporary();
        scene.lay(folder.path());
        let died = with_fate(at, Fate::Die, || scene.apply(folder.path())).is_none();
        let last = Scene { files: vec![file("last", "1")], backup: false, ..scene.clone() };
        last.apply(folder.path()).unwrap();
        assert_eq!(fs::read(folder.path().join("last")).unwrap(), b"1");
        assert!(!folder.path().join(".scaffold/tmp-write").exists());
        assert_eq!(recovered(folder.path()), Recovery::Nothing);
        if !died {
            return;
        }
    }
}

#[test]
fn a_new_destination_is_never_half_there() {
    let scene = Scene { old: Vec::new(), backup: false, ..update() };
    let new = scene.new_tree();
    for at in 1.. {
        let folder = temporary();
        let dest = folder.path().join("p/q/demo");
        let died = with_fate(at, Fate::Die, || scene.apply(&dest)).is_none();
        assert!(!dest.exists() || tree(&dest) == new, "step {at}");
        let there = dest.exists();
        let recovery = recovered(&dest);
        assert_eq!(dest.exists(), there);
        assert!(!there || tree(&dest) == new);
        assert!(recovery != Recovery::RolledBack || !there);
        assert!(recovery != Recovery::Completed || there);
        let hidden = tree(folder.path()).into_keys().filter(|path| path.contains("scaffold-tmp"));
        assert_eq!(hidden.count(), 0, "step {at}");
        if !died {
            return;
        }
    }
}

#[test]
fn a_full_disk_changes_nothing_or_is_completed_later() {
    let scene = Scene { git: false, ..update() };
    let new = scene.new_tree();
    for fate in [Fate::Fail, Fate::FailOn] {
        for at in 1.. {
            let folder = temporary();
            scene.lay(folder.path());
            let old = tree(folder.path());
            let result = with_fate(at, fate, || scene.apply(folder.path())).unwrap();
            if !reached(at) {
                break;
            }
            let expected = match &result {
                Ok(()) => &new,
                Err(error) if error.problems[0].hint.as_ref().unwrap().contains("completes") => {
                    &new
                }
                Err(_) => &old,
            };
            if result.is_err() && expected == &old && fate == Fate::Fail {
                assert_eq!(&tree(folder.path()), &old, "step {at}");
            }
            recover(folder.path()).unwrap();
            // A folder that could not be removed may stay, empty.
            let files = |tree: &Tree| {
                let mut files = tree.clone();
                files.retain(|path, _| !path.ends_with('/'));
                files
            };
            assert_eq!(files(&tree(folder.path())), files(expected), "{fate:?} at step {at}");
        }
    }
}

#[test]
fn a_full_disk_leaves_no_trace_of_a_new_destination() {
    let scene = Scene { old: Vec::new(), backup: false, ..update() };
    for at in 1.. {
        let folder = temporary();
        let dest = folder.path().join("p/q/demo");
        let result = with_fate(at, Fate::Fail, || scene.apply(&dest)).unwrap();
        if !reached(at) {
            return;
        }
        assert_eq!(result.is_ok(), dest.exists(), "step {at}");
        if let Err(error) = result {
            assert_eq!(codes(&error), ["io"], "step {at}");
            assert!(tree(folder.path()).is_empty(), "step {at}");
        }
    }
}

/// Dies right after the decision: `a` is still old then.
pub fn die_decided(dest: &Path) {
    put(dest, &[("a", "old"), ("b", "old")]);
    let scene = Scene {
        old: Vec::new(),
        files: vec![file("a", "new"), file("b", "new"), file("c", "new")],
        choice: OnConflict::Overwrite,
        backup: false,
        git: false,
    };
    let decided = || dest.join(".scaffold/tmp-write/commit").exists();
    for at in 1.. {
        with_fate(at, Fate::Die, || scene.apply(dest));
        if decided() {
            return;
        }
    }
}

#[test]
fn what_was_edited_after_a_decision_is_kept_beside() {
    let folder = temporary();
    die_decided(folder.path());
    let text = |path| fs::read_to_string(folder.path().join(path)).unwrap();
    put(folder.path(), &[("b", "edited"), ("c", "edited")]);
    let outcome = recover(folder.path()).unwrap();
    assert_eq!(outcome.recovery, Recovery::Completed);
    let kept: Vec<_> = outcome.kept.iter().map(|kept| (&*kept.path, &*kept.beside)).collect();
    assert_eq!(kept, [("b", "b.scaffold-kept"), ("c", "c.scaffold-kept")]);
    assert_eq!([text("a"), text("b"), text("c")], ["new", "new", "new"]);
    assert_eq!([text("b.scaffold-kept"), text("c.scaffold-kept")], ["edited", "edited"]);
    assert_eq!(recovered(folder.path()), Recovery::Nothing);
}

#[test]
fn what_a_loss_of_power_damaged_is_reported() {
    let folder = temporary();
    die_decided(folder.path());
    fs::write(folder.path().join(".scaffold/tmp-write/tree/b"), "").unwrap();
    let before = tree(folder.path());
    let error = recover(folder.path()).unwrap_err();
    assert_eq!(codes(&error), ["unrecoverable"]);
    assert_eq!(tree(folder.path()), before);
    fs::write(folder.path().join(".scaffold/tmp-write/commit"), "{").unwrap();
    assert_eq!(codes(&recover(folder.path()).unwrap_err()), ["unrecoverable"]);
    fs::remove_dir_all(folder.path().join(".scaffold")).unwrap();
    assert_eq!(recovered(folder.path()), Recovery::Nothing);
}

fn small_tree() -> impl Strategy<Value = Vec<(String, String)>> {
    let paths =
        vec!["a", "b", "d/a", "d/e/b", ".gitignore", ".scaffold/config.yml", ".scaffold/p/x"];
    let chosen = proptest::sample::subsequence(paths, 0..=7);
    chosen.prop_flat_map(|paths| {
        let contents = proptest::collection::vec("([xyz]\n){0,3}", paths.len());
        let paths: Vec<String> = paths.into_iter().map(str::to_owned).collect();
        contents.prop_map(move |contents| paths.iter().cloned().zip(contents).collect())
    })
}

proptest! {
    #![proptest_config(super::cases(200))]

    #[test]
    fn recovery_yields_old_or_new(
        old in small_tree(), wanted in small_tree(), choice in 0..4_usize, backup: bool,
        at in 1..60_usize, again in 1..40_usize,
    ) {
        let choices =
            [OnConflict::Keep, OnConflict::Overwrite, OnConflict::Markers, OnConflict::Beside];
        let files = wanted.iter().map(|(path, text)| file(path, text)).collect();
        let scene = Scene { old, files, choice: choices[choice], backup, git: false };
        let new = scene.new_tree();
        let folder = temporary();
        scene.lay(folder.path());
        let old = tree(folder.path());
        let died = with_fate(at, Fate::Die, || scene.apply(folder.path())).is_none();
        with_fate(again, Fate::Die, || recover(folder.path()));
        let recovery = recovered(folder.path());
        check(folder.path(), recovery, &old, &new, at);
        prop_assert!(died || tree(folder.path()) == new);
    }
}
