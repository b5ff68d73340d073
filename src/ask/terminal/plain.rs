//! Asks with numbered lines and reads whole lines: for screen readers, and for terminals that cannot move the cursor.

use crate::answers::Raw;
use crate::ask::wizard::prompt::{Ask, Choice, Decision, Prompter, Reply, conflict_choices};
use crate::ask::wizard::review::{self, Action, Review};
use crate::error::{Code, Error, Problem, Result};
use crate::formats::hidden;
use crate::formats::hidden::visible;
use crate::formats::quote::command_line;
use crate::pack::overlay::{Kind, Value};
use crate::ui;
use crate::write::OnConflict;
use std::io::{BufRead, Read, Write};

/// What goes back, typed alone on a line.
const BACK: &str = "<";
/// No line is longer.
const MOST_BYTES: u64 = 1 << 20;

/// A prompter of lines.
pub(super) struct Plain<R, W> {
    input: R,
    output: W,
}

impl<R: BufRead, W: Write> Plain<R, W> {
    pub(super) fn new(input: R, output: W) -> Self {
        Self { input, output }
    }

    fn say(&mut self, line: &str) -> Result<()> {
        writeln!(self.output, "{}", hidden::lines(line))
            .map_err(|error| Error::io("asking in the terminal", &error))
    }

    /// What is typed after `prompt`, without the end of the line.
    fn read(&mut self, prompt: &str) -> Result<String> {
        let mut line = Vec::new();
        let read = write!(self.output, "{}: ", hidden::line(prompt))
            .and_then(|()| self.output.flush())
            .and_then(|()| (&mut self.input).take(MOST_BYTES).read_until(b'\n', &mut line));
        match read {
            Ok(0) => {
                let message = "the input has ended: nothing is written";
                Err(Problem::new(Code::Interrupted, message).into())
            }
            Ok(_) => Ok(String::from_utf8_lossy(&line).trim().to_owned()),
            Err(error) => Err(Error::io("asking in the terminal", &error)),
        }
    }

    fn list(&mut self, entries: impl Iterator<Item = (String, String)>) -> Result<()> {
        for (index, (name, help)) in entries.enumerate() {
            let help = if help.is_empty() { help } else { format!(": {help}") };
            self.say(&format!("  {}. {name}{help}", index + 1))?;
        }
        Ok(())
    }

    /// The index of one of the choices; nothing if the user goes back.
    fn pick(&mut self, title: &str, choices: &[Choice], cursor: usize) -> Result<Option<usize>> {
        self.say(title)?;
        self.list(choices.iter().map(|c| (c.name.clone(), c.help.clone())))?;
        loop {
            let words = self.read(&format!("Number [{}]", cursor + 1))?;
            if words == BACK {
                return Ok(None);
            }
            if words.is_empty() {
                return Ok(Some(cursor));
            }
            let names: Vec<&str> = choices.iter().map(|choice| choice.name.as_str()).collect();
            match position(&words, &names) {
                Some(index) => return Ok(Some(index)),
                None => self.say(&format!("There is no `{}` in the list.", visible(&words)))?,
            }
        }
    }
}

impl<R: BufRead, W: Write> Prompter for Plain<R, W> {
    fn tell(&mut self, given: &[(String, String)]) {
        for (flag, answer) in given {
            // What cannot be shown here cannot be asked either, and that is told.
            let _ = self.say(&format!("{flag}: {answer}"));
        }
    }

    fn ask(&mut self, ask: &Ask) -> Result<Reply<Raw>> {
        let question = ask.question;
        let (at, of) = ask.progress;
        if let Some(refused) = ask.refused {
            self.say(&format!("Not taken: {refused}"))?;
        }
        let group = question.group.as_deref().unwrap_or("Question");
        self.say(&format!("\n{group}, {at} of {of}: {}", question.ask))?;
        if let Some(help) = &question.help {
            self.say(&format!("  {help}"))?;
        }
        if let Some(file) = ask.evidence {
            self.say(&format!("  found here: {file}"))?;
        }
        let lists = matches!(question.kind, Kind::Choice | Kind::MultiChoice);
        if lists {
            let help = |value: &&str| ((*value).to_owned(), question.choice_help(value));
            self.list(ask.allowed.iter().map(help))?;
        }
        let proposed = match ask.proposed() {
            Some(Value::Bool(value)) => if *value { "yes" } else { "no" }.to_owned(),
            Some(value) => value.to_string(),
            None if question.kind == Kind::Choice => {
                ask.allowed.first().copied().unwrap_or_default().to_owned()
            }
            None => String::new(),
        };
        let how = match question.kind {
            Kind::Choice => "Number or name",
            Kind::MultiChoice => "Numbers or names with commas, or none",
            Kind::Bool => "yes or no",
            Kind::Text => "Text",
            Kind::Integer => "Number",
        };
        let back = if ask.can_go_back { format!(", {BACK} goes back") } else { String::new() };
        let words = self.read(&format!("{how}{back} [{}]", visible(&proposed)))?;
        if words == BACK {
            return Ok(Reply::Back);
        }
        let words = if words.is_empty() { proposed } else { words };
        Ok(Reply::Answer(Raw::Word(match question.kind {
            Kind::Choice | Kind::MultiChoice => names(&words, ask.allowed),
            Kind::Bool => match words.to_lowercase().as_str() {
                "y" | "yes" => "true".to_owned(),
                "n" | "no" => "false".to_owned(),
                _ => words,
            },
            Kind::Text | Kind::Integer => words,
        })))
    }

