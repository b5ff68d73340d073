//! Says whether what a disturbed run left behind is what it said, and whether the next run puts it right.

use crate::place::{Place, Ran};
use crate::scenario::{PACK, Scenario};
use crate::snapshot::{self, Node, Tree, differences};

/// What a situation is and becomes where nothing is disturbed.
pub struct Norm {
    /// Before any run, also before those that were killed.
    pub origin: Tree,
    /// Before the run that is judged.
    pub before: Tree,
    /// After it.
    pub want: Tree,
    /// What it said.
    pub ran: Ran,
    /// How it may end once the command is repeated.
    pub ends: Vec<Tree>,
}

impl Norm {
    /// Runs the command undisturbed, and what comes after it.
    pub fn new(scenario: &Scenario, fresh: &dyn Fn() -> Place, origin: Tree) -> Self {
        let place = fresh();
        let before = place.tree();
        let ran = place.run(&[], &scenario.words);
        let want = place.tree();
        place.run(&[], &scenario.words);
        let twice = place.tree();
        Self { origin, before, ran, ends: vec![want.clone(), twice], want }
    }

    /// What is wrong although nothing was disturbed.
    pub fn faults(&self, scenario: &Scenario) -> Vec<String> {
        let mut faults = lost(scenario, &self.origin, &self.want);
        faults.extend(forgotten(&self.origin, &self.want));
        faults.extend(
            lost(scenario, &self.origin, &self.ends[1]).into_iter().map(|f| f + " (twice)"),
        );
        if !matches!(self.ran.status, Some(0 | 3)) {
            faults.push(format!("undisturbed, it fails: {}", self.ran.told()));
        }
        if let Some(path) = self.want.keys().find(|path| is_stage(path)) {
            faults.push(format!("left-over: {path}"));
        }
        faults
    }
}

impl Ran {
    /// All that was said, in one line.
    pub fn told(&self) -> String {
        let text = format!("{} {}", self.stderr, self.stdout);
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
    }

    /// What was printed for programs, without what may differ: warnings, and what has the whole path.
    fn report(&self) -> String {
        let Ok(mut report) = serde_json::from_str::<serde_json::Value>(&self.stdout) else {
            return self.stdout.clone();
        };
        report["warnings"] = serde_json::Value::Null;
        report["notes"] = serde_json::Value::Null;
        report["destination"] = serde_json::Value::Null;
        report.to_string()
    }

    fn names_stage(&self) -> bool {
        self.says(&["tmp-write", ".scaffold-tmp", "could not be removed; the next command"])
    }

    fn says(&self, any: &[&str]) -> bool {
        any.iter().any(|words| self.stderr.contains(words) || self.stdout.contains(words))
    }
}

/// Judges a run, then repeats it undisturbed and judges the end. `mute` runs could not say anything.
pub fn judge(
    scenario: &Scenario,
    norm: &Norm,
    place: &Place,
    ran: &Ran,
    mute: bool,
) -> Vec<String> {
    let after = place.tree();
    let mut faults = lost(scenario, &norm.origin, &after);
    faults.extend(crashed(ran));
    match ran.status {
        Some(0) => faults.extend(success(norm, ran, &after)),
        Some(_) if !mute => faults.extend(failure(norm, ran, &after)),
        _ => {}
    }
    if ran.status != Some(0) || after != norm.want {
        faults.extend(reading(place, &after));
        faults.extend(ending(scenario, norm, place));
    }
    faults
}

fn crashed(ran: &Ran) -> Option<String> {
    match ran.status {
        Some(124) => Some("hangs".to_owned()),
        Some(0..=4 | 130) | None if !ran.says(&["panicked"]) => None,
        status => Some(format!("crash: {status:?}: {}", ran.told())),
    }
}

fn success(norm: &Norm, ran: &Ran, after: &Tree) -> Option<String> {
    let changes = differences(&norm.want, after);
    if changes.is_empty() {
        let same = ran.report() == norm.ran.report() || norm.ran.status != Some(0);
        return (!same).then(|| format!("lie: exit 0, but the report differs: {}", ran.told()));
    }
    let told = changes.iter().all(|change| is_stage(change)) && ran.names_stage();
    (!told && !by_git(&changes))
        .then(|| format!("{}: exit 0, but {}", kind(&changes, "lie"), few(&changes)))
}

/// git looks what the file system can, and writes down what it finds; the file with which it tries that stays where git
/// itself cannot remove it.
fn by_git(changes: &[String]) -> bool {
    let is_probe = |change: &String| {
        let name = change.split(".git/t").nth(1).unwrap_or_default();
        change.starts_with('+') && name.len() == 6 && !name.contains('/')
    };
    let is_config = |change: &String| change.starts_with('~') && change.ends_with(".git/config");
    changes.iter().all(|change| is_config(change) || is_probe(change))
}

