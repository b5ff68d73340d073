//! Candidates: the values that a question is tried with where configurations are enumerated.

use crate::pack::overlay::{Default, Kind, Value};
use crate::pack::{ProjectType, Question, value};
use crate::prove::conditions::{Condition, conditions};

/// Values of one question that are tried because conditions ask for them.
const MOST_DEMANDED: usize = 8;

/// The values that a question is tried with: of numbers the limits and what conditions ask for, of texts the default (or
/// a word where there is none) and what conditions ask for.
pub(super) fn candidates(project_type: &ProjectType, question: &Question) -> Vec<Value> {
    let values: Vec<String> = question.choices.0.keys().cloned().collect();
    match question.kind {
        Kind::Choice => values.into_iter().map(Value::Text).collect(),
        Kind::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Kind::MultiChoice => subsets(&values),
        Kind::Integer => {
            let mut ends: Vec<i64> = [question.min, question.max].into_iter().flatten().collect();
            ends.dedup();
            with_demanded(project_type, question, ends.into_iter().map(Value::Integer).collect())
        }
        Kind::Text if question.required => {
            let word = Value::Text("sample".to_owned());
            with_demanded(project_type, question, vec![word])
        }
        Kind::Text => with_demanded(project_type, question, Vec::new()),
    }
}

/// These values, and those that a condition asks for, beside which the default is tried too.
fn with_demanded(
    project_type: &ProjectType,
    question: &Question,
    mut values: Vec<Value>,
) -> Vec<Value> {
    let mut demanded = Vec::new();
    for Condition { expr, .. } in conditions(project_type) {
        if expr.variables(false).contains(&question.id) {
            let literals = expr.literals();
            match question.kind {
                Kind::Integer => demanded.extend(literals.exact.into_iter().map(Value::Integer)),
                _ => demanded.extend(literals.words.into_iter().map(Value::Text)),
            }
        }
    }
    demanded.retain(|value| value::check(question, value.clone(), &[]).is_ok());
    let usual = usual(question).filter(|_| !demanded.is_empty());
    for value in usual.into_iter().chain(demanded.into_iter().take(MOST_DEMANDED)) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// An answer that no condition asks for.
fn usual(question: &Question) -> Option<Value> {
    match &question.default {
        Some(Default::Value(value)) => Some(value.clone()),
        _ if question.kind == Kind::Text => Some(Value::Text("sample".to_owned())),
        _ => None,
    }
}

fn subsets(values: &[String]) -> Vec<Value> {
    (0..1usize << values.len().min(16))
        .map(|bits| {
            Value::List(
                values
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| bits >> i & 1 == 1)
                    .map(|(_, v)| v.clone())
                    .collect(),
            )
        })
        .collect()
}
