//! `init --setup`: what is run, with whose consent, and what stays when it fails.
#![cfg(unix)]

mod support;

use support::pty::{CTRL_C, DOWN, ENTER, Pty};
use support::{Ran, Sandbox};

const ALL: [&str; 2] = ["uv", "python3"];
const BATCH: [&str; 5] = ["init", "demo", "--auto", "--pipeline-processing", "batch"];

fn run(sandbox: &Sandbox, path: &str, words: &[&str]) -> Ran {
    support::ran(&sandbox.command(words).env("PATH", path).output().unwrap())
}

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&BATCH, more].concat()
}

/// A program that leaves its words, and where it ran, in `ran`.
fn noting(sandbox: &Sandbox, and: &str) -> String {
    let ran = sandbox.path("ran");
    let script = format!("echo \"$(basename \"$PWD\"): $*\" >> '{}'\n{and}", ran.display());
    sandbox.with_programs(&ALL, &script)
}

#[test]
fn the_commands_run_in_the_new_repository_and_what_is_done_is_not_proposed() {
    for (flag, ran, next) in [
        ("--setup", "demo: sync\n", "  cd demo\n  uv run demo run\n  uv run poe check\n"),
        ("--setup=run", "demo: sync\ndemo: run demo run\n", "  cd demo\n  uv run poe check\n"),
        ("--setup=check", "demo: sync\ndemo: run poe check\n", "  cd demo\n  uv run demo run\n"),
    ] {
        let sandbox = Sandbox::new();
        let path = noting(&sandbox, "");
        let told = run(&sandbox, &path, &with(&[flag])).expect(0).stderr;
        assert_eq!(sandbox.read("ran"), ran, "{flag}");
        assert!(told.contains("running uv sync\n") && told.contains("ran uv sync in "), "{told}");
        assert!(told.ends_with(&format!("Next:\n{next}")), "{flag}: {told}");
    }
}

#[test]
fn json_lists_what_was_run_as_the_schema_says() {
    let sandbox = Sandbox::new();
    let path = noting(&sandbox, "");
    let words = with(&["--setup=check", "--format", "json"]);
    let document = run(&sandbox, &path, &words).expect(0).json();
    let schema = sandbox.run(&["schema", "output"]).expect(0).json();
    assert!(jsonschema::is_valid(&schema, &document), "{document}");
    let steps = document["setup"].as_array().unwrap();
    let names: Vec<_> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["setup", "check"]);
    assert_eq!(steps[0]["command"], serde_json::json!(["uv", "sync"]));
}

#[test]
fn a_preview_runs_nothing() {
    let sandbox = Sandbox::new();
    let path = noting(&sandbox, "");
    for preview in ["--dry-run", "--diff"] {
        run(&sandbox, &path, &with(&["--setup=check", preview])).expect(0);
    }
    assert!(!sandbox.path("ran").exists());
}

#[test]
fn a_setup_that_fails_keeps_the_tree_and_says_how_to_go_on() {
    let sandbox = Sandbox::new();
    let path = noting(&sandbox, "echo no network here; exit 7");
    let told = run(&sandbox, &path, &with(&["--setup=check"])).expect(4).stderr;
    assert!(told.contains("no network here"), "{told}");
    assert!(told.contains("error[failed-setup]: `uv sync` exits with status 7"), "{told}");
    assert!(told.contains("to go on: cd demo && uv sync && uv run poe check"), "{told}");
    assert_eq!(sandbox.read("ran"), "demo: sync\n", "nothing is run after what failed");
    let whole = Sandbox::new();
    whole.run(&BATCH).expect(0);
    assert_eq!(sandbox.tree("demo"), whole.tree("demo"));

    let words = ["init", "d2", "--auto", "--pipeline-processing", "batch", "--setup"];
    let failed = run(&sandbox, &path, &[&words[..], &["--format", "json"]].concat()).expect(4);
    let error = failed.json()["errors"].as_array().unwrap()[0].clone();
    assert_eq!(error["code"], "failed-setup");
    assert!(error["message"].as_str().unwrap().contains("(no network here)"), "{error}");
}

#[test]
fn a_missing_program_is_told_with_the_line_that_installs_it_before_anything_is_written() {
    let sandbox = Sandbox::new();
    let none = sandbox.path("none");
    std::fs::create_dir(&none).unwrap();
    let told = run(&sandbox, none.to_str().unwrap(), &with(&["--setup"])).expect(4).stderr;
    assert!(told.contains("error[missing-program]: uv is not installed"), "{told}");
    assert!(told.contains("to install it: python3 -m pip install uv"), "{told}");
    assert!(told.contains("Python is not installed") && !told.contains("Node.js"), "{told}");
    assert!(!sandbox.path("demo").exists());
    // A folder of that name, and a file that nobody may run, are no programs.
    std::fs::create_dir(none.join("uv")).unwrap();
    std::fs::write(none.join("python3"), "").unwrap();
    let told = run(&sandbox, none.to_str().unwrap(), &with(&["--setup"])).expect(4).stderr;
    assert!(told.contains("uv is not") && told.contains("Python is not"), "{told}");
}

const OVERLAY: &str = "\
name: small
description: Small
project-type: small
layers: [small/base]
commands: {setup: [maker, all], run: ['true'], check: ['true']}
";

