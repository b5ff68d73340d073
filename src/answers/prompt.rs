//! Asking a person: one trait, so that the answers stage knows no terminal.

use super::Raw;
use crate::catalog::overlay::{Question, Value};
use crate::error::Result;

/// One question, ready to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// What is asked.
    pub question: &'a Question,
    /// The values of a choice that are offered now.
    pub allowed: &'a [&'a str],
    /// What Enter alone takes.
    pub default: Option<&'a Value>,
    /// Why the answer before was not taken.
    pub refused: Option<&'a str>,
}

/// Someone who answers.
pub trait Prompter {
    /// Asks one question.
    ///
    /// # Errors
    /// The user interrupts, or the terminal fails.
    fn ask(&mut self, ask: &Ask) -> Result<Raw>;

    /// Lets the user choose one of (value, explanation); gives the index.
    ///
    /// # Errors
    /// As [`Prompter::ask`].
    fn choose(&mut self, title: &str, choices: &[(&str, &str)]) -> Result<usize>;

    /// Shows a file that is in the way and asks for one of the words `keep`, `overwrite`, `markers`, `beside`.
    ///
    /// # Errors
    /// As [`Prompter::ask`].
    fn conflict(&mut self, path: &str, diff: &str) -> Result<crate::write::OnConflict>;
}
