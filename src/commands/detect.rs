//! What a folder holds already, as proposed answers. The wizard shows each with the file that it comes from.

use crate::answers::{Given, PROJECT_TYPE, Raw, Source};
use crate::error::{Code, Place};
use crate::pack::Catalog;
use crate::pack::overlay::Detect;
use crate::pack::value;
use crate::system::folder::{Folder, Kind};
use crate::system::read;
use std::path::Path;

/// A larger file is not looked at.
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
    let Some(pattern) = &evidence.holds else {
        let seen = Folder::open(destination).and_then(|folder| folder.see(&evidence.file));
        return seen.is_ok_and(|seen| seen.is_some_and(|seen| seen.kind == Kind::File));
    };
    let Ok(Some(bytes)) = read::below(destination, &evidence.file, MOST_BYTES) else {
        return false;
    };
    let Ok(text) = read::text(&evidence.file, &bytes, Code::BadConfig) else { return false };
    value::regex(pattern).is_ok_and(|pattern| pattern.is_match(text))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::formats::yaml;

    #[test]
    fn evidence_is_a_regular_file_and_nothing_is_seen_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let destination = folder.path().join("d");
        std::fs::create_dir_all(destination.join("folder")).unwrap();
        std::fs::write(folder.path().join("secret"), "key = 1").unwrap();
        std::fs::write(destination.join("file"), "key = 1").unwrap();
        std::os::unix::fs::symlink("../secret", destination.join("link")).unwrap();
        std::os::unix::fs::symlink("..", destination.join("up")).unwrap();
        let seen = |file: &str, holds: &str| {
            let text = format!("{{file: {file}{holds}}}");
            is_there(&destination, &yaml::parse("d.yml", &text, Code::BadPack).unwrap())
        };
        for holds in ["", ", holds: 'key = '"] {
            assert!(seen("file", holds));
            for other in ["link", "up/secret", "folder", "nothing"] {
                assert!(!seen(other, holds), "{other}");
            }
        }
        assert!(!seen("file", ", holds: 'key = 2'"));
    }
}
