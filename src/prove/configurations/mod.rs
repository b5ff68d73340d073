//! The configurations of a project type: all of its own answers, pairs of all answers, or a sample. Deterministic.

mod cover;
mod factors;
mod random;
#[cfg(test)]
mod tests;

use crate::answers::{self, Answers, Facts, Given, Inputs, Raw, Source, flag_words};
use crate::error::Place;
use crate::pack::overlay::{Kind, Value};
use crate::pack::{ProjectType, Question};
use crate::prove::candidates::candidates;
use cover::Pair;
use factors::{Factor, assignment, changed, count, effort, factors, is_held, possible};
use indexmap::IndexMap;
pub(crate) use random::Random;
use std::collections::HashSet;

/// Beyond this many products nothing is enumerated: pairs have to do.
const MOST_ENUMERATED: usize = 20_000;
/// A sample ends when so many random configurations in a row are none that is new and wanted.
const DRAWS: usize = 5_000;
/// Beyond this many pairs of values only each value is tried.
const MOST_PAIRS: usize = 20_000;

/// Every valid combination of the type's own answers, the common ones at their defaults; `None` if there are too many.
/// Advanced questions keep their defaults too, and beside come a few in which every pair with another value of theirs occurs.
#[must_use]
pub fn all(project_type: &ProjectType) -> Option<Vec<Answers>> {
    let mut found = Unique::default();
    each_product(project_type, |chosen| found.add(resolved(project_type, &chosen)))?;
    for answers in advanced(project_type) {
        found.add(Some(answers));
    }
    Some(found.configurations)
}

/// A few configurations in which every pair of a value that an advanced question does not have by default and a value of
/// another question of the type occurs.
fn advanced(project_type: &ProjectType) -> Vec<Answers> {
    let is_own = |id: &str| project_type.questions.iter().any(|q| q.id == id && !q.common);
    let own: Vec<Factor> =
        factors(project_type).into_iter().filter(|factor| is_own(&factor.id)).collect();
    if !changed(project_type, &own).iter().flatten().any(|is_changed| *is_changed) {
        return Vec::new();
    }
    let mut random = Random::of(1);
    if own.len() < 2 || has_too_many_pairs(project_type) {
        return cover::each_value(project_type, &own, &mut random);
    }
    let own = possible(project_type, &own, &mut random);
    let changed = changed(project_type, &own);
    cover::pairs_of(project_type, &own, |pair| has_changed(&changed, *pair), &mut random)
}

/// Whether a pair has a value that an advanced question does not have by default.
fn has_changed(changed: &[Vec<bool>], (first, one, second, other): Pair) -> bool {
    changed[first][one] || changed[second][other]
}

/// Calls `visit` with each product of the values of the type's own questions, but for those that are held at their
/// defaults; `None` if there are too many.
fn each_product(project_type: &ProjectType, mut visit: impl FnMut(Assignment)) -> Option<()> {
    let own: Vec<&Question> =
        project_type.questions.iter().filter(|q| !q.common && !is_held(q)).collect();
    // Counted before anything is made: sixteen choices have 65,536 sets.
    let product = own
        .iter()
        .try_fold(1usize, |product, question| {
            product.checked_mul(count(project_type, question)?.max(1))
        })
        .filter(|product| *product <= MOST_ENUMERATED)?;
    let candidates: Vec<Vec<Value>> =
        own.iter().map(|question| candidates(project_type, question)).collect();
    for mut index in 0..product {
        let mut chosen = Assignment::new();
        for (question, values) in own.iter().zip(&candidates).rev() {
            if let Some(value) = values.get(index % values.len().max(1)) {
                chosen.insert(question.id.clone(), value.clone());
            }
            index /= values.len().max(1);
        }
        visit(chosen);
    }
    Some(())
}

/// Whether the type has so many pairs of values that [`pairwise`] tries each value instead.
#[must_use]
pub fn has_too_many_pairs(project_type: &ProjectType) -> bool {
    let sizes: Vec<usize> = factors(project_type).iter().map(|f| f.values.len()).collect();
    let all: usize = sizes.iter().sum();
    let alike: usize = sizes.iter().map(|size| size * size).sum();
    (all * all - alike) / 2 > MOST_PAIRS
}

/// A small set in which every possible pair of values of any two questions, common ones included, occurs, and of the type's
/// own questions also with nothing chosen; where there are too many pairs, every possible value.
#[must_use]
pub fn pairwise(project_type: &ProjectType) -> Vec<Answers> {
    let mut random = Random::of(1);
    if has_too_many_pairs(project_type) {
        return cover::each_value(project_type, &factors(project_type), &mut random);
    }
    let factors = possible(project_type, &factors(project_type), &mut random);
    let pairs = cover::pairs_of(project_type, &factors, |_| true, &mut random);
    let nothing = nothing_chosen(project_type, &factors, &mut random);
    let mut found = Unique::default();
    pairs.into_iter().chain(nothing).for_each(|answers| found.add(Some(answers)));
    found.configurations
}

