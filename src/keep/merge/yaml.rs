//! Operations in YAML, done to the user's own text by the places that the parser tells: layout, order and comments stay.
//!
//! What is new is taken as it is written in the new version, with its comments. Whoever calls compares what the result means.

use super::lists;
use super::operations::Operation;
use crate::formats::yaml::tree::{Kind, Node, tree};
use serde_json::Value;

/// `ours` after the operations; `None` where a text has no such place, or one that is written in a way not known here.
#[must_use]
pub fn apply(ours: &str, theirs: &str, operations: &[Operation]) -> Option<String> {
    let new = tree(theirs)?;
    operations.iter().try_fold(ours.to_owned(), |text, operation| {
        let old = tree(&text)?;
        let (ours, theirs) = (Side { text: &text, root: &old }, Side { text: theirs, root: &new });
        match operation {
            Operation::Set(path, _) => set(ours, theirs, path),
            Operation::Remove(path) => {
                let (last, above) = path.split_last()?;
                let entry = ours.at(above)?.entry(last)?;
                Some(ours.without(ours.lines(entry.0, entry.1)?))
            }
            Operation::List(path, items) => rewrite(ours, theirs, path, items),
        }
    })
}

#[derive(Clone, Copy)]
struct Side<'t> {
    text: &'t str,
    root: &'t Node,
}

/// Whole lines of a text, by their bytes, and the column of what begins there.
#[derive(Clone, Copy)]
struct Lines {
    from: usize,
    to: usize,
    column: usize,
}

fn set(ours: Side, theirs: Side, path: &[String]) -> Option<String> {
    let (last, above) = path.split_last()?;
    let (mapping, new_mapping) = (ours.at(above)?, theirs.at(above)?);
    let new = new_mapping.entry(last)?;
    if let Some((key, value)) = mapping.entry(last) {
        if let (Kind::Scalar, Kind::Scalar) = (&value.kind, &new.1.kind) {
            return Some(ours.with(value.start, value.end, &theirs.text[new.1.start..new.1.end]));
        }
        let old = ours.lines(key, value)?;
        let written = theirs.written(theirs.lines(new.0, new.1)?, old.column)?;
        return Some(ours.with(old.from, old.to, &written));
    }
    // After the nearest key that stands before it in the new version, or at the end.
    let names = new_mapping.keys();
    let before = &names[..names.iter().position(|name| name == last)?];
    let neighbour = before.iter().rev().find_map(|name| mapping.entry(name));
    let (key, value) = neighbour.or_else(|| mapping.last())?;
    let there = ours.lines(key, value)?;
    let place = theirs.lines(new.0, new.1)?;
    let comments = theirs.comments_above(&place);
    let written = theirs.written(Lines { from: comments, ..place }, there.column)?;
    Some(ours.with(there.to, there.to, &written))
}

fn rewrite(ours: Side, theirs: Side, path: &[String], items: &[Value]) -> Option<String> {
    let (Kind::List(old), Kind::List(new)) = (&ours.at(path)?.kind, &theirs.at(path)?.kind) else {
        return None;
    };
    let mut there: Vec<Value> = old.iter().map(|item| ours.value(item)).collect::<Option<_>>()?;
    let known: Vec<Value> = new.iter().map(|item| theirs.value(item)).collect::<Option<_>>()?;
    let source = |item: &Value| known.iter().position(|k| k == item).and_then(|at| new.get(at));
    let list = ours.at(path)?;
    if ours.is_on_one_line(list) {
        let mine = |item: &Value| there.iter().position(|t| t == item).and_then(|at| old.get(at));
        let word = |item: &Value| {
            let node = mine(item).map(|node| (ours, node));
            let (side, node) = node.or_else(|| source(item).map(|node| (theirs, node)))?;
            matches!(node.kind, Kind::Scalar).then(|| side.of(node))
        };
        let words: Vec<&str> = items.iter().map(word).collect::<Option<_>>()?;
        return Some(ours.with(list.start, list.end, &format!("[{}]", words.join(", "))));
    }
    let step = lists::steps(&there, items).into_iter().next();
    let (text, after) = match step? {
        lists::Step::Remove(at) => {
            there.remove(at);
            (ours.without(ours.item(old.get(at)?)?), there)
        }
        lists::Step::Replace(at, item) => {
            let (place, new) = (old.get(at)?, source(item)?);
            there[at] = item.clone();
            let text = if let (Kind::Scalar, Kind::Scalar) = (&place.kind, &new.kind) {
                ours.with(place.start, place.end, &theirs.text[new.start..new.end])
            } else {
                let lines = ours.item(place)?;
                let written = theirs.written(theirs.item(new)?, lines.column)?;
                ours.with(lines.from, lines.to, &written)
            };
            (text, there)
        }
        lists::Step::Insert(at, item) => {
            let new = source(item)?;
            let place = theirs.item(new)?;
            let comments = theirs.comments_above(&place);
            let neighbour = ours.item(old.get(at.saturating_sub(1))?)?;
            let written = theirs.written(Lines { from: comments, ..place }, neighbour.column)?;
            let to = if at == 0 { neighbour.from } else { neighbour.to };
            there.insert(at, item.clone());
            (ours.with(to, to, &written), there)
        }
    };
    if after == items {
        return Some(text);
    }
    // The places have moved.
    rewrite(Side { text: &text, root: &tree(&text)? }, theirs, path, items)
}

