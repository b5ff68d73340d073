//! `scaffold update` and `scaffold set`: a repository follows its pack, or other answers, and keeps every line of the user's.

use super::follow::{Now, Past, Step};
use super::init::is_preview;
use crate::ask::terminal;
use crate::ask::wizard::prompt::Prompter;
use crate::cli::{Format, UpdateArgs};
use crate::error::{Code, Error, Problem, Result};
use crate::keep::follow::Decision;
use crate::pack::Catalog;
use crate::system::{interrupt, process};
use crate::tree::digest_of;
use crate::ui::{self, Report, Written};
use crate::write::{self, Action, Apply, BESIDE, Change, OnConflict};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

/// Does it and reports.
///
/// # Errors
/// No project, no lock, answers that do not fit; [`Code::Conflict`], with nothing written: what both sides changed, or
/// changes that are in no commit.
pub fn run(args: &UpdateArgs, catalog: &Catalog) -> Result<()> {
    let past = Past::open(args.init.repository.as_deref())?;
    let mut warnings = Vec::new();
    if is_preview(&args.init) {
        warnings.extend(past.location.unfinished());
    } else {
        let outcome = interrupt::held(|| past.location.recover())?;
        warnings.extend(outcome.words(str::to_owned));
    }
    let now = past.now(&args.init, catalog)?;
    refuse_unexpected(args, &now)?;
    let steps = past.steps(&now.by_path)?;
    let asks = args.init.asks && args.init.format == Format::Text && !is_preview(&args.init);
    let mut prompter = if asks { terminal::open(args.init.mode) } else { None };
    let mut plan = Planned::default();
    for step in &steps {
        plan.add(args, &past, step, &mut prompter)?;
    }
    drop(prompter);
    Error::unless_empty(std::mem::take(&mut plan.problems))?;
    if !args.allow_dirty {
        refuse_dirty(&past, &plan.changes)?;
    }
    warnings.extend(plan.notes.clone());
    warnings.extend(now.warnings.clone());
    let mut changes = plan.changes;
    changes.extend(past.memory(&now.by_path)?);
    if !is_preview(&args.init) {
        let root = past.location.around();
        let outcome = interrupt::deferred(|| write::apply(root, &changes, &Apply::default()))?;
        warnings.extend(outcome.words(str::to_owned));
    }
    report(args, &past, &now, &changes, &plan.conflicts, &warnings)
}

/// What will be done.
#[derive(Default)]
struct Planned {
    changes: Vec<Change>,
    problems: Vec<Problem>,
    /// Paths of a preview that nobody has decided about.
    conflicts: Vec<String>,
    notes: Vec<String>,
    /// The choice for all further conflicts.
    for_all: Option<OnConflict>,
}

impl Planned {
    fn add(
        &mut self,
        args: &UpdateArgs,
        past: &Past,
        step: &Step,
        prompter: &mut Option<Box<dyn Prompter>>,
    ) -> Result<()> {
        let Step { path, ours, theirs, decision } = step;
        let before = ours.clone();
        let theirs = theirs.as_ref();
        let change = match (decision, theirs) {
            (Decision::Take, Some(file)) => {
                let action = if before.is_none() { Action::Create } else { Action::Overwrite };
                past.change(path, action, before, file.bytes.clone(), theirs)
            }
            (Decision::Merged(text), _) => {
                past.change(path, Action::Merge, before, text.clone().into(), theirs)
            }
            (Decision::Remove, _) => past.removal(path, before.unwrap_or_default()),
            (Decision::StaysAway, _) => {
                self.notes.push(format!("`{path}` stays away: you removed it, and what would be generated there has changed"));
                return Ok(());
            }
            (Decision::Conflict(markers), _) => {
                return self.decide(args, past, step, markers.as_deref(), prompter);
            }
            _ => return Ok(()),
        };
        self.changes.push(change);
        Ok(())
    }

    fn decide(
        &mut self,
        args: &UpdateArgs,
        past: &Past,
        step: &Step,
        markers: Option<&[u8]>,
        prompter: &mut Option<Box<dyn Prompter>>,
    ) -> Result<()> {
        let Step { path, ours, theirs, .. } = step;
        let before = ours.clone().unwrap_or_default();
        let after = theirs.as_ref().map(|file| file.bytes.clone());
        let how = match (args.init.on_conflict.or(self.for_all), &mut *prompter) {
            (Some(how), _) => how,
            (None, Some(prompter)) => {
                let new = after.as_deref().unwrap_or_default();
                let (how, all) =
                    prompter.conflict(path, &write::unified_diff(path, &before, new))?;
                self.for_all = all.then_some(how);
                how
            }
            (None, None) if is_preview(&args.init) => {
                self.conflicts.push(past.location.placed(path));
                OnConflict::Overwrite
            }
            (None, None) => OnConflict::Fail,
        };
        let file = theirs.as_ref();
        let change = match (how, after, markers) {
            (OnConflict::Fail, ..) => {
                let why = match file {
                    Some(_) => {
                        "was changed here, and what would be generated has changed in the same place"
                    }
                    None => "was changed here, and would not be generated any more",
                };
                self.problems.push(conflict(path, why, "keep, overwrite, markers or beside"));
                return Ok(());
            }
            (OnConflict::Keep, ..) | (OnConflict::Beside, None, _) => {
                past.change(path, Action::Keep, Some(before.clone()), before.into(), file)
            }
            (OnConflict::Overwrite, Some(after), _) => {
                past.change(path, Action::Overwrite, Some(before), after, file)
            }
            (OnConflict::Overwrite, None, _) => past.removal(path, before),
            (OnConflict::Markers, _, Some(text)) => {
                past.change(path, Action::Markers, Some(before), text.to_vec().into(), file)
            }
            (OnConflict::Markers, ..) => {
                let why = "cannot hold conflict markers";
                self.problems.push(conflict(path, why, "keep, overwrite or beside"));
                return Ok(());
            }
            (OnConflict::Beside, Some(after), _) => beside(past, path, after, file)?,
        };
        self.changes.push(change);
        Ok(())
    }
}

