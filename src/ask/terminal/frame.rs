//! The part of the screen that belongs to the question that is being asked. Pure: it says what is to be written.

use crate::ui::Text;
use console::measure_text_width;
use std::fmt::Write as _;

/// What is drawn, and where the cursor stands in it. A list leaves the cursor at the top, where it stays with the first
/// line whatever a terminal does with the lines below when its width changes.
#[derive(Debug, Default)]
pub(super) struct Frame {
    widths: Vec<usize>,
    cursor: (usize, usize),
}

impl Frame {
    /// Takes all of it away.
    pub(super) fn erase(&mut self, columns: usize) -> String {
        let (line, column) = self.cursor;
        let up = rows(&self.widths[..line], columns) + column / columns;
        *self = Self::default();
        up_to(up) + "\r\x1b[J"
    }

    /// These lines in place of those before. Without a cursor in one of them there is none to be seen.
    pub(super) fn draw(
        &mut self,
        lines: &[Text],
        cursor: Option<(usize, usize)>,
        columns: usize,
    ) -> String {
        let mut drawn = self.erase(columns);
        drawn.push_str("\x1b[?25l");
        drawn.push_str(&lines.iter().map(Text::as_str).collect::<Vec<_>>().join("\n"));
        self.widths = lines.iter().map(|line| measure_text_width(line.as_str())).collect();
        self.cursor = cursor.unwrap_or_default();
        let (line, column) = self.cursor;
        // From the last row of all to the row of the cursor.
        drawn += &up_to(rows(&self.widths[line..], columns) - 1);
        drawn.push('\r');
        if column > 0 {
            let _ = write!(drawn, "\x1b[{column}C");
        }
        if cursor.is_some() {
            drawn.push_str("\x1b[?25h");
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
