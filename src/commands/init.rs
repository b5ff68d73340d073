//! `scaffold init`: from answers to a repository.

use super::location::{Location, Target};
use super::memory::remembered;
use super::policy::Policy;
use super::{detect, inputs, project, setup};
use crate::answers::config::{self, Kept};
use crate::answers::{self, Answers, Inputs, Source};
use crate::ask::terminal;
use crate::ask::wizard::prompt::{Choice, Prompter};
use crate::ask::wizard::review::{self, Review};
use crate::ask::wizard::{self, Chosen, Wished};
use crate::cli::{Format, InitArgs, Setup};
use crate::error::{Code, Problem, Result};
use crate::keep;
use crate::knowledge::LazyLibrary;
use crate::pack::{Catalog, ProjectType};
use crate::render;
use crate::render::plan::{self, Plan};
use crate::system::folder;
use crate::system::interrupt;
use crate::system::read;
use crate::tree::File;
use crate::ui::{self, Report, Written};
use crate::write::{self, Apply, Change, OnConflict, Recovery};
use std::path::Path;

const WITHOUT_GIT: &str = "git is not installed: this is no repository yet; install git and run `git init` in it \
                           (`--no-git` asks for none)";

/// Does it and reports.
///
/// # Errors
/// Anything wrong with answers, packs or the destination; then nothing is written.
pub fn run(args: &InitArgs, catalog: &Catalog) -> Result<()> {
    let mut prompter = if args.asks { terminal::open(args.mode) } else { None };
    if let Some(variable) = terminal::silenced().filter(|_| args.asks && !args.auto) {
        ui::warn(&format!("nothing is asked: the variable {variable} says that nobody is there"));
    }
    write::check_destination(&args.destination)?;
    let location = Location::find(&args.destination, args.repository.as_deref())?;
    let (recovery, mut warnings) = look_back(args, &location)?;
    // A run that was completed just now has made the folder a repository: the same command again is not refused.
    let may_be_done = recovery == Recovery::Completed && prompter.is_none();
    if !may_be_done {
        refuse_initialised(args, recovery)?;
    }

    let (inputs, kept, noticed) = gather(args, catalog)?;
    warnings.extend(noticed);
    setup::look(args, catalog, &inputs, prompter.is_some() && !args.auto)?;
    let ((project_type, type_source, answers), is_wished) = match &mut prompter {
        Some(prompter) if !args.auto => {
            ask(args, catalog, inputs, &kept, &location, &mut **prompter)?
        }
        _ => (decide(catalog, &inputs)?, false),
    };
    let until = args.setup.or(is_wished.then_some(Setup::Run));
    let mut plan = self::plan(catalog, project_type, &answers, &kept, &location)?;
    let files = render::render(&plan, &LazyLibrary::of(catalog))?;
    refuse_unexpected(args, &files)?;
    let target = remembered(&location, catalog, location.target(&plan, &files));
    plan.notes.extend(location.note(&target));
    agree(args, &location, catalog, &target, prompter.as_deref_mut())?;
    let commands = &plan.commands;
    let prompting = prompter.as_deref_mut();
    let steps = setup::agreed(args, until, catalog, project_type, commands, prompting)?;
    let is_done = may_be_done && has_answers_of(args, &files)?;
    let how_else = if is_done { Some(OnConflict::Keep) } else { args.on_conflict };
    let (changes, conflicts) =
        compare(args, how_else, &location, &target, prompter.as_deref_mut())?;
    // Before they are written: then each is there itself.
    warnings.extend(namesakes(&location, &target, &changes));
    // The terminal is given back once all is asked: writing can be interrupted, and the last words are shown as any
    // other output.
    drop(prompter);

    if !is_preview(args) && !is_done {
        // Another run may have written it since the first look; what it wrote from here on is caught by `apply`.
        refuse_initialised(args, recovery)?;
        let counted = changes.iter().filter(|change| !keep::pristine::is_object(&change.path));
        ui::writing(counted.count(), args.format);
        let backup = args.force && is_initialised(&args.destination)?;
        let how = Apply {
            backup: backup.then(|| location.project(&target)),
            git_init: args.git && !location.is_in_repository,
        };
        let outcome = interrupt::deferred(|| write::apply(&target.root, &changes, &how))?;
        if how.git_init && !folder::at(&target.root.join(".git")).is_ok_and(|git| git.is_some()) {
            warnings.push(WITHOUT_GIT.to_owned());
        }
        warnings.extend(outcome.words(|path| location.seen(&target.root, path)));
        plan.notes.extend(outcome.backup.map(|place| {
            format!("the earlier `.scaffold/` is kept in `{}`", location.seen(&target.root, &place))
        }));
    }
    warnings.extend(location.warning.clone());
    warnings.extend(answers.warnings());
    let changes = seen(&location, &target, changes);
    report(
        args,
        project_type,
        type_source,
        &answers,
        &plan,
        &Outcome { files: &files, changes: &changes, conflicts: &conflicts, warnings, steps },
    )
}

