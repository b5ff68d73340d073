//! Trace: which layer and template each part of a rendered file comes from.

use super::assemble::{self, Made};
use super::contributions::{Source, targets};
use super::plan::Plan;
use super::template::Renderer;
use crate::error::{Error, Result};
use serde::Serialize;
use std::collections::HashSet;

/// A layer and one of its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The layer.
    pub layer: String,
    /// The file, as it is shown to people.
    pub template: String,
}

/// Lines that come from one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// `None` where scaffold itself writes the file.
    #[serde(flatten)]
    pub origin: Option<Origin>,
    /// Whole lines.
    pub text: String,
}

/// The parts of a rendered file, in order: line by line, so that a line of two templates counts for the first of them. In a
/// merged file a line counts for the first layer that has it.
///
/// # Errors
/// As [`super::render`].
pub fn trace(plan: &Plan, path: &str, text: &str) -> Result<Vec<Part>> {
    let renderer = Renderer::new(&plan.scope);
    let mut problems = Vec::new();
    let target = targets(plan, &renderer, &mut problems).remove(path);
    Error::unless_empty(problems)?;
    let Some(mut target) = target else {
        return Ok(vec![Part { origin: None, text: text.to_owned() }]);
    };
    assemble::drop_replaced(path, &mut target);
    let made = assemble::made(path, &target, &renderer)?;
    let lines: Vec<(&str, &Source)> = match made.as_slice() {
        [only] => of_one(text, only),
        _ => of_several(text, &made),
    };
    Ok(joined(&lines))
}

/// Each line with the contribution that it starts in.
fn of_one<'x, 't, 'p>(text: &'x str, made: &Made<'t, 'p>) -> Vec<(&'x str, &'t Source<'p>)> {
    let mut at = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let spans = made.spans.iter().take_while(|(start, _)| *start <= at);
        lines.push((line, spans.last().map_or(made.source, |(_, source)| source)));
        at += line.len();
    }
    lines
}

/// Each line with the first contribution that has the same one and that no earlier line was found in. Brackets and empty
/// lines are everywhere: they go with the line above.
fn of_several<'x, 't, 'p>(text: &'x str, made: &[Made<'t, 'p>]) -> Vec<(&'x str, &'t Source<'p>)> {
    let texts: Vec<_> = made.iter().map(|made| String::from_utf8_lossy(&made.bytes)).collect();
    let pieces = made.iter().zip(&texts);
    let given: Vec<(&str, &Source)> = pieces.flat_map(|(made, text)| of_one(text, made)).collect();
    let mut taken = HashSet::new();
    let mut above = made[0].source;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = bare(line);
        if bare.chars().any(char::is_alphanumeric) {
            let same =
                |index: &usize| self::bare(given[*index].0) == bare && !taken.contains(index);
            // A list that stood on one line in its layer has no line of its own there.
            let within = || made.iter().zip(&texts).find(|(_, text)| text.contains(bare));
            if let Some(index) = (0..given.len()).find(same) {
                taken.insert(index);
                above = given[index].1;
            } else if let Some((made, _)) = within() {
                above = made.source;
            }
        }
        lines.push((line, above));
    }
    lines
}

/// A line as it is in any place of a list.
fn bare(line: &str) -> &str {
    line.trim().trim_end_matches(',')
}

fn joined(lines: &[(&str, &Source)]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (line, source) in lines {
        let (layer, template) = (source.layer.path.clone(), source.shown.clone());
        let origin = Some(Origin { layer, template });
        match parts.last_mut() {
            Some(last) if last.origin == origin => last.text.push_str(line),
            _ => parts.push(Part { origin, text: (*line).to_owned() }),
        }
    }
    parts
}
