//! A knowledge document of a cloned repository, and a step of a pack of others.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scaffold::pack::Catalog;
use scaffold::pack::{About, Pack};
use scaffold::prove::documents::check;
use scaffold::knowledge::{DocumentFront, Library, StepFront, document, search};
use std::borrow::Cow;
use std::collections::BTreeMap;

fuzz_target!(|bytes: &[u8]| {
    let _ = document::parse::<DocumentFront>("evil.md", bytes);
    let _ = document::parse::<StepFront>("steps/evil.md", bytes);
    let about = About {
        format: None,
        name: "fuzz".to_owned(),
        version: "1".to_owned(),
        description: "Fuzz".to_owned(),
        executable: Vec::new(),
    };
    let step = ("knowledge/steps/evil.md".to_owned(), Cow::Owned(bytes.to_vec()));
    let pack = Pack { about, prefix: "fuzz/".to_owned(), files: BTreeMap::from([step]) };
    let Ok(catalog) = Catalog::of(vec![pack]) else { return };
    let own = BTreeMap::from([(".scaffold/knowledge/evil.md".to_owned(), bytes.to_vec())]);
    let Ok(library) = Library::of(&catalog, &own) else { return };
    let _ = search::search(&library, &["a".to_owned()]);
    let _ = check(&library, "2026-01-01", &|_| None);
});
