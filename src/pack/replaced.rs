//! What a later pack changes in an earlier one: an overlay takes the place of another only where it says so, and every
//! such change is told.

use super::catalog::{Catalog, Declared};
use super::origin::Placed;
use super::overlay::Overlay;
use super::source::Pack;
use crate::error::{Code, Problem};
use crate::formats::yaml::steps;
use std::collections::BTreeSet;

/// Refuses overlays of `pack` that replace one of an earlier pack without saying so, or say so and replace none.
pub(super) fn undeclared(earlier: &Declared, here: &Declared) -> Vec<Problem> {
    let problem = |overlay: &Placed<Overlay>| {
        let name = &overlay.name;
        match (earlier.get(name), overlay.replaces) {
            (Some(other), false) => {
                let message = format!("the name `{name}` is taken by `{}`", other.at.file());
                let at = overlay.at.child(steps!["name"]);
                Some(at.problem(Code::BadPack, message).hint(
                    "choose another name, or say `replaces: true` to take the place of that overlay",
                ))
            }
            (None, true) => {
                let message = format!("no earlier pack has an overlay `{name}` to replace");
                let at = overlay.at.child(steps!["replaces"]);
                let problem = at.problem(Code::BadPack, message);
                Some(problem.allowed(name, earlier.keys().map(String::as_str)))
            }
            _ => None,
        }
    };
    here.values().filter_map(problem).collect()
}

/// In words, what later packs replace or extend of earlier ones.
pub(super) fn warnings(catalog: &Catalog, overlays: &Declared) -> Vec<String> {
    let mut told = Vec::new();
    for overlay in overlays.values() {
        let Some((_, pack)) = catalog.pack_of(overlay.at.file()) else { continue };
        let pack = &pack.about.name;
        if overlay.replaces {
            let name = &overlay.name;
            told.push(format!(
                "the pack `{pack}` replaces the overlay `{name}` of an earlier pack"
            ));
        }
        let parent = overlay.extends.as_ref().and_then(|parent| overlays.get(parent));
        let is_of_another = parent.and_then(|parent| catalog.pack_of(parent.at.file()));
        if let (Some(project_type), Some((_, other))) = (&overlay.project_type, is_of_another)
            && parent.is_some_and(|parent| parent.project_type.as_ref() == Some(project_type))
            && other.about.name != *pack
        {
            told.push(format!("the pack `{pack}` extends the type `{project_type}`"));
        }
    }
    for layer in catalog.types().flat_map(|project_type| &project_type.layers) {
        let declared = catalog.pack_of(layer.at.file()).map(|(at, _)| at);
        let Some((pack, _)) = catalog.layer(&layer.path) else { continue };
        let found = catalog.pack_of(&pack.prefix).map(|(at, _)| at);
        let is_in_own = declared.is_some_and(|at| has_layer(&catalog.packs[at], &layer.path));
        if found > declared && is_in_own {
            let (pack, path) = (&pack.about.name, &layer.path);
            let text = format!("the pack `{pack}` replaces the layer `{path}` of an earlier pack");
            if !told.contains(&text) {
                told.push(text);
            }
        }
    }
    told.extend(data_of_packs(catalog));
    told
}

/// Pages and ecosystems are of the last pack that has them; assistants read some of the pages.
fn data_of_packs(catalog: &Catalog) -> Vec<String> {
    let mut told = Vec::new();
    for (folder, what) in [("knowledge/pages", "page"), ("overlays/ecosystems", "ecosystem")] {
        for (at, pack) in catalog.packs.iter().enumerate() {
            let name = |path: &str| path.split(['/', '.']).next().unwrap_or_default().to_owned();
            let names: BTreeSet<String> = pack.below(folder).map(|(path, _)| name(path)).collect();
            let is_taken = |wanted: &String| {
                let earlier = catalog.packs[..at].iter();
                earlier.flat_map(|pack| pack.below(folder)).any(|(path, _)| name(path) == *wanted)
            };
            let pack = &pack.about.name;
            told.extend(names.into_iter().filter(is_taken).map(|name| {
                format!("the pack `{pack}` replaces the {what} `{name}` of an earlier pack")
            }));
        }
    }
    told
}

fn has_layer(pack: &Pack, layer: &str) -> bool {
    pack.names_below(&format!("templates/{layer}")).next().is_some()
}

impl Catalog {
    /// The pack that a file is of, and its place among the packs; the built-in one is the first.
    #[must_use]
    pub fn pack_of(&self, file: &str) -> Option<(usize, &Pack)> {
        let of_file = |(_, pack): &(usize, &Pack)| file.starts_with(&pack.prefix);
        self.packs.iter().enumerate().filter(of_file).max_by_key(|(_, pack)| pack.prefix.len())
    }
}
