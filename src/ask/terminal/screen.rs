//! Asks with lists and lines that are edited in place. Each question is cleared once it is answered, so that what stays
//! on the screen is one line for each answer.

use super::editor::{Line, Step};
use super::look::Look;
use crate::answers::Raw;
use crate::ask::wizard::prompt::{Ask, Choice, Decision, Prompter, Reply, conflict_choices};
use crate::ask::wizard::review::{self, Review};
use crate::error::{Error, Result};
use crate::formats::hidden::visible;
use crate::formats::quote::command_line;
use crate::pack::overlay::{Kind, Value};
use crate::system::interrupt;
use crate::ui::Hold;
use crate::ui::{self, Text, Written, of_messages};
use crate::write::OnConflict;
use console::{Term, measure_text_width, pad_str};
use dialoguer::{MultiSelect, Select};

/// A prompter with screens.
pub(super) struct Screen {
    term: Term,
    /// Lines of answers that stand directly above the cursor.
    answered: usize,
    /// The question and the text of the last answer, which may be refused.
    last: (String, String),
    _hold: Hold,
}

impl Screen {
    pub(super) fn new(term: Term) -> Self {
        Self { term, answered: 0, last: Default::default(), _hold: Hold::new() }
    }

    fn look(&self) -> Look {
        Look::of(&self.term)
    }

    fn show(&self, lines: &[Text]) -> Result<()> {
        lines.iter().try_for_each(|line| self.term.write_line(line.as_str())).map_err(fault)
    }

    fn clear(&self, lines: usize) -> Result<()> {
        self.term.clear_last_lines(lines).map_err(fault)
    }

    /// The index of an entry; nothing if the user goes back.
    fn one(&self, entries: &[String], cursor: usize) -> Result<Option<usize>> {
        let look = self.look();
        let select = Select::with_theme(&look).items(entries).default(cursor);
        select.max_length(page(look, entries)).interact_on_opt(&self.term).map_err(dialog_fault)
    }

    fn many(&self, entries: &[String], marked: &[bool]) -> Result<Option<Vec<usize>>> {
        let look = self.look();
        let select = MultiSelect::with_theme(&look).items(entries).defaults(marked).report(false);
        select.max_length(page(look, entries)).interact_on_opt(&self.term).map_err(dialog_fault)
    }

    /// A line of text; `proposed` is shown until something is typed.
    fn line(&self, mut line: Line, proposed: &str) -> Result<Option<String>> {
        let look = self.look();
        let prompt = format!("  {} ", look.pointer());
        let columns = look.width - 2 - measure_text_width(&prompt);
        loop {
            let (shown, cursor) = line.window(columns);
            let shown = if line.is_empty() {
                dim(&look.fit(&visible(proposed), columns))
            } else {
                shown.into()
            };
            let draw = || {
                self.term.clear_line()?;
                self.term.write_str(&format!("{prompt}{}\r", shown.as_str()))?;
                self.term.move_cursor_right(measure_text_width(&prompt) + cursor)?;
                self.term.flush()?;
                self.term.read_key()
            };
            let key = draw().map_err(fault)?;
            if line.is_empty() && matches!(key, console::Key::Tab | console::Key::ArrowRight) {
                line = Line::new(proposed);
                continue;
            }
            let step = line.press(&key);
            if step == Step::Edit {
                continue;
            }
            self.term.clear_line().map_err(fault)?;
            let text = if line.is_empty() { proposed.to_owned() } else { line.text() };
            return Ok((step == Step::Accept).then_some(text));
        }
    }

    /// One line about an answer, which takes the place of its question.
    fn answered(&mut self, title: &str, answer: &str) -> Result<()> {
        let look = self.look();
        let room = look.width - 4;
        let answer = look.fit(&visible(answer), room / 2);
        let title = look.fit(title, room.saturating_sub(measure_text_width(&answer) + 3));
        let tick = Text::styled(look.tick(), &of_messages().green());
        let answer = Text::styled(&answer, &of_messages().cyan());
        self.answered += 1;
        self.show(&[tick.and(format!(" {title} {} ", look.dot())).and(answer)])
    }

    /// Whether the line above is an answer to this very question that was not taken.
    fn is_refused(&self, ask: &Ask) -> bool {
        ask.refused.is_some() && self.last.0 == ask.question.id
    }

    /// Removes the line of the last answer.
    fn take_back(&mut self) -> Result<()> {
        self.clear(self.answered.min(1))?;
        self.answered = self.answered.saturating_sub(1);
        Ok(())
    }

