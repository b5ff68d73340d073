//! Layers: folders below `templates/` that no overlay names.

use crate::error::{Code, Problem};
use crate::pack::{Catalog, Pack};
use std::collections::{BTreeMap, BTreeSet};

/// Folders below `templates/` that no overlay names.
pub(super) fn unused(catalog: &Catalog, pack: &Pack) -> Vec<Problem> {
    let used: BTreeSet<&str> =
        catalog.types().flat_map(|t| &t.layers).map(|layer| layer.path.as_str()).collect();
    let mut folders = BTreeMap::new();
    for (file, _) in pack.below("templates") {
        if !used
            .iter()
            .any(|layer| file.strip_prefix(layer).is_some_and(|rest| rest.starts_with('/')))
        {
            let parts: Vec<&str> = file.split('/').collect();
            let depth = parts.len().saturating_sub(1).clamp(1, 2);
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
