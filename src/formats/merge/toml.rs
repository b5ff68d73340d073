//! Merges TOML in place, so that comments, key order and the author's layout stay.

mod array;
mod headers;
mod notes;

use super::{Fault, Ledger, Piece, Rules, child, read};
use array::List;
use headers::Headers;
use notes::Notes;
use std::collections::BTreeMap;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Key, KeyMut, TableLike, Value};

/// Merges TOML files of several layers; see the module for the rules.
///
/// A single piece is returned as it is.
/// Comments stay: those of the later layers are added to what they belong to. An array that a layer
/// adds to is on one line if it fits in 100 characters and has no comments. A new table comes after
/// the last one of the same parent, with one blank line before each table.
///
/// # Errors
/// Every syntax fault of the pieces; else every place at which two layers differ.
pub fn toml(pieces: &[Piece<'_>], rules: Rules<'_>) -> Result<String, Vec<Fault>> {
    let [first, others @ ..] = pieces else { return Ok(String::new()) };
    if others.is_empty() {
        return Ok(first.text.to_owned());
    }
    let mut documents = read(pieces, parse)?.into_iter();
    let Some((layer, mut merged)) = documents.next() else { return Ok(String::new()) };
    let mut headers = Headers::of(&merged);
    let mut ledger = Ledger::new(layer, rules);
    for (layer, document) in documents {
        ledger.layer = layer;
        merge(&mut ledger, &mut merged, &document);
        headers.extend(&merged);
    }
    if !ledger.faults.is_empty() {
        Err(ledger.faults)
    } else if ledger.is_changed {
        headers.apply(&mut merged);
        Ok(merged.to_string())
    } else {
        Ok(first.text.to_owned())
    }
}

fn parse(piece: Piece<'_>) -> Result<DocumentMut, Fault> {
    piece.text.parse().map_err(|fault: toml_edit::TomlError| {
        let before = fault.span().and_then(|span| piece.text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Fault::syntax(piece.layer, line, column, &fault.message().replace('\n', "; "))
    })
}

/// Where an item is in the document.
struct Spot {
    pointer: String,
    /// In an inline table, where there is room neither for comments nor for tables.
    is_inline: bool,
    /// Where its key ends in the line.
    column: usize,
}

fn merge(ledger: &mut Ledger<'_>, base: &mut DocumentMut, later: &DocumentMut) {
    let root = Spot { pointer: String::new(), is_inline: false, column: 0 };
    if ledger.may_replace("") && plain_table(base.as_table()) != plain_table(later.as_table()) {
        base.clone_from(later);
        ledger.own("");
        return;
    }
    tables(ledger, base.as_table_mut(), later.as_table(), &root, false);
    let mut end = base.trailing().as_str().unwrap_or_default().to_owned();
    if !end.is_empty() && !end.ends_with('\n') {
        end.push('\n');
    }
    let new = Notes::read(later.trailing().as_str(), None).beyond(&Notes::read(Some(&end), None));
    if let Some(new) = new {
        base.set_trailing(new.below(&end));
        ledger.is_changed = true;
    }
}

fn tables(
    ledger: &mut Ledger<'_>,
    base: &mut dyn TableLike,
    later: &dyn TableLike,
    at: &Spot,
    is_inline: bool,
) {
    for (name, item) in later.iter() {
        let Some(later_key) = later.key(name) else { continue };
        let before = if base.is_dotted() { at.column + 1 } else { 0 };
        let column = before + later_key.display_repr().chars().count();
        let here = Spot { pointer: child(&at.pointer, name), is_inline, column };
        match base.get_key_value_mut(name) {
            Some((key, earlier)) => entry(ledger, key, earlier, (later_key, item), &here),
            None => add(ledger, base, later_key, item, &here),
        }
    }
}

fn add(ledger: &mut Ledger<'_>, base: &mut dyn TableLike, key: &Key, item: &Item, here: &Spot) {
    ledger.own(&here.pointer);
    if here.is_inline {
        base.insert(key.get(), as_value(item));
    } else {
        base.entry_format(key).or_insert(item.clone());
    }
}

fn entry(
    ledger: &mut Ledger<'_>,
    mut key: KeyMut<'_>,
    earlier: &mut Item,
    (later_key, later): (&Key, &Item),
    here: &Spot,
) {
    if ledger.may_replace(&here.pointer) && plain(earlier) != plain(later) {
        *earlier = if here.is_inline { as_value(later) } else { later.clone() };
        if !here.is_inline {
            *key.leaf_decor_mut() = later_key.leaf_decor().clone();
        }
        ledger.own(&here.pointer);
        return;
    }
    if !here.is_inline {
        ledger.is_changed |= notes::open(&mut key, earlier, later);
        ledger.is_changed |= notes::absorb(&mut key, earlier, later_key, later);
    }
    items(ledger, earlier, later, here);
}

fn items(ledger: &mut Ledger<'_>, earlier: &mut Item, later: &Item, here: &Spot) {
    let are_lists = is_list(earlier) && is_list(later);
    if let (Some(earlier), Some(later)) = (earlier.as_inline_table_mut(), later.as_table_like()) {
        let before = earlier.len();
        tables(ledger, earlier, later, here, true);
        if earlier.len() > before {
            // The spaces of the last entry and of an empty table would now be in the middle.
            earlier.fmt();
            earlier.set_trailing("");
        }
    } else if let (Some(earlier), Some(later)) = (earlier.as_table_mut(), later.as_table_like()) {
        tables(ledger, earlier, later, here, false);
    } else if are_lists {
        lists(ledger, earlier, later, here);
    } else if plain(earlier) != plain(later) {
        ledger.differ(&here.pointer, &described(earlier), &described(later));
    }
}

fn lists(ledger: &mut Ledger<'_>, earlier: &mut Item, later: &Item, here: &Spot) {
    match earlier {
        Item::ArrayOfTables(tables) => match later.clone().into_array_of_tables() {
            Ok(later) => push_tables(ledger, tables, &later),
            Err(later) if later.as_array().is_some_and(toml_edit::Array::is_empty) => {}
            Err(later) => {
                ledger.differ(&here.pointer, "an array of tables", &described(&later));
            }
        },
        Item::Value(Value::Array(array)) => {
            if let Item::Value(Value::Array(later)) = as_value(later) {
                let mut list = List::read(array);
                if list.join(List::read(&later), ledger, &here.pointer) {
                    list.write(array, here.column + " = ".len());
                }
            }
        }
        _ => {}
    }
}

fn push_tables(ledger: &mut Ledger<'_>, base: &mut ArrayOfTables, later: &ArrayOfTables) {
    let known: Vec<Plain> = base.iter().map(|table| plain_table(table)).collect();
    for table in later.iter().filter(|table| !known.contains(&plain_table(*table))) {
        base.push(table.clone());
        ledger.is_changed = true;
    }
}
fn is_list(item: &Item) -> bool {
    item.is_array() || item.is_array_of_tables()
}

/// The item in a form that fits into an inline table.
fn as_value(item: &Item) -> Item {
    let mut value = item.clone();
    value.make_value();
    if let Some(value) = value.as_value_mut() {
        value.decor_mut().clear();
    }
    value
}

fn described(item: &Item) -> String {
    match item {
        _ if item.is_table_like() => "a table".to_owned(),
        _ if item.is_array_of_tables() => "an array of tables".to_owned(),
        _ if item.is_array() => "an array".to_owned(),
        _ => format!("`{}`", item.as_value().map(bare).unwrap_or_default()),
    }
}

/// The text of a value without what is around it.
fn bare(value: &Value) -> String {
    let mut value = value.clone();
    value.decor_mut().clear();
    value.to_string().trim().to_owned()
}

/// What an item means, without how it is written.
#[derive(Debug, PartialEq)]
enum Plain {
    Scalar(String),
    List(Vec<Plain>),
    Map(BTreeMap<String, Plain>),
}

fn plain(item: &Item) -> Plain {
    match item {
        Item::None => Plain::Scalar(String::new()),
        Item::Value(value) => plain_value(value),
        Item::Table(table) => plain_table(table),
        Item::ArrayOfTables(tables) => Plain::List(tables.iter().map(|t| plain_table(t)).collect()),
    }
}

fn plain_value(value: &Value) -> Plain {
    Plain::Scalar(match value {
        Value::String(text) => format!("string {}", text.value()),
        Value::Integer(number) => format!("integer {}", number.value()),
        Value::Float(number) => format!("float {:?}", number.value()),
        Value::Boolean(flag) => format!("boolean {}", flag.value()),
        Value::Datetime(time) => format!("time {}", time.value()),
        Value::Array(items) => return Plain::List(items.iter().map(plain_value).collect()),
        Value::InlineTable(table) => return plain_table(table),
    })
}

fn plain_table(table: &dyn TableLike) -> Plain {
    Plain::Map(table.iter().map(|(key, item)| (key.to_owned(), plain(item))).collect())
}
