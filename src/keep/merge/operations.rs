//! What a new version of a file changes in a structure, judged against what the user has there. Formats put it into the
//! user's own text, or compare it with what a merge by lines gives.

use super::lists;
use serde_json::{Map, Value};

/// One change at a JSON pointer's keys.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// The value is set; nothing was there, or what was generated.
    Set(Vec<String>, Value),
    /// The key goes.
    Remove(Vec<String>),
    /// The list becomes this one.
    List(Vec<String>, Vec<Value>),
}

/// What has to be done to `ours` so that it has what changed from `base` to `theirs`; `None` if both changed one thing
/// in different ways.
#[must_use]
pub fn operations(base: &Value, ours: &Value, theirs: &Value) -> Option<Vec<Operation>> {
    let mut found = Vec::new();
    compare(Some(base), Some(ours), Some(theirs), &mut Vec::new(), &mut found).then_some(found)
}

/// Does them to a value.
#[must_use]
pub fn applied(value: &Value, operations: &[Operation]) -> Value {
    let mut result = value.clone();
    for operation in operations {
        let (path, new) = match operation {
            Operation::Set(path, value) => (path, Some(value.clone())),
            Operation::Remove(path) => (path, None),
            Operation::List(path, items) => (path, Some(Value::Array(items.clone()))),
        };
        put(&mut result, path, new);
    }
    result
}

fn put(value: &mut Value, path: &[String], new: Option<Value>) {
    let [key, rest @ ..] = path else {
        *value = new.unwrap_or(Value::Null);
        return;
    };
    let Value::Object(map) = value else { return };
    if !rest.is_empty() {
        put(map.entry(key).or_insert_with(|| Value::Object(Map::new())), rest, new);
    } else if let Some(new) = new {
        map.insert(key.clone(), new);
    } else {
        map.shift_remove(key);
    }
}

/// `false` where the two sides disagree.
fn compare(
    base: Option<&Value>,
    ours: Option<&Value>,
    theirs: Option<&Value>,
    path: &mut Vec<String>,
    found: &mut Vec<Operation>,
) -> bool {
    if base == theirs || ours == theirs {
        return true;
    }
    match (base, ours, theirs) {
        (Some(Value::Object(_)) | None, Some(Value::Object(mine)), Some(Value::Object(new))) => {
            let old = base.and_then(Value::as_object);
            let gone = old.into_iter().flat_map(Map::keys).filter(|key| !new.contains_key(*key));
            new.keys().chain(gone).all(|key| {
                path.push(key.clone());
                let old = old.and_then(|old| old.get(key));
                let agree = compare(old, mine.get(key), new.get(key), path, found);
                path.pop();
                agree
            })
        }
        (Some(Value::Array(old)), Some(Value::Array(mine)), Some(Value::Array(new))) => {
            let Some(items) = list(old, mine, new) else { return false };
            if items != *mine {
                found.push(Operation::List(path.clone(), items));
            }
            true
        }
        // Nobody has touched it here.
        (base, ours, Some(theirs)) if base == ours => {
            found.push(Operation::Set(path.clone(), theirs.clone()));
            true
        }
        (base, ours, None) if base == ours => {
            found.push(Operation::Remove(path.clone()));
            true
        }
        // A version that the user has raised stays.
        (Some(Value::String(_)), Some(Value::String(mine)), Some(Value::String(new))) => {
            is_newer(mine, new)
        }
        _ => false,
    }
}

/// The user's list with the items that the new version adds, and without those that it takes away. `None` if an item
/// was changed on both sides, or if steps, tables or numbers, which mean something in their order, were changed at one place.
fn list(base: &[Value], ours: &[Value], theirs: &[Value]) -> Option<Vec<Value>> {
    if base == ours {
        return Some(theirs.to_vec());
    }
    if ![base, ours, theirs].into_iter().flatten().all(Value::is_string) {
        return lists::merged(base, ours, &with_newer(base, ours, theirs));
    }
    let mut result = ours.to_vec();
    let mut added: Vec<&Value> = theirs.iter().filter(|item| !base.contains(item)).collect();
    for gone in base.iter().filter(|item| !theirs.contains(item)) {
        let instead = added.iter().position(|item| is_same_thing(item, gone));
        match (result.iter().position(|item| item == gone), instead) {
            (Some(at), Some(new)) => result[at] = added.remove(new).clone(),
            (Some(at), None) => _ = result.remove(at),
            // The user has another version of it, or none any more.
            (None, Some(new)) => {
                let new = added.remove(new);
                let mine = result.iter().find(|item| is_same_thing(item, new));
                if !mine.is_none_or(|mine| is_newer_item(mine, new)) {
                    return None;
                }
            }
            (None, None) => {}
        }
    }
    for item in added {
        match result.iter().find(|mine| is_same_thing(mine, item)) {
            Some(mine) if mine != item && !is_newer_item(mine, item) => return None,
            Some(_) => {}
            None => result.push(item.clone()),
        }
    }
    Some(result)
}

