//! Tells which command of a new repository runs, for how long, and its last line.

use super::{QUIET, Text, of_messages, tell};
use crate::cli::Format;
use crate::formats::quote::command_line;
use console::{Term, strip_ansi_codes, truncate_str};
use serde::Serialize;
use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// So many of the last lines of a failed command are shown.
const LINES: usize = 30;

/// A command that has ended well.
#[derive(Clone, Debug, Serialize)]
pub struct Executed {
    /// `setup`, `run` or `check`.
    pub name: &'static str,
    /// Its words.
    pub command: Vec<String>,
    /// How long it took.
    pub seconds: f64,
}

/// A command while it runs. In a terminal it is one line that is drawn again; elsewhere a line says that it begins.
pub struct Running {
    label: String,
    is_live: bool,
    is_told: bool,
    drawn: String,
}

impl Running {
    /// Begins it.
    #[must_use]
    pub fn new(words: &[String], format: Format) -> Self {
        let label = command_line(words);
        let is_told = format == Format::Text;
        let is_live = is_told
            && console::user_attended_stderr()
            && !console::is_dumb()
            && !QUIET.load(Ordering::Relaxed);
        if is_told && !is_live {
            tell(Text::styled("running", &of_messages().dim()).and(" ").and(Text::line(&label)));
        }
        Self { label, is_live, is_told, drawn: String::new() }
    }

    /// Shows where it is.
    pub fn show(&mut self, took: Duration, last_line: &dyn Fn() -> String) {
        if !self.is_live {
            return;
        }
        let line = strip_ansi_codes(&last_line()).trim().to_owned();
        let line = format!("running {}  {} s  {line}", self.label, took.as_secs());
        let width = usize::from(Term::stderr().size().1).saturating_sub(1);
        let line = truncate_str(Text::line(&line).as_str(), width, "...").into_owned();
        if line != self.drawn {
            put(&format!("\r\x1b[K{line}"));
            self.drawn = line;
        }
    }

    /// It is over; whether well, its time and the end of what it printed.
    pub fn end(self, is_success: bool, took: Duration, tail: &str) {
        if self.is_live {
            put("\r\x1b[K");
        }
        if !self.is_told {
            return;
        }
        if !is_success {
            let lines: Vec<&str> = tail.lines().collect();
            for line in &lines[lines.len().saturating_sub(LINES)..] {
                tell(Text::from("  ").and(Text::line(&strip_ansi_codes(line))));
            }
            return;
        }
        let ran = Text::styled("ran", &of_messages().green().bold());
        let what = format!(" {} in {:.1} s", self.label, took.as_secs_f64());
        tell(ran.and(Text::line(&what)));
    }
}

fn put(text: &str) {
    let mut terminal = std::io::stderr().lock();
    let _ = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
}
