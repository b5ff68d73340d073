//! A template of a pack of others, as the content of files of several types.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scaffold::pack::expression::{Datum, Scope};
use scaffold::render::template::{self, MOST_BYTES, Renderer};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static SCOPE: LazyLock<Scope> = LazyLock::new(|| {
    let project = BTreeMap::from([
        ("slug".to_owned(), Datum::Word("demo".to_owned())),
        ("name".to_owned(), Datum::Free("de\"mo'\\ $x".to_owned())),
    ]);
    Scope::from([
        ("color".to_owned(), Datum::Word("red".to_owned())),
        ("count".to_owned(), Datum::Integer(3)),
        ("loud".to_owned(), Datum::Bool(true)),
        ("none".to_owned(), Datum::None),
        ("words".to_owned(), Datum::List(vec!["a".to_owned(), "b".to_owned()])),
        ("project".to_owned(), Datum::Map(project)),
    ])
});

fuzz_target!(|text: &str| {
    let renderer = Renderer::new(&SCOPE);
    for path in ["a.md", "a.toml", "a.sh", "a.py"] {
        let parts = BTreeMap::from([("more".to_owned(), vec!["part\n".to_owned()])]);
        if let Ok(rendered) = renderer.render(path, text, Some(parts)) {
            assert!(rendered.text.len() <= MOST_BYTES, "beyond the limit");
        }
    }
    let _ = renderer.inline(text);
    let _ = template::variables("a.md", text);
});
