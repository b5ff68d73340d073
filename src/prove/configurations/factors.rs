//! What is varied: the questions of a type, and the values that each is tried with.

use super::random::Random;
use super::{Assignment, resolved};
use crate::pack::overlay::{Default, Kind, Value};
use crate::pack::{ProjectType, Question};
use crate::prove::candidates::candidates;
use crate::prove::conditions::closure;

/// Attempts to complete a pair of values to a valid configuration before the pair counts as impossible.
pub(super) const ATTEMPTS: u32 = 60;
/// Conditions that may be judged for what no pair and no product demands: so many configurations of a large type.
const EFFORT: usize = 5_000_000;
/// A multi-choice of more values is varied value by value, not as a set.
const MOST_IN_SET: usize = 2;

/// How many values a question is tried with; `None` if there are too many to count.
pub(super) fn count(project_type: &ProjectType, question: &Question) -> Option<usize> {
    match question.kind {
        Kind::MultiChoice => 1usize.checked_shl(u32::try_from(question.choices.0.len()).ok()?),
        _ => Some(candidates(project_type, question).len()),
    }
}

/// How many configurations of the type may be made: fewer where each takes longer.
pub(super) fn effort(project_type: &ProjectType) -> usize {
    let conditional = project_type.questions.iter().map(|question| {
        1 + question.choices.0.values().filter(|choice| choice.when.is_some()).count()
    });
    EFFORT / (conditional.sum::<usize>() + project_type.rules.len()).max(1)
}

/// Something that is varied: a question, or one value of a large multi-choice.
#[derive(Clone)]
pub(super) struct Factor {
    pub(super) id: String,
    pub(super) member: Option<String>,
    pub(super) values: Vec<Value>,
}

pub(super) fn factors(project_type: &ProjectType) -> Vec<Factor> {
    let mut factors = Vec::new();
    for question in &project_type.questions {
        if question.kind == Kind::MultiChoice && question.choices.0.len() > MOST_IN_SET {
            for member in question.choices.0.keys() {
                let values = vec![Value::Bool(false), Value::Bool(true)];
                factors.push(Factor {
                    id: question.id.clone(),
                    member: Some(member.clone()),
                    values,
                });
            }
            continue;
        }
        let values = candidates(project_type, question);
        if !values.is_empty() {
            factors.push(Factor { id: question.id.clone(), member: None, values });
        }
    }
    factors
}

/// Whether a question of the type keeps its default where all others are combined.
pub(super) fn is_held(question: &Question) -> bool {
    !question.common && question.advanced && !question.required
}

/// For each level of each factor, whether it is another value than the default of a question that [`is_held`].
pub(super) fn changed(project_type: &ProjectType, factors: &[Factor]) -> Vec<Vec<bool>> {
    let of_factor = |factor: &Factor| {
        let question = project_type.questions.iter().find(|question| question.id == factor.id);
        let held = question.filter(|question| is_held(question));
        let default = held.map(|question| match (&question.default, &factor.member) {
            (Some(Default::Value(Value::List(items))), Some(member)) => {
                Some(Value::Bool(items.contains(member)))
            }
            (Some(Default::Value(value)), _) => Some(value.clone()),
            // What is computed is not known before the other answers: each value counts as another.
            _ => None,
        });
        let is_other = |value: &Value| default.as_ref().is_some_and(|d| d.as_ref() != Some(value));
        factor.values.iter().map(is_other).collect()
    };
    factors.iter().map(of_factor).collect()
}

/// The factors that decide whether the questions of these two are asked.
pub(super) fn deciding(
    project_type: &ProjectType,
    factors: &[Factor],
    (first, second): (usize, usize),
) -> Vec<usize> {
    let both = vec![factors[first].id.clone(), factors[second].id.clone()];
    let closure = closure(project_type, both);
    let decides = |at: &usize| {
        // Where that cannot be told, all of them may.
        closure.as_ref().is_none_or(|c| c.questions.iter().any(|q| q.id == factors[*at].id))
    };
    (0..factors.len()).filter(decides).collect()
}

/// The factors without values that no configuration has: each would spoil every attempt that it is part of.
pub(super) fn possible(
    project_type: &ProjectType,
    factors: &[Factor],
    random: &mut Random,
) -> Vec<Factor> {
    let mut occurring = Vec::new();
    let mut left = effort(project_type);
    for (index, factor) in factors.iter().enumerate() {
        let levels = 0..factor.values.len();
        let values: Vec<Value> = levels
            .filter(|level| {
                left = left.saturating_sub(ATTEMPTS as usize);
                left == 0 || occurs(project_type, factors, (index, *level), random)
            })
            .map(|level| factor.values[level].clone())
            .collect();
        if !values.is_empty() {
            occurring.push(Factor { id: factor.id.clone(), member: factor.member.clone(), values });
        }
    }
    occurring
}

/// Whether some configuration has this value: tried with the others at their defaults, then with more and more of them
/// at random.
pub(super) fn occurs(
    project_type: &ProjectType,
    factors: &[Factor],
    (index, level): (usize, usize),
    random: &mut Random,
) -> bool {
    (0..ATTEMPTS).any(|attempt| {
        let mut few = vec![(index, level)];
        few.extend(some_levels(project_type, factors, index, attempt, random));
        resolved(
            project_type,
            &assignment(few.into_iter().map(|(at, level)| (&factors[at], level))),
        )
        .is_some_and(|answers| answers.get(&factors[index].id).is_some())
    })
}

/// Levels of some other factors at random, with each attempt of more of them, and always of what has no default.
pub(super) fn some_levels(
    project_type: &ProjectType,
    factors: &[Factor],
    index: usize,
    attempt: u32,
    random: &mut Random,
) -> Vec<(usize, usize)> {
    let required = |id: &str| {
        project_type.questions.iter().any(|question| question.id == id && question.required)
    };
    let mut few = Vec::new();
    for (other, factor) in factors.iter().enumerate() {
        let taken = required(&factor.id) || random.below(ATTEMPTS as usize) < attempt as usize;
        if other != index && taken {
            few.push((other, random.below(factor.values.len())));
        }
    }
    few
}

pub(super) fn assignment<'f>(levels: impl IntoIterator<Item = (&'f Factor, usize)>) -> Assignment {
    let mut chosen = Assignment::new();
    for (factor, level) in levels {
        let value = factor.values[level].clone();
        match &factor.member {
            None => {
                chosen.insert(factor.id.clone(), value);
            }
            Some(member) => {
                let list =
                    chosen.entry(factor.id.clone()).or_insert_with(|| Value::List(Vec::new()));
                if let (Value::List(items), Value::Bool(true)) = (list, value) {
                    items.push(member.clone());
                }
            }
        }
    }
    chosen
}
