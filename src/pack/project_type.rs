//! A project type: one overlay with all that it inherits and includes.

use super::lets::Let;
use super::origin::{Origin, Placed};
use super::overlay::{
    self, Commands, Detect, KnowledgeOverride, Layer, ListOverride, Need, Note, Rule, StepOverride,
};
use crate::formats::yaml::Map;
use std::ops::Deref;

/// One overlay with all that it inherits and includes.
#[derive(Clone, Debug)]
pub struct ProjectType {
    /// The value of `--project-type`.
    pub name: String,
    /// One line.
    pub description: String,
    /// The block of `config.yml`.
    pub config_key: String,
    /// Those of every project first, then the type's own.
    pub questions: Vec<Question>,
    /// Conditions with a name, in the order in which they are computed.
    pub lets: Vec<Placed<Let>>,
    /// All rules.
    pub rules: Vec<Placed<Rule>>,
    /// All notes.
    pub notes: Vec<Placed<Note>>,
    /// The type's own first, then those of every project.
    pub layers: Vec<Placed<Layer>>,
    /// What the repository runs, where the overlay says it.
    pub commands: Option<Placed<Commands>>,
    /// Its languages and package tools, if the overlay names them.
    pub ecosystem: Option<String>,
    /// Words that the package of the repository must not be named.
    pub reserved: Vec<String>,
    /// What in a folder proposes which answers.
    pub detect: Vec<Placed<Detect>>,
    /// Patterns of generated files that are meant for their owner.
    pub yours: Vec<Placed<String>>,
    /// Programs that the repository needs.
    pub needs: Vec<Placed<Need>>,
    /// Where its own overlay is.
    pub at: Origin,
    /// What the overlays change in the steps: one for each overlay, parents first.
    pub overrides: Vec<Overrides>,
}

/// The four maps with which an overlay changes the steps.
#[derive(Clone, Debug)]
pub struct Overrides {
    /// Where the overlay is.
    pub at: Origin,
    /// Steps switched on or off.
    pub steps: Map<StepOverride>,
    /// Knowledge added.
    pub knowledge: Map<KnowledgeOverride>,
    /// What steps read.
    pub reads: Map<ListOverride>,
    /// What steps depend on.
    pub dependencies: Map<ListOverride>,
}

/// A question and where its answer is kept.
#[derive(Clone, Debug)]
pub struct Question {
    pub(super) declared: Placed<overlay::Question>,
    /// Keys from the root of `config.yml` to its answer.
    pub home: Vec<String>,
    /// Asked of every project type.
    pub common: bool,
}

impl Deref for Question {
    type Target = overlay::Question;

    fn deref(&self) -> &overlay::Question {
        &self.declared.item
    }
}

impl Question {
    /// Where it is declared.
    #[must_use]
    pub fn at(&self) -> &Origin {
        &self.declared.at
    }

    /// Keeps only the values for which `is_offered` holds, of its choices and of its default.
    pub(super) fn keep_choices(&mut self, is_offered: impl Fn(&str) -> bool) {
        let question = &mut self.declared.item;
        question.choices.0.retain(|value, _| is_offered(value));
        if let Some(overlay::Default::Value(overlay::Value::List(values))) = &mut question.default {
            values.retain(|value| is_offered(value));
        }
    }

    /// The flag with its hyphens.
    #[must_use]
    pub fn long_flag(&self) -> String {
        format!("--{}", self.flag)
    }
}
