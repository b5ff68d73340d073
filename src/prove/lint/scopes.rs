//! Scopes: every combination of answers that an expression can tell apart, and no others.
//!
//! An expression is judged by the names it reads, and by what those depend on in turn. Of texts and numbers the values
//! tried are the default, the limits, and what the expression itself compares with.

use crate::answers::plain;
use crate::pack::expression::{Datum, Expr, Literals, Scope};
use crate::pack::overlay::{Default, Kind, Value};
use crate::pack::{ProjectType, Question, value};
use crate::prove::conditions::{Closure, closure};
use crate::prove::configurations::Random;
use std::collections::BTreeSet;

/// Beyond this many combinations some are drawn at random.
const MOST: usize = 20_000;
/// How many are drawn then.
const DRAWS: usize = 2_000;
/// Integers of a range that is not wider are tried one by one.
const WIDEST: i64 = 300;
/// Of a multi-choice with more values only those that are named are varied.
const MOST_MEMBERS: usize = 8;
/// Texts that are tried in any case, where they fit the question.
const SAMPLES: [&str; 4] = ["sample", "", "a", "1"];

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coverage {
    /// Every combination that the expressions can tell apart.
    Whole,
    /// Some of them: what never happened may still happen.
    Part,
}

/// Calls `visit` with combinations of the answers that `expressions` depend on, until it returns false.
/// `None` if they read a name that is no question.
pub(super) fn each(
    project_type: &ProjectType,
    expressions: &[&Expr],
    visit: &mut dyn FnMut(&Scope) -> bool,
) -> Option<Coverage> {
    let read = expressions.iter().flat_map(|expr| expr.variables(false)).collect();
    let Closure { questions, conditions } = closure(project_type, read)?;
    let mut literals = Literals::default();
    for expr in expressions.iter().chain(&conditions) {
        literals.extend(expr.literals());
    }
    let trials = Trials::of(questions, &literals);
    let product = trials.product();
    let mut coverage = if trials.is_whole { Coverage::Whole } else { Coverage::Part };
    let mut scope = Scope::new();
    if product <= MOST {
        trials.all(0, &mut scope, visit);
    } else {
        coverage = Coverage::Part;
        let mut random = Random::of(1);
        for _ in 0..DRAWS {
            trials.draw(&mut scope, &mut random);
            if !visit(&scope) {
                break;
            }
        }
    }
    Some(coverage)
}

/// The questions of a closure, each with the values that it is tried with.
struct Trials<'t> {
    questions: Vec<(&'t Question, Vec<Value>)>,
    is_whole: bool,
}

impl<'t> Trials<'t> {
    fn of(questions: Vec<&'t Question>, literals: &Literals) -> Self {
        let mut words = literals.words.clone();
        let mut compared = words.clone();
        let mut numbers: BTreeSet<i64> = literals.numbers.clone();
        numbers.insert(0);
        for question in &questions {
            numbers.extend([question.min, question.max].into_iter().flatten());
            // A text or a list may be compared with another answer.
            if questions.len() > 1 && question.kind == Kind::Choice {
                compared.extend(question.choices.0.keys().cloned());
            }
            match &question.default {
                Some(Default::Value(Value::Integer(number))) => _ = numbers.insert(*number),
                Some(Default::Value(Value::Text(text))) => _ = words.insert(text.clone()),
                _ => {}
            }
        }
        words.extend(compared.iter().cloned());
        let named = Named { compared, words, numbers, computes: literals.computes };
        let mut is_whole = true;
        let questions = questions.into_iter().map(|question| {
            let (values, all) = values(question, &named);
            // What a locked question computes is not followed.
            is_whole &= all && !question.locked;
            (question, values)
        });
        Self { questions: questions.collect(), is_whole }
    }

    fn product(&self) -> usize {
        self.questions
            .iter()
            .fold(1, |product, (_, values)| product.saturating_mul(values.len().max(1)))
    }

    fn all(&self, index: usize, scope: &mut Scope, visit: &mut dyn FnMut(&Scope) -> bool) -> bool {
        let Some((question, values)) = self.questions.get(index) else { return visit(scope) };
        let offered = offered(question, values, scope);
        if offered.is_empty() {
            scope.insert(question.id.clone(), Datum::None);
            return self.all(index + 1, scope, visit);
        }
        for value in offered {
            scope.insert(question.id.clone(), plain(value));
            if !self.all(index + 1, scope, visit) {
                return false;
            }
        }
        true
    }

