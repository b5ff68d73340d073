//! How far a project has come in its method: one sorted line for each step that is no longer pending, without times, so
//! that git merges two people's progress line by line.

use crate::error::{Code, Problem, Result};
use std::collections::BTreeMap;

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is done.
    Completed,
    /// It is not wanted, and why.
    Skipped(String),
}

/// What became of the steps; those that are not here are pending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// By name.
    pub steps: BTreeMap<String, Progress>,
}

impl State {
    /// Reads the file.
    ///
    /// # Errors
    /// A line that is none of ours, such as one that git left from a conflict.
    pub fn parse(text: &str) -> Result<Self> {
        let mut steps = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let mut words = line.splitn(3, ' ');
            let progress = match (words.next(), words.next(), words.next()) {
                (Some(name), Some("completed"), None) => Some((name, Progress::Completed)),
                (Some(name), Some("skipped"), Some(why)) => {
                    Some((name, Progress::Skipped(why.to_owned())))
                }
                _ => None,
            };
            let Some((name, progress)) = progress else {
                return Err(Problem::new(Code::BadConfig, "this is not a line of a state file")
                    .at(".scaffold/state", index + 1, 1)
                    .hint("`STEP completed` or `STEP skipped REASON`; a conflict of git is solved by keeping both sides")
                    .into());
            };
            steps.insert(name.to_owned(), progress);
        }
        Ok(Self { steps })
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let line = |(name, progress): (&String, &Progress)| match progress {
            Progress::Completed => format!("{name} completed\n"),
            Progress::Skipped(why) => {
                format!("{name} skipped {}\n", why.split_whitespace().collect::<Vec<_>>().join(" "))
            }
        };
        self.steps.iter().map(line).collect()
    }

    /// The word for what became of a step.
    #[must_use]
    pub fn word(&self, name: &str) -> &'static str {
        match self.steps.get(name) {
            None => "pending",
            Some(Progress::Completed) => "completed",
            Some(Progress::Skipped(_)) => "skipped",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_as_it_is_written() {
        let text = "adrs skipped not now\ncreate-prd completed\n";
        assert_eq!(State::parse(text).unwrap().text(), text);
        assert!(State::parse("<<<<<<< HEAD\n").is_err());
        assert!(State::parse("x done\n").is_err());
    }
}
