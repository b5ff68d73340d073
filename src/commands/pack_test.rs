//! `scaffold pack test`: looks at every configuration of a pack, and with `--run` sets up, runs and checks it.

use super::commit::commit;
use super::pack::load;
use crate::answers::config::Kept;
use crate::answers::{Answers, PROJECT_TYPE};
use crate::cli::{Selection, TestArgs};
use crate::error::{Code, Error, Exit, Place, Problem, Result};
use crate::knowledge::LazyLibrary;
use crate::pack::expression::{Datum, Expr};
use crate::pack::{Catalog, ProjectType};
use crate::prove::allowed::Allowed;
use crate::prove::configurations;
use crate::prove::inspect::{self, Finding, Inspector};
use crate::prove::results::{self, Circumstances, Outcome};
use crate::prove::trial::{self, Bench, Trial};
use crate::render::Cache;
use crate::render::plan::{self, CommandLines};
use crate::system::{interrupt, private, process, read};
use crate::tree::File;
use crate::{render, ui};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of the memory of what has passed.
const MEMORY: u64 = 64 << 20;

/// A configuration in memory.
struct Case<'c> {
    project_type: &'c ProjectType,
    answers: Answers,
    files: Vec<File>,
    lines: CommandLines,
}

/// Does it and reports; [`Exit::Failed`] if a configuration failed.
///
/// # Errors
/// The pack cannot be read, nothing is selected, a report cannot be written, or an interrupt.
pub fn run(args: &TestArgs) -> Result<Exit> {
    let (catalog, faults) = load(args.folder.as_deref())?;
    Error::unless_empty(faults)?;
    let selected = select(&catalog, args)?;
    let (mut allowed, faults) = Allowed::of(&catalog.packs[catalog.packs.len() - 1]);
    Error::unless_empty(faults)?;
    let (cases, mut outcomes, mut skipped) = look_at(&catalog, args, selected, &mut allowed);
    if args.selection == Selection::Pairwise {
        let many =
            catalog.types_of_last().into_iter().filter(|t| configurations::has_too_many_pairs(t));
        skipped.extend(many.map(|t| {
            format!(
                "`{}` has too many pairs of answers: every value was tried, and not every pair.",
                t.name
            )
        }));
    }
    if args.run {
        interrupt::deferred(|| execute(args, &catalog, &cases, &mut outcomes))?;
    }
    let circumstances = circumstances(&catalog, args, skipped);
    if let Some(path) = &args.report {
        save(path, &results::markdown(&outcomes, &circumstances))?;
    }
    if let Some(path) = &args.junit {
        let text = results::junit(&outcomes).map_err(|e| Error::io("writing JUnit", &e))?;
        save(path, &text)?;
    }
    ui::tested(&outcomes, &circumstances, args.format)?;
    let failed = outcomes.iter().any(|outcome| !outcome.is_success());
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// The configurations that the arguments choose, of the types that the pack itself declares.
fn select<'c>(catalog: &'c Catalog, args: &TestArgs) -> Result<Vec<(&'c ProjectType, Answers)>> {
    let types = catalog.types_of_last();
    if let Some(only) = &args.only {
        check_names(only, &types)?;
    }
    let mut selected = Vec::new();
    for project_type in &types {
        let configurations = match args.selection {
            Selection::All => configurations::all(project_type).ok_or_else(|| {
                let message =
                    format!("`{}` has too many configurations to test all", project_type.name);
                Error::from(Problem::new(Code::Usage, message).flag("--all").fix(["--pairwise"]))
            })?,
            Selection::Pairwise => configurations::pairwise(project_type),
            Selection::Sample { count, seed } => {
                // A filter that fails is told below, of the first configuration.
                let wanted = |answers: &Answers| {
                    is_wanted(args.only.as_ref(), project_type, answers).unwrap_or(true)
                };
                configurations::sample(project_type, count, seed, wanted)
            }
        };
        for answers in configurations {
            if is_wanted(args.only.as_ref(), project_type, &answers)? {
                selected.push((*project_type, answers));
            }
        }
    }
    if !selected.is_empty() {
        return Ok(selected);
    }
    let (message, flag) = match &args.only {
        Some(only) => (format!("no configuration fulfils `{}`", only.source()), "--only"),
        None => ("the pack has no valid configuration".to_owned(), "--all"),
    };
    Err(Problem::new(Code::Usage, message).flag(flag).into())
}

