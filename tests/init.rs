//! `scaffold init` as its users meet it: trees, precedence, reproducibility, existing folders.

mod support;

use support::{BATCH, Sandbox, pack, ran};

/// Runs `init` for the made-up type of the fixture pack.
fn greeting(sandbox: &Sandbox, arguments: &[&str]) -> support::Ran {
    let folder = pack("hello");
    let mut words = vec!["init", "demo", "--pack", &folder];
    words.extend(arguments);
    sandbox.run(&words)
}

#[test]
fn the_sample_is_written_whole() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&BATCH).expect(0);
    assert!(ran.stdout.is_empty(), "messages are not data: {}", ran.stdout);
    let tree = sandbox.tree("demo");
    for path in [
        "README.md",
        "pyproject.toml",
        ".gitignore",
        ".scaffold/config.yml",
        ".github/workflows/ci.yml",
    ] {
        assert!(tree.contains_key(path), "{path} is missing from {:?}", tree.keys());
    }
    assert!(sandbox.path("demo/.git").is_dir());
    let is_text = |path: &&String| !path.starts_with(".scaffold/pristine/");
    for (path, bytes) in tree.iter().filter(|(path, _)| is_text(path)) {
        let text = String::from_utf8_lossy(bytes);
        assert!(bytes.is_empty() || text.ends_with('\n'), "{path} does not end with a newline");
        assert!(
            !text.contains("{{ project") && !path.contains("jinja"),
            "{path} still is a template"
        );
    }
}

#[test]
fn the_written_answers_give_the_same_bytes_anywhere() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&[&BATCH[..], &["--name", "Café \"Nord\"", "--description", "it's 100% <b>"]].concat())
        .expect(0);
    let config = sandbox.path("demo/.scaffold/config.yml");
    let mut again =
        sandbox.command(&["init", "elsewhere/deep", "--answers", config.to_str().unwrap()]);
    again.env("TZ", "Pacific/Auckland").env("LC_ALL", "tr_TR.UTF-8").env("LANG", "tr_TR.UTF-8");
    support::ran(&again.output().unwrap()).expect(0);
    assert_eq!(sandbox.tree("demo"), sandbox.tree("elsewhere/deep"));
}

#[test]
fn a_pack_adds_a_project_type_without_any_rust() {
    let sandbox = Sandbox::new();
    let ran =
        greeting(&sandbox, &["--auto", "--greeting-tone", "loud", "--format", "json"]).expect(0);
    let report = ran.json();
    assert_eq!(
        report["answers"]["projectType"],
        serde_json::json!({"value": "greeting", "source": "flag"})
    );
    assert_eq!(report["answers"]["times"], serde_json::json!({"value": 3, "source": "default"}));
    assert_eq!(report["notes"], serde_json::json!(["Neighbours may hear it."]));
    assert_eq!(report["commands"]["run"], serde_json::json!(["sh", "bin/demo"]));
    assert_eq!(
        sandbox.read("demo/README.md").lines().nth(2),
        Some("It is loud. {{ not rendered }}")
    );
    assert_eq!(
        sandbox.read("demo/settings.toml"),
        "# What is said.\n[greeting]\nmotto = \"hello, 'world'\"\ntimes = 3\necho = false\n"
    );
    let config = sandbox.read("demo/.scaffold/config.yml");
    assert!(
        config
            .contains("  projectType: greeting\n  greetingConfig:\n    tone: loud\n    times: 3\n"),
        "{config}"
    );
    let shown = sandbox.run(&["init", "--pack", &pack("hello"), "--help"]).expect(0);
    assert!(shown.stdout.contains("greeting:\n      --greeting-tone"), "{}", shown.stdout);
}

