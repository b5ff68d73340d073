//! A knowledge document or a step of a cloned repository.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scaffold::catalog::Catalog;
use scaffold::knowledge::check::check;
use scaffold::knowledge::{DocumentFront, Library, StepFront, document, search};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::of(Vec::new()).expect("nothing is right"));

fuzz_target!(|bytes: &[u8]| {
    let _ = document::parse::<DocumentFront>("evil.md", bytes);
    let _ = document::parse::<StepFront>("steps/evil.md", bytes);
    for path in [".scaffold/knowledge/evil.md", ".scaffold/knowledge/steps/evil.md"] {
        let own = BTreeMap::from([(path.to_owned(), bytes.to_vec())]);
        let Ok(library) = Library::of(&CATALOG, &own) else { continue };
        let _ = search::search(&library, &["a".to_owned()]);
        let _ = check(&library, "2026-01-01", &|_| None);
    }
});
