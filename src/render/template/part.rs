//! `{{ part("NAME") }}`: what layers contribute to a place that a template leaves.
//!
//! A part is printed between marks that no text has, so that it is known afterwards which piece of the output came from
//! where. Of a tag that stands alone on its line nothing else is left of that line, as of `{% if %}`.

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};
use regex_lite::Regex;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// What layers contribute, by the name of the part, in the order of layers.
pub type Parts = BTreeMap<String, Vec<String>>;

/// Where in an output a contribution starts: the name of the part and the place in its list; `None` is the template.
pub type Span = (usize, Option<(String, usize)>);

const OPEN: char = '\u{1}';
const PIECE: char = '\u{2}';
const CLOSE: char = '\u{3}';
/// How a tag of a part begins.
const CALL: &str = "part(";
/// In front of the name of a part that stands alone on its line.
const ALONE: char = '\u{4}';

static ALONE_ON_ITS_LINE: LazyLock<Regex> = LazyLock::new(|| {
    let tag = r#"^([ \t]*\{\{-? *part\((?:"\w+"|'\w+'))\)( *\}\}[ \t]*)$"#;
    Regex::new(tag).expect("the pattern is a constant")
});

/// The template with the tags of parts that stand alone on their lines saying so; no line moves.
pub(super) fn prepared(text: &str) -> Cow<'_, str> {
    if !text.contains(CALL) {
        return Cow::Borrowed(text);
    }
    // Looking for the pattern in a whole template costs more than the rest of its rendering.
    let line = |line| match line {
        line if str::contains(line, CALL) => ALONE_ON_ITS_LINE.replace(line, "$1, true)$2"),
        line => Cow::Borrowed(line),
    };
    Cow::Owned(text.split('\n').map(line).collect::<Vec<_>>().join("\n"))
}

/// The names of the parts that a template has asked for.
#[derive(Clone, Default)]
pub(super) struct Called(Arc<Mutex<BTreeSet<String>>>);

impl Called {
    /// The function `part` of templates.
    pub(super) fn function(&self, parts: Parts) -> Value {
        let called = self.0.clone();
        Value::from_function(move |name: String, alone: Option<bool>| {
            let pieces = parts.get(&name).cloned().unwrap_or_default();
            called.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
            Value::from_object(Part { name, pieces, alone: alone.unwrap_or(false) })
        })
    }

    pub(super) fn names(&self) -> BTreeSet<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A part as a value: printed it has marks, in a filter or a condition it is just its text.
#[derive(Debug)]
pub(super) struct Part {
    name: String,
    pieces: Vec<String>,
    alone: bool,
}

impl Part {
    /// What is printed for it.
    pub(super) fn marked(&self) -> String {
        let pieces: String =
            self.pieces.iter().flat_map(|piece| [PIECE.into(), piece.clone()]).collect();
        let alone = if self.alone { ALONE.to_string() } else { String::new() };
        format!("{OPEN}{alone}{}{pieces}{CLOSE}", self.name)
    }
}

impl Object for Part {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.pieces.iter().any(|piece| !piece.is_empty())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pieces.concat())
    }
}

/// Takes the marks out of an output, and of a part that stands alone on its line the rest of that line.
pub(super) fn without_marks(marked: &str) -> (String, Vec<Span>) {
    let (mut text, mut spans) = (String::with_capacity(marked.len()), Vec::new());
    spans.push((0, None));
    let mut rest = marked;
    while let Some((before, behind)) = rest.split_once(OPEN) {
        let Some((inside, after)) = behind.split_once(CLOSE) else { break };
        text.push_str(before);
        let mut pieces = inside.split(PIECE);
        let name = pieces.next().unwrap_or_default();
        let content = inside.get(name.len()..).unwrap_or_default();
        let (name, is_alone) = match name.strip_prefix(ALONE) {
            Some(name) => (name, true),
            None => (name, false),
        };
        rest = if is_alone { without_its_line(&mut text, content, after) } else { after };
        for (index, piece) in pieces.enumerate() {
            spans.push((text.len(), Some((name.to_owned(), index))));
            text.push_str(piece);
        }
        spans.push((text.len(), None));
    }
    text.push_str(rest);
    (text, spans)
}

/// What comes after a part that stands alone on its line: without the end of the line, where the part needs none.
fn without_its_line<'m>(text: &mut String, content: &str, after: &'m str) -> &'m str {
    let start = text.rfind('\n').map_or(0, |end| end + 1);
    let next = after.trim_start_matches([' ', '\t']).strip_prefix('\n').unwrap_or(after);
    let is_empty = content.chars().all(|c| c == PIECE);
    if is_empty && text[start..].trim().is_empty() {
        text.truncate(start);
    }
    if is_empty || content.ends_with('\n') { next } else { after }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(pieces: &[&str], alone: bool) -> String {
        let pieces = pieces.iter().map(|piece| (*piece).to_owned()).collect();
        Part { name: "x".to_owned(), pieces, alone }.marked()
    }

    fn settled(text: &str) -> String {
        without_marks(text).0
    }

    #[test]
    fn of_a_part_alone_on_its_line_nothing_else_is_left() {
        let marked = |pieces: &[&str]| marked(pieces, true);
        let with = |pieces: &[&str]| settled(&format!("a\n{}\nb\n", marked(pieces)));
        assert_eq!(with(&[]), "a\nb\n");
        assert_eq!(with(&[""]), "a\nb\n");
        assert_eq!(with(&["1\n", "2\n"]), "a\n1\n2\nb\n");
        assert_eq!(with(&["1"]), "a\n1\nb\n");
        assert_eq!(settled(&format!("a\n  {}\nb\n", marked(&[]))), "a\nb\n");
        assert_eq!(settled(&format!("{}\n\nb\n", marked(&["1\n"]))), "1\n\nb\n");
    }

    #[test]
    fn only_a_tag_alone_on_its_line_is_taken_for_one() {
        assert_eq!(prepared("a\n  {{ part('x') }} \nb"), "a\n  {{ part('x', true) }} \nb");
        for other in ["{{ part('x') -}}\n", "a {{ part('x') }}\n", "{{ part('x') | trim }}\n"] {
            assert_eq!(prepared(other), other);
        }
    }

    #[test]
    fn a_part_within_a_line_leaves_the_line_as_it_is() {
        let marked = |pieces: &[&str]| marked(pieces, false);
        assert_eq!(settled(&format!("a {}\nb\n", marked(&[]))), "a \nb\n");
        assert_eq!(settled(&format!("{} a\n", marked(&["1"]))), "1 a\n");
        assert_eq!(settled(&format!("a\n{}", marked(&["1\n"]))), "a\n1\n");
    }

    #[test]
    fn spans_say_which_contribution_a_place_is_of() {
        let (text, spans) = without_marks(&format!("a\n{}\nb\n", marked(&["1\n", "2\n"], true)));
        assert_eq!(text, "a\n1\n2\nb\n");
        let of = |index| Some(("x".to_owned(), index));
        assert_eq!(spans, [(0, None), (2, of(0)), (4, of(1)), (6, None)]);
    }
}
