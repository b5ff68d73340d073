//! Choices: values that an expression compares a question with and the question does not have.

use crate::error::{Code, Problem};
use crate::pack::ProjectType;
use crate::pack::overlay::Kind;
use crate::prove::conditions::{Condition, conditions};
use regex_lite::Regex;

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
