//! What a pack has to say something once: names for conditions, and files that several layers make together.

mod support;

use serde_json::{Value, json};
use support::{Ran, Sandbox};

const ABOUT: &str = "name: p\nversion: '1'\ndescription: P\n";

const NAMED: &str = "\
name: small
description: Small
project-type: small
questions:
  - {id: size, flag: small-size, ask: How large?, kind: choice, choices: {s: S, m: M, l: L}, default: s}
  - {id: fast, flag: small-fast, ask: Fast?, kind: bool, default: false}
let:
  large: \"size == 'l'\"
  racer: large and fast
rules: [{when: racer, field: size, message: nothing large is fast}]
notes: [{when: large, text: It needs room.}]
layers:
  - small/base
  - {path: small/size/large, when: large}
commands:
  setup: ['true']
  run: ['true']
  check: ['true']
  more: {move: {ask: move it, when: large, run: [move]}}
knowledge-overrides:
  tdd: {append: [{name: room, when: large}]}
";

/// A pack in `p` with this overlay and these files.
fn sandbox(overlay: &str, files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("p/pack.yml", ABOUT);
    sandbox.write("p/overlays/small.yml", overlay);
    for (path, text) in files {
        sandbox.write(&format!("p/{path}"), text);
    }
    sandbox
}

fn named() -> Sandbox {
    sandbox(
        NAMED,
        &[
            (
                "templates/small/base/README.md.jinja",
                "# {{ 'Large' if large else 'Small' }}{% if fast %}, fast{% endif +%}\n",
            ),
            ("templates/small/size/large/room.txt", "Keep it free.\n"),
            (
                "knowledge/room.md",
                "---\nname: room\ndescription: Room\ntopics: [room]\n---\n\n## Summary\n\nRoom.\n",
            ),
        ],
    )
}

fn init(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let fixed = ["init", "demo", "--pack", "p", "--project-type", "small", "--auto"];
    sandbox.run(&[&fixed, words].concat())
}

#[test]
fn a_named_condition_decides_layers_notes_commands_knowledge_and_templates() {
    for (size, is_large) in [("s", false), ("l", true)] {
        let sandbox = named();
        let done = init(&sandbox, &["--small-size", size, "--format", "json"]).expect(0).json();
        assert_eq!(done["notes"].as_array().unwrap().len(), usize::from(is_large));
        assert_eq!(done["commands"]["more"].get("move").is_some(), is_large);
        assert_eq!(sandbox.path("demo/room.txt").exists(), is_large);
        assert_eq!(sandbox.path("demo/docs/knowledge/room.md").exists(), is_large);
        let title = if is_large { "# Large\n" } else { "# Small\n" };
        assert_eq!(sandbox.read("demo/README.md"), title);
    }
}

#[test]
fn a_rule_over_a_named_condition_refuses_and_names_the_values_that_cure() {
    let sandbox = named();
    let told = init(&sandbox, &["--small-size", "l", "--small-fast", "--format", "json"]);
    let error = &told.expect(2).json()["errors"][0];
    assert_eq!(error["message"], "nothing large is fast");
    assert_eq!(error["allowed"], json!(["s", "m"]));
}

#[test]
fn lint_and_pack_test_read_named_conditions() {
    let sandbox = named();
    sandbox.run(&["pack", "lint", "p"]).expect(0);
    let tested = sandbox
        .run(&["pack", "test", "p", "--all", "--only", "large", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(tested["configurations"].as_array().map(Vec::len), Some(1));
    let questions = sandbox.run(&["questions", "small", "--pack", "p", "--format", "json"]);
    assert_eq!(questions.expect(0).json()["let"]["racer"], "large and fast");
    for (condition, code) in
        [("size == 'xl'", "unknown-choice"), ("size == 's' and size == 'l'", "unreachable")]
    {
        sandbox.write("p/overlays/small.yml", &NAMED.replace("size == 'l'", condition));
        let lint = sandbox.run(&["pack", "lint", "p", "--format", "json"]).expect(4).json();
        let found = lint["errors"].as_array().unwrap().iter().find(|e| e["code"] == code);
        let place = &found.unwrap_or_else(|| panic!("{lint:#}"))["where"];
        assert_eq!(place["line"], Value::from(8), "{lint:#}");
    }
}
