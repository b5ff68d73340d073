//! `pack lint` and `pack test` on packs whose faults are known.

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use support::Sandbox;

fn pack(name: &str) -> String {
    format!("{}/tests/packs/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn codes(errors: &Value) -> Vec<String> {
    let errors = errors["errors"].as_array().unwrap();
    errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn lint_finds_each_seeded_fault_and_no_other() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["pack", "lint", &pack("faulty"), "--format", "json"]).expect(4);
    let mut found = codes(&ran.json());
    found.sort();
    let seeded = [
        "bad-merge",
        "bad-path",
        "bad-template",
        "forbids-all",
        "lost-braces",
        "undefined-name",
        "unknown-choice",
        "unknown-knowledge",
        "unknown-step",
        "unparsed",
        "unreachable",
        "unused-allowance",
        "unused-layer",
        "unused-question",
    ];
    assert_eq!(found, seeded);
}

/// What is told by commands that look at no pack.
const OF_OTHERS: [&str; 4] = ["failed-setup", "missing-program", "unexpected", "untrue"];

#[test]
fn every_code_of_lint_is_documented() {
    let documented = include_str!("../docs/lint.md");
    let lint = scaffold::error::Code::ALL
        .iter()
        .filter(|code| code.exit == scaffold::error::Exit::Failed)
        .filter(|code| code.name != "failed-test" && !OF_OTHERS.contains(&code.name));
    for code in lint {
        assert!(documented.contains(&format!("## `{}`", code.name)), "{} is missing", code.name);
    }
}

#[test]
fn sound_packs_have_no_finding() {
    let sandbox = Sandbox::new();
    sandbox.run(&["pack", "lint"]).expect(0);
    let hello = sandbox.run(&["pack", "lint", &pack("hello"), "--format", "json"]).expect(0);
    assert_eq!(hello.json()["findings"], serde_json::json!([]));
}

#[test]
fn only_a_pair_reveals_the_bad_configuration() {
    let sandbox = Sandbox::new();
    let trying = pack("trying");
    let words = ["pack", "test", &trying, "--pairwise", "--format", "json"];
    let document = sandbox.run(&words).expect(4).json();
    let configurations = document["configurations"].as_array().unwrap();
    assert!(configurations.len() < 40, "{} are not a few", configurations.len());
    let merge_faults = configurations.iter().filter(|configuration| {
        configuration["flaws"].to_string().contains("two layers")
            || configuration["flaws"].to_string().contains("weight")
    });
    let labels: Vec<&str> =
        merge_faults.map(|configuration| configuration["label"].as_str().unwrap()).collect();
    assert!(!labels.is_empty());
    assert!(labels.iter().all(|label| label.contains("shape=flat weight=heavy")), "{labels:?}");
}

#[test]
fn every_pair_of_answers_of_the_built_in_pack_is_sound() {
    let sandbox = Sandbox::new();
    let document = sandbox.run(&["pack", "test", "--pairwise", "--format", "json"]);
    let document = document.json();
    let flaws: Vec<String> = document["configurations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|configuration| configuration["flaws"] != serde_json::json!([]))
        .map(|configuration| format!("{}: {}", configuration["label"], configuration["flaws"]))
        .collect();
    assert_eq!(flaws, Vec::<String>::new());
}

#[test]
fn filters_that_match_nothing_or_name_nothing_are_errors() {
    let sandbox = Sandbox::new();
    let trying = pack("trying");
    let test = |only: &str| {
        let words = ["pack", "test", &trying, "--only", only, "--format", "json"];
        codes(&sandbox.run(&words).expect(2).json())
    };
    assert_eq!(test("weight == 'none'"), ["usage"]);
    assert_eq!(test("wieght == 'light'"), ["unknown-field"]);
    assert_eq!(test("weight =="), ["usage"]);
}

#[test]
fn a_pack_without_an_overlay_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("empty/pack.yml", "name: empty\nversion: '1'\ndescription: Nothing\n");
    for command in ["lint", "test"] {
        let ran = sandbox.run(&["pack", command, "empty"]).expect(2);
        assert!(ran.stderr.contains("has no overlay"), "{}", ran.stderr);
    }
}

#[cfg(unix)]
mod executed {
    use super::*;
    use std::time::{Duration, Instant};

