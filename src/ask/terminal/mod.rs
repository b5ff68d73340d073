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
use std::ffi::OsString;

/// The variables that say that nobody is there, also where a build server or an assistant gives a terminal.
const UNATTENDED: [&str; 2] = ["SCAFFOLD_NO_INPUT", "CI"];

/// The variable because of which nothing is asked in a terminal that could ask.
#[must_use]
pub fn silenced() -> Option<&'static str> {
    has_terminal().then(|| unattended(|name| std::env::var_os(name))).flatten()
}

/// The first variable that is set to say so: empty, `0` and `false` say the opposite.
fn unattended(variable: impl Fn(&str) -> Option<OsString>) -> Option<&'static str> {
    let says_no =
        |value: &OsString| value.is_empty() || value == "0" || value.eq_ignore_ascii_case("false");
    UNATTENDED.into_iter().find(|name| variable(name).is_some_and(|value| !says_no(&value)))
}

fn has_terminal() -> bool {
    console::user_attended() && Term::stderr().is_term()
}

/// A prompter, if stdin and stderr are a terminal and no variable says that nobody is there.
#[must_use]
pub fn open(mode: Mode) -> Option<Box<dyn Prompter>> {
    if !has_terminal() || silenced().is_some() {
        return None;
    }
    if mode == Mode::Plain || console::is_dumb() {
        let input = std::io::BufReader::new(std::io::stdin());
        return Some(Box::new(plain::Plain::new(input, std::io::stderr())));
    }
    Some(Box::new(screen::Screen::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_says_that_nobody_is_there() {
        let with = |name: &str, value: &str| {
            unattended(|asked| (asked == name).then(|| OsString::from(value)))
        };
        for value in ["true", "1", "yes"] {
            assert_eq!(with("CI", value), Some("CI"));
            assert_eq!(with("SCAFFOLD_NO_INPUT", value), Some("SCAFFOLD_NO_INPUT"));
        }
        for value in ["", "0", "false", "False"] {
            assert_eq!(with("CI", value), None, "{value:?}");
        }
        assert_eq!(with("TERM", "dumb"), None);
    }
}
