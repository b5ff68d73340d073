//! An overlay of a pack of others: whatever it says, it is taken or refused with a place; taken, its questions can be
//! answered.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scaffold::answers::{self, Inputs};
use scaffold::pack::Catalog;
use scaffold::pack::{About, Pack};
use std::borrow::Cow;
use std::collections::BTreeMap;

fuzz_target!(|text: &str| {
    let about = About {
        format: None,
        name: "fuzz".to_owned(),
        version: "1".to_owned(),
        description: "Fuzz".to_owned(),
        executable: Vec::new(),
    };
    let mut files: BTreeMap<String, Cow<'static, [u8]>> = BTreeMap::new();
    let mut put = |path: &str, text: &str| {
        files.insert(path.to_owned(), Cow::Owned(text.as_bytes().to_vec()))
    };
    put("pack.yml", "name: fuzz\nversion: '1'\ndescription: Fuzz\n");
    put("overlays/fuzz.yml", text);
    put("templates/fuzz/base/README.md.jinja", "# {{ project.slug }}\n");
    let pack = Pack { about, prefix: "fuzz/".to_owned(), files };
    let Ok(catalog) = Catalog::of(vec![pack]) else { return };
    for project_type in catalog.types() {
        let inputs = Inputs { auto: true, ..Inputs::default() };
        let _ = answers::resolve(project_type, &inputs);
    }
});
