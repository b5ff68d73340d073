//! The cases: which call of which scenario is disturbed in which way, and what is tried of them.

use crate::judge::{self, Norm};
use crate::place::Place;
use crate::report::{Results, hash, key};
use crate::scenario::Scenario;
use crate::strace::{self, Call, Fault};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A scenario, and what was learned of it undisturbed.
pub struct Prepared {
    pub scenario: Scenario,
    pub norm: Norm,
    /// The calls from the moment that the destination is touched.
    pub calls: Vec<Call>,
    /// How long the command takes.
    pub time: Duration,
    template: Place,
    kills: Vec<Call>,
}

/// How a call is disturbed.
#[derive(Clone, Copy)]
pub enum Kind {
    /// In the program.
    Program(Fault),
    /// In the git that it starts; with `true` the program dies with it.
    Git(Fault, bool),
}

/// One case.
pub struct Case<'p> {
    pub prepared: &'p Prepared,
    pub kind: Kind,
    pub call: &'p Call,
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// A folder that no other case has.
fn unused(root: &Path) -> PathBuf {
    root.join(format!("c{}", COUNT.fetch_add(1, Ordering::SeqCst)))
}

impl Prepared {
    /// Makes the situation, and runs the command undisturbed.
    pub fn new(scenario: Scenario, root: &Path) -> Self {
        let template = scenario.place(&unused(root));
        let origin = template.tree();
        let copied = || template.copy(unused(root));
        let kills = scenario.kills(&copied);
        let fresh = || {
            let place = copied();
            scenario.kill(&place, &kills);
            place
        };
        let norm = Norm::new(&scenario, &fresh, origin);
        let (place, started) = (fresh(), Instant::now());
        place.run(&[], &scenario.words);
        let time = started.elapsed();
        let calls = if scenario.git {
            git_calls(&scenario, &fresh())
        } else {
            strace::record(&fresh(), &scenario.words).1
        };
        Self { scenario, norm, calls, time, template, kills }
    }

    /// The situation, once more.
    pub fn fresh(&self, root: &Path) -> Place {
        let place = self.template.copy(unused(root));
        self.scenario.kill(&place, &self.kills);
        place
    }

    /// All cases.
    pub fn cases(&self) -> Vec<Case<'_>> {
        let kinds = |fault: Fault| match (self.scenario.git, fault) {
            (false, _) => vec![Kind::Program(fault)],
            (true, Fault::Kill) => vec![Kind::Git(fault, false), Kind::Git(fault, true)],
            (true, _) => vec![Kind::Git(fault, false)],
        };
        let mut cases = Vec::new();
        for (index, call) in self.calls.iter().enumerate() {
            for fault in Fault::ALL.into_iter().filter(|fault| fault.fits(call)) {
                if (index + fault as usize).is_multiple_of(self.scenario.stride) {
                    cases.extend(kinds(fault).into_iter().map(|kind| Case {
                        prepared: self,
                        kind,
                        call,
                    }));
                }
            }
        }
        cases
    }
}

/// The calls of the `git init` that a run starts.
fn git_calls(scenario: &Scenario, place: &Place) -> Vec<Call> {
    let log = place.root.join("trace");
    place.wrap_git(&strace::words(&log.display().to_string(), None), false);
    place.run(&[], &scenario.words);
    strace::calls(&std::fs::read_to_string(&log).unwrap_or_default(), ".git")
}

impl Case<'_> {
    /// Its name in results.
    pub fn key(&self) -> String {
        let kind = match self.kind {
            Kind::Program(fault) => fault.name().to_owned(),
            Kind::Git(fault, false) => format!("git {}", fault.name()),
            Kind::Git(fault, true) => format!("git {} and all", fault.name()),
        };
        key(
            &self.prepared.scenario.name,
            &kind,
            &format!("{}#{}", self.call.name, self.call.ordinal),
        )
    }

    /// Lets it happen and judges it.
    pub fn judge(&self, root: &Path) -> Vec<String> {
        let (scenario, place) = (&self.prepared.scenario, self.prepared.fresh(root));
        let ran = match self.kind {
            Kind::Program(fault) => strace::disturbed(&place, &scenario.words, fault, self.call),
            Kind::Git(fault, both) => {
                let injection = fault.injection(self.call);
                place.wrap_git(&strace::words("/dev/null", Some(&injection)), both);
                let ran = place.run(&[], &scenario.words);
                place.unwrap_git();
                ran
            }
        };
        let mute = ["write(1", "write(2"].iter().any(|start| self.call.text.starts_with(start));
        let faults = judge::judge(scenario, &self.prepared.norm, &place, &ran, mute);
        let shown: String = self.call.text.chars().take(150).collect();
        faults.into_iter().map(|fault| format!("{fault} [at {shown}]")).collect()
    }
}

/// The share of the cases that is tried: all, or as many as the lot says.
pub fn drawn<T>(mut cases: Vec<T>, key: impl Fn(&T) -> String, most: usize) -> Vec<T> {
    if let Ok(only) = std::env::var("FAULTS_ONLY") {
        cases.retain(|case| key(case).contains(&only));
    } else if most < cases.len() {
        let seed = seed();
        cases.sort_by_key(|case| hash((&seed, key(case))));
        cases.truncate(most);
    }
    cases
}

/// From the commit, so that over time all cases get their turn; a long run that is resumed draws the same.
fn seed() -> String {
    if crate::mode() != "sample" {
        return String::new();
    }
    let git = std::process::Command::new("git").args(["rev-parse", "HEAD"]).output();
    let commit = git.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    std::env::var("FAULTS_SEED").unwrap_or_else(|_| commit.unwrap_or_default())
}

/// Judges what was not judged before, two at a time.
pub fn execute<T: Sync>(
    cases: &[T],
    results: &Results,
    key: impl Fn(&T) -> String + Sync,
    judge: impl Fn(&T) -> Option<Vec<String>> + Sync,
) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
            let key = key(case);
            if !results.has(&key)
                && let Some(faults) = judge(case)
            {
                results.add(&key, faults);
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
}
