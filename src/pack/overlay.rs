//! An overlay as its author declares it: questions, rules, notes, layers and commands of a project type.

use crate::formats::yaml::Map;
use crate::pack::expression::Expr;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One overlay file. Only `name` and `description` are required, and `project-type` but in `common.yml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Overlay {
    /// Its own name.
    pub name: String,
    /// It takes the place of the overlay of this name in an earlier pack.
    #[serde(default)]
    pub replaces: bool,
    /// One line for lists and help.
    pub description: String,
    /// The project type that it makes; none in `common.yml`.
    pub project_type: Option<String>,
    /// The languages and package tools of its repositories: a file below `overlays/ecosystems/` of some pack.
    pub ecosystem: Option<String>,
    /// The block of `config.yml` that keeps its answers, such as `dataPipelineConfig`.
    pub config_key: Option<String>,
    /// The overlay that it inherits from.
    pub extends: Option<String>,
    /// Asked in this order.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// Answers that are refused together.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// What must be said about some answers.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Template folders, applied in this order.
    #[serde(default)]
    pub layers: Vec<Layer>,
    /// What the generated repository runs.
    pub commands: Option<Commands>,
    /// Words that `project.package` must not be, beside those of the ecosystem.
    #[serde(default)]
    pub reserved: Vec<String>,
    /// What in a folder proposes which answers.
    #[serde(default)]
    pub detect: Vec<Detect>,
    /// Programs that the generated repository needs.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Steps switched on or off.
    #[serde(default)]
    pub step_overrides: Map<StepOverride>,
    /// Knowledge added to steps.
    #[serde(default)]
    pub knowledge_overrides: Map<KnowledgeOverride>,
    /// What steps read, changed.
    #[serde(default)]
    pub reads_overrides: Map<ListOverride>,
    /// What steps depend on, changed.
    #[serde(default)]
    pub dependency_overrides: Map<ListOverride>,
}

/// Something that a folder may hold, and the answers that it proposes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detect {
    /// A file below the destination, with `/`.
    pub file: String,
    /// A regular expression that must be found in it.
    pub holds: Option<String>,
    /// Proposed values by question; nothing more than the project type where it is empty.
    #[serde(default)]
    pub answers: Map<Value>,
}

/// A program that the generated repository needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// What people call it.
    pub name: String,
    /// Prints its version; the first that can be run counts.
    pub version: Vec<Vec<String>>,
    /// What it is needed for.
    pub why: String,
    /// How to get it.
    pub get: String,
    /// The oldest version that will do, as numbers with dots.
    pub least: Option<String>,
    /// Only some answers need it.
    #[serde(default)]
    pub optional: bool,
}

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

/// Reads `T` either from a plain string or from a map `L`, without an untagged enum that would hide typos.
struct TextOr<L, T>(std::marker::PhantomData<(L, T)>, &'static str);

impl<'de, L: Deserialize<'de> + Into<T>, T: From<String>> Visitor<'de> for TextOr<L, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.1)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        L::deserialize(MapAccessDeserializer::new(map)).map(Into::into)
    }
}

macro_rules! text_or_map {
    ($long:ident, $short:ident, $what:literal) => {
        impl<'de> Deserialize<'de> for $short {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer
                    .deserialize_any(TextOr::<$long, $short>(std::marker::PhantomData, $what))
            }
        }
    };
}

text_or_map!(LongChoice, Choice, "the help of a choice, or a map with `help`");
text_or_map!(LongLayer, Layer, "the path of a layer, or a map with `path`");
text_or_map!(LongEntry, KnowledgeEntry, "the name of a knowledge document, or a map with `name`");

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

/// Refuses answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The rule applies if this holds.
    pub when: Expr,
    /// The question whose answer is to be changed.
    pub field: String,
    /// Why, and what to do.
    pub message: String,
}

/// Tells the truth about answers without refusing them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The note applies if this holds; always, if absent.
    pub when: Option<Expr>,
    /// What is to be known.
    pub text: String,
}

/// A template folder and when it applies.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Below `templates/`.
    pub path: String,
    /// It applies if this holds; always, if absent.
    pub when: Option<Expr>,
    /// `PATH` or `PATH#/json/pointer` of earlier layers that it replaces.
    pub replaces: Vec<String>,
    /// What its paths are relative to.
    pub at_home: Home,
}

/// What the paths of a layer are relative to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Home {
    /// The destination.
    #[default]
    Project,
    /// The root of the git repository that the destination is a part of: where CI services look.
    Repository,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LongLayer {
    path: String,
    when: Option<Expr>,
    #[serde(default)]
    replaces: Vec<String>,
    #[serde(default)]
    at: Home,
}

impl From<LongLayer> for Layer {
    fn from(long: LongLayer) -> Self {
        Self { path: long.path, when: long.when, replaces: long.replaces, at_home: long.at }
    }
}

impl From<String> for Layer {
    fn from(path: String) -> Self {
        Self { path, when: None, replaces: Vec::new(), at_home: Home::Project }
    }
}

/// What a generated repository runs: argument lists, no shell; items may be expressions in `{{ }}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    /// Prepares a fresh clone; may use the network.
    pub setup: Vec<String>,
    /// Does the main job once, and ends.
    pub run: Vec<String>,
    /// Tests, lint, format and types, and ends.
    pub check: Vec<String>,
    /// Others by name.
    #[serde(default)]
    pub more: Map<Command>,
}

/// A further command.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// What it does, for people.
    pub ask: String,
    /// It exists if this holds; always, if absent.
    pub when: Option<Expr>,
    /// The argument list.
    pub run: Vec<String>,
}

/// Changes the preset's entry of a step.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepOverride {
    /// Whether the step is done.
    pub enabled: bool,
    /// `if-needed`, where the step is done only if something calls for it.
    pub conditional: Option<Conditional>,
}

/// When an enabled step is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conditional {
    /// Only if something calls for it.
    IfNeeded,
}

/// Adds knowledge to a step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeOverride {
    /// Appended, duplicates dropped.
    pub append: Vec<KnowledgeEntry>,
}

/// A knowledge document and when it fits.
#[derive(Clone, Debug, PartialEq)]
pub struct KnowledgeEntry {
    /// The `name` of its front matter.
    pub name: String,
    /// It fits if this holds; always, if absent.
    pub when: Option<Expr>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LongEntry {
    name: String,
    when: Option<Expr>,
}

impl From<LongEntry> for KnowledgeEntry {
    fn from(long: LongEntry) -> Self {
        Self { name: long.name, when: long.when }
    }
}

impl From<String> for KnowledgeEntry {
    fn from(name: String) -> Self {
        Self { name, when: None }
    }
}

/// Replaces and appends names in a list of a step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListOverride {
    /// Old name to new name.
    #[serde(default)]
    pub replace: Map<String>,
    /// Appended after replacing, duplicates dropped.
    #[serde(default)]
    pub append: Vec<String>,
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Default::deserialize(deserializer)? {
            Default::Value(value) => Ok(value),
            Default::Expr(_) => Err(D::Error::custom("a map is not an answer")),
        }
    }
}
