//! Answers: what was given, from all sources, checked against one project type; what is missing is asked or told.

mod family;
pub mod prompt;
pub mod value;

pub use family::project_type;

use crate::catalog::overlay::{Default, Kind, Value};
use crate::catalog::{ProjectType, Question};
use crate::error::{Code, Error, Place, Problem, Result};
use crate::template::{Datum, Expr, Scope};
use indexmap::IndexMap;
use prompt::{Ask, Prompter};
use serde::Serialize;
use std::collections::BTreeSet;

/// The field that names the project type in `--set`, in the environment and in answers files.
pub const PROJECT_TYPE: &str = "projectType";

/// Where an answer comes from, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
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
    /// The user, at a prompt.
    Prompt,
    /// The overlay.
    Default,
}

impl Source {
    /// Someone answered for this very run, so that a value that does not fit is an error and not merely stale.
    fn is_explicit(self) -> bool {
        self <= Self::AnswersFile
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
#[derive(Debug, std::default::Default)]
pub struct Inputs {
    /// Values from all sources, in any order.
    pub given: Vec<Given>,
    /// What computed defaults may read.
    pub facts: Facts,
    /// Take defaults instead of asking.
    pub auto: bool,
}

/// A checked value and where it came from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The value.
    pub value: Value,
    /// Its source.
    pub source: Source,
}

/// The answers to every question that is asked of this project, in the order of the questions.
#[derive(Clone, Debug)]
pub struct Answers {
    /// By id.
    pub values: IndexMap<String, Answer>,
    /// What was stale and therefore not taken, in words.
    pub warnings: Vec<String>,
}

impl Answers {
    /// The value of a question, if it was asked.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Value> {
        self.values.get(id).map(|answer| &answer.value)
    }

    /// Names for expressions: every question, those not asked as nothing.
    #[must_use]
    pub fn scope(&self, project_type: &ProjectType) -> Scope {
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

/// Finds an answer to every question of the type.
///
/// # Errors
/// All that is wrong with what was given, or else all that is unanswered, or else all rules that refuse.
pub fn resolve(
    project_type: &ProjectType,
    inputs: &Inputs,
    prompter: Option<&mut dyn Prompter>,
) -> Result<Answers> {
    let answers = resolve_unruled(project_type, inputs, prompter)?;
    Error::unless_empty(broken_rules(project_type, &answers, None))?;
    Ok(answers)
}

/// As [`resolve`], but the rules of the type are not applied.
///
/// # Errors
/// As [`resolve`], but for rules.
pub fn resolve_unruled(
    project_type: &ProjectType,
    inputs: &Inputs,
    prompter: Option<&mut dyn Prompter>,
) -> Result<Answers> {
    let mut pass = Pass {
        project_type,
        inputs,
        prompter: if inputs.auto { None } else { prompter },
        scope: Scope::new(),
        answers: Answers { values: IndexMap::new(), warnings: Vec::new() },
        wrong: Vec::new(),
        unanswered: Vec::new(),
        missing: BTreeSet::new(),
    };
    for question in &project_type.questions {
        pass.question(question)?;
    }
    Error::unless_empty(pass.wrong)?;
    pass.unanswered.sort_by_key(|(urgency, _)| *urgency);
    Error::unless_empty(pass.unanswered.into_iter().map(|(_, problem)| problem).collect())?;
    Ok(pass.answers)
}

/// In which order unanswered questions are told: what has no default is what the user must think about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    Required,
    HasDefault,
    Depends,
}

/// The state of going once through the questions in order.
struct Pass<'a, 'p> {
    project_type: &'a ProjectType,
    inputs: &'a Inputs,
    prompter: Option<&'p mut (dyn Prompter + 'p)>,
    scope: Scope,
    answers: Answers,
    wrong: Vec<Problem>,
    unanswered: Vec<(Urgency, Problem)>,
    /// Questions without an answer so far: whatever depends on them cannot be decided.
    missing: BTreeSet<String>,
}

