//! The wizard: asks what is not answered, one question after the other, with a way back and a last look. It knows no
//! terminal; see [`prompt::Prompter`].

pub mod prompt;
pub mod review;
#[cfg(test)]
mod tests;

use crate::answers::{
    self, Answers, Given, Inputs, Next, Open, PROJECT_TYPE, Raw, Source, candidates,
};
use crate::error::{Code, Error, Place, Problem, Result};
use crate::pack::overlay::Value;
use crate::pack::{Catalog, ProjectType};
use prompt::{Ask, Choice, Decision, Prompter, Reply};
use review::Review;
use std::collections::HashMap;

/// What was chosen in the end.
pub type Chosen<'c> = (&'c ProjectType, Source, Answers);

/// What was chosen, and whether it is to be set up too.
pub type Wished<'c> = (Chosen<'c>, bool);

/// Makes the last screen from answers.
pub type Preview<'a, 'c> = dyn FnMut(&'c ProjectType, &Answers) -> Result<Review> + 'a;

/// Asks until everything is answered and the user agrees. Nothing is asked, and nothing shown, where everything is
/// answered already; with no `preview` there is no last screen.
///
/// # Errors
/// What is wrong with what was given; the user leaves or interrupts.
pub fn run<'c>(
    catalog: &'c Catalog,
    inputs: Inputs,
    prompter: &mut dyn Prompter,
    preview: Option<&mut Preview<'_, 'c>>,
) -> Result<Wished<'c>> {
    ask(catalog, inputs, prompter, preview, Look::Afterwards)
}

/// Begins with the last screen, where every answer that there is can be changed.
///
/// # Errors
/// As [`run`].
pub fn look<'c>(
    catalog: &'c Catalog,
    inputs: Inputs,
    prompter: &mut dyn Prompter,
    preview: &mut Preview<'_, 'c>,
) -> Result<Chosen<'c>> {
    Ok(ask(catalog, inputs, prompter, Some(preview), Look::AtOnce)?.0)
}

/// When the last screen comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// When something was asked.
    Afterwards,
    /// Also when nothing was.
    AtOnce,
}

fn ask<'c>(
    catalog: &'c Catalog,
    inputs: Inputs,
    prompter: &mut dyn Prompter,
    mut preview: Option<&mut Preview<'_, 'c>>,
    look: Look,
) -> Result<Wished<'c>> {
    let mut wizard = Wizard {
        catalog,
        inputs,
        history: Vec::new(),
        before: HashMap::new(),
        refused: None,
        told: false,
    };
    loop {
        let Some((project_type, source)) = wizard.project_type(prompter)? else { continue };
        let inputs = wizard.all_inputs();
        let next = answers::next(project_type, &inputs, None)?;
        if let Some(again) = wizard.question_of_conflict(project_type, &next)? {
            if !wizard.ask_again(project_type, &inputs, &again, prompter)? {
                wizard.back();
            }
            continue;
        }
        let answers = match next {
            Next::Ask(open) => {
                wizard.ask(project_type, &open, prompter)?;
                continue;
            }
            Next::Done(answers) => answers,
        };
        let is_due = look == Look::AtOnce || !wizard.history.is_empty();
        let Some(preview) = preview.as_mut().filter(|_| is_due) else {
            return Ok(((project_type, source, answers), false));
        };
        let review = preview(project_type, &answers)?;
        match prompter.review(&review)? {
            Decision::Write => return Ok(((project_type, source, answers), false)),
            Decision::WriteAndSetUp => return Ok(((project_type, source, answers), true)),
            Decision::Leave => return Err(left()),
            Decision::Back => wizard.back(),
            Decision::Change(index) if review.answers[index].id == PROJECT_TYPE => {
                wizard.forget_type();
            }
            Decision::Change(index) => {
                wizard.ask_again(project_type, &inputs, &review.answers[index].id, prompter)?;
            }
        }
    }
}

/// The user does not want it.
pub(crate) fn left() -> Error {
    Problem::new(Code::Interrupted, "left: nothing is written").into()
}

/// What is known so far.
struct Wizard<'c> {
    catalog: &'c Catalog,
    /// All but what was answered at prompts.
    inputs: Inputs,
    /// Answers at prompts, in the order in which they were given.
    history: Vec<Given>,
    /// What was answered once and taken back, to be proposed again.
    before: HashMap<String, Value>,
    /// Why the last answer was not taken.
    refused: Option<String>,
    /// Whether the user knows what was given.
    told: bool,
}

impl<'c> Wizard<'c> {
    fn all_inputs(&self) -> Inputs {
        let mut inputs = self.inputs.clone();
        inputs.given.extend(self.history.iter().cloned());
        inputs
    }

    /// The type, asked for where it does not follow from what was given.
    fn project_type(
        &mut self,
        prompter: &mut dyn Prompter,
    ) -> Result<Option<(&'c ProjectType, Source)>> {
        let (offered, source) = candidates(self.catalog, &self.all_inputs())?;
        if let ([found], Some(source)) = (offered.as_slice(), source) {
            return Ok(Some((found, source)));
        }
        let found: Vec<&Given> =
            self.inputs.given.iter().filter(|g| g.source == Source::Detected).collect();
        let names = |name: &str| {
            let of_type = |given: &&&Given| {
                given.field == PROJECT_TYPE && given.raw == Raw::Word(name.to_owned())
            };
            found.iter().find(of_type).map(|given| given.place.shown())
        };
        let choices: Vec<Choice> = offered
            .iter()
            .map(|project_type| Choice {
                name: project_type.name.clone(),
                help: match names(&project_type.name) {
                    Some(file) => format!("{} (found here: {file})", project_type.description),
                    None => project_type.description.clone(),
                },
            })
            .collect();
        let cursor = match self.before.get(PROJECT_TYPE) {
            Some(before) => choices.iter().position(|choice| choice.name == before.to_string()),
            None => choices.iter().position(|choice| names(&choice.name).is_some()),
        };
        let title = "What do you want to make?";
        let index = prompter.choose(title, &choices, cursor.unwrap_or(0))?;
        self.push(PROJECT_TYPE, "project-type", Value::Text(choices[index].name.clone()));
        Ok(None)
    }

