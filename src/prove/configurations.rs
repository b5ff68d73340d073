//! The configurations of a project type: all of its own answers, pairs of all answers, or a sample. Deterministic.

use crate::answers::{self, Answers, Facts, Given, Inputs, Raw, Source, flag_words};
use crate::error::Place;
use crate::pack::overlay::{Kind, Value};
use crate::pack::{ProjectType, Question};
use crate::prove::candidates::candidates;
use indexmap::IndexMap;
use std::collections::HashSet;

/// Beyond this many products nothing is enumerated: pairs have to do.
const MOST_ENUMERATED: usize = 20_000;
/// Attempts to complete a pair of values to a valid configuration before the pair counts as impossible.
const ATTEMPTS: u32 = 60;
/// A sample ends when so many random configurations in a row are none that is new and wanted.
const DRAWS: usize = 5_000;
/// Fillings of which the best becomes the next configuration of pairs.
const GREEDY: usize = 40;
/// Beyond this many pairs of values only each value is tried.
const MOST_PAIRS: usize = 20_000;
/// Conditions that may be judged for what no pair and no product demands: so many configurations of a large type.
const EFFORT: usize = 5_000_000;
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

/// How many values a question is tried with; `None` if there are too many to count.
fn count(project_type: &ProjectType, question: &Question) -> Option<usize> {
    match question.kind {
        Kind::MultiChoice => 1usize.checked_shl(u32::try_from(question.choices.0.len()).ok()?),
        _ => Some(candidates(project_type, question).len()),
    }
}

/// How many configurations of the type may be made: fewer where each takes longer.
fn effort(project_type: &ProjectType) -> usize {
    let conditional = project_type.questions.iter().map(|question| {
        1 + question.choices.0.values().filter(|choice| choice.when.is_some()).count()
    });
    EFFORT / (conditional.sum::<usize>() + project_type.rules.len()).max(1)
}

/// Whether the type has so many pairs of values that [`pairwise`] tries each value instead.
#[must_use]
pub fn has_too_many_pairs(project_type: &ProjectType) -> bool {
    let sizes: Vec<usize> = factors(project_type).iter().map(|f| f.values.len()).collect();
    let all: usize = sizes.iter().sum();
    let alike: usize = sizes.iter().map(|size| size * size).sum();
    (all * all - alike) / 2 > MOST_PAIRS
}

