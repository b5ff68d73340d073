//! The situations in which system calls are made to fail.

use crate::place::Place;
use crate::strace::{self, Call, Fault};
use std::path::Path;

/// One command in one situation.
pub struct Scenario {
    pub name: String,
    /// In which folder it runs.
    folder: &'static str,
    /// Makes the situation.
    prepare: fn(&Place),
    /// The command.
    pub words: Vec<String>,
    /// Runs of the same command that were killed before: at this part of their renames.
    killed: Vec<(usize, usize)>,
    /// Disturbs not the program, but the git that it starts.
    pub git: bool,
    /// Only every so many of its cases are tried.
    pub stride: usize,
    /// What the user agreed to lose.
    pub given_up: &'static [&'static str],
}

/// The pack of all scenarios, and how they report.
pub const PACK: [&str; 4] =
    ["--pack", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/parcel"), "--format", "json"];
const PARCEL: [&str; 5] = ["--auto", "--author", "A", "--project-type", "parcel"];

fn scenario(name: &str, folder: &'static str, prepare: fn(&Place), words: &[&str]) -> Scenario {
    Scenario {
        name: name.to_owned(),
        folder,
        prepare,
        words: words.iter().chain(&PACK).map(|word| (*word).to_owned()).collect(),
        killed: Vec::new(),
        git: false,
        stride: 1,
        given_up: &[],
    }
}

/// `init` of the parcel.
fn init(name: &str, folder: &'static str, prepare: fn(&Place), words: &[&str]) -> Scenario {
    let words: Vec<&str> = [&["init"], words, &PARCEL].concat();
    scenario(name, folder, prepare, &words)
}

/// All of them.
pub fn all() -> Vec<Scenario> {
    let mut all = vec![
        init("a new folder", "", nothing, &["demo"]),
        init("a new folder below new folders", "", nothing, &["team/x/demo"]),
        builtin(),
    ];
    for choice in ["fail", "keep", "overwrite", "markers", "beside"] {
        all.push(existing(choice));
    }
    all.extend([
        force("--force, keep", "keep", &[]),
        force("--force, overwrite", "overwrite", &["README.md", "settings.toml"]),
        init("a sub-folder of a repository", "repo", repository, &["services/demo"]),
        init(
            "a sub-folder, --force",
            "repo",
            repository_again,
            &["services/demo", "--force", "--on-conflict", "keep"],
        ),
        scenario("complete a step", "demo", again, &["complete", "create-vision"]),
        set("set, an edit is merged", edited),
        set("set, a conflict is written beside", again),
    ]);
    all.extend(recoveries());
    for (name, prepare) in [
        ("git init of a new folder", nothing as fn(&Place)),
        ("git init of an existing folder", folder),
    ] {
        all.push(Scenario {
            git: true,
            ..init(name, "", prepare, &["demo", "--on-conflict", "keep"])
        });
    }
    all
}

fn builtin() -> Scenario {
    let words = ["init", "demo", "--auto", "--author", "A", "--pipeline-processing", "batch"];
    Scenario { stride: 5, ..scenario("the built-in pack, a new folder", "", nothing, &words) }
}

fn existing(choice: &str) -> Scenario {
    let given_up: &[&str] =
        if choice == "overwrite" { &["README.md", "settings.toml"] } else { &[] };
    let words = ["demo", "--on-conflict", choice];
    Scenario { given_up, ..init(&format!("an existing folder, {choice}"), "", folder, &words) }
}

fn force(name: &str, choice: &str, given_up: &'static [&'static str]) -> Scenario {
    let words = ["demo", "--force", "--parcel-colour", "blue", "--on-conflict", choice];
    Scenario { given_up, ..init(name, "", again, &words) }
}

/// Another answer, which changes two files; what was generated in them is for the update to change.
fn set(name: &str, prepare: fn(&Place)) -> Scenario {
    let words = ["set", "--parcel-colour", "blue", "--allow-dirty", "--on-conflict", "beside"];
    let given_up = &["README.md", "settings.toml", "config.yml", "lock"];
    Scenario { given_up, ..scenario(name, "demo", prepare, &words) }
}

