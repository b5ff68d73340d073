//! What the README shows is what the program prints, and its commands do what it says.
#![cfg(unix)]

mod support;

use std::path::Path;
use std::process::Command;
use support::{Sandbox, ran};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
/// A person reads it from top to bottom.
const MOST_LINES: usize = 200;
const MOST_LINES_OF_TREE: usize = 20;

fn readme() -> String {
    std::fs::read_to_string(PATH).unwrap()
}

/// The block of the README below the sentence that holds `command`, without its fences.
fn block<'t>(text: &'t str, command: &str) -> &'t str {
    let after = &text[text.find(command).expect("the README shows the command")..];
    let start = after.find("```text\n").expect("a block follows") + "```text\n".len();
    let end = after[start..].find("```").expect("the block ends");
    &after[start..start + end]
}

/// What lies at the top of the tree, folders with the number of their files.
fn top(files: &[serde_json::Value]) -> String {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for path in files.iter().map(|file| file["path"].as_str().unwrap()) {
        let parts: Vec<&str> = path.split('/').collect();
        let name = match parts[..] {
            [name] => name.to_owned(),
            // The package is what a reader looks for.
            ["src", package, _, ..] => format!("src/{package}/"),
            [folder, ..] => format!("{folder}/"),
            [] => unreachable!("no path is empty"),
        };
        match lines.last_mut() {
            Some((last, count)) if *last == name => *count += 1,
            _ => lines.push((name, 1)),
        }
    }
    let line = |(name, count): &(String, usize)| {
        let files = if *count == 1 { "file" } else { "files" };
        if name.ends_with('/') {
            format!("  {name:<18}{count} {files}\n")
        } else {
            format!("  {name}\n")
        }
    };
    format!("demo/\n{}", lines.iter().map(line).collect::<String>())
}

#[test]
fn the_tree_is_the_one_of_a_dry_run() {
    let sandbox = Sandbox::new();
    let words = "init demo --auto --pipeline-processing batch --dry-run";
    let json = format!("{words} --format json");
    let document = sandbox.run(&json.split(' ').collect::<Vec<_>>()).expect(0).json();
    let expected = top(document["files"].as_array().unwrap());
    assert!(expected.lines().count() <= MOST_LINES_OF_TREE, "{expected}");
    let text = readme();
    let shown = block(&text, words);
    if std::env::var_os("UPDATE_README").is_some() {
        let (before, after) = text.split_once(&format!("```text\n{shown}```")).unwrap();
        std::fs::write(PATH, format!("{before}```text\n{expected}```{after}")).unwrap();
        return;
    }
    assert_eq!(shown, expected, "UPDATE_README=1 cargo test --test readme writes it anew");
}

#[test]
fn it_can_be_read_from_top_to_bottom_and_its_links_lead_somewhere() {
    let text = readme();
    assert!(text.lines().count() <= MOST_LINES, "{} lines", text.lines().count());
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for target in targets.filter(|target| !target.starts_with('#')) {
        assert!(root.join(target).exists(), "{target}");
    }
}

/// The commands of `scaffold` in the blocks for a shell, each with its section, without the comments behind them.
fn commands(text: &str) -> Vec<(String, String)> {
    let (mut section, mut is_shell, mut found) = (String::new(), false, Vec::new());
    for line in text.lines() {
        match line {
            "```sh" => is_shell = true,
            "```" => is_shell = false,
            _ if line.starts_with("## ") => line.clone_into(&mut section),
            _ if is_shell && line.starts_with("scaffold ") => {
                let command = line.split("  #").next().unwrap_or(line).split(" # ").next();
                found.push((section.clone(), command.unwrap_or(line).trim().to_owned()));
            }
            _ => {}
        }
    }
    found
}

#[test]
fn its_commands_do_what_it_says_from_top_to_bottom() {
    let sandbox = Sandbox::new();
    // What `--setup` runs is tried by `dist/first_minutes.py`; here it is enough that it is run.
    let path = sandbox.with_programs(&["uv", "python3"], "echo 9.9.9");
    let program = Path::new(env!("CARGO_BIN_EXE_scaffold"));
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let packs = sandbox.path("tests/packs");
    std::fs::create_dir_all(packs.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs"), &packs)
        .unwrap();
    let found = commands(&readme());
    assert!(found.len() >= 25, "{}", found.len());
    for (section, command) in found {
        let words: Vec<&str> = command.split(' ').collect();
        let is_of_project = matches!(
            words[1],
            "next" | "guide" | "complete" | "knowledge" | "check" | "diff" | "update" | "set"
        );
        let folder = if is_of_project {
            "demo"
        } else if command.contains(" . ") {
            "old"
        } else {
            ""
        };
        std::fs::create_dir_all(sandbox.path("old")).unwrap();
        // It asks, and there is no terminal; in CI a file that was edited is found.
        let status = if command == "scaffold init demo" { 2 } else { 0 };
        let is_slow = command.ends_with("--run");
        if is_slow {
            // `tests/pack_test.rs` runs it.
            continue;
        }
        let mut shell = Command::new("sh");
        let environment = sandbox.command(&[]);
        shell.args(["-c", &command]).current_dir(sandbox.path(folder)).env_clear();
        shell.envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let ended = ran(&shell.env("PATH", &path).output().unwrap());
        assert_eq!(
            ended.status, status,
            "{section}: {command}\n{}\n{}",
            ended.stdout, ended.stderr
        );
    }
    for name in ["demo", "notes", "orders", "old", "job1", "job2", "job3", "agreed", "hello"] {
        assert!(sandbox.path(name).join(".scaffold/config.yml").exists(), "{name}");
    }
    assert_eq!(sandbox.read("demo/LICENSE").lines().next(), Some("MIT License"));
}