    /// Shows once what needs no question.
    fn tell(&mut self, project_type: &ProjectType, answers: &Answers, prompter: &mut dyn Prompter) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        let lines = review::lines(project_type, answers).into_iter();
        let given: Vec<(String, String)> = lines
            .filter(|line| !["", "default"].contains(&line.origin.as_str()))
            .map(|line| (line.flag, format!("{} ({})", line.value, line.origin)))
            .collect();
        if !given.is_empty() {
            prompter.tell(&given);
        }
    }

    /// Asks one question once; an answer that is refused is asked for again the next time round.
    fn ask(
        &mut self,
        project_type: &ProjectType,
        open: &Open,
        prompter: &mut dyn Prompter,
    ) -> Result<()> {
        self.tell(project_type, open.answers(), prompter);
        let question = open.question;
        let refused = self.refused.take();
        let reply = prompter.ask(&Ask {
            question,
            allowed: &open.allowed,
            default: open.default.as_ref(),
            evidence: open.evidence.as_deref(),
            before: self.before.get(&question.id),
            refused: refused.as_deref(),
            progress: (self.history.len() + 1, self.history.len() + open.left),
            can_go_back: !self.history.is_empty(),
        })?;
        match reply {
            Reply::Back => self.back(),
            Reply::Answer(raw) => match open.read(project_type, &raw) {
                Ok(value) => self.push(&question.id, &question.flag, value),
                Err(why) => self.refused = Some(why),
            },
        }
        Ok(())
    }

    /// Asks a question that has an answer. Going back leaves the answer as it was, and gives `false`.
    fn ask_again(
        &mut self,
        project_type: &ProjectType,
        inputs: &Inputs,
        id: &str,
        prompter: &mut dyn Prompter,
    ) -> Result<bool> {
        let others = Inputs {
            given: inputs
                .given
                .iter()
                .filter(|given| !answers::names(given, id, project_type))
                .cloned()
                .collect(),
            ..inputs.clone()
        };
        let held = answers::next(project_type, inputs, None)?.answers().get(id).cloned();
        let mut refused = self.refused.take();
        loop {
            let Next::Ask(open) = answers::next(project_type, &others, Some(id))? else {
                return Ok(false);
            };
            let reply = prompter.ask(&Ask {
                question: open.question,
                allowed: &open.allowed,
                default: open.default.as_ref(),
                evidence: open.evidence.as_deref(),
                before: held.as_ref(),
                refused: refused.as_deref(),
                progress: (1, 1),
                can_go_back: true,
            })?;
            let Reply::Answer(raw) = reply else { return Ok(false) };
            match open.read_alone(&raw) {
                Err(why) => refused = Some(why),
                Ok(value) => {
                    let flag = open.question.flag.clone();
                    self.inputs.given.retain(|given| !answers::names(given, id, project_type));
                    self.history.retain(|given| given.field != id);
                    self.push(id, &flag, value);
                    return Ok(true);
                }
            }
        }
    }

    /// Where a rule refuses the answers together: the question among them to ask again, which is not the last answer,
    /// since that is what the user has just decided.
    fn question_of_conflict(
        &mut self,
        project_type: &ProjectType,
        next: &Next,
    ) -> Result<Option<String>> {
        let answers = next.answers();
        let settled = match next {
            Next::Ask(open) => Some(open.settled()),
            Next::Done(_) => None,
        };
        let broken = answers::refused(project_type, answers, settled);
        let Some((reads, problem)) = broken.first() else { return Ok(None) };
        let last = self.history.last().map(|given| given.field.clone());
        let is_free = |id: &&String| {
            let source = answers.values.get(*id).map(|answer| answer.source);
            matches!(source, Some(Source::Prompt | Source::Default)) && Some(*id) != last.as_ref()
        };
        let other = reads.iter().rfind(is_free).cloned();
        let Some(again) = other.or_else(|| last.clone().filter(|id| reads.contains(id))) else {
            let problems = broken.into_iter().map(|(_, problem)| problem).collect();
            return Err(Error { problems });
        };
        self.refused = Some(problem.message.clone());
        Ok(Some(again))
    }

    fn push(&mut self, id: &str, flag: &str, value: Value) {
        self.before.insert(id.to_owned(), value.clone());
        let place = Place::Flag { flag: format!("--{flag}") };
        let raw = Raw::Typed(value);
        let (field, source) = (id.to_owned(), Source::Prompt);
        self.history.push(Given { field, raw, source, place, locked: false });
    }

    /// Takes the last answer back.
    fn back(&mut self) {
        self.history.pop();
        self.refused = None;
    }

    /// Takes back the type and what only it asks.
    fn forget_type(&mut self) {
        let catalog = self.catalog;
        let is_common =
            |id: &str| catalog.types().flat_map(|t| &t.questions).any(|q| q.common && q.id == id);
        self.history.retain(|given| is_common(&given.field));
    }
}
