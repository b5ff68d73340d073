//! Rules of a type: which of them refuse a set of answers, and what would cure it.

use super::{Answers, flag_of};
use crate::error::{Code, Problem};
use crate::pack::expression::{Datum, Expr, Scope};
use crate::pack::overlay::{Kind, Rule};
use crate::pack::{Placed, ProjectType};
use std::collections::BTreeSet;

/// Rules that refuse; with `decided`, only those that read nothing else.
pub(super) fn broken_rules(
    project_type: &ProjectType,
    answers: &Answers,
    decided: Option<&BTreeSet<String>>,
) -> Vec<Problem> {
    broken(project_type, &project_type.rules, answers, decided)
}

pub(super) fn broken(
    project_type: &ProjectType,
    rules: &[Placed<Rule>],
    answers: &Answers,
    decided: Option<&BTreeSet<String>>,
) -> Vec<Problem> {
    let scope = answers.unnamed(project_type);
    let mut problems = Vec::new();
    for rule in rules {
        let is_open = |decided: &BTreeSet<String>| {
            !project_type.questions_read(&rule.when).is_subset(decided)
        };
        if decided.is_some_and(is_open) {
            continue;
        }
        let named = match project_type.with_lets_of(&rule.when, &scope) {
            Ok(named) => named,
            Err(error) => {
                problems.extend(error.problems);
                continue;
            }
        };
        match rule.when.holds(&named) {
            Ok(false) => {}
            Ok(true) => {
                let allowed = cures(project_type, &rule.field, &rule.when, &scope);
                let problem = Problem::new(Code::Rule, rule.message.clone())
                    .flag(flag_of(project_type, &rule.field));
                problems.push(Problem { allowed, ..problem });
            }
            Err(fault) => problems.push(rule.at.problem(Code::BadPack, fault.message)),
        }
    }
    problems
}

/// The other values of the field with which this rule would not refuse.
pub(super) fn cures(
    project_type: &ProjectType,
    field: &str,
    when: &Expr,
    scope: &Scope,
) -> Vec<String> {
    let Some(question) = project_type.questions.iter().find(|question| question.id == field) else {
        return Vec::new();
    };
    let tries = |datum: Datum| {
        let mut scope = scope.clone();
        scope.insert(field.to_owned(), datum);
        let named = project_type.with_lets_of(when, &scope);
        named.is_ok_and(|scope| when.holds(&scope).is_ok_and(|refused| !refused))
    };
    match question.kind {
        Kind::Choice => question
            .choices
            .0
            .keys()
            .filter(|value| tries(Datum::Word((*value).clone())))
            .cloned()
            .collect(),
        Kind::MultiChoice => question
            .choices
            .0
            .keys()
            .filter(|value| tries(Datum::List(vec![(*value).clone()])))
            .cloned()
            .collect(),
        Kind::Bool => [true, false]
            .iter()
            .filter(|v| tries(Datum::Bool(**v)))
            .map(ToString::to_string)
            .collect(),
        Kind::Text | Kind::Integer => Vec::new(),
    }
}