fn conflict(path: &str, why: &str, choices: &str) -> Problem {
    Problem::new(Code::Conflict, format!("`{path}` {why}"))
        .file(path)
        .hint(format!("nothing is written; choose with --on-conflict {choices}"))
}

/// The new file under a free name beside the user's.
fn beside(
    past: &Past,
    path: &str,
    after: crate::tree::Bytes,
    file: Option<&crate::tree::File>,
) -> Result<Change> {
    for number in 1.. {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let free = format!("{path}{BESIDE}{suffix}");
        match past.there(&free)? {
            None => return Ok(past.change(&free, Action::Beside, None, after, file)),
            Some(bytes) if *bytes == *after => {
                return Ok(past.change(&free, Action::Unchanged, Some(bytes), after, file));
            }
            Some(_) => {}
        }
    }
    unreachable!("there are more numbers than files")
}

fn refuse_unexpected(args: &UpdateArgs, now: &Now) -> Result<()> {
    let Some(expected) = &args.init.expect else { return Ok(()) };
    let digest = digest_of(&now.files);
    if *expected == digest {
        return Ok(());
    }
    let message = format!("the files would be `{digest}`, not `{expected}`");
    let hint = "`--dry-run --format json` shows what would be written";
    Err(Problem::new(Code::Unexpected, message).flag("--expect").hint(hint).into())
}

/// Whoever has everything in a commit can look at what an update did, and go back.
fn refuse_dirty(past: &Past, changes: &[Change]) -> Result<()> {
    let root = past.location.around();
    let dirty = if let Some(paths) = uncommitted(root) {
        paths
    } else {
        // Without a commit: what differs from what was generated.
        let mut edited = BTreeSet::new();
        for path in past.lock.files.keys() {
            let (base, ours) = (past.generated(path)?, past.there(path)?);
            if !crate::keep::follow::same(base.as_deref(), ours.as_deref()) {
                edited.insert(past.location.placed(path));
            }
        }
        edited
    };
    let touches = |change: &&Change| {
        !matches!(change.action, Action::Unchanged | Action::Keep) && dirty.contains(&change.path)
    };
    let problem = |change: &Change| {
        let path = past.location.seen(root, &change.path);
        Problem::new(Code::Conflict, format!("`{path}` has changes that are in no commit"))
            .file(path)
            .fix(["--allow-dirty"])
            .hint("nothing is written; commit first, so that you can look at what is changed and go back")
    };
    Error::unless_empty(changes.iter().filter(touches).map(problem).collect())
}

/// Paths below `root` with changes that are in no commit; `None` where there is no commit, or no git.
fn uncommitted(root: &Path) -> Option<BTreeSet<String>> {
    let git = |words: &[&str]| {
        let mut command = Command::new("git");
        // Whatever a repository's configuration names is not run.
        command.args(["-c", "core.fsmonitor=false"]).arg("-C").arg(root).args(words);
        let child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).stdin(Stdio::null()).spawn();
        let (status, printed) = process::finish(child.ok()?).ok()?;
        status.success().then(|| String::from_utf8_lossy(&printed).into_owned())
    };
    git(&["rev-parse", "--verify", "--quiet", "HEAD"])?;
    let prefix = git(&["rev-parse", "--show-prefix"])?;
    let status = git(&[
        "status",
        "--porcelain=v1",
        "-z",
        "--no-renames",
        "--untracked-files=all",
        "--",
        ".",
    ])?;
    let paths = status.split('\0').filter_map(|line| line.get(3..));
    Some(paths.filter_map(|path| path.strip_prefix(prefix.trim_end())).map(str::to_owned).collect())
}

fn report(
    args: &UpdateArgs,
    past: &Past,
    now: &Now,
    changes: &[Change],
    conflicts: &[String],
    warnings: &[String],
) -> Result<()> {
    let root = past.location.around();
    let mut files: Vec<Written> = changes
        .iter()
        .map(|change| {
            let path = past.location.seen(root, &change.path);
            let written = Written::new(change, conflicts);
            written.at(path)
        })
        .collect();
    files.sort_by(|a, b| a.path().cmp(b.path()));
    let report = Report {
        command: args.name,
        destination: past.root.display().to_string().replace('\\', "/"),
        rendered: &now.files,
        project_type: (&now.project_type.name, now.type_source),
        answers: &now.answers.values,
        files,
        commands: &now.plan.commands,
        notes: &now.plan.notes,
        warnings,
    };
    match (args.init.format, args.init.diff, args.init.dry_run) {
        (Format::Json, ..) => ui::json(&report),
        (_, true, _) => ui::diff(changes),
        (_, _, true) => ui::changed(&report, "would change"),
        _ => ui::changed(&report, "changed"),
    }
}
