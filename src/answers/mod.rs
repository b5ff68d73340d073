//! Answers: what was given, from all sources, checked against one project type; what is missing is asked or told.

pub mod config;
mod default;
mod family;
mod faults;
mod pass;
mod rules;

pub use family::{candidates, previous_type, project_type};

use pass::{Pass, Rest};
use rules::{broken, broken_rules};

use crate::error::{Error, Place, Problem, Result};
use crate::pack::expression::{Datum, Scope};
use crate::pack::overlay::{Kind, Rule, Value};
use crate::pack::value;
use crate::pack::{Placed, ProjectType, Question};
use indexmap::IndexMap;
use serde::Serialize;
use std::collections::BTreeSet;

/// The field that names the project type in `--set`, in the environment and in answers files.
pub const PROJECT_TYPE: &str = "projectType";

/// Where an answer comes from, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The user, at a prompt.
    Prompt,
    /// A flag of the command line.
    Flag,
    /// `--set FIELD=VALUE`.
    Set,
    /// `SCAFFOLD_SET_…`.
    Environment,
    /// `--answers FILE`.
    AnswersFile,
    /// The `config.yml` of the folder.
    Previous,
    /// `defaults:` of the user's own configuration.
    UserDefaults,
    /// What the destination holds already; only ever proposed.
    Detected,
    /// The overlay.
    Default,
}

impl Source {
    /// Someone answered for this very run, so that a value that does not fit is an error and not merely stale.
    fn is_explicit(self) -> bool {
        self <= Self::AnswersFile
    }

    /// Typed on the command line of this run.
    fn is_typed(self) -> bool {
        matches!(self, Self::Flag | Self::Set)
    }

    /// Answered before other answers changed, so that it may not fit any more.
    fn may_be_stale(self) -> bool {
        matches!(self, Self::Prompt | Self::Previous | Self::Detected)
    }
}

/// One value from outside.
#[derive(Clone, Debug)]
pub struct Given {
    /// The flag without hyphens (source [`Source::Flag`]), else `id` or `config-key.id`.
    pub field: String,
    /// What was given.
    pub raw: Raw,
    /// By whom.
    pub source: Source,
    /// To point at in errors.
    pub place: Place,
    /// Nobody may answer otherwise: an organisation has decided.
    pub locked: bool,
}

/// A value before it meets its question.
#[derive(Clone, Debug, PartialEq)]
pub enum Raw {
    /// A word, to be read as the question's kind.
    Word(String),
    /// A typed value of a file.
    Typed(Value),
}

/// What is known beside answers; computed defaults read it as `facts.…`.
#[derive(Clone, Debug, std::default::Default)]
pub struct Facts {
    /// The name of the destination folder, made fit for a project name.
    pub folder: String,
    /// The user's name as git knows it, or empty.
    pub user: String,
    /// What `--idea` says, or empty.
    pub idea: String,
}

/// All that comes in.
#[derive(Clone, Debug, std::default::Default)]
pub struct Inputs {
    /// Values from all sources, in any order.
    pub given: Vec<Given>,
    /// What computed defaults may read.
    pub facts: Facts,
    /// Take defaults instead of asking.
    pub auto: bool,
    /// But none for the type's own questions.
    pub strict: bool,
}

/// A checked value and where it came from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The value.
    pub value: Value,
    /// Its source.
    pub source: Source,
    /// The file that allows no other answer, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<String>,
}

impl Answer {
    /// An answer that could have been another one.
    fn free(value: Value, source: Source) -> Self {
        Self { value, source, locked: None }
    }
}

/// The answers to every question that is asked of this project, in the order of the questions.
#[derive(Clone, Debug)]
pub struct Answers {
    /// By id.
    pub values: IndexMap<String, Answer>,
    /// Earlier answers that are none any more, and were not taken.
    pub stale: Vec<Problem>,
}

