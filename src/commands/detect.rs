//! What a folder holds already, as proposed answers. The wizard shows each with the file that it comes from.

use crate::answers::{Given, PROJECT_TYPE, Raw, Source};
use crate::catalog::Catalog;
use crate::catalog::overlay::Detect;
use crate::error::Place;
use std::io::Read;
use std::path::Path;

/// No file is looked at further.
const MOST_BYTES: u64 = 1 << 18;

/// Proposed answers, those of the first evidence first. What cannot be read proposes nothing.
#[must_use]
pub fn detect(destination: &Path, catalog: &Catalog) -> Vec<Given> {
    let mut given = Vec::new();
    for project_type in catalog.types() {
        for evidence in
            project_type.detect.iter().filter(|evidence| is_there(destination, evidence))
        {
            let place = Place::Path { file: evidence.file.clone() };
            let mut propose = |field: String, raw: Raw| {
                let place = place.clone();
                given.push(Given { field, raw, source: Source::Detected, place, locked: false });
            };
            propose(PROJECT_TYPE.to_owned(), Raw::Word(project_type.name.clone()));
            for (id, value) in &evidence.answers.0 {
                let field = format!("{}.{id}", project_type.config_key);
                propose(field, Raw::Typed(value.clone()));
            }
        }
    }
    given
}

fn is_there(destination: &Path, evidence: &Detect) -> bool {
    let path = destination.join(&evidence.file);
    let Some(pattern) = &evidence.holds else { return path.exists() };
    let Ok(file) = std::fs::File::open(path) else { return false };
    let mut bytes = Vec::new();
    if file.take(MOST_BYTES).read_to_end(&mut bytes).is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&bytes);
    regex_lite::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(&text))
}
