//! Keeps the comments of a later layer at what they belong to.

use std::borrow::Cow;
use toml_edit::{ArrayOfTables, Item, Key, KeyMut, RawString, Table, Value};

/// The comments around one thing, each from its `#` on.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// On lines of their own before it.
    pub(super) above: Vec<String>,
    /// On its line, after it.
    pub(super) beside: Option<String>,
}

impl Notes {
    /// Reads the text before and after a thing.
    pub(super) fn read(before: Option<&str>, after: Option<&str>) -> Self {
        let comment =
            |line: &str| Some(line.trim()).filter(|c| c.starts_with('#')).map(str::to_owned);
        Self {
            above: before.unwrap_or_default().lines().filter_map(comment).collect(),
            beside: after.and_then(comment),
        }
    }

    /// What is here and not there. There is one place beside a thing: a second comment goes above.
    pub(super) fn beyond(self, other: &Self) -> Option<Self> {
        let is_new =
            |note: &String| !other.above.contains(note) && other.beside.as_ref() != Some(note);
        let mut above: Vec<String> = self.above.into_iter().filter(is_new).collect();
        let mut beside = self.beside.filter(is_new);
        if other.beside.is_some() {
            above.extend(beside.take());
        }
        (!above.is_empty() || beside.is_some()).then_some(Self { above, beside })
    }

    /// `text` with the comments on lines of their own at its end.
    pub(super) fn below(&self, text: &str) -> String {
        let mut text = Cow::Borrowed(text);
        for note in &self.above {
            text.to_mut().push_str(note);
            text.to_mut().push('\n');
        }
        text.into_owned()
    }
}

fn text(raw: Option<&RawString>) -> Option<&str> {
    raw.and_then(RawString::as_str)
}

/// Adds to an earlier entry the comments that only the later one has; says whether there are any.
pub(super) fn absorb(
    key: &mut KeyMut<'_>,
    earlier: &mut Item,
    later_key: &Key,
    later: &Item,
) -> bool {
    match (earlier, later) {
        (Item::Value(earlier), Item::Value(later)) => {
            let there =
                Notes::read(text(key.leaf_decor().prefix()), text(earlier.decor().suffix()));
            let here =
                Notes::read(text(later_key.leaf_decor().prefix()), text(later.decor().suffix()));
            let Some(new) = here.beyond(&there) else { return false };
            let above = new.below(text(key.leaf_decor().prefix()).unwrap_or_default());
            key.leaf_decor_mut().set_prefix(above);
            if let Some(beside) = new.beside {
                earlier.decor_mut().set_suffix(format!("  {beside}"));
            }
            true
        }
        (Item::Table(earlier), Item::Table(later)) => absorb_header(earlier, later),
        _ => false,
    }
}

fn absorb_header(earlier: &mut Table, later: &Table) -> bool {
    if earlier.is_dotted() || later.is_dotted() || later.is_implicit() {
        return false;
    }
    if earlier.is_implicit() {
        earlier.set_implicit(false);
        *earlier.decor_mut() = later.decor().clone();
        return true;
    }
    let decor = earlier.decor();
    let there = Notes::read(text(decor.prefix()), text(decor.suffix()));
    let here = Notes::read(text(later.decor().prefix()), text(later.decor().suffix()));
    let Some(new) = here.beyond(&there) else { return false };
    let above = new.below(text(decor.prefix()).unwrap_or("\n"));
    earlier.decor_mut().set_prefix(above);
    if let Some(beside) = new.beside {
        earlier.decor_mut().set_suffix(format!("  {beside}"));
    }
    true
}

/// Brings an inline table, a dotted one or an array of tables into the form that the later layer
/// uses, because only tables with headers have room for comments and sub-tables. Says whether it did.
pub(super) fn open(key: &mut KeyMut<'_>, earlier: &mut Item, later: &Item) -> bool {
    let opened = match (&mut *earlier, later) {
        (Item::Table(table), Item::Table(later)) => return write_headers(table, later),
        (Item::Value(Value::InlineTable(table)), Item::Table(later)) => {
            let above = above(key, table.decor().suffix());
            Item::Table(opened_table(table.clone().into_table(), later.is_dotted(), &above))
        }
        (Item::Value(Value::Array(array)), Item::ArrayOfTables(_)) => {
            let above = above(key, array.decor().suffix());
            let mut tables = match Item::Value(Value::Array(array.clone())).into_array_of_tables() {
                Ok(tables) => tables,
                Err(_) if array.is_empty() => ArrayOfTables::new(),
                Err(_) => return false,
            };
            if let Some(first) = tables.iter_mut().next() {
                first.decor_mut().set_prefix(above.below("\n"));
            }
            Item::ArrayOfTables(tables)
        }
        _ => return false,
    };
    *earlier = opened;
    key.leaf_decor_mut().clear();
    true
}

fn write_headers(table: &mut Table, later: &Table) -> bool {
    let is_opened = table.is_dotted() && !later.is_dotted();
    if is_opened {
        table.set_dotted(false);
        table.set_implicit(true);
    }
    is_opened
}

/// What was around a key and its value, for a place with room above only.
fn above(key: &KeyMut<'_>, suffix: Option<&RawString>) -> Notes {
    let Notes { mut above, beside } = Notes::read(text(key.leaf_decor().prefix()), text(suffix));
    above.extend(beside);
    Notes { above, beside: None }
}

fn opened_table(mut table: Table, is_dotted: bool, above: &Notes) -> Table {
    if is_dotted {
        table.set_dotted(true);
        if let Some((mut first, _)) = table.iter_mut().next() {
            first.leaf_decor_mut().set_prefix(above.below(""));
        }
    } else {
        table.decor_mut().set_prefix(above.below("\n"));
    }
    table
}