    fn reply(&mut self, ask: &Ask) -> Result<Option<(Raw, String)>> {
        let question = ask.question;
        let proposed = ask.proposed().map(ToString::to_string).unwrap_or_default();
        match question.kind {
            Kind::Choice => {
                let cursor = ask.allowed.iter().position(|value| *value == proposed).unwrap_or(0);
                let chosen = self.one(&self.entries(ask), cursor)?;
                Ok(chosen
                    .map(|at| (Raw::Word(ask.allowed[at].to_owned()), ask.allowed[at].to_owned())))
            }
            Kind::Bool => {
                let default = |value| ask.default == Some(&Value::Bool(value));
                let entries = [marked("yes", default(true)), marked("no", default(false))];
                let chosen = self.one(&entries, usize::from(proposed != "true"))?;
                Ok(chosen
                    .map(|at| (Raw::Typed(Value::Bool(at == 0)), ["yes", "no"][at].to_owned())))
            }
            Kind::MultiChoice => {
                let is_marked = |value: &&str| proposed.split(',').any(|item| item == *value);
                let on: Vec<bool> = ask.allowed.iter().map(is_marked).collect();
                let chosen = self.many(&self.entries(ask), &on)?;
                Ok(chosen.map(|at| {
                    let items = at.into_iter().map(|index| ask.allowed[index].to_owned()).collect();
                    let value = Value::List(items);
                    let shown = value.to_string();
                    (Raw::Typed(value), shown)
                }))
            }
            Kind::Text | Kind::Integer => {
                let refused = self.is_refused(ask).then(|| Line::new(&self.last.1));
                let typed = self.line(refused.unwrap_or_default(), &proposed)?;
                Ok(typed.map(|text| (Raw::Word(text.clone()), text)))
            }
        }
    }

    fn entries(&self, ask: &Ask) -> Vec<String> {
        let default = ask.default.map(ToString::to_string).unwrap_or_default();
        let is_default = |value: &str| ask.question.kind == Kind::Choice && value == default;
        let entries = ask
            .allowed
            .iter()
            .map(|value| (marked(value, is_default(value)), ask.question.choice_help(value)));
        self.columns(&entries.collect::<Vec<_>>())
    }

    /// Entries of a list with their help in one column.
    fn columns(&self, entries: &[(String, String)]) -> Vec<String> {
        let columns = entries.iter().map(|(word, _)| measure_text_width(word)).max().unwrap_or(0);
        entries.iter().map(|(word, help)| self.look().entry(word, help, columns)).collect()
    }

    fn pick(&self, title: &str, choices: &[Choice], cursor: usize) -> Result<Option<usize>> {
        let entries: Vec<(String, String)> =
            choices.iter().map(|c| (c.name.clone(), c.help.clone())).collect();
        let heading = self.look().wrap(title, 0);
        self.show(&heading.iter().map(|line| bold(line)).collect::<Vec<_>>())?;
        let chosen = self.one(&self.columns(&entries), cursor)?;
        self.clear(heading.len())?;
        Ok(chosen)
    }
}

impl Prompter for Screen {
    fn tell(&mut self, given: &[(String, String)]) {
        let look = self.look();
        let lines: Vec<Text> = given
            .iter()
            .map(|(flag, answer)| format!("{} {flag} {answer}", look.dot()))
            .map(|line| dim(&look.fit(&line, look.width - 1)))
            .collect();
        // What cannot be shown here cannot be asked either, and that is told.
        let _ = self.show(&lines);
        self.answered = 0;
    }

    fn ask(&mut self, ask: &Ask) -> Result<Reply<Raw>> {
        if self.is_refused(ask) {
            self.take_back()?;
        }
        let heading = heading(self.look(), ask);
        self.show(&heading)?;
        let reply = self.reply(ask)?;
        self.clear(heading.len())?;
        let Some((raw, shown)) = reply else {
            self.take_back()?;
            return Ok(Reply::Back);
        };
        self.answered(&ask.question.ask, &shown)?;
        self.last = (ask.question.id.clone(), shown);
        Ok(Reply::Answer(raw))
    }

    fn choose(&mut self, title: &str, choices: &[Choice], cursor: usize) -> Result<usize> {
        loop {
            if let Some(chosen) = self.pick(title, choices, cursor)? {
                self.answered(title, &choices[chosen].name)?;
                return Ok(chosen);
            }
        }
    }

    fn review(&mut self, review: &Review) -> Result<Decision> {
        self.answered = 0;
        self.show(&overview(self.look(), review))?;
        loop {
            let actions = [
                ("write it", format!("{} files in {}", review.files.len(), review.destination)),
                ("change an answer", "any of those above".to_owned()),
                ("see every file", "with its size".to_owned()),
                ("go back", "to the last question".to_owned()),
                ("leave", "nothing is written".to_owned()),
            ];
            let actions = actions.map(|(name, help)| Choice { name: name.to_owned(), help });
            match self.pick("Shall it be written?", &actions, 0)? {
                Some(0) => return Ok(Decision::Write),
                Some(1) => {
                    let (at, choices) = review.changeable();
                    if let Some(chosen) = self.pick("Which answer?", &choices, 0)? {
                        return Ok(Decision::Change(at[chosen]));
                    }
                }
                Some(2) => {
                    let lines = ui::tree_lines(&review.destination, &review.files);
                    self.show(&lines.iter().map(Text::from).collect::<Vec<_>>())?;
                }
                Some(4) => return Ok(Decision::Leave),
                _ => return Ok(Decision::Back),
            }
        }
    }

