//! A line of text that is being edited. Pure; `screen` draws it.

use super::keys::Key;
use crate::formats::hidden::is_hidden;

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
            Key::Left => self.cursor = self.before(),
            Key::Right => self.cursor = self.after(),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.text.len(),
            Key::WordLeft => self.cursor = self.start_of_word(),
            Key::WordRight => self.cursor = self.end_of_word(),
            Key::Backspace => {
                self.cut(self.cursor.saturating_sub(1), self.cursor);
                // What joined or changed the character that is gone.
                while self.cursor > 0
                    && matches!(self.text[self.cursor - 1], '\u{200d}' | '\u{fe0f}')
                {
                    self.cut(self.cursor - 1, self.cursor);
                }
            }
            Key::Delete => self.cut(self.cursor, self.after()),
            Key::CutBefore => self.cut(0, self.cursor),
            Key::CutAfter => self.cut(self.cursor, self.text.len()),
            Key::CutWordBefore => self.cut(self.start_of_word(), self.cursor),
            Key::CutWordAfter => self.cut(self.cursor, self.end_of_word()),
            Key::Char(c) => self.insert(*c),
            // The end of a line that was copied with it is not part of a text.
            Key::Paste(text) => {
                let text = text.trim_end_matches(['\r', '\n']);
                let is_blank = |c: char| matches!(c, '\r' | '\n' | '\t');
                text.chars().for_each(|c| self.insert(if is_blank(c) { ' ' } else { c }));
            }
            _ => {}
        }
        Step::Edit
    }

    fn insert(&mut self, c: char) {
        if !is_hidden(c) && self.text.len() < MOST {
            self.text.insert(self.cursor, c);
            self.cursor += 1;
        }
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.text.drain(from..to);
        self.cursor = from;
    }

    /// Whether the character at this place is drawn as one with the character before it.
    fn belongs_to_one_before(&self, at: usize) -> bool {
        let is_joined = at > 0 && self.text[at - 1] == '\u{200d}';
        self.text.get(at).is_some_and(|c| width(*c) == 0 || is_joined)
    }

    fn before(&self) -> usize {
        let places = (0..self.cursor).rev();
        places.into_iter().find(|at| !self.belongs_to_one_before(*at)).unwrap_or(0)
    }

    fn after(&self) -> usize {
        let mut places = self.cursor + 1..self.text.len();
        places.find(|at| !self.belongs_to_one_before(*at)).unwrap_or(self.text.len())
    }

    fn start_of_word(&self) -> usize {
        let before = &self.text[..self.cursor];
        let word_end = before.iter().rposition(|c| *c != ' ').map_or(0, |at| at + 1);
        before[..word_end].iter().rposition(|c| *c == ' ').map_or(0, |at| at + 1)
    }

    fn end_of_word(&self) -> usize {
        let all = self.text.len();
        let next = |from: usize, is_wanted: fn(&char) -> bool| {
            self.text[from..].iter().position(is_wanted).map_or(all, |at| from + at)
        };
        next(next(self.cursor, |c| *c != ' '), |c| *c == ' ')
    }

    /// What of it is shown in so many columns, and in which of them the cursor stands. Wide characters count double.
    pub(super) fn window(&self, columns: usize) -> (String, usize) {
        let mut start = self.cursor;
        let mut before = 0;
        while start > 0 && before + width(self.text[start - 1]) < columns {
            start -= 1;
            before += width(self.text[start]);
        }
        let mut shown = 0;
        let fits = |c: &&char| {
            shown += width(**c);
            shown < columns
        };
        (self.text[start..].iter().take_while(fits).collect(), before)
    }
}

fn width(c: char) -> usize {
    console::measure_text_width(c.encode_utf8(&mut [0; 4]))
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
        assert_eq!(with("ab", &[Key::Left, Key::Char('x')]), ("axb".to_owned(), 2));
        assert_eq!(with("ab", &[Key::Home, Key::Delete]), ("b".to_owned(), 0));
        assert_eq!(with("ab", &[Key::Home, Key::Backspace]), ("ab".to_owned(), 0));
        assert_eq!(with("one two ", &[Key::CutWordBefore]), ("one ".to_owned(), 4));
        assert_eq!(with("one two", &[Key::CutBefore]), (String::new(), 0));
        assert_eq!(with("ab", &[Key::Left, Key::CutAfter]), ("a".to_owned(), 1));
        assert_eq!(with("one two", &[Key::WordLeft, Key::Char('x')]), ("one xtwo".to_owned(), 5));
        assert_eq!(with("one two", &[Key::Home, Key::WordRight]), ("one two".to_owned(), 3));
        assert_eq!(with("one two", &[Key::Home, Key::CutWordAfter]), (" two".to_owned(), 0));
        assert_eq!(with("one", &[Key::WordRight, Key::Delete, Key::Other]), ("one".to_owned(), 3));
        assert_eq!(with("a\u{7}\u{1b}é", &[]), ("aé".to_owned(), 2));
    }

    #[test]
    fn a_joined_emoji_is_one_step_and_leaves_no_joiner() {
        let with = |text: &str, keys: &[Key]| typed(&[letters(text), keys.to_vec()].concat());
        assert_eq!(with("a👩\u{200d}💻", &[Key::Left]).1, 1);
        assert_eq!(with("👩\u{200d}💻b", &[Key::Home, Key::Right]).1, 3);
        assert_eq!(with("👩\u{200d}💻b", &[Key::Home, Key::Delete]).0, "b");
        assert_eq!(with("👩\u{200d}💻", &[Key::Backspace]).0, "👩");
        // Between letters it is written before the next of them.
        assert_eq!(with("می\u{200c}خ", &[Key::Backspace]).0, "می\u{200c}");
    }

    #[test]
    fn a_paste_stays_one_line() {
        let paste = |text: &str| typed(&[Key::Paste(text.to_owned())]).0;
        assert_eq!(paste("one\r\n"), "one");
        assert_eq!(paste("one\ntwo\u{1b}[D\n"), "one two[D");
    }

    #[test]
    fn enter_accepts_and_escape_goes_back() {
        assert_eq!(Line::default().press(&Key::Enter), Step::Accept);
        assert_eq!(Line::default().press(&Key::Escape), Step::Back);
    }

    #[test]
    fn the_window_always_holds_the_cursor() {
        let mut line = Line::new(&"漢字abc".repeat(3_000));
        for key in [Key::Home, Key::End, Key::Left] {
            line.press(&key);
            let (shown, cursor) = line.window(20);
            assert!(cursor < 20, "{cursor}");
            assert!(console::measure_text_width(&shown) < 20, "{shown}");
        }
    }
}
