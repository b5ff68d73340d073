//! From a word on the command line or a value in a file to a checked answer.

use crate::error::{Code, Problem};
use crate::formats::hidden::{self, visible};
use crate::pack::overlay::{Kind, Question, Value};
use regex_lite::{Regex, RegexBuilder};

/// The longest text that is taken where a question sets no `max`.
const LONGEST_TEXT: i64 = 500;
/// The word for every value that a list may have here, unless it is one of these itself.
pub const ALL: &str = "all";
/// Bytes that a compiled regular expression may take.
const LARGEST_REGEX: usize = 64 << 10;

/// Why a value is not an answer to its question.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// `unknown-value` or `invalid-value`.
    pub code: Code,
    /// The sentence, with the value in backticks.
    pub message: String,
    /// The word that was found, to look for the nearest.
    pub found: String,
    /// What would have been right, where that can be listed.
    pub allowed: Vec<String>,
    /// What to do, where that is more than to give another value.
    pub hint: Option<&'static str>,
}

impl Refusal {
    fn invalid(found: &str, message: String) -> Self {
        let (code, found) = (Code::InvalidValue, found.to_owned());
        Self { code, message, found, allowed: Vec::new(), hint: None }
    }

    fn unknown(question: &Question, found: &str, allowed: &[&str]) -> Self {
        let message = format!("`{}` is not a value of --{}", visible(found), question.flag);
        let allowed = allowed.iter().map(|word| (*word).to_owned()).collect();
        Self { code: Code::UnknownValue, message, found: found.to_owned(), allowed, hint: None }
    }

    /// As a problem, still without a place.
    #[must_use]
    pub fn problem(self) -> Problem {
        let problem = Problem::new(self.code, self.message).allowed(&self.found, self.allowed);
        match self.hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
    }
}

/// Reads a word as the question's kind of value; `allowed` are the values of a choice at this point.
///
/// # Errors
/// It is not such a value.
pub fn parse(question: &Question, word: &str, allowed: &[&str]) -> Result<Value, Refusal> {
    let value = match question.kind {
        Kind::Choice | Kind::Text => Value::Text(word.to_owned()),
        Kind::MultiChoice => {
            Value::List(word.split(',').map(|item| item.trim().to_owned()).collect())
        }
        Kind::Bool => match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return Err(Refusal::unknown(question, word, &["true", "false"])),
        },
        Kind::Integer => word.parse().map(Value::Integer).map_err(|_| {
            Refusal::invalid(
                word,
                format!("`{}` is not a whole number for --{}", visible(word), question.flag),
            )
        })?,
    };
    check(question, value, allowed)
}

/// Checks a value and brings it into its one form: lists in the order of the declaration, without repeats. A text in a
/// file is read as the same word of the command line would be, because files differ in what they put in quotes.
///
/// # Errors
/// The kind, a limit, the pattern or a choice does not fit.
pub fn check(question: &Question, value: Value, allowed: &[&str]) -> Result<Value, Refusal> {
    match (question.kind, value) {
        (Kind::Choice, Value::Integer(number)) => {
            check(question, Value::Text(number.to_string()), allowed)
        }
        (Kind::Choice, Value::Text(word)) if allowed.contains(&word.as_str()) => {
            Ok(Value::Text(word))
        }
        (Kind::Choice, Value::Text(word)) => Err(Refusal::unknown(question, &word, allowed)),
        (Kind::MultiChoice, Value::List(items)) => check_list(question, &items, allowed),
        (Kind::Bool, Value::Bool(value)) => Ok(Value::Bool(value)),
        (Kind::Integer, Value::Integer(value)) => check_integer(question, value),
        (Kind::Text, Value::Text(text)) => check_text(question, text),
        (Kind::MultiChoice | Kind::Bool | Kind::Integer, Value::Text(word)) => {
            parse(question, &word, allowed)
        }
        (Kind::Text, value @ (Value::Integer(_) | Value::Bool(_))) => {
            let message = format!("`{value}` is not a text for --{}", question.flag);
            let hint = Some("put it in quotes, so that YAML reads it as a text");
            Err(Refusal { hint, ..Refusal::invalid(&value.to_string(), message) })
        }
        (Kind::Choice, Value::List(items)) => {
            let found = items.join(",");
            let shown = visible(&found);
            let message = format!("`{shown}` is a list, and --{} takes one value", question.flag);
            let allowed = allowed.iter().map(|word| (*word).to_owned()).collect();
            Err(Refusal { allowed, ..Refusal::invalid(&found, message) })
        }
        (kind, value) => {
            let expected = match kind {
                Kind::Choice => "one of its values",
                Kind::MultiChoice => "a list of its values",
                Kind::Bool => "true or false",
                Kind::Integer => "a whole number",
                Kind::Text => "a text",
            };
            let found = value.to_string();
            Err(Refusal::invalid(
                &found,
                format!("`{}` is not {expected} for --{}", visible(&found), question.flag),
            ))
        }
    }
}

