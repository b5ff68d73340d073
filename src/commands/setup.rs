//! `init --setup`: looks for the programs that it takes, asks for consent, and runs the commands of the new repository.

use super::{consent, init};
use crate::answers::{self, Inputs};
use crate::ask::wizard::prompt::Prompter;
use crate::cli::{Format, InitArgs, Setup};
use crate::error::{Code, Error, Problem, Result};
use crate::formats::quote::command_line;
use crate::pack::overlay::Need;
use crate::pack::{Catalog, ProjectType};
use crate::render::plan::CommandLines;
use crate::system::interrupt;
use crate::system::process::{self, End};
use crate::ui::{self, Executed, Running};
use std::path::Path;
use std::time::Duration;

/// Why programs of packs are run, and what happens without.
const REASON: (&str, &str) = ("to set up what is written", "it is written and not set up");

/// A command of the new repository, with its name.
pub type Step = (&'static str, Vec<String>);

/// The commands that are run until this one, in order; a repository may lack some.
#[must_use]
pub fn steps(until: Setup, lines: &CommandLines) -> Vec<Step> {
    let last = match until {
        Setup::Only => None,
        Setup::Run => Some(("run", &lines.run)),
        Setup::Check => Some(("check", &lines.check)),
    };
    let all = std::iter::once(("setup", &lines.setup)).chain(last);
    all.filter(|(_, words)| !words.is_empty()).map(|(name, words)| (name, words.clone())).collect()
}

/// Looks for programs before anything is asked: what the only type in question lacks ends a run that is to set up, and
/// is else said to whoever is asked.
///
/// # Errors
/// The answers contradict each other; programs are missing.
pub fn look(args: &InitArgs, catalog: &Catalog, inputs: &Inputs, is_asked: bool) -> Result<()> {
    if init::is_preview(args) || (!is_asked && args.setup.is_none()) {
        return Ok(());
    }
    let (types, _) = answers::candidates(catalog, inputs)?;
    let lacking = lacking(&types);
    if args.setup.is_some() && types.len() == 1 {
        return Error::unless_empty(lacking.into_iter().map(missing).collect());
    }
    for need in lacking {
        ui::warn(&warning(need, &types));
    }
    Ok(())
}

/// Where several types are in question, it names those that take the program: who chooses another one needs nothing.
fn warning(need: &Need, types: &[&ProjectType]) -> String {
    let is_concerned = |one: &&&ProjectType| one.needs.iter().any(|other| other.name == need.name);
    let names: Vec<&str> = types.iter().filter(is_concerned).map(|one| one.name.as_str()).collect();
    if names.len() == types.len() {
        return format!("{}; {}", missing(need).message, need.get);
    }
    let (name, for_types) = (&need.name, names.join(" and "));
    format!("{name} is not installed, which {for_types} would need; {}", need.get)
}

fn missing(need: &Need) -> Problem {
    let Need { name, why, get, .. } = need;
    let message = format!("{name} is not installed: it {why}");
    Problem::new(Code::MissingProgram, message).hint(format!("to install it: {get}"))
}

/// The programs of these types that are needed and not found. Nothing is run: a name on the path is enough.
fn lacking<'c>(types: &[&'c ProjectType]) -> Vec<&'c Need> {
    let mut found: Vec<&Need> = Vec::new();
    for need in types.iter().flat_map(|t| &t.needs).filter(|need| !need.optional) {
        let mut programs = need.version.iter().filter_map(|words| words.first());
        let is_there = need.version.is_empty() || programs.any(|name| process::is_installed(name));
        if !is_there && found.iter().all(|other| other.name != need.name) {
            found.push(need);
        }
    }
    found
}

/// What the last screen can offer for a type: nothing where a program is missing.
#[must_use]
pub fn offered(project_type: &ProjectType, lines: &CommandLines) -> Vec<String> {
    let is_ready = lacking(&[project_type]).is_empty();
    let steps = if is_ready { steps(Setup::Run, lines) } else { Vec::new() };
    steps.iter().map(|(_, words)| command_line(words)).collect()
}

