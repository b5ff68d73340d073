//! What a mistyped command line is told, in text and as JSON; help and version.

mod support;

use support::Sandbox;

#[test]
fn mistakes_are_told_with_their_cure() {
    let sandbox = Sandbox::new();
    let lines = [
        "",
        "int demo",
        "init demo --pipeline-procesing batch",
        "init demo --seed 7",
        "check --pipeline-catalog",
        "--auto",
        "init demo -- --auto",
        "init demo other",
        "init demo --auto --pipeline-processing bacth",
        "init demo --auto --pipeline-processing batch --pipeline-catalog=maybe",
        "init demo --auto --pipeline-processing batch --pipeline-processing batch",
        "init demo --auto --pipeline-processing batch --depth 3",
        "init demo --auto --pipeline-processing batch --methodology custom --depth 9",
        "init demo --auto --pipeline-processing batch --adapters claude,codex",
        "init demo --auto --project-type ml --ml-phase inference --ml-serving none",
        "init demo --auto --pipeline-processing batch --name a/b",
        "init demo --auto --pipeline-processing batch --format xml",
        "init demo --auto --pipeline-processing batch --on-conflict merge",
        "init demo --auto --pipeline-processing batch --set name",
        "init demo --auto --pipeline-processing batch --answers nowhere.yml",
        "init demo --auto --project-type banana",
        "init demo --auto",
        "init demo --name",
    ];
    let mut shown = Vec::new();
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let text = sandbox.run(&words).expect(2);
        assert!(text.stdout.is_empty());
        let json = sandbox.run(&[&words[..], &["--format=json"]].concat());
        // A line that names a format itself stays as it is.
        if !line.contains("--format") {
            let document = json.expect(2).json();
            assert_eq!(document["ok"], false);
            assert_eq!(document["exit_code"], 2);
        }
        shown.push(format!("$ scaffold {line}\n{}", text.stderr));
    }
    assert!(sandbox.tree("").is_empty());
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn help_and_version_go_to_stdout() {
    let sandbox = Sandbox::new();
    assert!(sandbox.run(&["--version"]).expect(0).stdout.starts_with("scaffold "));
    let help = sandbox.run(&["init", "--help"]).expect(0);
    assert!(help.stderr.is_empty());
    insta::assert_snapshot!(help.stdout);
}

#[cfg(unix)]
#[test]
fn help_names_the_program_as_its_documents_do() {
    use std::os::unix::process::CommandExt as _;
    let sandbox = Sandbox::new();
    for words in [&["init", "-h"][..], &["pack", "lint", "-h"]] {
        let output = sandbox.command(words).arg0("scaffold.exe").output().unwrap();
        let help = support::ran(&output).expect(0).stdout;
        let usage = format!("Usage: scaffold {} ", words[..words.len() - 1].join(" "));
        assert!(help.contains(&usage), "{help}");
    }
}

#[test]
fn help_is_as_wide_as_the_terminal_and_never_wider_than_is_read_well() {
    let sandbox = Sandbox::new();
    let widest = |words: &[&str], columns: &str| {
        let output = sandbox.command(words).env("COLUMNS", columns).output().unwrap();
        let lines = support::ran(&output).expect(0).stdout;
        lines.lines().map(|line| line.chars().count()).max().unwrap_or_default()
    };
    for words in
        [&["--help"][..], &["-h"], &["init", "--help"], &["update", "-h"], &["pack", "--help"]]
    {
        assert!(widest(words, "80") <= 80, "{words:?}");
        assert!(widest(words, "300") <= 100, "{words:?}");
    }
}

#[test]
fn a_problem_in_json_has_the_documented_shape() {
    let sandbox = Sandbox::new();
    let words = "init demo --auto --format json --pipeline-processing bacth";
    let ran = sandbox.run(&words.split_whitespace().collect::<Vec<_>>()).expect(2);
    assert_eq!(
        ran.json(),
        serde_json::json!({
            "schema": 1, "ok": false, "command": "init", "exit_code": 2,
            "errors": [{
                "code": "unknown-value",
                "message": "`bacth` is not a value of --pipeline-processing",
                "where": {"flag": "--pipeline-processing"},
                "allowed": ["batch", "streaming", "hybrid"],
                "nearest": "batch",
                "fix": ["--pipeline-processing", "batch"],
            }],
        })
    );
}

#[test]
fn a_reader_that_leaves_is_no_fault() {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command(&[
            "init",
            "demo",
            "--auto",
            "--pipeline-processing",
            "batch",
            "--dry-run",
            "--format",
            "json",
        ])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[test]
fn an_error_is_explained_where_no_pack_can_be_read() {
    let sandbox = Sandbox::new();
    // A policy that cannot be read stops every command that reads a pack.
    sandbox.write("../home/.config/scaffold/config.yml", "defaults: [");
    let told = sandbox.run(&["questions"]).expect(2).stderr;
    assert!(told.contains("error[bad-config]"), "{told}");
    let explained = sandbox.run(&["explain", "bad-config"]).expect(0).stdout;
    assert!(explained.starts_with("Exit status 2.") && explained.ends_with(".\n"), "{explained}");
    assert!(sandbox.run(&["explain"]).expect(0).stdout.contains("\nunanswered\n"));
    let told = sandbox.run(&["explain", "unanswerd"]).expect(2).stderr;
    assert!(told.contains("did you mean `unanswered`?"), "{told}");
}

#[test]
fn a_word_that_is_no_command_offers_those_of_its_own_command() {
    let sandbox = Sandbox::new();
    let told = |words: &[&str]| sandbox.run(words).expect(2).stderr;
    let pack = told(&["pack", "nwe"]);
    assert!(pack.contains("there is no command `pack nwe`"), "{pack}");
    assert!(pack.contains("allowed: lint, render, test") && !pack.contains("next"), "{pack}");
    assert!(told(&["nxet"]).contains("did you mean `next`?"));
    assert!(told(&["knowledge"]).contains("`scaffold knowledge --help`"));
}

#[test]
fn help_and_version_need_no_pack_that_can_be_read() {
    let sandbox = Sandbox::new();
    // A policy that cannot be read stops every command that reads a pack.
    sandbox.write("../home/.config/scaffold/config.yml", "defaults: [");
    for words in [["--version"], ["--help"], ["-h"]] {
        assert!(sandbox.run(&words).expect(0).stdout.contains("scaffold"));
    }
    sandbox.run(&["init", "--help"]).expect(2);
    // Without a terminal the program alone is a mistake, as before.
    assert!(Sandbox::new().run(&[]).expect(2).stderr.contains("no command is given"));
}
