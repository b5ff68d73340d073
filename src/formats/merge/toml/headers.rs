//! Decides where the tables of later layers stand, and sets one blank line between tables.

use std::collections::HashMap;
use toml_edit::{Item, Table};

/// The paths of all tables that have a header, in the order of the file. An element of an array of
/// tables has its index as the last part of its path.
pub(super) struct Headers(Vec<Vec<String>>);

impl Headers {
    /// The headers as they stand in a parsed file.
    pub(super) fn of(document: &Table) -> Self {
        let mut found = Vec::new();
        visit(document, &mut Vec::new(), &mut |table, path| {
            found.push((table.position(), path.to_vec()));
        });
        found.sort_by_key(|(position, _)| *position);
        Self(found.into_iter().map(|(_, path)| path).collect())
    }

    /// Finds a place for the tables that a layer brought.
    pub(super) fn extend(&mut self, document: &Table) {
        visit(document, &mut Vec::new(), &mut |_, path| {
            if !self.0.iter().any(|known| known == path) {
                let at = self.place(path);
                self.0.insert(at, path.to_vec());
            }
        });
    }

    /// Before its own sub-tables, else after the last table that shares the most of its path.
    fn place(&self, path: &[String]) -> usize {
        let shared =
            |known: &Vec<String>| known.iter().zip(path).take_while(|(a, b)| a == b).count();
        self.0.iter().position(|known| known.starts_with(path)).unwrap_or_else(|| {
            let nearest = self.0.iter().enumerate().max_by_key(|(_, known)| shared(known));
            nearest.map_or(0, |(at, _)| at + 1)
        })
    }

    /// Puts the tables of the document into this order.
    pub(super) fn apply(&self, document: &mut Table) {
        let positions: HashMap<&[String], isize> =
            self.0.iter().map(Vec::as_slice).zip(1..).collect();
        let has_values = !document.get_values().is_empty();
        let mut first = isize::MAX;
        visit(document, &mut Vec::new(), &mut |_, path| {
            first = first.min(positions.get(path).copied().unwrap_or(isize::MAX));
        });
        visit_mut(document, &mut Vec::new(), &mut |table, path| {
            let position = positions.get(path).copied();
            table.set_position(position);
            separate(table, has_values || position != Some(first));
        });
    }
}

/// Gives a header one blank line before it and its comments, or none where a file starts.
fn separate(table: &mut Table, has_line: bool) {
    let prefix = table.decor().prefix().and_then(|raw| raw.as_str()).unwrap_or_default();
    let body = prefix.trim_start_matches(['\n', '\r', ' ', '\t']);
    let line = if has_line { "\n" } else { "" };
    let prefix = format!("{line}{body}");
    table.decor_mut().set_prefix(prefix);
}

/// Whether a table is written with a header of its own.
fn has_header(table: &Table) -> bool {
    let is_bare = table.is_implicit() && table.get_values().is_empty();
    !table.is_dotted() && !is_bare
}

fn visit(table: &Table, path: &mut Vec<String>, found: &mut dyn FnMut(&Table, &[String])) {
    if !path.is_empty() && has_header(table) {
        found(table, path);
    }
    for (key, item) in table {
        path.push(key.to_owned());
        match item {
            Item::Table(table) => visit(table, path, found),
            Item::ArrayOfTables(tables) => {
                for (index, table) in tables.iter().enumerate() {
                    path.push(index.to_string());
                    visit(table, path, found);
                    path.pop();
                }
            }
            _ => {}
        }
        path.pop();
    }
}

fn visit_mut(
    table: &mut Table,
    path: &mut Vec<String>,
    found: &mut dyn FnMut(&mut Table, &[String]),
) {
    if !path.is_empty() && has_header(table) {
        found(table, path);
    }
    for (key, item) in table.iter_mut() {
        path.push(key.get().to_owned());
        match item {
            Item::Table(table) => visit_mut(table, path, found),
            Item::ArrayOfTables(tables) => {
                for (index, table) in tables.iter_mut().enumerate() {
                    path.push(index.to_string());
                    visit_mut(table, path, found);
                    path.pop();
                }
            }
            _ => {}
        }
        path.pop();
    }
}
