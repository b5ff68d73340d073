//! Asks with lists and lines that are edited in place. Each question is cleared once it is answered, so that what stays
//! on the screen is one line for each answer.

use super::editor::{Line, Step};
use super::frame::{Frame, rows};
use super::keyboard::{Input, Keyboard};
use super::keys::Key;
use super::list::List;
use super::look::Look;
use crate::answers::Raw;
use crate::ask::wizard::prompt::{Ask, Choice, Decision, Prompter, Reply, conflict_choices};
use crate::ask::wizard::review::{self, Action, Review};
use crate::error::{Error, Result};
use crate::formats::hidden::visible;
use crate::formats::quote::command_line;
use crate::pack::overlay::{Kind, Value};
use crate::system::interrupt;
use crate::ui::{self, Hold, Text, of_messages};
use crate::write::OnConflict;
use console::{Term, measure_text_width, pad_str};
use std::io::Write as _;

/// The rows that a list has at least; what is said above it gives way.
const ROOM_OF_LIST: usize = 3;

/// A prompter with screens.
pub(super) struct Screen {
    /// Open from the first question on: where nothing is asked, the terminal stays as it is.
    keyboard: Option<(Keyboard, Hold)>,
    frame: Frame,
    /// The widths of the answers that stand directly above the question.
    answered: Vec<usize>,
    /// The question and the text of the last answer, which may be refused.
    last: (String, String),
}

impl Screen {
    pub(super) fn new() -> Self {
        Self {
            keyboard: None,
            frame: Frame::default(),
            answered: Vec::new(),
            last: Default::default(),
        }
    }

    fn keyboard(&mut self) -> Result<&mut Keyboard> {
        if self.keyboard.is_none() {
            let keyboard = Keyboard::open().map_err(|error| fault(&error))?;
            self.keyboard = Some((keyboard, Hold::new()));
        }
        Ok(&mut self.keyboard.as_mut().expect("it is open").0)
    }

    fn draw(&mut self, lines: &[Text], cursor: Option<usize>) -> Result<()> {
        put(&self.frame.draw(lines, cursor, columns()))
    }

    fn erase(&mut self) -> Result<()> {
        put(&self.frame.erase(columns()))
    }

    /// The next key; nothing where the question is to be drawn again.
    fn key(&mut self) -> Result<Option<Key>> {
        match self.keyboard()?.next().map_err(|error| fault(&error))? {
            Input::Key(Key::Interrupt) => {
                ui::restore();
                self.keyboard()?.interrupt();
                interrupt::wait();
            }
            Input::Key(Key::Suspend) => {
                self.erase()?;
                ui::restore();
                self.keyboard()?.suspend().map_err(|error| fault(&error))?;
            }
            Input::Key(key) => return Ok(Some(key)),
            Input::Resized => return Ok(None),
            Input::Continued => {}
        }
        // The shell has written below the answers, and they are not where they were.
        self.frame.forget();
        self.answered.clear();
        ui::hold();
        Ok(None)
    }

    /// Shows what `draw` makes of the state until a key ends it; nothing if the user goes back.
    fn until_answered<S>(
        &mut self,
        mut state: S,
        draw: impl Fn(&mut S, Look) -> (Vec<Text>, Option<usize>),
        press: impl Fn(&mut S, &Key) -> Step,
    ) -> Result<Option<S>> {
        self.keyboard()?;
        loop {
            let (lines, cursor) = draw(&mut state, look());
            self.draw(&lines, cursor)?;
            let Some(key) = self.key()? else { continue };
            let step = press(&mut state, &key);
            if step != Step::Edit {
                self.erase()?;
                put("\x1b[?25h")?;
                return Ok((step == Step::Accept).then_some(state));
            }
        }
    }

    /// The entries that are chosen below a heading; nothing if the user goes back.
    fn list(
        &mut self,
        heading: &dyn Fn(Look) -> Vec<Text>,
        entries: &[(String, String)],
        cursor: usize,
        marked: Option<Vec<bool>>,
    ) -> Result<Option<Vec<usize>>> {
        let draw = |list: &mut List, look: Look| {
            let mut lines = above(heading(look), look, ROOM_OF_LIST);
            lines.extend(list.lines(look, look.height - 1 - lines.len()));
            (lines, None)
        };
        let list = List::new(entries, cursor, marked);
        Ok(self.until_answered(list, draw, List::press)?.map(List::chosen))
    }

