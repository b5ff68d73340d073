//! What must hold of the overlays before anything is asked; every fault has its place.

mod lets;
mod question;

use super::catalog::Catalog;
use super::origin::{Origin, Placed};
use super::overlay::{Commands, Default, Overlay};
use super::project_type::ProjectType;
use super::source::is_simple;
use crate::error::{Code, Problem};
use crate::formats::yaml::steps;
use crate::pack::expression::Expr;
use crate::pack::value;
use glob::Pattern;
use std::collections::{BTreeSet, HashSet};

/// Flags of `init` that no question may take.
pub const OWN_FLAGS: [&str; 23] = [
    "answers",
    "auto",
    "color",
    "diff",
    "dry-run",
    "expect",
    "force",
    "format",
    "git",
    "help",
    "idea",
    "on-conflict",
    "pack",
    "plain",
    "project-type",
    "quiet",
    "repository",
    "root",
    "set",
    "strict",
    "trust",
    "verbose",
    "version",
];

/// Names that templates and expressions give another meaning.
const RESERVED: [&str; 20] = [
    "and",
    "answers",
    "dict",
    "else",
    "facts",
    "false",
    "if",
    "in",
    "is",
    "loop",
    "none",
    "not",
    "or",
    "part",
    "project",
    "projectType",
    "range",
    "self",
    "super",
    "true",
];
/// What a computed default may read beside answers: see `answers::Facts`.
pub const FACTS: [&str; 5] = ["folder", "idea", "summary", "user", "words"];

/// What conditions of all but questions may read.
const NAMED: &str = "a question or an earlier name of `let`";

/// Bytes of one text of an overlay.
pub const LONGEST_TEXT: usize = 64 << 10;
/// Questions of a type.
const MOST_QUESTIONS: usize = 200;
/// Choices of a question.
const MOST_CHOICES: usize = 200;
/// Rules of a type; notes, layers and the other lists likewise.
const MOST_ITEMS: usize = 1_000;

/// All faults of all types; a fault of something shared is told once.
pub fn all(catalog: &Catalog) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut seen = HashSet::new();
    for project_type in catalog.types() {
        for problem in of_type(catalog, project_type) {
            if seen.insert(format!("{:?} {}", problem.place, problem.message)) {
                problems.push(problem);
            }
        }
    }
    problems
}

/// Lists of one overlay that are longer than any should be: the rest is not looked at then.
pub fn sizes(overlay: &Overlay, at: &Origin) -> Vec<Problem> {
    let lists = [
        ("questions", overlay.questions.len(), MOST_QUESTIONS),
        ("let", overlay.lets.0.len(), MOST_ITEMS),
        ("rules", overlay.rules.len(), MOST_ITEMS),
        ("notes", overlay.notes.len(), MOST_ITEMS),
        ("layers", overlay.layers.len(), MOST_ITEMS),
        ("detect", overlay.detect.len(), MOST_ITEMS),
        ("yours", overlay.yours.len(), MOST_ITEMS),
        ("needs", overlay.needs.len(), MOST_ITEMS),
    ];
    let mut problems: Vec<Problem> =
        lists.iter().filter_map(|(key, found, most)| too_many(at, key, *found, *most)).collect();
    for (index, question) in overlay.questions.iter().enumerate().take(MOST_QUESTIONS) {
        let at = at.child(steps!["questions", index]);
        problems.extend(too_many(&at, "choices", question.choices.0.len(), MOST_CHOICES));
    }
    problems
}

fn too_many(at: &Origin, key: &str, found: usize, most: usize) -> Option<Problem> {
    let message = || format!("{found} `{key}` are more than {most}");
    (found > most).then(|| at.child(steps![key]).problem(Code::Limit, message()))
}

/// What a type has with all that it inherits.
fn inherited(project_type: &ProjectType) -> Vec<Problem> {
    let lists = [
        ("questions", project_type.questions.len(), MOST_QUESTIONS),
        ("let", project_type.lets.len(), MOST_ITEMS),
        ("rules", project_type.rules.len(), MOST_ITEMS),
        ("notes", project_type.notes.len(), MOST_ITEMS),
        ("layers", project_type.layers.len(), MOST_ITEMS),
    ];
    let at = &project_type.at;
    lists.iter().filter_map(|(key, found, most)| too_many(at, key, *found, *most)).collect()
}

