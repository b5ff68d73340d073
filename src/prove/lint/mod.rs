//! Lint: what is wrong, unused or out of reach in a pack, without writing anything.

mod choices;
mod defaults;
mod layers;
mod library;
mod names;
mod reach;
mod scopes;
mod trees;

use crate::error::{Code, Place, Problem};
use crate::knowledge::LazyLibrary;
use crate::pack::{Catalog, Pack, ProjectType};
use crate::prove::allowed::Allowed;

/// All findings about the last pack of the catalog and the types that it makes, but for those that the pack allows.
/// `faults` are what reading the catalog has found: what comes of them is not told again.
#[must_use]
pub fn lint(catalog: &Catalog, faults: &[Problem]) -> Vec<Problem> {
    let Some(pack) = catalog.packs.last() else { return Vec::new() };
    let (mut allowed, mut findings) = Allowed::of(pack);
    let are_sound = !faults.iter().any(|fault| is_of(fault, pack, "overlays/"));
    // Layers of an overlay that was not understood are not known.
    if are_sound {
        findings.extend(layers::unused(catalog, pack));
    }
    let types: Vec<&ProjectType> =
        catalog.types_of_last().into_iter().filter(|one| is_sound(one, faults)).collect();
    findings.extend(types.iter().flat_map(|one| choices::unknown(one)));
    findings.extend(types.iter().flat_map(|one| reach::of(one)));
    findings.extend(types.iter().flat_map(|one| defaults::of(one)));
    let library = LazyLibrary::of(catalog);
    match library.get() {
        Ok(library) => {
            findings.extend(types.iter().flat_map(|one| library::unresolved(library, one)));
        }
        Err(error) => findings.extend(error.problems),
    }
    findings.extend(names::of(catalog, &types));
    let mut all_render = true;
    for project_type in types {
        let failing =
            trees::configurations_that_fail(catalog, project_type, &library, &mut allowed);
        // A fault that was found in the pack's text would be told again for each tree that it spoils.
        for fault in failing {
            all_render &= fault.code == Code::Unparsed;
            if !findings.iter().any(|other| other.place == fault.place) {
                findings.push(fault);
            }
        }
    }
    findings.retain(|finding| !allowed.allows_of_pack(finding));
    // What was not looked at may need an allowance.
    if are_sound {
        findings.extend(allowed.unused(all_render));
    }
    without_repeats(findings)
}

/// Whether no overlay that the type is made of has a fault.
fn is_sound(project_type: &ProjectType, faults: &[Problem]) -> bool {
    let files: Vec<&str> = project_type.overrides.iter().map(|one| one.at.file()).collect();
    !faults.iter().filter_map(file_of).any(|file| files.contains(&file))
}

fn is_of(fault: &Problem, pack: &Pack, folder: &str) -> bool {
    file_of(fault).is_some_and(|file| file.starts_with(&pack.shown(folder)))
}

fn file_of(problem: &Problem) -> Option<&str> {
    match problem.place.as_ref()? {
        Place::File { file, .. } | Place::Path { file } => Some(file),
        Place::Flag { .. } => None,
    }
}

/// What is wrong in the same place is told once, whichever check saw it.
fn without_repeats(findings: Vec<Problem>) -> Vec<Problem> {
    let mut unique: Vec<Problem> = Vec::new();
    for finding in findings {
        if !unique.iter().any(|other| other.place == finding.place && other.code == finding.code) {
            unique.push(finding);
        }
    }
    unique
}
