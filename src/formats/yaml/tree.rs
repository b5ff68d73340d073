//! The nodes of a text of YAML and where they stand in it, for those who change a text in place.

use saphyr_parser::{Event, Parser, ScalarStyle};

/// A node, by bytes.
#[derive(Debug)]
pub struct Node {
    /// Where it begins; a block of several lines begins behind its `|` or `>`.
    pub start: usize,
    /// Where its last character is over.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Debug)]
pub enum Kind {
    /// A value in one line.
    Scalar,
    /// A block of lines, or an alias: it is changed with its key only.
    Whole,
    /// A map: names, keys and values.
    Map(Vec<(String, Node, Node)>),
    /// A list.
    List(Vec<Node>),
}

impl Node {
    /// The key and the value of a name.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<(&Self, &Self)> {
        let Kind::Map(entries) = &self.kind else { return None };
        entries.iter().find(|(key, ..)| key == name).map(|(_, key, value)| (key, value))
    }

    /// The last key and its value.
    #[must_use]
    pub fn last(&self) -> Option<(&Self, &Self)> {
        let Kind::Map(entries) = &self.kind else { return None };
        entries.last().map(|(_, key, value)| (key, value))
    }

    /// The names in order.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let Kind::Map(entries) = &self.kind else { return Vec::new() };
        entries.iter().map(|(name, ..)| name.clone()).collect()
    }
}

/// The one document of a text; `None` if it has another number of them, or is more than `scan` lets through.
#[must_use]
pub fn tree(text: &str) -> Option<Node> {
    super::check(text).ok()?;
    let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let mut open: Vec<(Node, Option<(String, Node)>)> = Vec::new();
    let mut root = None;
    for next in Parser::new_from_str(text) {
        let (event, span) = next.ok()?;
        let (start, end) = (*bytes.get(span.start.index())?, *bytes.get(span.end.index())?);
        let (node, name) = match event {
            Event::Scalar(value, style, ..) => {
                let end = end_of_scalar(text, start, end, style)?;
                let is_line = !text[start..end].contains('\n')
                    && !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                let kind = if is_line { Kind::Scalar } else { Kind::Whole };
                (Node { start, end, kind }, value.into_owned())
            }
            Event::Alias(_) => (Node { start, end, kind: Kind::Whole }, String::new()),
            Event::MappingStart(..) => {
                open.push((Node { start, end, kind: Kind::Map(Vec::new()) }, None));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push((Node { start, end, kind: Kind::List(Vec::new()) }, None));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let (mut node, _) = open.pop()?;
                // Only a bracket is a character of its own; else the end is where something else begins.
                node.end = if end > start { end } else { node.end };
                (node, String::new())
            }
            _ => continue,
        };
        let Some((around, key)) = open.last_mut() else {
            if root.replace(node).is_some() {
                return None;
            }
            continue;
        };
        around.end = around.end.max(node.end);
        match &mut around.kind {
            Kind::List(items) => items.push(node),
            Kind::Map(entries) => match key.take() {
                None => *key = Some((name, node)),
                Some((name, key)) => entries.push((name, key, node)),
            },
            Kind::Scalar | Kind::Whole => return None,
        }
    }
    root
}

/// The parser counts what stands behind a value, such as a comment, to it.
fn end_of_scalar(text: &str, start: usize, end: usize, style: ScalarStyle) -> Option<usize> {
    let inside = text.get(start..end)?;
    let quote = match style {
        ScalarStyle::SingleQuoted => '\'',
        ScalarStyle::DoubleQuoted => '"',
        _ => return Some(start + inside.trim_end().len()),
    };
    let mut characters = inside.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        if c == '\\' && quote == '"' {
            characters.next();
        } else if c == quote {
            if quote == '\'' && characters.peek().is_some_and(|(_, c)| *c == quote) {
                characters.next();
            } else {
                return Some(start + at + 1);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_its_text_ends() {
        let text = "# c\na:\n  q: 'it''s'  # pin\n  d: \"\\\"é\\\"\" # x\n  p: é x  # y\n  b: |\n    one\n\n  f: {k: [1]}\nl:\n  -\n    z: 2\n";
        let root = tree(text).unwrap();
        let at = |path: &[&str]| {
            let node = path.iter().fold(&root, |node, key| node.entry(key).unwrap().1);
            &text[node.start..node.end]
        };
        assert_eq!(at(&["a", "q"]), "'it''s'");
        assert_eq!(at(&["a", "d"]), "\"\\\"é\\\"\"");
        assert_eq!(at(&["a", "p"]), "é x");
        assert_eq!(at(&["a", "b"]), "one");
        assert_eq!(at(&["a", "f"]), "{k: [1]}");
        assert_eq!(at(&["l"]), "-\n    z: 2");
        assert!(tree("a: 1\n---\nb: 2\n").is_none());
    }
}
