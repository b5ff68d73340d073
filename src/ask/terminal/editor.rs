//! A line of text that is being edited: dialoguer's own has no way back with Esc. Pure; `screen` draws it.

use crate::formats::hidden::is_hidden;
use console::Key;

/// Nobody types more; the rest of a paste is dropped.
const MOST: usize = 20_000;

/// A line and where the cursor stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    text: Vec<char>,
    cursor: usize,
}

/// What a key leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Edit,
    Accept,
    Back,
}

impl Line {
    pub(super) fn new(text: &str) -> Self {
        let text: Vec<char> = text.chars().filter(|c| !is_hidden(*c)).collect();
        Self { cursor: text.len(), text }
    }

    pub(super) fn text(&self) -> String {
        self.text.iter().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn press(&mut self, key: &Key) -> Step {
        match key {
            Key::Enter => return Step::Accept,
            Key::Escape => return Step::Back,
            Key::ArrowLeft => self.cursor = self.cursor.saturating_sub(1),
            Key::ArrowRight => self.cursor = (self.cursor + 1).min(self.text.len()),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.text.len(),
            Key::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.text.remove(self.cursor);
            }
            Key::Del if self.cursor < self.text.len() => {
                self.text.remove(self.cursor);
            }
            // Ctrl-U, Ctrl-K and Ctrl-W, as in a shell: all before, all after, the word before.
            Key::Char('\u{15}') => self.cut(0),
            Key::Char('\u{b}') => self.text.truncate(self.cursor),
            Key::Char('\u{17}') => self.cut(self.start_of_word()),
            Key::Char(c) if !is_hidden(*c) && self.text.len() < MOST => {
                self.text.insert(self.cursor, *c);
                self.cursor += 1;
            }
            _ => {}
        }
        Step::Edit
    }

    fn cut(&mut self, from: usize) {
        self.text.drain(from..self.cursor);
        self.cursor = from;
    }

    fn start_of_word(&self) -> usize {
        let before = &self.text[..self.cursor];
        let word_end = before.iter().rposition(|c| *c != ' ').map_or(0, |at| at + 1);
        before[..word_end].iter().rposition(|c| *c == ' ').map_or(0, |at| at + 1)
    }

    /// What of it is shown in so many columns, and in which of them the cursor stands. Wide characters count double.
    pub(super) fn window(&self, columns: usize) -> (String, usize) {
        let width = |c: &char| console::measure_text_width(c.encode_utf8(&mut [0; 4]));
        let mut start = self.cursor;
        let mut before = 0;
        while start > 0 && before + width(&self.text[start - 1]) < columns {
            start -= 1;
            before += width(&self.text[start]);
        }
        let mut shown = 0;
        let fits = |c: &&char| {
            shown += width(c);
            shown < columns
        };
        (self.text[start..].iter().take_while(fits).collect(), before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[Key]) -> (String, usize) {
        let mut line = Line::default();
        for key in keys {
            assert_eq!(line.press(key), Step::Edit);
        }
        (line.text(), line.cursor)
    }

    fn letters(text: &str) -> Vec<Key> {
        text.chars().map(Key::Char).collect()
    }

    #[test]
    fn keys_edit_as_in_a_shell() {
        let with = |text: &str, keys: &[Key]| typed(&[letters(text), keys.to_vec()].concat());
        assert_eq!(with("ab", &[Key::ArrowLeft, Key::Char('x')]), ("axb".to_owned(), 2));
        assert_eq!(with("ab", &[Key::Home, Key::Del]), ("b".to_owned(), 0));
        assert_eq!(with("ab", &[Key::Home, Key::Backspace]), ("ab".to_owned(), 0));
        assert_eq!(with("one two ", &[Key::Char('\u{17}')]), ("one ".to_owned(), 4));
        assert_eq!(with("one two", &[Key::Char('\u{15}')]), (String::new(), 0));
        assert_eq!(with("ab", &[Key::ArrowLeft, Key::Char('\u{b}')]), ("a".to_owned(), 1));
        assert_eq!(with("a\u{7}\u{1b}é", &[]), ("aé".to_owned(), 2));
    }

    #[test]
    fn enter_accepts_and_escape_goes_back() {
        assert_eq!(Line::default().press(&Key::Enter), Step::Accept);
        assert_eq!(Line::default().press(&Key::Escape), Step::Back);
    }

    #[test]
    fn the_window_always_holds_the_cursor() {
        let mut line = Line::new(&"漢字abc".repeat(3_000));
        for key in [Key::Home, Key::End, Key::ArrowLeft] {
            line.press(&key);
            let (shown, cursor) = line.window(20);
            assert!(cursor < 20, "{cursor}");
            assert!(console::measure_text_width(&shown) < 20, "{shown}");
        }
    }
}