/// Configurations in which nothing of an own multi-choice is chosen, in pairs with all else. The values of a large one are
/// varied one by one, so that no pair of theirs demands it.
fn nothing_chosen(
    project_type: &ProjectType,
    factors: &[Factor],
    random: &mut Random,
) -> Vec<Answers> {
    let is_varied = |id: &str| factors.iter().any(|f| f.id == id && f.member.is_some());
    let own = project_type.questions.iter().filter(|q| !q.common && is_varied(&q.id));
    let made = own.flat_map(|question| {
        let nothing = vec![Value::List(Vec::new())];
        let nothing = Factor { id: question.id.clone(), member: None, values: nothing };
        let others = factors.iter().filter(|factor| factor.id != question.id).cloned();
        let factors: Vec<Factor> = std::iter::once(nothing).chain(others).collect();
        cover::pairs_of(project_type, &factors, |pair| pair.0 == 0, random)
    });
    made.collect()
}

/// `count` different configurations that are wanted, chosen by `seed`, from all answers.
#[must_use]
pub fn sample(
    project_type: &ProjectType,
    count: usize,
    seed: u64,
    wanted: impl Fn(&Answers) -> bool,
) -> Vec<Answers> {
    let factors = possible(project_type, &factors(project_type), &mut Random::of(1));
    let mut random = Random::of(seed);
    let mut found = Unique::default();
    let mut in_vain = 0;
    let draws = effort(project_type).min(DRAWS);
    while found.configurations.len() < count && in_vain < draws {
        let levels: Vec<usize> =
            factors.iter().map(|factor| random.below(factor.values.len())).collect();
        let before = found.configurations.len();
        found.add(resolved(project_type, &assignment(factors.iter().zip(levels))).filter(&wanted));
        in_vain = if found.configurations.len() > before { 0 } else { in_vain + 1 };
    }
    found.configurations
}

/// The words on a command line that give these answers: the type's own, and the common ones that are not assumed.
/// `pack` is the folder of the pack, where it is not the built-in one.
#[must_use]
pub fn command_line(
    project_type: &ProjectType,
    answers: &Answers,
    pack: Option<&str>,
) -> Vec<String> {
    let mut words =
        vec!["scaffold".to_owned(), "init".to_owned(), "demo".to_owned(), "--auto".to_owned()];
    words.extend(["--project-type".to_owned(), project_type.name.clone()]);
    for question in &project_type.questions {
        if let Some(answer) =
            answers.values.get(&question.id).filter(|answer| answer.source != Source::Default)
        {
            words.extend(flag_words(question, &answer.value.to_string()));
        }
    }
    words.extend(pack.iter().flat_map(|folder| ["--pack".to_owned(), (*folder).to_owned()]));
    words
}

/// A configuration in a few words: the values of the type's own questions.
#[must_use]
pub fn label(project_type: &ProjectType, answers: &Answers) -> String {
    let shown = project_type.questions.iter().filter_map(|question| {
        let answer = answers.values.get(&question.id)?;
        let is_assumed = answer.source == Source::Default;
        let silent =
            (question.common || question.advanced) && is_assumed || question.kind == Kind::Text;
        (!silent).then(|| format!("{}={}", question.id, answer.value))
    });
    format!("{}: {}", project_type.name, shown.collect::<Vec<_>>().join(" "))
}

type Assignment = IndexMap<String, Value>;

/// Answers to this assignment; values of questions that are not asked fall away. `None` if it is not valid.
fn resolved(project_type: &ProjectType, chosen: &Assignment) -> Option<Answers> {
    let inputs = inputs(chosen);
    answers::resolve(project_type, &inputs).ok().filter(|answers| answers.stale.is_empty())
}

fn inputs(chosen: &Assignment) -> Inputs {
    let place = Place::Flag { flag: String::new() };
    let given = chosen.iter().map(|(id, value)| Given {
        field: id.clone(),
        raw: Raw::Typed(value.clone()),
        // The one source whose values fall away silently where their question is not asked.
        source: Source::Previous,
        place: place.clone(),
        locked: false,
    });
    let facts = Facts {
        folder: "sample".to_owned(),
        user: "Sample Author".to_owned(),
        idea: String::new(),
    };
    Inputs { given: given.collect(), facts, auto: true, strict: false }
}

/// Configurations without repeats, in order of arrival.
#[derive(Default)]
struct Unique {
    seen: HashSet<String>,
    configurations: Vec<Answers>,
}

impl Unique {
    fn add(&mut self, answers: Option<Answers>) {
        let Some(answers) = answers else { return };
        let key: Vec<String> =
            answers.values.iter().map(|(id, answer)| format!("{id}={}", answer.value)).collect();
        if self.seen.insert(key.join("\n")) {
            self.configurations.push(answers);
        }
    }
}