/// Whether the destination has the configuration that would be written: the run that was completed had these answers.
fn has_answers_of(args: &InitArgs, files: &[File]) -> Result<bool> {
    let found = read::below(&args.destination, config::PATH, read::CONFIGURATION)?;
    Ok(files.iter().any(|file| file.path == config::PATH && found.as_deref() == Some(&*file.bytes)))
}

pub(super) fn is_preview(args: &InitArgs) -> bool {
    args.dry_run || args.diff
}

/// Completes or undoes what a killed run left; a preview only says that there is something.
fn look_back(args: &InitArgs, location: &Location) -> Result<(Recovery, Vec<String>)> {
    if is_preview(args) {
        return Ok((Recovery::Nothing, location.unfinished()));
    }
    let outcome = interrupt::held(|| location.recover())?;
    let told = outcome.words(str::to_owned);
    project::tell(&told);
    Ok((outcome.recovery, if args.format == Format::Json { told } else { Vec::new() }))
}

/// Asks for agreement to what packs of others would write at the root of the repository.
fn agree(
    args: &InitArgs,
    location: &Location,
    catalog: &Catalog,
    target: &Target,
    prompter: Option<&mut (dyn Prompter + '_)>,
) -> Result<()> {
    let paths = location.not_agreed(catalog, target);
    if paths.is_empty() || is_preview(args) {
        return Ok(());
    }
    let Some(prompter) = prompter else { return Err(location.refuse(&paths)) };
    let title = format!("A pack wants to write outside the destination: {}", paths.join(", "));
    let choice = |name: &str, help: &str| Choice { name: name.to_owned(), help: help.to_owned() };
    let choices = [
        choice("no", "write nothing at all"),
        choice("yes", "write these files at the root of the repository"),
    ];
    match prompter.choose(&title, &choices, 0)? {
        1 => Ok(()),
        _ => Err(wizard::left()),
    }
}

/// What the answers mean at this place.
pub(super) fn plan<'c>(
    catalog: &'c Catalog,
    project_type: &'c ProjectType,
    answers: &Answers,
    kept: &Kept,
    location: &Location,
) -> Result<Plan<'c>> {
    let ecosystem = catalog.ecosystems.get(project_type.ecosystem.as_deref());
    plan::plan(catalog, project_type, answers, kept, &location.site(ecosystem)?)
}

/// The answers where nobody is asked.
pub(super) fn decide<'c>(catalog: &'c Catalog, inputs: &Inputs) -> Result<Chosen<'c>> {
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
) -> Result<Wished<'c>> {
    inputs.given.extend(detect::detect(&args.destination, catalog));
    let library = LazyLibrary::of(catalog);
    let mut preview = |project_type: &'c ProjectType, answers: &Answers| {
        let plan = self::plan(catalog, project_type, answers, kept, location)?;
        let files = render::render(&plan, &library)?;
        let target = remembered(location, catalog, location.target(&plan, &files));
        let only_look = InitArgs { diff: true, ..args.clone() };
        let (changes, conflicts) = compare(&only_look, args.on_conflict, location, &target, None)?;
        let namesakes = namesakes(location, &target, &changes);
        let changes = seen(location, &target, changes);
        let is_open = args.setup.is_none();
        let setup = is_open.then(|| setup::offered(project_type, &plan.commands));
        let notes = plan.notes.into_iter().chain(location.note(&target)).chain(namesakes).collect();
        Ok(Review {
            destination: shown(&args.destination),
            answers: review::all(project_type, answers),
            costs: review::costs(project_type, answers),
            notes,
            files: changes.iter().map(|change| Written::new(change, &conflicts)).collect(),
            setup: setup.unwrap_or_default(),
            command: repeating(args, project_type, answers),
        })
    };
    let last_screen: Option<&mut wizard::Preview<'_, 'c>> =
        if is_preview(args) { None } else { Some(&mut preview) };
    wizard::run(catalog, inputs, prompter, last_screen)
}

/// The command that gives the same without questions.
fn repeating(args: &InitArgs, project_type: &ProjectType, answers: &Answers) -> Vec<String> {
    let destination = shown(&args.destination);
    let packs = args.packs.iter().flat_map(|pack| ["--pack".to_owned(), pack.clone()]);
    let root = args.repository.iter().flat_map(|root| ["--repository".to_owned(), shown(root)]);
    let more: Vec<String> = packs.chain(root).collect();
    review::command(project_type, answers, &destination, &more)
}

