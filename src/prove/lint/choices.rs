//! Choices: values that an expression compares a question with and the question does not have.

use crate::error::{Code, Problem};
use crate::pack::ProjectType;
use crate::pack::overlay::Kind;
use crate::prove::conditions::{Condition, conditions};
use crate::render::template;
use regex_lite::Regex;
use std::sync::LazyLock;

/// Comparisons with a value that the question does not have.
pub(super) fn unknown(project_type: &ProjectType) -> Vec<Problem> {
    let mut findings = Vec::new();
    for Condition { expr, at, .. } in conditions(project_type) {
        for (id, value) in compared(expr.source()) {
            findings.extend(unknown_choice(project_type, &id, &value).map(|(message, allowed)| {
                at.problem(Code::UnknownChoice, message).allowed(&value, allowed)
            }));
        }
    }
    findings
}

/// The same in a template, of which no type that has it knows the value.
pub(super) fn in_template(shown: &str, text: &str, users: &[&&ProjectType]) -> Vec<Problem> {
    let tags = template::tags(text);
    let is_named_there = |id: &str| {
        let names = |word: &str| tags.iter().any(|tag| tag.text.contains(&format!("{word} {id} ")));
        names("for") || names("set")
    };
    let mut findings = Vec::new();
    for tag in tags.iter().filter(|tag| compares(tag.text)) {
        for (id, value) in compared(tag.text) {
            let unknown = users.iter().map(|user| unknown_choice(user, &id, &value));
            let unknown: Option<Vec<_>> = unknown.collect();
            let Some((message, allowed)) = unknown.and_then(|mut all| all.pop()) else { continue };
            if is_named_there(&id) {
                continue;
            }
            let before = tag.text.find(&value).map_or("", |at| &tag.text[..at]);
            let line = before.matches('\n').count();
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
            let column = if line == 0 { tag.column + column } else { column + 1 };
            let problem = Problem::new(Code::UnknownChoice, message).allowed(&value, allowed);
            findings.push(problem.at(shown, tag.line + line, column));
        }
    }
    findings
}

fn compares(text: &str) -> bool {
    ["==", "!=", " in "].iter().any(|operator| text.contains(operator))
}

fn unknown_choice(
    project_type: &ProjectType,
    id: &str,
    value: &str,
) -> Option<(String, Vec<String>)> {
    let question = project_type.questions.iter().find(|question| question.id == id)?;
    let never =
        |what: &str| Some((format!("`{id}` is {what}, and never the text `{value}`"), vec![]));
    match question.kind {
        Kind::Text => None,
        Kind::Bool => never("true or false"),
        Kind::Integer => never("a number"),
        Kind::Choice | Kind::MultiChoice => {
            let allowed: Vec<String> = question.choices.0.keys().cloned().collect();
            let is_unknown = !allowed.iter().any(|word| word == value);
            is_unknown.then(|| (format!("`{id}` never is `{value}`"), allowed))
        }
    }
}

/// `a == 'x'`, `'x' == a`, `a in ['x', 'y']`, `'x' in a`: each pattern, and where it has the name and the texts.
static COMPARISONS: LazyLock<[(Regex, usize, usize); 4]> = LazyLock::new(|| {
    let pattern = |text: &str| Regex::new(text).expect("the pattern is a constant");
    let (name, text) = (r"\b([A-Za-z]\w*)", r#"('[^']*'|"[^"]*")"#);
    [
        (pattern(&format!(r"{name}\s*(?:==|!=)\s*{text}")), 1, 2),
        (pattern(&format!(r"{text}\s*(?:==|!=)\s*{name}")), 2, 1),
        (pattern(&format!(r"{name}\s+(?:not\s+)?in\s+[\[(]([^\])]*)[\])]")), 1, 2),
        (pattern(&format!(r"{text}\s+(?:not\s+)?in\s+{name}")), 2, 1),
    ]
});

static TEXT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"'([^']*)'|"([^"]*)""#).expect("the pattern is a constant"));

/// Pairs of a name and a text that an expression compares.
fn compared(source: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (pattern, name, texts) in &*COMPARISONS {
        for found in pattern.captures_iter(source) {
            for text in TEXT.captures_iter(&found[*texts]) {
                let text = text.get(1).or(text.get(2)).map_or("", |text| text.as_str());
                pairs.push((found[*name].to_owned(), text.to_owned()));
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_found_in_all_their_forms() {
        let pairs = compared("a == 'x' and b not in ['y', \"z\"] or 'w' in c or 'v' != d");
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(pairs, [("a", "x"), ("d", "v"), ("b", "y"), ("b", "z"), ("c", "w")]);
    }
}
