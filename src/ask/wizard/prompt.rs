//! Asking a person: one trait, so that the wizard knows no terminal.

use super::review::Review;
use crate::answers::Raw;
use crate::error::Result;
use crate::pack::overlay::{Question, Value};
use crate::write::OnConflict;

/// What a person does with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<T> {
    /// Answers it.
    Answer(T),
    /// Goes back to the one before.
    Back,
}

/// One question, ready to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// What is asked.
    pub question: &'a Question,
    /// The values of a choice that are offered now.
    pub allowed: &'a [&'a str],
    /// What is assumed, marked as such.
    pub default: Option<&'a Value>,
    /// The file that proposes the default.
    pub evidence: Option<&'a str>,
    /// What was answered before, when the question is asked again.
    pub before: Option<&'a Value>,
    /// Why the answer before was not taken.
    pub refused: Option<&'a str>,
    /// Which question this is, from 1, and of how many.
    pub progress: (usize, usize),
    /// Whether there is a question to go back to.
    pub can_go_back: bool,
}

impl Ask<'_> {
    /// What Enter alone takes, where that is known.
    #[must_use]
    pub fn proposed(&self) -> Option<&Value> {
        self.before.or(self.default)
    }
}

/// One of several things to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The word for it.
    pub name: String,
    /// What it means.
    pub help: String,
}

/// What happens after the last screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The repository is written.
    Write,
    /// It is written, and then the commands of [`Review::setup`] are run.
    WriteAndSetUp,
    /// The answer of this index of [`Review::answers`] is asked again.
    Change(usize),
    /// The last question is asked again.
    Back,
    /// Nothing is written.
    Leave,
}

/// What can be done with a file that is in the way, in words and in deed: for this file or for all; nothing means that
/// the difference is shown first.
#[must_use]
pub fn conflict_choices() -> (Vec<Choice>, Vec<Option<(OnConflict, bool)>>) {
    let all = [
        ("keep yours", "leave the file as it is", Some((OnConflict::Keep, false))),
        ("overwrite it", "the new content takes its place", Some((OnConflict::Overwrite, false))),
        ("see the difference", "and decide then", None),
        ("merge with markers", "both, as git marks conflicts", Some((OnConflict::Markers, false))),
        ("write beside", "the new one gets a name of its own", Some((OnConflict::Beside, false))),
        ("keep all of yours", "this one and all others", Some((OnConflict::Keep, true))),
        ("overwrite all", "this one and all others", Some((OnConflict::Overwrite, true))),
        ("write all beside", "this one and all others", Some((OnConflict::Beside, true))),
    ];
    let choice = |name: &str, help: &str| Choice { name: name.to_owned(), help: help.to_owned() };
    all.into_iter().map(|(name, help, meaning)| (choice(name, help), meaning)).unzip()
}

/// Someone who answers.
pub trait Prompter {
    /// Tells what needs no question, as (question, answer and where it comes from).
    fn tell(&mut self, given: &[(String, String)]);

    /// Asks one question.
    ///
    /// # Errors
    /// The user interrupts, or the terminal fails.
    fn ask(&mut self, ask: &Ask) -> Result<Reply<Raw>>;

    /// Lets the user choose; gives the index.
    ///
    /// # Errors
    /// As [`Prompter::ask`].
    fn choose(&mut self, title: &str, choices: &[Choice], cursor: usize) -> Result<usize>;

    /// Shows all that would be written, and asks whether it should be.
    ///
    /// # Errors
    /// As [`Prompter::ask`].
    fn review(&mut self, review: &Review) -> Result<Decision>;

    /// Shows a file that is in the way and asks what to do with it, and whether with all others too.
    ///
    /// # Errors
    /// As [`Prompter::ask`].
    fn conflict(&mut self, title: &str, diff: &str) -> Result<(OnConflict, bool)>;
}
