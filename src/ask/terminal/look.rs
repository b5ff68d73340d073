//! What a terminal can show: its size, whether it knows more than ASCII, and text cut or wrapped to fit.

use crate::formats::hidden;
use crate::ui::{Text, of_messages};
use console::{Term, measure_text_width, truncate_str};

/// Below this, a choice and its help stand on lines of their own.
const NARROW: usize = 64;
/// Longer lines are hard to read, however wide the terminal is.
const WIDEST: usize = 100;

/// How things look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    pub width: usize,
    pub height: usize,
    pub unicode: bool,
}

impl Look {
    pub(super) fn of(term: &Term) -> Self {
        let (height, width) = term.size();
        Self {
            width: usize::from(width).clamp(20, WIDEST),
            height: usize::from(height).max(6),
            unicode: knows_unicode(|name| std::env::var(name).ok()),
        }
    }

    /// The first where the terminal knows it, else the second.
    fn glyph(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    pub(super) fn pointer(self) -> &'static str {
        self.glyph("❯", ">")
    }

    pub(super) fn tick(self) -> &'static str {
        self.glyph("✔", "+")
    }

    pub(super) fn dot(self) -> &'static str {
        self.glyph("·", "-")
    }

    pub(super) fn more(self) -> &'static str {
        self.glyph("…", "...")
    }

    /// One line of at most `width` columns, and no character that the terminal does not know.
    pub(super) fn fit(self, text: &str, width: usize) -> String {
        let text = self.spell(text).replace(['\n', '\r', '\t'], " ");
        truncate_str(&text, width, self.more()).into_owned()
    }

    /// Lines that fit, each after the first with this indent.
    pub(super) fn wrap(self, text: &str, indent: usize) -> Vec<String> {
        let blank = " ".repeat(indent);
        let options =
            textwrap::Options::new(self.width - 1).initial_indent(&blank).subsequent_indent(&blank);
        textwrap::wrap(&self.spell(text), options).into_iter().map(Into::into).collect()
    }

    fn spell(self, text: &str) -> String {
        let text = hidden::lines(text);
        if self.unicode { text } else { any_ascii::any_ascii(&text) }
    }

    pub(super) fn dim(self, text: &str) -> Text {
        Text::styled(&self.fit(text, self.width - 1), &of_messages().dim())
    }

    /// The rows of one entry of a list, with its mark where several can be marked.
    pub(super) fn entry(self, words: &str, is_active: bool, mark: Option<bool>) -> Vec<Text> {
        let pointer = if is_active { self.pointer() } else { " " };
        let before = match mark {
            None => Text::from("  ").and(Text::styled(pointer, &of_messages().green())).and(" "),
            Some(is_marked) => Text::styled(pointer, &of_messages().green()).and(if is_marked {
                " [x] "
            } else {
                " [ ] "
            }),
        };
        let style = if is_active { of_messages().cyan() } else { of_messages() };
        let mut rows = words.lines().map(|row| Text::styled(row, &style));
        let first = before.and(rows.next().unwrap_or_default());
        std::iter::once(first).chain(rows).collect()
    }

    /// A word and what it means, as the lines of one entry of a list whose words have this many columns.
    pub(super) fn words(self, word: &str, help: &str, columns: usize) -> String {
        let word = self.spell(word);
        if help.is_empty() {
            return self.fit(&word, self.room());
        }
        if self.width < NARROW {
            let help = textwrap::wrap(&self.spell(help), self.room() - 2).join("\n      ");
            return format!("{}\n      {help}", self.fit(&word, self.room()));
        }
        let blank = " ".repeat((columns + 2).saturating_sub(measure_text_width(&word)));
        let column = self.room().saturating_sub(columns + 2).max(12);
        let below = format!("\n{}", " ".repeat(columns + 6));
        format!("{word}{blank}{}", textwrap::wrap(&self.spell(help), column).join(&below))
    }

    /// The columns that a list leaves to its entries.
    fn room(self) -> usize {
        self.width - 7
    }
}

/// Whether the locale is one of UTF-8, by the rules of POSIX: the first of three variables that is set decides.
fn knows_unicode(variable: impl Fn(&str) -> Option<String>) -> bool {
    if cfg!(windows) {
        return true;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()))
        .unwrap_or_default()
        .to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Look = Look { width: 80, height: 24, unicode: true };

    #[test]
    fn the_first_variable_that_is_set_decides_about_the_locale() {
        let locale = |values: &'static [(&str, &str)]| {
            knows_unicode(|name| {
                values.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(locale(&[("LANG", "de_DE.UTF-8")]));
        assert!(locale(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")]));
        assert_eq!(locale(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]), cfg!(windows));
        assert_eq!(locale(&[]), cfg!(windows));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let help = "in files, on a schedule (DuckDB and Delta tables), and a good deal more that needs room";
        for width in [20, 40, 64, 80, 100] {
            let look = Look { width, ..WIDE };
            for (index, line) in look.words("streaming", help, 12).lines().enumerate() {
                // The list itself puts four columns before the first line.
                let before = if index == 0 { 4 } else { 0 };
                assert!(measure_text_width(line) + before < width, "{width}: {line}");
            }
            for line in look.wrap(help, 2) {
                assert!(measure_text_width(&line) < width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn without_unicode_there_is_only_ascii() {
        let look = Look { unicode: false, ..WIDE };
        assert!(look.words("größe", "5 kB … more", 8).is_ascii());
        assert!(look.fit("naïve answer that is cut", 10).is_ascii());
    }
}
