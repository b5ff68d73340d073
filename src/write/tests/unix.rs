//! Tests of links and modes, which only Unix has for everybody.

use super::{codes, compared, file, put, recovered, temporary, tree, write};
use crate::tree::File;
use crate::tree::digest;
use crate::write::{Action, Apply, Change, OnConflict, Recovery};
use crate::write::{apply, check_destination, recover};
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
    for (link, code) in [(".scaffold", "bad-path"), (".scaffold/tmp-write", "foreign")] {
        let (folder, outside) = (temporary(), temporary());
        put(outside.path(), &[("tree/x", "1")]);
        let link = folder.path().join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        fs::create_dir_all(outside.path().join("tmp-write")).unwrap();
        symlink(outside.path(), &link).unwrap();
        let before = tree(outside.path());
        let error = write(folder.path(), &[file("a", "x")], OnConflict::Fail).unwrap_err();
        assert_eq!(codes(&error), [code]);
        assert_eq!(codes(&recover(folder.path()).unwrap_err()), [code]);
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
        assert_eq!(recovered(&dest), Recovery::Nothing);
    }
    assert!(real.path().join("d/x").is_file() && real.path().join("deep/new/d/x").is_file());
    let stages = tree(folder.path()).into_keys().filter(|path| path.contains("tmp")).count();
    assert_eq!(stages, 0);
}

#[test]
fn a_stage_from_elsewhere_is_never_followed() {
    let new = digest(b"evil");
    for path in ["x", "../out", ".git/hooks/pre-commit", "link/x"] {
        let (folder, outside) = (temporary(), temporary());
        symlink(outside.path(), folder.path().join("link")).unwrap();
        let entry = format!(r#"{{"path":"{path}","action":"create","old":null,"new":"{new}"}}"#);
        let journal = format!(r#"{{"format":2,"files":[{entry}],"git":false}}"#);
        let staged = format!(".scaffold/tmp-write/tree/{path}");
        put(folder.path(), &[(".scaffold/tmp-write/commit", &journal), (&staged, "evil")]);
        fs::create_dir(folder.path().join(".git")).unwrap();
        let before = tree(folder.path());
        for error in [
            recover(folder.path()).unwrap_err(),
            write(folder.path(), &[file("a", "1")], OnConflict::Fail).unwrap_err(),
        ] {
            assert_eq!(codes(&error), ["foreign"], "{path}");
            assert!(error.problems[0].hint.as_ref().unwrap().contains("nothing was changed"));
        }
        assert_eq!(tree(folder.path()), before);
        assert!(tree(outside.path()).is_empty() && !folder.path().join(".git/hooks").exists());
    }
}

/// Leaves a run that died after its decision in the folder `a` of another.
fn interrupted() -> tempfile::TempDir {
    let folder = temporary();
    super::crash::die_decided(&folder.path().join("a"));
    folder
}

#[test]
fn a_copy_of_an_interrupted_run_is_not_followed() {
    let folder = interrupted();
    let (here, copy) = (folder.path().join("a"), folder.path().join("b"));
    let copied = std::process::Command::new("cp").arg("-a").args([&here, &copy]).status();
    assert!(copied.unwrap().success());
    assert_eq!(codes(&recover(&copy).unwrap_err()), ["foreign"]);
    // Moved, it is the same stage in another place.
    fs::rename(&here, folder.path().join("c")).unwrap();
    assert_eq!(codes(&recover(&folder.path().join("c")).unwrap_err()), ["foreign"]);
    fs::rename(folder.path().join("c"), &here).unwrap();
    assert_eq!(recovered(&here), Recovery::Completed);
}

#[test]
fn a_stage_that_others_can_write_to_is_not_followed() {
    let folder = interrupted();
    let stage = folder.path().join("a/.scaffold/tmp-write");
    fs::set_permissions(&stage, fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(codes(&recover(&folder.path().join("a")).unwrap_err()), ["foreign"]);
}

/// On NTFS, exFAT and the like, everything is open to all, the lock that is made for its user alone included.
#[test]
fn where_a_file_system_keeps_no_modes_they_say_nothing_of_a_stage() {
    let folder = interrupted();
    let stage = folder.path().join("a/.scaffold/tmp-write");
    for open in [stage.join("lock"), stage] {
        fs::set_permissions(open, fs::Permissions::from_mode(0o777)).unwrap();
    }
    assert_eq!(recovered(&folder.path().join("a")), Recovery::Completed);
}

#[test]
fn another_journal_in_a_stage_of_ours_is_not_followed() {
    let folder = interrupted();
    let dest = folder.path().join("a");
    let commit = dest.join(".scaffold/tmp-write/commit");
    let text = fs::read_to_string(&commit).unwrap();
    fs::write(&commit, text.replace("\"a\"", "\"z\"")).unwrap();
    let before = tree(&dest);
    assert_eq!(codes(&recover(&dest).unwrap_err()), ["unrecoverable"]);
    assert_eq!(tree(&dest), before);
    fs::write(&commit, text).unwrap();
    assert_eq!(recovered(&dest), Recovery::Completed);
}

#[test]
fn what_became_a_link_since_the_decision_is_set_aside() {
    let (folder, outside) = (interrupted(), temporary());
    let dest = folder.path().join("a");
    put(outside.path(), &[("b", "theirs")]);
    fs::remove_file(dest.join("b")).unwrap();
    symlink(outside.path().join("b"), dest.join("b")).unwrap();
    let outcome = recover(&dest).unwrap();
    assert_eq!(outcome.kept.len(), 1, "{:?}", outcome.kept);
    assert!(dest.join("b.scaffold-kept").is_symlink() && !dest.join("b").is_symlink());
    assert_eq!(fs::read(outside.path().join("b")).unwrap(), b"theirs");
}
