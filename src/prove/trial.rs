//! Trial: one configuration written to a temporary folder, set up, run and checked as its user would.

use crate::error::{Error, Result};
use crate::pack::Ecosystems;
use crate::render::plan::CommandLines;
use crate::system::process::{self, End, Ended};
use crate::tree::File;
use crate::write::{self, Apply, OnConflict};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// So many of the last lines of a failed command are told.
const LINES: usize = 30;
/// Variables that would tie a repository to the one that surrounds us, or to this user's folders.
const CLEARED: [&str; 7] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
];

/// What every trial of a run shares.
#[derive(Debug)]
pub struct Bench<'c> {
    /// What is known of caches and variables of package tools.
    pub ecosystems: &'c Ecosystems,
    /// Package caches are kept here.
    pub caches: PathBuf,
    /// What one command may take.
    pub timeout: Duration,
    /// No network after `setup`.
    pub cut: bool,
}

/// One command of a trial.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// `setup`, `run` or `check`.
    pub name: String,
    /// In seconds.
    pub seconds: f64,
}

/// Why a trial failed.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// `write`, `setup`, `run` or `check`.
    pub step: &'static str,
    /// What happened, as a phrase.
    pub why: String,
    /// The last lines of the output.
    pub tail: Vec<String>,
}

/// What became of a configuration.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Trial {
    /// What was executed, in order.
    pub steps: Vec<Step>,
    /// What ended it early.
    pub failure: Option<Failure>,
    /// The user asked to stop: it says nothing.
    #[serde(skip)]
    pub interrupted: bool,
}

/// Writes the files, executes the commands, removes everything. `begin` is told the name of each command before it
/// starts.
pub fn run(bench: &Bench, files: &[File], lines: &CommandLines, begin: &dyn Fn(&str)) -> Trial {
    let mut trial = Trial::default();
    let folder = match written(files) {
        Ok(folder) => folder,
        Err(error) => {
            trial.failure = Some(failure("write", error.to_string(), ""));
            return trial;
        }
    };
    let home = folder.path().join("home");
    let project = folder.path().join("demo");
    for (name, words, cut) in [
        ("setup", &lines.setup, false),
        ("run", &lines.run, bench.cut),
        ("check", &lines.check, bench.cut),
    ] {
        if words.is_empty() {
            continue;
        }
        begin(name);
        let mut command = process::command(words, &project, cut);
        isolate(&mut command, bench, &home);
        match process::run(command, bench.timeout) {
            Ok(ended) => {
                trial.steps.push(Step { name: name.to_owned(), seconds: ended.took.as_secs_f64() });
                trial.interrupted = ended.end == End::Interrupted;
                if !ended.is_success() {
                    trial.failure = Some(failure(name, why(&ended, bench), &ended.tail));
                }
            }
            Err(error) => {
                trial.failure =
                    Some(failure(name, format!("`{}` cannot be started: {error}", words[0]), ""));
            }
        }
        if trial.failure.is_some() {
            break;
        }
    }
    trial
}

/// The repository as `init` writes it, in `demo` of a temporary folder with an empty `home`.
fn written(files: &[File]) -> Result<tempfile::TempDir> {
    let io = |error: std::io::Error| Error::io("making a temporary folder", &error);
    let folder = tempfile::Builder::new().prefix("scaffold-test-").tempdir().map_err(io)?;
    std::fs::create_dir(folder.path().join("home")).map_err(io)?;
    let project = folder.path().join("demo");
    let changes = write::compare(&project, files, &mut |_| Ok(OnConflict::Fail))?;
    write::apply(&project, &changes, &Apply { backup: None, git_init: true })?;
    Ok(folder)
}

fn isolate(command: &mut Command, bench: &Bench, home: &Path) {
    for name in CLEARED.into_iter().chain(bench.ecosystems.cleared()) {
        command.env_remove(name);
    }
    command.env("HOME", home).env("USERPROFILE", home);
    for (variable, folder) in bench.ecosystems.caches() {
        if std::env::var_os(variable).is_none() {
            command.env(variable, bench.caches.join(folder));
        }
    }
}

fn why(ended: &Ended, bench: &Bench) -> String {
    match ended.end {
        End::Exited(Some(0)) => "leaves processes behind".to_owned(),
        End::TimedOut => format!("is not done after {} s", bench.timeout.as_secs()),
        end => end.to_string(),
    }
}

fn failure(step: &'static str, why: String, output: &str) -> Failure {
    let lines: Vec<String> =
        output.lines().map(|line| console::strip_ansi_codes(line).into_owned()).collect();
    let tail = lines[lines.len().saturating_sub(LINES)..].to_vec();
    Failure { step, why, tail }
}
