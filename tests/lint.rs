//! What `pack lint` and `pack test` say of one pack after another: nothing that is not so, and each thing once.

mod support;

use serde_json::Value;
use support::Sandbox;

/// The overlay of docs/packs.md, in short.
const OVERLAY: &str = "\
name: service
description: A small web service
project-type: service
questions:
  - id: port
    flag: service-port
    ask: On which port does it listen?
    kind: integer
    min: 1024
    max: 65535
    default: 8080
  - id: greeting
    flag: service-greeting
    ask: What does it say?
    kind: text
    default: hello
    max: 80
layers:
  - service/base
commands:
  setup: ['true']
  run: ['true']
  check: ['true']
";
const ABOUT: &str = "name: p\nversion: '1'\ndescription: P\n";
const README: &str = "# {{ greeting | quote }} on {{ port }}\n";

/// A pack in the folder `p` whose overlay has one piece changed.
fn pack(change: (&str, &str), files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    assert!(OVERLAY.contains(change.0), "the case changes nothing");
    sandbox.write("p/pack.yml", ABOUT);
    sandbox.write("p/overlays/service.yml", &OVERLAY.replacen(change.0, change.1, 1));
    sandbox.write("p/templates/service/base/README.md.jinja", README);
    for (path, text) in files {
        sandbox.write(&format!("p/{path}"), text);
    }
    sandbox
}

const SOUND: (&str, &str) = ("layers:\n", "layers:\n");