#[test]
fn rules_families_and_conditions_refuse_before_anything_is_written() {
    let sandbox = Sandbox::new();
    let refused = |arguments: &[&str], code: &str, words: &str| {
        let ran =
            greeting(&sandbox, &[arguments, &["--auto", "--format", "json"]].concat()).expect(2);
        let error = ran.json()["errors"][0].clone();
        assert_eq!(error["code"], code, "{error}");
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
        assert!(!sandbox.path("demo").exists());
    };
    refused(&["--greeting-tone", "calm", "--greeting-times", "6"], "rule", "at most five");
    refused(&["--greeting-tone", "calm", "--greeting-echo"], "not-asked", "tone == 'loud'");
    refused(
        &["--greeting-tone", "calm", "--pipeline-processing", "batch"],
        "contradiction",
        "data-pipeline",
    );
    refused(
        &["--greeting-tone", "calm", "--project-type", "data-pipeline"],
        "contradiction",
        "`--greeting-tone` means greeting",
    );
    refused(&["--greeting-tone", "calm", "--set", "tone=loud"], "given-twice", "2 times");
    refused(&["--greeting-tone", "calm", "--set", "tune=loud"], "unknown-field", "`tune`");
    refused(&["--greeting-tone", "calm", "--greeting-echo=maybe"], "not-asked", "--greeting-echo");
    refused(&["--greeting-tone", "loud", "--greeting-echo=maybe"], "unknown-value", "`maybe`");
    refused(
        &["--greeting-tone", "loud", "--greeting-echo", "--no-greeting-echo"],
        "given-twice",
        "2 times",
    );
    refused(
        &["--greeting-tone", "loud", "--greeting-times", "many"],
        "invalid-value",
        "whole number",
    );
    refused(
        &["--greeting-tone", "loud", "--greeting-motto", "a\u{202e}b"],
        "invalid-value",
        "U+202E",
    );
    refused(&[], "unanswered", "--project-type");
}

#[test]
fn stronger_sources_win_and_each_answer_names_its_source() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "answers.yml",
        "project: {license: MIT, author: File, greetingConfig: {tone: calm, motto: from a file}}\n",
    );
    sandbox.write(
        "../home/.config/scaffold/config.yml",
        "defaults: {author: Me, license: Apache-2.0, guides: all, times: 2}\n",
    );
    let mut command = sandbox.command(&[
        "init",
        "demo",
        "--pack",
        &pack("hello"),
        "--auto",
        "--format",
        "json",
        "--answers",
        "answers.yml",
        "--set",
        "greetingConfig.tone=loud",
        "--author",
        "Flag",
    ]);
    command.env("SCAFFOLD_SET_MOTTO", "from the environment");
    let answers = support::ran(&command.output().unwrap()).expect(0).json()["answers"].clone();
    let source = |id: &str| {
        (answers[id]["value"].clone(), answers[id]["source"].as_str().unwrap().to_owned())
    };
    assert_eq!(source("author"), ("Flag".into(), "flag".to_owned()));
    assert_eq!(source("tone"), ("loud".into(), "set".to_owned()));
    assert_eq!(source("motto"), ("from the environment".into(), "environment".to_owned()));
    assert_eq!(source("license"), ("MIT".into(), "answers-file".to_owned()));
    assert_eq!(source("guides"), ("all".into(), "user-defaults".to_owned()));
    assert_eq!(source("echo"), (false.into(), "default".to_owned()));
}

#[test]
fn an_idea_chooses_the_method_and_describes() {
    let sandbox = Sandbox::new();
    let answers = |idea: &str| {
        let ran = sandbox
            .run(&[&BATCH[..], &["--idea", idea, "--dry-run", "--format", "json"]].concat())
            .expect(0);
        let answers = ran.json()["answers"].clone();
        (answers["methodology"]["value"].clone(), answers["description"]["value"].clone())
    };
    assert_eq!(answers("A quick, dirty look"), ("mvp".into(), "A quick, dirty look".into()));
    assert_eq!(answers("quickly"), ("deep".into(), "quickly".into()));
}

