//! The configurations of a project type: all of its own answers, pairs of all answers, or a sample. Deterministic.

use crate::answers::{self, Answers, Facts, Given, Inputs, Raw, Source, flag_words};
use crate::catalog::overlay::{Kind, Value};
use crate::catalog::{ProjectType, Question};
use crate::error::Place;
use indexmap::IndexMap;
use std::collections::HashSet;

/// Beyond this many products nothing is enumerated: pairs have to do.
const MOST_ENUMERATED: usize = 20_000;
/// Attempts to complete a pair of values to a valid configuration before the pair counts as impossible.
const ATTEMPTS: u32 = 60;
/// A sample ends when so many random configurations in a row are none that is new and wanted.
const DRAWS: u32 = 5_000;
/// Fillings of which the best becomes the next configuration of pairs.
const GREEDY: usize = 40;
/// Random configurations by which conditions are judged, beside those of the type's own answers.
const ROUNDS: u32 = 2_000;
/// A multi-choice of more values is varied value by value, not as a set.
const MOST_IN_SET: usize = 2;

/// Every valid combination of the type's own answers, the common ones at their defaults; `None` if there are too many.
#[must_use]
pub fn all(project_type: &ProjectType) -> Option<Vec<Answers>> {
    let mut found = Unique::default();
    each_product(project_type, |chosen| found.add(settle(project_type, &chosen)))?;
    Some(found.configurations)
}

