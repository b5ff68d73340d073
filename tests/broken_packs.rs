//! Packs with one fault each: the error names file, line, column, what is allowed and what is nearest.

mod support;

use support::Sandbox;

/// A sound overlay; each case changes one piece of it.
const OVERLAY: &str = "\
name: small
description: Small
project-type: small
questions:
  - id: color
    flag: small-color
    ask: Which colour?
    kind: choice
    choices: {red: warm, blue: cold}
    default: red
layers: [small/base]
commands:
  setup: ['true']
  run: ['true']
  check: ['true']
";

/// Makes the pack with one piece changed, runs `init`, and shows what the user reads.
fn told(change: (&str, &str), files: &[(&str, &str)]) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("p/pack.yml", "format: 1\nname: p\nversion: '1'\ndescription: P\n");
    assert!(OVERLAY.contains(change.0), "the case changes nothing");
    sandbox.write("p/overlays/small.yml", &OVERLAY.replacen(change.0, change.1, 1));
    sandbox.write("p/templates/small/base/README.md.jinja", "# {{ color }}\n");
    for (path, text) in files {
        sandbox.write(&format!("p/{path}"), text);
    }
    let ran = sandbox
        .run(&["init", "demo", "--pack", "p", "--project-type", "small", "--auto"])
        .expect(2);
    assert!(!sandbox.path("demo").exists(), "nothing is written");
    assert!(ran.stdout.is_empty());
    ran.stderr
}

#[test]
fn a_sound_pack_is_taken() {
    let sandbox = Sandbox::new();
    sandbox.write("p/pack.yml", "name: p\nversion: '1'\ndescription: P\n");
    sandbox.write("p/overlays/small.yml", OVERLAY);
    sandbox.write("p/templates/small/base/README.md.jinja", "# {{ color }}\n");
    sandbox.run(&["init", "demo", "--pack", "p", "--project-type", "small", "--auto"]).expect(0);
    assert_eq!(sandbox.read("demo/README.md"), "# red\n");
}

/// Found by fuzzing: these ended in a panic.
#[test]
fn an_overlay_that_no_one_would_write_is_refused_with_its_place() {
    let sandbox = Sandbox::new();
    sandbox.write("p/pack.yml", "name: p\nversion: '1'\ndescription: P\n");
    for text in ["questions:\n  - choices: {t: {#\nk", "questions: [{choices: {t:", "a: &a [*a"] {
        sandbox.write("p/overlays/small.yml", text);
        let ran = sandbox.run(&["questions", "--pack", "p"]).expect(2);
        assert!(ran.stderr.contains("at p/overlays/small.yml:"), "{text}: {}", ran.stderr);
    }
    for key in ["name", "author", "guides", "platforms", "projectType", "custom", "a b", "mlConfig"]
    {
        let told = told(
            ("project-type: small\n", &format!("project-type: small\nconfig-key: {key}\n")),
            &[],
        );
        assert!(told.contains("at p/overlays/small.yml:4:1"), "{key}: {told}");
    }
    let long = format!("    when: \"{}a\"\n    ask:", "a+".repeat(10_000));
    let told = told(("    ask:", &long), &[]);
    assert!(told.contains("an expression has at most 4000 bytes"), "{told}");
}

