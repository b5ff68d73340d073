//! Operations in TOML, done to the user's own text: comments, order and layout stay.

use super::lists;
use super::operations::Operation;
use serde_json::{Map, Value as Json};
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};

/// What a text means; `None` if it is no TOML.
#[must_use]
pub fn meaning(text: &str) -> Option<Json> {
    let document: DocumentMut = text.parse().ok()?;
    Some(table(document.as_table()))
}

/// `ours` after the operations, with what is new written as in `theirs`; `None` where a text has no such place.
#[must_use]
pub fn apply(ours: &str, theirs: &str, operations: &[Operation]) -> Option<String> {
    let mut document: DocumentMut = ours.parse().ok()?;
    let new: DocumentMut = theirs.parse().ok()?;
    for operation in operations {
        match operation {
            Operation::Set(path, _) => set(document.as_table_mut(), new.as_table(), path)?,
            Operation::Remove(path) => {
                let (last, above) = path.split_last()?;
                inner(document.as_table_mut(), above)?.remove(last)?;
            }
            Operation::List(path, items) => {
                let (last, above) = path.split_last()?;
                let item = inner(document.as_table_mut(), above)?.get_mut(last)?;
                rewrite(item.as_array_mut()?, items)?;
            }
        }
    }
    Some(document.to_string())
}

fn inner<'t>(root: &'t mut dyn TableLike, path: &[String]) -> Option<&'t mut dyn TableLike> {
    path.iter().try_fold(root, |table, key| table.get_mut(key)?.as_table_like_mut())
}

fn set(ours: &mut Table, theirs: &Table, path: &[String]) -> Option<()> {
    let (last, above) = path.split_last()?;
    let source = above
        .iter()
        .try_fold(theirs as &dyn TableLike, |table, key| table.get(key)?.as_table_like())?;
    let (key, item) = source.get_key_value(last)?;
    let target = inner(ours, above)?;
    match (target.get_mut(last), item) {
        (Some(Item::Value(old)), Item::Value(new)) => {
            let decor = old.decor().clone();
            *old = new.clone();
            *old.decor_mut() = decor;
        }
        (Some(old), new) => *old = without_place(new.clone()),
        (None, new) => _ = target.entry_format(key).or_insert(without_place(new.clone())),
    }
    Some(())
}

/// A table that is new here comes after those that are there.
fn without_place(mut item: Item) -> Item {
    if let Item::Table(table) = &mut item {
        table.set_position(None);
        for (_, inner) in table.iter_mut() {
            *inner = without_place(std::mem::take(inner));
        }
    }
    item
}

/// A new version of an item keeps the comment of the old one; what is added is written as the item before it.
fn rewrite(array: &mut Array, items: &[Json]) -> Option<()> {
    let there: Vec<Json> = array.iter().map(of_value).collect();
    for step in lists::steps(&there, items) {
        match step {
            lists::Step::Remove(at) => _ = array.remove(at),
            lists::Step::Replace(at, item) => {
                let mut value = Value::from(item.as_str()?);
                *value.decor_mut() = array.get(at)?.decor().clone();
                array.replace_formatted(at, value);
            }
            lists::Step::Insert(at, item) => insert(array, at, item.as_str()?),
        }
    }
    Some(())
}

fn insert(array: &mut Array, at: usize, word: &str) {
    let mut value = Value::from(word);
    // A comment behind the comma belongs to the item before it.
    if let Some(like) = array.get(at.saturating_sub(1)).or_else(|| array.get(0)) {
        let prefix = like.decor().prefix().and_then(|raw| raw.as_str()).unwrap_or_default();
        let indent =
            prefix.rsplit_once('\n').map_or(prefix.to_owned(), |(_, end)| format!("\n{end}"));
        let space = if at > 0 && indent.is_empty() { " ".to_owned() } else { indent };
        value.decor_mut().set_prefix(space);
    }
    if at == array.len() {
        // What stands between the last comma and the bracket is a comment of the item before.
        let trailing = array.trailing().as_str().unwrap_or_default().to_owned();
        if let Some((comment, end)) = trailing.rsplit_once('\n')
            && !comment.trim().is_empty()
        {
            let prefix = value.decor().prefix().and_then(|raw| raw.as_str()).unwrap_or_default();
            let joined = format!("{comment}{prefix}");
            value.decor_mut().set_prefix(joined);
            array.set_trailing(format!("\n{end}"));
        }
    }
    array.insert_formatted(at, value);
}

fn table(table: &dyn TableLike) -> Json {
    Json::Object(table.iter().map(|(key, item)| (key.to_owned(), of_item(item))).collect())
}

fn of_item(item: &Item) -> Json {
    match item {
        Item::None => Json::Null,
        Item::Value(value) => of_value(value),
        Item::Table(inner) => table(inner),
        Item::ArrayOfTables(tables) => Json::Array(tables.iter().map(|t| table(t)).collect()),
    }
}

fn of_value(value: &Value) -> Json {
    match value {
        Value::String(text) => Json::String(text.value().clone()),
        Value::Integer(number) => Json::from(*number.value()),
        Value::Float(number) => Json::from(*number.value()),
        Value::Boolean(yes) => Json::Bool(*yes.value()),
        // No text is equal to it.
        Value::Datetime(time) => Json::Object(Map::from_iter([(
            "$time".to_owned(),
            Json::from(time.value().to_string()),
        )])),
        Value::Array(items) => Json::Array(items.iter().map(of_value).collect()),
        Value::InlineTable(inner) => table(inner),
    }
}