/// The commands of the reference's README, each with the block that it must give.
const REFERENCE: [(&str, &str); 6] = [
    (
        "--methodology deep --project-type data-pipeline --pipeline-processing streaming --pipeline-orchestration event-driven \
         --pipeline-quality observability --pipeline-schema schema-registry",
        "  projectType: data-pipeline
  dataPipelineConfig:
    processingModel: streaming
    orchestration: event-driven
    dataQualityStrategy: observability
    schemaManagement: schema-registry
    hasDataCatalog: false
",
    ),
    (
        "--methodology mvp --project-type data-pipeline --pipeline-processing batch --pipeline-orchestration dag-based \
         --pipeline-quality validation",
        "  projectType: data-pipeline
  dataPipelineConfig:
    processingModel: batch
    orchestration: dag-based
    dataQualityStrategy: validation
    schemaManagement: none
    hasDataCatalog: false
",
    ),
    (
        "--methodology deep --project-type ml --ml-phase inference --ml-model-type llm --ml-serving realtime",
        "  projectType: ml
  mlConfig:
    projectPhase: inference
    modelType: llm
    servingPattern: realtime
    hasExperimentTracking: true
",
    ),
    (
        "--methodology mvp --project-type ml --ml-phase training --ml-model-type classical --no-ml-experiment-tracking",
        "  projectType: ml
  mlConfig:
    projectPhase: training
    modelType: classical
    servingPattern: none
    hasExperimentTracking: false
",
    ),
    (
        "--methodology deep --project-type browser-extension --ext-manifest 3 --ext-ui-surfaces popup,options \
         --ext-content-script --ext-background-worker",
        "  projectType: browser-extension
  browserExtensionConfig:
    manifestVersion: '3'
    uiSurfaces:
    - popup
    - options
    hasContentScript: true
    hasBackgroundWorker: true
",
    ),
    (
        "--methodology mvp --project-type browser-extension --ext-manifest 3 --ext-ui-surfaces devtools --no-ext-content-script",
        "  projectType: browser-extension
  browserExtensionConfig:
    manifestVersion: '3'
    uiSurfaces:
    - devtools
    hasContentScript: false
    hasBackgroundWorker: true
",
    ),
];

#[test]
fn the_commands_of_the_reference_work_unchanged() {
    for (line, block) in REFERENCE {
        let sandbox = Sandbox::new();
        let words: Vec<&str> =
            ["init", "--auto"].into_iter().chain(line.split_whitespace()).collect();
        sandbox.run(&words).expect(0);
        let config = sandbox.read(".scaffold/config.yml");
        assert!(config.starts_with("version: 2\nmethodology: "), "{config}");
        assert!(config.contains(block), "{line}\n{config}");
    }
}

#[test]
fn without_a_terminal_everything_unanswered_is_one_error() {
    let sandbox = Sandbox::new();
    let ran = greeting(&sandbox, &["--project-type", "greeting", "--format", "json"]).expect(2);
    let errors = ran.json()["errors"].as_array().unwrap().clone();
    let flags: Vec<&str> =
        errors.iter().map(|error| error["where"]["flag"].as_str().unwrap()).collect();
    assert_eq!(flags[0], "--greeting-tone", "what is required comes first");
    assert!(flags.contains(&"--license") && flags.contains(&"--greeting-motto"));
    let echo = errors.iter().find(|error| error["where"]["flag"] == "--greeting-echo").unwrap();
    assert_eq!(echo["message"], "`--greeting-echo` depends on --greeting-tone");
    assert!(!sandbox.path("demo").exists());
}

#[test]
fn people_see_what_has_a_default_in_one_line_with_the_one_flag() {
    let sandbox = Sandbox::new();
    let ran = greeting(&sandbox, &["--project-type", "greeting"]).expect(2).stderr;
    let told: Vec<&str> = ran.split("error[unanswered]: ").skip(1).collect();
    assert_eq!(told.len(), 3, "{ran}");
    assert!(told[0].starts_with("`--greeting-tone` is not answered"), "{ran}");
    assert!(told[1].starts_with("`--greeting-times` is not answered"), "{ran}");
    assert!(told[2].contains("--license, ") && told[2].contains("--greeting-echo"), "{ran}");
    assert_eq!(ran.matches("try: --auto").count(), 1, "{ran}");

    // Where defaults are refused, what lacks an answer is told by itself, and not that `--auto` would help.
    let strict = [
        "--project-type",
        "greeting",
        "--auto",
        "--strict",
        "--greeting-tone=calm",
        "--greeting-times=2",
    ];
    let ran = greeting(&sandbox, &strict).expect(2).stderr;
    assert!(ran.contains("`--strict` takes no defaults here"), "{ran}");
    assert!(!ran.contains("`--auto` takes"), "{ran}");
}

