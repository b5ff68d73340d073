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

const JOINED: &str = "\
name: small
description: Small
project-type: small
questions:
  - {id: more, flag: small-more, ask: More?, kind: bool, default: true}
layers:
  - small/base
  - {path: small/more/all, when: more}
";

fn joined(files: &[(&str, &str)]) -> Sandbox {
    let base = [
        (
            "templates/small/base/.gitignore.jinja",
            "# Built.\ndist/\n\n# Private.\n.env*\n!.env.example\n",
        ),
        (
            "templates/small/more/all/.gitignore.jinja",
            "# Built.\ndist/\n\n# Tables.\n/{{ project.slug }}/\n",
        ),
        (
            "templates/small/base/pyproject.toml.jinja",
            "[project]\nname = {{ project.name | quote }}\ndependencies = [\"a==1\"]\n",
        ),
        ("templates/small/more/all/pyproject.toml", "[project]\ndependencies = [\"b==1\"]\n"),
        ("templates/small/base/notes.md.jinja", "# Notes\n\n{{ part(\"points\") }}\nThe end.\n"),
        ("templates/small/more/all/notes.md.parts/points", "- one\n- two\n\n"),
    ];
    sandbox(JOINED, &[&base, files].concat())
}

fn told(sandbox: &Sandbox) -> String {
    init(sandbox, &[]).expect(2).stderr
}

#[test]
fn ignored_paths_of_several_layers_are_joined_line_by_line() {
    let sandbox = joined(&[]);
    init(&sandbox, &[]).expect(0);
    assert_eq!(
        sandbox.read("demo/.gitignore"),
        "# Built.\ndist/\n\n# Private.\n.env*\n!.env.example\n\n# Tables.\n/demo/\n"
    );
}

#[test]
fn rows_of_tables_join_the_table_of_an_earlier_layer() {
    let base =
        "# Demo\n\n## Layout\n\n| path | holds |\n|---|---|\n| `src/` | code |\n\nThe end.\n";
    let rows = "## Layout\n\n| path | holds |\n|---|---|\n| `{{ project.slug }}.yml` | checks |\n";
    let at = "templates/small/more/all/README.md.jinja";
    let sandbox = joined(&[("templates/small/base/README.md", base), (at, rows)]);
    init(&sandbox, &[]).expect(0);
    let all = base.replace("| code |\n", "| code |\n| `demo.yml` | checks |\n");
    assert_eq!(sandbox.read("demo/README.md"), all);
    let other = rows.replace("## Layout", "## Layuot");
    let sandbox = joined(&[("templates/small/base/README.md", base), (at, &other)]);
    let told = told(&sandbox);
    assert!(
        told.contains("no table has the header `| path | holds |` under `## Layuot`"),
        "{told}"
    );
    assert!(told.contains("small/more/all/README.md.jinja"), "{told}");
}

#[test]
fn of_a_part_alone_on_its_line_nothing_else_is_left() {
    let sandbox = joined(&[]);
    init(&sandbox, &[]).expect(0);
    assert_eq!(sandbox.read("demo/notes.md"), "# Notes\n\n- one\n- two\n\nThe end.\n");
    let sandbox = joined(&[]);
    init(&sandbox, &["--no-small-more"]).expect(0);
    assert_eq!(sandbox.read("demo/notes.md"), "# Notes\n\nThe end.\n");
}

#[test]
fn a_file_is_stored_once_and_comes_in_several_places() {
    let files = [
        ("templates/small/base/contract.yml.jinja", "version: {{ project.slug }}\n"),
        ("templates/small/more/all/released/contract.yml.same", "small/base/contract.yml.jinja\n"),
    ];
    let sandbox = joined(&files);
    init(&sandbox, &[]).expect(0);
    assert_eq!(sandbox.read("demo/released/contract.yml"), "version: demo\n");
    assert!(!sandbox.path("demo/released/contract.yml.same").exists());
    let sandbox = joined(&[(files[1].0, "small/base/contrat.yml.jinja\n"), files[0]]);
    let told = told(&sandbox);
    assert!(told.contains("contract.yml.same:1:1"), "{told}");
    assert!(told.contains("did you mean `small/base/contract.yml.jinja`?"), "{told}");
}