fn of_type(catalog: &Catalog, project_type: &ProjectType) -> Vec<Problem> {
    let mut problems = inherited(project_type);
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut flags = BTreeSet::new();
    if !is_word(&project_type.name, '-', false) {
        let message = format!(
            "`{}` is not a project type: lower-case letters, digits and hyphens",
            project_type.name
        );
        problems
            .push(project_type.at.child(steps!["project-type"]).problem(Code::BadPack, message));
    }
    problems.extend(config_key(catalog, project_type));
    for question in &project_type.questions {
        problems.extend(question::identity(question, &known, &mut flags));
        problems.extend(question::shape(question));
        problems.extend(question::key(question));
        let mut facts: BTreeSet<String> = known.clone();
        facts.insert("facts".to_owned());
        let at = question.at();
        let early = |expr: Option<&Expr>, at: &Origin, known: &BTreeSet<String>| {
            lets::read_too_early(project_type, expr, at)
                .or_else(|| reads(expr, at, known, "an earlier question"))
        };
        problems.extend(early(question.when.as_ref(), &at.child(steps!["when"]), &known));
        if let Some(Default::Expr(expr)) = &question.default {
            problems.extend(early(Some(expr), &at.child(steps!["default", "expr"]), &facts));
            problems.extend(unknown_facts(expr, &at.child(steps!["default", "expr"])));
        }
        for (name, choice) in &question.choices.0 {
            problems.extend(early(
                choice.when.as_ref(),
                &at.child(steps!["choices", name.as_str(), "when"]),
                &known,
            ));
        }
        known.insert(question.id.clone());
    }
    problems.extend(conditions(project_type, &known));
    problems.extend(evidence(project_type));
    problems.extend(patterns(project_type));
    problems.extend(layers(catalog, project_type));
    problems
}

/// The block of a type is a key of its own below `project` in `config.yml`.
fn config_key(catalog: &Catalog, project_type: &ProjectType) -> Option<Problem> {
    let key = project_type.config_key.as_str();
    let homes = || project_type.questions.iter().filter(|question| question.common);
    let is_answer = || {
        homes().any(|question| question.home.iter().any(|part| part == key && part != "project"))
    };
    let other =
        || catalog.types().find(|other| other.config_key == key && other.name != project_type.name);
    let message = if !is_identifier(key) {
        format!("`{key}` is not a key: a lower-case letter, then letters and digits")
    } else if matches!(key, "project" | "projectType" | "version" | "custom") || is_answer() {
        format!("the key `{key}` of `config.yml` is taken by an answer that every project has")
    } else if let Some(other) = other() {
        format!("the key `{key}` of `config.yml` is taken by the type `{}`", other.name)
    } else {
        return None;
    };
    Some(project_type.at.child(steps!["config-key"]).problem(Code::BadPack, message))
}

/// Patterns can be read, and none of them takes for ever.
fn patterns(project_type: &ProjectType) -> Vec<Problem> {
    let fault = |pattern: &Placed<String>| {
        let message = match Pattern::new(&pattern.item) {
            Err(error) => format!("not a pattern of paths: {error}"),
            Ok(_) if !is_simple(&pattern.item) => "a pattern with too many stars".to_owned(),
            Ok(_) => return None,
        };
        Some(pattern.at.problem(Code::BadPack, message))
    };
    project_type.yours.iter().filter_map(fault).collect()
}

/// What is looked for in a folder can be there, and proposes answers of the type's own questions.
fn evidence(project_type: &ProjectType) -> Vec<Problem> {
    let mut problems = Vec::new();
    for evidence in &project_type.detect {
        let at = &evidence.at;
        if let Err(message) = crate::system::read::check_path(&evidence.file) {
            problems.push(at.child(steps!["file"]).problem(Code::BadPath, message));
        }
        if let Some(Err(error)) = evidence.holds.as_deref().map(value::regex) {
            let message = format!("not a regular expression: {error}");
            problems.push(at.child(steps!["holds"]).problem(Code::BadPack, message));
        }
        for (id, value) in &evidence.answers.0 {
            let own = || project_type.questions.iter().filter(|question| !question.common);
            let at = at.child(steps!["answers", id.as_str()]);
            match own().find(|question| question.id == *id) {
                None => {
                    let message = format!("`{}` has no question `{id}`", project_type.name);
                    let ids = own().map(|question| question.id.clone());
                    problems.push(at.problem(Code::BadPack, message).allowed(id, ids));
                }
                Some(question) => {
                    if let Err(message) = question::default_fits(question, value) {
                        problems.push(at.problem(Code::BadPack, message));
                    }
                }
            }
        }
    }
    for need in &project_type.needs {
        let is_path = |word: &String| word.is_empty() || word.contains(['/', '\\']);
        if need.version.iter().any(|words| words.first().is_none_or(is_path)) {
            let message = "the program of a version is a name, which is looked for where programs are installed";
            problems.push(need.at.child(steps!["version"]).problem(Code::BadPack, message));
        }
        let is_version = |text: &String| text.split('.').all(|part| part.parse::<u64>().is_ok());
        if need.least.as_ref().is_some_and(|least| !is_version(least)) {
            let at = need.at.child(steps!["least"]);
            problems.push(at.problem(Code::BadPack, "a version is numbers with dots"));
        }
    }
    problems
}

