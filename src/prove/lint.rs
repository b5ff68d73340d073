//! Lint: what is wrong, unused or out of reach in a pack, without writing anything.

use crate::answers::Answers;
use crate::answers::config::Kept;
use crate::error::{Code, Problem};
use crate::formats::yaml::steps;
use crate::knowledge::{LazyLibrary, Library};
use crate::pack::expression::Expr;
use crate::pack::overlay::{Default, Kind};
use crate::pack::{Catalog, Origin, Pack, ProjectType};
use crate::prove::configurations;
use crate::render::template;
use crate::render::{self, plan};
use regex_lite::Regex;
use std::collections::{BTreeMap, BTreeSet};

/// What templates can read of `project`; `plan` makes it.
const PROJECT: [&str; 8] =
    ["author", "description", "folder", "license", "name", "package", "slug", "workflow"];
/// Evaluations by which conditions are judged; those of larger types are not judged beyond it.
const MOST_EVALUATED: usize = 2_000_000;
/// Beyond this many products only pairs are rendered.
const MOST_RENDERED: usize = 5_000;
/// Names that the template engine gives.
const GIVEN: [&str; 5] = ["answers", "dict", "part", "project", "range"];

/// All findings about the last pack of the catalog and the types that it makes.
#[must_use]
pub fn lint(catalog: &Catalog) -> Vec<Problem> {
    let Some(pack) = catalog.packs.last() else { return Vec::new() };
    let types = catalog.types_of_last();
    let mut findings = unused_layers(catalog, pack);
    for project_type in &types {
        findings.extend(values_of_choices(project_type));
        findings.extend(out_of_reach(project_type));
    }
    let library = LazyLibrary::of(catalog);
    match library.get() {
        Ok(library) => {
            findings.extend(types.iter().flat_map(|one| unresolved(library, one)));
        }
        Err(error) => findings.extend(error.problems),
    }
    findings.extend(names(catalog, &types));
    for project_type in types {
        // A fault that was found in the pack's text would be told again for each tree that it spoils.
        for fault in configurations_that_fail(catalog, project_type, &library) {
            if !findings.iter().any(|other| other.place == fault.place) {
                findings.push(fault);
            }
        }
    }
    let mut unique: Vec<Problem> = Vec::new();
    for finding in findings {
        // What is wrong in the same place is told once, whichever check saw it.
        if !unique.iter().any(|other| other.place == finding.place && other.code == finding.code) {
            unique.push(finding);
        }
    }
    unique
}

/// Every condition of a type with its place and what it is.
fn conditions(project_type: &ProjectType) -> Vec<(&Expr, Origin, &'static str)> {
    let mut all = Vec::new();
    for question in &project_type.questions {
        let at = question.at();
        all.extend(
            question.when.iter().map(|when| (when, at.child(steps!["when"]), "the question")),
        );
        for (value, choice) in &question.choices.0 {
            let place = || at.child(steps!["choices", value.as_str(), "when"]);
            all.extend(choice.when.iter().map(|when| (when, place(), "the choice")));
        }
    }
    all.extend(project_type.lets.iter().map(|named| (&named.when, named.at.clone(), "the `let`")));
    for rule in &project_type.rules {
        all.push((&rule.when, rule.at.child(steps!["when"]), "the rule"));
    }
    for note in &project_type.notes {
        all.extend(note.when.iter().map(|when| (when, note.at.child(steps!["when"]), "the note")));
    }
    for layer in &project_type.layers {
        all.extend(
            layer.when.iter().map(|when| (when, layer.at.child(steps!["when"]), "the layer")),
        );
    }
    if let Some(commands) = &project_type.commands {
        for (name, command) in &commands.more.0 {
            let place = || commands.at.child(steps!["more", name.as_str(), "when"]);
            all.extend(command.when.iter().map(|when| (when, place(), "the command")));
        }
    }
    all
}

