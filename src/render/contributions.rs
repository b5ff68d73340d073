//! What each layer contributes to which path of the repository: whole files, parts and sections.

use super::plan::Plan;
use super::template::{self, Renderer};
use crate::error::{Code, Error, Problem, Result};
use crate::pack::overlay::Layer;
use crate::pack::{Pack, Placed};
use glob::Pattern;
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// The end of the name of a file that is stored elsewhere: its text is the path of that file below `templates/`.
const SAME: &str = ".same";

/// A file of a layer, on its way to one output.
pub(super) struct Source<'p> {
    pub(super) layer: &'p Placed<Layer>,
    /// The place of the layer among all layers.
    pub(super) order: usize,
    /// As people know it: `templates/LAYER/…` with the pack in front.
    pub(super) shown: String,
    pub(super) pack: &'p Pack,
    pub(super) bytes: &'p [u8],
    pub(super) is_template: bool,
    pub(super) executable: bool,
}

/// All that the layers contribute to one output path.
#[derive(Default)]
pub(super) struct Target<'p> {
    pub(super) whole: Vec<Source<'p>>,
    pub(super) parts: IndexMap<String, Vec<Source<'p>>>,
    /// By number and name.
    pub(super) sections: BTreeMap<(u32, String), Vec<Source<'p>>>,
}

impl<'p> Target<'p> {
    /// All sources, with the name of the part or the section that they are for; those of the whole file have none.
    pub(super) fn named(&self) -> impl Iterator<Item = (&str, &[Source<'p>])> {
        let parts = self.parts.iter().map(|(name, sources)| (name.as_str(), sources.as_slice()));
        let sections =
            self.sections.iter().map(|((_, name), sources)| (name.as_str(), sources.as_slice()));
        std::iter::once(("", self.whole.as_slice())).chain(parts).chain(sections)
    }
}

/// Groups the files of all layers by the path that they write to.
pub(super) fn targets<'p>(
    plan: &'p Plan,
    renderer: &Renderer,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Target<'p>> {
    let mut targets: BTreeMap<String, Target> = BTreeMap::new();
    for (order, &layer) in plan.layers.iter().enumerate() {
        let Some((pack, files)) = plan.catalog.layer(&layer.path) else { continue };
        let patterns = pack.about.executable.iter();
        let patterns: Vec<Pattern> = patterns.filter_map(|text| Pattern::new(text).ok()).collect();
        for (name, bytes) in files {
            let added = source(pack, &patterns, (order, layer), name, bytes, renderer)
                .and_then(|(path, source)| add(&mut targets, &path, source));
            problems.extend(added.err().into_iter().flat_map(|error| error.problems));
        }
    }
    targets
}

/// A file of a layer and the path that it writes to.
fn source<'p>(
    pack: &'p Pack,
    patterns: &[Pattern],
    (order, layer): (usize, &'p Placed<Layer>),
    name: &str,
    bytes: &'p [u8],
    renderer: &Renderer,
) -> Result<(String, Source<'p>)> {
    let stored = format!("templates/{}/{name}", layer.path);
    let (stem, stored, bytes) = match name.strip_suffix(SAME) {
        None => (name.strip_suffix(template::SUFFIX).unwrap_or(name), stored, bytes),
        Some(stem) => {
            let (other, bytes) = elsewhere(pack, &stored, bytes)?;
            (stem, other, bytes)
        }
    };
    let shown = pack.shown(&stored);
    let path = renderer.inline(stem).map_err(|fault| {
        let message = format!("in the name: {}", fault.message);
        Error::from(Problem::new(Code::BadTemplate, message).file(shown.clone()))
    })?;
    if path.starts_with(".scaffold/") {
        let message = "`.scaffold/` belongs to scaffold: a layer writes nothing there";
        return Err(Problem::new(Code::BadPath, message).file(shown).into());
    }
    let executable = is_executable(patterns, &path, bytes);
    let is_template = template::is_template(&stored);
    Ok((path, Source { layer, order, shown, pack, bytes, is_template, executable }))
}

/// The file whose path another one has for its text.
fn elsewhere<'p>(pack: &'p Pack, stored: &str, bytes: &'p [u8]) -> Result<(String, &'p [u8])> {
    let shown = pack.shown(stored);
    let named = crate::system::read::text(&shown, bytes, Code::BadTemplate)?.trim();
    let is_file = |path: &str| !path.ends_with(SAME);
    if pack.names_below("templates").any(|path| path == named && is_file(path)) {
        let path = format!("templates/{named}");
        let bytes = pack.content(&path);
        return Ok((path, bytes));
    }
    let known: Vec<String> = pack.names_below("templates").map(str::to_owned).collect();
    let message = format!("the pack has no file `{named}` below `templates/`");
    let mut problem = Problem::new(Code::BadTemplate, message).at(shown, 1, 1);
    problem.nearest = crate::error::nearest(named, &known);
    Err(problem.hint("the text is the path of one stored file, without `templates/`").into())
}

fn add<'p>(
    targets: &mut BTreeMap<String, Target<'p>>,
    path: &str,
    source: Source<'p>,
) -> Result<()> {
    if let Some((path, part)) = path.split_once(".parts/") {
        let target = targets.entry(path.to_owned()).or_default();
        target.parts.entry(part.to_owned()).or_default().push(source);
    } else if let Some((path, section)) = path.split_once(".sections/") {
        let Some(key) = section_key(section) else {
            let message = format!("`{section}` is not the name of a section");
            let hint = "a section is called `10-NAME`: by the number they are sorted";
            return Err(Problem::new(Code::BadPath, message).file(source.shown).hint(hint).into());
        };
        targets.entry(path.to_owned()).or_default().sections.entry(key).or_default().push(source);
    } else {
        targets.entry(path.to_owned()).or_default().whole.push(source);
    }
    Ok(())
}

/// The number and the name of a section, from `10-start.md`.
fn section_key(name: &str) -> Option<(u32, String)> {
    let (number, rest) = name.split_once('-')?;
    (!rest.is_empty() && !name.contains('/')).then_some(())?;
    Some((number.parse().ok()?, name.to_owned()))
}

/// The embedded pack knows no modes, so content decides, and patterns in `pack.yml`.
fn is_executable(patterns: &[Pattern], path: &str, bytes: &[u8]) -> bool {
    bytes.starts_with(b"#!") || patterns.iter().any(|pattern| pattern.matches(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_sorted_by_number_and_not_by_letter() {
        let mut keys: Vec<_> = ["10-b.md", "9-a.md", "010-a.md"].map(section_key).into();
        keys.sort();
        let names: Vec<String> = keys.into_iter().map(|key| key.unwrap().1).collect();
        assert_eq!(names, ["9-a.md", "010-a.md", "10-b.md"]);
        for wrong in ["start.md", "a-start.md", "10-", "10-a/b.md"] {
            assert_eq!(section_key(wrong), None, "{wrong}");
        }
    }
}
