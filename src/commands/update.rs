//! `scaffold update` and `scaffold set`: a repository follows its pack, or other answers, and keeps every line of the user's.

use super::commit::uncommitted;
use super::follow::{Now, Past, Step};
use super::init::{is_preview, refuse_unexpected};
use super::undo;
use crate::ask::terminal;
use crate::ask::wizard::prompt::Prompter;
use crate::cli::{Format, InitArgs, UpdateArgs};
use crate::error::{Code, Error, Problem, Result};
use crate::formats::quote::command_line;
use crate::keep::follow::Decision;
use crate::pack::Catalog;
use crate::system::folder::Folder;
use crate::system::interrupt;
use crate::ui::{self, Report, Written};
use crate::write::{self, Action, Apply, Change, OnConflict};

/// Does it and reports.
///
/// # Errors
/// No project, no lock, answers that do not fit; [`Code::Conflict`], with nothing written: what both sides changed, or
/// changes that are in no commit.
pub fn run(args: &UpdateArgs, catalog: &Catalog) -> Result<()> {
    let past = Past::open(args.init.repository.as_deref(), !is_preview(&args.init))?;
    // As text they stand on stderr already.
    let is_json = args.init.format == Format::Json;
    let mut warnings = if is_json { past.notices.clone() } else { Vec::new() };
    if args.abort {
        return undo::run(args, &past.location);
    }
    let asks = args.init.asks && args.init.format == Format::Text && !is_preview(&args.init);
    let mut prompter = if asks { terminal::open(args.init.mode) } else { None };
    let now = match &mut prompter {
        Some(prompter) if args.looks => {
            past.asked(&args.init, catalog, &mut **prompter, |now| preview(args, &past, now))?
        }
        _ => past.now(&args.init, catalog)?,
    };
    refuse_unexpected(&args.init, &now.files)?;
    let plan = Planned::of(args, &past, &now, &mut prompter)?;
    drop(prompter);
    let Planned { mut changes, problems, conflicts, notes, first, .. } = plan;
    Error::unless_empty(problems)?;
    if !args.allow_dirty {
        refuse_dirty(&past, &changes)?;
    }
    warnings.extend(notes);
    warnings.extend(now.warnings.clone());
    changes.extend(past.memory(&now, catalog)?);
    if !is_preview(&args.init) {
        let root = past.location.around();
        let outcome = interrupt::deferred(|| write::apply(root, &changes, &Apply::default()))?;
        warnings.extend(outcome.words(str::to_owned));
        if changes.iter().any(Change::writes) && undo::keep(root, &changes).is_err() {
            warnings.push(
                "`--abort` cannot undo this: no folder of yours can keep what was before"
                    .to_owned(),
            );
        }
    }
    report(args, &past, &now, &changes, &conflicts, &first, &warnings)
}

/// What will be done.
#[derive(Default)]
struct Planned {
    changes: Vec<Change>,
    problems: Vec<Problem>,
    /// Paths of a preview that nobody has decided about.
    conflicts: Vec<String>,
    notes: Vec<String>,
    /// Files that are meant for their owner, who has begun with them: those that would be different now.
    left: Vec<String>,
    /// Those of them that are there, and would not be generated any more.
    old: Vec<String>,
    /// Commands without which those of the repository may fail.
    first: Vec<Vec<String>>,
    /// The choice for all further conflicts.
    for_all: Option<OnConflict>,
}

/// What the last screen shows: each file that would be written, without a word to anyone.
fn preview(args: &UpdateArgs, past: &Past, now: &Now) -> Result<Vec<Written>> {
    let init = InitArgs { diff: true, ..args.init.clone() };
    let plan = Planned::of(&UpdateArgs { init, ..args.clone() }, past, now, &mut None)?;
    Ok(written(past, &plan.changes, &plan.conflicts))
}

