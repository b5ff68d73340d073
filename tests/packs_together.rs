//! Packs over packs: a later one replaces or extends what an earlier one has only if it says so, and that is told.

mod support;

use support::{Ran, Sandbox};

const OVERLAY: &str = "\
name: NAME
MORE
description: Small
project-type: TYPE
layers: [small/base]
commands:
  setup: ['true']
  run: ['true']
  check: ['true']
";

fn ran(name: &str, more: &str, project_type: &str, words: &[&str]) -> Ran {
    let sandbox = Sandbox::new();
    sandbox.write("p/pack.yml", "name: p\nversion: '1'\ndescription: P\n");
    let text = OVERLAY.replace("NAME", name).replace("MORE", more).replace("TYPE", project_type);
    sandbox.write("p/overlays/small.yml", &text);
    sandbox.write("p/templates/small/base/README.md", "# Small\n");
    sandbox.run(&[words, &["--pack", "p"]].concat())
}

const INIT: [&str; 6] = ["init", "demo", "--auto", "--no-git", "--project-type", "ml"];

#[test]
fn an_overlay_takes_the_place_of_another_only_if_it_says_so() {
    let told = ran("ml", "", "ml", &INIT).expect(2).stderr;
    assert!(told.contains("the name `ml` is taken by `scaffold:overlays/ml.yml`"), "{told}");
    assert!(told.contains("at p/overlays/small.yml:1:1"), "{told}");
    assert!(told.contains("or say `replaces: true`"), "{told}");
    let told = ran("ml", "replaces: true", "ml", &INIT).expect(0).stderr;
    let warning = "the pack `p` replaces the overlay `ml` of an earlier pack";
    assert!(told.contains(&format!("warning {warning}")), "{told}");
    let json = ran("ml", "replaces: true", "ml", &[&INIT[..], &["--format", "json"]].concat());
    assert_eq!(json.expect(0).json()["warnings"][0], warning);
}

#[test]
fn nothing_to_replace_is_an_error() {
    let told = ran("nl", "replaces: true", "nl", &["questions"]).expect(2).stderr;
    assert!(told.contains("no earlier pack has an overlay `nl` to replace"), "{told}");
    assert!(told.contains("at p/overlays/small.yml:2:1"), "{told}");
}

#[test]
fn a_type_of_another_pack_that_is_extended_is_told() {
    let warning = "the pack `p` extends the type `ml`";
    let told = ran("our-ml", "extends: ml", "ml", &["questions"]).expect(0).stderr;
    assert!(told.contains(warning), "{told}");
    for words in [&["questions", "--format", "json"][..], &["questions", "ml", "--format", "json"]]
    {
        let json = ran("our-ml", "extends: ml", "ml", words).expect(0).json();
        assert_eq!(json["warnings"], serde_json::json!([warning]));
    }
}

#[test]
fn a_layer_of_another_pack_that_is_replaced_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("p/pack.yml", "name: p\nversion: '1'\ndescription: P\n");
    sandbox.write("p/templates/python/base/.gitignore", "\n");
    let told = sandbox.run(&["questions", "--pack", "p"]).stderr;
    assert!(
        told.contains("the pack `p` replaces the layer `python/base` of an earlier pack"),
        "{told}"
    );
}

#[test]
fn a_page_that_assistants_read_is_replaced_only_with_a_word() {
    let sandbox = Sandbox::new();
    sandbox.write("p/pack.yml", "name: p\nversion: '1'\ndescription: P\n");
    sandbox.write("p/knowledge/pages/agents.md.jinja", "# Ours: {{ project.name | quote }}\n");
    let words = [
        "init",
        "demo",
        "--pack",
        "p",
        "--auto",
        "--no-git",
        "--project-type",
        "ml",
        "--ml-phase",
        "both",
        "--adapters",
        "codex",
    ];
    let told = sandbox.run(&words).expect(0).stderr;
    assert!(told.contains("the pack `p` replaces the page `agents` of an earlier pack"), "{told}");
    assert_eq!(sandbox.read("demo/AGENTS.md"), "# Ours: demo\n");
    sandbox.write("p/knowledge/pages/agents.md.jinja", "# Ours\n\n{{ nmae }}\n");
    let told = sandbox.run(&[&words[..], &["--dry-run", "--force"]].concat()).expect(2).stderr;
    assert!(told.contains("at p/knowledge/pages/agents.md.jinja:3:4"), "{told}");
}

#[test]
fn lint_tells_it_too() {
    let sandbox = Sandbox::new();
    let told = sandbox.run(&["pack", "lint", &support::pack("reference")]).stderr;
    assert!(told.contains("the pack `reference` replaces the overlay `ml`"), "{told}");
}