#[test]
fn a_list_that_is_given_twice_is_shown_with_commas_and_all_means_all() {
    let sandbox = Sandbox::new();
    let extras = ["--extras", "container", "--extras", "ci-github"];
    let error = sandbox.run(&[&BATCH[..], &extras].concat()).expect(2).stderr;
    assert!(error.contains("try: --extras container,ci-github"), "{error}");
    let ran = sandbox.run(&[&BATCH[..], &["--extras", "all"]].concat());
    ran.expect(0);
    for path in [".gitlab-ci.yml", "Dockerfile", ".devcontainer/devcontainer.json"] {
        assert!(sandbox.path("demo").join(path).is_file(), "{path}");
    }
    let config = sandbox.read("demo/.scaffold/config.yml");
    assert!(!config.contains("all\n") && config.contains("renovate"), "{config}");
}

#[test]
fn git_that_is_missing_or_broken_is_reported_with_the_way_around() {
    let sandbox = Sandbox::new();
    let broken = sandbox.path("gitconfig");
    std::fs::write(&broken, "[user\n").unwrap();
    let run = |arguments: &[&str], name: &str, value: &std::path::Path| {
        let mut command = sandbox.command(&[&BATCH[..], arguments].concat());
        support::ran(&command.env(name, value).output().unwrap())
    };
    let error = run(&[], "GIT_CONFIG_GLOBAL", &broken).expect(1).stderr;
    assert!(error.contains("bad config") && error.contains("try: --no-git"), "{error}");
    assert!(!sandbox.path("demo").exists());

    let ran = run(&["--no-git"], "GIT_CONFIG_GLOBAL", &broken).expect(0);
    assert!(ran.stderr.contains("git does not say who you are"), "{}", ran.stderr);
    std::fs::remove_dir_all(sandbox.path("demo")).unwrap();
    let latin = sandbox.path("latin");
    std::fs::write(&latin, b"[user]\n\tname = Jos\xe9\n").unwrap();
    let ran = run(&["--no-git"], "GIT_CONFIG_GLOBAL", &latin).expect(0);
    assert!(ran.stderr.contains("is not UTF-8"), "{}", ran.stderr);
    assert!(!sandbox.read("demo/.scaffold/config.yml").contains("Jos"));

    std::fs::remove_dir_all(sandbox.path("demo")).unwrap();
    let ran = run(&[], "PATH", std::path::Path::new("nowhere")).expect(0);
    assert!(ran.stderr.contains("git is not installed"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--no-git"), "{}", ran.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn what_differs_only_in_case_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("demo/readme.md", "mine\n");
    sandbox.write("demo/SRC/x", "");
    let ran = sandbox.run(&[&BATCH[..], &["--format", "json"]].concat()).expect(0).json();
    let warnings = ran["warnings"].to_string();
    assert!(warnings.contains("`readme.md` is there beside `README.md`"), "{warnings}");
    assert!(warnings.contains("`SRC` is there beside `src`"), "{warnings}");
    assert_eq!(ran["warnings"].as_array().unwrap().len(), 2, "{warnings}");
}

#[cfg(unix)]
#[test]
fn a_pack_is_found_in_a_folder_whose_name_is_not_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    let folder = sandbox.work().join(std::ffi::OsStr::from_bytes(b"p\xe9"));
    sandbox.write("p/pack.yml", "{name: p, version: 1.0.0, description: d}");
    sandbox.write(
        "p/overlays/p.yml",
        "{name: p, description: d, project-type: p, config-key: pConfig}",
    );
    std::fs::rename(sandbox.path("p"), &folder).unwrap();
    let mut flag = std::ffi::OsString::from("--pack=");
    flag.push(&folder);
    let mut command = sandbox.command(&["questions", "p"]);
    support::ran(&command.arg(flag).output().unwrap()).expect(0);
}

#[test]
fn files_of_the_user_are_never_overwritten_unasked() {
    let sandbox = Sandbox::new();
    sandbox.write("demo/README.md", "mine\n");
    sandbox.write("demo/.gitignore", "secrets\n");
    let ran = sandbox.run(&[&BATCH[..], &["--format", "json"]].concat()).expect(3);
    assert_eq!(ran.json()["errors"][0]["where"]["file"], "README.md");
    assert_eq!(sandbox.tree("demo").len(), 2, "nothing is written");

    let shown = sandbox.run(&[&BATCH[..], &["--dry-run"]].concat()).expect(0);
    assert!(shown.stdout.contains("README.md  (conflict"), "{}", shown.stdout);
    let diff = sandbox.run(&[&BATCH[..], &["--diff"]].concat()).expect(0);
    assert!(diff.stdout.contains("-mine\n"), "{}", diff.stdout);
    assert_eq!(sandbox.tree("demo").len(), 2, "a preview writes nothing");

    sandbox.run(&[&BATCH[..], &["--on-conflict", "beside"]].concat()).expect(0);
    assert_eq!(sandbox.read("demo/README.md"), "mine\n");
    assert!(sandbox.read("demo/README.md.scaffold-new").starts_with("# demo"));
    assert!(sandbox.read("demo/.gitignore").starts_with("secrets\n"));
}

#[test]
fn files_in_the_way_are_named_and_their_cure_once() {
    let sandbox = Sandbox::new();
    sandbox.write("demo/README.md", "mine\n");
    sandbox.write("demo/pyproject.toml", "mine = 1\n");
    let told = sandbox.run(&BATCH).expect(3).stderr;
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "error[conflict]: `README.md` exists and differs from what would be written",
            "error[conflict]: `pyproject.toml` exists and differs from what would be written",
            "  choose with --on-conflict keep, overwrite, markers or beside",
        ]
    );
}

