//! Text on its way out. What comes from outside cannot act on a terminal: it is cleaned before our own colours go in, and
//! nothing can be printed but a [`Text`].

use crate::formats::hidden;
use console::Style;

/// Text that is safe to print. A string becomes one with all that nobody sees spelled out; only [`Text::styled`] adds
/// sequences for the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// A text on one line, exactly: the end of a line in it is spelled out too.
    #[must_use]
    pub fn line(text: &str) -> Self {
        Self(hidden::line(text))
    }

    /// Prose that may have several lines, put behind a label: each line after the first is indented, so that none of
    /// them looks like a message of our own.
    #[must_use]
    pub fn prose(text: &str) -> Self {
        Self(hidden::lines(text.trim_end()).replace('\n', "\n  "))
    }

    /// A word in colour.
    #[must_use]
    pub fn styled(text: &str, style: &Style) -> Self {
        Self(style.apply_to(hidden::lines(text)).to_string())
    }

    /// What clap has rendered: its help texts are cleaned when the command line is described.
    pub(super) fn of_clap(help: &clap::builder::StyledStr) -> Self {
        let colours = console::colors_enabled();
        Self(if colours { help.ansi().to_string() } else { hidden::lines(&help.to_string()) })
    }

    /// This and more behind it.
    #[must_use]
    pub fn and(mut self, more: impl Into<Self>) -> Self {
        self.0.push_str(&more.into().0);
        self
    }

    /// Texts with another between them.
    #[must_use]
    pub fn join(texts: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let texts: Vec<String> = texts.into_iter().map(|text| text.0).collect();
        Self(texts.join(&hidden::lines(between)))
    }

    /// As it is written out.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: AsRef<str>> From<S> for Text {
    fn from(text: S) -> Self {
        Self(hidden::lines(text.as_ref()))
    }
}

/// A style for messages, which go to stderr.
#[must_use]
pub fn of_messages() -> Style {
    Style::new().for_stderr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_colours_reach_the_terminal() {
        let red = Style::new().red().force_styling(true);
        let text = Text::styled("a\u{1b}[2J", &red).and(" ").and("b\u{1b}]0;x\u{7}\n");
        assert_eq!(text.as_str(), "\u{1b}[31ma\\u{1b}[2J\u{1b}[0m b\\u{1b}]0;x\\u{7}\n");
    }

    #[test]
    fn prose_cannot_pretend_to_be_a_message_of_its_own() {
        assert_eq!(Text::prose("a\nerror[io]: b\n").as_str(), "a\n  error[io]: b");
    }
}
