//! The only user of YAML: reads with strict types, says where a fault is, writes deterministically.
//!
//! Before any value is built, the events of the text are scanned once and held against limits (`scan`). Values carry no
//! positions: when something is wrong, a second scan finds the place of every key and item, and the path of the fault
//! (`questions[2].when`) is looked up in it.

mod scan;
pub mod tree;

pub use scan::Places;

use crate::error::{Code, Error, Problem, Result};
use crate::formats::hidden::visible;
use indexmap::IndexMap;
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

/// Shorthand for a path: `steps!["questions", 2, "when"]`.
macro_rules! steps {
    ($($step:expr),* $(,)?) => { [$($crate::formats::yaml::Step::from($step)),*] };
}
pub(crate) use steps;

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
/// Not YAML, beyond a limit, or not the shape of `T`: the problem has the code given (or [`Code::Limit`]), with file,
/// line and column.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str, code: Code) -> Result<T> {
    parse_within(file, text, code, scan::LONGEST)
}

/// As [`parse`]; no key and no value may have more than `longest` bytes.
///
/// # Errors
/// As [`parse`].
pub fn parse_within<T: DeserializeOwned>(
    file: &str,
    text: &str,
    code: Code,
    longest: usize,
) -> Result<T> {
    scan::check(text, longest).map_err(|flaw| {
        let code = if flaw.is_limit { Code::Limit } else { code };
        Problem::new(code, flaw.message).at(file, flaw.place.0, flaw.place.1).hint(flaw.hint)
    })?;
    let document = serde_yaml::Deserializer::from_str(text);
    serde_path_to_error::deserialize(document)
        .map_err(|fault| shape_fault(file, text, code, &fault))
}

/// Whether a text is YAML that other programs can read: several documents, with tags of theirs.
///
/// # Errors
/// Why not, and the line and column.
pub fn check(text: &str) -> std::result::Result<(), (String, scan::Place)> {
    match scan::check_foreign(text) {
        // More than is read here is not wrong for others.
        Err(flaw) if flaw.is_limit => return Ok(()),
        checked => checked.map_err(|flaw| (flaw.message, flaw.place))?,
    }
    for document in serde_yaml::Deserializer::from_str(text) {
        Value::deserialize(document).map_err(|error| {
            let place = error.location().map_or((1, 1), |at| (at.line(), at.column()));
            (shortened(strip_place(strip_path(&error.to_string()))), place)
        })?;
    }
    Ok(())
}

/// What a text means, or a list of that where it has several documents; `None` if it is no YAML, or has what JSON cannot hold.
#[must_use]
pub fn meaning(text: &str) -> Option<serde_json::Value> {
    check(text).ok()?;
    let documents = serde_yaml::Deserializer::from_str(text);
    let meant = documents.map(|document| serde_json::Value::deserialize(document).ok());
    let mut all: Vec<serde_json::Value> = meant.collect::<Option<_>>()?;
    Some(if all.len() == 1 { all.remove(0) } else { all.into() })
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
    let mut message = shortened(strip_place(strip_path(&words)));
    let mut problem = None;
    if let Some((found, allowed)) = unexpected_word(&message) {
        if message.starts_with("unknown field") && steps.last() != Some(&Step::Key(found.clone())) {
            steps.push(Step::Key(found.clone()));
        }
        let kind = if message.starts_with("unknown field") { "key" } else { "word" };
        message = format!("unknown {kind} `{}`", visible(&found));
        problem = Some(Problem::new(code, message.clone()).allowed(&found, allowed));
    }
    let found = if steps.is_empty() { None } else { Places::of(text).find(&steps) };
    let (line, column) = found.unwrap_or(reported);
    if let Some(Step::Key(key)) = steps.last()
        && let Some(before) = cut_by_comma(text, (line, column), key)
    {
        let (before, key) = (visible(&before), visible(key));
        let message = format!("`{key}` is not a key: the comma before it ends the text `{before}`");
        let hint =
            format!("put the text in quotes: `\"{before}, {key}\"`; or give `{key}` a value");
        return Problem::new(code, message).hint(hint).at(file, line, column).into();
    }
    problem.unwrap_or_else(|| Problem::new(code, message)).at(file, line, column).into()
}

/// Inside `{…}` a text without quotes ends at a comma, and what follows is read as a key without a value. The text before
/// that comma, where the key at this place is such a one.
fn cut_by_comma(text: &str, (line, column): scan::Place, key: &str) -> Option<String> {
    let line_start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let (before, after) = text.get(line_start..)?.split_at_checked(
        text.get(line_start..)?.char_indices().nth(column - 1).map(|(at, _)| at)?,
    )?;
    let rest = after.strip_prefix(key)?.trim_start();
    let value = before.trim_end().strip_suffix(',')?.rsplit_once(": ")?.1.trim();
    let is_plain = !value.is_empty() && !value.ends_with(['"', '\'', ']', '}']);
    (is_plain && rest.starts_with([',', '}'])).then(|| shortened(value))
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

/// A message may repeat a value, however long that is.
fn shortened(message: &str) -> String {
    match message.char_indices().nth(400) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
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

/// Whether a value that was read can be written: a key with a tag, for example, cannot.
#[must_use]
pub fn can_be_written(value: &Value) -> bool {
    serde_yaml::to_string(value).is_ok()
}

/// Writes a value; equal values give equal text.
///
/// # Panics
/// Never for the types of this crate: their maps have string keys.
#[must_use]
pub fn to_string<T: Serialize>(value: &T) -> String {
    serde_yaml::to_string(value).expect("plain data serialises")
}

/// A map in file order. That no key comes twice is seen by the scan.
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
        assert_eq!(problem.place, Problem::new(Code::BadPack, "").at("f.yml", 3, 18).place);
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
