//! `scaffold init`: from answers to a repository.

use super::location::{Group, Location};
use super::policy::Policy;
use super::{detect, inputs};
use crate::answers::{self, Answers, Inputs, Source};
use crate::catalog::{Catalog, ProjectType};
use crate::cli::{Format, InitArgs};
use crate::config::{self, Kept};
use crate::error::{Code, Problem, Result};
use crate::interrupt;
use crate::plan::{self, Plan};
use crate::render;
use crate::terminal;
use crate::ui::{self, Report, Written};
use crate::wizard::prompt::Prompter;
use crate::wizard::review::{self, Review};
use crate::wizard::{self, Chosen};
use crate::write::{self, Apply, Change, File, OnConflict};
use std::path::Path;

/// Does it and reports.
///
/// # Errors
/// Anything wrong with answers, packs or the destination; then nothing is written.
pub fn run(args: &InitArgs, catalog: &Catalog) -> Result<()> {
    let mut prompter = if args.asks { terminal::open(args.mode) } else { None };
    let destination = args.destination.as_path();
    write::check_destination(destination)?;
    let location = Location::find(destination);
    let recovery = location.recover()?;
    refuse_initialised(args)?;

    let (inputs, kept, mut warnings) = gather(args, catalog)?;
    let (project_type, type_source, answers) = match &mut prompter {
        Some(prompter) if !args.auto => {
            ask(args, catalog, inputs, &kept, &location, &mut **prompter)?
        }
        _ => decide(catalog, &inputs)?,
    };
    let plan = plan::plan(catalog, project_type, &answers, &kept, &location.site())?;
    let files = render::render(&plan)?;
    refuse_unexpected(args, &files)?;
    let backup = args.force && is_initialised(destination);
    let groups = location.groups(&plan, &files, backup);
    let (changes, conflicts) = compare(args, &location, &groups, prompter.as_deref_mut())?;
    // The terminal is given back once all is asked: writing can be interrupted, and the last words are shown as any
    // other output.
    drop(prompter);

    // Another run may have written it since the first look; what it wrote from here on is caught by `apply`.
    refuse_initialised(args)?;
    let preview = args.dry_run || args.diff;
    if !preview {
        let git_init = args.git && !location.is_in_repository;
        ui::writing(files.len(), args.format);
        interrupt::deferred(|| {
            groups.iter().zip(&changes).try_for_each(|(group, changes)| {
                let is_own = group.root == destination;
                let how = Apply { backup: backup && is_own, git_init: git_init && is_own };
                write::apply(&group.root, changes, &how)
            })
        })?;
    }
    warnings.extend(location.warning.clone());
    warnings.extend(answers.warnings.clone());
    let changes = seen(&location, &groups, changes);
    ui::recovered(&recovery, args.format);
    report(
        args,
        project_type,
        type_source,
        &answers,
        &plan,
        &Outcome { files: &files, changes: &changes, conflicts: &conflicts, warnings },
    )
}

/// The answers where nobody is asked.
fn decide<'c>(catalog: &'c Catalog, inputs: &Inputs) -> Result<Chosen<'c>> {
    let (project_type, source) = answers::project_type(catalog, inputs)?;
    Ok((project_type, source, answers::resolve(project_type, inputs)?))
}

/// The answers of the wizard, whose last screen shows what would be written.
fn ask<'c>(
    args: &InitArgs,
    catalog: &'c Catalog,
    mut inputs: Inputs,
    kept: &Kept,
    location: &Location,
    prompter: &mut dyn Prompter,
) -> Result<Chosen<'c>> {
    inputs.given.extend(detect::detect(&args.destination, catalog));
    let mut preview = |project_type: &'c ProjectType, answers: &Answers| {
        let plan = plan::plan(catalog, project_type, answers, kept, &location.site())?;
        let files = render::render(&plan)?;
        let groups = location.groups(&plan, &files, args.force);
        let only_look = InitArgs { diff: true, ..args.clone() };
        let (changes, conflicts) = compare(&only_look, location, &groups, None)?;
        let changes = seen(location, &groups, changes);
        Ok(Review {
            destination: shown(&args.destination),
            answers: review::all(project_type, answers),
            costs: review::costs(project_type, answers),
            notes: plan.notes,
            files: changes.iter().map(|change| Written::new(change, &conflicts)).collect(),
            command: review::command(project_type, answers, &shown(&args.destination), &args.packs),
        })
    };
    let is_preview = args.dry_run || args.diff;
    let last_screen: Option<&mut wizard::Preview<'_, 'c>> =
        if is_preview { None } else { Some(&mut preview) };
    wizard::run(catalog, inputs, prompter, last_screen)
}

