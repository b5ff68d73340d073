//! Library: steps and documents that an overlay names and no pack has.

use crate::error::{Code, Problem};
use crate::formats::yaml::steps;
use crate::knowledge::Library;
use crate::pack::ProjectType;

/// Steps and documents that the overlay names and no pack has.
pub(super) fn unresolved(library: &Library, project_type: &ProjectType) -> Vec<Problem> {
    let (steps, documents) = (&library.steps, &library.documents);
    let mut findings = Vec::new();
    for overrides in &project_type.overrides {
        let maps = [
            ("step-overrides", overrides.steps.0.keys().collect::<Vec<_>>()),
            ("knowledge-overrides", overrides.knowledge.0.keys().collect()),
            ("reads-overrides", overrides.reads.0.keys().collect()),
            ("dependency-overrides", overrides.dependencies.0.keys().collect()),
        ];
        for (map, names) in maps {
            for name in names.into_iter().filter(|name| !steps.contains_key(name.as_str())) {
                let at = overrides.at.child(steps![map, name.as_str()]);
                findings.push(
                    at.problem(Code::UnknownStep, format!("no pack has the step `{name}`"))
                        .allowed(name, steps.keys().cloned()),
                );
            }
        }
        for (step, entries) in &overrides.knowledge.0 {
            for (index, entry) in entries
                .append
                .iter()
                .enumerate()
                .filter(|(_, entry)| !documents.contains_key(&entry.name))
            {
                let at = overrides.at.child(steps![
                    "knowledge-overrides",
                    step.as_str(),
                    "append",
                    index
                ]);
                let message = format!("no pack has the knowledge document `{}`", entry.name);
                findings.push(
                    at.problem(Code::UnknownKnowledge, message)
                        .allowed(&entry.name, documents.keys().cloned()),
                );
            }
        }
    }
    findings
}