impl Answers {
    /// What is stale, in words for whoever goes on without it.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.stale.iter().map(|stale| format!("{}; the earlier answer is not used", stale.message))
    }

    /// The value of a question, if it was asked.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Value> {
        self.values.get(id).map(|answer| &answer.value)
    }

    /// Names for expressions: every question, those not asked as nothing, and what `let` names.
    ///
    /// # Errors
    /// A condition under `let` fails with these answers.
    pub fn scope(&self, project_type: &ProjectType) -> Result<Scope> {
        project_type.with_lets(self.unnamed(project_type))
    }

    /// As [`Answers::scope`], but without `let`, so that it can be had while answers are missing.
    fn unnamed(&self, project_type: &ProjectType) -> Scope {
        let datum = |id: &str| self.get(id).map_or(Datum::None, plain);
        project_type.questions.iter().map(|q| (q.id.clone(), datum(&q.id))).collect()
    }
}

/// A value for expressions, where text is just text.
#[must_use]
pub fn plain(value: &Value) -> Datum {
    match value {
        Value::Bool(value) => Datum::Bool(*value),
        Value::Integer(value) => Datum::Integer(*value),
        Value::Text(text) => Datum::Word(text.clone()),
        Value::List(items) => Datum::List(items.clone()),
    }
}

/// The answer that an expression computed; `None` if what it gave cannot be one.
#[must_use]
pub fn computed(datum: Datum) -> Option<Value> {
    match datum {
        Datum::Bool(value) => Some(Value::Bool(value)),
        Datum::Integer(value) => Some(Value::Integer(value)),
        Datum::Word(text) | Datum::Free(text) => Some(Value::Text(text)),
        Datum::List(items) => Some(Value::List(items)),
        Datum::None | Datum::Many(_) | Datum::Map(_) => None,
    }
}

/// Finds an answer to every question of the type.
///
/// # Errors
/// All that is wrong with what was given, or else all that is unanswered, or else all rules that refuse.
pub fn resolve(project_type: &ProjectType, inputs: &Inputs) -> Result<Answers> {
    let answers = resolve_unruled(project_type, inputs)?;
    Error::unless_empty(broken_rules(project_type, &answers, None))?;
    Ok(answers)
}

/// As [`resolve`], but the rules of the type are not applied.
fn resolve_unruled(project_type: &ProjectType, inputs: &Inputs) -> Result<Answers> {
    let rest = if inputs.auto { Rest::Assume } else { Rest::Refuse };
    let mut pass = Pass::new(project_type, inputs, rest);
    pass.all()?;
    pass.unanswered.sort_by_key(|(urgency, _)| *urgency);
    Error::unless_empty(pass.unanswered.into_iter().map(|(_, problem)| problem).collect())?;
    Ok(pass.answers)
}

/// What a wizard does next.
#[derive(Debug)]
pub enum Next<'q> {
    /// Ask this.
    Ask(Box<Open<'q>>),
    /// Nothing is left to ask.
    Done(Answers),
}

impl Next<'_> {
    /// What is answered so far.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        match self {
            Self::Ask(open) => &open.answers,
            Self::Done(answers) => answers,
        }
    }
}

/// A question that waits for its answer.
#[derive(Debug)]
pub struct Open<'q> {
    /// The question.
    pub question: &'q Question,
    /// The values of a choice that are offered with the answers so far.
    pub allowed: Vec<&'q str>,
    /// What is proposed.
    pub default: Option<Value>,
    /// Why that is proposed, where the destination itself says so.
    pub evidence: Option<String>,
    /// How many questions will be asked from here on, this one included, as far as can be known.
    pub left: usize,
    answers: Answers,
    settled: BTreeSet<String>,
}

