//! What must hold of one question by itself.

use super::{OWN_FLAGS, RESERVED, is_identifier, is_word};
use crate::error::{Code, Problem};
use crate::formats::yaml::steps;
use crate::pack::overlay::{Default, Kind, Stored, Value};
use crate::pack::{Question, value};
use std::collections::BTreeSet;

/// Id and flag are well formed and nobody else's.
pub(super) fn identity(
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

/// Where `config.yml` keeps an answer is said for questions of every project, and in the places that it has for them.
pub(super) fn key(question: &Question) -> Option<Problem> {
    let key = question.key.as_deref()?;
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let message = match key.split('.').collect::<Vec<_>>().as_slice() {
        _ if !question.common => "only a question in `common.yml` has a `key`".to_owned(),
        [one] if is_word(one) && !matches!(*one, "version" | "custom" | "project") => return None,
        ["custom" | "project", one] if is_word(one) => return None,
        _ => format!("`{key}` is not `KEY`, `custom.KEY` or `project.KEY`"),
    };
    Some(question.at().child(steps!["key"]).problem(Code::BadPack, message))
}

/// Kind, choices, limits and default fit each other.
pub(super) fn shape(question: &Question) -> Vec<Problem> {
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
    if question.stored == Stored::Changed {
        match &question.default {
            None => fault("stored", "what has no default is always stored".to_owned()),
            Some(Default::Expr(expr)) if expr.mentions("facts") => {
                fault(
                    "stored",
                    "a default that reads `facts` differs from place to place: it must be stored"
                        .to_owned(),
                );
            }
            Some(_) => {}
        }
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

/// Whether a value answers the question.
pub(super) fn default_fits(question: &Question, default: &Value) -> Result<(), String> {
    let allowed: Vec<&str> = question.choices.0.keys().map(String::as_str).collect();
    value::check(question, default.clone(), &allowed).map(|_| ()).map_err(|refusal| refusal.message)
}
