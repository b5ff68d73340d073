//! Tables in Markdown: a later layer brings rows for a table that an earlier one has, under the same heading.

use super::{Fault, Piece};

/// A table of a later layer.
struct Table<'a> {
    /// The line of the heading above it, if it has one.
    heading: Option<&'a str>,
    header: &'a str,
    rows: Vec<&'a str>,
}

/// Whether a text holds nothing but tables and headings above them, so that its rows can join those of other layers.
#[must_use]
pub fn has_only_tables(text: &str) -> bool {
    read(text).is_some_and(|tables| !tables.is_empty())
}

/// Joins the rows of later pieces, which [`has_only_tables`] takes, to the tables of the first.
///
/// # Errors
/// No table or several have the heading and the header, or two rows for one thing differ.
pub fn tables(pieces: &[Piece]) -> Result<String, Vec<Fault>> {
    let Some((first, later)) = pieces.split_first() else { return Ok(String::new()) };
    let mut lines: Vec<&str> = first.text.lines().collect();
    let mut faults = Vec::new();
    for piece in later {
        for table in read(piece.text).unwrap_or_default() {
            if let Err(message) = join(&mut lines, &table) {
                let message = format!("layer `{}`: {message}", piece.layer);
                faults.push(Fault { message, layer: piece.layer.to_owned() });
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let end = if first.text.ends_with('\n') { "\n" } else { "" };
    Ok(lines.join("\n") + end)
}

fn join<'a>(lines: &mut Vec<&'a str>, table: &Table<'a>) -> Result<(), String> {
    let shown = match table.heading {
        Some(heading) => format!("the header `{}` under `{heading}`", table.header.trim()),
        None => format!("the header `{}`", table.header.trim()),
    };
    let start = match places(lines, table).as_slice() {
        [only] => *only,
        [] => return Err(format!("no table has {shown}")),
        _ => return Err(format!("several tables have {shown}: put the heading above the rows")),
    };
    let mut end = start + 2 + lines[start + 2..].iter().take_while(|line| is_row(line)).count();
    for row in &table.rows {
        let thing = cells(row).first().cloned();
        match lines[start + 2..end].iter().find(|other| cells(other).first().cloned() == thing) {
            Some(other) if cells(other) == cells(row) => {}
            Some(other) => {
                return Err(format!(
                    "the row `{}` stands as `{}` already",
                    row.trim(),
                    other.trim()
                ));
            }
            None => {
                lines.insert(end, row);
                end += 1;
            }
        }
    }
    Ok(())
}

/// Where the tables start that have the header, and the heading if one is given; code blocks have none.
fn places(lines: &[&str], table: &Table) -> Vec<usize> {
    let (mut heading, mut fence) = (None, false);
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if line.trim_start().starts_with("```") {
            fence = !fence;
        } else if !fence && line.starts_with('#') {
            heading = Some(line.trim());
        } else if !fence
            && is_row(line)
            && lines.get(index + 1).is_some_and(|next| is_delimiter(next))
            && cells(line) == cells(table.header)
            && (table.heading.is_none() || table.heading == heading)
        {
            found.push(index);
        }
    }
    found
}

/// The tables of a text; `None` if there is anything else in it.
fn read(text: &str) -> Option<Vec<Table<'_>>> {
    let mut tables = Vec::new();
    let mut heading = None;
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    while let Some(line) = lines.next() {
        if line.starts_with('#') {
            heading = Some(line.trim());
            continue;
        }
        lines.next_if(|next| is_row(line) && is_delimiter(next))?;
        let mut rows = Vec::new();
        while let Some(row) = lines.next_if(|next| is_row(next)) {
            rows.push(row);
        }
        tables.push(Table { heading, header: line, rows });
    }
    Some(tables)
}

fn is_row(line: &str) -> bool {
    line.trim_start().starts_with('|')
}

fn is_delimiter(line: &str) -> bool {
    is_row(line) && line.contains('-') && line.trim().chars().all(|c| "|-: ".contains(c))
}

/// What stands between the bars; a bar behind a backslash is text.
fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_start_matches('|').replace("\\|", "\u{1}");
    row.trim_end_matches('|').split('|').map(|cell| cell.trim().replace('\u{1}', "\\|")).collect()
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