impl Open<'_> {
    /// What is answered already.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The questions whose answers rest on no assumption.
    #[must_use]
    pub fn settled(&self) -> &BTreeSet<String> {
        &self.settled
    }

    /// The value that an answer means, whatever the other answers are.
    ///
    /// # Errors
    /// Why it is none, in words.
    pub fn read_alone(&self, raw: &Raw) -> std::result::Result<Value, String> {
        read(self.question, raw, &self.allowed).map_err(|refusal| refusal.problem().message)
    }

    /// The value that an answer means.
    ///
    /// # Errors
    /// Why it is none, in words, or why a rule refuses it together with the other answers.
    pub fn read(
        &self,
        project_type: &ProjectType,
        raw: &Raw,
    ) -> std::result::Result<Value, String> {
        let value = self.read_alone(raw)?;
        let mut tried = self.answers.clone();
        tried.values.insert(self.question.id.clone(), Answer::free(value.clone(), Source::Prompt));
        let mut settled = self.settled.clone();
        settled.insert(self.question.id.clone());
        match broken_rules(project_type, &tried, Some(&settled)).pop() {
            Some(problem) => Err(problem.message),
            None => Ok(value),
        }
    }
}

/// Finds the first question that has no answer and must be asked; `again` names one that is asked whatever it has.
///
/// # Errors
/// What is wrong with what was given.
pub fn next<'q>(
    project_type: &'q ProjectType,
    inputs: &'q Inputs,
    again: Option<&'q str>,
) -> Result<Next<'q>> {
    let mut pass = Pass::new(project_type, inputs, Rest::Ask { again });
    pass.all()?;
    let Some(mut open) = pass.first else { return Ok(Next::Done(pass.answers)) };
    open.left = pass.left;
    (open.answers, open.settled) = (pass.answers, pass.settled);
    Ok(Next::Ask(Box::new(open)))
}

/// The questions that take part in a rule which refuses these answers, with what the rule says; with `settled`, only
/// rules that read nothing else.
#[must_use]
pub fn refused(
    project_type: &ProjectType,
    answers: &Answers,
    settled: Option<&BTreeSet<String>>,
) -> Vec<(BTreeSet<String>, Problem)> {
    let problems = |rule: &Placed<Rule>| {
        let alone = std::slice::from_ref(rule);
        let reads = project_type.questions_read(&rule.when);
        broken(project_type, alone, answers, settled)
            .into_iter()
            .map(move |problem| (reads.clone(), problem))
            .collect::<Vec<_>>()
    };
    project_type.rules.iter().flat_map(problems).collect()
}

/// A word or a typed value as an answer; a list in a file may also be written as one word.
fn read(
    question: &Question,
    raw: &Raw,
    allowed: &[&str],
) -> std::result::Result<Value, value::Refusal> {
    match raw {
        Raw::Word(word) => value::parse(question, word, allowed),
        Raw::Typed(value) => value::check(question, value.clone(), allowed),
    }
}

/// Whether a given value answers the question of this id.
#[must_use]
pub fn names(given: &Given, id: &str, project_type: &ProjectType) -> bool {
    let question = project_type.questions.iter().find(|question| question.id == id);
    question.is_some_and(|question| answers_to(given, question, project_type))
}

/// Whether a given value is meant for this question.
fn answers_to(given: &Given, question: &Question, project_type: &ProjectType) -> bool {
    let names =
        |name: &str| name == question.id || question.aliases.iter().any(|alias| alias == name);
    if given.source == Source::Flag {
        return given.field == question.flag || question.aliases.contains(&given.field);
    }
    match given.field.split_once('.') {
        Some((block, id)) => {
            names(id) && block == if question.common { "project" } else { &project_type.config_key }
        }
        None => names(&given.field),
    }
}

/// The words on a command line that give this answer.
#[must_use]
pub fn flag_words(question: &Question, value: &str) -> Vec<String> {
    match (question.kind, value) {
        (Kind::Bool, "true") => vec![question.long_flag()],
        (Kind::Bool, _) => vec![format!("--no-{}", question.flag)],
        _ => vec![question.long_flag(), value.to_owned()],
    }
}

fn flag_of(project_type: &ProjectType, id: &str) -> String {
    project_type
        .questions
        .iter()
        .find(|question| question.id == id)
        .map_or_else(|| id.to_owned(), Question::long_flag)
}
