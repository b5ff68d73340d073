//! The commands that describe, the schemas they print, and what scripts rely on.

mod support;

use jsonschema::Validator;
use serde_json::{Value, json};
use support::{BATCH, Sandbox, pack, ran};

fn schema(sandbox: &Sandbox, words: &[&str]) -> Validator {
    let words = [&["schema"], words].concat();
    jsonschema::validator_for(&sandbox.run(&words).expect(0).json()).unwrap()
}

fn assert_valid(schema: &Validator, document: &Value, what: &str) {
    let errors: Vec<String> =
        schema.iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:?}\n{document:#}");
}

#[test]
fn every_document_is_as_its_schema_says() {
    let sandbox = Sandbox::new();
    let output = schema(&sandbox, &["output"]);
    let hello = pack("hello");
    let faulty = pack("faulty");
    let runs: &[(i32, &[&str])] = &[
        (0, &["init", "demo", "--auto", "--pipeline-processing", "batch"]),
        (3, &["init", "demo", "--auto", "--pipeline-processing", "batch"]),
        (2, &["init", "other", "--pipeline-processing", "bacth"]),
        (2, &["init", "other"]),
        (2, &["inti"]),
        (4, &["init", "other", "--auto", "--pipeline-processing", "batch", "--expect", "sha256:0"]),
        (0, &["questions"]),
        (0, &["questions", "browser-extension"]),
        (0, &["questions", "greeting", "--pack", &hello]),
        (2, &["questions", "date-pipeline"]),
        (0, &["knowledge", "list"]),
        (0, &["knowledge", "show", "review"]),
        (0, &["knowledge", "search", "watermark"]),
        (0, &["knowledge", "check"]),
        (2, &["guide", "tdd"]),
        (0, &["pack", "render", "--pack", &hello, "--greeting-tone", "loud"]),
        (0, &["pack", "render", "--pack", &hello, "--greeting-tone", "loud", "settings.toml"]),
        (0, &["pack", "lint", &hello]),
        (4, &["pack", "lint", &faulty]),
        (0, &["pack", "test", &hello, "--all"]),
    ];
    for (status, words) in runs {
        let words = [*words, &["--format", "json"]].concat();
        let document = sandbox.run(&words).expect(*status).json();
        assert_valid(&output, &document, &words.join(" "));
    }
    for words in [
        &["guide", "tdd"][..],
        &["list"],
        &["status"],
        &["next"],
        &["info", "tdd"],
        &["complete", "tdd"],
        &["skip", "adrs", "--reason", "later"],
        &["reset", "tdd"],
        &["check"],
        &["set", "license=MIT", "--allow-dirty"],
        &["update", "--abort"],
    ] {
        let mut command = sandbox.command(&[words, &["--format", "json"]].concat());
        let run = ran(&command.current_dir(sandbox.path("demo")).output().unwrap()).expect(0);
        assert_valid(&output, &run.json(), &words.join(" "));
    }
    let doctor = sandbox.run(&["doctor", "--format", "json"]);
    assert_valid(&output, &doctor.json(), "doctor");
    // A schema that takes anything would hold all of these.
    for wrong in [json!({}), json!({"schema": 1, "ok": true, "command": "init"})] {
        assert!(!output.is_valid(&wrong));
    }
}

#[test]
fn answers_files_and_configurations_are_checked_by_their_schemas() {
    let sandbox = Sandbox::new();
    sandbox.run(&BATCH).expect(0);
    let config: Value = serde_yaml::from_str(&sandbox.read("demo/.scaffold/config.yml")).unwrap();
    let answers = schema(&sandbox, &["answers", "data-pipeline"]);
    assert_valid(&answers, &config, "answers");
    assert_valid(&schema(&sandbox, &["config"]), &config, "config");
    for (pointer, wrong) in [
        ("/project/dataPipelineConfig/processingModel", json!("bacth")),
        ("/project/dataPipelineConfig/hasDataCatalog", json!("yes")),
        ("/project/extras", json!(["ci-github", "ci-github"])),
        ("/project/projectType", json!("ml")),
        ("/version", json!(1)),
    ] {
        let mut broken = config.clone();
        *broken.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}: {config:#}")) = wrong;
        assert!(!answers.is_valid(&broken), "{pointer}");
    }
    let mut broken = config.clone();
    broken["project"]["dataPipelineConfig"]["procesing"] = json!("batch");
    assert!(!answers.is_valid(&broken));
}

#[test]
fn overlays_are_checked_by_their_schema() {
    let sandbox = Sandbox::new();
    let overlay = schema(&sandbox, &["overlay"]);
    let root = env!("CARGO_MANIFEST_DIR");
    for folder in [format!("{root}/overlays"), format!("{}/overlays", pack("hello"))] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let document: Value = serde_yaml::from_str(&text).unwrap();
            assert_valid(&overlay, &document, &path.display().to_string());
        }
    }
    let typo = json!({"name": "x", "description": "x", "layer": []});
    assert!(!overlay.is_valid(&typo));
}