    fn choose(&mut self, title: &str, choices: &[Choice], cursor: usize) -> Result<usize> {
        loop {
            if let Some(index) = self.pick(title, choices, cursor)? {
                return Ok(index);
            }
        }
    }

    fn review(&mut self, review: &Review) -> Result<Decision> {
        self.say("\nAnswers")?;
        for answer in &review.answers {
            let origin = if answer.origin.is_empty() {
                String::new()
            } else {
                format!(" ({})", answer.origin)
            };
            self.say(&format!("  {}: {}{origin}", answer.flag, answer.value))?;
        }
        let (count, bytes) = ui::counted(review.files.iter());
        self.say(&format!("Files: {count}, {}", ui::size(bytes)))?;
        for (name, what) in review::top(&review.files) {
            self.say(&format!("  {name}: {what}"))?;
        }
        for text in review.costs.iter().chain(&review.notes) {
            self.say(&format!("Note: {text}"))?;
        }
        self.say(&format!("The same without questions:\n  {}", command_line(&review.command)))?;
        // Every file was counted above, and what the others mean is in their names.
        let is_here = |(action, _): &(Action, Choice)| *action != Action::List;
        let shown = |(action, choice)| match action {
            Action::WriteAndSetUp => (action, choice),
            _ => (action, Choice { help: String::new(), ..choice }),
        };
        let (actions, choices): (Vec<Action>, Vec<Choice>) =
            review.actions().into_iter().filter(is_here).map(shown).unzip();
        loop {
            let chosen = self.pick("\nShall it be written?", &choices, 0)?;
            match chosen.map_or(Action::Back, |at| actions[at]) {
                Action::Write => return Ok(Decision::Write),
                Action::WriteAndSetUp => return Ok(Decision::WriteAndSetUp),
                Action::Change => {
                    let (at, choices) = review.changeable();
                    if let Some(chosen) = self.pick("Which answer?", &choices, 0)? {
                        return Ok(Decision::Change(at[chosen]));
                    }
                }
                Action::Leave => return Ok(Decision::Leave),
                Action::Back | Action::List => return Ok(Decision::Back),
            }
        }
    }

    fn conflict(&mut self, title: &str, diff: &str) -> Result<(OnConflict, bool)> {
        let title = format!("\n{}", visible(title));
        let (choices, meaning) = conflict_choices();
        loop {
            match self.pick(&title, &choices, 0)?.map(|at| meaning[at]) {
                None => return Err(crate::ask::wizard::left()),
                Some(Some(how)) => return Ok(how),
                Some(None) => {
                    for line in diff.lines() {
                        self.say(line)?;
                    }
                }
            }
        }
    }
}

/// Which of the names a number, counted from 1, or a name means.
fn position(word: &str, names: &[&str]) -> Option<usize> {
    let by_number = word.parse::<usize>().ok().filter(|n| (1..=names.len()).contains(n));
    names.iter().position(|name| *name == word).or(by_number.map(|number| number - 1))
}

/// Words with numbers replaced by the names they stand for; what is neither stays, to be refused with its own name.
fn names(words: &str, allowed: &[&str]) -> String {
    let name = |word: &str| position(word, allowed).map_or(word, |at| allowed[at]).to_owned();
    words.split(',').map(|word| name(word.trim())).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_for_a_name_but_a_name_goes_first() {
        assert_eq!(names("2, popup", &["popup", "options"]), "options,popup");
        assert_eq!(names("3", &["2", "3"]), "3");
        assert_eq!(names("9,x", &["a"]), "9,x");
    }

    #[test]
    fn the_end_of_the_input_writes_nothing() {
        let mut plain = Plain::new(&b""[..], Vec::new());
        let choices = [Choice { name: "a".to_owned(), help: String::new() }];
        let error = plain.choose("What?", &choices, 0).unwrap_err();
        assert_eq!(error.problems[0].code, Code::Interrupted);
    }

    #[test]
    fn bytes_that_are_no_text_are_answered_like_any_other_mistake() {
        let mut plain = Plain::new(&b"\xff\xfe\n\x1b[2J\n2\n"[..], Vec::new());
        let choice = |name: &str| Choice { name: name.to_owned(), help: String::new() };
        assert_eq!(plain.choose("What?", &[choice("a"), choice("b")], 0).unwrap(), 1);
        let shown = String::from_utf8(plain.output).unwrap();
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }
}
