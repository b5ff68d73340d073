//! Asking in a terminal: as screens with keys, or as plain lines. All of it goes to stderr, so that stdout stays data.

mod editor;
mod frame;
mod keyboard;
mod keys;
mod list;
mod look;
mod plain;
mod screen;

use crate::ask::wizard::prompt::Prompter;
use crate::cli::Mode;
use console::Term;

/// A prompter, if stdin and stderr are a terminal.
#[must_use]
pub fn open(mode: Mode) -> Option<Box<dyn Prompter>> {
    let term = Term::stderr();
    if !console::user_attended() || !term.is_term() {
        return None;
    }
    if mode == Mode::Plain || console::is_dumb() {
        let input = std::io::BufReader::new(std::io::stdin());
        return Some(Box::new(plain::Plain::new(input, std::io::stderr())));
    }
    Some(Box::new(screen::Screen::new()))
}
