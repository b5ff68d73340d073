//! Layers: folders below `templates/` that no overlay names.

use crate::error::{Code, Problem};
use crate::pack::{Catalog, Pack};
use std::collections::{BTreeMap, BTreeSet};

/// Folders below `templates/` that no overlay names.
pub(super) fn unused(catalog: &Catalog, pack: &Pack) -> Vec<Problem> {
    let used: BTreeSet<&str> =
        catalog.types().flat_map(|t| &t.layers).map(|layer| layer.path.as_str()).collect();
    let mut folders = BTreeMap::new();
    for file in pack.names_below("templates") {
        if !used
            .iter()
            .any(|layer| file.strip_prefix(layer).is_some_and(|rest| rest.starts_with('/')))
        {
            let parts: Vec<&str> = file.split('/').collect();
            // The folder that is nobody's: above it are some that hold layers.
            let holds_layers = |depth: &usize| {
                let above = parts[..*depth].join("/") + "/";
                used.iter().any(|layer| layer.starts_with(&above))
            };
            let deepest = parts.len().saturating_sub(1).max(1);
            let depth = (2.min(deepest)..deepest).find(|d| !holds_layers(d)).unwrap_or(deepest);
            folders.entry(parts[..depth].join("/")).or_insert(file);
        }
    }
    let finding = |(folder, file): (String, &str)| {
        Problem::new(Code::UnusedLayer, format!("no overlay has the layer `{folder}`"))
            .at(pack.shown(&format!("templates/{file}")), 1, 1)
            .allowed(&folder, used.iter().copied())
            .hint("name it under `layers`, or remove it")
    };
    folders.into_iter().map(finding).collect()
}
