//! Tables in Markdown: a later layer brings rows for a table that an earlier one has, under the same heading.

use super::{Fault, Piece};
use crate::formats::markdown::{Page, Table};

/// Whether a text holds nothing but tables and headings above them, so that its rows can join those of other layers.
#[must_use]
pub fn has_only_tables(text: &str) -> bool {
    let page = Page::read(text);
    let headings = page.headings.iter().map(|heading| heading.range.clone());
    let mut known: Vec<_> = headings.chain(page.tables.iter().map(|t| t.range.clone())).collect();
    known.sort_by_key(|range| range.start);
    let ends = known.iter().map(|range| range.end);
    let starts = known.iter().map(|range| range.start).chain([text.len()]);
    let between = std::iter::once(0).chain(ends).zip(starts);
    !page.tables.is_empty()
        && between.into_iter().all(|(end, start)| text[end..start].trim().is_empty())
}

/// Joins the rows of later pieces, which [`has_only_tables`] takes, to the tables of the first.
///
/// # Errors
/// No table or several have the heading and the header, or two rows for one thing differ.
pub fn tables(pieces: &[Piece]) -> Result<String, Vec<Fault>> {
    let Some((first, later)) = pieces.split_first() else { return Ok(String::new()) };
    let mut joined = first.text.to_owned();
    let mut faults = Vec::new();
    for piece in later {
        let page = Page::read(piece.text);
        for table in &page.tables {
            match join(&joined, piece.text, &page, table) {
                Ok(text) => joined = text,
                Err(message) => faults.push(Fault {
                    message: format!("layer `{}`: {message}", piece.layer),
                    layer: piece.layer.to_owned(),
                }),
            }
        }
    }
    if faults.is_empty() { Ok(joined) } else { Err(faults) }
}

/// `text` with the rows of `table`, which is one of `page` and stands in `more`.
fn join(text: &str, more: &str, page: &Page, table: &Table) -> Result<String, String> {
    let there = Page::read(text);
    let heading = heading(more, page, table);
    let fits = |other: &&Table| {
        other.rows[0].cells == table.rows[0].cells
            && (heading.is_none() || heading == self::heading(text, &there, other))
    };
    let fitting: Vec<&Table> = there.tables.iter().filter(fits).collect();
    let header = more[table.rows[0].range.clone()].trim();
    let shown = heading.map_or_else(
        || format!("the header `{header}`"),
        |heading| format!("the header `{header}` under `{heading}`"),
    );
    let [place] = fitting.as_slice() else {
        return Err(match fitting.len() {
            0 => format!("no table has {shown}"),
            _ => format!("several tables have {shown}: put the heading above the rows"),
        });
    };
    let mut added: Vec<&str> = Vec::new();
    for row in &table.rows[1..] {
        let line = more[row.range.clone()].trim();
        match place.rows[1..].iter().find(|other| other.cells.first() == row.cells.first()) {
            Some(other) if other.cells == row.cells => {}
            Some(other) => {
                let stands = text[other.range.clone()].trim();
                return Err(format!("the row `{line}` stands as `{stands}` already"));
            }
            None => added.push(line),
        }
    }
    let end = place.range.start + text[place.range.clone()].trim_end().len();
    let (before, after) = text.split_at(end);
    Ok(std::iter::once(before).chain(added).collect::<Vec<_>>().join("\n") + after)
}

/// The line of the heading above a table, if it has one.
fn heading<'t>(text: &'t str, page: &Page, table: &Table) -> Option<&'t str> {
    let above = page.headings.iter().rfind(|heading| heading.range.end <= table.range.start)?;
    Some(text[above.range.clone()].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "# Demo\n\n```sh\n| a | b |\n```\n\n## Layout\n\n| path | holds |\n|---|---|\n| `src/` | code |\n\nMore.\n\n## Commands\n\n| command | does |\n|---|---|\n| `run` | runs |\n\n## Files\n\n| path | holds |\n|---|---|\n| `x` | y |\n";

    fn merged(more: &[&str]) -> Result<String, String> {
        let texts = std::iter::once(&BASE).chain(more);
        let pieces: Vec<Piece> = texts.map(|text| Piece { layer: "more", text }).collect();
        tables(&pieces).map_err(|faults| faults[0].message.clone())
    }

    #[test]
    fn rows_join_the_table_of_their_heading_once() {
        let rows = "## Layout\n\n| path | holds |\n| --- | --- |\n| `ci.yml` | checks |\n";
        let all = BASE.replace("| code |\n", "| code |\n| `ci.yml` | checks |\n");
        assert_eq!(merged(&[rows]).unwrap(), all);
        assert_eq!(merged(&[rows, rows]).unwrap(), all);
        let only = "| command | does |\n|---|---|\n| `a \\| b` | both |\n| `run` |  runs |\n";
        let all = BASE.replace("| runs |\n", "| runs |\n| `a \\| b` | both |\n");
        assert_eq!(merged(&[only]).unwrap(), all);
    }

    #[test]
    fn a_table_that_is_not_there_or_not_alone_is_told() {
        let told = |text| merged(&[text]).unwrap_err();
        let which = told("| path | holds |\n|---|---|\n| a | b |\n");
        assert!(which.contains("several tables have the header `| path | holds |`"), "{which}");
        let none = told("## Layout\n| command | does |\n|---|---|\n| a | b |\n");
        assert!(none.contains("no table has the header `| command | does |` under `## Layout`"));
        let two = told("| command | does |\n|---|---|\n| `run` | walks |\n");
        assert!(two.contains("stands as `| `run` | runs |` already"), "{two}");
        assert!(
            told("| a | b |\n|---|---|\n| c | d |\n").contains("no table has"),
            "code has none"
        );
    }

    #[test]
    fn a_text_with_anything_else_is_not_only_tables() {
        assert!(has_only_tables("# A\n\n| a |\n|---|\n| b |\n"));
        for other in ["", "x\n", "# A\n", "| a |\n", "| a |\n|---|\n| b |\n\nx\n"] {
            assert!(!has_only_tables(other), "{other}");
        }
    }
}
