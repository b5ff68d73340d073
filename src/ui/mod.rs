//! The only place that prints: data on stdout, messages on stderr.

mod failure;
mod hold;
mod pack;
mod report;
mod setup;
mod text;

pub use failure::{failure, report_panics};
#[cfg(unix)]
pub use hold::keyboard;
pub use hold::{Hold, hold, restore};
pub use pack::{begin, progress, rendered, sound, sound_knowledge, tested};
pub use report::{
    Report, Written, changed, counted, diff, json, next, size, summary, tree, tree_lines, writing,
};
pub use setup::{Executed, Running};
pub use text::{Text, of_messages};

use crate::cli::Colour;
use crate::error::{Error, Result};
use crate::formats::hidden;
use serde_json::Value;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

/// The version of the JSON shapes; `docs/json.md` describes them.
pub const SCHEMA: u32 = 1;

/// Whether messages that are no errors are left out.
static QUIET: AtomicBool = AtomicBool::new(false);

/// From here on only errors and data are printed.
pub fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Colours as they were asked for; without a wish, where the terminal has them and `NO_COLOR` is not set.
pub fn colour(wish: Colour) {
    let on = match wish {
        Colour::Auto => return,
        Colour::Always => true,
        Colour::Never => false,
    };
    console::set_colors_enabled(on);
    console::set_colors_enabled_stderr(on);
}

/// A message that is no error, with the end of its line.
fn tell(line: impl Into<Text>) {
    if !QUIET.load(Ordering::Relaxed) {
        print_message(line.into().and("\n"));
    }
}

/// A message about something that was noticed and did not stop the run.
pub fn warn(text: &str) {
    tell(Text::styled("warning", &of_messages().yellow()).and(" ").and(Text::prose(text)));
}

/// A message on stderr. Whoever reads it may have left; then there is no one to tell.
pub fn print_message(text: impl Into<Text>) {
    let _ = std::io::stderr().lock().write_all(text.into().as_str().as_bytes());
}

/// Prints one JSON document.
///
/// # Errors
/// Standard output fails.
pub fn document(value: &Value) -> Result<()> {
    print(pretty(value))
}

/// Values stay exactly what they are; in the document, characters that act on a terminal are escapes.
fn pretty(value: &Value) -> Text {
    hidden::json(&format!("{value:#}\n")).into()
}

/// Prints data.
///
/// # Errors
/// Standard output fails.
pub fn print(text: impl Into<Text>) -> Result<()> {
    let text = text.into();
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_str().as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::io("printing", &error))
        }
        // A reader that has left, such as `head`, is no fault.
        _ => Ok(()),
    }
}

/// A table of words and what they mean. In a terminal the meaning hangs in its column; elsewhere a row is one line, as
/// programs want it.
#[must_use]
pub fn table(rows: &[(String, String)]) -> String {
    let terminal = console::Term::stdout();
    laid_out(rows, terminal.size_checked().map(|(_, columns)| columns.into()))
}

fn laid_out(rows: &[(String, String)], columns: Option<usize>) -> String {
    let widest = rows.iter().map(|(word, _)| console::measure_text_width(word)).max().unwrap_or(0);
    let blank = " ".repeat(widest + 2);
    let row = |(word, meaning): &(String, String)| {
        let word = console::pad_str(word, widest + 2, console::Alignment::Left, None);
        let room = columns.unwrap_or(usize::MAX).saturating_sub(widest + 2);
        // Where hardly a word would fit beside the first column, the terminal does no worse.
        let lines = textwrap::wrap(meaning, if room < 20 { usize::MAX } else { room });
        format!("{word}{}\n", lines.join(&format!("\n{blank}")))
    };
    rows.iter().map(row).collect()
}

/// Whether somebody looks at what is printed.
#[must_use]
pub fn is_terminal() -> bool {
    console::user_attended()
}

/// Prints help or the version, as asked.
///
/// # Errors
/// Standard output fails.
pub fn help(text: &clap::Error) -> Result<()> {
    print(Text::of_clap(&text.render()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meanings_hang_in_their_column_of_a_terminal_and_are_one_line_elsewhere() {
        let rows = [("one", "short"), ("second", "what takes more columns than there are")]
            .map(|(word, meaning)| (word.to_owned(), meaning.to_owned()));
        let narrow = "one     short\nsecond  what takes more columns\n        than there are\n";
        assert_eq!(laid_out(&rows, Some(32)), narrow);
        let line = "one     short\nsecond  what takes more columns than there are\n";
        assert_eq!(laid_out(&rows, None), line);
        assert_eq!(laid_out(&rows, Some(20)), line);
    }
}
