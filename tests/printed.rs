//! A pack, a folder, a configuration and an environment of someone who means harm: nothing of it acts on the terminal.

mod support;

use support::{Ran, Sandbox, ran};

/// Clears the screen, sets the title, ends a string of the terminal, and turns the reading direction.
const EVIL: &str =
    "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{9d}\u{7f}\u{202e}\u{2066}\u{200b}\u{e0041}\r";
/// What people write, which must come out as it is.
const KIND: &str = "👩\u{200d}💻 می\u{200c}خواهم";

/// The same in YAML's double quotes.
fn escaped(text: &str) -> String {
    text.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect::<Vec<_>>().concat()
}

fn hostile() -> Sandbox {
    let sandbox = Sandbox::new();
    let evil = escaped(EVIL) + KIND;
    sandbox
        .write("p/pack.yml", &format!("name: p\nversion: \"{evil}\"\ndescription: \"{evil}\"\n"));
    sandbox.write(
        "p/overlays/small.yml",
        &format!(
            r#"name: small
description: "Small {evil}"
project-type: small
questions:
  - {{id: color, flag: small-color, ask: "Colour {evil}?", help: "Help {evil}", group: "G {evil}", kind: choice,
     choices: {{red: "warm {evil}", blue: {{help: "cold {evil}", cost: "1 {evil}"}}}}, default: red}}
  - {{id: text, flag: small-text, ask: "Text {evil}?", kind: text, pattern: "[a-z]*", help: "only {evil}", default: a}}
rules: [{{when: "color == 'blue'", field: color, message: "Not blue {evil}"}}]
notes: [{{text: "Note {evil}"}}]
layers: [small/base]
needs: [{{name: "tool {evil}", version: [["no-such-{evil}"]], why: "why {evil}", get: "get {evil}"}}]
commands: {{setup: ["true", "{evil}"], run: ["true"], check: ["true"]}}
"#
        ),
    );
    sandbox.write("p/templates/small/base/README.md.jinja", "# {{ color }} {{ text }}\n");
    sandbox.write("p/templates/small/base/raw.txt", &format!("raw {EVIL}\n"));
    let document = "p/knowledge/topics/evil.md";
    sandbox.write(
        document,
        &format!("---\nname: evil\ndescription: \"About {evil}\"\ntopics: [x]\n---\n\n## Summary\n\nSummary {EVIL}\n"),
    );
    sandbox
}

/// No byte of outside acts on a terminal. With `--color always` our own colours may be there.
fn assert_clean(ran: &Ran, what: &str) {
    for text in [&ran.stdout, &ran.stderr] {
        let mut rest = text.as_str();
        let mut plain = String::new();
        while let Some((before, after)) = rest.split_once("\u{1b}[") {
            plain.push_str(before);
            let end = after.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(after.len());
            // Colours only: what clears the screen ends in another letter.
            assert!(after[end..].starts_with('m'), "{what}: {text:?}");
            rest = &after[end + 1..];
        }
        plain.push_str(rest);
        let bad = scaffold::formats::hidden::first(
            &plain.replace("\r\n", " ").replace(['\n', '\t'], " "),
        );
        assert!(bad.is_none(), "{what}: {bad:?} in {text:?}");
    }
}

fn every(sandbox: &Sandbox, commands: &[&[&str]]) {
    let mut shown = String::new();
    for command in commands {
        for more in [&[][..], &["--color", "always"]] {
            let words = [command, more].concat();
            let ran = sandbox.run(&words);
            assert!(!ran.stdout.is_empty() || !ran.stderr.is_empty(), "{words:?} says nothing");
            assert_clean(&ran, &words.join(" "));
            if more.is_empty() {
                assert!(!(ran.stdout + &ran.stderr).contains('\u{1b}'), "{words:?} is coloured");
            } else {
                shown += &(ran.stdout + &ran.stderr);
            }
        }
    }
    assert!(shown.contains(KIND), "joiners of words and emoji stay: {shown}");
    assert!(shown.contains("\\u{1b}[2J"), "what is hidden is spelled out: {shown}");
}

