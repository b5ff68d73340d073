//! A covering array, made greedily: a few configurations in which every wanted pair of values occurs.

use super::factors::{ATTEMPTS, Factor, assignment, deciding, effort, some_levels};
use super::random::Random;
use super::{Unique, resolved};
use crate::answers::Answers;
use crate::pack::ProjectType;
use std::cmp::Reverse;
use std::collections::HashSet;

/// Fillings of which the best becomes the next configuration of pairs.
const GREEDY: usize = 40;

/// Configurations in which all pairs of values of the factors occur that are possible and `wanted`.
pub(super) fn pairs_of(
    project_type: &ProjectType,
    factors: &[Factor],
    wanted: impl Fn(&Pair) -> bool,
    random: &mut Random,
) -> Vec<Answers> {
    let mut covered: HashSet<Pair> = HashSet::new();
    let mut found = Unique::default();
    for first in 0..factors.len() {
        for second in first + 1..factors.len() {
            for pair in of_two(factors, first, second).filter(&wanted) {
                // Covered or impossible: neither attracts later configurations.
                if covered.insert(pair)
                    && let Some(full) = complete(project_type, factors, pair, &covered, random)
                {
                    covered.extend(full.pairs);
                    found.add(Some(full.answers));
                }
            }
        }
    }
    found.configurations
}

/// Every value of one factor with every value of another.
pub(super) fn of_two(
    factors: &[Factor],
    first: usize,
    second: usize,
) -> impl Iterator<Item = Pair> + use<> {
    let (ones, others) = (factors[first].values.len(), factors[second].values.len());
    (0..ones).flat_map(move |one| (0..others).map(move |other| (first, one, second, other)))
}

/// As [`pairs_of`], but each value by itself, as many new ones together as fit.
pub(super) fn each_value(
    project_type: &ProjectType,
    factors: &[Factor],
    random: &mut Random,
) -> Vec<Answers> {
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
                    few.extend(some_levels(project_type, factors, index, attempt, random));
                }
                let levels = few.iter().map(|(at, level)| (&factors[*at], *level));
                let Some(answers) = resolved(project_type, &assignment(levels)) else { continue };
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

/// Two factors and the values they have together, the earlier factor first.
pub(super) type Pair = (usize, usize, usize, usize);

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
    let deciding = deciding(project_type, factors, (pair.0, pair.2));
    let mut unasked: HashSet<Vec<usize>> = HashSet::new();
    let mut valid = |levels: &[usize]| {
        let decisive: Vec<usize> = deciding.iter().map(|at| levels[*at]).collect();
        if unasked.contains(&decisive) {
            return None;
        }
        let levels_of = factors.iter().zip(levels.iter().copied());
        let answers = resolved(project_type, &assignment(levels_of))?;
        // A value whose question is not asked with the others does not occur.
        let asked = |index: usize| answers.get(&factors[index].id).is_some();
        if !asked(pair.0) || !asked(pair.2) {
            unasked.insert(decisive);
            return None;
        }
        let pairs = pairs(levels).filter(|pair| asked(pair.0) && asked(pair.2)).collect();
        Some(Full { answers, pairs })
    };
    let is_fresh = |pair: &Pair| !covered.contains(pair);
    let mut fillings: Vec<(usize, Vec<usize>)> = (0..GREEDY)
        .map(|_| {
            let levels = fill(factors, pair, random, |at, levels, random| {
                best(at, factors[at].values.len(), levels, covered, random)
            });
            let most = pairs(&levels).filter(is_fresh).count();
            (most, levels)
        })
        .collect();
    // Those that promise most come first: a filling covers no more than if all its questions were asked, so that most of
    // them need not be resolved.
    fillings.sort_by_key(|(most, _)| Reverse(*most));
    let mut found: Option<(usize, Full)> = None;
    for (most, levels) in &fillings {
        if found.as_ref().is_some_and(|(count, _)| count >= most) {
            break;
        }
        let Some(full) = valid(levels) else { continue };
        let count = full.pairs.iter().filter(|pair| is_fresh(pair)).count();
        if found.as_ref().is_none_or(|(best, _)| count > *best) {
            found = Some((count, full));
        }
    }
    found.map(|(_, full)| full).or_else(|| {
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
