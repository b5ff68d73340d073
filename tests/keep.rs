//! A repository follows other answers and a new version of its pack, and no line of the user's is lost.

mod support;

use std::fs;
use support::Sandbox;

const PIPELINE: [&str; 8] = [
    "--project-type",
    "data-pipeline",
    "--auto",
    "--author",
    "A",
    "--no-git",
    "--pipeline-processing",
    "batch",
];

fn init(sandbox: &Sandbox, folder: &str, more: &[&str]) {
    let words = [&["init", folder, "--name", "demo"], &PIPELINE[..], more].concat();
    sandbox.run(&words).expect(0);
}

/// Runs a command in the folder of a project.
fn within(sandbox: &Sandbox, folder: &str, words: &[&str]) -> support::Ran {
    let output = sandbox.command(words).current_dir(sandbox.path(folder)).output().unwrap();
    support::ran(&output)
}

#[test]
fn set_gives_what_init_would_have_given_and_back_again() {
    let steps: [(&[&str], &str); 4] = [
        (&["--pipeline-orchestration", "dag-based"], "orchestration=none"),
        (&["--license", "MIT"], "license=none"),
        (&["--extras", "none"], "extras=ci-github"),
        (&["--guides", "none"], "guides=core"),
    ];
    for (step, back) in steps {
        let sandbox = Sandbox::new();
        init(&sandbox, "a", &[]);
        let before = sandbox.tree("a");
        init(&sandbox, "b", step);
        within(&sandbox, "a", &[&["set"], step].concat()).expect(0);
        assert_eq!(sandbox.tree("a"), sandbox.tree("b"), "{step:?}");
        let checked = within(&sandbox, "a", &["check", "--strict"]).expect(0);
        assert!(checked.stdout.contains("everything is as it was generated"), "{}", checked.stdout);
        within(&sandbox, "a", &["set", back]).expect(0);
        assert_eq!(sandbox.tree("a"), before, "{step:?}, and back");
    }
}

#[test]
fn any_answers_follow_any_others() {
    let sandbox = Sandbox::new();
    let listed = sandbox.run(&["pack", "test", "--pairwise", "--format", "json"]).expect(0).json();
    let flags = |configuration: &serde_json::Value| -> (String, Vec<String>) {
        let words = configuration["command"].as_array().unwrap().iter().skip(3);
        let mut words: Vec<String> = words.map(|word| word.as_str().unwrap().to_owned()).collect();
        words.retain(|word| word != "--auto");
        let at = words.iter().position(|word| word == "--project-type").unwrap();
        let project_type = words.drain(at..at + 2).next_back().unwrap();
        (project_type, words)
    };
    let all: Vec<_> = listed["configurations"].as_array().unwrap().iter().map(flags).collect();
    // The same pairs each time, so that no commit fails by the draw.
    for from in (0..all.len()).step_by(9) {
        let (project_type, first) = &all[from];
        let Some((_, second)) = all.iter().skip(from + 5).find(|(other, _)| other == project_type)
        else {
            continue;
        };
        let sandbox = Sandbox::new();
        for (folder, answers) in [("a", first), ("b", second)] {
            let mut words = vec!["init", folder, "--name", "demo", "--project-type", project_type];
            words.extend(["--auto", "--author", "A", "--no-git"]);
            words.extend(answers.iter().map(String::as_str));
            sandbox.run(&words).expect(0);
        }
        let set: Vec<&str> =
            std::iter::once("set").chain(second.iter().map(String::as_str)).collect();
        within(&sandbox, "a", &set).expect(0);
        assert_eq!(sandbox.tree("a"), sandbox.tree("b"), "{first:?} => {second:?}");
    }
}

