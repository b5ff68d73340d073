//! What neighbours, packs and cloned repositories must not be able to do, tried on the real program.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::Path;
use std::process::Command;
use support::{BATCH, Sandbox};

const OWNED: &str = "6b4b3c96d1d5b1a3d9a6b0f5e0c1a3f0a3b6c5d4e7f8091a2b3c4d5e6f708192";

/// A generated repository with a stage that another user's program prepared, as a clone can bring one along.
fn clone_with_stage(sandbox: &Sandbox) {
    sandbox.run(&BATCH).expect(0);
    let stage = "demo/.scaffold/tmp-write";
    let entry =
        |path: &str| format!(r#"{{"path":"{path}","action":"create","old":null,"new":"{OWNED}"}}"#);
    for format in [1, 2] {
        let files = [".scaffold.backup/planted.sh", "owned"].map(entry).join(",");
        let journal = format!(r#"{{"format":{format},"files":[{files}],"git":false}}"#);
        sandbox.write(&format!("{stage}/commit"), &journal);
    }
    sandbox.write(&format!("{stage}/tree/.scaffold.backup/planted.sh"), "owned\n");
    sandbox.write(&format!("{stage}/tree/owned"), "owned\n");
    symlink("../..", sandbox.path(&format!("{stage}/backup"))).unwrap();
}

#[test]
fn a_stage_that_came_with_a_clone_is_never_followed() {
    let sandbox = Sandbox::new();
    clone_with_stage(&sandbox);
    let before = sandbox.tree("");
    let in_demo = |words: &[&str]| {
        let output = sandbox.command(words).current_dir(sandbox.path("demo")).output().unwrap();
        support::ran(&output)
    };
    for words in [&["status"][..], &["next"], &["list"], &["guide", "create-vision"]] {
        let ran = in_demo(words).expect(0);
        assert!(ran.stderr.contains("no run of yours on this machine made it"), "{}", ran.stderr);
        assert_eq!(sandbox.tree(""), before, "{words:?}");
    }
    let preview = ["init", ".", "--force", "--auto", "--dry-run"];
    assert!(in_demo(&preview).expect(0).stderr.contains("is not used"));
    for words in [&["complete", "create-vision"][..], &["init", ".", "--force", "--auto"]] {
        let ran = in_demo(words).expect(3);
        assert!(ran.stderr.contains("error[foreign]"), "{}", ran.stderr);
        assert_eq!(sandbox.tree(""), before, "{words:?}");
    }
    fs::remove_dir_all(sandbox.path("demo/.scaffold/tmp-write")).unwrap();
    in_demo(&["complete", "create-vision"]).expect(0);
}

#[test]
fn a_stage_that_was_there_before_a_new_folder_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write(".demo.scaffold-tmp/tree/README.md", "theirs\n");
    let before = sandbox.tree("");
    let ran = sandbox.run(&BATCH).expect(3);
    assert!(ran.stderr.contains("error[foreign]"), "{}", ran.stderr);
    assert_eq!(sandbox.tree(""), before);
}

/// Only the superuser can give a folder to somebody else.
fn give_away(path: &Path) -> bool {
    let given = chown(path, Some(54_321), None).is_ok();
    if !given {
        eprintln!("skipped: a folder of another user can only be made by the superuser");
    }
    given
}

#[test]
fn a_project_of_another_user_above_is_not_read() {
    let sandbox = Sandbox::new();
    sandbox.run(&BATCH).expect(0);
    fs::create_dir(sandbox.path("demo/mine")).unwrap();
    if !give_away(&sandbox.path("demo")) {
        return;
    }
    let status = || {
        let mut command = sandbox.command(&["status"]);
        support::ran(&command.current_dir(sandbox.path("demo/mine")).output().unwrap())
    };
    let refused = status().expect(2).stderr;
    assert!(refused.contains("belongs to another user"), "{refused}");
    assert!(refused.contains("safe.directory"), "{refused}");
    // Who trusts the folder says so to git, and need not say it twice.
    let home = sandbox.work().with_file_name("home");
    fs::write(home.join(".gitconfig"), "[safe]\n\tdirectory = *\n").unwrap();
    status().expect(0);
}

#[test]
fn a_repository_of_another_user_above_gets_no_workflow() {
    let sandbox = Sandbox::new();
    git(&sandbox, &["init", "-q", "shared"]);
    fs::create_dir(sandbox.path("shared/mine")).unwrap();
    if !give_away(&sandbox.path("shared")) {
        return;
    }
    let before = sandbox.tree("shared");
    let words = [&["init", "shared/mine/demo"], &BATCH[2..]].concat();
    let ran = sandbox.run(&words).expect(0);
    assert!(ran.stderr.contains("belongs to another user"), "{}", ran.stderr);
    let outside: Vec<_> =
        sandbox.tree("shared").into_keys().filter(|path| !path.starts_with("mine/demo/")).collect();
    assert_eq!(outside, before.into_keys().collect::<Vec<_>>());
    assert!(sandbox.path("shared/mine/demo/.git/HEAD").is_file(), "it is a repository of its own");
}

fn git(sandbox: &Sandbox, words: &[&str]) {
    let mut command = Command::new("git");
    command.args(words).current_dir(sandbox.work()).env("GIT_CONFIG_NOSYSTEM", "1");
    assert!(command.status().unwrap().success());
}

#[test]
fn a_home_in_git_is_not_the_repository_of_what_is_below() {
    let sandbox = Sandbox::new();
    git(&sandbox, &["init", "-q", "../home"]);
    let home = sandbox.work().with_file_name("home");
    fs::create_dir(home.join("work")).unwrap();
    let run = |words: &[&str]| {
        support::ran(&sandbox.command(words).current_dir(home.join("work")).output().unwrap())
    };
    let ran = run(&BATCH).expect(0);
    assert!(ran.stderr.contains("your home folder is in it"), "{}", ran.stderr);
    assert!(!home.join(".github").exists());
    assert!(home.join("work/demo/.github/workflows").is_dir());
    assert!(home.join("work/demo/.git/HEAD").is_file());
    // Named, it is used, and what goes there is said with its true place.
    let words = [&["init", "second"], &BATCH[2..], &["--repository", "..", "--format", "json"]];
    let ran = run(&words.concat()).expect(0);
    let workflows = home.canonicalize().unwrap().join(".github/workflows");
    let workflow = fs::read_dir(workflows).unwrap().next().unwrap().unwrap().path();
    let notes = ran.json()["notes"].to_string();
    assert!(notes.contains(&workflow.display().to_string()), "{notes}");
}

/// A pack whose layer writes wherever tools of the root's owner look.
fn pack_with_outer_files(sandbox: &Sandbox) {
    let about = "format: 1\nname: outer\nversion: '1'\ndescription: d\n";
    sandbox.write("pack/pack.yml", about);
    let overlay = "name: outer\ndescription: d\nproject-type: outer\nlayers:\n  - outer/base\n  - {path: outer/root, at: repository}\n";
    sandbox.write("pack/overlays/outer.yml", overlay);
    sandbox.write("pack/templates/outer/base/README.md", "read me\n");
    sandbox.write("pack/templates/outer/root/.envrc", "touch /tmp/owned\n");
    sandbox.write("pack/templates/outer/root/.github/workflows/outer.yml", "on: push\n");
}

#[test]
fn a_pack_writes_at_the_root_only_what_was_agreed_to() {
    let sandbox = Sandbox::new();
    pack_with_outer_files(&sandbox);
    git(&sandbox, &["init", "-q", "repo"]);
    let words = ["init", "repo/svc", "--pack", "pack", "--project-type", "outer", "--auto"];
    let ran = sandbox.run(&words).expect(2);
    assert!(ran.stderr.contains("error[not-agreed]") && ran.stderr.contains(".envrc"));
    assert!(ran.stderr.contains("--repository"), "{}", ran.stderr);
    assert!(!sandbox.path("repo/svc").exists() && !sandbox.path("repo/.github").exists());

    let shown = sandbox.run(&[&words[..], &["--dry-run"]].concat()).expect(0);
    assert!(shown.stderr.contains("repo/.envrc"), "{}", shown.stderr);
    let ran = sandbox.run(&[&words[..], &["--repository", "repo"]].concat()).expect(0);
    assert!(sandbox.path("repo/.envrc").is_file());
    assert!(ran.stderr.contains("repo/.envrc"), "{}", ran.stderr);
}

#[test]
fn starting_again_keeps_progress_and_every_backup() {
    let sandbox = Sandbox::new();
    sandbox.run(&BATCH).expect(0);
    let complete = |step: &str| {
        let mut command = sandbox.command(&["complete", step]);
        support::ran(&command.current_dir(sandbox.path("demo")).output().unwrap()).expect(0)
    };
    complete("create-vision");
    let progress = sandbox.read("demo/.scaffold/state");
    for round in 1..=3 {
        let words = [&BATCH[..], &["--force", "--on-conflict", "overwrite"]].concat();
        sandbox.run(&words).expect(0);
        assert_eq!(sandbox.read("demo/.scaffold/state"), progress, "round {round}");
        let backup = format!("demo/.scaffold.backup/{round}/config.yml");
        assert!(sandbox.path(&backup).is_file(), "{backup}");
    }
}

#[test]
fn without_any_place_for_a_record_nothing_is_written() {
    let sandbox = Sandbox::new();
    // A home that nobody can write, and no place for small files either.
    let mut command = sandbox.command(&BATCH);
    command.env("HOME", "/proc").env("TMPDIR", "/proc");
    let ran = support::ran(&command.output().unwrap());
    assert_ne!(ran.status, 0);
    assert!(ran.stderr.contains("error["), "{}", ran.stderr);
    assert!(sandbox.tree("").is_empty());
    // Without a home the place for small files will do.
    let mut command = sandbox.command(&BATCH);
    command.env_remove("HOME").env("TMPDIR", sandbox.work().with_file_name("home"));
    support::ran(&command.output().unwrap()).expect(0);
}

#[test]
fn a_folder_that_became_a_mount_or_is_elsewhere_is_told_before_anything_is_written() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.path("demo/src")).unwrap();
    let mount =
        Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(sandbox.path("demo/src")).output();
    if !mount.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: only the superuser can mount");
        return;
    }
    let ran = sandbox.run(&BATCH);
    let unmounted = Command::new("umount").arg(sandbox.path("demo/src")).status().unwrap();
    assert!(unmounted.success());
    let ran = ran.expect(2);
    assert!(ran.stderr.contains("another file system"), "{}", ran.stderr);
    assert!(sandbox.tree("").is_empty());
    sandbox.run(&BATCH).expect(0);
}
