//! Formats: what is known of YAML, TOML, JSON, Markdown and source languages, each known once. Pure.

pub mod filetype;
pub mod hidden;
pub mod lists;
pub mod markdown;
pub mod merge;
pub mod parse;
pub mod quick;
pub mod quote;
pub mod yaml;

/// Whether only a merge of git writes such a line.
#[must_use]
pub fn is_conflict_marker(line: &str) -> bool {
    matches!(
        line.split_once(' ').map_or(line, |(first, _)| first),
        "<<<<<<<" | "|||||||" | "=======" | ">>>>>>>"
    )
}

/// The line and column, from 1, of what follows this text.
#[must_use]
pub fn place(before: &str) -> (usize, usize) {
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
