//! Lists: three become one, and one becomes another step by step, so that a text can follow.

use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// One step from a list to another; places are those of the list as the steps before have left it.
#[derive(Debug, PartialEq)]
pub enum Step<'v> {
    /// The item goes.
    Remove(usize),
    /// The item becomes this.
    Replace(usize, &'v Value),
    /// This comes before the item that is there.
    Insert(usize, &'v Value),
}

/// The steps from `there` to `wanted`. An item that goes where another comes is replaced, so that what stands beside it in
/// the text stays.
#[must_use]
pub fn steps<'v>(there: &[Value], wanted: &'v [Value]) -> Vec<Step<'v>> {
    let mut steps = Vec::new();
    for region in regions(there, wanted) {
        // What is before has its new length by now.
        let at = region.new.start;
        let (old, new) = (region.old.len(), region.new.len());
        let common = old.min(new);
        steps.extend((0..common).map(|n| Step::Replace(at + n, &wanted[at + n])));
        steps.extend((common..old).map(|_| Step::Remove(at + common)));
        steps.extend((common..new).map(|n| Step::Insert(at + n, &wanted[at + n])));
    }
    steps
}

/// The list with the changes of both, where no change of one touches a change of the other.
#[must_use]
pub fn merged(base: &[Value], ours: &[Value], theirs: &[Value]) -> Option<Vec<Value>> {
    let mut changes: Vec<(Region, &[Value])> = Vec::new();
    for (region, side) in regions(base, ours)
        .into_iter()
        .map(|region| (region, ours))
        .chain(regions(base, theirs).into_iter().map(|region| (region, theirs)))
    {
        let new = &side[region.new.clone()];
        let is_known = |(other, text): &(Region, &[Value])| other.old == region.old && *text == new;
        if !changes.iter().any(is_known) {
            changes.push((region, new));
        }
    }
    changes.sort_by_key(|(region, _)| (region.old.start, region.old.end));
    let mut result = Vec::new();
    let mut at = 0;
    let mut inserted_at = None;
    for (region, new) in changes {
        // Two that come to one place have no order.
        let inserts_at = region.old.is_empty().then_some(region.old.start);
        if region.old.start < at || (inserts_at.is_some() && inserted_at == inserts_at) {
            return None;
        }
        result.extend_from_slice(&base[at..region.old.start]);
        result.extend_from_slice(new);
        (at, inserted_at) = (region.old.end, inserts_at);
    }
    result.extend_from_slice(&base[at..]);
    Some(result)
}

struct Region {
    old: std::ops::Range<usize>,
    new: std::ops::Range<usize>,
}

/// Where two lists differ.
fn regions(old: &[Value], new: &[Value]) -> Vec<Region> {
    let words = |items: &[Value]| items.iter().map(Value::to_string).collect::<Vec<_>>();
    capture_diff_slices(Algorithm::Myers, &words(old), &words(new))
        .iter()
        .filter(|op| !matches!(op, DiffOp::Equal { .. }))
        .map(|op| Region { old: op.old_range(), new: op.new_range() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn list(value: &Value) -> Vec<Value> {
        value.as_array().cloned().unwrap_or_default()
    }

    #[test]
    fn changes_that_do_not_touch_join_in_order() {
        let base = list(&json!([{"a": 1}, {"b": 1}, {"c": 1}]));
        let ours = list(&json!([{"a": 1}, {"b": 1}, {"c": 1}, {"mine": 1}]));
        let theirs = list(&json!([{"new": 1}, {"a": 2}, {"b": 1}, {"c": 1}]));
        let expected = list(&json!([{"new": 1}, {"a": 2}, {"b": 1}, {"c": 1}, {"mine": 1}]));
        assert_eq!(merged(&base, &ours, &theirs), Some(expected));
        assert_eq!(merged(&base, &ours, &ours), Some(ours.clone()), "both alike");
        let other = list(&json!([{"a": 1}, {"b": 1}, {"c": 1}, {"other": 1}]));
        assert_eq!(merged(&base, &ours, &other), None, "two at one place");
        assert_eq!(merged(&base, &base[..2], &list(&json!([{"a": 1}, {"b": 1}, {"c": 2}]))), None);
    }

    #[test]
    fn steps_lead_from_one_list_to_the_other() {
        for (old, new) in [
            (json!([1, 2, 3]), json!([1, 3])),
            (json!([1, 2, 3]), json!([0, 1, 5, 6, 3, 9])),
            (json!([]), json!([1, 2])),
            (json!([1, 2]), json!([])),
            (json!([1, 2, 3, 4]), json!([4, 3, 2, 1])),
        ] {
            let (mut list, wanted) = (list(&old), list(&new));
            for step in steps(&list.clone(), &wanted) {
                match step {
                    Step::Remove(at) => _ = list.remove(at),
                    Step::Replace(at, item) => list[at] = item.clone(),
                    Step::Insert(at, item) => list.insert(at, item.clone()),
                }
            }
            assert_eq!(list, wanted);
        }
    }
}
