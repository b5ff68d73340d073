//! One pass over the questions of a type, in order: what is given is checked, what is not is assumed, told or opened.

use super::default::{assumed, declared};
use super::faults::{given_twice, locked, refusal_fix, unanswered};
use super::{Answer, Answers, Given, Inputs, Open, Raw, Source, answers_to, flag_of, plain, read};
use crate::error::{Code, Error, Place, Problem, Result};
use crate::pack::expression::{Datum, Expr, Scope};
use crate::pack::overlay::{Default, Stored, Value};
use crate::pack::value;
use crate::pack::{ProjectType, Question};
use indexmap::IndexMap;
use std::collections::BTreeSet;

/// In which order unanswered questions are told: what has no default is what the user must think about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    Required,
    HasDefault,
    Depends,
}

/// What happens to questions that nobody has answered.
#[derive(Clone, Copy)]
pub(super) enum Rest<'a> {
    /// They are told as errors.
    Refuse,
    /// They take their defaults.
    Assume,
    /// The first is asked.
    Ask { again: Option<&'a str> },
}

/// The state of going once through the questions in order.
pub(super) struct Pass<'q> {
    project_type: &'q ProjectType,
    inputs: &'q Inputs,
    rest: Rest<'q>,
    scope: Scope,
    pub(super) answers: Answers,
    wrong: Vec<Problem>,
    pub(super) unanswered: Vec<(Urgency, Problem)>,
    /// Questions without an answer so far: whatever depends on them cannot be decided.
    missing: BTreeSet<String>,
    /// The first question to ask.
    pub(super) first: Option<Open<'q>>,
    pub(super) left: usize,
    /// Questions whose answers rest on no assumption.
    pub(super) settled: BTreeSet<String>,
}

impl<'q> Pass<'q> {
    pub(super) fn new(project_type: &'q ProjectType, inputs: &'q Inputs, rest: Rest<'q>) -> Self {
        Self {
            project_type,
            inputs,
            rest,
            scope: Scope::new(),
            answers: Answers { values: IndexMap::new(), stale: Vec::new() },
            wrong: Vec::new(),
            unanswered: Vec::new(),
            missing: BTreeSet::new(),
            first: None,
            left: 0,
            settled: BTreeSet::new(),
        }
    }

    pub(super) fn all(&mut self) -> Result<()> {
        for question in &self.project_type.questions {
            self.question(question)?;
        }
        Error::unless_empty(std::mem::take(&mut self.wrong))
    }

    fn question(&mut self, question: &'q Question) -> Result<()> {
        if self.blocked(question.when.as_ref(), question) {
            return Ok(());
        }
        if !self.holds(question.when.as_ref(), question)? {
            self.scope.insert(question.id.clone(), Datum::None);
            if self.rests_on_answers(question) {
                self.settled.insert(question.id.clone());
                self.refuse_unasked(question);
            }
            return Ok(());
        }
        let allowed = self.allowed(question)?;
        if matches!(self.rest, Rest::Ask { again } if again == Some(&question.id)) {
            return self.open(question, allowed);
        }
        match self.given(question, &allowed) {
            Err(problems) => {
                self.wrong.extend(problems);
                self.missing.insert(question.id.clone());
            }
            Ok(Some(answer)) => self.keep(question, answer),
            Ok(None) => self.ungiven(question, allowed)?,
        }
        Ok(())
    }

    fn keep(&mut self, question: &Question, answer: Answer) {
        if answer.source != Source::Default || self.rests_on_answers(question) {
            self.settled.insert(question.id.clone());
        }
        self.scope.insert(question.id.clone(), plain(&answer.value));
        self.answers.values.insert(question.id.clone(), answer);
    }

    /// Whether all that the question reads is answered, and nothing of it only assumed until it is asked.
    fn rests_on_answers(&self, question: &Question) -> bool {
        let computed = match &question.default {
            Some(Default::Expr(expr)) => Some(expr),
            Some(Default::Value(_)) | None => None,
        };
        let choices = question.choices.0.values().filter_map(|choice| choice.when.as_ref());
        let mut read = question.when.iter().chain(computed).chain(choices);
        read.all(|expr| {
            let names = expr.variables(false);
            names.iter().all(|name| name == "facts" || self.settled.contains(name))
        })
    }

    /// Whether a condition reads something that has no answer; then the question waits for it.
    fn blocked(&mut self, condition: Option<&Expr>, question: &Question) -> bool {
        let Some(condition) = condition else { return false };
        let waits: Vec<&str> = condition.reads().filter(|id| self.missing.contains(*id)).collect();
        if waits.is_empty() {
            return false;
        }
        self.missing.insert(question.id.clone());
        // What is left out of `config.yml` at its default nobody has to answer.
        if question.stored == Stored::Changed {
            return true;
        }
        let flags: Vec<String> = waits.iter().map(|id| flag_of(self.project_type, id)).collect();
        let message = format!("`{}` depends on {}", question.long_flag(), flags.join(" and "));
        let mut problem = Problem::new(Code::Unanswered, message).flag(question.long_flag());
        // What it depends on is told by itself where that has no default.
        problem.cure_of_all = (!self.inputs.auto).then_some("--auto");
        self.unanswered.push((Urgency::Depends, problem));
        true
    }

    fn holds(&self, condition: Option<&Expr>, question: &Question) -> Result<bool> {
        let Some(condition) = condition else { return Ok(true) };
        Ok(condition
            .holds(&self.scope)
            .map_err(|fault| question.at().problem(Code::BadPack, fault.message))?)
    }