/// Rules, notes and conditions that never hold, and rules that always do.
fn out_of_reach(project_type: &ProjectType) -> Vec<Problem> {
    let scopes: Vec<_> = configurations::unruled(project_type)
        .iter()
        .filter_map(|answers| answers.scope(project_type).ok())
        .collect();
    let mut findings = Vec::new();
    let mut evaluated = 0;
    for (expr, at, what) in conditions(project_type) {
        let (mut holds, mut fails) = (false, false);
        for scope in &scopes {
            // Whatever holds somewhere is reached; a rule must fail somewhere too.
            if holds && (fails || what != "the rule") {
                break;
            }
            evaluated += 1;
            if expr.holds(scope).unwrap_or(false) { holds = true } else { fails = true }
        }
        if evaluated > MOST_EVALUATED {
            break;
        }
        if !holds && !scopes.is_empty() {
            let message =
                format!("no configuration reaches {what}: `{}` never holds", expr.source());
            findings.push(
                at.problem(Code::Unreachable, message)
                    .hint("mend the condition, or remove what it guards"),
            );
        } else if what == "the rule" && !fails {
            let message =
                format!("the rule refuses every configuration: `{}` always holds", expr.source());
            findings.push(at.problem(Code::ForbidsAll, message).hint("narrow the condition"));
        }
    }
    findings
}

/// Comparisons with a value that the question does not have.
fn values_of_choices(project_type: &ProjectType) -> Vec<Problem> {
    let mut findings = Vec::new();
    for (expr, at, _) in conditions(project_type) {
        for (id, value) in compared(expr.source()) {
            findings.extend(unknown_choice(project_type, &id, &value).map(|(message, allowed)| {
                at.problem(Code::UnknownChoice, message).allowed(&value, allowed)
            }));
        }
    }
    findings
}

fn unknown_choice(
    project_type: &ProjectType,
    id: &str,
    value: &str,
) -> Option<(String, Vec<String>)> {
    let question = project_type.questions.iter().find(|question| question.id == id)?;
    let chooses = matches!(question.kind, Kind::Choice | Kind::MultiChoice);
    let allowed: Vec<String> = question.choices.0.keys().cloned().collect();
    (chooses && !allowed.iter().any(|word| word == value))
        .then(|| (format!("`{id}` never is `{value}`"), allowed))
}

