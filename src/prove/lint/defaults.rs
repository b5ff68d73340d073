//! Defaults: what an overlay computes must be an answer to its own question.

use super::scopes;
use crate::answers::computed;
use crate::error::{Code, Problem};
use crate::formats::yaml::steps;
use crate::pack::expression::{Datum, Expr, Scope};
use crate::pack::overlay::Default;
use crate::pack::{ProjectType, Question, value};

/// Computed defaults that fail, or that their own question refuses.
pub(super) fn of(project_type: &ProjectType) -> Vec<Problem> {
    let computed = project_type.questions.iter().filter_map(|question| match &question.default {
        Some(Default::Expr(expr)) => Some((question, expr)),
        _ => None,
    });
    computed.filter_map(|(question, expr)| judged(project_type, question, expr)).collect()
}

fn judged(project_type: &ProjectType, question: &Question, expr: &Expr) -> Option<Problem> {
    let mut expressions = vec![expr];
    expressions.extend(question.when.as_ref());
    let (mut refused, mut fits) = (None, false);
    scopes::each(project_type, &expressions, &mut |scope| {
        if question.when.as_ref().is_none_or(|when| when.holds(scope).unwrap_or(false)) {
            match fault(project_type, question, expr, scope) {
                Some(why) => _ = refused.get_or_insert(why),
                None => fits = true,
            }
        }
        true
    })?;
    // What it reads of the user and the folder is a sample: others may fit.
    let is_sample = expr.variables(false).contains("facts");
    let why = refused.filter(|_| !(fits && is_sample))?;
    let at = question.at().child(steps!["default", "expr"]);
    let message = format!("the computed default of `{}` does not fit: {why}", question.id);
    let hint = "fix the expression, or the limits of the question";
    Some(at.problem(Code::BadPack, message).hint(hint))
}

/// Why the default is no answer with these answers.
fn fault(
    project_type: &ProjectType,
    question: &Question,
    expr: &Expr,
    scope: &Scope,
) -> Option<String> {
    let mut scope = scope.clone();
    scope.insert("facts".to_owned(), sample(project_type));
    let source = expr.source();
    let value = match expr.eval(&scope) {
        Err(fault) => return Some(format!("`{source}` cannot be computed: {}", fault.message)),
        Ok(datum) => match computed(datum) {
            Some(value) => value,
            None => return Some(format!("`{source}` gives nothing")),
        },
    };
    let choices: Vec<&str> = question.choices.0.keys().map(String::as_str).collect();
    let refusal = value::check(question, value.clone(), &choices).err()?;
    let answers = read(expr, &scope);
    Some(format!("`{source}` gives `{value}`{answers}, and {}", refusal.message))
}

/// The answers that the default is computed from.
fn read(expr: &Expr, scope: &Scope) -> String {
    let names = expr.variables(false).into_iter();
    let answers = names.filter_map(|name| {
        let value = computed(scope.get(&name)?.clone())?;
        Some(format!("`{name}` is `{value}`"))
    });
    let answers: Vec<String> = answers.collect();
    if answers.is_empty() { String::new() } else { format!(" where {}", answers.join(" and ")) }
}

/// What a default may read beside answers, as an ordinary user has it.
fn sample(project_type: &ProjectType) -> Datum {
    let word = |text: &str| Datum::Word(text.to_owned());
    let words = ["a", "sample", "idea"].map(str::to_owned).to_vec();
    Datum::Map(Scope::from([
        ("folder".to_owned(), word("sample")),
        ("user".to_owned(), word("Sample Author")),
        ("idea".to_owned(), word("a sample idea")),
        ("words".to_owned(), Datum::List(words)),
        ("summary".to_owned(), word(&project_type.description)),
    ]))
}
