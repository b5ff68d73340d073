//! What must hold of the overlays before anything is asked; every fault has its place.

use super::catalog::Catalog;
use super::origin::Origin;
use super::overlay::{Commands, Default, Kind, Overlay, Value};
use super::project_type::{ProjectType, Question};
use crate::error::{Code, Problem};
use crate::formats::yaml::steps;
use crate::pack::expression::Expr;
use crate::pack::value;
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

/// Names that templates give another meaning.
const RESERVED: [&str; 7] = ["answers", "facts", "loop", "part", "project", "projectType", "range"];
/// What a computed default may read beside answers: see `answers::Facts`.
pub const FACTS: [&str; 5] = ["folder", "idea", "summary", "user", "words"];

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
        ("rules", overlay.rules.len(), MOST_ITEMS),
        ("notes", overlay.notes.len(), MOST_ITEMS),
        ("layers", overlay.layers.len(), MOST_ITEMS),
        ("detect", overlay.detect.len(), MOST_ITEMS),
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
        problems.extend(identity(question, &known, &mut flags));
        problems.extend(shape(question));
        let mut facts: BTreeSet<String> = known.clone();
        facts.insert("facts".to_owned());
        let at = question.at();
        problems.extend(reads(question.when.as_ref(), &at.child(steps!["when"]), &known));
        if let Some(Default::Expr(expr)) = &question.default {
            problems.extend(reads(Some(expr), &at.child(steps!["default", "expr"]), &facts));
            problems.extend(unknown_facts(expr, &at.child(steps!["default", "expr"])));
        }
        for (name, choice) in &question.choices.0 {
            problems.extend(reads(
                choice.when.as_ref(),
                &at.child(steps!["choices", name.as_str(), "when"]),
                &known,
            ));
        }
        known.insert(question.id.clone());
    }
    problems.extend(conditions(project_type, &known));
    problems.extend(evidence(project_type));
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
                    if let Err(message) = default_fits(question, value) {
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

/// Rules, notes, layers, commands and knowledge entries read only questions of the type.
fn conditions(project_type: &ProjectType, known: &BTreeSet<String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for rule in &project_type.rules {
        problems.extend(reads(Some(&rule.when), &rule.at.child(steps!["when"]), known));
        if !known.contains(&rule.field) {
            let message = format!("there is no question `{}`", rule.field);
            let at = rule.at.child(steps!["field"]);
            problems.push(
                at.problem(Code::BadPack, message)
                    .allowed(&rule.field, known.iter().map(String::as_str)),
            );
        }
    }
    for note in &project_type.notes {
        problems.extend(reads(note.when.as_ref(), &note.at.child(steps!["when"]), known));
    }
    for layer in &project_type.layers {
        problems.extend(reads(layer.when.as_ref(), &layer.at.child(steps!["when"]), known));
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
                problems.extend(reads(entry.when.as_ref(), &at, known));
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
        problems.extend(reads(command.when.as_ref(), &at.child(steps!["when"]), known));
        if command.run.is_empty() {
            problems.push(at.problem(Code::BadPack, format!("`{name}` has no program")));
        }
    }
    problems
}

fn identity(
    question: &Question,
    known: &BTreeSet<String>,
    flags: &mut BTreeSet<String>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let id = question.at().child(steps!["id"]);
    if !is_identifier(&question.id) {
        let message =
            format!("`{}` is not an id: a lower-case letter, then letters and digits", question.id);
        problems.push(id.problem(Code::BadPack, message));
    }
    if RESERVED.contains(&question.id.as_str()) {
        problems.push(id.problem(
            Code::BadPack,
            format!("the id `{}` has a meaning of its own in templates", question.id),
        ));
    }
    if known.contains(&question.id) {
        problems.push(id.problem(
            Code::BadPack,
            format!("the id `{}` is taken by an earlier question", question.id),
        ));
    }
    let at = question.at().child(steps!["flag"]);
    if !is_word(&question.flag, '-', true) || question.flag.starts_with("no-") {
        let message = format!(
            "`{}` is not a flag: lower-case letters, digits and hyphens, not starting with `no-`",
            question.flag
        );
        problems.push(at.problem(Code::BadPack, message));
    }
    if OWN_FLAGS.contains(&question.flag.as_str()) {
        problems.push(at.problem(
            Code::BadPack,
            format!("the flag `--{}` belongs to scaffold itself", question.flag),
        ));
    }
    if !flags.insert(question.flag.clone()) {
        problems.push(at.problem(
            Code::BadPack,
            format!("the flag `--{}` is taken by an earlier question", question.flag),
        ));
    }
    problems
}

/// Kind, choices, limits and default fit each other.
fn shape(question: &Question) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut fault = |key: &str, message: String| {
        problems.push(question.at().child(steps![key]).problem(Code::BadPack, message));
    };
    let many = question.kind == Kind::MultiChoice;
    let chooses = many || question.kind == Kind::Choice;
    if chooses == question.choices.0.is_empty() {
        fault(
            "choices",
            if chooses { "a choice needs `choices`" } else { "only a choice has `choices`" }
                .to_owned(),
        );
    }
    for value in question.choices.0.keys() {
        if !is_word(value, '-', true)
            && !value.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
        {
            fault(
                "choices",
                format!("`{value}` is not a value: letters, digits, `.`, `-` and `_`"),
            );
        }
        if many && value == "none" {
            fault(
                "choices",
                "`none` is how nothing is chosen, so it cannot be a value here".to_owned(),
            );
        }
    }
    if question.pattern.is_some() && question.kind != Kind::Text {
        fault("pattern", "only a text has a `pattern`".to_owned());
    }
    if let Some(Err(error)) = question.pattern.as_deref().map(value::pattern) {
        fault("pattern", format!("not a regular expression: {error}"));
    }
    if (question.min.is_some() || question.max.is_some())
        && matches!(question.kind, Kind::Choice | Kind::Bool)
    {
        fault("min", "only a text, an integer or a multi-choice has `min` and `max`".to_owned());
    }
    if question.min.zip(question.max).is_some_and(|(min, max)| min > max) {
        fault("min", "`min` is greater than `max`: nothing would be allowed".to_owned());
    }
    match (&question.default, question.required) {
        (None, false) => {
            fault("id", format!("`{}` needs `required: true` or a `default`", question.id));
        }
        (Some(_), true) => fault("required", "what has a default is not required".to_owned()),
        (Some(Default::Value(default)), false) => {
            if let Err(message) = default_fits(question, default) {
                fault("default", message);
            }
        }
        _ => {}
    }
    problems
}

fn default_fits(question: &Question, default: &Value) -> Result<(), String> {
    let allowed: Vec<&str> = question.choices.0.keys().map(String::as_str).collect();
    value::check(question, default.clone(), &allowed).map(|_| ()).map_err(|refusal| refusal.message)
}

fn reads(expr: Option<&Expr>, at: &Origin, known: &BTreeSet<String>) -> Option<Problem> {
    let unknown = expr?.variables(false).into_iter().find(|name| !known.contains(name))?;
    let message = format!("`{unknown}` is not an earlier question");
    Some(at.problem(Code::BadPack, message).allowed(&unknown, known.iter().map(String::as_str)))
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