impl Planned {
    fn of(
        args: &UpdateArgs,
        past: &Past,
        now: &Now,
        prompter: &mut Option<Box<dyn Prompter>>,
    ) -> Result<Self> {
        let mut plan = Self::default();
        for step in &past.steps(now)? {
            plan.add(args, past, step, prompter)?;
        }
        // What an update has written is what `diff` compares with.
        let flag = if is_preview(&args.init) { " --update" } else { "" };
        let such = "meant for you, and you have changed such files";
        if let Some(paths) = listed(&plan.left) {
            plan.notes.push(format!(
                "left as it is: {paths}; that is {such}; `scaffold diff{flag} PATH` shows what is different now"
            ));
        }
        if let Some(paths) = listed(&plan.old) {
            plan.notes
                .push(format!("stays, though not generated any more: {paths}; that is {such}"));
        }
        Ok(plan)
    }

    fn add(
        &mut self,
        args: &UpdateArgs,
        past: &Past,
        step: &Step,
        prompter: &mut Option<Box<dyn Prompter>>,
    ) -> Result<()> {
        let Step { path, ours, theirs, decision, .. } = step;
        let before = ours.clone();
        let change = match (decision, theirs) {
            (Decision::Take, Some(file)) => {
                let action = if before.is_none() { Action::Create } else { Action::Overwrite };
                file.change(action, before, file.bytes.clone())
            }
            (Decision::Merged(text), Some(file)) => {
                if let Some(old) = &step.moved {
                    self.notes
                        .push(format!("`{old}` is `{path}` now, with what you changed in it"));
                }
                let action = if before.is_none() { Action::Create } else { Action::Merge };
                file.change(action, before, text.clone().into())
            }
            (Decision::Remove, _) => {
                Change::removal(past.location.placed(path), before.unwrap_or_default())
            }
            (Decision::StaysAway, _) => {
                self.notes.push(format!("`{path}` stays away: you removed it, and what would be generated there has changed"));
                return Ok(());
            }
            (Decision::Yours, Some(_)) => {
                self.left.push(path.clone());
                return Ok(());
            }
            (Decision::Yours, None) => {
                self.old.extend(before.map(|_| path.clone()));
                return Ok(());
            }
            (Decision::Locked(command), _) => {
                let line = command_line(command);
                self.notes.push(format!(
                    "`{path}` stays as your package tool wrote it; `{line}` makes it fit what has changed"
                ));
                self.first.push(command.clone());
                return Ok(());
            }
            (Decision::Conflict(markers), _) => {
                let how = self.choose(args, past, step, prompter)?;
                match decided(past, step, how, markers.as_deref()) {
                    Ok(change) => change,
                    Err(error) => {
                        self.problems.extend(error.problems);
                        return Ok(());
                    }
                }
            }
            _ => return Ok(()),
        };
        self.changes.push(change);
        Ok(())
    }

    fn choose(
        &mut self,
        args: &UpdateArgs,
        past: &Past,
        step: &Step,
        prompter: &mut Option<Box<dyn Prompter>>,
    ) -> Result<OnConflict> {
        if let Some(how) = args.init.on_conflict.or(self.for_all) {
            return Ok(how);
        }
        if let Some(prompter) = prompter {
            let title = match &step.theirs {
                Some(_) => format!("`{}` was changed here, and in the template too", step.path),
                None => format!("`{}` was changed here, and is not generated any more", step.path),
            };
            let (how, all) = prompter.conflict(&title, &sides(past, step)?)?;
            self.for_all = all.then_some(how);
            return Ok(how);
        }
        if is_preview(&args.init) {
            self.conflicts.push(past.location.placed(&step.path));
            return Ok(OnConflict::Overwrite);
        }
        Ok(OnConflict::Fail)
    }
}

/// The first of the paths, and how many more there are; `None` without any.
fn listed(paths: &[String]) -> Option<String> {
    const SHOWN: usize = 4;
    let shown: Vec<String> = paths.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    let more = paths.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!paths.is_empty()).then(|| shown.join(", ") + &more)
}

/// What was generated, beside what it is here and what it would be now.
fn sides(past: &Past, step: &Step) -> Result<String> {
    let base = past.generated(&step.path)?.unwrap_or_default();
    let side = |title: &str, now: &[u8]| {
        format!("{title}\n{}\n", write::unified_diff(&step.path, &base, now))
    };
    let new = step.theirs.as_ref().map_or(&[][..], |file| &file.bytes);
    let ours = side("What you changed:", step.ours.as_deref().unwrap_or_default());
    Ok(ours + &side("What the template changed:", new))
}