/// Every name of the filter belongs to some type; in the others it is nothing.
fn check_names(only: &Expr, types: &[&ProjectType]) -> Result<()> {
    let mut names: BTreeSet<&str> =
        types.iter().flat_map(|t| &t.questions).map(|question| question.id.as_str()).collect();
    names.extend(types.iter().flat_map(|t| &t.lets).map(|named| named.name.as_str()));
    names.insert(PROJECT_TYPE);
    match only.variables(false).iter().find(|name| !names.contains(name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let message = format!("no question and no `let` is called `{name}`");
            let problem = Problem::new(Code::UnknownField, message).flag("--only");
            Err(problem.allowed(name, names).into())
        }
    }
}

fn is_wanted(only: Option<&Expr>, project_type: &ProjectType, answers: &Answers) -> Result<bool> {
    let Some(only) = only else { return Ok(true) };
    let mut scope = answers.scope(project_type)?;
    for name in only.variables(false) {
        scope.entry(name).or_insert(Datum::None);
    }
    scope.insert(PROJECT_TYPE.to_owned(), Datum::Word(project_type.name.clone()));
    only.holds(&scope)
        .map_err(|fault| Problem::new(Code::Usage, fault.message).flag("--only").into())
}

/// Renders each configuration and inspects it.
fn look_at<'c>(
    catalog: &'c Catalog,
    args: &TestArgs,
    selected: Vec<(&'c ProjectType, Answers)>,
    allowed: &mut Allowed,
) -> (Vec<Case<'c>>, Vec<Outcome>, Vec<String>) {
    let names = selected.iter().flat_map(|(t, _)| &t.questions).map(|q| q.id.as_str());
    let names: BTreeSet<&str> = names.collect();
    let mut inspector = Inspector::new(names.into_iter());
    let (library, cache) = (LazyLibrary::of(catalog), Cache::of(catalog));
    let mut cases = Vec::new();
    let mut outcomes = Vec::new();
    for (project_type, answers) in selected {
        let planned =
            plan::plan(catalog, project_type, &answers, &Kept::default(), &plan::Site::default());
        let rendered = planned.and_then(|plan| {
            let files = render::render_with(&plan, &library, Some(&cache))?;
            Ok((files, plan.commands))
        });
        let (files, lines, mut flaws) = match rendered {
            Ok((files, lines)) => (files, lines, Vec::new()),
            Err(error) => (Vec::new(), CommandLines::default(), messages(error)),
        };
        let found = inspector.inspect(&files, &lines).into_iter();
        let unwanted = found.filter(|flaw| !allowed.allows(&flaw.path, flaw.kind));
        flaws.extend(unwanted.map(|flaw| flaw.to_string()));
        outcomes.push(Outcome {
            project_type: project_type.name.clone(),
            label: configurations::label(project_type, &answers),
            command: command_line(args.folder.as_deref(), project_type, &answers),
            files: files.len(),
            bytes: files.iter().map(|file| file.bytes.len()).sum(),
            digest: crate::tree::digest_of(&files),
            flaws,
            trial: None,
            resumed: false,
        });
        cases.push(Case { project_type, answers, files, lines });
    }
    add_alike(&cases, &mut outcomes);
    let parsed = add_unparsed_python(&cases, &mut outcomes);
    let skipped =
        (!parsed).then(|| "Python files were not parsed: no `python3` is installed.".to_owned());
    (cases, outcomes, skipped.into_iter().collect())
}

