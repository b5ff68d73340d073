//! The only user of YAML: reads with strict types, says where a fault is, writes deterministically.
//!
//! Values carry no positions. When something is wrong, the text is scanned again by a parser that keeps
//! positions, and the path of the fault (`questions[2].when`) is turned into a line and a column.

use crate::error::{Code, Error, Problem, Result};
use indexmap::IndexMap;
use saphyr_parser::{Event, Parser, Span};
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::marker::PhantomData;

/// A dynamic YAML value, for the parts of `config.yml` that are kept without being understood.
pub type Value = serde_yaml::Value;
/// A dynamic YAML mapping in file order.
pub type Mapping = serde_yaml::Mapping;

/// One step on the way from the root of a document to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value under a key.
    Key(String),
    /// The item at a position.
    Item(usize),
}

/// Shorthand for a path: `path!["questions", 2, "when"]`.
#[macro_export]
macro_rules! path {
    ($($step:expr),* $(,)?) => { [$($crate::yaml::Step::from($step)),*] };
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Item(index)
    }
}

/// Reads a document into `T`.
///
/// # Errors
/// Not YAML, or not the shape of `T`: the problem has the code given, with file, line and column.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str, code: Code) -> Result<T> {
    let document = serde_yaml::Deserializer::from_str(text);
    serde_path_to_error::deserialize(document)
        .map_err(|fault| shape_fault(file, text, code, &fault))
}

fn shape_fault(
    file: &str,
    text: &str,
    code: Code,
    fault: &serde_path_to_error::Error<serde_yaml::Error>,
) -> Error {
    let mut steps: Vec<Step> = fault.path().iter().filter_map(step).collect();
    let cause = fault.inner();
    let words = cause.to_string();
    let reported = cause.location().map_or((1, 1), |at| (at.line(), at.column()));
    let mut message = strip_place(strip_path(&words)).to_owned();
    let mut problem = None;
    if let Some((found, allowed)) = unexpected_word(&message) {
        if message.starts_with("unknown field") && steps.last() != Some(&Step::Key(found.clone())) {
            steps.push(Step::Key(found.clone()));
        }
        let kind = if message.starts_with("unknown field") { "key" } else { "word" };
        message = format!("unknown {kind} `{found}`");
        problem = Some(Problem::new(code, message.clone()).allowed(&found, allowed));
    }
    let (line, column) = locate(text, &steps).filter(|_| !steps.is_empty()).unwrap_or(reported);
    problem.unwrap_or_else(|| Problem::new(code, message)).at(file, line, column).into()
}

fn step(segment: &serde_path_to_error::Segment) -> Option<Step> {
    use serde_path_to_error::Segment;
    match segment {
        Segment::Seq { index } => Some(Step::Item(*index)),
        Segment::Map { key } => Some(Step::Key(key.clone())),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

/// The parser puts its own idea of the path in front of the message: `questions[2].when: …`.
fn strip_path(mut words: &str) -> &str {
    let is_path =
        |head: &str| head.chars().all(|c| c.is_ascii_alphanumeric() || "-_.[]?".contains(c));
    while let Some((_, rest)) = words.split_once(": ").filter(|(head, _)| is_path(head)) {
        words = rest;
    }
    words
}

fn strip_place(words: &str) -> &str {
    words.rfind(" at line ").map_or(words, |at| &words[..at])
}

/// serde words an unexpected name as "unknown field `x`, expected one of `a`, `b`".
fn unexpected_word(message: &str) -> Option<(String, Vec<String>)> {
    if !message.starts_with("unknown field") && !message.starts_with("unknown variant") {
        return None;
    }
    let mut words = message.split('`').skip(1).step_by(2).map(str::to_owned);
    Some((words.next()?, words.collect()))
}

/// The line and column (from 1) of the value at `steps`; of the key itself where the value is under a key.
#[must_use]
pub fn locate(text: &str, steps: &[Step]) -> Option<(usize, usize)> {
    let events: Vec<(Event, Span)> =
        Parser::new_from_str(text).map_while(std::result::Result::ok).collect();
    let mut at = events.iter().position(|(event, _)| starts_node(event))?;
    let mut found = &events[at].1;
    for step in steps {
        let (place, value) = child(&events, at, step)?;
        found = &events[place].1;
        at = value;
    }
    Some((found.start.line(), found.start.col() + 1))
}

fn starts_node(event: &Event) -> bool {
    matches!(
        event,
        Event::Scalar(..) | Event::MappingStart(..) | Event::SequenceStart(..) | Event::Alias(..)
    )
}

/// The index of the event to point at, and of the value's first event.
fn child(events: &[(Event, Span)], parent: usize, step: &Step) -> Option<(usize, usize)> {
    let mut at = parent + 1;
    match (&events.get(parent)?.0, step) {
        (Event::MappingStart(..), Step::Key(wanted)) => loop {
            match &events.get(at)?.0 {
                Event::MappingEnd => return None,
                Event::Scalar(key, ..) if key == wanted => return Some((at, at + 1)),
                _ => at = after(events, after(events, at)?)?,
            }
        },
        (Event::SequenceStart(..), Step::Item(index)) => {
            for _ in 0..*index {
                at = after(events, at)?;
            }
            (!matches!(events.get(at)?.0, Event::SequenceEnd)).then_some((at, at))
        }
        _ => None,
    }
}

/// The index just after the node that starts at `at`.
fn after(events: &[(Event, Span)], mut at: usize) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        match &events.get(at)?.0 {
            Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
            Event::MappingEnd | Event::SequenceEnd => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Writes a value; equal values give equal text.
///
/// # Panics
/// Never for the types of this crate: their maps have string keys.
#[must_use]
pub fn to_string<T: Serialize>(value: &T) -> String {
    serde_yaml::to_string(value).expect("plain data serialises")
}

/// A map in file order in which a key that comes twice is an error (YAML libraries let it pass).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Map<T>(pub IndexMap<String, T>);

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self(IndexMap::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Map<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Map<T>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Map<T>, A::Error> {
                let mut entries = IndexMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    if entries.contains_key(&key) {
                        return Err(serde::de::Error::custom(format!("duplicate key `{key}`")));
                    }
                    entries.insert(key, map.next_value()?);
                }
                Ok(Map(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[allow(dead_code)]
        items: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[allow(dead_code)]
        name: String,
        #[serde(default)]
        #[allow(dead_code)]
        more: Map<String>,
    }

    fn fault(text: &str) -> Problem {
        parse::<Outer>("f.yml", text, Code::BadPack).unwrap_err().problems.remove(0)
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest() {
        let problem = fault("items:\n  - name: a\n  - nmae: b\n");
        assert_eq!(problem.message, "unknown key `nmae`");
        assert_eq!(problem.nearest.as_deref(), Some("name"));
        assert_eq!(problem.place, Problem::new(Code::BadPack, "").at("f.yml", 3, 5).place);
    }

    #[test]
    fn a_wrong_type_and_a_duplicate_are_located() {
        let problem = fault("items:\n  - name: [1]\n");
        assert_eq!(problem.place, Problem::new(Code::BadPack, "").at("f.yml", 2, 5).place);
        let problem = fault("items:\n  - name: a\n    more: {x: a, x: b}\n");
        assert!(problem.message.contains("duplicate key `x`"), "{}", problem.message);
    }

    #[test]
    fn text_that_is_not_yaml_is_located() {
        let problem = fault("items: []\nnext: {a: b\n");
        assert!(
            matches!(problem.place, Some(crate::error::Place::File { line: 2.., .. })),
            "{problem:?}"
        );
    }
}