/// Whoever expects certain files gets those or none.
pub(super) fn refuse_unexpected(args: &InitArgs, files: &[File]) -> Result<()> {
    let Some(expected) = &args.expect else { return Ok(()) };
    match crate::tree::digest_of(files) {
        digest if *expected != digest => {
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

/// Whatever is in the place of the configuration makes a folder a generated repository.
fn is_initialised(destination: &Path) -> Result<bool> {
    folder::at(&destination.join(config::PATH)).map(|found| found.is_some())
}

fn refuse_initialised(args: &InitArgs, recovery: Recovery) -> Result<()> {
    if args.force || !is_initialised(&args.destination)? {
        return Ok(());
    }
    let path = shown(&args.destination.join(config::PATH));
    let already = match recovery {
        Recovery::Completed => "is a generated repository now: the interrupted run is complete",
        Recovery::Nothing | Recovery::RolledBack => "already is a generated repository",
    };
    let message = format!("`{}` {already}", args.destination.display());
    let problem = Problem::new(Code::Initialised, message).file(path);
    Err(problem
        .fix(["--force"])
        .hint("`--force` starts again with its answers as defaults and keeps a backup")
        .into())
}

/// All answers from outside.
pub(super) fn gather(args: &InitArgs, catalog: &Catalog) -> Result<(Inputs, Kept, Vec<String>)> {
    let mut given = args.given.clone();
    let mut warnings = catalog.warnings.clone();
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
    let (facts, warning) = inputs::facts(args, &given);
    warnings.extend(warning);
    let (auto, strict) = (args.auto, args.strict);
    Ok((Inputs { given, facts, auto, strict }, kept, warnings))
}

/// What would happen to each file, and which of them are in the way, as seen from the destination.
fn compare(
    args: &InitArgs,
    mut for_all: Option<OnConflict>,
    location: &Location,
    target: &Target,
    mut prompter: Option<&mut (dyn Prompter + '_)>,
) -> Result<(Vec<Change>, Vec<String>)> {
    let mut conflicts = Vec::new();
    let changes = write::compare(&target.root, &target.files, &mut |conflict| {
        let path = location.seen(&target.root, &conflict.path);
        // With --force the old configuration goes into the backup, so the new one is in nobody's way.
        if args.force && (path == config::PATH || keep::is_memory(&path)) {
            return Ok(OnConflict::Overwrite);
        }
        if let Some(how) = for_all {
            return Ok(how);
        }
        if is_preview(args) {
            conflicts.push(path);
            return Ok(OnConflict::Overwrite);
        }
        let Some(prompter) = &mut prompter else { return Ok(OnConflict::Fail) };
        let diff = write::unified_diff(&path, &conflict.before, &conflict.after);
        let (how, all) = prompter.conflict(&format!("`{path}` exists and differs"), &diff)?;
        for_all = all.then_some(how);
        Ok(how)
    })?;
    Ok((changes, conflicts))
}

/// New files that have a namesake in another case, in words.
fn namesakes(location: &Location, target: &Target, changes: &[Change]) -> Vec<String> {
    let words = |(new, old): (String, String)| {
        let seen = |path: &str| location.seen(&target.root, path);
        format!(
            "`{}` is there beside `{}`: systems that do not tell them apart keep one of the two; rename or remove yours",
            seen(&old),
            seen(&new)
        )
    };
    write::namesakes(&target.root, changes).into_iter().map(words).collect()
}

/// All changes with their paths as seen from the destination.
fn seen(location: &Location, target: &Target, changes: Vec<Change>) -> Vec<Change> {
    let seen =
        |change: Change| Change { path: location.seen(&target.root, &change.path), ..change };
    let mut all: Vec<Change> = changes.into_iter().map(seen).collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

struct Outcome<'a> {
    files: &'a [File],
    changes: &'a [Change],
    conflicts: &'a [String],
    warnings: Vec<String>,
    steps: Vec<setup::Step>,
}

/// Reports, and sets up on the way: a person sees first what is written.
fn report(
    args: &InitArgs,
    project_type: &ProjectType,
    type_source: Source,
    answers: &Answers,
    plan: &Plan,
    outcome: &Outcome,
) -> Result<()> {
    let mut report = Report {
        command: "init",
        destination: shown(&args.destination),
        rendered: outcome.files,
        project_type: (&project_type.name, type_source),
        answers: &answers.values,
        files: outcome
            .changes
            .iter()
            .map(|change| Written::new(change, outcome.conflicts))
            .collect(),
        commands: &plan.commands,
        setup: None,
        notes: &plan.notes,
        warnings: &outcome.warnings,
    };
    match (args.format, args.diff, args.dry_run) {
        (Format::Json, ..) => {
            let done = setup::run(&outcome.steps, &args.destination, args.format)?;
            report.setup = args.setup.map(|_| &*done);
            ui::json(&report)
        }
        (_, true, _) => ui::diff(outcome.changes),
        (_, _, true) => ui::tree(&report),
        _ => {
            ui::summary(&report, project_type, args.verbose)?;
            let done = setup::run(&outcome.steps, &args.destination, args.format)?;
            ui::next(&report, &done);
            Ok(())
        }
    }
}