impl Pass<'_, '_> {
    fn question(&mut self, question: &Question) -> Result<()> {
        if self.blocked(question.when.as_ref(), question) {
            return Ok(());
        }
        if !self.holds(question.when.as_ref(), question)? {
            self.scope.insert(question.id.clone(), Datum::None);
            self.refuse_unasked(question);
            return Ok(());
        }
        let allowed = self.allowed(question)?;
        match self.given(question, &allowed) {
            Err(problems) => {
                self.wrong.extend(problems);
                self.missing.insert(question.id.clone());
            }
            Ok(Some(answer)) => self.keep(question, answer),
            Ok(None) => self.ungiven(question, &allowed)?,
        }
        Ok(())
    }

    fn keep(&mut self, question: &Question, answer: Answer) {
        self.scope.insert(question.id.clone(), plain(&answer.value));
        self.answers.values.insert(question.id.clone(), answer);
    }

    /// Whether a condition reads something that has no answer; then the question waits for it.
    fn blocked(&mut self, condition: Option<&Expr>, question: &Question) -> bool {
        let Some(condition) = condition else { return false };
        let waits: Vec<String> =
            condition.variables(false).into_iter().filter(|id| self.missing.contains(id)).collect();
        if waits.is_empty() {
            return false;
        }
        let flags: Vec<String> = waits.iter().map(|id| flag_of(self.project_type, id)).collect();
        let message = format!("`{}` depends on {}", question.long_flag(), flags.join(" and "));
        let problem = Problem::new(Code::Unanswered, message).flag(question.long_flag());
        self.unanswered.push((Urgency::Depends, problem));
        self.missing.insert(question.id.clone());
        true
    }

    fn holds(&self, condition: Option<&Expr>, question: &Question) -> Result<bool> {
        let Some(condition) = condition else { return Ok(true) };
        Ok(condition
            .holds(&self.scope)
            .map_err(|fault| question.at().problem(Code::BadPack, fault.message))?)
    }