/// Calls `visit` with each product of the values of the type's own questions; `None` if there are too many.
fn each_product(project_type: &ProjectType, mut visit: impl FnMut(Assignment)) -> Option<()> {
    let own: Vec<&Question> =
        project_type.questions.iter().filter(|question| !question.common).collect();
    let candidates: Vec<Vec<Value>> = own.iter().map(|question| candidates(question)).collect();
    let product = candidates
        .iter()
        .try_fold(1usize, |product, values| product.checked_mul(values.len().max(1)))?;
    if product > MOST_ENUMERATED {
        return None;
    }
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

/// A small set in which every possible pair of values of any two questions, common ones included, occurs.
#[must_use]
pub fn pairwise(project_type: &ProjectType) -> Vec<Answers> {
    let mut random = Random(1);
    let factors = possible(project_type, &factors(project_type), &mut random);
    let mut covered: HashSet<Pair> = HashSet::new();
    let mut found = Unique::default();
    for first in 0..factors.len() {
        for second in first + 1..factors.len() {
            for one in 0..factors[first].values.len() {
                for other in 0..factors[second].values.len() {
                    if covered.contains(&(first, one, second, other)) {
                        continue;
                    }
                    let pair = (first, one, second, other);
                    // Covered or impossible: neither attracts later configurations.
                    covered.insert(pair);
                    if let Some(full) =
                        complete(project_type, &factors, pair, &covered, &mut random)
                    {
                        covered.extend(full.pairs);
                        found.add(Some(full.answers));
                    }
                }
            }
        }
    }
    found.configurations
}

/// `count` different configurations that are wanted, chosen by `seed`, from all answers.
#[must_use]
pub fn sample(
    project_type: &ProjectType,
    count: usize,
    seed: u64,
    wanted: impl Fn(&Answers) -> bool,
) -> Vec<Answers> {
    let factors = possible(project_type, &factors(project_type), &mut Random(1));
    let mut random = Random(seed);
    let mut found = Unique::default();
    let mut in_vain = 0;
    while found.configurations.len() < count && in_vain < DRAWS {
        let levels: Vec<usize> =
            factors.iter().map(|factor| random.below(factor.values.len())).collect();
        let before = found.configurations.len();
        found.add(settle(project_type, &assignment(factors.iter().zip(levels))).filter(&wanted));
        in_vain = if found.configurations.len() > before { 0 } else { in_vain + 1 };
    }
    found.configurations
}

/// The words on a command line that give these answers: the type's own, and the common ones that are not assumed.
#[must_use]
pub fn command_line(project_type: &ProjectType, answers: &Answers) -> Vec<String> {
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
    words
}

/// A configuration in a few words: the values of the type's own questions.
#[must_use]
pub fn label(project_type: &ProjectType, answers: &Answers) -> String {
    let shown = project_type.questions.iter().filter_map(|question| {
        let answer = answers.values.get(&question.id)?;
        let silent =
            question.common && answer.source == Source::Default || question.kind == Kind::Text;
        (!silent).then(|| format!("{}={}", question.id, answer.value))
    });
    format!("{}: {}", project_type.name, shown.collect::<Vec<_>>().join(" "))
}

type Assignment = IndexMap<String, Value>;

/// Answers to this assignment; values of questions that are not asked fall away. `None` if it is not valid.
fn settle(project_type: &ProjectType, chosen: &Assignment) -> Option<Answers> {
    let inputs = inputs(chosen);
    answers::resolve(project_type, &inputs).ok().filter(|answers| answers.warnings.is_empty())
}

/// As [`all`] and random ones beside, but rules do not refuse: what rules and conditions must be judged by.
#[must_use]
pub fn unruled(project_type: &ProjectType) -> Vec<Answers> {
    let mut found = Unique::default();
    let resolve =
        |chosen: &Assignment| answers::resolve_unruled(project_type, &inputs(chosen)).ok();
    let _ = each_product(project_type, |chosen| found.add(resolve(&chosen)));
    let factors = factors(project_type);
    let mut random = Random(1);
    for _ in 0..ROUNDS {
        let levels: Vec<usize> =
            factors.iter().map(|factor| random.below(factor.values.len())).collect();
        found.add(resolve(&assignment(factors.iter().zip(levels))));
    }
    found.configurations
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

/// The values that a question is tried with; of free text only its default, or a word where it has none.
fn candidates(question: &Question) -> Vec<Value> {
    let values: Vec<String> = question.choices.0.keys().cloned().collect();
    match question.kind {
        Kind::Choice => values.into_iter().map(Value::Text).collect(),
        Kind::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Kind::MultiChoice => subsets(&values),
        Kind::Integer => {
            let mut ends: Vec<i64> = [question.min, question.max].into_iter().flatten().collect();
            ends.dedup();
            ends.into_iter().map(Value::Integer).collect()
        }
        Kind::Text if question.required => vec![Value::Text("sample".to_owned())],
        Kind::Text => Vec::new(),
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

/// Something that is varied: a question, or one value of a large multi-choice.
struct Factor {
    id: String,
    member: Option<String>,
    values: Vec<Value>,
}

fn factors(project_type: &ProjectType) -> Vec<Factor> {
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
        let values = candidates(question);
        if !values.is_empty() {
            factors.push(Factor { id: question.id.clone(), member: None, values });
        }
    }
    factors
}

/// The factors without values that no configuration has: each would spoil every attempt that it is part of.
fn possible(project_type: &ProjectType, factors: &[Factor], random: &mut Random) -> Vec<Factor> {
    let mut occurring = Vec::new();
    for (index, factor) in factors.iter().enumerate() {
        let levels = 0..factor.values.len();
        let values: Vec<Value> = levels
            .filter(|level| occurs(project_type, factors, (index, *level), random))
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
fn occurs(
    project_type: &ProjectType,
    factors: &[Factor],
    (index, level): (usize, usize),
    random: &mut Random,
) -> bool {
    let required = |id: &str| {
        project_type.questions.iter().any(|question| question.id == id && question.required)
    };
    (0..ATTEMPTS).any(|attempt| {
        let mut few: Vec<(&Factor, usize)> = vec![(&factors[index], level)];
        for (other, factor) in factors.iter().enumerate() {
            let taken = required(&factor.id) || random.below(ATTEMPTS as usize) < attempt as usize;
            if other != index && taken {
                few.push((factor, random.below(factor.values.len())));
            }
        }
        settle(project_type, &assignment(few))
            .is_some_and(|answers| answers.get(&factors[index].id).is_some())
    })
}

fn assignment<'f>(levels: impl IntoIterator<Item = (&'f Factor, usize)>) -> Assignment {
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

/// Two factors and the values they have together, the earlier factor first.
type Pair = (usize, usize, usize, usize);

fn pairs(levels: &[usize]) -> impl Iterator<Item = Pair> + '_ {
    (0..levels.len())
        .flat_map(move |a| (a + 1..levels.len()).map(move |b| (a, levels[a], b, levels[b])))
}

/// A valid configuration and the pairs that occur in it.
struct Full {
    answers: Answers,
    pairs: Vec<Pair>,
}

/// Fills the other factors around a pair so that many uncovered pairs come along: the best of several greedy fillings,
/// each in an order of its own, or a random one where none of these is valid.
fn complete(
    project_type: &ProjectType,
    factors: &[Factor],
    pair: Pair,
    covered: &HashSet<Pair>,
    random: &mut Random,
) -> Option<Full> {
    let valid = |levels: &[usize]| {
        let levels_of = factors.iter().zip(levels.iter().copied());
        let answers = settle(project_type, &assignment(levels_of))?;
        // A value whose question is not asked with the others does not occur.
        let asked = |index: usize| answers.get(&factors[index].id).is_some();
        let pairs: Vec<Pair> =
            pairs(levels).filter(|pair| asked(pair.0) && asked(pair.2)).collect();
        pairs.contains(&pair).then_some(Full { answers, pairs })
    };
    let greedy = (0..GREEDY).filter_map(|_| {
        valid(&fill(factors, pair, random, |at, levels, random| {
            best(at, factors[at].values.len(), levels, covered, random)
        }))
    });
    let fresh = |full: &Full| full.pairs.iter().filter(|pair| !covered.contains(*pair)).count();
    greedy.max_by_key(fresh).or_else(|| {
        (0..ATTEMPTS).find_map(|_| {
            valid(&fill(factors, pair, random, |at, _, random| {
                random.below(factors[at].values.len())
            }))
        })
    })
}

/// Chooses a level for each factor beside the two of the pair, in random order.
fn fill(
    factors: &[Factor],
    pair: Pair,
    random: &mut Random,
    mut choose: impl FnMut(usize, &[Option<usize>], &mut Random) -> usize,
) -> Vec<usize> {
    let mut levels: Vec<Option<usize>> = vec![None; factors.len()];
    levels[pair.0] = Some(pair.1);
    levels[pair.2] = Some(pair.3);
    let mut open: Vec<usize> = (0..factors.len()).filter(|at| levels[*at].is_none()).collect();
    while !open.is_empty() {
        let at = open.swap_remove(random.below(open.len()));
        levels[at] = Some(choose(at, &levels, random));
    }
    levels.into_iter().flatten().collect()
}

fn best(
    index: usize,
    count: usize,
    levels: &[Option<usize>],
    covered: &HashSet<Pair>,
    random: &mut Random,
) -> usize {
    let fresh = |value: usize| {
        let others =
            levels.iter().enumerate().filter_map(|(other, level)| Some((other, (*level)?)));
        others
            .filter(|(other, level)| {
                let pair = if *other < index {
                    (*other, *level, index, value)
                } else {
                    (index, value, *other, *level)
                };
                !covered.contains(&pair)
            })
            .count()
    };
    let start = random.below(count);
    (0..count).map(|step| (start + step) % count).max_by_key(|value| fresh(*value)).unwrap_or(0)
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

/// A small generator of numbers that is the same everywhere (splitmix64); nothing here needs more.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let z = usize::try_from((z ^ (z >> 31)) >> 32).unwrap_or(0);
        z % count.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, pack::Pack};
    use std::path::Path;

    fn greeting() -> Catalog {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/hello");
        Catalog::of(vec![Pack::builtin().unwrap(), Pack::read(&folder).unwrap()]).unwrap()
    }

    #[test]
    fn all_are_valid_and_different() {
        let catalog = greeting();
        // calm: times 1 (9 is refused); loud: times 1 or 9, echo or not.
        assert_eq!(all(catalog.project_type("greeting").unwrap()).unwrap().len(), 5);
    }

    #[test]
    fn pairs_of_common_and_own_values_occur_and_are_few() {
        let catalog = greeting();
        let found = pairwise(catalog.project_type("greeting").unwrap());
        assert!(found.len() < 25, "{}", found.len());
        for license in ["none", "MIT", "Apache-2.0", "proprietary"] {
            for tone in ["calm", "loud"] {
                let both = |a: &Answers| {
                    a.get("license") == Some(&Value::Text(license.to_owned()))
                        && a.get("tone") == Some(&Value::Text(tone.to_owned()))
                };
                assert!(found.iter().any(both), "{license} with {tone}");
            }
        }
    }

    /// Pairs of answers of which every value is tried: not numbers, not lists.
    fn value_pairs(configurations: &[Answers]) -> HashSet<[String; 2]> {
        let mut found = HashSet::new();
        for configuration in configurations {
            let tried = configuration
                .values
                .iter()
                .filter(|(_, answer)| matches!(answer.value, Value::Text(_) | Value::Bool(_)));
            let words: Vec<String> =
                tried.map(|(id, answer)| format!("{id}={}", answer.value)).collect();
            for (index, first) in words.iter().enumerate() {
                found.extend(words[index + 1..].iter().map(|other| [first.clone(), other.clone()]));
            }
        }
        found
    }

    #[test]
    fn no_pair_of_a_large_sample_is_missing() {
        let catalog = Catalog::of(vec![Pack::builtin().unwrap()]).unwrap();
        let project_type = catalog.project_type("data-pipeline").unwrap();
        let few = value_pairs(&pairwise(project_type));
        let many = value_pairs(&sample(project_type, 150, 3, |_| true));
        assert_eq!(many.difference(&few).collect::<Vec<_>>(), Vec::<&[String; 2]>::new());
    }

    #[test]
    fn a_seed_chooses_the_same_sample_again() {
        let catalog = greeting();
        let project_type = catalog.project_type("greeting").unwrap();
        let labels = |seed| {
            sample(project_type, 4, seed, |_| true)
                .iter()
                .map(|a| label(project_type, a))
                .collect::<Vec<_>>()
        };
        assert_eq!(labels(7), labels(7));
        assert_ne!(labels(7), labels(8));
    }
}
