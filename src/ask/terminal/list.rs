//! A list in which one entry is chosen, or several are marked. Pure; `screen` draws it.

use super::editor::Step;
use super::keys::Key;
use super::look::Look;
use crate::ui::Text;
use console::measure_text_width;
use std::ops::Range;

/// Entries with their help, and where the user is.
#[derive(Debug)]
pub(super) struct List<'e> {
    entries: &'e [(String, String)],
    cursor: usize,
    /// Which are marked, where several can be.
    marked: Option<Vec<bool>>,
    /// The entries that fitted on the screen.
    shown: Range<usize>,
}

impl<'e> List<'e> {
    pub(super) fn new(
        entries: &'e [(String, String)],
        cursor: usize,
        marked: Option<Vec<bool>>,
    ) -> Self {
        Self { entries, cursor, marked, shown: 0..entries.len() }
    }

    /// The entry under the cursor, or those that are marked.
    pub(super) fn chosen(self) -> Vec<usize> {
        match self.marked {
            Some(marked) => (0..marked.len()).filter(|at| marked[*at]).collect(),
            None => vec![self.cursor],
        }
    }

    pub(super) fn press(&mut self, key: &Key) -> Step {
        let last = self.entries.len() - 1;
        match (key, &mut self.marked) {
            (Key::Enter, _) | (Key::Char(' '), None) => return Step::Accept,
            (Key::Escape | Key::Char('q'), _) => return Step::Back,
            (Key::Char(' '), Some(marked)) => marked[self.cursor] = !marked[self.cursor],
            (Key::Char('a'), Some(marked)) => {
                let are_all = marked.iter().all(|is_marked| *is_marked);
                marked.fill(!are_all);
            }
            (Key::Down | Key::Tab | Key::Char('j'), _) => {
                self.cursor = if self.cursor == last { 0 } else { self.cursor + 1 };
            }
            (Key::Up | Key::BackTab | Key::Char('k'), _) => {
                self.cursor = self.cursor.checked_sub(1).unwrap_or(last);
            }
            (Key::Home, _) => self.cursor = 0,
            (Key::End, _) => self.cursor = last,
            (Key::PageDown | Key::Right | Key::Char('l'), _) => {
                self.cursor = self.shown.end.min(last);
            }
            (Key::PageUp | Key::Left | Key::Char('h'), _) => {
                self.cursor = self.shown.start.saturating_sub(1);
            }
            _ => {}
        }
        Step::Edit
    }

    /// As many entries as fit into so many rows, the one under the cursor among them.
    pub(super) fn lines(&mut self, look: Look, rows: usize) -> Vec<Text> {
        let widths = self.entries.iter().map(|(word, _)| measure_text_width(word));
        let columns = widths.max().unwrap_or(0);
        let drawn: Vec<Vec<Text>> = (0..self.entries.len())
            .map(|at| {
                let (word, help) = &self.entries[at];
                let mark = self.marked.as_ref().map(|marked| marked[at]);
                look.entry(&look.words(word, help, columns), at == self.cursor, mark)
            })
            .collect();
        let heights: Vec<usize> = drawn.iter().map(Vec::len).collect();
        self.shown = page(&heights, self.cursor, rows);
        let is_part = self.shown.len() < self.entries.len();
        let more = || {
            let (from, to) = (self.shown.start + 1, self.shown.end);
            look.dim(&format!("    {from} to {to} of {}", self.entries.len()))
        };
        let more = is_part.then(more);
        drawn
            .into_iter()
            .take(self.shown.end)
            .skip(self.shown.start)
            .flatten()
            .chain(more)
            .collect()
    }
}

/// The entries around this one that fit: pages that follow each other, so that a page does not move under the cursor. Where
/// not all fit, one row says so.
fn page(heights: &[usize], cursor: usize, rows: usize) -> Range<usize> {
    if heights.iter().sum::<usize>() <= rows {
        return 0..heights.len();
    }
    let (mut start, mut taken) = (0, 0);
    for (at, height) in heights.iter().enumerate() {
        if taken > 0 && taken + height > rows.saturating_sub(1) {
            if cursor < at {
                return start..at;
            }
            (start, taken) = (at, 0);
        }
        taken += height;
    }
    start..heights.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_the_cursor_and_fit() {
        let heights = [1, 2, 1, 3, 1, 1];
        assert_eq!(page(&heights, 5, 9), 0..6);
        for rows in 1..9 {
            let pages: Vec<_> = (0..6).map(|cursor| page(&heights, cursor, rows)).collect();
            for (cursor, page) in pages.iter().enumerate() {
                assert!(page.contains(&cursor), "{cursor} in {page:?} of {rows} rows");
                let height: usize = heights[page.clone()].iter().sum();
                assert!(height < rows || page.len() == 1, "{page:?} in {rows} rows");
            }
        }
    }

    #[test]
    fn keys_move_mark_and_leave() {
        let entries = ["a", "b", "c"].map(|word| (word.to_owned(), String::new()));
        let mut list = List::new(&entries, 0, Some(vec![false, true, false]));
        for key in [Key::Up, Key::Char(' '), Key::Paste(" ".to_owned()), Key::Other] {
            assert_eq!(list.press(&key), Step::Edit);
        }
        assert_eq!(list.press(&Key::Enter), Step::Accept);
        assert_eq!(list.chosen(), [1, 2]);
        let mut list = List::new(&entries, 1, None);
        list.press(&Key::End);
        list.press(&Key::Down);
        assert_eq!(list.press(&Key::Escape), Step::Back);
        assert_eq!(list.chosen(), [0]);
    }
}