    /// The values of a choice that are offered with the answers so far.
    fn allowed(&self, question: &'q Question) -> Result<Vec<&'q str>> {
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
            let typed = given.source.is_explicit() && given.source != Source::Prompt;
            typed && answers_to(given, question, self.project_type)
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
        let inputs = self.inputs;
        let by_pack = self.locked_by_pack(question, allowed);
        let mut all: Vec<&Given> = inputs
            .given
            .iter()
            .chain(&by_pack)
            .filter(|given| given.source != Source::Detected)
            .filter(|given| answers_to(given, question, self.project_type))
            .collect();
        all.sort_by_key(|given| given.source);
        let mut problems = given_twice(&all, question);
        let mut best: Option<Answer> = None;
        for &given in &all {
            match read(question, &given.raw, allowed) {
                Ok(value) => {
                    if given.locked {
                        problems.extend(locked(question, best.as_ref(), &value, given, &all));
                        best = Some(Answer {
                            value,
                            source: given.source,
                            locked: Some(given.place.shown()),
                        });
                        break;
                    }
                    best.get_or_insert(Answer::free(value, given.source));
                }
                // What somebody answers now stands in the place of an earlier answer.
                Err(_) if given.source.may_be_stale() && best.is_some() => {}
                Err(_) if given.source.may_be_stale() && given.source != Source::Previous => {}
                Err(refusal) => {
                    let fix = refusal_fix(question, &refusal, &given.raw);
                    let mut problem = refusal.problem().fix(fix);
                    problem.place = Some(given.place.clone());
                    let is_stale = given.source == Source::Previous;
                    if is_stale { &mut self.answers.stale } else { &mut problems }.push(problem);
                }
            }
        }
        if problems.is_empty() { Ok(best) } else { Err(problems) }
    }

    /// The answer of a question that its own pack has locked.
    fn locked_by_pack(&self, question: &Question, allowed: &[&str]) -> Option<Given> {
        if !question.locked {
            return None;
        }
        let value = self.default(question, allowed).ok().flatten()?;
        let place = Place::Path { file: question.at().file().to_owned() };
        let (field, raw) = (question.id.clone(), Raw::Typed(value));
        Some(Given { field, raw, source: Source::Default, place, locked: true })
    }

    fn ungiven(&mut self, question: &'q Question, allowed: Vec<&'q str>) -> Result<()> {
        let default = self.default(question, &allowed)?;
        // Left out of `config.yml` it is at its default, so what is not there is answered; a command that is older than the
        // question goes on as before.
        let is_left_out = question.stored == Stored::Changed;
        let quiet = match self.rest {
            Rest::Refuse => is_left_out,
            Rest::Assume => is_left_out || question.common || !self.inputs.strict,
            Rest::Ask { .. } => question.advanced,
        };
        if let Some(value) = default.clone().filter(|_| quiet) {
            self.keep(question, Answer::free(value, Source::Default));
        } else if matches!(self.rest, Rest::Ask { .. }) {
            self.open(question, allowed)?;
        } else {
            let urgency = if default.is_some() { Urgency::HasDefault } else { Urgency::Required };
            let strict = self.inputs.strict && !question.common;
            let mut problem = unanswered(question, &allowed, default.as_ref(), strict);
            if let Some(why) = self.unfit_default(question, &allowed) {
                problem = problem.hint(why);
            }
            self.unanswered.push((urgency, problem));
            self.missing.insert(question.id.clone());
            // What later defaults are computed from, so that the error can name them; conditions still wait.
            if let Some(value) = &default {
                self.scope.insert(question.id.clone(), plain(value));
            }
        }
        Ok(())
    }

    /// Notes that a question is to be asked; what follows it is looked at as if the proposal were taken.
    fn open(&mut self, question: &'q Question, allowed: Vec<&'q str>) -> Result<()> {
        let (found, evidence) = self.detected(question, &allowed).unzip();
        let default = found.or(self.default(question, &allowed)?);
        let first = || allowed.first().map(|value| Value::Text((*value).to_owned()));
        let assumed = default.clone().or_else(first).unwrap_or(Value::Text(String::new()));
        self.scope.insert(question.id.clone(), plain(&assumed));
        self.left += 1;
        if self.first.as_ref().is_none_or(|first| first.question.late && !question.late) {
            let answers = Answers { values: IndexMap::new(), stale: Vec::new() };
            let settled = BTreeSet::new();
            let left = 0;
            self.first =
                Some(Open { question, allowed, default, evidence, left, answers, settled });
        }
        Ok(())
    }

    /// What the destination itself proposes, and the file that does.
    fn detected(&self, question: &Question, allowed: &[&str]) -> Option<(Value, String)> {
        let is_for = |given: &&Given| {
            given.source == Source::Detected && answers_to(given, question, self.project_type)
        };
        let found = self.inputs.given.iter().find(is_for)?;
        Some((read(question, &found.raw, allowed).ok()?, found.place.shown()))
    }

    /// What the overlay assumes with the answers so far.
    fn default(&self, question: &Question, allowed: &[&str]) -> Result<Option<Value>> {
        assumed(question, &self.scope, || self.facts(), allowed)
    }

    /// Why the computed default of a question is no answer to it.
    fn unfit_default(&self, question: &Question, allowed: &[&str]) -> Option<String> {
        let Some(Default::Expr(expr)) = &question.default else { return None };
        let value = declared(question, &self.scope, || self.facts()).ok()??;
        let refusal = value::check(question, value, allowed).err()?;
        Some(format!(
            "the computed default `{}` does not fit: {}; give another",
            expr.source(),
            refusal.message
        ))
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
}