fn check_list(question: &Question, items: &[String], allowed: &[&str]) -> Result<Value, Refusal> {
    let shown = visible(&items.join(","));
    let invalid = |message: String| Refusal::invalid(&items.join(","), message);
    if items.iter().any(String::is_empty) {
        let message = format!("`{shown}` has an empty item for --{}", question.flag);
        let allowed = std::iter::once(&"none").chain(allowed);
        let allowed = allowed.map(|word| (*word).to_owned()).collect();
        return Err(Refusal { allowed, ..invalid(message) });
    }
    let items = match items {
        [only] if only == "none" => Vec::new(),
        [only] if only == ALL && !question.choices.0.contains_key(ALL) => {
            allowed.iter().map(|word| (*word).to_owned()).collect()
        }
        items => items.to_vec(),
    };
    if items.iter().any(|item| item == "none") {
        let message = format!(
            "`none` stands alone: `{shown}` names something beside it for --{}",
            question.flag
        );
        return Err(invalid(message));
    }
    if let Some(unknown) = items.iter().find(|item| !allowed.contains(&item.as_str())) {
        let mut refusal = Refusal::unknown(question, unknown, allowed);
        refusal.allowed.insert(0, "none".to_owned());
        return Err(refusal);
    }
    let declared = question.choices.0.keys();
    let chosen: Vec<String> = declared.filter(|value| items.contains(value)).cloned().collect();
    let count = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    match limits(question, count) {
        Some(limit) => Err(Refusal::invalid(
            &items.join(","),
            format!("--{} takes {limit} values, not {count}", question.flag),
        )),
        None => Ok(Value::List(chosen)),
    }
}

fn check_integer(question: &Question, value: i64) -> Result<Value, Refusal> {
    match limits(question, value) {
        Some(limit) => Err(Refusal::invalid(
            &value.to_string(),
            format!("`{value}` is not {limit} for --{}", question.flag),
        )),
        None => Ok(Value::Integer(value)),
    }
}

fn limits(question: &Question, value: i64) -> Option<String> {
    let (min, max) = (question.min.unwrap_or(i64::MIN), question.max.unwrap_or(i64::MAX));
    if (min..=max).contains(&value) {
        return None;
    }
    Some(match (question.min, question.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (_, max) => format!("at most {}", max.unwrap_or(i64::MAX)),
    })
}

fn check_text(question: &Question, text: String) -> Result<Value, Refusal> {
    let shown = visible(&text);
    if let Some(bad) = hidden::first(&text) {
        let message = format!(
            "`{shown}` has the character U+{:04X}, which cannot be seen, for --{}",
            bad as u32, question.flag
        );
        let hint = Some(match bad {
            '\n' => "write it on one line",
            bad if hidden::is_joiner(bad) => "remove it; it may stand between two letters or emoji",
            _ => "remove it",
        });
        return Err(Refusal { hint, ..Refusal::invalid(&text, message) });
    }
    let (min, max) = (question.min.unwrap_or(0), question.max.unwrap_or(LONGEST_TEXT));
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    if !(min..=max).contains(&length) {
        let message = format!("--{} takes {min} to {max} characters, not {length}", question.flag);
        return Err(Refusal::invalid(&text, message));
    }
    let fits = question
        .pattern
        .as_deref()
        .and_then(|source| pattern(source).ok())
        .is_none_or(|regex| regex.is_match(&text));
    if fits {
        return Ok(Value::Text(text));
    }
    let pattern = || {
        format!(
            "it does not match the pattern `{}`",
            question.pattern.as_deref().unwrap_or_default()
        )
    };
    let why = question.help.clone().unwrap_or_else(pattern);
    Err(Refusal::invalid(&text, format!("`{shown}` does not fit --{}: {why}", question.flag)))
}

/// A pattern matches the text as a whole.
///
/// # Errors
/// It is not a regular expression.
pub fn pattern(source: &str) -> Result<Regex, String> {
    regex(&format!("^(?:{source})$"))
}

