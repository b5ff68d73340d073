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
    let typed: Vec<&Given> = all.iter().copied().filter(|given| given.source.is_typed()).collect();
    if typed.len() < 2 {
        return Vec::new();
    }
    let message = format!("`{}` is given {} times", question.long_flag(), typed.len());
    let problem = Problem::new(Code::GivenTwice, message).flag(question.long_flag());
    if question.kind != Kind::MultiChoice {
        return vec![problem.hint("give it once")];
    }
    let words = typed.iter().filter_map(|given| match &given.raw {
        Raw::Word(word) => Some(word.as_str()),
        Raw::Typed(_) => None,
    });
    let together = words.collect::<Vec<_>>().join(",");
    let hint = "give it once; several values are one list with commas";
    vec![problem.fix(flag_words(question, &together)).hint(hint)]
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

/// `strict` says that the default of this question is not taken, whoever asks for defaults.
pub(super) fn unanswered(
    question: &Question,
    allowed: &[&str],
    default: Option<&Value>,
    strict: bool,
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
            let value = visible(&value.to_string());
            if strict {
                let hint = format!("the default is `{value}`; `--strict` takes no defaults here");
                return problem.fix(words).hint(hint);
            }
            problem.cure_of_all = Some("--auto");
            problem.fix(words).hint(format!("the default is `{value}`; `--auto` takes it"))
        }
        None => problem.hint("it has no default"),
    }
}