    /// The values of a choice that are offered with the answers so far.
    fn allowed<'q>(&self, question: &'q Question) -> Result<Vec<&'q str>> {
        let mut allowed = Vec::new();
        for (value, choice) in &question.choices.0 {
            if self.holds(choice.when.as_ref(), question)? {
                allowed.push(value.as_str());
            }
        }
        Ok(allowed)
    }

    fn refuse_unasked(&mut self, question: &Question) {
        for given in self.inputs.given.iter().filter(|given| {
            given.source.is_explicit() && answers_to(given, question, self.project_type)
        }) {
            let condition = question.when.as_ref().map_or("", Expr::source);
            let message = format!(
                "`{}` is not asked here: it applies only if {condition}",
                question.long_flag()
            );
            let mut problem = Problem::new(Code::NotAsked, message).hint("leave it out");
            problem.place = Some(given.place.clone());
            self.wrong.push(problem);
        }
    }

    /// The strongest value that was given, checked; all explicit ones must be right.
    fn given(
        &mut self,
        question: &Question,
        allowed: &[&str],
    ) -> std::result::Result<Option<Answer>, Vec<Problem>> {
        let mut all: Vec<&Given> = self
            .inputs
            .given
            .iter()
            .filter(|given| answers_to(given, question, self.project_type))
            .collect();
        all.sort_by_key(|given| given.source);
        let mut problems = given_twice(&all, question);
        let mut best = None;
        for given in all {
            match read(question, &given.raw, allowed) {
                Ok(value) => {
                    best.get_or_insert(Answer { value, source: given.source });
                }
                Err(refusal) if given.source == Source::Previous => {
                    self.answers
                        .warnings
                        .push(format!("{}; the earlier answer is not used", refusal.message));
                }
                Err(refusal) => {
                    let fix = refusal_fix(question, &refusal, &given.raw);
                    let mut problem = refusal.problem().fix(fix);
                    problem.place = Some(given.place.clone());
                    problems.push(problem);
                }
            }
        }
        if problems.is_empty() { Ok(best) } else { Err(problems) }
    }

    fn ungiven(&mut self, question: &Question, allowed: &[&str]) -> Result<()> {
        let default = self.default(question, allowed)?;
        if self.prompter.is_some() {
            let answer = self.ask(question, allowed, default.as_ref())?;
            self.keep(question, answer);
        } else if let Some(value) = default.clone().filter(|_| self.inputs.auto) {
            self.keep(question, Answer { value, source: Source::Default });
        } else {
            let urgency = if default.is_some() { Urgency::HasDefault } else { Urgency::Required };
            self.unanswered.push((urgency, unanswered(question, allowed, default.as_ref())));
            self.missing.insert(question.id.clone());
            // What later defaults are computed from, so that the error can name them; conditions still wait.
            if let Some(value) = &default {
                self.scope.insert(question.id.clone(), plain(value));
            }
        }
        Ok(())
    }

    /// What the overlay assumes; nothing where it reads what has no answer, or where it does not fit.
    fn default(&self, question: &Question, allowed: &[&str]) -> Result<Option<Value>> {
        let value = match &question.default {
            None => return Ok(None),
            Some(Default::Value(value)) => value.clone(),
            Some(Default::Expr(expr)) => {
                if expr
                    .variables(false)
                    .iter()
                    .any(|id| id != "facts" && !self.scope.contains_key(id))
                {
                    return Ok(None);
                }
                let mut scope = self.scope.clone();
                scope.insert("facts".to_owned(), self.facts());
                let fault = |message: String| {
                    question.at().child(crate::path!["default"]).problem(Code::BadPack, message)
                };
                match expr.eval(&scope).map_err(|error| fault(error.message))? {
                    Datum::Bool(value) => Value::Bool(value),
                    Datum::Integer(value) => Value::Integer(value),
                    Datum::Word(text) | Datum::Free(text) => Value::Text(text),
                    Datum::List(items) => Value::List(items),
                    other => {
                        return Err(fault(format!(
                            "the default `{}` gives {other:?}",
                            expr.source()
                        ))
                        .into());
                    }
                }
            }
        };
        Ok(value::check(question, value, allowed).ok())
    }

    fn facts(&self) -> Datum {
        let facts = &self.inputs.facts;
        let words = facts.idea.to_lowercase();
        let words = words
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned);
        Datum::Map(Scope::from([
            ("folder".to_owned(), Datum::Word(facts.folder.clone())),
            ("user".to_owned(), Datum::Word(facts.user.clone())),
            ("idea".to_owned(), Datum::Word(facts.idea.clone())),
            ("words".to_owned(), Datum::List(words.collect())),
            ("summary".to_owned(), Datum::Word(self.project_type.description.clone())),
        ]))
    }

    /// Asks until the answer is right and no rule that it touches refuses it.
    fn ask(
        &mut self,
        question: &Question,
        allowed: &[&str],
        default: Option<&Value>,
    ) -> Result<Answer> {
        let mut refused = None;
        loop {
            let Some(prompter) = self.prompter.as_mut() else {
                unreachable!("only asked with a prompter")
            };
            let raw =
                prompter.ask(&Ask { question, allowed, default, refused: refused.as_deref() })?;
            match read(question, &raw, allowed) {
                Err(refusal) => refused = Some(refusal.message),
                Ok(value) => {
                    let answer = Answer { value, source: Source::Prompt };
                    let mut tried = self.answers.clone();
                    tried.values.insert(question.id.clone(), answer.clone());
                    match broken_rules(self.project_type, &tried, Some(&self.decided(question)))
                        .pop()
                    {
                        Some(problem) => refused = Some(problem.message),
                        None => return Ok(answer),
                    }
                }
            }
        }
    }

    /// The questions that are settled once this one is answered.
    fn decided(&self, question: &Question) -> BTreeSet<String> {
        self.scope.keys().cloned().chain([question.id.clone()]).collect()
    }
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

