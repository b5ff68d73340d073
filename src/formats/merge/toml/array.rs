//! Joins two arrays with their comments, and lays out the result.

use super::super::{Ledger, dependency};
use super::notes::Notes;
use super::{bare, plain_value};
use toml_edit::{Array, Value};

/// The longest line for an array without comments.
const WIDTH: usize = 100;

/// An array as items with the comments that belong to them.
pub(super) struct List {
    entries: Vec<Entry>,
    /// Comments after the last item.
    end: Vec<String>,
}

struct Entry {
    value: Value,
    notes: Notes,
}

impl List {
    /// Takes an array apart. A comment after a comma belongs to the item before it, though the
    /// parser hands it out with the next one.
    pub(super) fn read(array: &Array) -> Self {
        let mut list = Self { entries: Vec::new(), end: Vec::new() };
        for value in array {
            let before = value.decor().prefix().and_then(|raw| raw.as_str()).unwrap_or_default();
            let mut notes = Notes { above: list.attach(before), beside: None };
            let after = value.decor().suffix().and_then(|raw| raw.as_str());
            let mut own = Notes::read(after, None).above.into_iter();
            notes.beside = own.next();
            notes.above.extend(own);
            let mut value = value.clone();
            value.decor_mut().clear();
            list.entries.push(Entry { value, notes });
        }
        list.end = list.attach(array.trailing().as_str().unwrap_or_default());
        list
    }

    /// Gives the first line of what follows an item to that item, and returns the comments below.
    fn attach(&mut self, text: &str) -> Vec<String> {
        let Some(last) = self.entries.last_mut() else {
            return Notes::read(Some(text), None).above;
        };
        let (line, below) = text.split_once('\n').unwrap_or((text, ""));
        if let Some(note) = Notes::read(None, Some(line)).beside {
            match last.notes.beside {
                None => last.notes.beside = Some(note),
                Some(_) => last.notes.above.push(note),
            }
        }
        Notes::read(Some(below), None).above
    }

    /// Adds what is new in `later`, and says whether anything is.
    pub(super) fn join(&mut self, later: Self, ledger: &mut Ledger<'_>, pointer: &str) -> bool {
        let known = self.entries.len();
        let is_keyed = ledger.is_requirements(pointer);
        let mut is_changed = false;
        for entry in later.entries {
            let earlier = &mut self.entries[..known];
            if let Some(same) = earlier.iter_mut().find(|known| known.is_same(&entry, is_keyed)) {
                is_changed |= same.absorb(entry.notes);
                continue;
            }
            if let (true, Some(requirement)) = (is_keyed, entry.value.as_str()) {
                let package = dependency::package(requirement);
                if let Some(clash) = earlier.iter().find_map(|known| known.requires(&package)) {
                    ledger.clash(pointer, &package, clash, requirement);
                    continue;
                }
                ledger.own_package(pointer, &package);
            }
            self.entries.push(entry);
            is_changed = true;
        }
        let new = later.end.into_iter().filter(|note| !self.end.contains(note)).collect::<Vec<_>>();
        is_changed |= !new.is_empty();
        self.end.extend(new);
        if is_changed && is_keyed {
            self.entries.sort_by_cached_key(|entry| entry.value.as_str().map(dependency::package));
        }
        ledger.is_changed |= is_changed;
        is_changed
    }

    /// Writes the items into `array`, which starts at `column`.
    pub(super) fn write(self, array: &mut Array, column: usize) {
        let texts: Vec<String> = self.entries.iter().map(|entry| bare(&entry.value)).collect();
        let length = texts.iter().map(|text| text.chars().count() + ", ".len()).sum::<usize>();
        let is_short = column + length <= WIDTH;
        let has_notes = !self.end.is_empty() || self.entries.iter().any(Entry::has_notes);
        array.clear();
        if is_short && !has_notes && !texts.iter().any(|text| text.contains('\n')) {
            self.write_line(array);
        } else {
            self.write_block(array);
        }
    }

    fn write_line(self, array: &mut Array) {
        for (at, mut entry) in self.entries.into_iter().enumerate() {
            entry.value.decor_mut().set_prefix(if at > 0 { " " } else { "" });
            array.push_formatted(entry.value);
        }
        array.set_trailing_comma(false);
        array.set_trailing("");
    }

    fn write_block(self, array: &mut Array) {
        let mut before = String::new();
        for mut entry in self.entries {
            for note in &entry.notes.above {
                before.extend(["\n    ", note]);
            }
            entry.value.decor_mut().set_prefix(format!("{before}\n    "));
            before = entry.notes.beside.map(|note| format!("  {note}")).unwrap_or_default();
            array.push_formatted(entry.value);
        }
        for note in &self.end {
            before.extend(["\n    ", note]);
        }
        array.set_trailing_comma(true);
        array.set_trailing(format!("{before}\n"));
    }
}

impl Entry {
    fn is_same(&self, other: &Self, is_keyed: bool) -> bool {
        match (self.value.as_str(), other.value.as_str()) {
            (Some(one), Some(other)) if is_keyed => dependency::is_same(one, other),
            (Some(one), Some(other)) => one == other,
            _ => plain_value(&self.value) == plain_value(&other.value),
        }
    }

    /// The requirement of this item, if it is about `package`.
    fn requires(&self, package: &str) -> Option<&str> {
        let is_about = |requirement: &&str| {
            dependency::may_be_same(requirement, package)
                && dependency::package(requirement) == package
        };
        self.value.as_str().filter(is_about)
    }

    fn has_notes(&self) -> bool {
        !self.notes.above.is_empty() || self.notes.beside.is_some()
    }

    fn absorb(&mut self, later: Notes) -> bool {
        let Some(new) = later.beyond(&self.notes) else { return false };
        self.notes.above.extend(new.above);
        self.notes.beside = self.notes.beside.take().or(new.beside);
        true
    }
}