fn messages(error: Error) -> Vec<String> {
    let line = |problem: Problem| {
        let place = match &problem.place {
            Some(Place::File { file, line, column }) => format!("{file}:{line}:{column}: "),
            Some(Place::Path { file }) => format!("{file}: "),
            _ => String::new(),
        };
        format!("{place}{}", problem.message)
    };
    error.problems.into_iter().map(line).collect()
}

fn command_line(
    folder: Option<&Path>,
    project_type: &ProjectType,
    answers: &Answers,
) -> Vec<String> {
    let folder = folder.map(|folder| folder.display().to_string());
    configurations::command_line(project_type, answers, folder.as_deref())
}

/// Two configurations whose own answers differ give the same files: one of the answers changes nothing.
fn add_alike(cases: &[Case], outcomes: &mut [Outcome]) {
    let mut first: HashMap<String, usize> = HashMap::new();
    for index in 0..cases.len() {
        let case = &cases[index];
        let files: Vec<File> = case
            .files
            .iter()
            .filter(|file| file.path != crate::answers::config::PATH)
            .cloned()
            .collect();
        if files.is_empty() {
            continue;
        }
        let key = format!("{} {}", case.project_type.name, crate::tree::digest_of(&files));
        let other = *first.entry(key).or_insert(index);
        if own_answers(&cases[other]) != own_answers(case) {
            let message = format!("gives the same files as {}", outcomes[other].label);
            outcomes[index].flaws.push(message);
        }
    }
}

fn own_answers<'a>(case: &'a Case) -> Vec<(&'a str, String)> {
    let own = case.project_type.questions.iter().filter(|question| !question.common);
    own.filter_map(|q| Some((q.id.as_str(), case.answers.get(&q.id)?.to_string()))).collect()
}

/// Every different Python file is parsed once; whether there was a Python to do it.
fn add_unparsed_python(cases: &[Case], outcomes: &mut [Outcome]) -> bool {
    let mut users: HashMap<(&str, usize), (&str, Vec<usize>)> = HashMap::new();
    for (index, case) in cases.iter().enumerate() {
        for file in case.files.iter().filter(|file| inspect::has_ending(&file.path, &["py"])) {
            if let Ok(text) = std::str::from_utf8(&file.bytes) {
                let key = (file.path.as_str(), file.bytes.address());
                users.entry(key).or_insert((text, Vec::new())).1.push(index);
            }
        }
    }
    let users: Vec<_> = users.into_iter().collect();
    let files: Vec<_> = users.iter().map(|((path, _), (text, _))| (*path, *text)).collect();
    let Some(flaws) = inspect::python::flaws(&files) else { return false };
    for (index, flaw) in flaws {
        let flaw: &Finding = &flaw;
        for user in &users[index].1.1 {
            outcomes[*user].flaws.push(flaw.to_string());
        }
    }
    true
}

/// Sets up, runs and checks each configuration whose tree has no flaw.
fn execute(
    args: &TestArgs,
    catalog: &Catalog,
    cases: &[Case],
    outcomes: &mut Vec<Outcome>,
) -> Result<()> {
    let caches = cache_folder();
    std::fs::create_dir_all(&caches)
        .map_err(|error| Error::io("making the cache folder", &error))?;
    let bench = Bench {
        ecosystems: &catalog.ecosystems,
        caches: caches.clone(),
        timeout: args.timeout,
        cut: process::can_cut(),
    };
    let memory = Memory::open(&caches.join("passed.jsonl"), args.resume);
    let shared = Mutex::new((std::mem::take(outcomes), memory));
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..args.jobs.min(cases.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::SeqCst);
                    if index >= cases.len() || interrupt::requested() {
                        break;
                    }
                    try_one(args, &bench, &cases[index], index, &shared);
                    let outcomes = &lock(&shared).0;
                    let count = done.fetch_add(1, Ordering::SeqCst) + 1;
                    if !interrupt::requested() {
                        ui::progress(&outcomes[index], count, cases.len(), args.format);
                    }
                }
            });
        }
    });
    *outcomes = std::mem::take(&mut lock(&shared).0);
    if interrupt::requested() {
        let problem = Problem::new(Code::Interrupted, "interrupted; what has passed is remembered");
        return Err(problem.hint("run the same command with `--resume` to continue").into());
    }
    Ok(())
}