impl<'t> Side<'t> {
    /// What is written there.
    fn of(&self, node: &Node) -> &'t str {
        &self.text[node.start..node.end]
    }

    /// Whether a list is written as `[a, b]`.
    fn is_on_one_line(&self, list: &Node) -> bool {
        let text = self.of(list);
        text.starts_with('[') && text.ends_with(']') && !text.contains('\n')
    }

    fn at(&self, path: &[String]) -> Option<&Node> {
        path.iter().try_fold(self.root, |node, key| Some(node.entry(key)?.1))
    }

    fn value(&self, node: &Node) -> Option<Value> {
        let lines = match node.kind {
            Kind::Scalar => return crate::formats::yaml::meaning(&self.text[node.start..node.end]),
            _ => self.item(node)?,
        };
        let written = self.written(lines, 0)?;
        crate::formats::yaml::meaning(&written)?.get(0).cloned()
    }

    /// The lines of an entry that begins its line.
    fn lines(&self, key: &Node, value: &Node) -> Option<Lines> {
        let from = self.text[..key.start].rfind('\n').map_or(0, |at| at + 1);
        let indent = &self.text[from..key.start];
        let is_alone = indent.chars().all(|c| c == ' ');
        is_alone.then(|| Lines {
            from,
            to: self.end_of_line(value.end.max(key.end)),
            column: indent.len(),
        })
    }

    /// The lines of an item of a list that is written with dashes.
    fn item(&self, node: &Node) -> Option<Lines> {
        let dash = self.text[..node.start].trim_end().strip_suffix('-')?.len();
        let at = Node { start: dash, end: dash + 1, kind: Kind::Scalar };
        self.lines(&at, node)
    }

    fn end_of_line(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |end| at + end + 1)
    }

    /// Where the comments begin that stand directly above, in the same column.
    fn comments_above(&self, lines: &Lines) -> usize {
        let mut from = lines.from;
        while let Some(above) = self.text[..from].strip_suffix('\n') {
            let start = above.rfind('\n').map_or(0, |at| at + 1);
            let text = above[start..].trim_start_matches(' ');
            if !text.starts_with('#') || above[start..].len() - text.len() != lines.column {
                break;
            }
            from = start;
        }
        from
    }

    /// The lines with what begins there in another column; a text of several lines moves with it.
    fn written(&self, lines: Lines, column: usize) -> Option<String> {
        let mut written = String::new();
        for line in self.text[lines.from..lines.to].lines() {
            let rest = line.trim_start_matches(' ');
            if !rest.is_empty() {
                let indent = (line.len() - rest.len()).checked_sub(lines.column)? + column;
                written.extend(std::iter::repeat_n(' ', indent));
                written.push_str(rest);
            }
            written.push('\n');
        }
        Some(written)
    }

    fn with(&self, from: usize, to: usize, new: &str) -> String {
        let (before, after) = (&self.text[..from], &self.text[to..]);
        let is_cut = from == self.text.len() && !before.is_empty() && !before.ends_with('\n');
        [before, if is_cut { "\n" } else { "" }, new, after].concat()
    }

    fn without(&self, lines: Lines) -> String {
        self.with(lines.from, lines.to, "")
    }
}
