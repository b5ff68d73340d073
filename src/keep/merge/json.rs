//! Operations in JSON, done to the user's own text: layout, order and comments stay.

use super::lists;
use super::operations::Operation;
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstObjectProp, CstRootNode};
use serde_json::Value;

/// What a text means, also one with comments; `None` if it is no JSON.
#[must_use]
pub fn meaning(text: &str) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    value_of(&root(text)?.value()?)
}

/// `ours` after the operations; new keys stand where `theirs` has them. `None` where a text has no such place.
#[must_use]
pub fn apply(ours: &str, theirs: &str, operations: &[Operation]) -> Option<String> {
    let document = root(ours)?;
    let new = meaning(theirs)?;
    for operation in operations {
        let (path, value) = match operation {
            Operation::Set(path, value) => (path, Some(value)),
            Operation::Remove(path) => (path, None),
            Operation::List(path, items) => {
                let (last, above) = path.split_last()?;
                let array = inner(document.object_value()?, above)?.array_value(last)?;
                rewrite(&array, items)?;
                continue;
            }
        };
        let (last, above) = path.split_last()?;
        let object = inner(document.object_value()?, above)?;
        match (object.get(last), value) {
            (Some(property), Some(value)) => property.set_value(input(value)),
            (Some(property), None) => property.remove(),
            (None, Some(value)) => {
                let siblings = above.iter().try_fold(&new, |value, key| value.get(key))?;
                _ = object.insert(place(&object, siblings, last), last, input(value));
            }
            (None, None) => return None,
        }
    }
    Some(document.to_string())
}

/// Only comments and a comma at the end are more than JSON has.
fn root(text: &str) -> Option<CstRootNode> {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        ..ParseOptions::default()
    };
    CstRootNode::parse(text, &options).ok()
}

fn inner(root: CstObject, path: &[String]) -> Option<CstObject> {
    path.iter().try_fold(root, |object, key| object.object_value(key))
}

/// After the nearest key that stands before it in the new version.
fn place(object: &CstObject, siblings: &Value, key: &str) -> usize {
    let names: Vec<String> =
        object.properties().iter().filter_map(CstObjectProp::decoded_name).collect();
    let before = siblings.as_object().into_iter().flat_map(|map| map.keys());
    let before: Vec<&String> = before.take_while(|name| *name != key).collect();
    let nearest = before.iter().rev().find_map(|name| names.iter().position(|n| n == *name));
    nearest.map_or(names.len(), |at| at + 1)
}

fn rewrite(array: &CstArray, items: &[Value]) -> Option<()> {
    let there: Vec<Value> = array.elements().iter().map(value_of).collect::<Option<_>>()?;
    for step in lists::steps(&there, items) {
        match step {
            lists::Step::Insert(at, item) => _ = array.insert(at, input(item)),
            lists::Step::Remove(at) => array.elements().get(at)?.clone().remove(),
            lists::Step::Replace(at, item) => {
                array.elements().get(at)?.clone().remove();
                array.insert(at, input(item));
            }
        }
    }
    Some(())
}

fn value_of(node: &CstNode) -> Option<Value> {
    if let Some(object) = node.as_object() {
        let pair = |property: &CstObjectProp| {
            Some((property.decoded_name()?, value_of(&property.value()?)?))
        };
        return object.properties().iter().map(pair).collect::<Option<_>>().map(Value::Object);
    }
    if let Some(array) = node.as_array() {
        return array.elements().iter().map(value_of).collect::<Option<_>>().map(Value::Array);
    }
    serde_json::from_str(&node.to_string()).ok()
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(yes) => CstInputValue::Bool(*yes),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(map) => CstInputValue::Object(
            map.iter().map(|(key, value)| (key.clone(), input(value))).collect(),
        ),
    }
}