#[test]
fn questions_are_listed_for_people_and_for_programs() {
    let sandbox = Sandbox::new();
    let document =
        sandbox.run(&["questions", "data-pipeline", "--format", "json"]).expect(0).json();
    let questions = document["questions"].as_array().unwrap();
    let processing = questions.iter().find(|q| q["id"] == "processingModel").unwrap();
    assert_eq!(processing["flag"], "--pipeline-processing");
    assert_eq!(processing["required"], true);
    assert_eq!(processing["choices"][0]["value"], "batch");
    let text = sandbox.run(&["questions", "data-pipeline"]).expect(0).stdout;
    for question in questions {
        assert!(text.contains(question["flag"].as_str().unwrap()), "{question}");
    }
}

#[test]
fn completions_are_for_every_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = sandbox.run(&["completions", shell]).expect(0).stdout;
        assert!(
            script.contains("scaffold __complete") || script.contains(") __complete"),
            "{shell}"
        );
    }
    let error = sandbox.run(&["completions", "fsh"]).expect(2).stderr;
    assert!(error.contains("did you mean `fish`?"), "{error}");
}

#[test]
fn what_can_stand_at_the_cursor_is_said_with_its_meaning() {
    let sandbox = Sandbox::new();
    for (line, expected) in [
        ("=ini", "words init"),
        ("=data init --project-type", "words data-pipeline"),
        ("=s init demo --pipeline-processing", "words streaming"),
        ("=--pipeline-processing=s init", "words --pipeline-processing=streaming"),
        ("=container,ci-gi init --extras", "words container,ci-github container,ci-gitlab"),
        ("=--extras=container,ci-gitl init", "words --extras=container,ci-gitlab"),
        ("=container,c init --extras", "words container,ci-github container,ci-gitlab"),
        ("=container,no init --extras", "words"),
        ("=no init --extras", "words none"),
        ("=--pipeline-catalog= init", "words --pipeline-catalog=true --pipeline-catalog=false"),
        ("=--no-pi init", "words --no-pipeline-catalog --no-pipeline-fetch --no-pipeline-erase"),
        ("=--pipeline-cat init", "words --pipeline-catalog"),
        ("= init", "files"),
        ("= init --answers", "files"),
        ("=--root=x init", "files"),
        ("= init --name", "words"),
        ("=m questions", "words ml"),
        ("=conf schema", "words config"),
        ("=tes pack", "words test"),
        ("=tech guide", "words tech-stack"),
        ("=tech run", "words tech-stack"),
        ("=sh completions", "words"),
        ("=z completions", "words zsh"),
        ("=architecture-basics knowledge show", "words architecture-basics"),
        ("=--ans init --", "files"),
        ("= nothing", "words"),
    ] {
        let words: Vec<&str> = std::iter::once("__complete").chain(line.split(' ')).collect();
        let said = sandbox.run(&words).expect(0).stdout;
        let firsts: Vec<&str> = said.lines().map(|line| line.split('\t').next().unwrap()).collect();
        assert_eq!(firsts.join(" "), expected, "{line}");
    }
    let said =
        sandbox.run(&["__complete", "=st", "init", "--pipeline-processing"]).expect(0).stdout;
    assert!(said.contains("streaming\tfrom a topic"), "{said}");
}

#[test]
#[cfg(unix)]
fn bash_completes_the_values_of_a_flag() {
    let sandbox = Sandbox::new();
    let script = sandbox.run(&["completions", "bash"]).expect(0).stdout;
    sandbox.write("complete.bash", &script);
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_scaffold")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    for (words, expected) in [
        ("init --pipeline-processing s", "streaming"),
        ("init --pipeline-processing = s", "streaming"),
        ("init --extras container,pre", "container,pre-commit"),
        ("init --extras = container,pre", "container,pre-commit"),
        (
            "init --extras = container,",
            "container,ci-github container,ci-gitlab container,devcontainer container,pre-commit container,renovate",
        ),
        ("init --pipeline-catalog =", "true false"),
        ("init --answers comp", "complete.bash"),
        ("init --answers = comp", "complete.bash"),
        ("init --name ''", ""),
    ] {
        let line = format!(
            "source complete.bash; COMP_WORDS=(scaffold {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _scaffold; echo \"${{COMPREPLY[@]}}\""
        );
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &line]).current_dir(sandbox.work()).env("PATH", &path);
        let shown = ran(&command.output().unwrap()).stdout;
        assert_eq!(shown.trim(), expected, "{words}");
    }
}

#[test]
fn pages_of_the_manual_have_every_flag() {
    let sandbox = Sandbox::new();
    let page = sandbox.run(&["man", "init"]).expect(0).stdout;
    assert!(page.contains(".SH OPTIONS") && page.contains("pipeline\\-processing"), "{page}");
    assert!(sandbox.run(&["man"]).expect(0).stdout.contains("doctor"));
    assert!(sandbox.run(&["man", "pack", "test"]).expect(0).stdout.contains("pairwise"));
    let error = sandbox.run(&["man", "inti"]).expect(2).stderr;
    assert!(error.contains("did you mean `init`?"), "{error}");
}