fn failure(norm: &Norm, ran: &Ran, after: &Tree) -> Option<String> {
    let changes = differences(&norm.before, after);
    let nothing =
        ["nothing was changed", "nothing was written", "nothing is written", "nothing has changed"];
    let next = ["completes it", "completes them", "finishes it", "next run", "is finished by"];
    // What an earlier run left may go at any time.
    let only_gone = changes.iter().all(|c| is_stage(c) && c.starts_with('-'));
    if only_gone || (changes.iter().all(|c| is_stage(c)) && ran.names_stage()) {
        return None;
    }
    // An earlier run was ended first, and that is told: what comes of it is judged after the next run.
    let earlier = norm.before != norm.origin && ran.says(&["interrupted run"]);
    if earlier && ran.says(&nothing) {
        return None;
    }
    if ran.says(&nothing) {
        return Some(format!(
            "{}: {} although: {}",
            kind(&changes, "lie"),
            few(&changes),
            ran.told()
        ));
    }
    let whole = *after == norm.want;
    (!whole && !ran.says(&next)).then(|| {
        format!("{}: {} without a word: {}", kind(&changes, "mixed"), few(&changes), ran.told())
    })
}

/// Commands that read, at what was left behind.
fn reading(place: &Place, after: &Tree) -> Option<String> {
    let demo = after.keys().find(|path| path.ends_with("demo/.scaffold") || *path == "demo")?;
    let folder = demo.trim_end_matches("/.scaffold");
    for words in [&["status"][..], &["init", ".", "--force", "--auto", "--dry-run"]] {
        let words: Vec<&str> = [words, &PACK[..2]].concat();
        place.run_in(folder, &words.into_iter().map(str::to_owned).collect::<Vec<_>>());
    }
    let changes = differences(after, &place.tree());
    (!changes.is_empty()).then(|| format!("wrote while reading: {}", few(&changes)))
}

/// The same command once more.
fn ending(scenario: &Scenario, norm: &Norm, place: &Place) -> Vec<String> {
    let again = place.run(&[], &scenario.words);
    let end = place.tree();
    let mut faults = lost(scenario, &norm.origin, &end);
    faults.extend(forgotten(&norm.origin, &end));
    faults.extend(crashed(&again));
    let fine =
        again.status == norm.ran.status || again.status == Some(0) || again.says(&["initialised"]);
    if !fine {
        faults.push(format!("unrecoverable: {}", again.told()));
    } else if !norm.ends.contains(&end) {
        let nearest = norm.ends.iter().map(|tree| differences(tree, &end)).min_by_key(Vec::len);
        let changes = nearest.unwrap_or_default();
        if by_git(&changes) {
            return faults;
        }
        faults.push(format!(
            "{}: at last {}: {}",
            kind(&changes, "mixed"),
            few(&changes),
            again.told()
        ));
    }
    faults
}

/// Bytes of the user that are nowhere.
fn lost(scenario: &Scenario, origin: &Tree, after: &Tree) -> Vec<String> {
    let is_lost = |path: &String, bytes: &[u8]| {
        let given_up = scenario.given_up.iter().any(|name| path.ends_with(name));
        !given_up
            && !path.contains(".git/")
            && !path.contains(".scaffold/pristine/")
            && !is_stage(path)
            && !path.starts_with("state:")
            && !snapshot::holds(after, bytes)
            && !matches!(after.get(path), Some(Node::File(now, _)) if has_lines(now, bytes))
    };
    let files = origin.iter().filter_map(|(path, node)| match node {
        Node::File(bytes, _) => Some((path, bytes)),
        _ => None,
    });
    files
        .filter(|(path, bytes)| is_lost(path, bytes))
        .map(|(path, _)| format!("lost: {path}"))
        .collect()
}

/// Whether all lines of `old` still are there, in their order.
fn has_lines(now: &[u8], old: &[u8]) -> bool {
    let mut now = now.split(|byte| *byte == b'\n');
    old.split(|byte| *byte == b'\n').all(|line| now.any(|other| other == line))
}

/// Progress and earlier backups that are no longer in their place.
fn forgotten(origin: &Tree, after: &Tree) -> Vec<String> {
    let stays =
        |path: &str| path.ends_with(".scaffold/state") || path.contains(".scaffold.backup/1/");
    let gone = |(path, node): (&String, &Node)| {
        let Node::File(old, _) = node else { return None };
        let kept = matches!(after.get(path), Some(Node::File(now, _)) if has_lines(now, old));
        (stays(path) && !kept).then(|| format!("lost: {path} is not in its place"))
    };
    origin.iter().filter_map(gone).collect()
}

fn is_stage(path: &str) -> bool {
    // At the root of a repository `.scaffold` is there for the stage alone.
    path.ends_with("repo/.scaffold")
        || path.ends_with("repo/.scaffold/")
        || path.contains("tmp-write")
        || path.contains(".scaffold-tmp")
        || path.contains("state:")
}

/// What is left over, if it is that alone.
fn kind(changes: &[String], otherwise: &'static str) -> &'static str {
    let over =
        |change: &String| is_stage(change) || (change.starts_with('+') && change.ends_with('/'));
    if changes.iter().all(over) { "left-over" } else { otherwise }
}

fn few(changes: &[String]) -> String {
    let more = if changes.len() > 4 { " …" } else { "" };
    format!("{}{more}", changes[..changes.len().min(4)].join(" "))
}
