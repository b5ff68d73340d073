//! The only place that prints: data on stdout, messages on stderr.

mod failure;
mod pack;
mod report;

pub use failure::failure;
pub use pack::{begin, progress, sound, sound_knowledge, tested};
pub use report::{Report, Written, diff, json, size, summary, tree, tree_lines, writing};

use crate::cli::Colour;
use crate::error::{Error, Result};
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
fn tell(line: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        alarm(&format!("{line}\n"));
    }
}

/// A message about something that was noticed and did not stop the run.
pub fn warn(text: &str) {
    tell(&format!("{} {text}", console::style("warning").for_stderr().yellow()));
}

/// A message on stderr. Whoever reads it may have left; then there is no one to tell.
pub fn alarm(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Prints one JSON document.
///
/// # Errors
/// Standard output fails.
pub fn document(value: &Value) -> Result<()> {
    print(&pretty(value))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Prints data.
///
/// # Errors
/// Standard output fails.
pub fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::io("printing", &error))
        }
        // A reader that has left, such as `head`, is no fault.
        _ => Ok(()),
    }
}

/// Prints help or the version, as asked.
///
/// # Errors
/// Standard output fails.
pub fn help(text: &clap::Error) -> Result<()> {
    match text.print() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::io("printing", &error))
        }
        _ => Ok(()),
    }
}

/// A number of files, in words.
#[must_use]
pub fn count_of_files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// Arguments as a shell reads them.
#[must_use]
pub fn words(arguments: &[String]) -> String {
    use crate::render::{filetype::FileType, quote::quote};
    arguments.iter().map(|word| quote(word, FileType::Shell)).collect::<Vec<_>>().join(" ")
}
