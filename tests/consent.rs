//! Programs that packs of others name run after consent only, and a folder cannot make our own helpers run anything.
#![cfg(unix)]

mod support;

use std::os::unix::fs::{PermissionsExt as _, symlink};
use support::{Ran, Sandbox};

const OVERLAY: &str = "\
name: small
description: Small
project-type: small
needs: [{name: Prober, version: [[prober, --version]], why: tests, get: nowhere}]
layers: [small/base]
commands: {setup: ['true'], run: ['true'], check: ['true']}
";

/// A pack that names a program, which leaves a mark where it is run and in the file `ran`.
fn prober(script: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("p/pack.yml", "name: p\nversion: '1'\ndescription: P\n");
    sandbox.write("p/overlays/small.yml", OVERLAY);
    sandbox.write("p/templates/small/base/README.md", "# Small\n");
    program(&sandbox, "bin/prober", script);
    sandbox
}

fn program(sandbox: &Sandbox, path: &str, script: &str) {
    let ran = sandbox.path("ran");
    sandbox.write(path, &format!("#!/bin/sh\necho x >> '{}'\n{script}\n", ran.display()));
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(sandbox.path(path), executable).unwrap();
}

fn doctor(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let words = [&["doctor", "small", "--pack", "p"], more].concat();
    let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
    support::ran(&sandbox.command(&words).env("PATH", path).output().unwrap())
}

#[test]
fn a_program_of_a_pack_runs_only_after_consent_and_until_the_pack_changes() {
    let sandbox = prober("echo prober 1.2; touch here");
    let told = doctor(&sandbox, &[]).expect(4);
    assert!(told.stdout.contains("not run  Prober"), "{}", told.stdout);
    assert!(told.stdout.contains("prober --version"), "{}", told.stdout);
    assert!(told.stderr.contains("--trust"), "{}", told.stderr);
    let need = doctor(&sandbox, &["--format", "json"]).expect(4).json();
    let need = &need["types"][0]["needs"].as_array().unwrap()[0];
    assert_eq!((&need["not_run"], &need["version"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!(need["commands"], serde_json::json!([["prober", "--version"]]));
    assert!(!sandbox.path("ran").exists(), "it was run without consent");

    assert!(doctor(&sandbox, &["--trust"]).stdout.contains("ok       Prober 1.2"));
    assert!(!sandbox.path("here").exists(), "it was run in the current folder");
    assert!(doctor(&sandbox, &[]).stdout.contains("ok       Prober 1.2"), "consent is kept");

    sandbox.write("p/templates/small/base/README.md", "# Smaller\n");
    assert!(doctor(&sandbox, &[]).stdout.contains("not run"), "another pack needs another consent");
}

#[test]
fn a_terminal_asks_once_and_shows_the_commands() {
    let sandbox = prober("echo 1.2");
    let mut command = sandbox.command(&["doctor", "small", "--pack", "p"]);
    command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display()));
    command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    for (keys, shown) in [("\r", "not run"), ("\u{1b}[B\r", "ok       Prober 1.2")] {
        let mut pty = support::pty::Pty::start(&command, 50, 100);
        pty.wait_for(&["prober --version", "Run the programs of the pack `p`?", "yes"]);
        pty.keys(keys);
        pty.wait_for(&[shown]);
        pty.status();
    }
    let mut pty = support::pty::Pty::start(&command, 50, 100);
    let screen = pty.wait_for(&["ok       Prober 1.2"]);
    assert!(!screen.contains("Run the programs"), "{screen}");
    assert_eq!(pty.status(), 0);
}

#[test]
fn a_consent_that_somebody_else_could_have_written_is_none() {
    let sandbox = prober("echo 1.2");
    doctor(&sandbox, &["--trust"]);
    let state = sandbox.path("../home/.local/state/scaffold");
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o777)).unwrap();
    assert!(doctor(&sandbox, &[]).stdout.contains("not run"));
    std::fs::rename(&state, sandbox.path("moved")).unwrap();
    symlink(sandbox.path("moved"), &state).unwrap();
    assert!(doctor(&sandbox, &[]).stdout.contains("not run"));
    assert!(doctor(&sandbox, &["--trust"]).stderr.contains("you will be asked again"));
}

#[test]
fn a_program_that_hangs_or_floods_is_ended() {
    let sandbox = prober("sleep 100");
    let started = std::time::Instant::now();
    assert!(doctor(&sandbox, &["--trust"]).stdout.contains("missing  Prober"));
    assert!(started.elapsed().as_secs() < 30);
    let sandbox = prober("head -c 3000000 /dev/zero | tr '\\0' 'x'; echo 1.2");
    assert!(doctor(&sandbox, &["--trust"]).stdout.contains("ok       Prober 1.2"));
}

#[test]
fn a_program_is_never_named_by_its_path() {
    let sandbox = prober("echo 1.2");
    sandbox.write("p/overlays/small.yml", &OVERLAY.replace("[prober,", "[./bin/prober,"));
    let told = doctor(&sandbox, &["--trust"]).expect(2).stderr;
    assert!(told.contains("the program of a version is a name"), "{told}");
    assert!(!sandbox.path("ran").exists());
}

#[test]
fn init_runs_nothing_of_a_pack() {
    let sandbox = prober("echo 1.2");
    let words = ["init", "demo", "--pack", "p", "--project-type", "small", "--auto"];
    let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
    support::ran(&sandbox.command(&words).env("PATH", path).output().unwrap()).expect(0);
    assert!(!sandbox.path("ran").exists());
}

#[test]
fn a_hostile_repository_makes_git_and_python_run_nothing() {
    let sandbox = prober("exit 0");
    let git = |words: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(words);
        let ended = command.current_dir(sandbox.work()).env("HOME", sandbox.work()).output();
        ended.is_ok_and(|output| output.status.success())
    };
    if !git(&["init", "--quiet"]) {
        return;
    }
    assert!(git(&["add", "p"]) && git(&["commit", "--quiet", "-m", "a"]));
    let run = sandbox.path("bin/prober").display().to_string();
    for (key, value) in
        [("core.fsmonitor", &run), ("filter.evil.clean", &run), ("core.pager", &run)]
    {
        assert!(git(&["config", key, value]));
    }
    sandbox.write(".gitattributes", "* filter=evil\n");
    sandbox.write("p/templates/small/base/README.md", "# Touched\n");
    for name in ["ast", "json", "sys", "sitecustomize"] {
        sandbox.write(&format!("{name}.py"), "open('ran', 'w').close()\n");
    }
    let told = sandbox.run(&["pack", "test", "p", "--format", "json"]).json();
    assert!(told["circumstances"]["commit"].as_str().unwrap().ends_with('+'), "{told}");
    sandbox.run(&["knowledge", "check"]);
    sandbox.run(&["init", "demo", "--auto", "--pipeline-processing", "batch"]).expect(0);
    assert!(!sandbox.path("ran").exists(), "something of the repository was run");
}
