//! Tests of links and modes, which only Unix has for everybody.

use super::{codes, compared, file, put, temporary, tree, write};
use crate::write::{
    Action, Apply, Change, File, OnConflict, Recovery, apply, check_destination, digest, recover,
};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

#[test]
fn nothing_is_written_through_links_or_over_folders() {
    let (folder, outside) = (temporary(), temporary());
    let dest = folder.path();
    put(dest, &[("folder/x", "1"), ("plain", "1")]);
    put(outside.path(), &[("file", "1")]);
    symlink(outside.path(), dest.join("out")).unwrap();
    symlink(outside.path().join("file"), dest.join("link")).unwrap();
    symlink("nowhere", dest.join("dangling")).unwrap();
    let cases = [
        ("out/file", "bad-path"),
        ("out/deep/new", "bad-path"),
        ("link", "bad-path"),
        ("dangling", "bad-path"),
        ("folder", "conflict"),
        ("plain/below", "conflict"),
    ];
    for (path, code) in cases {
        let files = [file("fine", "x"), file(path, "x")];
        let mut changes = compared(dest, &files[..1], OnConflict::Fail).unwrap();
        let error = compared(dest, &files, OnConflict::Overwrite).unwrap_err();
        assert_eq!(codes(&error), [code], "{path}");
        // The same again for who does not compare.
        changes.push(Change { path: path.to_owned(), ..changes[0].clone() });
        let error = apply(dest, &changes, &Apply::default()).unwrap_err();
        assert_eq!(codes(&error), [code], "{path}");
        assert!(!dest.join("fine").exists() && !dest.join(".scaffold").exists());
    }
    assert_eq!(tree(outside.path()), [("file".to_owned(), b"1".to_vec())].into());
}

#[test]
fn a_stage_that_is_a_link_is_refused() {
    for link in [".scaffold", ".scaffold/tmp-write"] {
        let (folder, outside) = (temporary(), temporary());
        put(outside.path(), &[("tree/x", "1")]);
        let link = folder.path().join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        fs::create_dir_all(outside.path().join("tmp-write")).unwrap();
        symlink(outside.path(), &link).unwrap();
        let before = tree(outside.path());
        let error = write(folder.path(), &[file("a", "x")], OnConflict::Fail).unwrap_err();
        assert_eq!(codes(&error), ["bad-path"]);
        assert_eq!(codes(&recover(folder.path()).unwrap_err()), ["bad-path"]);
        assert_eq!(tree(outside.path()), before);
    }
}

#[test]
fn modes_are_set_and_those_of_the_user_kept() {
    let folder = temporary();
    let dest = folder.path();
    put(dest, &[("secret", "1"), ("tool", "1"), ("same", "x")]);
    fs::set_permissions(dest.join("secret"), fs::Permissions::from_mode(0o600)).unwrap();
    let runs = |path| File { executable: true, ..file(path, "x") };
    let files = [file("secret", "x"), runs("tool"), runs("same"), runs("new"), file("plain", "x")];
    let changes = write(dest, &files, OnConflict::Overwrite).unwrap();
    assert_eq!(changes[2].action, Action::Unchanged);
    let mode = |path| fs::metadata(dest.join(path)).unwrap().permissions().mode() & 0o777;
    let modes = ["secret", "tool", "same", "new", "plain"].map(mode);
    assert_eq!(modes, [0o600, 0o755, 0o644, 0o755, 0o644]);
}

#[test]
fn what_cannot_be_a_destination_is_refused() {
    let folder = temporary();
    put(folder.path(), &[("file", "1")]);
    symlink("nowhere", folder.path().join("dangling")).unwrap();
    symlink("file", folder.path().join("to-file")).unwrap();
    symlink("loop", folder.path().join("loop")).unwrap();
    let before = tree(folder.path()).len();
    let bad = ["file", "file/below", "dangling", "dangling/below", "to-file", "loop", "no/../x"];
    for path in bad {
        let dest = folder.path().join(path);
        for error in [check_destination(&dest), recover(&dest).map(drop)] {
            let error = error.unwrap_err();
            assert_eq!(codes(&error), ["bad-destination"], "{path}");
            assert!(error.problems[0].hint.is_some());
        }
        assert!(write(&dest, &[file("a", "1")], OnConflict::Fail).is_err());
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), before);
}

#[test]
fn a_read_only_folder_is_refused() {
    let folder = temporary();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    for path in ["", "a/b"] {
        let error = check_destination(&folder.path().join(path)).unwrap_err();
        assert_eq!(codes(&error), ["bad-destination"]);
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn folders_links_to_folders_and_new_paths_are_fine() {
    let (folder, real) = (temporary(), temporary());
    symlink(real.path(), folder.path().join("link")).unwrap();
    for path in ["", ".", "link", "new", "a/b/c", "link/deep/new/", "link/../up"] {
        let dest = folder.path().join(path);
        check_destination(&dest).unwrap();
        write(&dest, &[file("d/x", "1")], OnConflict::Fail).unwrap();
        assert_eq!(fs::read(dest.join("d/x")).unwrap(), b"1");
        assert_eq!(recover(&dest).unwrap(), Recovery::Nothing);
    }
    assert!(real.path().join("d/x").is_file() && real.path().join("deep/new/d/x").is_file());
    let stages = tree(folder.path()).into_keys().filter(|path| path.contains("tmp")).count();
    assert_eq!(stages, 0);
}

#[test]
fn a_journal_from_elsewhere_cannot_lead_out() {
    let new = digest(b"evil");
    for path in ["../out", ".git/hooks/pre-commit", "link/x"] {
        let (folder, outside) = (temporary(), temporary());
        symlink(outside.path(), folder.path().join("link")).unwrap();
        let entry = format!(r#"{{"path":"{path}","action":"create","old":null,"new":"{new}"}}"#);
        let journal = format!(r#"{{"format":1,"files":[{entry}]}}"#);
        let staged = format!(".scaffold/tmp-write/tree/{path}");
        put(folder.path(), &[(".scaffold/tmp-write/commit", &journal), (&staged, "evil")]);
        fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(codes(&recover(folder.path()).unwrap_err()), ["unrecoverable"], "{path}");
        assert!(tree(outside.path()).is_empty() && !folder.path().join(".git/hooks").exists());
    }
}

#[test]
fn a_stage_from_elsewhere_cannot_take_what_is_outside() {
    let new = digest(b"secret");
    let entry = format!(r#"{{"path":"x","action":"create","old":null,"new":"{new}"}}"#);
    let journal = format!(r#"{{"format":1,"files":[{entry}]}}"#);
    for (link, code) in
        [("tree", "unrecoverable"), ("lock", "bad-path"), ("commit", "unrecoverable")]
    {
        let (folder, outside) = (temporary(), temporary());
        let stage = folder.path().join(".scaffold/tmp-write");
        put(outside.path(), &[("x", "secret")]);
        put(&stage, &[("commit", &journal), ("tree/x", "secret")]);
        let before = tree(outside.path());
        if link == "tree" {
            fs::remove_dir_all(stage.join("tree")).unwrap();
            symlink(outside.path(), stage.join("tree")).unwrap();
        } else {
            let _ = fs::remove_file(stage.join(link));
            symlink(outside.path().join("new"), stage.join(link)).unwrap();
        }
        assert_eq!(codes(&recover(folder.path()).unwrap_err()), [code], "{link}");
        assert_eq!(tree(outside.path()), before, "{link}");
        assert!(!folder.path().join("x").exists());
    }
}