/// A regular expression of a pack; matching takes the product of its size and the length of the text.
///
/// # Errors
/// It is none, or it is larger than any should be.
pub fn regex(source: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(source).size_limit(LARGEST_REGEX).build();
    built.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::yaml;

    fn question(text: &str) -> Question {
        yaml::parse("q.yml", &format!("{{id: q, flag: q, ask: Q, {text}}}"), Code::BadPack).unwrap()
    }

    #[test]
    fn lists_come_in_declared_order_without_repeats() {
        let q = question("kind: multi-choice, choices: {a: A, b: B, c: C}, default: [a]");
        assert_eq!(parse(&q, "c,a,c", &["a", "b", "c"]).unwrap().to_string(), "a,c");
        assert_eq!(parse(&q, "none", &["a", "b", "c"]).unwrap(), Value::List(vec![]));
        assert!(parse(&q, "none,a", &["a", "b", "c"]).is_err());
        assert_eq!(parse(&q, "all", &["a", "c"]).unwrap().to_string(), "a,c");
        let own = question("kind: multi-choice, choices: {a: A, all: B}, default: [a]");
        assert_eq!(parse(&own, "all", &["a", "all"]).unwrap().to_string(), "all");
        assert!(parse(&q, "", &["a", "b", "c"]).is_err());
        let problem = parse(&q, "a,bb", &["a", "b", "c"]).unwrap_err().problem();
        assert_eq!(problem.message, "`bb` is not a value of --q");
        assert_eq!(problem.allowed, ["none", "a", "b", "c"]);
    }

    #[test]
    fn a_boolean_is_never_guessed() {
        let q = question("kind: bool, default: false");
        assert_eq!(parse(&q, "maybe", &[]).unwrap_err().allowed, ["true", "false"]);
        assert_eq!(parse(&q, "true", &[]).unwrap(), Value::Bool(true));
    }

    #[test]
    fn a_file_may_quote_what_a_flag_would_say() {
        let text = |word: &str| Value::Text(word.to_owned());
        let list = |words: &[&str]| Value::List(words.iter().map(ToString::to_string).collect());
        let q = question("kind: bool, default: false");
        assert_eq!(check(&q, text("true"), &[]).unwrap(), Value::Bool(true));
        assert_eq!(check(&q, text("yes"), &[]).unwrap_err().allowed, ["true", "false"]);
        let q = question("kind: integer, default: 3");
        assert_eq!(check(&q, text("4"), &[]).unwrap(), Value::Integer(4));
        assert!(check(&q, text("4.0"), &[]).is_err());
        let q = question("kind: multi-choice, choices: {a: A, b: B}, default: [a]");
        for (given, expected) in [
            (text("none"), Some(list(&[]))),
            (list(&["none"]), Some(list(&[]))),
            (text("b,a"), Some(list(&["a", "b"]))),
            (list(&["none", "a"]), None),
            (list(&["a", ""]), None),
            (text("a,"), None),
        ] {
            assert_eq!(check(&q, given.clone(), &["a", "b"]).ok(), expected, "{given:?}");
        }
        let refusal = check(&q, list(&["none", "a"]), &["a", "b"]).unwrap_err();
        assert!(refusal.message.starts_with("`none` stands alone"), "{refusal:?}");
    }

    #[test]
    fn what_a_file_means_otherwise_is_refused_with_its_cure() {
        let q = question("kind: text, default: x");
        for (value, cure) in [
            (Value::Integer(2024), "put it in quotes"),
            (Value::Bool(true), "put it in quotes"),
            (Value::Text("one\ntwo".to_owned()), "write it on one line"),
            (Value::Text("a\u{200c}".to_owned()), "between two letters"),
        ] {
            let problem = check(&q, value.clone(), &[]).unwrap_err().problem();
            assert!(
                problem.hint.as_ref().is_some_and(|hint| hint.contains(cure)),
                "{value:?}: {problem:?}"
            );
        }
        let q = question("kind: choice, choices: {a: A, b: B}, default: a");
        let list = Value::List(vec!["a".to_owned(), "b".to_owned()]);
        let refusal = check(&q, list, &["a", "b"]).unwrap_err();
        assert_eq!(refusal.message, "`a,b` is a list, and --q takes one value");
        assert_eq!(refusal.allowed, ["a", "b"]);
    }

    #[test]
    fn hidden_characters_and_limits_are_refused() {
        let q = question("kind: text, default: x, min: 1, max: 5, pattern: '[a-z ]*'");
        for bad in ["", "toolong", "a\u{202e}b", "a\nb", "A"] {
            assert!(parse(&q, bad, &[]).is_err(), "{bad:?}");
        }
        assert!(parse(&q, "ab c", &[]).is_ok());
        let q = question("kind: integer, default: 3, min: 1, max: 5");
        assert_eq!(parse(&q, "6", &[]).unwrap_err().message, "`6` is not 1 to 5 for --q");
    }
    #[test]
    fn a_name_may_have_joiners_inside_its_words() {
        let q = question("kind: text, default: x");
        for name in ["علی\u{200c}رضا", "👩\u{200d}💻 club"] {
            assert_eq!(parse(&q, name, &[]).unwrap().to_string(), name);
        }
        for name in ["\u{200d}", "a\u{200c}", "a \u{200d} b"] {
            let message = parse(&q, name, &[]).unwrap_err().message;
            assert!(message.contains("which cannot be seen") && hidden::first(&message).is_none());
        }
    }
}