fn given_twice(all: &[&Given], question: &Question) -> Vec<Problem> {
    let typed = all.iter().filter(|given| given.source <= Source::Set).count();
    if typed < 2 {
        return Vec::new();
    }
    let message = format!("`{}` is given {typed} times", question.long_flag());
    vec![Problem::new(Code::GivenTwice, message).flag(question.long_flag()).hint("give it once")]
}

/// What was given with the nearest value in place of the wrong one.
fn refusal_fix(question: &Question, refusal: &value::Refusal, given: &Raw) -> Vec<String> {
    let Some(nearest) = crate::error::nearest(&refusal.found, &refusal.allowed) else {
        return Vec::new();
    };
    match given {
        Raw::Word(list) if question.kind == Kind::MultiChoice => {
            let items: Vec<&str> = list
                .split(',')
                .map(|item| if item == refusal.found { &nearest } else { item })
                .collect();
            flag_words(question, &items.join(","))
        }
        _ => flag_words(question, &nearest),
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

fn unanswered(question: &Question, allowed: &[&str], default: Option<&Value>) -> Problem {
    let message = format!("`{}` is not answered: {}", question.long_flag(), question.ask);
    let mut problem = Problem::new(Code::Unanswered, message).flag(question.long_flag());
    problem.allowed = match question.kind {
        Kind::Bool => vec!["true".to_owned(), "false".to_owned()],
        Kind::MultiChoice => {
            std::iter::once("none").chain(allowed.iter().copied()).map(str::to_owned).collect()
        }
        _ => allowed.iter().map(|value| (*value).to_owned()).collect(),
    };
    match default {
        Some(value) => {
            let words = flag_words(question, &value.to_string());
            problem.fix(words).hint(format!(
                "the default is `{}`; `--auto` takes it",
                value::visible(&value.to_string())
            ))
        }
        None => problem.hint("it has no default"),
    }
}

/// Rules that refuse; with `decided`, only those that read nothing else.
fn broken_rules(
    project_type: &ProjectType,
    answers: &Answers,
    decided: Option<&BTreeSet<String>>,
) -> Vec<Problem> {
    let scope = answers.scope(project_type);
    let mut problems = Vec::new();
    for rule in &project_type.rules {
        let reads = rule.when.variables(false);
        if decided.is_some_and(|decided| !reads.is_subset(decided)) {
            continue;
        }
        match rule.when.holds(&scope) {
            Ok(false) => {}
            Ok(true) => {
                let allowed = cures(project_type, &rule.field, &rule.when, &scope);
                let problem = Problem::new(Code::Rule, rule.message.clone())
                    .flag(flag_of(project_type, &rule.field));
                problems.push(Problem { allowed, ..problem });
            }
            Err(fault) => problems.push(rule.at.problem(Code::BadPack, fault.message)),
        }
    }
    problems
}

/// The other values of the field with which this rule would not refuse.
fn cures(project_type: &ProjectType, field: &str, when: &Expr, scope: &Scope) -> Vec<String> {
    let Some(question) = project_type.questions.iter().find(|question| question.id == field) else {
        return Vec::new();
    };
    let tries = |datum: Datum| {
        let mut scope = scope.clone();
        scope.insert(field.to_owned(), datum);
        when.holds(&scope).is_ok_and(|refused| !refused)
    };
    match question.kind {
        Kind::Choice => question
            .choices
            .0
            .keys()
            .filter(|value| tries(Datum::Word((*value).clone())))
            .cloned()
            .collect(),
        Kind::MultiChoice => question
            .choices
            .0
            .keys()
            .filter(|value| tries(Datum::List(vec![(*value).clone()])))
            .cloned()
            .collect(),
        Kind::Bool => [true, false]
            .iter()
            .filter(|v| tries(Datum::Bool(**v)))
            .map(ToString::to_string)
            .collect(),
        Kind::Text | Kind::Integer => Vec::new(),
    }
}