    fn draw(&self, scope: &mut Scope, random: &mut Random) {
        for (question, values) in &self.questions {
            let offered = offered(question, values, scope);
            let chosen = offered.get(random.below(offered.len()));
            scope.insert(question.id.clone(), chosen.map_or(Datum::None, |value| plain(value)));
        }
    }
}

/// The values that the question takes with the earlier answers; none where it is not asked.
fn offered<'v>(question: &Question, values: &'v [Value], scope: &Scope) -> Vec<&'v Value> {
    let holds = |expr: &Expr| expr.holds(scope).unwrap_or(false);
    if !question.when.as_ref().is_none_or(holds) {
        return Vec::new();
    }
    let is_offered = |word: &String| {
        question.choices.0.get(word).is_none_or(|c| c.when.as_ref().is_none_or(holds))
    };
    let fits = |value: &&Value| match value {
        Value::Text(word) if question.kind == Kind::Choice => is_offered(word),
        Value::List(items) => items.iter().all(is_offered),
        _ => true,
    };
    values.iter().filter(fits).collect()
}

/// What the expressions and questions of a closure name.
struct Named {
    /// Texts that answers are compared with.
    compared: BTreeSet<String>,
    /// Those and defaults.
    words: BTreeSet<String>,
    numbers: BTreeSet<i64>,
    computes: bool,
}

/// The values that a question is tried with, and whether they are all that the expressions can tell apart.
fn values(question: &Question, named: &Named) -> (Vec<Value>, bool) {
    let choices: Vec<&str> = question.choices.0.keys().map(String::as_str).collect();
    let (tried, is_whole) = match question.kind {
        Kind::Bool => (vec![Value::Bool(false), Value::Bool(true)], true),
        Kind::Choice => {
            (choices.iter().map(|word| Value::Text((*word).to_owned())).collect(), true)
        }
        Kind::MultiChoice => sets(question, &choices, named),
        Kind::Integer => integers(question, named),
        Kind::Text => {
            let samples = SAMPLES.iter().map(|text| (*text).to_owned());
            let tried = named.words.iter().cloned().chain(samples).map(Value::Text);
            (tried.collect(), !named.computes)
        }
    };
    let mut fitting: Vec<Value> = Vec::new();
    for value in tried {
        if let Ok(value) = value::check(question, value, &choices)
            && !fitting.contains(&value)
        {
            fitting.push(value);
        }
    }
    // A text that is none of those compared with stands for all others; without one, others are not judged.
    let is_other =
        |value: &Value| matches!(value, Value::Text(text) if !named.compared.contains(text));
    let is_whole = is_whole && (question.kind != Kind::Text || fitting.iter().any(is_other));
    (fitting, is_whole)
}

/// Whole numbers: all of a narrow range, else those named and their neighbours.
fn integers(question: &Question, named: &Named) -> (Vec<Value>, bool) {
    if let (Some(min), Some(max)) = (question.min, question.max)
        && max.saturating_sub(min) <= WIDEST
    {
        return ((min..=max).map(Value::Integer).collect(), true);
    }
    let near = named.numbers.iter().flat_map(|n| [n.saturating_sub(1), *n, n.saturating_add(1)]);
    let near: BTreeSet<i64> = near.collect();
    (near.into_iter().map(Value::Integer).collect(), !named.computes)
}

/// Sets of choices: all of a few, else of those that are named, with as many others as the question demands.
fn sets(question: &Question, choices: &[&str], named: &Named) -> (Vec<Value>, bool) {
    let is_small = choices.len() <= MOST_MEMBERS;
    let (varied, others): (Vec<&str>, Vec<&str>) =
        choices.iter().partition(|choice| is_small || named.compared.contains(**choice));
    let is_whole = is_small || (!named.computes && varied.len() <= MOST_MEMBERS);
    let varied = &varied[..varied.len().min(MOST_MEMBERS)];
    let least = usize::try_from(question.min.unwrap_or(0)).unwrap_or(0);
    let mut sets = vec![Value::List(choices.iter().map(|word| (*word).to_owned()).collect())];
    for bits in 0..1usize << varied.len() {
        let members = varied.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
        let members: Vec<String> = members.map(|(_, word)| (*word).to_owned()).collect();
        for more in [least.saturating_sub(members.len()), 1] {
            let padding = others.iter().take(more).map(|word| (*word).to_owned());
            sets.push(Value::List(members.iter().cloned().chain(padding).collect()));
        }
    }
    (sets, is_whole)
}