#[test]
fn lines_of_the_user_stay_and_what_was_removed_stays_away() {
    let sandbox = Sandbox::new();
    init(&sandbox, "a", &[]);
    let project = sandbox.read("a/pyproject.toml");
    let edited =
        project.replacen("dependencies = [\n", "dependencies = [\n    \"mine==1.0\",  # mine\n", 1);
    assert_ne!(edited, project);
    sandbox.write("a/pyproject.toml", &edited);
    sandbox.write("a/README.md", &(sandbox.read("a/README.md") + "\nMy line.\n"));
    sandbox.write("a/.gitignore", &(sandbox.read("a/.gitignore") + "mine/\n"));
    fs::remove_file(sandbox.path("a/pipeline.toml")).unwrap();
    let before = sandbox.tree("a");

    let checked =
        within(&sandbox, "a", &["check", "--strict", "--format", "json"]).expect(4).json();
    assert_eq!(checked["edited"], serde_json::json!([".gitignore", "README.md", "pyproject.toml"]));
    assert_eq!(checked["deleted"], serde_json::json!(["pipeline.toml"]));

    let set = ["set", "--pipeline-orchestration", "dag-based"];
    let refused = within(&sandbox, "a", &set).expect(3).stderr;
    assert!(refused.contains("changes that are in no commit"), "{refused}");
    assert_eq!(sandbox.tree("a"), before, "nothing is written");

    let told = within(&sandbox, "a", &[&set[..], &["--allow-dirty"]].concat()).expect(0).stderr;
    assert!(told.contains("`pipeline.toml` stays away"), "{told}");
    let project = sandbox.read("a/pyproject.toml");
    assert!(
        project.contains("\"mine==1.0\",  # mine\n") && project.contains("\"dagster"),
        "{project}"
    );
    assert!(sandbox.read("a/README.md").ends_with("\nMy line.\n"));
    let ignored = sandbox.read("a/.gitignore");
    assert!(ignored.contains("mine/\n") && ignored.contains(".dagster"), "{ignored}");
    assert!(!sandbox.path("a/pipeline.toml").exists());
}

/// Whether git did it in a folder.
fn git(sandbox: &Sandbox, folder: &str, words: &[&str]) -> bool {
    let mut git = std::process::Command::new("git");
    let who = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    let output = git.args(who).args(words).current_dir(sandbox.path(folder)).output().unwrap();
    output.status.success()
}

