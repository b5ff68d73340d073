//! No lie, no mixed tree, no left-over, nothing unrecoverable: each system call of a run is made to fail or is the moment
//! at which the program is killed, and what is left behind is judged, before and after the next run.
//!
//! Without further words a sample that depends on the commit is tried. `FAULTS=all` tries everything, remembers what it
//! has judged of this very program, and writes `docs/faults.md` once all of it is done; `FAULTS=kills` only kills at random moments.
//! `FAULTS_MOST=500` tries so many drawn ones, of a sample or of all;
//! `FAULTS_ONLY='--force, keep|SIGKILL|rename#3'` tries those cases whose name contains the words.
#![cfg(target_os = "linux")]

mod cases;
mod judge;
mod place;
mod race;
mod report;
mod scenario;
#[path = "../support/snapshot.rs"]
mod snapshot;
mod strace;

use cases::Prepared;
use place::Place;
use report::{Results, hash, key};
use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;
use tempfile::TempDir;

static ROOT: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().unwrap());
static RESULTS: LazyLock<Results> = LazyLock::new(|| Results::open(mode() != "sample"));
static PREPARED: LazyLock<Vec<Prepared>> = LazyLock::new(|| {
    let scenarios = Mutex::new(scenario::all());
    let ready = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(scenario) = scenarios.lock().unwrap().pop() else { break };
            let prepared = Prepared::new(scenario, ROOT.path());
            ready.lock().unwrap().push(prepared);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let mut ready = ready.into_inner().unwrap();
    ready.sort_by(|a, b| a.scenario.name.cmp(&b.scenario.name));
    ready
});
/// One test after the other: each uses two processors. The number is of those that are done.
static TURN: Mutex<usize> = Mutex::new(0);
/// How many there are, of which each has a part of the table.
const TESTS: usize = 4;

fn mode() -> String {
    std::env::var("FAULTS").unwrap_or_else(|_| "sample".to_owned())
}

/// How many cases are tried.
fn most(sample: usize) -> usize {
    let most =
        |otherwise| std::env::var("FAULTS_MOST").map_or(otherwise, |most| most.parse().unwrap());
    match mode().as_str() {
        "sample" => most(sample),
        "all" => most(usize::MAX),
        _ => 0,
    }
}

/// Runs one test alone, and fails with all that was wrong with cases of these kinds.
fn hold(work: impl FnOnce() -> BTreeSet<String>) {
    let mut done = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !strace::is_installed() {
        return;
    }
    let (cases, faults) = RESULTS.verdict(&work());
    eprintln!("{cases} cases, {} violations", faults.len());
    *done += 1;
    // A part of it would take the place of the whole.
    let is_part =
        ["FAULTS_MOST", "FAULTS_ONLY"].iter().any(|name| std::env::var_os(name).is_some());
    if mode() == "all" && *done == TESTS && !is_part {
        let table = include_str!("faults.md").replace("TABLE\n", &RESULTS.table());
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/faults.md"), table).unwrap();
    }
    let is_short = mode() == "sample" && std::env::var_os("FAULTS_MOST").is_none();
    let shown = faults.iter().take(if is_short { 40 } else { usize::MAX });
    let shown: Vec<&str> = shown.map(String::as_str).collect();
    assert!(faults.is_empty(), "{} of {cases} cases:\n{}", faults.len(), shown.join("\n"));
}

fn kinds<T>(cases: &[T], key: impl Fn(&T) -> String) -> BTreeSet<String> {
    cases.iter().map(|case| key(case).split('|').nth(1).unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_nothing_disturbs_keeps_what_is_the_users() {
    hold(|| {
        for prepared in &*PREPARED {
            let faults = prepared.norm.faults(&prepared.scenario);
            RESULTS.add(&key(&prepared.scenario.name, "undisturbed", ""), faults);
        }
        BTreeSet::from(["undisturbed".to_owned()])
    });
}

#[test]
fn a_system_call_that_fails_leaves_the_old_or_the_new() {
    hold(|| {
        let all: Vec<_> = PREPARED.iter().flat_map(Prepared::cases).collect();
        let cases = cases::drawn(all, cases::Case::key, most(80));
        cases::execute(&cases, &RESULTS, cases::Case::key, |case| Some(case.judge(ROOT.path())));
        kinds(&cases, cases::Case::key)
    });
}

#[test]
fn an_edit_while_a_run_writes_is_never_lost() {
    hold(|| {
        let named = |p: &&Prepared| {
            !p.scenario.name.starts_with("git") && !p.scenario.name.starts_with("the built-in")
        };
        let all: Vec<_> = PREPARED.iter().filter(named).flat_map(race::all).collect();
        let cases = cases::drawn(all, race::Race::key, most(16).min(2_000));
        cases::execute(&cases, &RESULTS, race::Race::key, |case| case.judge(ROOT.path()));
        kinds(&cases, race::Race::key)
    });
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_or_the_new() {
    hold(|| {
        let count = if mode() == "sample" { 20 } else { 3_000 };
        let named =
            |index: &u64| key(&victim(*index).scenario.name, "random kill", &index.to_string());
        let cases = cases::drawn((0..count).collect(), named, usize::MAX);
        cases::execute(&cases, &RESULTS, named, |index| Some(killed(*index)));
        kinds(&cases, named)
    });
}

/// Whom the kill of this number meets.
fn victim(index: u64) -> &'static Prepared {
    let number = usize::try_from(hash(("victim", index)) % PREPARED.len() as u64).unwrap();
    &PREPARED[number]
}

/// Kills after a part of the time that the run takes.
fn killed(index: u64) -> Vec<String> {
    let prepared = victim(index);
    let place = prepared.fresh(ROOT.path());
    let micros = u64::try_from(prepared.time.as_micros()).unwrap();
    let mut child = place.start_group(&prepared.scenario.words);
    let leader = child.id();
    // What comes first only reads; that is met often enough.
    std::thread::sleep(Duration::from_micros(
        micros / 3 + hash(("moment", index)) % (micros * 3 / 4),
    ));
    let _ = child.kill();
    let ran = place.wait(child);
    Place::wait_for_group(leader);
    judge::judge(&prepared.scenario, &prepared.norm, &place, &ran, false)
}