    fn run(sandbox: &Sandbox, behaviour: &str, more: &[&str]) -> (i32, Value) {
        let trying = pack("trying");
        let only = format!("behaviour == '{behaviour}' and shape == 'round' and weight == 'light'");
        let mut words = vec!["pack", "test", &trying, "--all", "--run", "--only", &only];
        words.extend(["--format", "json"]);
        words.extend(more);
        let ran = sandbox.run(&words);
        let document = ran.json();
        (ran.status, document["configurations"][0].clone())
    }

    #[test]
    fn a_repository_that_works_passes_and_is_remembered() {
        let sandbox = Sandbox::new();
        let (status, first) = run(&sandbox, "works", &[]);
        assert_eq!(status, 0, "{first}");
        let names: Vec<&str> = first["trial"]["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["setup", "run", "check"]);
        assert_eq!(first["resumed"], false);
        let (_, second) = run(&sandbox, "works", &["--resume"]);
        assert_eq!(second["resumed"], true);
    }

    #[test]
    fn a_failure_tells_its_last_lines_and_how_to_repeat_it() {
        let sandbox = Sandbox::new();
        let (status, outcome) =
            run(&sandbox, "fails", &["--junit", "junit.xml", "--report", "m.md"]);
        assert_eq!(status, 4);
        let failure = &outcome["trial"]["failure"];
        assert_eq!(
            (&failure["step"], &failure["why"]),
            (&"run".into(), &"exits with status 7".into())
        );
        assert_eq!(failure["tail"], serde_json::json!(["what went wrong <&>"]));
        let command: Vec<&str> = outcome["command"]
            .as_array()
            .unwrap()
            .iter()
            .map(|word| word.as_str().unwrap())
            .collect();
        sandbox.run(&command[1..]).expect(0);
        assert!(sandbox.read("demo/run.sh").contains("exit 7"));
        assert!(sandbox.read("junit.xml").contains("what went wrong &lt;&amp;&gt;"));
        assert!(sandbox.read("m.md").contains("**failed**"));
        let (_, again) = run(&sandbox, "fails", &["--resume"]);
        assert_eq!(again["resumed"], false);
    }

    #[test]
    fn what_hangs_floods_or_leaves_processes_is_ended_and_told() {
        let sandbox = Sandbox::new();
        let started = Instant::now();
        let (_, hangs) = run(&sandbox, "hangs", &["--timeout", "1"]);
        assert_eq!(hangs["trial"]["failure"]["why"], "is not done after 1 s");
        assert!(started.elapsed() < Duration::from_secs(30));
        let (status, floods) = run(&sandbox, "floods", &[]);
        assert_eq!(status, 0, "{floods}");
        let (_, leaves) = run(&sandbox, "leaves", &[]);
        let failure = &leaves["trial"]["failure"];
        // In a namespace of its own nothing can be left behind: it goes with its first process.
        assert!(failure.is_null() || failure["why"] == "leaves processes behind", "{leaves}");
    }

    #[test]
    fn an_interrupt_cleans_up_and_ends_with_130() {
        let sandbox = Sandbox::new();
        let temporary = sandbox.path("tmp");
        std::fs::create_dir(&temporary).unwrap();
        let trying = pack("trying");
        let only = "behaviour == 'hangs' and shape == 'round'";
        let mut child = sandbox
            .command(&["pack", "test", &trying, "--all", "--run", "--only", only])
            .env("TMPDIR", &temporary)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let entries = || std::fs::read_dir(&temporary).unwrap().count();
        let started = Instant::now();
        while entries() == 0 && started.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(300));
        let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
        nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGINT).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert_eq!(entries(), 0);
    }

    #[test]
    fn a_full_disk_is_told() {
        let sandbox = Sandbox::new();
        let trying = pack("trying");
        let only = "behaviour == 'works' and shape == 'round' and weight == 'light'";
        let ran = sandbox
            .command(&["pack", "test", &trying, "--all", "--run", "--only", only])
            .env("TMPDIR", "/proc/nowhere")
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(4));
        let told = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(told.contains("making a temporary folder"), "{told}");
    }
}

#[test]
fn the_seeded_codes_are_all_there_are() {
    let all: BTreeSet<&str> = scaffold::error::Code::ALL
        .iter()
        .filter(|code| code.exit == scaffold::error::Exit::Failed)
        .filter(|code| !OF_OTHERS.contains(&code.name))
        .map(|code| code.name)
        .collect();
    assert_eq!(all.len(), 12, "a new code needs a seeded fault in tests/packs/faulty: {all:?}");
}
