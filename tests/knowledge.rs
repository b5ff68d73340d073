//! The method and its knowledge, as a user of a generated repository meets them.

mod support;

use std::collections::BTreeSet;
use support::{BATCH, Ran, Sandbox, ran};

/// A sandbox with the sample, and a way to run commands in it.
fn sample() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run(&[&BATCH[..], &["--quiet"]].concat()).expect(0);
    sandbox
}

fn within(sandbox: &Sandbox, words: &[&str]) -> Ran {
    ran(&sandbox.command(words).current_dir(sandbox.path("demo")).output().unwrap())
}

#[test]
fn a_guide_stands_alone_in_seven_sections() {
    let sandbox = sample();
    let text = within(&sandbox, &["guide", "tdd"]).expect(0).stdout;
    let titles: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let expected = [
        "System",
        "Meta-Prompt",
        "Knowledge Base",
        "Project Context",
        "Methodology",
        "Instructions",
        "Execution",
    ];
    assert_eq!(titles, expected);
    assert!(text.contains("data-pipeline-testing") && text.contains("uv run poe check"), "{text}");
    let alias = within(&sandbox, &["run", "tdd"]).expect(0).stdout;
    assert_eq!(alias, text);
}

#[test]
fn depth_decides_how_much() {
    let sandbox = sample();
    let length =
        |depth: &str| within(&sandbox, &["guide", "tdd", "--depth", depth]).expect(0).stdout.len();
    let (core, deep, all) = (length("1"), length("3"), length("5"));
    assert!(core * 2 < deep && deep < all, "{core} {deep} {all}");
}

#[test]
fn a_batch_project_gets_no_text_about_streams() {
    let sandbox = sample();
    let text = within(&sandbox, &["guide", "system-architecture"]).expect(0).stdout;
    assert!(text.contains("data-pipeline-batch-patterns"));
    assert!(!text.contains("data-pipeline-streaming-patterns"));
}

#[test]
fn what_earlier_steps_produced_stays_apart_from_the_guide() {
    let sandbox = sample();
    let plan = "# Plan\n\n## System\n\n```sh\nls\n```\n";
    sandbox.write("demo/docs/plan.md", plan);
    sandbox.write("demo/docs/adrs/0002-engine.md", "# Engine\n");
    sandbox.write("demo/docs/adrs/0001-lake.md", "# Lake\n");
    let text = within(&sandbox, &["guide", "tdd"]).expect(0).stdout;
    assert!(text.contains(&format!("````md\n{plan}````\n")), "{text}");
    let text = within(&sandbox, &["guide", "system-architecture"]).expect(0).stdout;
    assert!(text.contains("- `docs/adrs/`, from `adrs`: 0001-lake.md, 0002-engine.md"), "{text}");
}

#[test]
fn no_guide_promises_nothing() {
    let sandbox = sample();
    let steps = within(&sandbox, &["list", "--format", "json"]).expect(0).json();
    // Each takes a moment; a part of them has all kinds.
    for step in steps["steps"].as_array().unwrap().iter().step_by(5) {
        let name = step["name"].as_str().unwrap();
        let text = within(&sandbox, &["guide", name]).expect(0).stdout;
        let after =
            |words: &str| text.split_once(words).map_or("- `", |(_, rest)| rest.trim_start());
        assert!(after("It produces:").starts_with("- `"), "{name}: {text}");
        assert!(after("It is done when:").starts_with("- "), "{name}: {text}");
    }
}

#[test]
fn outputs_of_earlier_steps_come_along() {
    let sandbox = sample();
    sandbox.write("demo/docs/plan.md", "The plan says so.\n");
    let text = within(&sandbox, &["guide", "tdd"]).expect(0).stdout;
    assert!(text.contains("The plan says so."), "{text}");
}

#[test]
fn documents_of_the_project_go_before_those_of_packs() {
    let sandbox = sample();
    let own =
        "---\nname: data-pipeline-testing\ndescription: ours\n---\n## Summary\n\nOurs alone.\n";
    sandbox.write("demo/.scaffold/knowledge/testing.md", own);
    let text = within(&sandbox, &["guide", "tdd"]).expect(0).stdout;
    assert!(text.contains("Ours alone.") && text.contains("(project, "), "{text}");

    // A broken one stops the guide with its line, and not the rest.
    sandbox.write("demo/.scaffold/knowledge/testing.md", "---\nname: [x\n---\n");
    let error = within(&sandbox, &["guide", "tdd"]).expect(2).stderr;
    assert!(error.contains("error[bad-knowledge]") && error.contains("testing.md:"), "{error}");
    within(&sandbox, &["status"]).expect(0);
    within(&sandbox, &["knowledge", "check"]).expect(2);
}