#[test]
fn what_a_pack_of_others_runs_needs_consent_which_is_kept_until_the_pack_changes() {
    let sandbox = Sandbox::new();
    sandbox.write("p/pack.yml", "name: p\nversion: '1'\ndescription: P\n");
    sandbox.write("p/overlays/small.yml", OVERLAY);
    sandbox.write("p/templates/small/base/README.md", "# Small\n");
    let ran = sandbox.path("ran");
    let path = sandbox.with_programs(&["maker"], &format!("echo $* >> '{}'", ran.display()));
    let init = |folder: &str, more: &[&str]| {
        let words = ["init", folder, "--project-type", "small", "--pack", "p", "--auto", "--setup"];
        run(&sandbox, &path, &[&words[..], more].concat())
    };
    let told = init("one", &[]).expect(2).stderr;
    assert!(told.contains("error[not-agreed]") && told.contains("maker all"), "{told}");
    assert!(told.contains("--trust") && !ran.exists() && !sandbox.path("one").exists(), "{told}");

    init("one", &["--trust"]).expect(0);
    init("two", &[]).expect(0);
    assert_eq!(sandbox.read("ran"), "all\nall\n");
    sandbox.write("p/templates/small/base/README.md", "# Smaller\n");
    init("three", &[]).expect(2);

    // In a terminal somebody is asked, with the command in sight.
    for (keys, count) in [(ENTER.to_owned(), 2), (format!("{DOWN}{ENTER}"), 3)] {
        let folder = format!("asked{count}");
        let words =
            ["init", &folder, "--project-type", "small", "--pack", "p", "--auto", "--setup"];
        let mut command = sandbox.command(&words);
        command.env("PATH", &path).env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
        let mut pty = Pty::start(&command, 50, 100);
        pty.answer(&["maker all", "Run the programs of the pack `p`?"], &keys);
        assert_eq!(pty.status(), 0);
        assert_eq!(sandbox.read("ran").lines().count(), count, "{}", pty.screen());
        assert!(sandbox.path(&format!("{folder}/README.md")).exists());
    }
}

fn terminal(sandbox: &Sandbox, path: &str, words: &[&str]) -> Pty {
    let mut command = sandbox.command(words);
    command.env("PATH", path).env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    Pty::start(&command, 60, 100)
}

#[test]
fn a_terminal_shows_what_runs_with_its_last_line_and_ctrl_c_stops_it_and_keeps_the_tree() {
    let sandbox = Sandbox::new();
    let stopped = sandbox.path("stopped");
    let script = format!(
        "trap 'echo x > {}; exit 1' INT\nprintf 'one\\ntwo of three\\n'\nwhile :; do sleep 0.05; done",
        stopped.display()
    );
    let path = sandbox.with_programs(&ALL, &script);
    let mut pty = terminal(&sandbox, &path, &with(&["--setup=run"]));
    pty.wait_for(&["wrote ", "running uv sync  1 s  two of three"]);
    pty.keys(CTRL_C);
    assert_eq!(pty.status(), 130);
    let screen = pty.screen();
    assert!(screen.contains("`uv sync` is interrupted; all files are written"), "{screen}");
    assert!(screen.contains("to go on: cd demo && uv sync && uv run demo run"), "{screen}");
    assert!(!screen.contains("running uv") && !screen.contains("nothing is written"), "{screen}");
    assert!(stopped.exists(), "the program was not asked to stop");
    assert!(sandbox.path("demo/.scaffold/lock").exists() && pty.is_cursor_shown());
}

#[test]
fn the_wizard_says_first_what_is_missing_and_offers_last_to_set_up() {
    let sandbox = Sandbox::new();
    let none = sandbox.path("none");
    std::fs::create_dir(&none).unwrap();
    // What the terminal itself is started with.
    for name in ["sh", "stty"] {
        std::os::unix::fs::symlink(format!("/bin/{name}"), none.join(name)).unwrap();
    }
    let none = none.display().to_string();
    let words =
        ["init", "demo", "--project-type", "data-pipeline", "--pipeline-processing", "batch"];
    let pty = terminal(&sandbox, &none, &words);
    let screen = pty.wait_for(&["project called"]);
    assert!(screen.contains("warning uv is not installed: it installs"), "{screen}");
    assert!(
        screen.contains("python3 -m pip install uv") && !screen.contains("Node.js"),
        "{screen}"
    );
    pty.keys(CTRL_C);
    // Nobody has said yet that it will be a type that needs it.
    let screen = terminal(&sandbox, &none, &["init", "demo"]).wait_for(&["want to make"]);
    assert!(screen.contains("warning uv is not installed, which data-pipeline and ml"), "{screen}");

    let path = noting(&sandbox, "");
    for (folder, keys, ran) in [
        ("one", ENTER.to_owned(), ""),
        ("two", format!("{DOWN}{ENTER}"), "two: sync\ntwo: run two run\n"),
    ] {
        let words = [&["init", folder], &words[2..]].concat();
        let mut pty = terminal(&sandbox, &path, &words);
        let mut question = 1;
        while pty.wait_for_one(&["Shall it be written?", &format!("· {question} of")]) == 1 {
            pty.keys(ENTER);
            question += 1;
        }
        pty.answer(&["write it and set it up", "uv sync, then uv run"], &keys);
        assert_eq!(pty.status(), 0);
        pty.wait_for(&["Next:"]);
        let noted = std::fs::read_to_string(sandbox.path("ran")).unwrap_or_default();
        assert_eq!(noted, ran, "{}", pty.screen());
    }
}