#[test]
fn each_way_out_of_a_conflict_does_what_it_says() {
    for (how, expected) in [("keep", "mine\n"), ("overwrite", "# demo"), ("markers", "<<<<<<<")] {
        let sandbox = Sandbox::new();
        sandbox.write("demo/README.md", "mine\n");
        sandbox.run(&[&BATCH[..], &["--on-conflict", how]].concat()).expect(0);
        assert!(
            sandbox.read("demo/README.md").contains(expected),
            "{how}: {}",
            sandbox.read("demo/README.md")
        );
    }
}

#[test]
fn what_shows_the_project_at_work_comes_right_after_the_setup() {
    let words = "init demo --project-type browser-extension --auto --author A";
    let told = Sandbox::new().run(&words.split(' ').collect::<Vec<_>>()).expect(0).stderr;
    let next = told.split_once("\nNext:\n").expect("what comes next").1;
    let lines: Vec<_> = next.lines().map(str::trim).collect();
    assert_eq!(lines, ["cd demo", "npm ci", "npm run dev", "npm run package", "npm run check"]);
}

#[test]
fn files_that_need_the_user_are_named_before_any_next_command() {
    for (how, path, action, todo) in [
        ("keep", "README.md", "keep", "yours is kept"),
        ("markers", "README.md", "markers", "conflict markers"),
        ("beside", "README.md.scaffold-new", "beside", "compare it with `README.md`"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("demo/README.md", "mine\n");
        let told = sandbox.run(&[&BATCH[..], &["--on-conflict", how]].concat()).expect(0).stderr;
        let [named, next] =
            ["1 file needs your hand first:", "\nNext:"].map(|text| told.find(text));
        assert!(named.is_some() && named < next, "{told}");
        assert!(told.contains(&format!("  {path}: ")) && told.contains(todo), "{told}");

        let sandbox = Sandbox::new();
        sandbox.write("demo/README.md", "mine\n");
        let words = [&BATCH[..], &["--format", "json", "--on-conflict", how]].concat();
        let by_hand = sandbox.run(&words).expect(0).json()["by_hand"].clone();
        assert_eq!(by_hand.as_array().map(Vec::len), Some(1), "{by_hand}");
        assert_eq!([&by_hand[0]["path"], &by_hand[0]["action"]], [path, action]);
    }
    let sandbox = Sandbox::new();
    let told = sandbox.run(&BATCH).expect(0).stderr;
    assert!(!told.contains("your hand"), "{told}");
}

#[test]
fn an_initialised_folder_is_refused_and_force_starts_again_from_its_answers() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&[&BATCH[..], &["--author", "First", "--pipeline-quality", "none"]].concat())
        .expect(0);
    sandbox.write("demo/.scaffold/knowledge/mine.md", "kept\n");
    let ran = sandbox.run(&BATCH).expect(3);
    assert!(
        ran.stderr.contains("error[initialised]") && ran.stderr.contains("--force"),
        "{}",
        ran.stderr
    );

    let ran = sandbox
        .run(&[
            "init",
            "demo",
            "--auto",
            "--force",
            "--license",
            "MIT",
            "--on-conflict",
            "overwrite",
            "--format",
            "json",
        ])
        .expect(0);
    let notes = ran.json()["notes"].to_string();
    assert!(notes.contains("the earlier `.scaffold/` is kept in `.scaffold.backup/1/`"), "{notes}");
    let answers = ran.json()["answers"].clone();
    assert_eq!(answers["author"], serde_json::json!({"value": "First", "source": "previous"}));
    assert_eq!(answers["dataQualityStrategy"]["value"], "none");
    assert!(sandbox.read("demo/LICENSE").contains("First"));
    assert!(sandbox.read("demo/.scaffold.backup/1/config.yml").contains("license: none"));
    assert_eq!(sandbox.read("demo/.scaffold.backup/.gitignore"), "*\n", "git ignores the backup");
    assert_eq!(sandbox.read("demo/.scaffold/knowledge/mine.md"), "kept\n");
}

