//! Conditions: every condition of a type, with its place and what it guards.

use crate::formats::yaml::steps;
use crate::pack::expression::Expr;
use crate::pack::{Origin, ProjectType, Question};
use std::collections::BTreeSet;

/// What a condition guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Question,
    Choice,
    Let,
    Rule,
    Note,
    Layer,
    Command,
}

impl What {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Question => "the question",
            Self::Choice => "the choice",
            Self::Let => "the `let`",
            Self::Rule => "the rule",
            Self::Note => "the note",
            Self::Layer => "the layer",
            Self::Command => "the command",
        }
    }
}

/// A condition and where it stands.
pub(super) struct Condition<'t> {
    pub(super) expr: &'t Expr,
    /// It is computed only where this holds.
    pub(super) guard: Option<&'t Expr>,
    pub(super) at: Origin,
    pub(super) what: What,
}

/// Every condition of a type.
pub(super) fn conditions<'t>(project_type: &'t ProjectType) -> Vec<Condition<'t>> {
    let mut all = of_questions(project_type);
    for named in &project_type.lets {
        let (expr, at) = (&named.when, named.at.clone());
        all.push(Condition { expr, guard: None, at, what: What::Let });
    }
    let mut add = |when: Option<&'t Expr>, at: &Origin, what| {
        let at = at.child(steps!["when"]);
        all.extend(when.map(|expr| Condition { expr, guard: None, at, what }));
    };
    for rule in &project_type.rules {
        add(Some(&rule.when), &rule.at, What::Rule);
    }
    for note in &project_type.notes {
        add(note.when.as_ref(), &note.at, What::Note);
    }
    for layer in &project_type.layers {
        add(layer.when.as_ref(), &layer.at, What::Layer);
    }
    if let Some(commands) = &project_type.commands {
        for (name, command) in &commands.more.0 {
            let at = commands.at.child(steps!["more", name.as_str()]);
            add(command.when.as_ref(), &at, What::Command);
        }
    }
    all
}

fn of_questions(project_type: &ProjectType) -> Vec<Condition<'_>> {
    let mut all = Vec::new();
    for question in &project_type.questions {
        let at = question.at();
        let guard = question.when.as_ref();
        all.extend(guard.map(|expr| {
            let at = at.child(steps!["when"]);
            Condition { expr, guard: None, at, what: What::Question }
        }));
        for (value, choice) in &question.choices.0 {
            all.extend(choice.when.iter().map(|expr| {
                let at = at.child(steps!["choices", value.as_str(), "when"]);
                Condition { expr, guard, at, what: What::Choice }
            }));
        }
    }
    all
}

/// What names stand on: the questions that decide about them, in order, and all conditions among these.
pub(super) struct Closure<'t> {
    pub(super) questions: Vec<&'t Question>,
    pub(super) conditions: Vec<&'t Expr>,
}

/// What decides about these names: a `let` by what it reads, a question by whether it is asked and which values it offers, and
/// so on. `None` if one of them is no question.
pub(super) fn closure(project_type: &ProjectType, mut open: Vec<String>) -> Option<Closure<'_>> {
    let (mut read, mut conditions) = (BTreeSet::new(), Vec::new());
    while let Some(name) = open.pop() {
        if name == "facts" || !read.insert(name.clone()) {
            continue;
        }
        let further = if let Some(named) = project_type.lets.iter().find(|one| one.name == name) {
            vec![&named.when]
        } else {
            let question = project_type.questions.iter().find(|question| question.id == name);
            conditions_of(question?).collect()
        };
        open.extend(further.iter().flat_map(|expr| expr.variables(false)));
        conditions.extend(further);
    }
    let questions = project_type.questions.iter().filter(|q| read.contains(&q.id)).collect();
    Some(Closure { questions, conditions })
}

/// What decides whether a question is asked and which values it offers.
fn conditions_of(question: &Question) -> impl Iterator<Item = &Expr> {
    let choices = question.choices.0.values().filter_map(|choice| choice.when.as_ref());
    question.when.iter().chain(choices)
}