/// The new list, with the user's item wherever that is the same with a newer version, such as an action of a workflow.
fn with_newer(base: &[Value], ours: &[Value], theirs: &[Value]) -> Vec<Value> {
    if base.len() != ours.len() || base.len() != theirs.len() {
        return theirs.to_vec();
    }
    let newer = |((old, mine), new): ((&Value, &Value), &Value)| {
        let mut found = Vec::new();
        let agree = compare(Some(old), Some(mine), Some(new), &mut Vec::new(), &mut found);
        let is_mine = old != mine && agree && found.is_empty();
        (if is_mine { mine } else { new }).clone()
    };
    base.iter().zip(ours).zip(theirs).map(newer).collect()
}

/// Whether two items are about one thing: they are equal, or requirements of one package.
fn is_same_thing(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => {
            one == other || (package(one).is_some() && package(one) == package(other))
        }
        _ => one == other,
    }
}

/// The package of a requirement as PEP 508 writes it; a text without a version is none.
fn package(requirement: &str) -> Option<String> {
    let end = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.[],".contains(c))?;
    let (name, version) = requirement.split_at(end);
    let is_version = version.trim_start().starts_with(['=', '>', '<', '~', '!', '@']);
    (is_version && !name.is_empty()).then(|| name.to_ascii_lowercase().replace(['_', '.'], "-"))
}

fn is_newer_item(mine: &Value, new: &Value) -> bool {
    matches!((mine, new), (Value::String(mine), Value::String(new)) if is_newer(mine, new))
}

/// Whether both are one constraint with different versions, and the user's is higher.
fn is_newer(mine: &str, new: &str) -> bool {
    let split = |text: &str| {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let (before, version) = text.split_at(start);
        let numbers: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
        Some((before.to_owned(), numbers?))
    };
    match (split(mine), split(new)) {
        (Some((before, mine)), Some((other, new))) => before == other && mine > new,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(base: &Value, ours: &Value, theirs: &Value) -> Option<Value> {
        Some(applied(ours, &operations(base, ours, theirs)?))
    }

    #[test]
    fn each_side_keeps_what_only_it_changed() {
        let base = json!({"a": 1, "b": {"c": 2, "d": 3}, "gone": true});
        let ours = json!({"a": 9, "b": {"c": 2, "d": 3, "mine": 4}, "gone": true});
        let theirs = json!({"a": 1, "b": {"c": 5, "d": 3}, "new": "x"});
        assert_eq!(
            merged(&base, &ours, &theirs),
            Some(json!({"a": 9, "b": {"c": 5, "d": 3, "mine": 4}, "new": "x"}))
        );
    }

    #[test]
    fn one_value_changed_on_both_sides_is_a_conflict() {
        assert_eq!(merged(&json!({"a": 1}), &json!({"a": 2}), &json!({"a": 3})), None);
        assert_eq!(merged(&json!({"a": 1}), &json!({}), &json!({"a": 3})), None, "deleted here");
        assert_eq!(merged(&json!({"a": 1}), &json!({"a": 2}), &json!({})), None, "deleted there");
        assert!(merged(&json!({"a": 1}), &json!({"a": 3}), &json!({"a": 3})).is_some());
    }

    #[test]
    fn dependencies_are_keyed_by_package_and_a_newer_version_of_the_user_stays() {
        let base = json!(["duckdb==1.4.1", "deltalake==1.2.0"]);
        let theirs = json!(["duckdb==1.4.2", "deltalake==1.2.0", "tenacity==9.1.2"]);
        let with = |ours: Value| merged(&base, &ours, &theirs);
        assert_eq!(
            with(json!(["httpx==0.28.1", "duckdb==1.4.1", "deltalake==1.2.0"])),
            Some(json!(["httpx==0.28.1", "duckdb==1.4.2", "deltalake==1.2.0", "tenacity==9.1.2"]))
        );
        assert_eq!(
            with(json!(["duckdb==1.5.0", "deltalake==1.2.0"])),
            Some(json!(["duckdb==1.5.0", "deltalake==1.2.0", "tenacity==9.1.2"]))
        );
        assert_eq!(with(json!(["duckdb==1.3.0", "deltalake==1.2.0"])), None);
        assert_eq!(
            with(json!(["duckdb==1.4.1"])),
            Some(json!(["duckdb==1.4.2", "tenacity==9.1.2"])),
            "what the user took away stays away"
        );
    }
}
