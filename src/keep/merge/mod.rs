//! Three versions of one text become one: as it was generated, as the user has it, and as it would be generated now.
//!
//! A result counts only if it still parses, if it means what a merge by structure gives (TOML, JSON, YAML), and if every
//! line that the user added is in it. Else it is a conflict.

mod json;
mod lists;
mod operations;
#[cfg(test)]
mod tests;
mod toml;
mod yaml;

use crate::formats::merge::is_list_of_lines;
use crate::formats::parse;
use diffy::{ConflictStyle, MergeOptions};
use operations::{Operation, applied, operations};
use serde_json::Value;
use std::collections::HashMap;

/// What became of three texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// One text with the changes of both.
    Clean(String),
    /// Both changed the same place; the text has both sides and what was generated between markers.
    Conflict(String),
}

/// Merges the texts of the file `path`. Line endings are the user's.
#[must_use]
pub fn texts(path: &str, base: &str, ours: &str, theirs: &str) -> Merged {
    if !base.contains('\r') && ours.contains("\r\n") {
        let with_endings = |text: String| text.replace('\n', "\r\n");
        return match texts(path, base, &ours.replace("\r\n", "\n"), theirs) {
            Merged::Clean(text) => Merged::Clean(with_endings(text)),
            Merged::Conflict(text) => Merged::Conflict(with_endings(text)),
        };
    }
    let by_lines = by_lines(base, ours, theirs);
    let clean = match Structure::of(path, base, ours, theirs) {
        Some(structure) => structure.merged(ours, theirs, by_lines.as_deref().ok()),
        None if is_list_of_lines(path) => {
            by_lines.as_ref().ok().cloned().or_else(|| Some(list_of_lines(base, ours, theirs)))
        }
        None => by_lines.as_ref().ok().cloned(),
    };
    let is_sound =
        |text: &String| parse::fault(path, text).is_none() && has_lines_of(text, base, ours);
    match clean.filter(is_sound) {
        Some(text) => Merged::Clean(text),
        None => Merged::Conflict(by_lines.err().unwrap_or_else(|| whole(base, ours, theirs))),
    }
}

/// The user's list without the lines that are gone from the new version, and with those that it adds.
fn list_of_lines(base: &str, ours: &str, theirs: &str) -> String {
    let [old, mine, new] = [base, ours, theirs].map(lines);
    let is_gone = |line: &str| old.contains_key(line) && !new.contains_key(line);
    let added = theirs.lines().filter(|line| {
        let line = line.trim();
        !line.is_empty() && !old.contains_key(line) && !mine.contains_key(line)
    });
    let kept = ours.lines().filter(|line| !is_gone(line.trim()));
    kept.chain(added).flat_map(|line| [line, "\n"]).collect()
}

/// The text with the changes of both, or with markers.
fn by_lines(base: &str, ours: &str, theirs: &str) -> Result<String, String> {
    let merged = |[base, ours, theirs]: [&str; 3]| {
        MergeOptions::new().set_conflict_style(ConflictStyle::Diff3).merge(base, ours, theirs)
    };
    merged([base, ours, theirs]).map_err(|_| {
        // A marker behind a last line without its end would become a part of that line.
        let ended = [base, ours, theirs].map(ended);
        merged(ended.each_ref().map(String::as_str))
            .err()
            .unwrap_or_else(|| whole(base, ours, theirs))
    })
}

/// The text with a newline at its end, unless it is empty.
fn ended(text: &str) -> String {
    match text.strip_suffix('\n').unwrap_or(text) {
        "" => String::new(),
        text => format!("{text}\n"),
    }
}

/// Both texts whole, where lines alone would not have shown that they do not fit.
fn whole(base: &str, ours: &str, theirs: &str) -> String {
    let [base, ours, theirs] = [base, ours, theirs].map(ended);
    format!("<<<<<<< ours\n{ours}||||||| original\n{base}=======\n{theirs}>>>>>>> theirs\n")
}

/// Whether each line that the user added is in the text, as often as the user added it. The comma at its end may come and
/// go with the next item.
fn has_lines_of(text: &str, base: &str, ours: &str) -> bool {
    let (base, there) = (lines(base), lines(text));
    let count = |of: &HashMap<&str, usize>, line: &str| of.get(line).copied().unwrap_or(0);
    lines(ours).into_iter().all(|(line, number)| {
        let added = number.saturating_sub(count(&base, line));
        count(&there, line) >= added
    })
}

fn lines(text: &str) -> HashMap<&str, usize> {
    let mut lines = HashMap::new();
    for line in text.lines().map(|line| line.trim().trim_end_matches(',')) {
        if !line.is_empty() {
            *lines.entry(line).or_default() += 1;
        }
    }
    lines
}

/// What the three texts mean, where their format is known.
struct Structure {
    format: Format,
    ours: Value,
    /// `None` where both changed one thing in different ways.
    operations: Option<Vec<Operation>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Toml,
    Json,
    Yaml,
}

impl Format {
    fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "toml" => Some(Self::Toml),
            "json" | "webmanifest" => Some(Self::Json),
            "yml" | "yaml" => Some(Self::Yaml),
            _ => None,
        }
    }

    fn meaning(self, text: &str) -> Option<Value> {
        match self {
            Self::Toml => toml::meaning(text),
            Self::Json => json::meaning(text),
            Self::Yaml => crate::formats::yaml::meaning(text),
        }
    }
}

impl Structure {
    /// `None` where nothing is known of the format, or one of the texts is not of it.
    fn of(path: &str, base: &str, ours: &str, theirs: &str) -> Option<Self> {
        let format = Format::of(path)?;
        let [base, ours, theirs] = [base, ours, theirs].map(|text| format.meaning(text));
        let (base, ours, theirs) = (base?, ours?, theirs?);
        let operations = operations(&base, &ours, &theirs);
        Some(Self { format, ours, operations })
    }

    /// The text that means what it should: that of the merge by lines, or the user's with the operations done to it.
    fn merged(&self, ours: &str, theirs: &str, by_lines: Option<&str>) -> Option<String> {
        let wanted = applied(&self.ours, self.operations.as_ref()?);
        let means_it = |text: &String| self.format.meaning(text).as_ref() == Some(&wanted);
        let by_lines = by_lines.map(str::to_owned).filter(means_it);
        by_lines.or_else(|| self.by_structure(ours, theirs).filter(means_it))
    }

    fn by_structure(&self, ours: &str, theirs: &str) -> Option<String> {
        let apply = match self.format {
            Format::Toml => toml::apply,
            Format::Json => json::apply,
            Format::Yaml => yaml::apply,
        };
        apply(ours, theirs, self.operations.as_ref()?)
    }
}