/// The steps that may be run: packs of others need the user's consent. Without a terminal and `--trust` that is an error.
///
/// # Errors
/// Nobody can be asked; the user interrupts.
pub fn agreed(
    args: &InitArgs,
    until: Option<Setup>,
    catalog: &Catalog,
    project_type: &ProjectType,
    lines: &CommandLines,
    mut prompter: Option<&mut (dyn Prompter + '_)>,
) -> Result<Vec<Step>> {
    let steps = until.map(|until| steps(until, lines)).unwrap_or_default();
    if steps.is_empty() || init::is_preview(args) {
        return Ok(Vec::new());
    }
    let lacking = lacking(&[project_type]);
    if !lacking.is_empty() {
        let names: Vec<&str> = lacking.iter().map(|need| need.name.as_str()).collect();
        ui::warn(&format!("it is not set up, because it needs {}", names.join(", ")));
        return Ok(Vec::new());
    }
    let shown: Vec<String> = steps.iter().map(|(_, words)| command_line(words)).collect();
    // Any of them may have given the files by which these commands do what they do.
    for pack in &catalog.packs {
        let can_ask = prompter.is_some();
        let ask = || match &mut prompter {
            Some(prompter) => consent::asked(&mut **prompter, pack, &shown, REASON),
            None => Ok(false),
        };
        if consent::agrees(pack, args.trust, ask)? {
            continue;
        }
        if can_ask {
            return Ok(Vec::new());
        }
        let name = &pack.about.name;
        let message = format!("the pack `{name}` wants to run: {}", shown.join("; "));
        let problem = Problem::new(Code::NotAgreed, message).flag("--setup").fix(["--trust"]);
        let hint = "`--trust` agrees to the programs of the packs until they change";
        return Err(problem.hint(hint).into());
    }
    Ok(steps)
}

/// Runs them one after the other, and ends at the first that fails; what is written stays.
///
/// # Errors
/// One fails or cannot be started; the user interrupts.
pub fn run(steps: &[Step], destination: &Path, format: Format) -> Result<Vec<Executed>> {
    let mut all = Vec::new();
    for (at, (name, words)) in steps.iter().enumerate() {
        let mut running = Running::new(words, format);
        let command = process::command(words, destination, false);
        let ended = interrupt::deferred(|| {
            process::watched(command, Duration::MAX, &mut |took, line| running.show(took, line))
        });
        let (why, code) = match ended {
            Ok(ended) => {
                let is_success = ended.end == End::Exited(Some(0));
                let interrupted = ended.end == End::Interrupted;
                running.end(is_success || interrupted, ended.took, &ended.tail);
                if is_success {
                    let seconds = (ended.took.as_secs_f64() * 10.0).round() / 10.0;
                    all.push(Executed { name, command: words.clone(), seconds });
                    continue;
                }
                let last = ended.tail.trim_end().lines().next_back();
                // A person has just read it.
                let said = last.filter(|_| format == Format::Json && !interrupted);
                let said = said.map(|line| format!(" ({line})")).unwrap_or_default();
                let code = if interrupted { Code::Interrupted } else { Code::FailedSetup };
                (format!("{}{said}", ended.end), code)
            }
            Err(error) => (format!("cannot be started: {error}"), Code::FailedSetup),
        };
        let place = destination.display().to_string().replace('\\', "/");
        let message = format!("`{}` {why}; all files are written", command_line(words));
        return Err(Problem::new(code, message).hint(go_on(&place, &steps[at..])).into());
    }
    Ok(all)
}

/// The line that does the rest.
fn go_on(place: &str, rest: &[Step]) -> String {
    let enter = vec!["cd".to_owned(), place.to_owned()];
    let enter = (place != ".").then_some(&enter);
    let words = enter.into_iter().chain(rest.iter().map(|(_, words)| words));
    format!("to go on: {}", words.map(|words| command_line(words)).collect::<Vec<_>>().join(" && "))
}