#[test]
fn keys_of_others_in_the_configuration_are_kept() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "answers.yml",
        "version: 2\nteam: data\ncustom: {steps: {tdd: {enabled: false}}, default_depth: 2}\nmethodology: custom\n\
         project:\n  budget: 7\n  projectType: data-pipeline\n  dataPipelineConfig: {processingModel: batch}\n",
    );
    let ran = sandbox.run(&["init", "demo", "--auto", "--answers", "answers.yml"]).expect(0);
    assert!(ran.stderr.contains("the key `team` is not known"), "{}", ran.stderr);
    let config = sandbox.read("demo/.scaffold/config.yml");
    for words in ["team: data", "budget: 7", "default_depth: 2", "tdd:"] {
        assert!(config.contains(words), "{words} is lost:\n{config}");
    }
}

#[test]
fn a_file_of_answers_is_read_strictly() {
    let sandbox = Sandbox::new();
    let refused = |text: &str, place: (u64, u64), words: &str| {
        sandbox.write("a.yml", text);
        let error = sandbox
            .run(&["init", "demo", "--auto", "--answers", "a.yml", "--format", "json"])
            .expect(2)
            .json()["errors"][0]
            .clone();
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
        assert_eq!(
            (error["where"]["line"].as_u64(), error["where"]["column"].as_u64()),
            (Some(place.0), Some(place.1)),
            "{error}"
        );
    };
    refused("version: 3\n", (1, 1), "version: 2");
    refused(
        "project:\n  dataPipelineConfig:\n    procesingModel: batch\n",
        (3, 5),
        "unknown key `procesingModel`",
    );
    refused("project:\n  dataPipelineConfig:\n    processingModel: bacth\n", (3, 5), "`bacth`");
    refused("project:\n  projectType: banana\n", (2, 3), "`banana` is not a project type");
    refused("project:\n  name: {a: b}\n", (2, 3), "no answer");
}