/// A small set in which every possible pair of values of any two questions, common ones included, occurs; where there
/// are too many pairs, every possible value.
#[must_use]
pub fn pairwise(project_type: &ProjectType) -> Vec<Answers> {
    let mut random = Random(1);
    if has_too_many_pairs(project_type) {
        return each_value(project_type, &mut random);
    }
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

/// As [`pairwise`], but each value by itself, as many new ones together as fit.
fn each_value(project_type: &ProjectType, random: &mut Random) -> Vec<Answers> {
    let factors = factors(project_type);
    let mut open: Vec<Vec<bool>> = factors.iter().map(|f| vec![true; f.values.len()]).collect();
    let mut found = Unique::default();
    let mut left = effort(project_type);
    for index in 0..factors.len() {
        for level in 0..factors[index].values.len() {
            for attempt in 0..ATTEMPTS {
                if !open[index][level] || left == 0 {
                    break;
                }
                left -= 1;
                let mut few = vec![(index, level)];
                if attempt == 0 {
                    few.extend(fresh_levels(&open, index));
                } else {
                    few.extend(some_levels(project_type, &factors, index, attempt, random));
                }
                let levels = few.iter().map(|(at, level)| (&factors[*at], *level));
                let Some(answers) = settle(project_type, &assignment(levels)) else { continue };
                let asked = |at: usize| answers.get(&factors[at].id).is_some();
                if asked(index) {
                    few.iter().filter(|(at, _)| asked(*at)).for_each(|(a, l)| open[*a][*l] = false);
                    found.add(Some(answers));
                }
            }
        }
    }
    found.configurations
}

/// For each other factor a level that did not occur yet.
fn fresh_levels(open: &[Vec<bool>], index: usize) -> Vec<(usize, usize)> {
    let levels = open.iter().enumerate().filter(|(at, _)| *at != index);
    levels.filter_map(|(at, open)| Some((at, open.iter().position(|open| *open)?))).collect()
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
    let draws = effort(project_type).min(DRAWS);
    while found.configurations.len() < count && in_vain < draws {
        let levels: Vec<usize> =
            factors.iter().map(|factor| random.below(factor.values.len())).collect();
        let before = found.configurations.len();
        found.add(settle(project_type, &assignment(factors.iter().zip(levels))).filter(&wanted));
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
        let values = candidates(project_type, question);
        if !values.is_empty() {
            factors.push(Factor { id: question.id.clone(), member: None, values });
        }
    }
    factors
}

/// The factors without values that no configuration has: each would spoil every attempt that it is part of.
fn possible(project_type: &ProjectType, factors: &[Factor], random: &mut Random) -> Vec<Factor> {
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
fn occurs(
    project_type: &ProjectType,
    factors: &[Factor],
    (index, level): (usize, usize),
    random: &mut Random,
) -> bool {
    (0..ATTEMPTS).any(|attempt| {
        let mut few = vec![(index, level)];
        few.extend(some_levels(project_type, factors, index, attempt, random));
        settle(project_type, &assignment(few.into_iter().map(|(at, level)| (&factors[at], level))))
            .is_some_and(|answers| answers.get(&factors[index].id).is_some())
    })
}

/// Levels of some other factors at random, with each attempt of more of them, and always of what has no default.
fn some_levels(
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
pub(crate) struct Random(u64);

impl Random {
    /// The same numbers for the same seed.
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `count`; 0 where that is 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
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
    use crate::pack::{Catalog, Pack};
    use std::fmt::Write as _;
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

    /// A type of 40 questions with 30 choices each.
    fn large(kind: &str) -> Catalog {
        let mut text = "name: big\ndescription: Big\nproject-type: big\nquestions:\n".to_owned();
        for id in 0..40 {
            let choices: Vec<String> = (0..30).map(|value| format!("c{value}: C")).collect();
            let choices = choices.join(", ");
            let default = if kind == "choice" { "c0" } else { "[c0]" };
            let _ = writeln!(
                text,
                "  - {{id: q{id}, flag: q{id}, ask: Q, kind: {kind}, choices: {{{choices}}}, default: {default}}}"
            );
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("overlays")).unwrap();
        let about = "name: p\nversion: '1'\ndescription: P\n";
        std::fs::write(folder.path().join("pack.yml"), about).unwrap();
        std::fs::write(folder.path().join("overlays/big.yml"), text).unwrap();
        Catalog::of(vec![Pack::builtin().unwrap(), Pack::read(folder.path()).unwrap()]).unwrap()
    }

    #[test]
    fn of_a_large_type_every_value_is_tried_and_few_configurations_are_made() {
        for kind in ["choice", "multi-choice"] {
            let catalog = large(kind);
            let project_type = catalog.project_type("big").unwrap();
            assert!(all(project_type).is_none());
            assert!(has_too_many_pairs(project_type));
            let found = pairwise(project_type);
            assert!(found.len() < 300, "{kind}: {}", found.len());
            for value in 0..30 {
                let has = |a: &Answers| match a.get("q39") {
                    Some(Value::Text(text)) => *text == format!("c{value}"),
                    Some(Value::List(items)) => items.contains(&format!("c{value}")),
                    _ => false,
                };
                assert!(found.iter().any(has), "{kind}: c{value}");
            }
        }
    }

    #[test]
    fn the_types_of_the_builtin_pack_are_tried_pair_by_pair() {
        for project_type in Catalog::builtin().unwrap().types() {
            assert!(!has_too_many_pairs(project_type), "{}", project_type.name);
        }
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