#[test]
fn progress_is_kept_line_by_line_without_times() {
    let sandbox = sample();
    let names = |ran: Ran| -> BTreeSet<String> {
        let document = ran.expect(0).json();
        let steps = document["steps"].as_array().unwrap().clone();
        steps.iter().map(|step| step["name"].as_str().unwrap().to_owned()).collect()
    };
    let next = || names(within(&sandbox, &["next", "--format", "json"]));
    assert!(next().contains("create-vision") && !next().contains("review-vision"));
    within(&sandbox, &["complete", "create-vision"]).expect(0);
    within(&sandbox, &["skip", "ux-spec", "--reason", "no  interface\nat all"]).expect(0);
    assert_eq!(
        sandbox.read("demo/.scaffold/state"),
        "create-vision completed\nux-spec skipped no interface at all\n"
    );
    assert!(!next().contains("create-vision") && next().contains("review-vision"));
    within(&sandbox, &["reset", "create-vision"]).expect(0);
    assert_eq!(sandbox.read("demo/.scaffold/state"), "ux-spec skipped no interface at all\n");
    sandbox.write("demo/.scaffold/state", "<<<<<<< HEAD\n");
    let error = within(&sandbox, &["status"]).expect(2).stderr;
    assert!(error.contains(".scaffold/state:1:1"), "{error}");
}

#[test]
fn what_is_unknown_is_told_with_the_nearest() {
    let sandbox = sample();
    let error = within(&sandbox, &["guide", "tbd"]).expect(2).stderr;
    assert!(error.contains("did you mean `tdd`?"), "{error}");
    let error = within(&sandbox, &["knowledge", "show", "ml-testin"]).expect(2).stderr;
    assert!(error.contains("did you mean `ml-testing`?"), "{error}");
    // Where nothing is near, at least what is least far, and where to look.
    let error = within(&sandbox, &["guide", "nope"]).expect(2).stderr;
    assert!(error.contains("the nearest is `") && error.contains("`scaffold list`"), "{error}");
    let error = sandbox.run(&["guide", "tdd"]).expect(2).stderr;
    assert!(error.contains("no folder above is a generated repository"), "{error}");
}

#[test]
fn a_search_finds_beginnings_of_words_and_says_when_it_finds_nothing() {
    let sandbox = Sandbox::new();
    let found = |word: &str| sandbox.run(&["knowledge", "search", word]);
    assert!(found("rag").expect(2).stderr.contains("no document has `rag`"));
    let error = found("wattermark").expect(2).stderr;
    assert!(error.contains("did you mean `watermark`?"), "{error}");
    let json = sandbox.run(&["knowledge", "search", "zzzz", "--format", "json"]).expect(2).json();
    assert_eq!(json["errors"][0]["code"], "unknown-value");
    assert!(found("storag").expect(0).stdout.contains("browser-extension-"));
}

#[test]
fn steps_that_wait_for_each_other_are_told_as_a_circle() {
    let sandbox = sample();
    let step = |name: &str, after: &str| {
        let text = format!(
            "---\nname: {name}\ndescription: d\nphase: p\norder: 1\ndependencies: [{after}]\n---\n"
        );
        sandbox.write(&format!("circle/knowledge/steps/{name}.md"), &text);
    };
    sandbox.write("circle/pack.yml", "{name: circle, version: '1', description: d}");
    step("one", "two");
    step("two", "one");
    let error = within(&sandbox, &["list", "--pack", "../circle"]).expect(2).stderr;
    assert!(error.contains("one → two → one"), "{error}");
}

#[test]
fn two_documents_of_one_name_in_one_pack_are_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("twice/pack.yml", "{name: twice, version: '1', description: d}");
    for file in ["a", "b"] {
        sandbox
            .write(&format!("twice/knowledge/{file}.md"), "---\nname: same\ndescription: d\n---\n");
    }
    let error = sandbox.run(&["knowledge", "list", "--pack", "twice"]).expect(2).stderr;
    assert!(error.contains("`same` is in `twice/knowledge/a.md` too"), "{error}");
}

#[test]
fn search_ranks_names_before_mentions() {
    let sandbox = Sandbox::new();
    let shown = sandbox.run(&["knowledge", "search", "Watermark"]).expect(0).stdout;
    assert!(shown.starts_with("data-pipeline-streaming-patterns"), "{shown}");
}

#[test]
fn the_documents_of_the_built_in_pack_are_sound_and_no_stubs() {
    let sandbox = Sandbox::new();
    sandbox.run(&["knowledge", "check"]).expect(0);
    let list = sandbox.run(&["knowledge", "list", "--format", "json"]).expect(0).json();
    let documents = list["documents"].as_array().unwrap();
    assert!(documents.len() >= 46, "{}", documents.len());
    for document in documents {
        let name = document["name"].as_str().unwrap();
        let text = sandbox.run(&["knowledge", "show", name]).expect(0).stdout;
        let words = text.split_whitespace().count();
        assert!(words >= 500, "{name} has {words} words");
    }
}