#[test]
fn sections_make_a_file_in_the_order_of_their_numbers() {
    let files = [
        (
            "templates/small/base/README.md.sections/10-start.md.jinja",
            "# {{ project.slug }}\n\n{{ part(\"points\") }}\n",
        ),
        ("templates/small/more/all/README.md.parts/points", "Start.\n"),
        ("templates/small/more/all/README.md.sections/9-badge.md", "Badge\n"),
        (
            "templates/small/base/README.md.sections/90-licence.md.jinja",
            "{% if license != 'none' %}\n## Licence\n{% endif %}\n",
        ),
    ];
    let sandbox = joined(&files);
    init(&sandbox, &[]).expect(0);
    assert_eq!(sandbox.read("demo/README.md"), "Badge\n\n# demo\n\nStart.\n");
    let more = |path, text| told(&joined(&[&files[..], &[(path, text)]].concat()));
    let whole = more("templates/small/more/all/README.md", "x\n");
    assert!(whole.contains("whole in the layer `small/more/all` and has sections"), "{whole}");
    let twice = more("templates/small/more/all/README.md.sections/10-start.md", "x\n");
    assert!(twice.contains("the section `10-start.md` of `README.md` comes from"), "{twice}");
    let name = more("templates/small/more/all/README.md.sections/start.md", "x\n");
    assert!(name.contains("`start.md` is not the name of a section"), "{name}");
    let replaces =
        JOINED.replace("when: more", "when: more, replaces: [README.md.sections/10-start.md]");
    let twice = (
        "templates/small/more/all/README.md.sections/10-start.md.jinja",
        "# New\n{{ part(\"points\") }}\n",
    );
    let sandbox = joined(&[&files[..], &[twice, ("overlays/small.yml", &replaces)]].concat());
    init(&sandbox, &[]).expect(0);
    assert_eq!(sandbox.read("demo/README.md"), "Badge\n\n# New\nStart.\n");
}

#[test]
fn lint_names_the_unused_layer_among_those_of_one_question() {
    let sandbox = joined(&[("templates/small/more/none/deep/notes.txt", "x\n")]);
    let lint = sandbox.run(&["pack", "lint", "p", "--format", "json"]).expect(4).json();
    assert_eq!(lint["errors"].as_array().map(Vec::len), Some(1), "{lint:#}");
    assert_eq!(lint["errors"][0]["message"], "no overlay has the layer `small/more/none`");
}

fn rendered(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let fixed = ["pack", "render", "--pack", "p", "--project-type", "small", "--name", "demo"];
    sandbox.run(&[&fixed, words].concat())
}

#[test]
fn pack_render_shows_the_tree_of_init_and_writes_nothing() {
    let sandbox = joined(&[]);
    let before = sandbox.tree("");
    let tree = rendered(&sandbox, &["--no-small-more"]).expect(0).stdout;
    assert!(tree.starts_with("demo/\n") && tree.contains("── pyproject.toml  (create"), "{tree}");
    let document = rendered(&sandbox, &["--format", "json"]).expect(0).json();
    assert_eq!(sandbox.tree(""), before, "nothing is written");
    let done = init(&sandbox, &["--name", "demo", "--format", "json"]).expect(0).json();
    // What the repository remembers is of no layer.
    let is_memory = |file: &serde_json::Value| {
        let path = file["path"].as_str().unwrap();
        path == ".scaffold/lock" || path.starts_with(".scaffold/pristine/")
    };
    let mut files = done["files"].as_array().unwrap().clone();
    files.retain(|file| !is_memory(file));
    assert_eq!((&document["digest"], &document["files"]), (&done["digest"], &files.into()));
    let greeting = sandbox.run(&[
        "pack",
        "render",
        "--project-type",
        "small",
        "--pack",
        "p",
        "--small-more=maybe",
    ]);
    assert!(greeting.expect(2).stderr.contains("--small-more"));
}