#[test]
fn root_makes_parents_and_git_is_left_out_where_it_must_be() {
    let sandbox = Sandbox::new();
    sandbox.run(&[&BATCH[..], &["--root", "a/b"]].concat()).expect(0);
    assert!(sandbox.path("a/b/demo/.git").is_dir());
    sandbox.run(&["init", "a/b/demo/inner", "--auto", "--pipeline-processing", "batch"]).expect(0);
    assert!(!sandbox.path("a/b/demo/inner/.git").exists(), "no repository inside a repository");
    sandbox
        .run(&["init", "plain", "--auto", "--pipeline-processing", "batch", "--no-git"])
        .expect(0);
    assert!(!sandbox.path("plain/.git").exists());
}

#[test]
fn a_destination_that_cannot_be_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "x\n");
    for destination in ["file", "file/below"] {
        let ran = sandbox
            .run(&[
                "init",
                destination,
                "--auto",
                "--pipeline-processing",
                "batch",
                "--format",
                "json",
            ])
            .expect(2);
        assert_eq!(ran.json()["errors"][0]["code"], "bad-destination");
    }
    assert_eq!(sandbox.tree("").len(), 1);
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_followed_to_folders_and_never_out_of_one() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("real")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("real"), sandbox.path("demo")).unwrap();
    sandbox.run(&BATCH).expect(0);
    assert!(sandbox.path("real/README.md").exists());

    std::fs::create_dir_all(sandbox.path("trap")).unwrap();
    std::fs::create_dir_all(sandbox.path("outside")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("outside"), sandbox.path("trap/src")).unwrap();
    let ran = sandbox.run(&[
        "init",
        "trap",
        "--auto",
        "--pipeline-processing",
        "batch",
        "--on-conflict",
        "overwrite",
    ]);
    assert!(ran.status == 2 || ran.status == 3, "{}", ran.stderr);
    assert!(sandbox.tree("outside").is_empty());
    std::os::unix::fs::symlink(sandbox.path("nowhere"), sandbox.path("dangling")).unwrap();
    sandbox.run(&["init", "dangling", "--auto", "--pipeline-processing", "batch"]).expect(2);
}

#[test]
fn hostile_names_stay_text() {
    let sandbox = Sandbox::new();
    for name in [
        "\"; import os; \"",
        "{{ 7*7 }}",
        "$(touch owned)",
        "`id`",
        "a'b\"c",
        "*bold* <script>",
        "class",
        "日本",
        "#x",
        "-x",
    ] {
        let ran = sandbox.run(&[
            "init",
            "demo",
            "--auto",
            "--pipeline-processing",
            "batch",
            &format!("--name={name}"),
            &format!("--description={name}"),
            &format!("--author={name}"),
            "--license",
            "MIT",
        ]);
        if ran.status == 2 {
            assert!(ran.stderr.contains("--name"), "{}", ran.stderr);
            continue;
        }
        let pyproject: toml_edit::DocumentMut =
            sandbox.read("demo/pyproject.toml").parse().unwrap();
        assert_eq!(pyproject["project"]["description"].as_str(), Some(name));
        std::fs::remove_dir_all(sandbox.path("demo")).unwrap();
    }
}

#[test]
fn a_project_beside_a_repository_is_not_in_it() {
    let sandbox = Sandbox::new();
    sandbox.repository("repo");
    let words = ["init", "../beside", "--auto", "--pipeline-processing", "batch"];
    let mut command = sandbox.command(&words);
    ran(&command.current_dir(sandbox.path("repo")).output().unwrap()).expect(0);
    assert!(sandbox.path("beside/.scaffold/config.yml").exists());
    assert!(sandbox.path("beside/.git").exists(), "a repository of its own");
    assert!(sandbox.tree("repo").is_empty(), "nothing is written to the other");
}

