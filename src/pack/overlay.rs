//! An overlay as its author declares it: questions, rules, notes, layers and commands of a project type.

pub use super::question::{Choice, Default, Kind, Question, Stored, Value};
use super::short::text_or_map;
use crate::formats::yaml::Map;
use crate::pack::expression::Expr;
use serde::Deserialize;

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
    /// Conditions with a name, each over answers and earlier names.
    #[serde(default, rename = "let")]
    pub lets: Map<Expr>,
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
    /// Patterns of generated files that are meant for their owner, such as samples.
    #[serde(default)]
    pub yours: Vec<String>,
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

text_or_map!(LongLayer, Layer, "the path of a layer, or a map with `path`");

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
    /// It is what a person types next once all is set up, as to see the project at work.
    #[serde(default)]
    pub first: bool,
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

text_or_map!(LongEntry, KnowledgeEntry, "the name of a knowledge document, or a map with `name`");

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