/// Whoever expects certain files gets those or none.
fn refuse_unexpected(args: &InitArgs, files: &[File]) -> Result<()> {
    let digest = write::digest_of(files);
    match &args.expect {
        Some(expected) if *expected != digest => {
            let message = format!("the files would be `{digest}`, not `{expected}`");
            let problem = Problem::new(Code::Unexpected, message).flag("--expect");
            Err(problem
                .hint("other answers, another pack or another version of scaffold: `--dry-run --format json` shows what would be written")
                .into())
        }
        _ => Ok(()),
    }
}

/// A path as it is told, on any system.
fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

fn is_initialised(destination: &Path) -> bool {
    destination.join(config::PATH).exists()
}

fn refuse_initialised(args: &InitArgs) -> Result<()> {
    if args.force || !is_initialised(&args.destination) {
        return Ok(());
    }
    let path = shown(&args.destination.join(config::PATH));
    let message = format!("`{}` already is a generated repository", args.destination.display());
    let problem = Problem::new(Code::Initialised, message).file(path);
    Err(problem
        .fix(["--force"])
        .hint("`--force` starts again with its answers as defaults and keeps a backup")
        .into())
}

/// All answers from outside.
fn gather(args: &InitArgs, catalog: &Catalog) -> Result<(Inputs, Kept, Vec<String>)> {
    let mut given = args.given.clone();
    let mut warnings = Vec::new();
    let mut kept = Kept::default();
    given.extend(inputs::environment(catalog)?);
    if let Some(name) = &args.answers {
        let file = inputs::answers_file(name, catalog)?;
        given.extend(file.given);
        warnings.extend(file.warnings);
        kept = file.kept;
    }
    if args.force {
        let previous = inputs::previous(&args.destination, catalog)?;
        given.extend(previous.given);
        warnings.extend(previous.warnings);
        if args.answers.is_none() {
            kept = previous.kept;
        }
    }
    given.extend(Policy::read()?.given);
    let (auto, strict) = (args.auto, args.strict);
    Ok((Inputs { given, facts: inputs::facts(args), auto, strict }, kept, warnings))
}

/// What would happen to each file of each group, and which of them are in the way, as seen from the destination.
fn compare(
    args: &InitArgs,
    location: &Location,
    groups: &[Group],
    mut prompter: Option<&mut (dyn Prompter + '_)>,
) -> Result<(Vec<Vec<Change>>, Vec<String>)> {
    let mut for_all = args.on_conflict;
    let preview = args.dry_run || args.diff;
    let mut conflicts = Vec::new();
    let mut changes = Vec::new();
    for group in groups {
        changes.push(write::compare(&group.root, &group.files, &mut |conflict| {
            let path = location.seen(&group.root, &conflict.path);
            // With --force the old configuration goes into the backup, so the new one is in nobody's way.
            if args.force && path == config::PATH {
                return Ok(OnConflict::Overwrite);
            }
            if let Some(how) = for_all {
                return Ok(how);
            }
            if preview {
                conflicts.push(path);
                return Ok(OnConflict::Overwrite);
            }
            let Some(prompter) = &mut prompter else { return Ok(OnConflict::Fail) };
            let diff = write::unified_diff(&path, &conflict.before, &conflict.after);
            let (how, all) = prompter.conflict(&path, &diff)?;
            for_all = all.then_some(how);
            Ok(how)
        })?);
    }
    Ok((changes, conflicts))
}

/// All changes with their paths as seen from the destination.
fn seen(location: &Location, groups: &[Group], changes: Vec<Vec<Change>>) -> Vec<Change> {
    let groups = groups.iter().zip(changes);
    let mut all: Vec<Change> = groups
        .flat_map(|(group, changes)| {
            changes
                .into_iter()
                .map(|change| Change { path: location.seen(&group.root, &change.path), ..change })
        })
        .collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

struct Outcome<'a> {
    files: &'a [File],
    changes: &'a [Change],
    conflicts: &'a [String],
    warnings: Vec<String>,
}

fn report(
    args: &InitArgs,
    project_type: &ProjectType,
    type_source: Source,
    answers: &Answers,
    plan: &Plan,
    outcome: &Outcome,
) -> Result<()> {
    let report = Report {
        command: "init",
        destination: shown(&args.destination),
        digest: write::digest_of(outcome.files),
        project_type: (&project_type.name, type_source),
        answers: &answers.values,
        files: outcome
            .changes
            .iter()
            .map(|change| Written::new(change, outcome.conflicts))
            .collect(),
        commands: &plan.commands,
        notes: &plan.notes,
        warnings: &outcome.warnings,
    };
    match (args.format, args.diff, args.dry_run) {
        (Format::Json, ..) => ui::json(&report),
        (_, true, _) => ui::diff(outcome.changes),
        (_, _, true) => ui::tree(&report),
        _ => ui::summary(&report, project_type, args.verbose),
    }
}