#[test]
fn the_text_of_a_starter_does_not_outweigh_its_code() {
    for words in [
        &["--pipeline-processing", "batch"][..],
        &["--pipeline-processing", "hybrid"],
        &["--ml-phase", "training", "--ml-model-type", "classical"],
        &["--ml-phase", "inference", "--ml-model-type", "classical"],
        &["--ext-ui-surfaces", "options", "--no-ext-background-worker"],
        &["--ext-ui-surfaces", "devtools", "--no-ext-background-worker"],
    ] {
        let sandbox = Sandbox::new();
        sandbox.run(&[&["init", "demo", "--auto", "--quiet"], words].concat()).expect(0);
        let (mut text, mut code) = (0, 0);
        for (path, bytes) in sandbox.tree("demo") {
            if path.starts_with("docs/") {
                text += bytes.len();
            } else if !path.starts_with("data/") && path != "package-lock.json" {
                code += bytes.len();
            }
        }
        assert!(text < code, "{words:?}: {text} of text, {code} of code");
    }
}

/// A step, and by type what the reference's overlays add to it; `spec/reference-behaviour.md`, section 2.
const REFERENCE: [(&str, [&str; 3]); 24] = [
    ("create-prd", ["requirements", "requirements", "requirements"]),
    ("user-stories", ["requirements", "requirements", "requirements"]),
    ("coding-standards", ["conventions", "conventions", "conventions manifest"]),
    ("project-structure", ["project-structure", "project-structure", "project-structure"]),
    ("dev-env-setup", ["dev-environment", "dev-environment", "dev-environment"]),
    ("git-workflow", ["conventions", "conventions", "conventions"]),
    (
        "system-architecture",
        [
            "architecture batch-patterns streaming-patterns",
            "architecture training-patterns serving-patterns",
            "architecture service-workers",
        ],
    ),
    ("tech-stack", ["architecture", "architecture", "architecture manifest"]),
    ("adrs", ["architecture", "architecture", "architecture"]),
    ("domain-modeling", ["schema-management", "architecture", "architecture"]),
    ("ux-spec", ["", "", "architecture"]),
    ("design-system", ["", "", "conventions"]),
    ("security", ["security", "security", "security content-scripts"]),
    ("operations", ["orchestration", "experiment-tracking observability", "store-submission"]),
    ("tdd", ["testing quality", "testing", "testing cross-browser"]),
    ("add-e2e-testing", ["testing", "testing", "testing cross-browser"]),
    ("create-evals", ["testing quality", "testing model-evaluation", "testing"]),
    ("story-tests", ["testing", "testing", "testing"]),
    (
        "review-architecture",
        [
            "architecture batch-patterns streaming-patterns",
            "architecture training-patterns serving-patterns",
            "architecture service-workers",
        ],
    ),
    ("review-ux", ["", "", "architecture"]),
    ("review-security", ["security", "security", "security content-scripts"]),
    (
        "review-operations",
        ["orchestration", "experiment-tracking observability", "store-submission"],
    ),
    ("review-testing", ["testing quality", "testing model-evaluation", "testing cross-browser"]),
    ("implementation-plan", ["architecture", "architecture", "architecture"]),
];

#[test]
fn overlays_and_documents_of_the_reference_merge_to_its_lists() {
    let pack = support::pack("reference");
    for (column, project_type) in ["data-pipeline", "ml", "browser-extension"].iter().enumerate() {
        let sandbox = Sandbox::new();
        let init = ["init", "demo", "--auto", "--no-git", "--project-type", project_type];
        sandbox.run(&[&init[..], &["--pack", &pack]].concat()).expect(0);
        for (step, documents) in REFERENCE {
            let words = ["guide", step, "--format", "json", "--pack", &pack];
            let guide = within(&sandbox, &words).expect(0).json();
            let merged = guide["knowledge"].as_array().unwrap();
            // What the step itself merges comes first and is of no type.
            let of_type: Vec<&str> = merged
                .iter()
                .filter_map(|one| {
                    one["name"].as_str()?.strip_prefix(project_type)?.strip_prefix('-')
                })
                .collect();
            let expected: Vec<&str> = documents[column].split_whitespace().collect();
            assert_eq!(of_type, expected, "{project_type} {step}");
            assert!(
                merged[..merged.len() - of_type.len()]
                    .iter()
                    .all(|one| { !one["name"].as_str().unwrap().starts_with(project_type) })
            );
        }
        if *project_type == "ml" {
            let guide = within(&sandbox, &["guide", "tdd", "--pack", &pack]).expect(0).stdout;
            assert!(guide.contains("the function a frame without the label"), "{guide}");
            let check = within(&sandbox, &["knowledge", "check", "--pack", &pack]).expect(4);
            assert!(check.stderr.contains("`reviewed: YYYY-MM-DD` is missing"), "{}", check.stderr);
            assert!(check.stderr.contains("it names no `sources`"), "{}", check.stderr);
        }
    }
}