/// The findings of lint.
fn findings(sandbox: &Sandbox) -> Vec<Value> {
    let ran = sandbox.run(&["pack", "lint", "p", "--format", "json"]);
    ran.json().get("errors").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The findings of lint, each as its code and place.
fn found(sandbox: &Sandbox) -> Vec<String> {
    let told = |finding: &Value| {
        let at = &finding["where"];
        let place = ["file", "line", "column"].map(|key| at[key].to_string().replace('"', ""));
        format!("{} {}", finding["code"].as_str().unwrap(), place.join(":").replace(":null", ""))
    };
    findings(sandbox).iter().map(told).collect()
}

fn rule(when: &str) -> (&'static str, String) {
    (
        "layers:\n",
        format!("rules: [{{when: \"{when}\", field: port, message: it is taken}}]\nlayers:\n"),
    )
}

#[test]
fn a_rule_about_one_number_or_one_text_is_sound() {
    for when in
        ["port == 9000", "port in [9000, 9001]", "greeting == 'bye'", "port > 9000 and port < 9002"]
    {
        let (old, new) = rule(when);
        assert_eq!(found(&pack((old, &new), &[])), Vec::<String>::new(), "{when}");
    }
    for when in ["port == 80", "port > 65535", "port > 9000 and port < 9001"] {
        let (old, new) = rule(when);
        let expected = ["unreachable p/overlays/service.yml:18:10"];
        assert_eq!(found(&pack((old, &new), &[])), expected, "{when}");
    }
}

#[test]
fn what_a_condition_asks_for_is_rendered() {
    let layers = (
        "  - service/base\n",
        "  - service/base\n  - {path: service/odd, when: \"port == 9000\"}\n",
    );
    let sandbox = pack(layers, &[("templates/service/odd/odd.json", "{\"a\": 1,}\n")]);
    assert_eq!(found(&sandbox), ["unparsed p/templates/service/odd/odd.json:1:9"]);
}

#[test]
fn a_fault_is_placed_in_the_stored_file_that_its_line_comes_from() {
    let wrong = "b = = 2\n";
    let stored = [
        ("templates/service/base/a.toml", wrong),
        ("templates/service/base/copy.toml.same", "service/base/a.toml\n"),
    ];
    let first = "unparsed p/templates/service/base/a.toml:1:5";
    assert_eq!(found(&pack(SOUND, &stored)), [first]);
    let sections = [
        ("templates/service/base/s.toml.sections/10-one.toml", "a = 1\n"),
        ("templates/service/base/s.toml.sections/20-two.toml", wrong),
    ];
    let second = "unparsed p/templates/service/base/s.toml.sections/20-two.toml:1:5";
    assert_eq!(found(&pack(SOUND, &sections)), [second]);
}

#[test]
fn a_file_of_one_layer_that_does_not_parse_is_found_with_its_line() {
    let base = "templates/service/base";
    let toml = "[project]\nname = \"x\"\nversion = \"\"0.1.0\"\"\n";
    for (name, text, expected) in [
        ("a.toml", toml, "unparsed p/templates/service/base/a.toml:3:13"),
        ("a.toml.jinja", toml, "unparsed p/templates/service/base/a.toml.jinja:3:13"),
        (
            "a.toml.jinja",
            "{% if port > 1 %}\n# one\n{% endif %}\nb = = 2\n",
            "unparsed p/templates/service/base/a.toml.jinja:4:5",
        ),
        ("a.json", "{\"a\": 1,}\n", "unparsed p/templates/service/base/a.json:1:9"),
        ("{{ 'a' }}.yml", "a: b: c\n", "unparsed p/templates/service/base/{{ 'a' }}.yml:1:5"),
        // Its line is made by the template, so that it stands nowhere in it.
        (
            "a.toml.jinja",
            "a = {{ port }} {{ port }}\n",
            "unparsed p/templates/service/base/a.toml.jinja",
        ),
    ] {
        let sandbox = pack(SOUND, &[(&format!("{base}/{name}"), text)]);
        assert_eq!(found(&sandbox), [expected], "{name}: {:?}", findings(&sandbox));
    }
    let told = &findings(&pack(SOUND, &[(&format!("{base}/a.toml"), toml)]))[0];
    assert!(told["message"].as_str().unwrap().starts_with("`a.toml` is not TOML: "), "{told}");
}

#[test]
fn what_other_programs_read_is_no_finding() {
    let base = "templates/service/base";
    let sandbox = pack(
        SOUND,
        &[
            (&format!("{base}/k8s.yaml"), "---\nkind: A\n---\nkind: B\n"),
            (&format!("{base}/stack.yml"), "a: !Ref b\n"),
            (&format!("{base}/tsconfig.json"), "{} // why\n"),
        ],
    );
    assert_eq!(found(&sandbox), Vec::<String>::new());
    let ran = sandbox.run(&["pack", "test", "p", "--pairwise", "--format", "json"]);
    assert_eq!(ran.json()["ok"], true, "{}", ran.stdout);
}

/// Files that a chart needs as they are, and the allowances for them.
const CHART: [(&str, &str); 2] = [
    (
        "templates/service/base/chart/templates/app.yaml",
        "image: {{ .Values.image }}:{{ .Values.tag }}\n",
    ),
    ("templates/service/base/notes.txt", "TODO: what is left to you\n"),
];
const ALLOW: &str = "allow:
  - {file: 'chart/templates/*.yaml', finding: unparsed, because: Helm fills the braces}
  - {file: notes.txt, finding: placeholder, because: it is a list of things to do}
";

#[test]
fn a_template_that_compares_with_a_value_that_no_type_has_is_found() {
    let log = "\
\x20 - {id: log, flag: service-log, ask: L, kind: choice, choices: {none: N, stderr: S}, default: none}
layers:
";
    let text = "{% if log == 'sterr' %}a{% endif %}\n{% if log in ['none',\n 'x'] or 'stderr' != log %}b{% endif %}\n\
        {% for log in ['x'] %}{% if log == 'x' %}c{% endif %}{% endfor %}\n";
    let file = |text| [("templates/service/base/a.txt.jinja", text)];
    let sandbox = pack(("layers:\n", log), &file(text));
    assert_eq!(found(&sandbox), Vec::<String>::new(), "`log` is a name of the template's own");
    let text =
        format!("{}{{% if port == '80' %}}d{{% endif %}}", text.split("{% for").next().unwrap());
    let text = text.as_str();
    let sandbox = pack(("layers:\n", log), &file(text));
    let at = "unknown-choice p/templates/service/base/a.txt.jinja";
    assert_eq!(found(&sandbox), ["1:15", "3:3", "4:16"].map(|place| format!("{at}:{place}")));
}

#[test]
fn what_is_read_in_a_slice_alone_is_read() {
    let town = "\
\x20 - {id: region, flag: service-region, ask: R, kind: choice, choices: {eu-west: A, us-east: B}, default: eu-west}
  - {id: town, flag: service-town, ask: T, kind: text, default: x, when: \"region[:2] == 'eu'\"}
rules: [{when: \"region[:2] == 'us'\", field: region, message: not there}]
let: {polite: \"greeting[:5] == 'hello'\"}
layers:
";
    let greeting = "{% if polite %}a{% endif %}{% if greeting[:1] == 'b' %}b{% endif %} {{ town[:2] | quote('text') }}\n";
    let files = [
        ("templates/service/base/README.md.jinja", "{{ port }}\n"),
        ("templates/service/base/a.txt.jinja", greeting),
    ];
    let sandbox = pack(("layers:\n", town), &files);
    assert_eq!(found(&sandbox), Vec::<String>::new());
    for (name, greeting, text) in [("one", "hello you", "a x\n"), ("two", "bye", "b x\n")] {
        let words = ["--pack", "p", "--auto", "--project-type", "service", "--service-greeting"];
        sandbox.run(&[&["init", name][..], &words, &[greeting]].concat()).expect(0);
        assert_eq!(sandbox.read(&format!("{name}/a.txt")), text);
    }
}

#[test]
fn a_wanted_finding_is_allowed_with_its_reason() {
    let sandbox = pack(SOUND, &CHART);
    assert_eq!(
        found(&sandbox),
        ["unparsed p/templates/service/base/chart/templates/app.yaml:1:27"]
    );
    let tested = |sandbox: &Sandbox| {
        let ran = sandbox.run(&["pack", "test", "p", "--pairwise", "--format", "json"]);
        ran.json()["configurations"][0]["flaws"].clone()
    };
    let flaws = tested(&sandbox).to_string();
    assert!(flaws.contains("notes.txt:1: a placeholder is left: `TODO` [placeholder]"), "{flaws}");
    assert!(flaws.contains("chart/templates/app.yaml:1: is not YAML: "), "{flaws}");
    sandbox.write("p/pack.yml", &format!("{ABOUT}{ALLOW}"));
    assert_eq!(found(&sandbox), Vec::<String>::new());
    assert_eq!(tested(&sandbox), serde_json::json!([]));
    // What it does not name is told as before.
    sandbox.write("p/templates/service/base/other.yaml", "image: {{ .Values.image }}:{{ .x }}\n");
    assert_eq!(found(&sandbox), ["unparsed p/templates/service/base/other.yaml:1:27"]);
}

#[test]
fn a_finding_about_the_pack_itself_is_allowed_by_its_path_there() {
    let sandbox = pack(SOUND, &[("templates/service/later/a.txt", "x\n")]);
    assert_eq!(found(&sandbox), ["unused-layer p/templates/service/later/a.txt:1:1"]);
    let allow = "allow: [{file: 'templates/service/later/**', finding: unused-layer, because: for the next version}]\n";
    sandbox.write("p/pack.yml", &format!("{ABOUT}{allow}"));
    assert_eq!(found(&sandbox), Vec::<String>::new());
}

#[test]
fn an_allowance_is_strict() {
    let cases = [
        ("allow: [{file: a, finding: unparsed, because: x}]", "unused-allowance p/pack.yml:4:19"),
        (
            "allow: [{file: '*', finding: placeholder, because: x}]",
            "unused-allowance p/pack.yml:4:21",
        ),
        ("allow: [{file: '*', finding: unparsd, because: x}]", "bad-pack p/pack.yml:4:21"),
        ("allow: [{file: '*', finding: bad-merge, because: x}]", "bad-pack p/pack.yml:4:21"),
        ("allow: [{file: '[', finding: unparsed, because: x}]", "bad-pack p/pack.yml:4:10"),
        ("allow: [{file: '*', finding: unparsed, because: ' '}]", "bad-pack p/pack.yml:4:40"),
        ("allow: [{file: '*', finding: unparsed}]", "bad-pack p/pack.yml:4:9"),
    ];
    for (allow, expected) in cases {
        let sandbox = pack(SOUND, &[]);
        sandbox.write("p/pack.yml", &format!("{ABOUT}{allow}\n"));
        assert_eq!(found(&sandbox), [expected], "{allow}: {:?}", findings(&sandbox));
    }
    let sandbox = pack(SOUND, &[]);
    sandbox.write("p/pack.yml", &format!("{ABOUT}{}\n", cases[2].0));
    assert_eq!(findings(&sandbox)[0]["nearest"], "unparsed");
    sandbox.run(&["pack", "test", "p"]).expect(2);
}

#[test]
fn one_typo_gives_one_finding() {
    let others: Vec<(String, String)> = (0..5)
        .map(|n| (format!("templates/service{n}/base/a.md.jinja"), "{{ greetng }}\n".to_owned()))
        .collect();
    let others: Vec<(&str, &str)> = others.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    for (change, expected) in [
        (("layers:\n", "layrs:\n"), "bad-pack p/overlays/service.yml:18:1"),
        (("  - service/base", "  - service/bse"), "bad-pack p/overlays/service.yml:19:5"),
        (("id: port", "id: Port"), "bad-pack p/overlays/service.yml:5:5"),
        (("    kind: text", "    knd: text"), "bad-pack p/overlays/service.yml:15:5"),
    ] {
        assert_eq!(found(&pack(change, &others)), [expected], "{change:?}");
    }
    // A name that is read in many places is misspelt once.
    let rules = "rules:\n  - {when: port > 9000, field: port, message: a}\n  - {when: port < 2000, field: port, message: b}\nlayers:\n";
    let overlay = OVERLAY.replace("layers:\n", rules).replace("id: port", "id: prot");
    let sandbox = pack(SOUND, &others);
    sandbox.write("p/overlays/service.yml", &overlay);
    let expected =
        ["bad-pack p/overlays/service.yml:19:6", "bad-pack p/overlays/service.yml:19:25"];
    assert_eq!(found(&sandbox), expected, "{:?}", findings(&sandbox));
    assert!(findings(&sandbox)[0]["hint"].as_str().unwrap().contains("the same at 20:"));
    // What extends an overlay that cannot be read is not at fault.
    let child = "name: child\ndescription: C\nproject-type: child\nextends: service\n";
    let sandbox = pack(("layers:\n", "layrs:\n"), &[("overlays/child.yml", child)]);
    assert_eq!(found(&sandbox), ["bad-pack p/overlays/service.yml:18:1"]);
    sandbox.write("p/overlays/service.yml", &OVERLAY.replace("name: service", "name: servce"));
    assert_eq!(found(&sandbox), ["bad-pack p/overlays/child.yml:4:1"]);
}

#[test]
fn a_computed_default_beyond_its_own_limits_is_told_as_that() {
    let change = (
        "    max: 80\n",
        "    max: 80\n  - id: admin\n    flag: service-admin\n    ask: And for its keepers?\n    kind: integer\n    max: 65535\n    default: {expr: port + 1}\n",
    );
    let readme = (
        "templates/service/base/README.md.jinja",
        "{{ greeting | quote }} {{ port }} {{ admin }}\n",
    );
    let sandbox = pack(change, &[readme]);
    assert_eq!(found(&sandbox), ["bad-pack p/overlays/service.yml:23:15"]);
    let message = findings(&sandbox)[0]["message"].to_string();
    let expected = "the computed default of `admin` does not fit: `port + 1` gives `65536` where `port` is `65535`, and `65536` is not at most 65535 for --service-admin";
    assert!(message.contains(expected), "{message}");
    let ran = sandbox
        .run(&[
            "init",
            "d",
            "--pack",
            "p",
            "--project-type",
            "service",
            "--auto",
            "--service-port",
            "65535",
        ])
        .expect(2);
    assert!(
        ran.stderr
            .contains("the computed default `port + 1` does not fit: `65536` is not at most 65535"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("it has no default"), "{}", ran.stderr);
}

#[test]
fn the_command_that_shows_a_fault_names_the_pack() {
    let sandbox = pack(SOUND, &[("templates/service/base/a.json", "{\n")]);
    let hint = findings(&sandbox)[0]["hint"].as_str().unwrap().to_owned();
    let command = hint.split("as with: scaffold ").nth(1).unwrap();
    assert!(command.ends_with("--pack p"), "{hint}");
    let words: Vec<&str> = command.split_whitespace().collect();
    sandbox.run(&words).expect(0);
    assert!(sandbox.path("demo/a.json").exists());
}

#[test]
fn words_that_name_the_cure() {
    let lint = |change: (&str, &str)| {
        let ran = pack(change, &[]).run(&["pack", "lint", "p"]);
        ran.stderr
    };
    let told = lint((
        "layers:\n",
        "rules: [{when: port == 1024, field: port, message: too low, like git}]\nlayers:\n",
    ));
    assert!(
        told.contains("`like git` is not a key: the comma before it ends the text `too low`"),
        "{told}"
    );
    assert!(told.contains("put the text in quotes: `\"too low, like git\"`"), "{told}");
    let told = lint((
        "    kind: text\n",
        "    kind: choice\n    choices: {hello: short, and kind, bye: long}\n",
    ));
    assert!(
        told.contains("`and kind` is not a key: the comma before it ends the text `short`"),
        "{told}"
    );
    let told = lint(("default: hello", "default: {expr: \"port + '-x'\"}"));
    assert!(told.contains("`+` adds numbers; texts are joined with `~`: `a ~ b`"), "{told}");
    let told = lint(("default: hello", "pattern: '[0-9]+'\n    default: hello"));
    assert!(told.contains("it does not match the pattern `[0-9]+`"), "{told}");
    // A key that is misspelt is still told as one.
    let told = lint(("    ask: What", "    aks: What"));
    assert!(told.contains("unknown key `aks`"), "{told}");
}

#[test]
fn braces_of_another_language_are_told_with_what_keeps_them() {
    for line in ["a: ${{ github.ref }}", "a: {{ .Values.a }}", "a: {{- $x }}"] {
        let file = [("templates/service/base/a.yaml.jinja", line)];
        let told = pack(SOUND, &file).run(&["pack", "lint", "p"]).stderr;
        assert!(told.contains("stand between `{% raw %}` and `{% endraw %}`"), "{line}: {told}");
    }
    let typo = [("templates/service/base/a.yaml.jinja", "a: {{ prot }}")];
    let told = pack(SOUND, &typo).run(&["pack", "lint", "p"]).stderr;
    assert!(told.contains("did you mean `port`?") && !told.contains("raw"), "{told}");
}

#[test]
fn a_rule_that_names_no_flag_is_shown_with_it() {
    let (old, new) = rule("port == 9000");
    let sandbox = pack((old, &new), &[]);
    let words = ["init", "d", "--pack", "p", "--auto", "--service-port", "9000"];
    let ran = sandbox.run(&words).expect(2);
    assert!(ran.stderr.contains("it is taken\n  at --service-port\n"), "{}", ran.stderr);
}