/// The change that was chosen for a conflict.
fn decided(past: &Past, step: &Step, how: OnConflict, markers: Option<&[u8]>) -> Result<Change> {
    let before = step.ours.clone().unwrap_or_default();
    let fail = |why: &str| {
        let message = format!("`{}` was changed here, and {why}", step.path);
        let hint =
            "nothing is written; choose with --on-conflict keep, overwrite, markers or beside";
        Problem::new(Code::Conflict, message).file(&step.path).hint(hint)
    };
    match (&step.theirs, how) {
        (Some(_), OnConflict::Fail) => {
            Err(fail("what would be generated has changed in the same place").into())
        }
        (Some(file), how) => {
            let joined =
                |_: &[u8]| markers.map(<[u8]>::to_vec).ok_or("cannot hold conflict markers");
            write::chosen(Some(&Folder::open(past.location.around())?), file, before, how, joined)
        }
        (None, OnConflict::Overwrite) => {
            Ok(Change::removal(past.location.placed(&step.path), before))
        }
        // There is nothing that could be joined or stand beside it.
        (None, OnConflict::Keep | OnConflict::Beside) => Ok(Change {
            action: Action::Keep,
            after: before.clone().into(),
            ..Change::removal(past.location.placed(&step.path), before)
        }),
        (None, OnConflict::Fail | OnConflict::Markers) => {
            Err(fail("would not be generated any more").into())
        }
    }
}

/// Whoever has everything in a commit can look at what an update did, and go back.
fn refuse_dirty(past: &Past, changes: &[Change]) -> Result<()> {
    let root = past.location.around();
    let touched: Vec<&Change> =
        changes.iter().filter(|change| change.writes() && change.before.is_some()).collect();
    let paths: Vec<&str> = touched.iter().map(|change| change.path.as_str()).collect();
    let uncommitted = uncommitted(root, &paths);
    let mut problems = Vec::new();
    for change in touched {
        let path = past.location.seen(root, &change.path);
        // What nobody changed since it was generated is no loss, in a commit or not.
        let is_dirty = uncommitted.as_ref().is_none_or(|dirty| dirty.contains(&change.path))
            && !past.is_untouched(&path, change.before.as_deref().unwrap_or_default())?;
        if is_dirty {
            let message = format!("`{path}` has changes that are in no commit");
            let hint = "nothing is written; commit first, so that you can look at what is changed and go back";
            let problem = Problem::new(Code::Conflict, message).file(path).hint(hint);
            problems.push(problem.fix(["--allow-dirty"]));
        }
    }
    Error::unless_empty(problems)
}

/// All changes by their paths as seen from the project.
fn written(past: &Past, changes: &[Change], conflicts: &[String]) -> Vec<Written> {
    let root = past.location.around();
    let written = |change: &Change| {
        Written::new(change, conflicts).at(past.location.seen(root, &change.path))
    };
    let mut files: Vec<Written> = changes.iter().map(written).collect();
    files.sort_by(|a, b| a.path().cmp(b.path()));
    files
}

fn report(
    args: &UpdateArgs,
    past: &Past,
    now: &Now,
    changes: &[Change],
    conflicts: &[String],
    first: &[Vec<String>],
    warnings: &[String],
) -> Result<()> {
    let report = Report {
        command: args.name,
        destination: past.root.display().to_string().replace('\\', "/"),
        rendered: &now.files,
        project_type: (&now.project_type.name, now.type_source),
        answers: &now.answers.values,
        files: written(past, changes, conflicts),
        commands: &now.plan.commands,
        setup: None,
        notes: &now.plan.notes,
        warnings,
    };
    match (args.init.format, args.init.diff, args.init.dry_run) {
        (Format::Json, ..) => ui::json(&report),
        (_, true, _) => ui::diff(changes),
        (_, _, is_preview) => ui::changed(&report, first, is_preview),
    }
}