    /// A line of text; `proposed` is shown until something is typed.
    fn line(&mut self, ask: &Ask, line: Line, proposed: &str) -> Result<Option<String>> {
        let draw = |line: &mut Line, look: Look| {
            let mut lines = above(heading(look, ask), look, 1);
            let prompt = format!("  {} ", look.pointer());
            let before = measure_text_width(&prompt);
            let columns = look.width - 2 - before;
            let (shown, cursor) = line.window(columns);
            let shown = if line.is_empty() {
                dim(&look.fit(&visible(proposed), columns))
            } else {
                shown.into()
            };
            lines.push(Text::from(prompt).and(shown));
            (lines, Some(before + cursor))
        };
        let press = |line: &mut Line, key: &Key| {
            if line.is_empty() && matches!(key, Key::Tab | Key::Right) {
                *line = Line::new(proposed);
                return Step::Edit;
            }
            line.press(key)
        };
        let typed = self.until_answered(line, draw, press)?;
        Ok(typed.map(|line| if line.is_empty() { proposed.to_owned() } else { line.text() }))
    }

    /// One line about an answer, which takes the place of its question.
    fn answered(&mut self, title: &str, answer: &str) -> Result<()> {
        let look = look();
        let room = look.width - 4;
        let answer = look.fit(&visible(answer), room / 2);
        let title = look.fit(title, room.saturating_sub(measure_text_width(&answer) + 3));
        let tick = Text::styled(look.tick(), &of_messages().green());
        let answer = Text::styled(&answer, &of_messages().cyan());
        let line = tick.and(format!(" {title} {} ", look.dot())).and(answer);
        self.answered.push(measure_text_width(line.as_str()));
        show(&[line])
    }

    /// Whether the line above is an answer to this very question that was not taken.
    fn is_refused(&self, ask: &Ask) -> bool {
        ask.refused.is_some() && self.last.0 == ask.question.id
    }

    /// Removes the line of the last answer.
    fn take_back(&mut self) -> Result<()> {
        match self.answered.pop() {
            Some(width) => put(&format!("\x1b[{}A\r\x1b[J", rows(&[width], columns()))),
            None => Ok(()),
        }
    }

    fn reply(&mut self, ask: &Ask) -> Result<Option<(Raw, String)>> {
        let question = ask.question;
        let proposed = ask.proposed().map(ToString::to_string).unwrap_or_default();
        let above = |look: Look| heading(look, ask);
        match question.kind {
            Kind::Choice => {
                let cursor = ask.allowed.iter().position(|value| *value == proposed).unwrap_or(0);
                let chosen = self.list(&above, &entries(ask), cursor, None)?;
                let word = |at: Vec<usize>| ask.allowed[at[0]].to_owned();
                Ok(chosen.map(word).map(|word| (Raw::Word(word.clone()), word)))
            }
            Kind::Bool => {
                let default = |value| ask.default == Some(&Value::Bool(value));
                let entries = [marked("yes", default(true)), marked("no", default(false))]
                    .map(|word| (word, String::new()));
                let cursor = usize::from(proposed != "true");
                let chosen = self.list(&above, &entries, cursor, None)?;
                let word = |at: usize| ["yes", "no"][at].to_owned();
                Ok(chosen.map(|at| (Raw::Typed(Value::Bool(at[0] == 0)), word(at[0]))))
            }
            Kind::MultiChoice => {
                let is_marked = |value: &&str| proposed.split(',').any(|item| item == *value);
                let on: Vec<bool> = ask.allowed.iter().map(is_marked).collect();
                let chosen = self.list(&above, &entries(ask), 0, Some(on))?;
                Ok(chosen.map(|at| {
                    let items = at.into_iter().map(|index| ask.allowed[index].to_owned()).collect();
                    let value = Value::List(items);
                    let shown = value.to_string();
                    (Raw::Typed(value), shown)
                }))
            }
            Kind::Text | Kind::Integer => {
                let refused = self.is_refused(ask).then(|| Line::new(&self.last.1));
                let typed = self.line(ask, refused.unwrap_or_default(), &proposed)?;
                Ok(typed.map(|text| (Raw::Word(text.clone()), text)))
            }
        }
    }

