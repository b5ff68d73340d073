//! A question as an overlay declares it, with its choices, its default and what an answer is.

use super::short::text_or_map;
use crate::formats::yaml::Map;
use crate::pack::expression::Expr;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One question; from it come the prompt, the flag, the validation and the documentation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own in the overlay
pub struct Question {
    /// Field in `config.yml`, variable in templates and expressions.
    pub id: String,
    /// The flag, without hyphens.
    pub flag: String,
    /// The question as a person reads it.
    pub ask: String,
    /// A longer explanation.
    pub help: Option<String>,
    /// The heading under which it is shown.
    pub group: Option<String>,
    /// What an answer looks like.
    pub kind: Kind,
    /// The values of a choice, in order.
    #[serde(default)]
    pub choices: Map<Choice>,
    /// True where nothing may be assumed.
    #[serde(default)]
    pub required: bool,
    /// What is assumed.
    pub default: Option<Default>,
    /// The question is asked only if this holds.
    pub when: Option<Expr>,
    /// A regular expression that a text must match as a whole.
    pub pattern: Option<String>,
    /// Least length of a text, least integer, least number of choices.
    pub min: Option<i64>,
    /// Greatest length of a text, greatest integer, greatest number of choices.
    pub max: Option<i64>,
    /// Earlier names of the flag or the id.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// In `common.yml`: where `config.yml` keeps the answer, as keys with dots; `project.ID` if absent.
    pub key: Option<String>,
    /// In `common.yml`: the wizard asks it after the questions of the type.
    #[serde(default)]
    pub late: bool,
    /// A value is offered only where a condition of the type names it.
    #[serde(default)]
    pub only_used: bool,
    /// A wizard takes the default and lets it be changed on its last screen.
    #[serde(default)]
    pub advanced: bool,
    /// The default is the only answer.
    #[serde(default)]
    pub locked: bool,
    /// Whether `config.yml` has the answer at its default.
    #[serde(default)]
    pub stored: Stored,
}

impl Question {
    /// What a value means and what it costs, in one line.
    #[must_use]
    pub fn choice_help(&self, value: &str) -> String {
        match self.choices.0.get(value) {
            Some(Choice { help, cost: Some(cost), .. }) => format!("{help} ({cost})"),
            Some(choice) => choice.help.clone(),
            None => String::new(),
        }
    }
}

/// When `config.yml` has an answer.
#[derive(Clone, Copy, Debug, std::default::Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stored {
    /// Whenever the question is asked.
    #[default]
    Always,
    /// Only where it is not the default.
    Changed,
}

/// The kinds of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One of `choices`.
    Choice,
    /// Any of `choices`.
    MultiChoice,
    /// Yes or no.
    Bool,
    /// Free text on one line.
    Text,
    /// A whole number.
    Integer,
}

impl Kind {
    /// The word for it in an overlay.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Choice => "choice",
            Self::MultiChoice => "multi-choice",
            Self::Bool => "bool",
            Self::Text => "text",
            Self::Integer => "integer",
        }
    }
}

/// One value of a choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What it means.
    pub help: String,
    /// It is offered only if this holds.
    pub when: Option<Expr>,
    /// What it costs to install, for people to know before.
    pub cost: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LongChoice {
    help: String,
    when: Option<Expr>,
    cost: Option<String>,
}

impl From<LongChoice> for Choice {
    fn from(long: LongChoice) -> Self {
        Self { help: long.help, when: long.when, cost: long.cost }
    }
}

impl From<String> for Choice {
    fn from(help: String) -> Self {
        Self { help, when: None, cost: None }
    }
}

text_or_map!(LongChoice, Choice, "the help of a choice, or a map with `help`");

/// What is assumed where nobody answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Default {
    /// A fixed value.
    Value(Value),
    /// An expression over earlier answers.
    Expr(Expr),
}

impl<'de> Deserialize<'de> for Default {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Computed {
            expr: Expr,
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Default;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a value, or a map with `expr`")
            }
            fn visit_bool<E>(self, value: bool) -> Result<Default, E> {
                Ok(Default::Value(Value::Bool(value)))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Default, E> {
                Ok(Default::Value(Value::Integer(value)))
            }
            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Default, E> {
                i64::try_from(value)
                    .map_err(E::custom)
                    .map(|value| Default::Value(Value::Integer(value)))
            }
            fn visit_str<E>(self, value: &str) -> Result<Default, E> {
                Ok(Default::Value(Value::Text(value.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Default, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq))
                    .map(|list| Default::Value(Value::List(list)))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Default, A::Error> {
                Computed::deserialize(MapAccessDeserializer::new(map))
                    .map(|computed| Default::Expr(computed.expr))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A text, or the value of a choice.
    Text(String),
    /// The values of a multi-choice, in the order of the declaration.
    List(Vec<String>),
}

impl fmt::Display for Value {
    /// As it is written on the command line.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
            Self::List(values) if values.is_empty() => f.write_str("none"),
            Self::List(values) => f.write_str(&values.join(",")),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Default::deserialize(deserializer)? {
            Default::Value(value) => Ok(value),
            Default::Expr(_) => Err(D::Error::custom("a map is not an answer")),
        }
    }
}
