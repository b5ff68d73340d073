//! Names: what templates read and nothing gives, and questions that nothing reads.

use super::choices;
use crate::error::{Code, Problem};
use crate::formats::yaml::steps;
use crate::pack::overlay::Default;
use crate::pack::{Catalog, ProjectType};
use crate::prove::conditions::conditions;
use crate::render::template;
use std::collections::{BTreeMap, BTreeSet};

/// What templates can read of `project`; `plan` makes it.
const PROJECT: [&str; 10] = [
    "author",
    "description",
    "folder",
    "license",
    "name",
    "package",
    "root",
    "slug",
    "workflow",
    "workspace",
];
/// Names that the template engine gives.
const GIVEN: [&str; 5] = ["answers", "dict", "part", "project", "range"];

/// Names in templates that nothing gives, and questions that nothing reads.
pub(super) fn of(catalog: &Catalog, types: &[&ProjectType]) -> Vec<Problem> {
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
            let is_template = template::is_template(name);
            let in_text =
                if is_template { template::variables(name, text) } else { Ok(BTreeSet::new()) };
            if is_template {
                findings.extend(lost_braces(&shown, text));
                findings.extend(choices::in_template(&shown, text, &users));
            }
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
    let problem = Problem::new(Code::UndefinedName, format!("nothing gives the name `{variable}`"))
        .at(shown, line, column)
        .allowed(variable, names.chain(fields));
    match problem.nearest {
        Some(_) => problem,
        None => problem.hint(template::BRACES_OF_THE_FILE),
    }
}

/// Braces of the text itself, as in a pattern, that the engine took for a tag.
fn lost_braces(shown: &str, text: &str) -> Vec<Problem> {
    let problem = |constant: template::Constant| {
        let template::Constant { tag, line, column } = constant;
        let printed = tag.trim_matches(['{', '}', '-', '+', ' ']);
        let message = format!("`{tag}` is a tag, and prints `{printed}` without its braces");
        Problem::new(Code::LostBraces, message)
            .at(shown, line, column)
            .hint(format!("braces that stay are written `{{% raw %}}{tag}{{% endraw %}}`"))
    };
    template::constants(text).into_iter().map(problem).collect()
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
    for condition in conditions(project_type) {
        read.extend(condition.expr.variables(false));
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
