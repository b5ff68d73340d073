//! Files that are lists of lines, such as `.gitignore`: the lines of all layers in their order, each once.

use super::Piece;
use std::collections::HashSet;

/// Whether a file is such a list: `.gitignore`, `.dockerignore` and their like, and `.gitattributes`.
#[must_use]
pub fn is_list_of_lines(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == ".gitattributes" || (name.starts_with('.') && name.ends_with("ignore"))
}

/// Joins the pieces. What stands above a line, comments and empty lines, stays with it; of a line that an earlier layer
/// has, neither comes again.
#[must_use]
pub fn lines(pieces: &[Piece]) -> String {
    let Some((first, later)) = pieces.split_first() else { return String::new() };
    let mut text = first.text.to_owned();
    let mut seen: HashSet<String> =
        first.text.lines().map(|line| line.trim_end().to_owned()).collect();
    for piece in later {
        for (above, line) in entries(piece.text) {
            let is_new = match line {
                Some(line) => seen.insert(line.trim_end().to_owned()),
                // Comments at the end of a file, below which nothing stands.
                None => above
                    .iter()
                    .any(|line| !line.trim().is_empty() && !seen.contains(line.trim_end())),
            };
            if is_new {
                append(&mut text, above.iter().copied().chain(line));
                seen.extend(above.iter().map(|line| line.trim_end().to_owned()));
            }
        }
    }
    text
}

fn append<'l>(text: &mut String, lines: impl Iterator<Item = &'l str>) {
    for line in lines {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
    }
}

/// A line that says something, and what stands above it; what stands below the last is an entry without one.
fn entries(text: &str) -> Vec<(Vec<&str>, Option<&str>)> {
    let mut entries = Vec::new();
    let mut above = Vec::new();
    for line in text.lines() {
        if line.trim().is_empty() || line.starts_with('#') {
            above.push(line);
        } else {
            entries.push((std::mem::take(&mut above), Some(line)));
        }
    }
    if !above.is_empty() {
        entries.push((above, None));
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn merged(texts: &[&str]) -> String {
        let pieces: Vec<Piece> = texts.iter().map(|text| Piece { layer: "a", text }).collect();
        lines(&pieces)
    }

    #[test]
    fn lines_come_once_and_comments_stay_with_the_line_below() {
        let base = "# Built.\ndist/\n\n# Private.\n.env*\n!.env.example\n";
        let more = "# Also built.\ndist/\n\n# Tables.\n/data/\n# The end.\n";
        let all = format!("{base}\n# Tables.\n/data/\n# The end.\n");
        assert_eq!(merged(&[base, more]), all);
        assert_eq!(merged(&[base, more, more, base]), all);
        assert_eq!(merged(&["a", "b"]), "a\nb\n");
    }

    #[test]
    fn the_name_says_what_a_list_of_lines_is() {
        for list in [".gitignore", "web/.dockerignore", ".prettierignore", ".gitattributes"] {
            assert!(is_list_of_lines(list), "{list}");
        }
        for other in ["gitignore", "README.md", ".env.example", "a.gitignore"] {
            assert!(!is_list_of_lines(other), "{other}");
        }
    }

    fn list() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            (0u8..4).prop_map(|n| format!("file{n}")),
            (0u8..4).prop_map(|n| format!("!file{n}")),
            (0u8..3).prop_map(|n| format!("# comment {n}")),
            Just(String::new()),
        ];
        prop::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n") + "\n")
    }

    proptest! {
        #[test]
        fn merging_twice_is_merging_once_and_grouping_does_not_matter(a in list(), b in list(), c in list()) {
            let once = merged(&[&a, &b]);
            prop_assert_eq!(merged(&[&a, &a]), a.clone());
            prop_assert_eq!(merged(&[&a, &b, &b]), once.clone());
            prop_assert_eq!(merged(&[&once, &c]), merged(&[&a, &b, &c]));
        }

        #[test]
        fn no_line_is_lost_and_none_comes_twice_from_a_later_layer(a in list(), b in list()) {
            let all = merged(&[&a, &b]);
            let says = |text: &str| -> Vec<String> {
                text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_owned).collect()
            };
            let (first, found) = (says(&a), says(&all));
            for line in says(&b) {
                prop_assert!(found.contains(&line));
                if !first.contains(&line) {
                    prop_assert_eq!(found.iter().filter(|other| **other == line).count(), 1);
                }
            }
        }
    }
}