/// Rules, notes, layers, commands and knowledge entries read only questions of the type and names of `let`.
fn conditions(project_type: &ProjectType, questions: &BTreeSet<String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let known = &lets::check(project_type, questions, &mut problems);
    for rule in &project_type.rules {
        problems.extend(reads(Some(&rule.when), &rule.at.child(steps!["when"]), known, NAMED));
        if !questions.contains(&rule.field) {
            let message = format!("there is no question `{}`", rule.field);
            let at = rule.at.child(steps!["field"]);
            problems.push(
                at.problem(Code::BadPack, message)
                    .allowed(&rule.field, questions.iter().map(String::as_str)),
            );
        }
    }
    for note in &project_type.notes {
        problems.extend(reads(note.when.as_ref(), &note.at.child(steps!["when"]), known, NAMED));
    }
    for layer in &project_type.layers {
        problems.extend(reads(layer.when.as_ref(), &layer.at.child(steps!["when"]), known, NAMED));
    }
    if let Some(commands) = &project_type.commands {
        problems.extend(of_commands(&commands.item, &commands.at, known));
    }
    for overrides in &project_type.overrides {
        for (step, entries) in &overrides.knowledge.0 {
            for (index, entry) in entries.append.iter().enumerate() {
                let at = overrides.at.child(steps![
                    "knowledge-overrides",
                    step.as_str(),
                    "append",
                    index
                ]);
                problems.extend(reads(entry.when.as_ref(), &at, known, NAMED));
            }
        }
    }
    problems
}

fn of_commands(commands: &Commands, at: &Origin, known: &BTreeSet<String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let fixed = [("setup", &commands.setup), ("run", &commands.run), ("check", &commands.check)];
    for (name, words) in fixed {
        if words.is_empty() {
            problems.push(
                at.child(steps![name]).problem(Code::BadPack, format!("`{name}` has no program")),
            );
        }
    }
    for (name, command) in &commands.more.0 {
        let at = at.child(steps!["more", name.as_str()]);
        problems.extend(reads(command.when.as_ref(), &at.child(steps!["when"]), known, NAMED));
        if command.run.is_empty() {
            problems.push(at.problem(Code::BadPack, format!("`{name}` has no program")));
        }
    }
    problems
}

/// What a condition reads is known; `what` says in words what that may be.
fn reads(
    expr: Option<&Expr>,
    at: &Origin,
    known: &BTreeSet<String>,
    what: &str,
) -> Option<Problem> {
    let unknown = expr?.variables(false).into_iter().find(|name| !known.contains(name))?;
    let message = format!("`{unknown}` is not {what}");
    let problem =
        at.problem(Code::BadPack, message).allowed(&unknown, known.iter().map(String::as_str));
    Some(match problem.nearest {
        Some(_) => problem,
        None => problem.hint(format!("if it is a text, it stands in quotes: `'{unknown}'`")),
    })
}

fn unknown_facts(expr: &Expr, at: &Origin) -> Option<Problem> {
    let variables = expr.variables(true);
    let unknown = variables
        .iter()
        .filter_map(|name| name.strip_prefix("facts."))
        .find(|name| !FACTS.contains(name))?;
    Some(at.problem(Code::BadPack, format!("there is no fact `{unknown}`")).allowed(unknown, FACTS))
}

/// Each layer is a folder of a pack, and none lies inside another.
fn layers(catalog: &Catalog, project_type: &ProjectType) -> Vec<Problem> {
    let mut problems = Vec::new();
    for layer in &project_type.layers {
        let at = layer.at.child(steps!["path"]);
        if catalog.layer(&layer.path).is_none() {
            let message = format!("the layer `{}` has no folder below `templates/`", layer.path);
            problems.push(at.problem(Code::BadPack, message));
        }
        let inside = format!("{}/", layer.path);
        if let Some(inner) =
            project_type.layers.iter().find(|other| other.path.starts_with(&inside))
        {
            let message =
                format!("the layer `{}` lies inside the layer `{}`", inner.path, layer.path);
            problems.push(inner.at.problem(Code::BadPack, message));
        }
    }
    problems
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_word(text: &str, joint: char, digits_first: bool) -> bool {
    let first = |c: char| c.is_ascii_lowercase() || (digits_first && c.is_ascii_digit());
    text.starts_with(first)
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joint)
}