type Shared = Mutex<(Vec<Outcome>, Memory)>;

fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, (Vec<Outcome>, Memory)> {
    shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn try_one(args: &TestArgs, bench: &Bench, case: &Case, index: usize, shared: &Shared) {
    let (label, key) = {
        let (outcomes, memory) = &mut *lock(shared);
        let outcome = &mut outcomes[index];
        if !outcome.flaws.is_empty() {
            return;
        }
        let key = format!("{} {}", outcome.digest, serde_json::json!(case.lines));
        if let Some(steps) = memory.passed.get(&key) {
            outcome.trial = Some(Trial { steps: steps.clone(), ..Trial::default() });
            outcome.resumed = true;
            return;
        }
        (outcome.label.clone(), key)
    };
    let trial = trial::run(bench, &case.files, &case.lines, &|step| {
        ui::begin(&label, step, args.format);
    });
    if trial.interrupted {
        return;
    }
    let (outcomes, memory) = &mut *lock(shared);
    if trial.failure.is_none() {
        memory.add(key, &trial.steps);
    }
    outcomes[index].trial = Some(trial);
}

/// What has passed, by digest of the files and by commands; one line of JSON each, so that an interruption loses nothing.
struct Memory {
    path: PathBuf,
    passed: HashMap<String, Vec<trial::Step>>,
}

impl Memory {
    fn open(path: &Path, resume: bool) -> Self {
        // Where the memory cannot be read, everything is tried again.
        let bytes = read::named(path, MEMORY, Code::Io).ok().flatten().unwrap_or_default();
        let text = read::text("", &bytes, Code::Io).unwrap_or_default();
        let passed = text.lines().filter_map(|line| serde_json::from_str(line).ok());
        Self {
            path: path.to_owned(),
            passed: if resume { passed.collect() } else { HashMap::new() },
        }
    }

    /// Remembers; where the cache cannot be written, `--resume` has less to go on, and nothing else is lost.
    fn add(&mut self, key: String, steps: &[trial::Step]) {
        use std::io::Write as _;
        let line = serde_json::json!([key, steps]).to_string() + "\n";
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&self.path);
        let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
        self.passed.insert(key, steps.to_vec());
    }
}

/// Where package caches and what has passed are kept between runs.
fn cache_folder() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    private::base(&variable, "XDG_CACHE_HOME", ".cache", "LOCALAPPDATA")
        .unwrap_or_else(std::env::temp_dir)
        .join("scaffold")
        .join("pack-test")
}

fn circumstances(catalog: &Catalog, args: &TestArgs, skipped: Vec<String>) -> Circumstances {
    let about = &catalog.packs[catalog.packs.len() - 1].about;
    let selection = match args.selection {
        Selection::All => "every combination of own answers".to_owned(),
        Selection::Pairwise => "every pair of answers".to_owned(),
        Selection::Sample { count, seed } => format!("a sample of {count}, seed {seed}"),
    };
    let only = args.only.as_ref().map(|only| format!(", only `{}`", only.source()));
    let network = match (args.run, process::can_cut()) {
        (false, _) => "",
        (true, true) => "After `setup` the network was cut.",
        (true, false) => "The network was not cut: this system does not let it be.",
    };
    let now = std::time::SystemTime::now();
    Circumstances {
        pack: format!("{} {}", about.name, about.version),
        commit: commit(args.folder.as_deref().unwrap_or(Path::new("."))),
        when: humantime::format_rfc3339_seconds(now).to_string(),
        selection: selection + &only.unwrap_or_default(),
        network: network.to_owned(),
        skipped,
    }
}

fn save(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text)
        .map_err(|error| Error::io(&format!("writing `{}`", path.display()), &error))
}
