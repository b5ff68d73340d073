//! Tests of what happens to each file, decided and applied.

use super::{actions, codes, compared, file, put, run, temporary, tree, write};
use crate::error::{Code, Exit, Problem};
use crate::write::{Action, Apply, OnConflict, apply, compare};
use std::fs;

#[test]
fn every_action_does_what_it_says() {
    let folder = temporary();
    let dest = folder.path();
    put(dest, &[("same", "1\n"), ("other", "old\n"), (".gitignore", "mine\n")]);
    let files = [
        file("same", "1\n"),
        file("other", "new\n"),
        file(".gitignore", "x\n"),
        file("d/new", "2\n"),
    ];
    let expected = |choice| match choice {
        OnConflict::Keep => ("other", Action::Keep, "old\n"),
        OnConflict::Overwrite => ("other", Action::Overwrite, "new\n"),
        OnConflict::Beside => ("other.scaffold-new", Action::Beside, "new\n"),
        _ => ("other", Action::Markers, "<<<<<<< yours\nold\n=======\nnew\n>>>>>>> scaffold\n"),
    };
    for choice in [OnConflict::Keep, OnConflict::Overwrite, OnConflict::Beside, OnConflict::Markers]
    {
        let folder = temporary();
        let copy = folder.path();
        put(copy, &[("same", "1\n"), ("other", "old\n"), (".gitignore", "mine\n")]);
        let changes = write(copy, &files, choice).unwrap();
        let (path, action, text) = expected(choice);
        let all = [
            ("same", Action::Unchanged),
            (path, action),
            (".gitignore", Action::Append),
            ("d/new", Action::Create),
        ];
        assert_eq!(actions(&changes), all);
        assert_eq!(fs::read_to_string(copy.join(path)).unwrap(), text);
        assert_eq!(fs::read_to_string(copy.join("d/new")).unwrap(), "2\n");
        assert!(fs::read_to_string(copy.join(".gitignore")).unwrap().starts_with("mine\n# >>>"));
        assert!(!copy.join(".scaffold").exists());
        let again = write(copy, &files, OnConflict::Keep).unwrap();
        assert_eq!(again[2].action, Action::Unchanged);
        assert_eq!(again[3].action, Action::Unchanged);
    }
    let before = tree(dest);
    compared(dest, &files, OnConflict::Overwrite).unwrap();
    assert_eq!(tree(dest), before);
}

#[test]
fn all_conflicts_are_one_error() {
    let folder = temporary();
    put(folder.path(), &[("a", "1"), ("b", "1"), ("c", "1")]);
    let files = [file("a", "2"), file("b", "1"), file("c", "2")];
    let before = tree(folder.path());
    let error = write(folder.path(), &files, OnConflict::Fail).unwrap_err();
    assert_eq!(codes(&error), ["conflict", "conflict"]);
    assert_eq!(error.exit(), Exit::Conflict);
    assert!(error.problems[1].hint.as_ref().unwrap().contains("--on-conflict"));
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn one_is_asked_with_both_contents_and_can_give_up() {
    let folder = temporary();
    put(folder.path(), &[("a", "1"), ("b", "1")]);
    let mut asked = Vec::new();
    let error = compare(folder.path(), &[file("a", "2"), file("b", "2")], &mut |conflict| {
        asked.push(conflict.clone());
        Err(Problem::new(Code::Interrupted, "enough").into())
    });
    assert_eq!(codes(&error.unwrap_err()), ["interrupted"]);
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].before.as_slice(), asked[0].after.as_slice()), (&b"1"[..], &b"2"[..]));
}

#[test]
fn binaries_take_no_markers() {
    let folder = temporary();
    put(folder.path(), &[("a.png", "\0")]);
    let error = compared(folder.path(), &[file("a.png", "x")], OnConflict::Markers).unwrap_err();
    assert_eq!(codes(&error), ["conflict"]);
    assert!(error.to_string().contains("not text"));
}

#[test]
fn a_file_beside_that_differs_stays() {
    let folder = temporary();
    put(folder.path(), &[("a", "mine")]);
    write(folder.path(), &[file("a", "1")], OnConflict::Beside).unwrap();
    put(folder.path(), &[("a.scaffold-new", "1, edited")]);
    write(folder.path(), &[file("a", "2")], OnConflict::Beside).unwrap();
    let text = |path| fs::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!([text("a.scaffold-new"), text("a.scaffold-new-2")], ["1, edited", "2"]);
    let changes = write(folder.path(), &[file("a", "2")], OnConflict::Beside).unwrap();
    assert_eq!(actions(&changes), [("a.scaffold-new-2", Action::Unchanged)]);
}

