//! What is wrong with given answers, in words.

use super::{Answer, Given, Raw, flag_words};
use crate::error::{Code, Problem};
use crate::formats::hidden::visible;
use crate::pack::Question;
use crate::pack::overlay::{Kind, Value};
use crate::pack::value;

/// What contradicts an answer that is locked.
pub(super) fn locked(
    question: &Question,
    stronger: Option<&Answer>,
    value: &Value,
    given: &Given,
    all: &[&Given],
) -> Option<Problem> {
    let other = stronger.filter(|other| other.value != *value && !other.source.may_be_stale())?;
    let message =
        format!("`{}` is locked to `{value}` by `{}`", question.long_flag(), given.place.shown());
    let mut problem = Problem::new(Code::Locked, message)
        .fix(flag_words(question, &value.to_string()))
        .hint("leave your own answer out");
    problem.place = all.iter().find(|g| g.source == other.source).map(|g| g.place.clone());
    Some(problem)
}

pub(super) fn given_twice(all: &[&Given], question: &Question) -> Vec<Problem> {
    let typed = all.iter().filter(|given| given.source.is_typed()).count();
    if typed < 2 {
        return Vec::new();
    }
    let message = format!("`{}` is given {typed} times", question.long_flag());
    vec![Problem::new(Code::GivenTwice, message).flag(question.long_flag()).hint("give it once")]
}

/// What was given with the nearest value in place of the wrong one.
pub(super) fn refusal_fix(
    question: &Question,
    refusal: &value::Refusal,
    given: &Raw,
) -> Vec<String> {
    let Some(nearest) = crate::error::nearest(&refusal.found, &refusal.allowed) else {
        return Vec::new();
    };
    match given {
        Raw::Word(list) if question.kind == Kind::MultiChoice => {
            let items: Vec<&str> = list
                .split(',')
                .map(|item| if item == refusal.found { &nearest } else { item })
                .collect();
            flag_words(question, &items.join(","))
        }
        _ => flag_words(question, &nearest),
    }
}

pub(super) fn unanswered(
    question: &Question,
    allowed: &[&str],
    default: Option<&Value>,
) -> Problem {
    let message = format!("`{}` is not answered: {}", question.long_flag(), question.ask);
    let mut problem = Problem::new(Code::Unanswered, message).flag(question.long_flag());
    problem.allowed = match question.kind {
        Kind::Bool => vec!["true".to_owned(), "false".to_owned()],
        Kind::MultiChoice => {
            std::iter::once("none").chain(allowed.iter().copied()).map(str::to_owned).collect()
        }
        _ => allowed.iter().map(|value| (*value).to_owned()).collect(),
    };
    match default {
        Some(value) => {
            let words = flag_words(question, &value.to_string());
            problem.fix(words).hint(format!(
                "the default is `{}`; `--auto` takes it",
                visible(&value.to_string())
            ))
        }
        None => problem.hint("it has no default"),
    }
}
