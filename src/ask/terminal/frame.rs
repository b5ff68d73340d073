//! The part of the screen that belongs to the question that is being asked. Pure: it says what is to be written.

use crate::ui::Text;
use console::measure_text_width;
use std::fmt::Write as _;

/// What is drawn, and where the cursor stands in it. A list leaves the cursor at the top, where it stays with the first
/// line whatever a terminal does with the lines below when its width changes.
#[derive(Debug, Default)]
pub(super) struct Frame {
    widths: Vec<usize>,
    /// The column of the cursor in the last line; without one it stands at the top and is not to be seen.
    cursor: Option<usize>,
}

impl Frame {
    /// Takes all of it away.
    pub(super) fn erase(&mut self, columns: usize) -> String {
        let above = self.widths.len().saturating_sub(1);
        let up =
            self.cursor.map_or(0, |column| rows(&self.widths[..above], columns) + column / columns);
        *self = Self::default();
        up_to(up) + "\r\x1b[J"
    }

    /// These lines in place of those before, with the cursor in this column of the last one, or without it.
    pub(super) fn draw(&mut self, lines: &[Text], cursor: Option<usize>, columns: usize) -> String {
        let mut drawn = self.erase(columns);
        drawn.push_str("\x1b[?25l");
        let text = lines.iter().map(Text::as_str).collect::<Vec<_>>().join("\n");
        self.widths = lines.iter().map(|line| measure_text_width(line.as_str())).collect();
        self.cursor = cursor;
        if let Some(column) = cursor {
            drawn.push_str(&text);
            drawn.push('\r');
            if column > 0 {
                let _ = write!(drawn, "\x1b[{column}C");
            }
            drawn.push_str("\x1b[?25h");
        } else {
            // A terminal that has become narrower meanwhile cuts the lines off: were they wrapped, the way up to the
            // first would end too early, and what is above that place would stay for good.
            let _ = write!(drawn, "\x1b[?7l{text}\x1b[?7h");
            drawn.push_str(&up_to(lines.len().saturating_sub(1)));
            drawn.push('\r');
        }
        drawn
    }

    /// Something else was written below it: it stays where it is.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

fn up_to(rows: usize) -> String {
    if rows > 0 { format!("\x1b[{rows}A") } else { String::new() }
}

/// How many rows of the screen these lines take: those that have become too long are wrapped.
pub(super) fn rows(widths: &[usize], columns: usize) -> usize {
    widths.iter().map(|width| width.max(&1).div_ceil(columns)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: [&str; 4] = [
        "Data · 3 of 11",
        "How does data arrive and leave?",
        "  ❯ streaming  from a topic, seconds after it happens",
        "    hybrid     both, over one definition of the business logic",
    ];

    fn lines() -> Vec<Text> {
        QUESTION.iter().map(|line| Text::line(line)).collect()
    }

    /// A terminal of 12 rows in which a shell has left its prompt in the last one.
    fn terminal(columns: usize) -> avt::Terminal {
        let mut terminal = avt::Terminal::new(columns, 12).unwrap();
        feed(&mut terminal, "\x1b[12;1H$ scaffold init\n");
        terminal
    }

    fn feed(terminal: &mut avt::Terminal, text: &str) {
        terminal.feed([text.replace('\n', "\r\n").as_str()]);
    }

    fn shown(terminal: &avt::Terminal) -> Vec<String> {
        let lines = terminal.screen().visible_lines();
        let text = lines.map(|line| line.text().trim_end().to_owned());
        text.filter(|line| !line.is_empty()).collect()
    }

    #[test]
    fn a_frame_that_meets_a_narrower_terminal_leaves_nothing_behind() {
        let typed = [lines(), vec![Text::line("  ❯ orders")]].concat();
        for (lines, cursor) in [(lines(), None), (typed, Some(10))] {
            let mut terminal = terminal(30);
            let mut frame = Frame::default();
            // The terminal had 120 columns when this was written.
            feed(&mut terminal, &frame.draw(&lines, cursor, 120));
            feed(
                &mut terminal,
                &frame.draw(&[Text::line("Data"), Text::line("❯ hybrid")], None, 30),
            );
            assert_eq!(shown(&terminal), ["$ scaffold init", "Data", "❯ hybrid"], "{cursor:?}");
            feed(&mut terminal, "after it, long words are wrapped again");
            let last = &shown(&terminal)[1..];
            assert_eq!(last, ["after it, long words are wrapp", "ed again"]);
        }
    }

    #[test]
    fn a_frame_that_was_drawn_is_followed_when_the_terminal_becomes_narrower() {
        let mut terminal = terminal(120);
        let mut frame = Frame::default();
        feed(&mut terminal, &frame.draw(&lines(), None, 120));
        terminal.resize(30, 12);
        feed(&mut terminal, &frame.draw(&[Text::line("Data"), Text::line("❯ hybrid")], None, 30));
        assert_eq!(shown(&terminal), ["$ scaffold init", "Data", "❯ hybrid"]);
    }
}
