//! The prompter that asks in a terminal, on stderr, so that stdout stays data.

use crate::answers::Raw;
use crate::answers::prompt::{Ask, Prompter};
use crate::catalog::overlay::{Kind, Value};
use crate::error::{Code, Error, Problem, Result};
use crate::write::OnConflict;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, Input, MultiSelect, Select};

/// Asks with lists and input lines.
pub struct Terminal {
    theme: Box<dyn Theme>,
}

impl Terminal {
    /// A prompter, if stdin and stderr are a terminal.
    #[must_use]
    pub fn open() -> Option<Self> {
        let can_ask = console::user_attended() && console::user_attended_stderr();
        let colours = console::colors_enabled_stderr();
        let theme: Box<dyn Theme> =
            if colours { Box::new(ColorfulTheme::default()) } else { Box::new(SimpleTheme) };
        can_ask.then_some(Self { theme })
    }

    fn select(&self, title: &str, lines: &[String], cursor: usize) -> Result<usize> {
        Select::with_theme(&*self.theme)
            .with_prompt(title)
            .items(lines)
            .default(cursor)
            .interact()
            .map_err(fault)
    }

    fn select_many(&self, title: &str, lines: &[String], chosen: &[bool]) -> Result<Vec<usize>> {
        let title = format!("{title} (space chooses, enter goes on)");
        MultiSelect::with_theme(&*self.theme)
            .with_prompt(title)
            .items(lines)
            .defaults(chosen)
            .interact()
            .map_err(fault)
    }

    fn line(&self, title: &str, default: Option<&Value>) -> Result<String> {
        let input = Input::<String>::with_theme(&*self.theme).with_prompt(title).allow_empty(true);
        let input = match default {
            Some(value) => input.default(value.to_string()),
            None => input,
        };
        input.interact_text().map_err(fault)
    }
}

impl Prompter for Terminal {
    fn ask(&mut self, ask: &Ask) -> Result<Raw> {
        if let Some(refused) = ask.refused {
            eprintln!("{} {refused}", console::style("!").for_stderr().red());
        }
        let question = ask.question;
        let lines: Vec<String> =
            ask.allowed.iter().map(|value| choice_line(question, value)).collect();
        match question.kind {
            Kind::Choice => {
                let default = ask.default.map(ToString::to_string).unwrap_or_default();
                let cursor = ask.allowed.iter().position(|value| *value == default).unwrap_or(0);
                let chosen = self.select(&question.ask, &lines, cursor)?;
                Ok(Raw::Word(ask.allowed[chosen].to_owned()))
            }
            Kind::MultiChoice => {
                let default = match ask.default {
                    Some(Value::List(items)) => items.as_slice(),
                    _ => &[],
                };
                let marked: Vec<bool> = ask
                    .allowed
                    .iter()
                    .map(|value| default.iter().any(|item| item == value))
                    .collect();
                let chosen = self.select_many(&question.ask, &lines, &marked)?;
                Ok(Raw::Typed(Value::List(
                    chosen.into_iter().map(|index| ask.allowed[index].to_owned()).collect(),
                )))
            }
            Kind::Bool => {
                let default = ask.default == Some(&Value::Bool(true));
                let confirm =
                    Confirm::with_theme(&*self.theme).with_prompt(&question.ask).default(default);
                confirm.interact().map(|yes| Raw::Typed(Value::Bool(yes))).map_err(fault)
            }
            Kind::Text | Kind::Integer => self.line(&question.ask, ask.default).map(Raw::Word),
        }
    }

    fn choose(&mut self, title: &str, choices: &[(&str, &str)]) -> Result<usize> {
        let lines: Vec<String> =
            choices.iter().map(|(value, help)| format!("{value}: {help}")).collect();
        self.select(title, &lines, 0)
    }

    fn conflict(&mut self, path: &str, diff: &str) -> Result<OnConflict> {
        let lines = [
            "keep yours",
            "overwrite it",
            "see the difference",
            "merge with conflict markers",
            "write the new one beside it",
        ];
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        loop {
            match self.select(&format!("`{path}` exists and differs"), &lines, 0)? {
                0 => return Ok(OnConflict::Keep),
                1 => return Ok(OnConflict::Overwrite),
                2 => eprintln!("{diff}"),
                3 => return Ok(OnConflict::Markers),
                _ => return Ok(OnConflict::Beside),
            }
        }
    }
}

fn choice_line(question: &crate::catalog::overlay::Question, value: &str) -> String {
    let choice = &question.choices.0[value];
    match &choice.cost {
        Some(cost) => format!("{value}: {} ({cost})", choice.help),
        None => format!("{value}: {}", choice.help),
    }
}

fn fault(error: dialoguer::Error) -> Error {
    let dialoguer::Error::IO(error) = error;
    if error.kind() == std::io::ErrorKind::Interrupted {
        return Problem::new(Code::Interrupted, "interrupted: nothing is written").into();
    }
    Error::io("asking", &error)
}
