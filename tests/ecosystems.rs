//! A pack for a language that the program has never heard of is the equal of the built-in ones.

mod support;

use support::Sandbox;

/// A pack for projects in Rust, with its own ecosystem.
fn rust(overlay: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("p/pack.yml", "name: p\nversion: '1'\ndescription: P\n");
    let text = format!(
        "name: tool\ndescription: A tool\nproject-type: tool\n{overlay}layers: [tool/base]\n\
         commands:\n  setup: ['true']\n  run: ['true']\n  check: ['true']\n"
    );
    sandbox.write("p/overlays/tool.yml", &text);
    sandbox.write(
        "p/overlays/ecosystems/rust.yml",
        "name: rust\nreserved: [std, tokio]\ncaches: {CARGO_HOME: cargo}\n",
    );
    sandbox.write("p/templates/tool/base/NAME.jinja", "{{ project.slug }}\n");
    sandbox
}

const INIT: [&str; 7] = ["init", "demo", "--auto", "--no-git", "--project-type", "tool", "--pack"];

#[test]
fn only_the_words_of_its_own_ecosystem_are_taken() {
    for (ecosystem, name, expected) in [
        ("ecosystem: rust\n", "time", "time\n"),
        ("ecosystem: rust\n", "tokio", "tokio-app\n"),
        ("ecosystem: python\n", "time", "time-app\n"),
        ("", "tokio", "tokio\n"),
    ] {
        let sandbox = rust(ecosystem);
        sandbox.run(&[&INIT[..], &["p", "--name", name]].concat()).expect(0);
        assert_eq!(sandbox.read("demo/NAME"), expected, "{ecosystem} {name}");
    }
}

#[test]
fn an_ecosystem_that_no_pack_describes_is_an_error_with_the_nearest() {
    let told = rust("ecosystem: rsut\n").run(&[&INIT[..], &["p"]].concat()).expect(2).stderr;
    for said in ["no pack describes the ecosystem `rsut`", "at p/overlays/tool.yml:4:", "`rust`?"] {
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn a_mistake_in_an_ecosystem_is_told_with_its_place() {
    for (text, said, line) in [
        ("name: rust\nreserve: [std]\n", "unknown key `reserve`", 2),
        ("name: rusty\n", "the file of the ecosystem `rusty` is `rusty.yml`", 1),
        (
            "name: rust\ncaches: {CARGO_HOME: ../up}\n",
            "is not a variable and the name of a folder",
            2,
        ),
    ] {
        let sandbox = rust("ecosystem: rust\n");
        sandbox.write("p/overlays/ecosystems/rust.yml", text);
        let told = sandbox.run(&[&INIT[..], &["p"]].concat()).expect(2).stderr;
        assert!(told.contains(said), "{told}");
        assert!(told.contains(&format!("at p/overlays/ecosystems/rust.yml:{line}:")), "{told}");
    }
}

#[test]
fn what_a_type_has_no_use_for_is_not_offered() {
    let none = rust("ecosystem: rust\n");
    let told = none.run(&[&INIT[..], &["p", "--extras", "container"]].concat()).expect(2).stderr;
    assert!(told.contains("--extras"), "{told}");
    none.run(&[&INIT[..], &["p"]].concat()).expect(0);
    assert!(!none.read("demo/.scaffold/config.yml").contains("extras"));

    let one = rust("ecosystem: rust\n");
    let overlay = one.read("p/overlays/tool.yml");
    let more = "layers: [tool/base, {path: tool/image, when: \"'container' in extras\"}]";
    one.write("p/overlays/tool.yml", &overlay.replace("layers: [tool/base]", more));
    one.write("p/templates/tool/image/Containerfile", "FROM scratch\n");
    let told = one.run(&[&INIT[..], &["p", "--extras", "renovate"]].concat()).expect(2).stderr;
    assert!(
        told.contains("`renovate` is not a value of --extras")
            && told.contains("allowed: none, container"),
        "{told}"
    );
    one.run(&[&INIT[..], &["p", "--extras", "container"]].concat()).expect(0);
    assert_eq!(one.read("demo/Containerfile"), "FROM scratch\n");
}

#[test]
fn only_common_yml_says_where_an_answer_is_kept() {
    let question =
        "questions:\n  - {id: a, flag: a, ask: A?, kind: bool, default: true, key: project.b}\n";
    let told = rust(question).run(&[&INIT[..], &["p"]].concat()).expect(2).stderr;
    assert!(told.contains("only a question in `common.yml` has a `key`"), "{told}");
    assert!(told.contains("at p/overlays/tool.yml:5:"), "{told}");
}