#[test]
fn doctor_says_what_is_missing_and_how_to_get_it() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["doctor", "data-pipeline"]);
    command.env("PATH", sandbox.path("nothing"));
    let run = ran(&command.output().unwrap()).expect(4);
    assert!(
        run.stdout.contains("missing  uv") && run.stdout.contains("pip install uv"),
        "{}",
        run.stdout
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn strict_takes_no_default_for_the_types_own_questions() {
    let sandbox = Sandbox::new();
    let words = ["init", "demo", "--auto", "--strict", "--pipeline-processing", "batch"];
    let error = sandbox.run(&[&words[..], &["--format", "json"]].concat()).expect(2).json();
    let flags: Vec<&str> = error["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["where"]["flag"].as_str().unwrap())
        .collect();
    let own = [
        "--pipeline-orchestration",
        "--pipeline-quality",
        "--pipeline-schema",
        "--pipeline-catalog",
    ];
    assert_eq!(flags, own);
    let rest = [
        "--pipeline-orchestration",
        "none",
        "--pipeline-quality",
        "none",
        "--pipeline-schema",
        "none",
        "--no-pipeline-catalog",
    ];
    sandbox.run(&[&words[..], &rest].concat()).expect(0);
}

#[test]
fn only_the_expected_files_are_written() {
    let sandbox = Sandbox::new();
    let preview = [&BATCH[..], &["--dry-run", "--format", "json"]].concat();
    let digest = sandbox.run(&preview).expect(0).json()["digest"].as_str().unwrap().to_owned();
    let other = ["--license", "MIT", "--expect", &digest];
    sandbox.run(&[&BATCH[..], &other].concat()).expect(4);
    assert!(!sandbox.path("demo").exists());
    sandbox.run(&[&BATCH[..], &["--expect", &digest]].concat()).expect(0);
    assert!(sandbox.path("demo/README.md").exists());
}

#[test]
fn an_organisation_sets_defaults_locks_answers_and_names_packs() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "org/scaffold/config.yml",
        "defaults:\n  license: {value: proprietary, locked: true}\n  author: ACME\npacks: [acme]\n",
    );
    let run = |words: &[&str]| {
        let mut command = sandbox.command(words);
        ran(&command.env("XDG_CONFIG_DIRS", sandbox.path("org")).output().unwrap())
    };
    let document = run(&[&BATCH[..], &["--dry-run", "--format", "json"]].concat()).expect(0).json();
    assert_eq!(document["answers"]["author"]["value"], "ACME");
    assert_eq!(document["answers"]["license"]["value"], "proprietary");
    let locked = document["answers"]["license"]["locked"].as_str().unwrap();
    assert!(locked.ends_with("org/scaffold/config.yml"), "{locked}");
    let refused = run(&[&BATCH[..], &["--license", "MIT"]].concat()).expect(2).stderr;
    assert!(
        refused.contains("error[locked]") && refused.contains("org/scaffold/config.yml"),
        "{refused}"
    );
    let refused = run(&["init", "demo", "--pack", &pack("hello"), "--auto"]).expect(2).stderr;
    assert!(refused.contains("the pack `hello` is not allowed"), "{refused}");
    assert!(!sandbox.path("demo").exists());
}

#[test]
fn quiet_prints_errors_and_data_only() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&[&BATCH[..], &["--quiet"]].concat()).expect(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let run = sandbox.run(&[&BATCH[..], &["-q"]].concat()).expect(3);
    assert!(run.stderr.contains("error[initialised]"));
}

#[test]
fn colours_are_as_wished() {
    let sandbox = Sandbox::new();
    let run = |words: &[&str]| {
        sandbox.run(&[&["init", "demo", "--pipeline-processing", "x"], words].concat())
    };
    assert!(!run(&[]).expect(2).stderr.contains('\u{1b}'));
    assert!(run(&["--color", "always"]).expect(2).stderr.contains('\u{1b}'));
    assert!(run(&["--color=always"]).expect(2).stderr.contains('\u{1b}'));
    assert!(!run(&["--color", "never"]).expect(2).stderr.contains('\u{1b}'));
}

#[test]
#[cfg(unix)]
fn pipes_that_close_early_are_no_fault() {
    let sandbox = Sandbox::new();
    for words in ["schema output", "init demo --auto --pipeline-processing batch --dry-run"] {
        let line = format!(
            "set -o pipefail; '{}' {words} 2>&1 | head -n 1 >/dev/null; exit ${{PIPESTATUS[0]}}",
            env!("CARGO_BIN_EXE_scaffold")
        );
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &line]).current_dir(sandbox.work()).env("HOME", sandbox.work());
        ran(&command.output().unwrap()).expect(0);
    }
    // Messages have no reader at all.
    let line = format!(
        "'{}' init demo --auto --pipeline-processing batch 2>&-",
        env!("CARGO_BIN_EXE_scaffold")
    );
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &line]).current_dir(sandbox.work()).env("HOME", sandbox.work());
    ran(&command.output().unwrap()).expect(0);
    assert!(sandbox.path("demo/README.md").exists());
}