#[test]
fn a_hostile_pack_cannot_write_to_the_terminal() {
    let sandbox = hostile();
    let small = ["--pack", "p", "--project-type", "small", "--auto"];
    let init = |more: &[&'static str]| [&["init", "demo"], &small[..], more].concat();
    let commands = [
        init(&["--dry-run"]),
        init(&["--diff"]),
        init(&["--dry-run", "--format", "json"]),
        init(&["--small-color", "blue"]),
        init(&["--small-color", "blue", "--format", "json"]),
        init(&["--small-text", "A"]),
        init(&["--verbose"]),
        init(&[]),
        vec!["init", "-h", "--pack", "p"],
        vec!["init", "--help", "--pack", "p"],
        vec!["questions", "--pack", "p"],
        vec!["questions", "small", "--pack", "p"],
        vec!["questions", "small", "--pack", "p", "--format", "json"],
        vec!["doctor", "small", "--pack", "p"],
        vec!["doctor", "small", "--pack", "p", "--format", "json"],
        vec!["__complete", "=", "init", "--pack", "p"],
        vec!["__complete", "=", "init", "--pack", "p", "--small-color"],
        vec!["schema", "answers", "small", "--pack", "p"],
        vec!["pack", "lint", "p"],
        vec!["pack", "test", "p"],
    ];
    every(&sandbox, &commands.iter().map(Vec::as_slice).collect::<Vec<_>>());
}

/// Windows has no such names.
#[cfg(unix)]
#[test]
fn hostile_words_names_and_files_cannot_write_to_the_terminal() {
    let sandbox = hostile();
    let name = format!("d{}{KIND}", EVIL.replace('\r', ""));
    sandbox.write(&format!("{name}/README.md"), &format!("mine {EVIL}\n"));
    sandbox.write(
        "answers.yml",
        &format!("project: {{name: \"{}\", \"{}\": 1}}\n", escaped(EVIL), escaped(EVIL)),
    );
    sandbox.write("bad.yml", &format!("{EVIL}: [\n"));
    let flag = format!("--{name}");
    let batch = ["--auto", "--pipeline-processing", "batch"];
    let commands: Vec<Vec<&str>> = vec![
        vec![&flag],
        vec![&name],
        vec!["init", &flag],
        vec!["init", "demo", &name],
        vec!["init", "demo", "--set", &name],
        vec!["init", "demo", "--set", &flag],
        vec!["init", "demo", "--project-type", &name],
        vec!["init", "demo", "--pack", &name],
        vec!["init", "demo", "--name", &name, "--auto", "--pipeline-processing", "batch"],
        vec!["init", "demo", "--on-conflict", &name],
        [&["init", &name], &batch[..], &["--diff"]].concat(),
        [&["init", &name], &batch[..]].concat(),
        [&["init", &name], &batch[..], &["--format", "json", "--on-conflict", "keep"]].concat(),
        [&["init", "x", "--answers", "answers.yml"], &batch[..]].concat(),
        [&["init", "x", "--answers", "bad.yml"], &batch[..]].concat(),
        vec!["questions", &name],
        vec!["schema", "answers", &name],
        vec!["man", &name],
        vec!["pack", "lint", &name],
        vec!["pack", "test", "--only", &name],
        vec!["knowledge", "show", &name],
        vec!["pack", &name],
    ];
    every(&sandbox, &commands.iter().map(Vec::as_slice).collect::<Vec<_>>());
}

#[test]
fn a_hostile_repository_cannot_write_to_the_terminal() {
    let sandbox = hostile();
    sandbox.run(&["init", ".", "--auto", "--pipeline-processing", "batch"]).expect(0);
    let config = sandbox.read(".scaffold/config.yml");
    sandbox.write(".scaffold/config.yml", &format!("{config}\"{}{KIND}\": 1\n", escaped(EVIL)));
    sandbox.write(".scaffold/state", &format!("create-vision skipped {EVIL}{KIND}\n"));
    let front =
        format!("---\nname: own\ndescription: \"D {}{KIND}\"\ntopics: [x]\n---\n", escaped(EVIL));
    sandbox.write(".scaffold/knowledge/own.md", &format!("{front}\n## Summary\n\nText {EVIL}\n"));
    let commands: [&[&str]; 9] = [
        &["list"],
        &["status"],
        &["next"],
        &["info", "create-vision"],
        &["guide", "create-vision"],
        &["knowledge", "list"],
        &["knowledge", "show", "own"],
        &["knowledge", "show", "own", "--format", "json"],
        &["knowledge", "search", "text"],
    ];
    every(&sandbox, &commands);
}

#[test]
fn a_hostile_environment_cannot_write_to_the_terminal() {
    let sandbox = hostile();
    sandbox
        .write("../home/.gitconfig", &format!("[user]\n\tname = \"{}\"\n", EVIL.replace('\r', "")));
    let words = ["init", "demo", "--auto", "--pipeline-processing", "batch", "--verbose"];
    let mut command = sandbox.command(&words);
    assert_clean(&ran(&command.output().unwrap()), "user.name");
    let variable = format!("SCAFFOLD_SET_{}", EVIL.replace('\r', ""));
    let mut command = sandbox.command(&["init", "other", "--auto", "--color", "always"]);
    assert_clean(&ran(&command.env(variable, EVIL).output().unwrap()), "the environment");
}

/// What a terminal acts on beside colours and the movements of our own lists.
fn assert_harmless(raw: &str) {
    for bad in ["\u{1b}]0;x", "\u{9b}", "\u{9d}", "\u{202e}", "\u{2066}", "\u{200b}", "\u{e0041}"] {
        assert!(!raw.contains(bad), "{bad:?} in {raw:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_hostile_pack_cannot_act_on_the_wizard() {
    use support::pty::{CTRL_C, ENTER, Pty};
    let sandbox = hostile();
    sandbox.write("demo/README.md", &format!("mine {EVIL}\n"));
    for more in [&[][..], &["--plain"]] {
        let words =
            [&["init", "demo", "--pack", "p", "--project-type", "small", "--name", "n"], more]
                .concat();
        let mut command = sandbox.command(&words);
        command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
        let mut pty = Pty::start(&command, 50, 100);
        for _ in 0..30 {
            let screen = pty.wait_until(|screen| !screen.trim().is_empty());
            if screen.contains("Colour") {
                break;
            }
            pty.keys(ENTER);
            std::thread::sleep(std::time::Duration::from_millis(150));
        }
        let screen = pty.wait_for(&["Colour", "\\u{1b}[2J", "warm"]);
        assert!(screen.contains("👩"), "{screen}");
        pty.keys(CTRL_C);
        assert_eq!(pty.status(), 130);
        assert_harmless(&pty.printed());
    }
}

#[cfg(unix)]
mod output {
    use super::{Sandbox, ran};
    use std::fs::OpenOptions;
    use std::process::Stdio;
    use support::BATCH;

    use super::support;

    fn into_a_full_device(words: &[&str]) -> super::Ran {
        let sandbox = Sandbox::new();
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        ran(&sandbox.command(words).stdout(full).output().unwrap())
    }

    #[test]
    fn what_cannot_be_printed_is_an_error_that_says_why() {
        if !std::path::Path::new("/dev/full").exists() {
            return;
        }
        let init = |more: &[&'static str]| [&BATCH, more].concat();
        for words in [
            init(&["--format", "json"]),
            init(&["--dry-run"]),
            init(&["--diff"]),
            vec!["questions"],
            vec!["doctor"],
            vec!["init", "--help"],
            vec!["schema", "output"],
            vec!["init", "--nonsense", "--format", "json"],
        ] {
            let ran = into_a_full_device(&words);
            let reason = if words.contains(&"--nonsense") { "nonsense" } else { "printing" };
            assert!(ran.stderr.contains(reason), "{words:?}: {}", ran.stderr);
            let expected = if words.contains(&"--nonsense") { 2 } else { 1 };
            assert_eq!(ran.status, expected, "{words:?}");
        }
    }

    #[test]
    fn a_reader_that_has_left_is_no_error() {
        let sandbox = Sandbox::new();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = sandbox.command(&["schema", "output"]).stdout(Stdio::from(writer)).output();
        let ran = ran(&output.unwrap());
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    }
}
