//! What an overlay assumes where nobody answers.

use super::{Answers, computed};
use crate::error::{Code, Result};
use crate::formats::yaml::steps;
use crate::pack::expression::{Datum, Scope};
use crate::pack::overlay::{Default, Value};
use crate::pack::{ProjectType, Question, value};

/// What the overlay assumes; nothing where it reads what has no answer, or where it does not fit. `facts` are what a
/// computed default may read beside answers.
pub(super) fn assumed(
    question: &Question,
    scope: &Scope,
    facts: impl FnOnce() -> Datum,
    allowed: &[&str],
) -> Result<Option<Value>> {
    let value = declared(question, scope, facts)?;
    Ok(value.and_then(|value| value::check(question, value, allowed).ok()))
}

/// What the overlay declares or computes, whether it fits or not.
pub(super) fn declared(
    question: &Question,
    scope: &Scope,
    facts: impl FnOnce() -> Datum,
) -> Result<Option<Value>> {
    let value = match &question.default {
        None => return Ok(None),
        Some(Default::Value(value)) => value.clone(),
        Some(Default::Expr(expr)) => {
            if expr.reads().any(|id| id != "facts" && !scope.contains_key(id)) {
                return Ok(None);
            }
            let mut scope = scope.clone();
            scope.insert("facts".to_owned(), facts());
            let fault = |message: String| {
                question.at().child(steps!["default"]).problem(Code::BadPack, message)
            };
            let datum = expr.eval(&scope).map_err(|error| fault(error.message))?;
            let other = || fault(format!("the default `{}` gives {datum:?}", expr.source()));
            computed(datum.clone()).ok_or_else(other)?
        }
    };
    Ok(Some(value))
}

impl Answers {
    /// Whether an answer is what the overlay assumes with the other answers, so that it follows from them.
    pub(super) fn is_assumed(&self, project_type: &ProjectType, question: &Question) -> bool {
        let scope = self.unnamed(project_type);
        let allowed: Vec<&str> = question.choices.0.keys().map(String::as_str).collect();
        let default = assumed(question, &scope, || Datum::None, &allowed);
        default.is_ok_and(|default| default.as_ref() == self.get(&question.id))
    }
}
