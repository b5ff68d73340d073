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
use crate::render::Cache;

/// How many other places of a finding are named.
const MOST_PLACES: usize = 5;

/// All findings about the last pack of the catalog and the types that it makes, but for those that the pack allows.
/// `faults` are what reading the catalog has found: they come first, and what follows from them is not reported.
#[must_use]
pub fn lint(catalog: &Catalog, mut faults: Vec<Problem>) -> Vec<Problem> {
    let found = catalog.packs.last().map(|pack| found(catalog, pack, &faults));
    faults.extend(found.into_iter().flatten());
    once_for_each_cause(faults)
}

fn found(catalog: &Catalog, pack: &Pack, faults: &[Problem]) -> Vec<Problem> {
    let (mut allowed, mut findings) = Allowed::of(pack);
    let are_sound = !faults.iter().any(|fault| is_of(fault, pack, "overlays/"));
    // Layers of an overlay that was not understood are not known.
    if are_sound {
        findings.extend(layers::unused(catalog, pack));
    }
    let types: Vec<&ProjectType> =
        catalog.types_of_last().into_iter().filter(|one| is_sound(one, faults)).collect();
    findings.extend(of_expressions(pack, &types));
    let library = LazyLibrary::of(catalog);
    match library.get() {
        Ok(library) => {
            findings.extend(types.iter().flat_map(|one| library::unresolved(library, one)));
        }
        Err(error) => findings.extend(error.problems),
    }
    findings.extend(names::of(catalog, &types));
    let all_render = add_failing(catalog, &types, &library, &mut allowed, &mut findings);
    findings.retain(|finding| !allowed.allows_of_pack(finding));
    // What was not looked at may need an allowance.
    if are_sound {
        findings.extend(allowed.unused(all_render));
    }
    findings
}

/// What is wrong with the expressions of the pack's own overlays. Those that a type inherits from another pack may go
/// beyond what the type still offers, and are not its author's to fix.
fn of_expressions(pack: &Pack, types: &[&ProjectType]) -> Vec<Problem> {
    let all = types.iter().flat_map(|one| {
        choices::unknown(one).into_iter().chain(reach::of(one)).chain(defaults::of(one))
    });
    all.filter(|finding| is_of(finding, pack, "")).collect()
}

/// Adds what is wrong with generated trees; whether all of them could be generated.
fn add_failing(
    catalog: &Catalog,
    types: &[&ProjectType],
    library: &LazyLibrary,
    allowed: &mut Allowed,
    findings: &mut Vec<Problem>,
) -> bool {
    let mut all_render = true;
    let cache = Cache::of(catalog);
    for project_type in types {
        for fault in
            trees::configurations_that_fail(catalog, project_type, library, &cache, allowed)
        {
            all_render &= fault.code == Code::Unparsed;
            // A fault that was found in the pack's text would be told again for each tree that it spoils.
            if !findings.iter().any(|other| other.place == fault.place) {
                findings.push(fault);
            }
        }
    }
    all_render
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

/// What is wrong in one place is told once, whichever check saw it; so is a word that is wrong in several places of a
/// file, with the others.
fn once_for_each_cause(findings: Vec<Problem>) -> Vec<Problem> {
    let mut unique: Vec<(Problem, Vec<String>)> = Vec::new();
    for finding in findings {
        let here = |(other, _): &(Problem, _)| {
            other.place == finding.place
                && (other.code == finding.code || other.message == finding.message)
        };
        if unique.iter().any(here) {
            continue;
        }
        match unique.iter_mut().find(|(other, _)| is_same_cause(other, &finding)) {
            Some((_, places)) => places.extend(line_of(&finding)),
            None => unique.push((finding, Vec::new())),
        }
    }
    unique.into_iter().map(|(finding, places)| with_places(finding, &places)).collect()
}

fn is_same_cause(one: &Problem, other: &Problem) -> bool {
    // Without a word in backticks two messages may be alike and mean different things.
    one.message == other.message
        && one.message.contains('`')
        && one.code == other.code
        && file_of(one).is_some()
        && file_of(one) == file_of(other)
}

fn line_of(problem: &Problem) -> Option<String> {
    match &problem.place {
        Some(Place::File { line, column, .. }) => Some(format!("{line}:{column}")),
        _ => None,
    }
}

fn with_places(finding: Problem, places: &[String]) -> Problem {
    if places.is_empty() {
        return finding;
    }
    let named = places[..places.len().min(MOST_PLACES)].join(", ");
    let more = places.len().saturating_sub(MOST_PLACES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let hint = finding.hint.clone().map_or(String::new(), |hint| format!("{hint}; "));
    finding.hint(format!("{hint}the same at {named}{more}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_type_inherits_of_another_pack_is_not_its_authors_to_fix() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        std::fs::create_dir(folder.path().join("overlays")).unwrap();
        write("pack.yml", "name: p\nversion: '1'\ndescription: P\n");
        let overlay = "name: ours\ndescription: O\nproject-type: ml\nextends: ml\nquestions:\n\
            - {id: servingPattern, flag: ml-serving, ask: S, kind: choice, default: none,\n\
            \x20  choices: {none: N, batch: B, realtime: R}}\n\
            notes: [{when: \"servingPattern == 'edge'\", text: small}]\n";
        write("overlays/ours.yml", overlay);
        let packs = vec![Pack::builtin().unwrap(), Pack::read(folder.path()).unwrap()];
        let catalog = Catalog::of(packs).unwrap();
        let types = catalog.types_of_last();
        let found = of_expressions(&catalog.packs[1], &types);
        let codes: Vec<&str> = found.iter().map(|finding| finding.code.name).collect();
        assert_eq!(codes, ["unknown-choice", "unreachable"], "{found:?}");
    }
}