/// Commits all that git takes in a folder.
fn commit(sandbox: &Sandbox, folder: &str) {
    for words in [
        &["init", "--quiet", "--initial-branch", "main"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message", "all"],
    ] {
        assert!(git(sandbox, folder, words), "{words:?}");
    }
}

/// Git stores them without, so it says that nothing has changed, and nothing could be committed.
#[test]
fn line_ends_of_windows_are_no_changes_in_no_commit() {
    let sandbox = Sandbox::new();
    init(&sandbox, "a", &[]);
    commit(&sandbox, "a");
    let own = sandbox.read("a/README.md").replace('\n', "\r\n") + "Mine.\r\n";
    sandbox.write("a/README.md", &own);
    let set = ["set", "--pipeline-orchestration", "dag-based"];
    let refused = within(&sandbox, "a", &set).expect(3).stderr;
    assert!(refused.contains("`README.md` has changes that are in no commit"), "{refused}");
    commit(&sandbox, "a");
    within(&sandbox, "a", &set).expect(0);
    let merged = sandbox.read("a/README.md");
    assert!(merged.contains("Dagster") && merged.contains("Mine.\r\n"), "{merged}");
    assert_eq!(merged.matches('\n').count(), merged.matches("\r\n").count(), "mixed line ends");
}

/// Who ignores `.env*` or `docs/` everywhere cannot commit them.
#[test]
fn what_git_ignores_and_nobody_edited_stops_no_update() {
    let sandbox = Sandbox::new();
    init(&sandbox, "a", &[]);
    sandbox.write("a/.git/info/exclude", "README.md\n");
    commit(&sandbox, "a");
    let set = ["set", "--pipeline-orchestration", "dag-based"];
    within(&sandbox, "a", &set).expect(0);
    assert!(sandbox.read("a/README.md").contains("Dagster"));
    sandbox.write("a/README.md", &(sandbox.read("a/README.md") + "Mine.\n"));
    commit(&sandbox, "a");
    let refused = within(&sandbox, "a", &["set", "--pipeline-orchestration", "none"]).expect(3);
    assert!(refused.stderr.contains("`README.md` has changes that are in no commit"));
}

#[test]
fn what_both_changed_is_a_conflict_and_each_way_out_does_what_it_says() {
    let conflicting = || {
        let sandbox = Sandbox::new();
        init(&sandbox, "a", &["--description", "Orders"]);
        let readme = sandbox.read("a/README.md");
        sandbox.write("a/README.md", &readme.replacen("\nOrders\n", "\nMy orders\n", 1));
        sandbox
    };
    let set = ["set", "--description", "All orders", "--allow-dirty"];
    let sandbox = conflicting();
    let before = sandbox.tree("a");
    let ran = within(&sandbox, "a", &[&set[..], &["--format", "json"]].concat()).expect(3);
    assert_eq!(ran.json()["errors"][0]["where"]["file"], "README.md");
    assert_eq!(sandbox.tree("a"), before, "nothing is written");
    for (how, holds) in [("keep", "My orders"), ("overwrite", "All orders"), ("markers", "|||||||")]
    {
        let sandbox = conflicting();
        within(&sandbox, "a", &[&set[..], &["--on-conflict", how]].concat()).expect(0);
        let readme = sandbox.read("a/README.md");
        assert!(readme.contains(holds), "{how}: {readme}");
    }
    let sandbox = conflicting();
    let told =
        within(&sandbox, "a", &[&set[..], &["--on-conflict", "beside"]].concat()).expect(0).stderr;
    assert!(sandbox.path("a/README.md.scaffold-new").exists());
    assert!(told.contains("your hand first"), "{told}");
}

/// A repository made of a copy of a pack, beside that copy.
fn greeted() -> Sandbox {
    let sandbox = Sandbox::new();
    copy(std::path::Path::new(&support::pack("hello")), &sandbox.path("pack"));
    let words = [
        "init",
        "a",
        "--pack",
        "pack",
        "--project-type",
        "greeting",
        "--greeting-tone",
        "calm",
        "--greeting-times",
        "1",
        "--auto",
        "--author",
        "A",
        "--no-git",
    ];
    sandbox.run(&words).expect(0);
    sandbox
}

/// Also where capitals make no other name, as with TMPDIR on such a file system: the old file must not be taken for the new.
#[test]
fn a_new_name_that_differs_in_capitals_alone_is_followed_with_the_edits() {
    for edit in ["", "\nMy line.\n"] {
        let sandbox = greeted();
        let edited = sandbox.read("a/README.md") + edit;
        sandbox.write("a/README.md", &edited);
        let template = first_template(&sandbox.path("pack/templates"));
        let name = template.file_name().unwrap().to_string_lossy().replace("README", "Readme");
        let aside = template.with_file_name("aside");
        fs::rename(&template, &aside).unwrap();
        fs::rename(&aside, template.with_file_name(name)).unwrap();
        let update = ["update", "--pack", "../pack", "--allow-dirty"];
        within(&sandbox, "a", &update).expect(0);
        let tree = sandbox.tree("a");
        assert!(!tree.contains_key("README.md"), "{:?}", tree.keys());
        assert_eq!(tree.get("Readme.md").map(Vec::as_slice), Some(edited.as_bytes()));
        within(&sandbox, "a", &update).expect(0);
        assert_eq!(sandbox.tree("a"), tree, "twice is once");
        let check = ["check", "--strict", "--pack", "../pack"];
        within(&sandbox, "a", &check).expect(if edit.is_empty() { 0 } else { 4 });
        within(&sandbox, "a", &["update", "--abort"]).expect(0);
        assert_eq!(sandbox.read("a/README.md"), edited);
    }
}

/// Two branches with other answers each, joined; whether git found no conflict.
fn two_branches(sandbox: &Sandbox, here: &str, there: &str) -> bool {
    init(sandbox, "a", &[]);
    commit(sandbox, "a");
    assert!(git(sandbox, "a", &["branch", "other"]));
    for (branch, answer) in [("other", there), ("main", here)] {
        assert!(git(sandbox, "a", &["switch", "--quiet", branch]));
        within(sandbox, "a", &["set", answer]).expect(0);
        commit(sandbox, "a");
    }
    git(sandbox, "a", &["merge", "--quiet", "--no-edit", "other"])
}

#[test]
fn two_branches_with_other_answers_are_joined_by_git_and_made_whole_by_an_update() {
    let sandbox = Sandbox::new();
    init(&sandbox, "b", &["--license", "MIT", "--guides", "none"]);
    assert!(two_branches(&sandbox, "license=MIT", "guides=none"), "git found conflicts");

    let told = within(&sandbox, "a", &["check"]).expect(0);
    assert!(told.stderr.contains("holds the lines of two branches"), "{}", told.stderr);
    within(&sandbox, "a", &["update"]).expect(0);
    assert_eq!(sandbox.tree("a"), sandbox.tree("b"));
    let told = within(&sandbox, "a", &["check", "--strict"]).expect(0);
    assert!(told.stdout.contains("everything is as it was generated"), "{}", told.stdout);
}

/// Who keeps both sides of a conflict has them in another order than the update would bring them in.
#[test]
fn a_conflict_of_two_branches_that_was_resolved_either_way_brings_no_line_twice() {
    let keep_both = |text: &str| {
        let markers = ["<<<<<<< ", "=======\n", ">>>>>>> "];
        let kept = text.split_inclusive('\n');
        let kept = kept.filter(|line| !markers.iter().any(|marker| line.starts_with(marker)));
        kept.collect::<String>()
    };
    for way in ["both", "--ours", "--theirs"] {
        let sandbox = Sandbox::new();
        init(&sandbox, "b", &["--pipeline-orchestration", "dag-based", "--pipeline-catalog"]);
        assert!(!two_branches(&sandbox, "orchestration=dag-based", "hasDataCatalog=true"));
        let conflicts = [".gitignore", "README.md", "src/demo/cli.py"];
        for file in conflicts {
            let path = format!("a/{file}");
            assert!(sandbox.read(&path).contains("\n<<<<<<< "), "{file}");
            if way == "both" {
                sandbox.write(&path, &keep_both(&sandbox.read(&path)));
            } else {
                assert!(git(&sandbox, "a", &["checkout", "--quiet", way, file]));
            }
        }
        sandbox.write("a/pyproject.toml", &(sandbox.read("a/pyproject.toml") + "# Mine.\n"));
        commit(&sandbox, "a");
        within(&sandbox, "a", &["update"]).expect(0);
        let mut expected = sandbox.tree("b");
        expected.get_mut("pyproject.toml").unwrap().extend(b"# Mine.\n");
        assert_eq!(sandbox.tree("a"), expected, "{way}");
    }
}

#[test]
fn of_two_joined_lines_about_an_edited_file_the_one_counts_whose_object_is_there() {
    let sandbox = Sandbox::new();
    init(&sandbox, "a", &[]);
    let lock = "a/.scaffold/lock";
    let before = sandbox.read(lock);
    within(&sandbox, "a", &["set", "orchestration=scheduled"]).expect(0);
    // The other branch had the file as it was, and git has taken its object away.
    let now = sandbox.read(lock);
    let other = before.lines().find(|line| line.ends_with(" README.md")).unwrap();
    assert!(!now.contains(other), "both branches have the same file");
    sandbox.write(lock, &now.replacen("file ", &format!("{other}\nfile "), 1));
    sandbox.write("a/README.md", &(sandbox.read("a/README.md") + "\nMy line.\n"));
    let told = within(&sandbox, "a", &["check"]).expect(0);
    assert_eq!(told.stdout, "edited    README.md\nno update is at hand\n");
    within(&sandbox, "a", &["update"]).expect(0);
    assert!(sandbox.read("a/README.md").ends_with("\nMy line.\n"));
    assert_eq!(sandbox.read(lock), now);
}

#[test]
fn a_new_version_of_a_pack_is_followed() {
    let sandbox = greeted();
    let template = first_template(&sandbox.path("pack/templates"));
    let text = fs::read_to_string(&template).unwrap();
    fs::write(&template, format!("{text}\nA line of the new version.\n")).unwrap();
    let checked = within(&sandbox, "a", &["check", "--pack", "../pack"]).expect(0).stdout;
    assert!(checked.contains("`scaffold update` would change 1 file"), "{checked}");
    let preview =
        within(&sandbox, "a", &["diff", "--update", "--pack", "../pack"]).expect(0).stdout;
    assert!(preview.contains("+A line of the new version."), "{preview}");
    within(&sandbox, "a", &["update", "--pack", "../pack"]).expect(0);
    let checked =
        within(&sandbox, "a", &["check", "--strict", "--pack", "../pack"]).expect(0).stdout;
    assert!(checked.contains("nothing newer is at hand"), "{checked}");
    let before = sandbox.tree("a");
    within(&sandbox, "a", &["update", "--pack", "../pack"]).expect(0);
    assert_eq!(sandbox.tree("a"), before, "twice is once");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().flatten() {
        let place = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(place).unwrap();
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

fn first_template(folder: &std::path::Path) -> std::path::PathBuf {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let mut templates = files.filter(|e| e.file_name().to_string_lossy().starts_with("README.md"));
    templates.next().expect("the pack has a README").into_path()
}

#[test]
fn a_gitignore_that_was_there_is_no_edit_and_follows() {
    let sandbox = Sandbox::new();
    sandbox.write("a/.gitignore", "mine/\n");
    init(&sandbox, "a", &[]);
    let checked = within(&sandbox, "a", &["check", "--strict"]).expect(0).stdout;
    assert!(checked.contains("everything is as it was generated"), "{checked}");
    within(&sandbox, "a", &["set", "--pipeline-orchestration", "dag-based"]).expect(0);
    let ignored = sandbox.read("a/.gitignore");
    assert!(ignored.starts_with("mine/\n") && ignored.contains(".dagster"), "{ignored}");
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let sandbox = Sandbox::new();
    init(&sandbox, "a", &[]);
    let before = sandbox.tree("a");
    let words = ["set", "projectType=ml", "projectPhase=both", "servingPattern=none"];
    let told = within(&sandbox, "a", &words).expect(2).stderr;
    assert!(told.contains("a repository keeps its project type"), "{told}");
    let told = within(&sandbox, "a", &["diff", "READMY.md"]).expect(2).stderr;
    assert!(told.contains("did you mean `README.md`?"), "{told}");
    let preview = within(&sandbox, "a", &["set", "--license", "MIT", "--diff"]).expect(0).stdout;
    assert!(preview.contains("+++ b/LICENSE") && !preview.contains("pristine"), "{preview}");
    assert_eq!(sandbox.tree("a"), before);
}

#[test]
fn a_damaged_past_is_told_with_its_place() {
    let sandbox = Sandbox::new();
    init(&sandbox, "a", &[]);
    let lock = sandbox.read("a/.scaffold/lock");
    for (text, expected) in [
        (lock.replace("lock 1", "lock 9"), "a newer version of scaffold wrote this lock"),
        (lock.replacen("file -", "file ?", 1), "this names no file"),
        (format!("<<<<<<< HEAD\n{lock}"), "a conflict marker of git"),
    ] {
        sandbox.write("a/.scaffold/lock", &text);
        let told = within(&sandbox, "a", &["check"]).expect(2).stderr;
        assert!(told.contains(expected), "{told}");
    }
    fs::remove_file(sandbox.path("a/.scaffold/lock")).unwrap();
    let told = within(&sandbox, "a", &["update"]).expect(2).stderr;
    assert!(told.contains("nobody knows what was generated"), "{told}");
    sandbox.write("a/.scaffold/lock", &lock);
    sandbox.write("a/README.md", "mine\n");
    fs::remove_dir_all(sandbox.path("a/.scaffold/pristine")).unwrap();
    let told = within(&sandbox, "a", &["diff"]).expect(2).stderr;
    assert!(told.contains("is missing"), "{told}");
}

#[test]
fn an_update_is_undone_as_long_as_nothing_was_edited_since() {
    let sandbox = Sandbox::new();
    init(&sandbox, "a", &[]);
    sandbox.write("a/README.md", &(sandbox.read("a/README.md") + "\nMy line.\n"));
    let before = sandbox.tree("a");
    let set = ["set", "--pipeline-orchestration", "dag-based", "--allow-dirty"];
    within(&sandbox, "a", &set).expect(0);
    let after = sandbox.tree("a");
    sandbox.write("a/README.md", &(sandbox.read("a/README.md") + "Another.\n"));
    let refused = within(&sandbox, "a", &["update", "--abort"]).expect(3).stderr;
    assert!(refused.contains("`README.md` was changed since the update"), "{refused}");
    let mine = sandbox.read("a/README.md").replace("Another.\n", "");
    sandbox.write("a/README.md", &mine);
    assert_eq!(sandbox.tree("a"), after, "nothing was undone");
    within(&sandbox, "a", &["update", "--abort", "--dry-run"]).expect(0);
    assert_eq!(sandbox.tree("a"), after, "a preview undoes nothing");
    within(&sandbox, "a", &["update", "--abort"]).expect(0);
    assert_eq!(sandbox.tree("a"), before);
    let none = within(&sandbox, "a", &["update", "--abort"]).expect(3).stderr;
    assert!(none.contains("no update is known here"), "{none}");
    within(&sandbox, "a", &["update", "--abort", "--set", "license=MIT"]).expect(2);
}

#[test]
fn an_answer_that_is_none_any_more_is_an_error_until_another_is_given() {
    let sandbox = Sandbox::new();
    init(&sandbox, "a", &["--license", "MIT"]);
    let config = sandbox.read("a/.scaffold/config.yml");
    sandbox.write("a/.scaffold/config.yml", &config.replace("license: MIT", "license: MITT"));
    let before = sandbox.tree("a");
    for words in [&["update", "--on-conflict", "overwrite"][..], &["set", "description=x"]] {
        let told = within(&sandbox, "a", &[words, &["--allow-dirty"]].concat()).expect(2).stderr;
        assert!(told.contains("`MITT`") && told.contains("did you mean `MIT`?"), "{told}");
        assert!(told.contains(".scaffold/config.yml:"), "{told}");
        assert_eq!(sandbox.tree("a"), before, "nothing is written");
    }
    let set = ["set", "--license", "Apache-2.0", "--allow-dirty", "--on-conflict", "overwrite"];
    let told = within(&sandbox, "a", &set).expect(0).stderr;
    assert!(!told.contains("MITT"), "{told}");
    assert!(sandbox.read("a/LICENSE").contains("Apache"));
}

#[test]
fn what_a_package_tool_wrote_since_stays_and_the_command_that_makes_it_fit_is_told() {
    let sandbox = Sandbox::new();
    let words = ["init", "a", "--project-type", "browser-extension", "--auto", "--author", "A"];
    sandbox.run(&words).expect(0);
    let set = ["set", "--license", "MIT", "--allow-dirty"];
    let told = within(&sandbox, "a", &set).expect(0).stderr;
    assert!(sandbox.read("a/package-lock.json").contains("\"license\": \"MIT\",\n"));
    assert!(!told.contains("--package-lock-only"), "{told}");
    let lock = sandbox.read("a/package-lock.json");
    let lock = lock.replacen("\"lockfileVersion\": 3", "\"lockfileVersion\": 4", 1);
    sandbox.write("a/package-lock.json", &lock);
    let set = ["set", "--license", "Apache-2.0", "--allow-dirty"];
    let told = within(&sandbox, "a", &set).expect(0).stderr;
    assert_eq!(sandbox.read("a/package-lock.json"), lock);
    assert!(told.contains("`package-lock.json` stays as your package tool wrote it"), "{told}");
    let next = told.split_once("Next:\n").expect("next commands").1;
    assert!(next.trim_start().starts_with("npm install --package-lock-only\n"), "{told}");
}

#[test]
fn what_is_its_owners_is_no_drift_and_is_not_updated_once_touched() {
    let sandbox = Sandbox::new();
    let pack = |text: &str, sample: &str| {
        sandbox
            .write("pack/pack.yml", "format: 1\nname: mine\nversion: 1.0.0\ndescription: Mine\n");
        let overlay = "name: small\ndescription: Small\nproject-type: small\nyours: ['data/*']\nlayers: [small]\n";
        sandbox.write("pack/overlays/small.yml", overlay);
        sandbox.write("pack/templates/small/README.md", text);
        sandbox.write("pack/templates/small/data/a.csv", sample);
        sandbox.write("pack/templates/small/data/b.csv", sample);
    };
    pack("# one\n", "1\n");
    let words = ["init", "a", "--name", "demo", "--pack", "pack", "--project-type", "small"];
    sandbox.run(&[&words[..], &["--auto", "--author", "A"]].concat()).expect(0);
    let pack_folder = sandbox.path("pack").display().to_string();
    let run = |words: &[&str]| within(&sandbox, "a", &[words, &["--pack", &pack_folder]].concat());
    sandbox.write("a/data/a.csv", "mine\n");
    sandbox.write("a/added.md", "mine\n");
    pack("# two\n", "2\n");
    let page = sandbox.path("page.md");
    let checked = sandbox
        .command(&["check", "--format", "json", "--pack", &pack_folder])
        .current_dir(sandbox.path("a"))
        .env("GITHUB_STEP_SUMMARY", &page)
        .output()
        .unwrap();
    let checked = support::ran(&checked).expect(0).json();
    assert_eq!(checked["edited"], serde_json::json!([]));
    assert_eq!(checked["added"], serde_json::json!(["added.md"]));
    assert_eq!(checked["update"], serde_json::json!(["README.md"]));
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("| update | `README.md` |"), "{page}");
    let left = "left as it is: `data/a.csv`, `data/b.csv`;";
    let told = run(&["update", "--dry-run"]).expect(0).stderr;
    assert!(told.contains(left) && told.contains("`scaffold diff --update PATH`"), "{told}");
    assert!(run(&["diff", "--update", "data/b.csv"]).expect(0).stdout.contains("+2"));
    let told = run(&["update", "--allow-dirty"]).expect(0).stderr;
    assert!(told.contains(left) && told.contains("`scaffold diff PATH`"), "{told}");
    assert!(run(&["diff", "data/b.csv"]).expect(0).stdout.contains("-2\n+1"));
    assert_eq!(sandbox.read("a/README.md"), "# two\n");
    assert_eq!(sandbox.read("a/data/a.csv") + &sandbox.read("a/data/b.csv"), "mine\n1\n");
    assert!(run(&["check", "--strict"]).expect(0).stdout.contains("added     added.md"));
    // Git knows a file until its removal is committed.
    let mut git = std::process::Command::new("git");
    let added = git.args(["add", "--", "added.md"]).current_dir(sandbox.path("a")).status();
    assert!(added.unwrap().success());
    fs::remove_file(sandbox.path("a/added.md")).unwrap();
    assert!(!run(&["check"]).expect(0).stdout.contains("added.md"));
}

#[test]
fn what_the_user_did_to_a_file_that_moves_is_done_there() {
    let sandbox = Sandbox::new();
    let body = "one\ntwo\nthree\nfour\nfive\nsix\n";
    let pack = |path: &str, text: &str| {
        sandbox
            .write("pack/pack.yml", "format: 1\nname: mine\nversion: 1.0.0\ndescription: Mine\n");
        let overlay = "name: small\ndescription: Small\nproject-type: small\nlayers: [small]\n";
        sandbox.write("pack/overlays/small.yml", overlay);
        let _ = fs::remove_dir_all(sandbox.path("pack/templates"));
        sandbox.write("pack/templates/small/README.md", "# demo\n");
        sandbox.write(&format!("pack/templates/small/{path}"), text);
    };
    for (folder, edit, expected) in [
        (
            "edited",
            Some("one\ntwo\nmine\nthree\nfour\nfive\nsix\n"),
            Some("one\ntwo\nmine\nthree\nfour\nfive\nSIX\n"),
        ),
        ("untouched", Some(body), Some("one\ntwo\nthree\nfour\nfive\nSIX\n")),
        ("deleted", None, None),
    ] {
        pack("old/a.txt", body);
        let words = ["init", folder, "--name", "demo", "--pack", "pack", "--project-type", "small"];
        sandbox.run(&[&words[..], &["--auto", "--author", "A", "--no-git"]].concat()).expect(0);
        match edit {
            Some(text) => sandbox.write(&format!("{folder}/old/a.txt"), text),
            None => fs::remove_file(sandbox.path(&format!("{folder}/old/a.txt"))).unwrap(),
        }
        pack("new/b.txt", &body.replace("six", "SIX"));
        let pack_folder = sandbox.path("pack").display().to_string();
        let update = ["update", "--allow-dirty", "--pack", &pack_folder];
        within(&sandbox, folder, &update).expect(0);
        assert!(!sandbox.path(&format!("{folder}/old/a.txt")).exists(), "{folder}");
        let now = fs::read_to_string(sandbox.path(&format!("{folder}/new/b.txt"))).ok();
        assert_eq!(now.as_deref(), expected, "{folder}");
        within(&sandbox, folder, &update).expect(0);
    }
}

#[test]
fn what_a_readme_says_to_delete_is_no_drift() {
    for processing in ["batch", "streaming", "hybrid"] {
        let sandbox = Sandbox::new();
        let words = ["init", "a", "--auto", "--author", "A", "--no-git", "--guides", "none"];
        let answers = ["--project-type", "data-pipeline", "--pipeline-processing", processing];
        sandbox.run(&[words.as_slice(), answers.as_slice()].concat()).expect(0);
        let readme = sandbox.read("a/README.md");
        let step = readme.lines().find(|line| line.contains(". Delete `")).expect("a step");
        let places = step.split('`').skip(1).step_by(2);
        let folders: Vec<&str> = places.map(|place| place.split('*').next().unwrap()).collect();
        let of_sample = |path: &&String| folders.iter().any(|folder| path.starts_with(folder));
        let deleted: Vec<String> = sandbox.tree("a").keys().filter(of_sample).cloned().collect();
        assert!(deleted.len() > 10, "{step}: {deleted:?}");
        for path in &deleted {
            fs::remove_file(sandbox.path(&format!("a/{path}"))).unwrap();
        }
        let checked = within(&sandbox, "a", &["check", "--strict"]).expect(0);
        assert!(checked.stdout.contains("everything is as it was generated"), "{}", checked.stdout);
    }
}