#[test]
fn projects_in_one_repository_have_their_ci_at_its_root_and_never_collide() {
    let sandbox = Sandbox::new();
    sandbox.repository("repo");
    for name in ["orders", "items"] {
        let folder = format!("repo/services/{name}");
        let words =
            ["init", &folder, "--auto", "--pipeline-processing", "batch", "--format", "json"];
        let document = sandbox.run(&words).expect(0).json();
        let paths: Vec<&str> = document["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["path"].as_str().unwrap())
            .collect();
        let workflow = format!("../../.github/workflows/services.{name}.yml");
        assert!(paths.contains(&workflow.as_str()) && paths.contains(&"README.md"), "{paths:?}");
    }
    let tree = sandbox.tree("repo");
    let outside: Vec<&String> = tree.keys().filter(|path| !path.starts_with("services/")).collect();
    assert_eq!(
        outside,
        [".github/workflows/services.items.yml", ".github/workflows/services.orders.yml"]
    );
    assert!(!tree.keys().any(|path| path.starts_with("services/orders/.github")));
    let workflow = sandbox.read("repo/.github/workflows/services.orders.yml");
    assert!(workflow.contains("- \"services/orders/**\"\n"), "{workflow}");
    assert!(workflow.contains("working-directory: services/orders\n"), "{workflow}");

    // A file of the user at the root is a conflict like any other, and then nothing is written.
    sandbox.write("repo/.github/workflows/mine.yml", "mine\n");
    let words = ["init", "repo/mine", "--auto", "--pipeline-processing", "batch"];
    let refused = sandbox.run(&words).expect(3).stderr;
    assert!(refused.contains("`.github/workflows/mine.yml` exists and differs"), "{refused}");
    assert!(!sandbox.path("repo/mine").exists());

    // Starting again keeps a backup in the project's folder.
    let words = ["init", "repo/services/orders", "--auto", "--force", "--license", "MIT"];
    let words = [&words[..], &["--on-conflict", "overwrite"]].concat();
    sandbox.run(&words).expect(0);
    assert!(sandbox.path("repo/services/orders/.scaffold.backup/1/config.yml").exists());
    assert!(sandbox.path("repo/services/orders/LICENSE").exists());
    assert!(!sandbox.path("repo/.scaffold").exists());

    let words = ["init", "repo/my service", "--auto", "--pipeline-processing", "batch"];
    let warned = sandbox.run(&words).expect(0).stderr;
    assert!(warned.contains("warning") && warned.contains("my service"), "{warned}");
}

#[test]
fn a_member_of_a_workspace_has_the_lock_of_its_root() {
    let sandbox = Sandbox::new();
    sandbox.repository("r");
    sandbox.write("r/package.json", r#"{"workspaces": ["packages/*"]}"#);
    let init = ["--auto", "--project-type", "browser-extension"];
    let told = sandbox.run(&[&["init", "r/packages/a"], &init[..]].concat()).expect(0).stderr;
    assert!(told.contains("npm install") && !told.contains("npm ci"), "{told}");
    assert!(!sandbox.path("r/packages/a/package-lock.json").exists());
    let workflow = sandbox.read("r/.github/workflows/packages.a.yml");
    assert!(workflow.contains("run: npm ci\n        working-directory: .\n"), "{workflow}");
    assert!(workflow.contains("branches: [\"**\"]"), "{workflow}");
    let release = sandbox.read("r/.github/workflows/packages.a-release.yml");
    assert!(release.contains("name: Release of packages/a\n"), "{release}");
    assert!(release.contains("tags: [\"packages-a-v*\"]"), "{release}");
    assert!(release.contains("path: packages/a/.output/*.zip\n"), "{release}");
    sandbox.run(&[&["init", "r/other"], &init[..]].concat()).expect(0);
    assert!(sandbox.path("r/other/package-lock.json").exists());
}

#[cfg(unix)]
#[test]
fn a_path_in_which_no_such_project_works_is_refused_with_the_reason() {
    let sandbox = Sandbox::new();
    for (folder, why) in [
        ("a:b/x", "it separates the folders of `PATH`"),
        ("a#b/x", "end the path there"),
        ("x_feature%2Ftax", "the start of another letter"),
        ("a\\b", "Node.js refuses to import from it"),
    ] {
        let init = ["init", folder, "--auto", "--project-type", "browser-extension"];
        let told = sandbox.run(&init).expect(2).stderr;
        assert_eq!(told.matches("error[").count(), 1, "{told}");
        assert!(told.contains(why), "{told}");
    }
}