#[test]
fn paths_that_lead_out_or_into_git_are_refused() {
    let folder = temporary();
    let bad = [
        "../a",
        "/a",
        "a/../../b",
        "a//b",
        "",
        ".git/hooks/x",
        "s/.GIT/x",
        "a\\b",
        "C:a",
        "git~1/x",
        ".g\u{200c}it/x",
        ".git./x",
    ];
    for path in bad.into_iter().chain([".scaffold/tmp-write/x", "./a"]) {
        let error = write(folder.path(), &[file(path, "x")], OnConflict::Fail).unwrap_err();
        assert_eq!(codes(&error), ["bad-path"], "{path}");
    }
    assert!(tree(folder.path()).is_empty());
}

#[test]
fn what_changes_after_the_comparison_is_not_overwritten() {
    let folder = temporary();
    put(folder.path(), &[("a", "1")]);
    let files = [file("new", "x"), file("a", "2")];
    let changes = compared(folder.path(), &files, OnConflict::Overwrite).unwrap();
    put(folder.path(), &[("a", "edited")]);
    let before = tree(folder.path());
    let error = apply(folder.path(), &changes, &Apply::default()).unwrap_err();
    assert_eq!(codes(&error), ["conflict"]);
    assert_eq!(tree(folder.path()), before);

    let changes = compared(&folder.path().join("demo"), &files, OnConflict::Fail).unwrap();
    put(folder.path(), &[("demo/a", "mine")]);
    let error = apply(&folder.path().join("demo"), &changes, &Apply::default()).unwrap_err();
    assert_eq!(codes(&error), ["conflict"]);
    assert!(!folder.path().join("demo/new").exists());
}

#[test]
fn two_files_of_one_path_write_nothing() {
    for dest in ["", "demo"] {
        let folder = temporary();
        let files = [file("a", "1"), file("a", "2")];
        assert!(write(&folder.path().join(dest), &files, OnConflict::Fail).is_err());
        assert!(tree(folder.path()).is_empty());
    }
}

#[test]
fn git_makes_a_repository_without_a_commit() {
    let folder = temporary();
    let how = Apply { git_init: true, ..Apply::default() };
    for dest in ["demo", ""] {
        let dest = folder.path().join(dest);
        run(&dest, &[file("a", "1")], OnConflict::Fail, &how).unwrap();
        assert!(dest.join(".git/HEAD").is_file());
        assert!(!dest.join(".git/index").exists());
        run(&dest, &[file("a", "1")], OnConflict::Fail, &how).unwrap();
    }
}

#[test]
fn the_old_scaffold_becomes_a_backup() {
    let folder = temporary();
    let dest = folder.path();
    let old = [(".scaffold/config.yml", "old"), (".scaffold/pristine/1.z", "p")];
    put(dest, &old);
    put(dest, &[(".scaffold/knowledge/own.md", "mine"), (".scaffold/state", "adrs completed")]);
    put(dest, &[(".scaffold.backup/7/config.yml", "older")]);
    let files = [file(".scaffold/config.yml", "new"), file("a", "1")];
    let how = Apply { backup: Some(String::new()), ..Apply::default() };
    run(dest, &files, OnConflict::Overwrite, &how).unwrap();
    let expected = [
        (".scaffold.backup/", ""),
        (".scaffold.backup/.gitignore", "*\n"),
        (".scaffold.backup/7/", ""),
        (".scaffold.backup/7/config.yml", "older"),
        (".scaffold.backup/8/", ""),
        (".scaffold.backup/8/config.yml", "old"),
        (".scaffold.backup/8/pristine/", ""),
        (".scaffold.backup/8/pristine/1.z", "p"),
        (".scaffold/", ""),
        (".scaffold/config.yml", "new"),
        (".scaffold/knowledge/", ""),
        (".scaffold/knowledge/own.md", "mine"),
        (".scaffold/state", "adrs completed"),
        ("a", "1"),
    ];
    let expected = expected.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    assert_eq!(tree(dest), expected.into());
}

#[test]
fn a_backup_replaces_no_file_of_the_user() {
    let folder = temporary();
    put(folder.path(), &[(".scaffold/config.yml", "old"), (".scaffold.backup", "mine")]);
    let before = tree(folder.path());
    let how = Apply { backup: Some(String::new()), ..Apply::default() };
    let files = [file(".scaffold/config.yml", "new")];
    let error = run(folder.path(), &files, OnConflict::Overwrite, &how).unwrap_err();
    assert_eq!(codes(&error), ["conflict"]);
    assert_eq!(tree(folder.path()), before);
}
