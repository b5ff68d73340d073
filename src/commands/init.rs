//! `scaffold init`: from answers to a repository.

use super::inputs;
use crate::answers::prompt::Prompter;
use crate::answers::{self, Answers, Inputs, Source};
use crate::catalog::{Catalog, ProjectType};
use crate::cli::{Format, InitArgs};
use crate::config::{self, Kept};
use crate::error::{Code, Problem, Result};
use crate::interrupt;
use crate::plan::{self, Plan};
use crate::render;
use crate::terminal::Terminal;
use crate::ui::{self, Report, Written};
use crate::write::{self, Apply, Change, File, OnConflict};
use std::path::Path;

/// Does it and reports.
///
/// # Errors
/// Anything wrong with answers, packs or the destination; then nothing is written.
pub fn run(args: &InitArgs, catalog: &Catalog) -> Result<()> {
    let mut terminal = if args.format == Format::Json { None } else { Terminal::open() };
    let destination = args.destination.as_path();
    write::check_destination(destination)?;
    let recovery = write::recover(destination)?;
    refuse_initialised(args)?;

    let (inputs, kept, mut warnings) = gather(args, catalog)?;
    let (project_type, type_source) =
        answers::project_type(catalog, &inputs, as_prompter(&mut terminal))?;
    let answers = answers::resolve(project_type, &inputs, as_prompter(&mut terminal))?;
    let plan = plan::plan(catalog, project_type, &answers, &kept)?;
    let files = render::render(&plan)?;
    let (changes, conflicts) = compare(args, &files, as_prompter(&mut terminal))?;

    // Another run may have written it since the first look; what it wrote from here on is caught by `apply`.
    refuse_initialised(args)?;
    let preview = args.dry_run || args.diff;
    if !preview {
        let how = Apply {
            backup: args.force && is_initialised(destination),
            git_init: args.git && !inside_repository(destination),
        };
        interrupt::deferred(|| write::apply(destination, &changes, &how))?;
    }
    warnings.extend(answers.warnings.clone());
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

fn as_prompter(terminal: &mut Option<Terminal>) -> Option<&mut dyn Prompter> {
    terminal.as_mut().map(|terminal| terminal as &mut dyn Prompter)
}

fn is_initialised(destination: &Path) -> bool {
    destination.join(config::PATH).exists()
}

fn refuse_initialised(args: &InitArgs) -> Result<()> {
    if args.force || !is_initialised(&args.destination) {
        return Ok(());
    }
    let path = args.destination.join(config::PATH).display().to_string().replace('\\', "/");
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
    given.extend(inputs::user_defaults()?);
    Ok((Inputs { given, facts: inputs::facts(args), auto: args.auto }, kept, warnings))
}

/// What would happen to each file, and which of them are in the way.
fn compare(
    args: &InitArgs,
    files: &[File],
    mut prompter: Option<&mut dyn Prompter>,
) -> Result<(Vec<Change>, Vec<String>)> {
    let preview = args.dry_run || args.diff;
    let mut conflicts = Vec::new();
    // With --force the old configuration goes into the backup, so the new one is in nobody's way.
    let ours = |path: &str| args.force && path == config::PATH;
    let changes = write::compare(&args.destination, files, &mut |conflict| {
        if ours(&conflict.path) {
            return Ok(OnConflict::Overwrite);
        }
        if let Some(how) = args.on_conflict {
            return Ok(how);
        }
        if preview {
            conflicts.push(conflict.path.clone());
            return Ok(OnConflict::Overwrite);
        }
        match &mut prompter {
            Some(prompter) => prompter.conflict(
                &conflict.path,
                &write::unified_diff(&conflict.path, &conflict.before, &conflict.after),
            ),
            None => Ok(OnConflict::Fail),
        }
    })?;
    Ok((changes, conflicts))
}

/// A repository inside a repository is not wanted.
fn inside_repository(destination: &Path) -> bool {
    let full = std::path::absolute(destination).unwrap_or_else(|_| destination.to_owned());
    full.ancestors().any(|folder| folder.join(".git").exists())
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
        destination: args.destination.display().to_string().replace('\\', "/"),
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