/// Pairs of a name and a text that an expression compares: `a == 'x'`, `a in ['x', 'y']`, `'x' in a`.
fn compared(source: &str) -> Vec<(String, String)> {
    let pattern = |text: &str| Regex::new(text).expect("the pattern is a constant");
    let quoted = pattern(r#"'([^']*)'|"([^"]*)""#);
    let texts = |part: &str| -> Vec<String> {
        quoted
            .captures_iter(part)
            .filter_map(|found| found.get(1).or(found.get(2)))
            .map(|m| m.as_str().to_owned())
            .collect()
    };
    let mut pairs = Vec::new();
    for found in pattern(r#"\b([A-Za-z]\w*)\s*(?:==|!=)\s*('[^']*'|"[^"]*")"#).captures_iter(source)
    {
        pairs.extend(texts(&found[2]).into_iter().map(|text| (found[1].to_owned(), text)));
    }
    for found in
        pattern(r"\b([A-Za-z]\w*)\s+(?:not\s+)?in\s+[\[(]([^\])]*)[\])]").captures_iter(source)
    {
        pairs.extend(texts(&found[2]).into_iter().map(|text| (found[1].to_owned(), text)));
    }
    for found in
        pattern(r#"('[^']*'|"[^"]*")\s+(?:not\s+)?in\s+([A-Za-z]\w*)"#).captures_iter(source)
    {
        pairs.extend(texts(&found[1]).into_iter().map(|text| (found[2].to_owned(), text)));
    }
    pairs
}

/// Folders below `templates/` that no overlay names.
fn unused_layers(catalog: &Catalog, pack: &Pack) -> Vec<Problem> {
    let used: BTreeSet<&str> =
        catalog.types().flat_map(|t| &t.layers).map(|layer| layer.path.as_str()).collect();
    let mut folders = BTreeMap::new();
    for (file, _) in pack.below("templates") {
        if !used
            .iter()
            .any(|layer| file.strip_prefix(layer).is_some_and(|rest| rest.starts_with('/')))
        {
            let parts: Vec<&str> = file.split('/').collect();
            // The folder that is nobody's: above it are some that hold layers.
            let holds_layers = |depth: &usize| {
                let above = parts[..*depth].join("/") + "/";
                used.iter().any(|layer| layer.starts_with(&above))
            };
            let deepest = parts.len().saturating_sub(1).max(1);
            let depth = (2.min(deepest)..deepest).find(|d| !holds_layers(d)).unwrap_or(deepest);
            folders.entry(parts[..depth].join("/")).or_insert(file);
        }
    }
    let finding = |(folder, file): (String, &str)| {
        Problem::new(Code::UnusedLayer, format!("no overlay has the layer `{folder}`"))
            .at(pack.shown(&format!("templates/{file}")), 1, 1)
            .allowed(&folder, used.iter().copied())
            .hint("name it under `layers`, or remove it")
    };
    folders.into_iter().map(finding).collect()
}

/// Names in templates that nothing gives, and questions that nothing reads.
fn names(catalog: &Catalog, types: &[&ProjectType]) -> Vec<Problem> {
    let mut findings = Vec::new();
    let mut read: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let layers: BTreeSet<&str> =
        types.iter().flat_map(|t| &t.layers).map(|layer| layer.path.as_str()).collect();
    for layer in layers {
        let users: Vec<&&ProjectType> =
            types.iter().filter(|t| t.layers.iter().any(|l| l.path == layer)).collect();
        let Some((pack, files)) = catalog.layer(layer) else { continue };
        for (name, bytes) in files {
            let shown = pack.shown(&format!("templates/{layer}/{name}"));
            let in_name = template::variables(name, name).unwrap_or_default();
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            let in_text = if template::is_template(name) {
                template::variables(name, text)
            } else {
                Ok(BTreeSet::new())
            };
            match in_text {
                Err(fault) => findings.push(Problem::new(Code::BadTemplate, fault.message).at(
                    shown,
                    fault.line,
                    fault.column,
                )),
                Ok(in_text) => {
                    for variable in in_name.iter().chain(&in_text) {
                        if !users.iter().any(|t| is_known(t, variable)) {
                            findings.push(undefined(&shown, text, variable, users[0]));
                        }
                        let root = variable.split('.').next().unwrap_or(variable);
                        for user in &users {
                            read.entry(user.name.as_str()).or_default().insert(root.to_owned());
                        }
                    }
                }
            }
        }
    }
    for project_type in types {
        findings.extend(unused_questions(
            project_type,
            read.remove(project_type.name.as_str()).unwrap_or_default(),
        ));
    }
    findings
}

fn is_known(project_type: &ProjectType, variable: &str) -> bool {
    if let Some(field) = variable.strip_prefix("project.") {
        return PROJECT.contains(&field.split('.').next().unwrap_or(field));
    }
    let root = variable.split('.').next().unwrap_or(variable);
    GIVEN.contains(&root)
        || project_type.questions.iter().any(|question| question.id == root)
        || project_type.lets.iter().any(|named| named.name == root)
}

fn undefined(shown: &str, text: &str, variable: &str, project_type: &ProjectType) -> Problem {
    let (line, column) = place_of(text, variable);
    let lets = project_type.lets.iter().map(|named| named.name.clone());
    let names = project_type.questions.iter().map(|question| question.id.clone()).chain(lets);
    let fields = PROJECT.iter().map(|field| format!("project.{field}"));
    Problem::new(Code::UndefinedName, format!("nothing gives the name `{variable}`"))
        .at(shown, line, column)
        .allowed(variable, names.chain(fields))
}

/// Where a name stands first inside a tag.
fn place_of(text: &str, name: &str) -> (usize, usize) {
    for (index, line) in text.lines().enumerate() {
        let tag = line.find("{{").into_iter().chain(line.find("{%")).min();
        if let Some(at) = tag.and_then(|tag| line[tag..].find(name).map(|at| tag + at)) {
            return (index + 1, line[..at].chars().count() + 1);
        }
    }
    (1, 1)
}

/// Questions of the type whose answer changes nothing; it would be asked in vain.
fn unused_questions(project_type: &ProjectType, mut read: BTreeSet<String>) -> Vec<Problem> {
    for (expr, ..) in conditions(project_type) {
        read.extend(expr.variables(false));
    }
    for question in &project_type.questions {
        if let Some(Default::Expr(expr)) = &question.default {
            read.extend(expr.variables(false));
        }
    }
    if let Some(commands) = &project_type.commands {
        let more = commands.more.0.values().flat_map(|command| &command.run);
        for word in commands.setup.iter().chain(&commands.run).chain(&commands.check).chain(more) {
            let variables = template::variables("a command", word).unwrap_or_default();
            read.extend(
                variables.iter().map(|name| name.split('.').next().unwrap_or(name).to_owned()),
            );
        }
    }
    let unused = project_type
        .questions
        .iter()
        .filter(|question| !question.common && !read.contains(&question.id));
    let finding = |question: &crate::pack::Question| {
        let message = format!("nothing reads the answer to `{}`", question.id);
        question
            .at()
            .child(steps!["id"])
            .problem(Code::UnusedQuestion, message)
            .hint("use it in a layer, or do not ask")
    };
    unused.map(finding).collect()
}

/// Steps and documents that the overlay names and no pack has.
fn unresolved(library: &Library, project_type: &ProjectType) -> Vec<Problem> {
    let (steps, documents) = (&library.steps, &library.documents);
    let mut findings = Vec::new();
    for overrides in &project_type.overrides {
        let maps = [
            ("step-overrides", overrides.steps.0.keys().collect::<Vec<_>>()),
            ("knowledge-overrides", overrides.knowledge.0.keys().collect()),
            ("reads-overrides", overrides.reads.0.keys().collect()),
            ("dependency-overrides", overrides.dependencies.0.keys().collect()),
        ];
        for (map, names) in maps {
            for name in names.into_iter().filter(|name| !steps.contains_key(name.as_str())) {
                let at = overrides.at.child(steps![map, name.as_str()]);
                findings.push(
                    at.problem(Code::UnknownStep, format!("no pack has the step `{name}`"))
                        .allowed(name, steps.keys().cloned()),
                );
            }
        }
        for (step, entries) in &overrides.knowledge.0 {
            for (index, entry) in entries
                .append
                .iter()
                .enumerate()
                .filter(|(_, entry)| !documents.contains_key(&entry.name))
            {
                let at = overrides.at.child(steps![
                    "knowledge-overrides",
                    step.as_str(),
                    "append",
                    index
                ]);
                let message = format!("no pack has the knowledge document `{}`", entry.name);
                findings.push(
                    at.problem(Code::UnknownKnowledge, message)
                        .allowed(&entry.name, documents.keys().cloned()),
                );
            }
        }
    }
    findings
}

/// Renders every configuration; each fault is told once, with a command that shows it.
fn configurations_that_fail(
    catalog: &Catalog,
    project_type: &ProjectType,
    library: &LazyLibrary,
) -> Vec<Problem> {
    let all = configurations::all(project_type);
    let mut answers: Vec<Answers> =
        all.filter(|all| all.len() <= MOST_RENDERED).unwrap_or_default();
    answers.extend(configurations::pairwise(project_type));
    let mut findings: Vec<Problem> = Vec::new();
    for answers in answers {
        let rendered =
            plan::plan(catalog, project_type, &answers, &Kept::default(), &plan::Site::default())
                .and_then(|plan| render::render(&plan, library));
        for problem in rendered.err().into_iter().flat_map(|error| error.problems) {
            let same =
                |other: &Problem| other.code == problem.code && other.message == problem.message;
            if !findings.iter().any(same) {
                let shown = configurations::command_line(project_type, &answers).join(" ");
                let hint = problem.hint.clone().map_or(String::new(), |hint| format!("{hint}; "));
                findings.push(problem.hint(format!("{hint}as with: {shown}")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_found_in_all_their_forms() {
        let pairs = compared("a == 'x' and b not in ['y', \"z\"] or 'w' in c");
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(pairs, [("a", "x"), ("b", "y"), ("b", "z"), ("c", "w")]);
    }
}
