//! Answers as words of flags and as a file: `field=value` lines, then, after an empty line, an answers file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scaffold::answers::{self, Given, Inputs, Raw, Source};
use scaffold::pack::Catalog;
use scaffold::answers::config;
use scaffold::error::Place;
use std::sync::LazyLock;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::builtin().expect("the built-in pack is right"));

fuzz_target!(|text: &str| {
    let (words, file) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut given: Vec<Given> = words
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(field, value)| Given {
            field: field.to_owned(),
            raw: Raw::Word(value.to_owned()),
            source: Source::Flag,
            place: Place::Flag { flag: format!("--{field}") },
            locked: false,
        })
        .collect();
    if let Ok(config) = config::read("answers.yml", file, Source::AnswersFile, &CATALOG) {
        given.extend(config.given);
    }
    let inputs = Inputs { given, auto: true, ..Inputs::default() };
    let Ok((project_type, _)) = answers::project_type(&CATALOG, &inputs) else { return };
    if let Ok(found) = answers::resolve(project_type, &inputs) {
        let kept = config::Kept::default();
        let _ = config::write(project_type, &found, &kept);
    }
});