/// Runs that were killed, and are recovered from.
fn recoveries() -> Vec<Scenario> {
    let after = |base: Scenario, killed: &[(usize, usize)], what: &str| Scenario {
        name: format!("{what}: {}", base.name),
        killed: killed.to_vec(),
        ..base
    };
    let overwrite = || existing("overwrite");
    let kept = || force("--force, keep", "keep", &[]);
    let inner = || init("a sub-folder of a repository", "repo", repository, &["services/demo"]);
    let new = || init("a new folder", "", nothing, &["demo"]);
    // In the middle of a rename and the next one the lock, what was generated or the configuration is not in its place.
    let set = || set("set, a conflict is written beside", again);
    vec![
        after(new(), &[(0, 1)], "recovery"),
        after(overwrite(), &[(0, 1)], "recovery before the decision"),
        after(overwrite(), &[(1, 3)], "recovery early"),
        after(overwrite(), &[(1, 1)], "recovery late"),
        after(existing("beside"), &[(1, 2)], "recovery"),
        after(kept(), &[(1, 3)], "recovery early"),
        after(kept(), &[(2, 3)], "recovery late"),
        after(inner(), &[(1, 2)], "recovery"),
        after(set(), &[(1, 3)], "recovery early"),
        after(set(), &[(1, 2)], "recovery"),
        after(set(), &[(3, 4)], "recovery late"),
        after(overwrite(), &[(1, 3), (1, 2)], "recovery of a killed recovery"),
        after(kept(), &[(1, 3), (1, 3)], "recovery of a killed recovery"),
    ]
}

fn nothing(_: &Place) {}

/// A folder that the user has things in.
fn folder(place: &Place) {
    place.write("demo/notes.txt", "mine\n");
    place.write("demo/README.md", "# Mine\n");
    place.write("demo/settings.toml", "[mine]\ncolour = \"green\"\n");
    place.write("demo/.gitignore", "mine.log\n");
    place.write("demo/src/mine.txt", "mine too\n");
    place
        .write("demo/.scaffold/knowledge/own.md", "---\nname: own\ndescription: Own\n---\n# Own\n");
}

fn git_init(folder: &Path) {
    let mut command = std::process::Command::new("git");
    command
        .args(["init", "--quiet", "--template="])
        .arg(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    assert!(command.status().unwrap().success());
}

/// What an earlier run and its user have made.
fn progress(place: &Place, folder: &str) {
    place.write(&format!("{folder}/.scaffold/state"), "create-prd completed\n");
    place.write(&format!("{folder}/.scaffold.backup/1/config.yml"), "earlier: true\n");
    place.write(&format!("{folder}/.scaffold.backup/.gitignore"), "*\n");
    place.write(&format!("{folder}/README.md"), "# Edited\n");
    place.write(&format!("{folder}/notes.txt"), "mine\n");
}

/// A repository that was generated before.
fn again(place: &Place) {
    let ran = place.run_in("", &init("", "", nothing, &["demo"]).words);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    progress(place, "demo");
}

/// A generated repository with an edit beside what another answer changes.
fn edited(place: &Place) {
    let ran = place.run_in("", &init("", "", nothing, &["demo"]).words);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let settings = std::fs::read_to_string(place.path("demo/settings.toml")).unwrap();
    place.write("demo/settings.toml", &(settings + "\n[mine]\nlevel = 1  # kept\n"));
    place.write("demo/notes.txt", "mine\n");
}

fn repository(place: &Place) {
    std::fs::create_dir_all(place.path("repo")).unwrap();
    git_init(&place.path("repo"));
    place.write("repo/README.md", "# Repository\n");
}

fn repository_again(place: &Place) {
    repository(place);
    let ran = place.run_in("repo", &init("", "", nothing, &["services/demo"]).words);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    progress(place, "repo/services/demo");
}

impl Scenario {
    /// The situation before any run.
    pub fn place(&self, root: &Path) -> Place {
        let place = Place::new(root.to_owned(), self.folder);
        (self.prepare)(&place);
        place
    }

    /// The calls at which the earlier runs are killed, as they are found one after the other.
    pub fn kills(&self, fresh: &dyn Fn() -> Place) -> Vec<Call> {
        let mut kills: Vec<Call> = Vec::new();
        for (part, of) in &self.killed {
            let place = fresh();
            self.kill(&place, &kills);
            let (_, calls) = strace::record(&place, &self.words);
            let renames: Vec<Call> =
                calls.into_iter().filter(|call| call.name.starts_with("rename")).collect();
            let Some(last) = renames.len().checked_sub(1) else { break };
            kills.push(renames[last * part / of].clone());
        }
        kills
    }

    /// Lets the earlier runs happen.
    pub fn kill(&self, place: &Place, kills: &[Call]) {
        for call in kills {
            strace::disturbed(place, &self.words, Fault::Kill, call);
        }
    }
}