#[test]
fn pack_render_says_of_each_part_of_a_file_where_it_comes_from() {
    let sandbox = joined(&[]);
    let parts = |path: &str| {
        let document = rendered(&sandbox, &[path, "--format", "json"]).expect(0).json();
        let parts = document["parts"].as_array().unwrap().clone();
        let text: String = parts.iter().map(|part| part["text"].as_str().unwrap()).collect();
        let short = |part: &Value| {
            let template = part["template"].as_str().unwrap_or("scaffold").to_owned();
            (template, part["text"].as_str().unwrap().lines().count())
        };
        (text, parts.iter().map(short).collect::<Vec<_>>())
    };
    let (text, of_notes) = parts("notes.md");
    assert_eq!(text, "# Notes\n\n- one\n- two\n\nThe end.\n");
    let base = "p/templates/small/base/";
    let more = "p/templates/small/more/all/";
    let place = |folder: &str, name: &str, lines: usize| (format!("{folder}{name}"), lines);
    assert_eq!(
        of_notes,
        [
            place(base, "notes.md.jinja", 2),
            place(more, "notes.md.parts/points", 3),
            place(base, "notes.md.jinja", 1)
        ]
    );
    let (_, of_ignored) = parts("./.gitignore");
    assert_eq!(
        of_ignored,
        [place(base, ".gitignore.jinja", 7), place(more, ".gitignore.jinja", 2)]
    );
    let (_, of_project) = parts("pyproject.toml");
    assert_eq!(of_project[0].0, format!("{base}pyproject.toml.jinja"));
    assert_eq!(parts(".scaffold/config.yml").1[0].0, "scaffold");
    let margin = rendered(&sandbox, &["notes.md"]).expect(0).stdout;
    assert!(margin.contains("small/more/all: notes.md.parts/points │ - one\n"), "{margin}");
    let wrong = rendered(&sandbox, &["note.md"]).expect(2).stderr;
    assert!(wrong.contains("did you mean `notes.md`?"), "{wrong}");
}

const STORED: &str = "\
name: small
description: Small
project-type: small
questions:
  - {id: size, flag: small-size, ask: How large?, kind: choice, choices: {s: S, m: M, l: L}, default: s}
  - {id: places, flag: small-places, ask: How many?, kind: integer, default: {expr: \"9 if size == 'l' else 3\"}, stored: changed}
  - {id: kept, flag: small-kept, ask: Kept?, kind: multi-choice, choices: {a: A, b: B}, default: [b], stored: changed, advanced: true}
layers: [small/base]
";

#[test]
fn an_answer_that_is_stored_when_changed_is_absent_at_its_default() {
    let config = |words: &[&str]| {
        let sandbox = sandbox(
            STORED,
            &[("templates/small/base/a.txt.jinja", "{{ size }} {{ places }} {{ kept }}\n")],
        );
        init(&sandbox, words).expect(0);
        let config = sandbox.read("demo/.scaffold/config.yml");
        let block = config.split_once("smallConfig:").unwrap().1;
        (block.split_whitespace().collect::<Vec<_>>().join(" "), sandbox)
    };
    assert_eq!(config(&[]).0, "size: s");
    assert_eq!(config(&["--small-places", "3", "--small-kept", "b"]).0, "size: s");
    assert_eq!(config(&["--small-size", "l"]).0, "size: l");
    assert_eq!(config(&["--small-size", "l", "--small-places", "3"]).0, "size: l places: 3");
    assert_eq!(config(&["--small-kept", "none"]).0, "size: s kept: []");
    // What is absent is the default again: the same file gives the same repository.
    let (_, sandbox) = config(&["--small-size", "l"]);
    let again =
        ["init", "again", "--pack", "p", "--auto", "--answers", "demo/.scaffold/config.yml"];
    sandbox.run(&again).expect(0);
    assert_eq!(sandbox.tree("again"), sandbox.tree("demo"));
    let again = [
        "init",
        "again",
        "--pack",
        "p",
        "--force",
        "--auto",
        "--small-size",
        "m",
        "--format",
        "json",
    ];
    let done =
        sandbox.run(&[&again[..], &["--on-conflict", "overwrite"]].concat()).expect(0).json();
    assert_eq!(done["answers"]["places"], json!({"value": 3, "source": "default"}));
}

#[test]
fn pack_test_holds_advanced_questions_at_their_defaults_and_covers_the_rest_in_pairs() {
    let sandbox = sandbox(
        STORED,
        &[("templates/small/base/a.txt.jinja", "{{ size }} {{ places }} {{ kept }}\n")],
    );
    let tested = sandbox.run(&["pack", "test", "p", "--all", "--format", "json"]).expect(0).json();
    let labels: Vec<&str> = tested["configurations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["label"].as_str().unwrap())
        .collect();
    let changed: Vec<&&str> = labels.iter().filter(|label| label.contains("kept=")).collect();
    assert_eq!(labels.len() - changed.len(), 3, "{labels:#?}");
    for size in ["s", "m", "l"] {
        for kept in ["none", "a", "a,b"] {
            let both = |label: &&str| {
                label.contains(&format!("size={size} ")) && label.ends_with(&format!("kept={kept}"))
            };
            assert!(changed.iter().any(|label| both(label)), "{size} with {kept}: {labels:#?}");
        }
    }
}