    fn conflict(&mut self, path: &str, diff: &str) -> Result<(OnConflict, bool)> {
        let title = format!("`{}` exists and differs", visible(path));
        let (choices, meaning) = conflict_choices();
        loop {
            match self.pick(&title, &choices, 0)?.map(|at| meaning[at]) {
                None => return Err(crate::ask::wizard::left()),
                Some(None) => self.show(&difference(diff))?,
                Some(Some(how)) => {
                    self.answered(&title, how.0.word())?;
                    return Ok(how);
                }
            }
        }
    }
}

/// How many entries fit on the screen at once, with the question above them.
fn page(look: Look, entries: &[String]) -> usize {
    let tallest = entries.iter().map(|entry| entry.lines().count()).max().unwrap_or(1);
    (look.height.saturating_sub(6) / tallest.max(1)).max(2)
}

fn marked(word: &str, is_default: bool) -> String {
    if is_default { format!("{word} (default)") } else { word.to_owned() }
}

fn bold(text: &str) -> Text {
    Text::styled(text, &of_messages().bold())
}

fn dim(text: &str) -> Text {
    Text::styled(text, &of_messages().dim())
}

/// Everything above the answers of a question.
fn heading(look: Look, ask: &Ask) -> Vec<Text> {
    let (at, of) = ask.progress;
    let mut first = if of > 1 { format!("{at} of {of}") } else { "changed".to_owned() };
    if let Some(group) = &ask.question.group {
        first = format!("{group} {} {first}", look.dot());
    }
    let mut lines = vec![dim(&look.fit(&first, look.width - 1))];
    lines.extend(look.wrap(&ask.question.ask, 0).iter().map(|line| bold(line)));
    if let Some(help) = &ask.question.help {
        lines.extend(look.wrap(help, 2).iter().map(|line| dim(line)));
    }
    if let Some(file) = ask.evidence {
        lines.extend(look.wrap(&format!("found here: {file}"), 2).iter().map(|line| dim(line)));
    }
    if let Some(refused) = ask.refused {
        let red = |line: String| Text::styled(&line, &of_messages().red());
        lines.extend(look.wrap(&format!("! {refused}"), 0).into_iter().map(red));
    }
    let keys = match ask.question.kind {
        Kind::MultiChoice => "space selects, enter continues",
        Kind::Choice | Kind::Bool => "arrows move, enter takes",
        Kind::Text | Kind::Integer => "enter takes, tab edits the proposal",
    };
    let back = if ask.can_go_back { ", esc goes back" } else { "" };
    lines.extend(look.wrap(&format!("{keys}{back}"), 2).iter().map(|line| dim(line)));
    lines
}

/// The last screen above its actions.
fn overview(look: Look, review: &Review) -> Vec<Text> {
    let mut lines = vec![Text::default(), bold("Answers")];
    let columns = review.answers.iter().map(|line| line.flag.len()).max().unwrap_or(0);
    for answer in &review.answers {
        let origin =
            if answer.origin.is_empty() { String::new() } else { format!(" ({})", answer.origin) };
        let flag = pad_str(&answer.flag, columns, console::Alignment::Left, None);
        let line = format!("  {flag}  {}{origin}", answer.value);
        lines.push(look.fit(&line, look.width - 1).into());
    }
    let bytes = review.files.iter().map(Written::bytes).sum();
    lines.push(bold(&format!("Files: {}, {}", review.files.len(), ui::size(bytes))));
    for (name, what) in review::top(&review.files) {
        let name = pad_str(&name, 24, console::Alignment::Left, None);
        lines.push(look.fit(&format!("  {name}  {what}"), look.width - 1).into());
    }
    for (title, texts) in [("What it brings", &review.costs), ("To know", &review.notes)] {
        if !texts.is_empty() {
            lines.push(bold(title));
            lines.extend(texts.iter().flat_map(|text| look.wrap(text, 2)).map(Text::from));
        }
    }
    lines.push(bold("The same without questions"));
    // Not wrapped by us, so that it can be copied as one line.
    lines.push(Text::line(&format!("  {}", command_line(&review.command))));
    lines.push(Text::default());
    lines
}

fn difference(diff: &str) -> Vec<Text> {
    let colour = |line: &str| match line.as_bytes().first() {
        Some(b'+') => Text::styled(line, &of_messages().green()),
        Some(b'-') => Text::styled(line, &of_messages().red()),
        _ => Text::from(line),
    };
    diff.lines().map(colour).collect()
}

fn dialog_fault(error: dialoguer::Error) -> Error {
    let dialoguer::Error::IO(error) = error;
    fault(error)
}

/// The terminal fails, or Ctrl-C was pressed: then the handler of the signal ends the process.
#[allow(clippy::needless_pass_by_value)] // so that it can be the argument of `map_err`
fn fault(error: std::io::Error) -> Error {
    crate::ui::restore();
    if error.kind() == std::io::ErrorKind::Interrupted {
        interrupt::wait();
    }
    Error::io("asking in the terminal", &error)
}
