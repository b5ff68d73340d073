//! The `config.yml` of a cloned repository: read, answered from, and written again it says the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scaffold::answers::{self, Inputs, Source};
use scaffold::pack::Catalog;
use scaffold::answers::config;
use std::sync::LazyLock;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::builtin().expect("the built-in pack is right"));

fuzz_target!(|text: &str| {
    let Ok(read) = config::read("config.yml", text, Source::Previous, &CATALOG) else { return };
    let inputs = Inputs { given: read.given, auto: true, ..Inputs::default() };
    let Ok((project_type, _)) = answers::previous_type(&CATALOG, &inputs) else { return };
    let Ok(found) = answers::resolve(project_type, &inputs) else { return };
    let written = config::write(project_type, &found, &read.kept);
    let again = config::read("config.yml", &written, Source::Previous, &CATALOG)
        .expect("what is written can be read");
    let inputs = Inputs { given: again.given, auto: true, ..Inputs::default() };
    let twice =
        answers::resolve(project_type, &inputs).expect("what is written answers everything");
    assert_eq!(
        written,
        config::write(project_type, &twice, &again.kept),
        "written twice it is the same"
    );
});