    fn pick(&mut self, title: &str, choices: &[Choice], cursor: usize) -> Result<Option<usize>> {
        let entries: Vec<(String, String)> =
            choices.iter().map(|c| (c.name.clone(), c.help.clone())).collect();
        let title = |look: Look| look.wrap(title, 0).iter().map(|line| bold(line)).collect();
        Ok(self.list(&title, &entries, cursor, None)?.map(|at| at[0]))
    }
}

impl Prompter for Screen {
    fn tell(&mut self, given: &[(String, String)]) {
        let look = look();
        let lines: Vec<Text> = given
            .iter()
            .map(|(flag, answer)| format!("{} {flag} {answer}", look.dot()))
            .map(|line| dim(&look.fit(&line, look.width - 1)))
            .collect();
        // What cannot be shown here cannot be asked either, and that is told.
        let _ = show(&lines);
        self.answered.clear();
    }

    fn ask(&mut self, ask: &Ask) -> Result<Reply<Raw>> {
        if self.is_refused(ask) {
            self.take_back()?;
        }
        let Some((raw, shown)) = self.reply(ask)? else {
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
        self.answered.clear();
        show(&overview(look(), review))?;
        let (actions, choices): (Vec<Action>, Vec<Choice>) = review.actions().into_iter().unzip();
        loop {
            let chosen = self.pick("Shall it be written?", &choices, 0)?;
            match chosen.map_or(Action::Back, |at| actions[at]) {
                Action::Write => return Ok(Decision::Write),
                Action::WriteAndSetUp => return Ok(Decision::WriteAndSetUp),
                Action::Change => {
                    let (at, choices) = review.changeable();
                    if let Some(chosen) = self.pick("Which answer?", &choices, 0)? {
                        return Ok(Decision::Change(at[chosen]));
                    }
                }
                Action::List => {
                    let lines = ui::tree_lines(&review.destination, &review.files);
                    show(&lines.iter().map(Text::from).collect::<Vec<_>>())?;
                }
                Action::Leave => return Ok(Decision::Leave),
                Action::Back => return Ok(Decision::Back),
            }
        }
    }

    fn conflict(&mut self, title: &str, diff: &str) -> Result<(OnConflict, bool)> {
        let title = visible(title);
        let (choices, meaning) = conflict_choices();
        loop {
            match self.pick(&title, &choices, 0)?.map(|at| meaning[at]) {
                None => return Err(crate::ask::wizard::left()),
                Some(None) => show(&difference(diff))?,
                Some(Some(how)) => {
                    self.answered(&title, how.0.word())?;
                    return Ok(how);
                }
            }
        }
    }
}

fn look() -> Look {
    Look::of(&Term::stderr())
}

/// The columns of the terminal as they are now.
fn columns() -> usize {
    usize::from(Term::stderr().size().1).max(1)
}

/// Writes to the terminal at once, so that nothing half drawn is seen.
fn put(text: &str) -> Result<()> {
    let mut terminal = std::io::stderr().lock();
    terminal
        .write_all(text.as_bytes())
        .and_then(|()| terminal.flush())
        .map_err(|error| fault(&error))
}

/// Lines that stay.
fn show(lines: &[Text]) -> Result<()> {
    put(&lines.iter().map(|line| line.as_str().to_owned() + "\n").collect::<String>())
}

/// What is said above a list or a line that needs so many rows: its last lines, which explain, are left out first.
fn above(mut lines: Vec<Text>, look: Look, needs: usize) -> Vec<Text> {
    lines.truncate(look.height.saturating_sub(1 + needs).max(1));
    lines
}

/// The values of a question with their help.
fn entries(ask: &Ask) -> Vec<(String, String)> {
    let default = ask.default.map(ToString::to_string).unwrap_or_default();
    let is_default = |value: &str| ask.question.kind == Kind::Choice && value == default;
    let entry = |value: &&str| (marked(value, is_default(value)), ask.question.choice_help(value));
    ask.allowed.iter().map(entry).collect()
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
    let (count, bytes) = ui::counted(review.files.iter());
    lines.push(bold(&format!("Files: {count}, {}", ui::size(bytes))));
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

fn fault(error: &std::io::Error) -> Error {
    ui::restore();
    Error::io("asking in the terminal", error)
}