#[test]
fn faults_of_an_overlay() {
    let cases = [
        ("kind: choice", "kind: choise"),
        ("    ask:", "    aks:"),
        ("name: small\n", "name: ''\n"),
        ("name: small\n", "name: small\nname: big\n"),
        ("project-type: small\n", "project-type: data-pipeline\n"),
        ("project-type: small\n", "project-type: small\nextends: data-pipelin\n"),
        ("default: red", "default: green"),
        ("default: red", "required: true\n    default: red"),
        ("    default: red\n", ""),
        ("default: red", "default: red\n    when: \"size > 3\""),
        ("default: red", "default: red\n    when: \"color ==\""),
        ("default: red", "default: {expr: facts.moon}"),
        ("id: color", "id: Color"),
        ("id: color", "id: project"),
        ("flag: small-color", "flag: force"),
        ("flag: small-color", "flag: license"),
        ("choices: {red: warm, blue: cold}", "choices: {red: warm, red: cold}"),
        ("choices: {red: warm, blue: cold}", "choices: {red: warm, blue: {hlep: cold}}"),
        ("choices: {red: warm, blue: cold}", "choices: {}"),
        ("layers: [small/base]", "layers: [small/bse]"),
        ("layers: [small/base]", "layers: [{path: small/base, wen: 'true'}]"),
        ("commands:\n", "rules: [{when: color == 'red', field: colour, message: no}]\ncommands:\n"),
        ("  run: ['true']\n", ""),
        ("  run: ['true']\n", "  run: []\n"),
        ("default: red", "default: red\n    stored: chnaged"),
        ("default: red", "required: true\n    stored: changed"),
        ("default: red", "default: {expr: facts.folder}\n    stored: changed"),
        ("layers:", "let: {color: \"color == 'red'\"}\nlayers:"),
        ("layers:", "let: {loop: \"color == 'red'\"}\nlayers:"),
        ("layers:", "let: {Warm: \"color == 'red'\"}\nlayers:"),
        ("layers:", "let: {bright: warm, warm: \"color == 'red'\"}\nlayers:"),
        ("layers:", "let: {warm: \"colour == 'red'\"}\nlayers:"),
        ("default: red", "default: red\n    when: rich\nlet: {rich: \"name == 'x'\"}"),
        (
            "layers: [small/base]",
            "let: {warm: \"color == 'red'\"}\nlayers: [{path: small/base, when: wram}]",
        ),
    ];
    let shown: Vec<String> = cases
        .iter()
        .map(|case| format!("{:?} -> {:?}\n{}", case.0, case.1, told(*case, &[])))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn faults_of_templates_and_files() {
    let whole = ("default: red", "default: red");
    let layers = ("layers: [small/base]", "layers: [small/base, small/more]");
    let base = "templates/small/base";
    let more = "templates/small/more";
    let at = |folder: &str, name: &str| format!("{folder}/{name}");
    let cases = vec![
        ("syntax", whole, vec![(at(base, "a.md.jinja"), "one\n{% if %}\n")]),
        ("unknown name", whole, vec![(at(base, "a.md.jinja"), "one\n  {{ colour }}\n")]),
        ("unquoted free text", whole, vec![(at(base, "a.toml.jinja"), "x = {{ project.name }}\n")]),
        (
            "endless",
            whole,
            vec![(
                at(base, "a.md.jinja"),
                "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
            )],
        ),
        ("escape", whole, vec![(at(base, "{{ '..' }}/a.md"), "x\n")]),
        ("twice", layers, vec![(at(base, "a.md"), "x\n"), (at(more, "a.md"), "y\n")]),
        (
            "two values",
            layers,
            vec![(at(base, "a.toml"), "x = 1\n"), (at(more, "a.toml"), "x = 2\n")],
        ),
        (
            "uncalled part",
            layers,
            vec![(at(base, "a.md.jinja"), "x\n"), (at(more, "a.md.parts/more"), "y\n")],
        ),
        ("part of nothing", layers, vec![(at(more, "b.md.parts/more"), "y\n")]),
        ("ours", whole, vec![(at(base, ".scaffold/config.yml"), "x: 1\n")]),
    ];
    let mut shown = Vec::new();
    for (name, change, files) in cases {
        let files: Vec<(&str, &str)> =
            files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        shown.push(format!("{name}\n{}", told(change, &files)));
    }
    insta::assert_snapshot!(shown.join("\n"));
}

/// Only here can there be such files.
#[cfg(target_os = "linux")]
#[test]
fn names_that_other_systems_do_not_have() {
    let whole = ("default: red", "default: red");
    let base = "templates/small/base";
    let [device, lower, upper] = ["aux.md", "a.md", "A.md"].map(|name| format!("{base}/{name}"));
    let reserved = told(whole, &[(&device, "x\n")]);
    let case = told(whole, &[(&lower, "x\n"), (&upper, "x\n")]);
    insta::assert_snapshot!(format!("reserved\n{reserved}\ncase\n{case}"));
}

#[test]
fn faults_of_the_pack_itself() {
    let whole = ("default: red", "default: red");
    let cases = [
        ("pack.yml", "format: 2\nname: p\nversion: '1'\ndescription: P\n"),
        ("pack.yml", "name: P P\nversion: '1'\ndescription: P\n"),
        ("pack.yml", "name: p\nversoin: '1'\ndescription: P\n"),
        ("pack.yml", "name: [\n"),
        ("overlays/other.yml", "name: other\ndescription: Other\n"),
        ("overlays/other.yml", "name: other\ndescription: Other\nproject-type: small\n"),
    ];
    let shown: Vec<String> =
        cases.iter().map(|case| format!("{case:?}\n{}", told(whole, &[*case]))).collect();
    insta::assert_snapshot!(shown.join("\n"));
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["init", "demo", "--pack", "nowhere", "--auto"]).expect(2);
    assert!(ran.stderr.contains("the pack `nowhere` is not a folder"), "{}", ran.stderr);
}

#[test]
fn a_part_of_a_pack_under_another_name_is_told_as_that() {
    for (name, other) in
        [("pack.yml", "pack.yaml"), ("overlays", "overlay"), ("templates", "Template")]
    {
        let sandbox = Sandbox::new();
        for part in ["pack.yml", "overlays/a.yml", "templates/a/b"] {
            sandbox.write(&format!("p/{part}"), "name: p\nversion: '1'\ndescription: P\n");
        }
        std::fs::rename(sandbox.path("p").join(name), sandbox.path("p").join(other)).unwrap();
        let told = sandbox.run(&["pack", "lint", "p"]).expect(2).stderr;
        assert!(told.contains(&format!("has no `{name}`, but `{other}`: rename it")), "{told}");
    }
}
