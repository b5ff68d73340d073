//! Lists: arrays of texts in a TOML or JSON file, by JSON pointer.

use std::path::Path;
use toml_edit::DocumentMut;

/// The texts of the array at a pointer; none if there is no such array or the file cannot be read.
#[must_use]
pub fn strings(file: &str, text: &str, pointer: &str) -> Vec<String> {
    let found = if Path::new(file).extension().is_some_and(|end| end == "toml") {
        of_toml(text, pointer)
    } else {
        of_json(text, pointer)
    };
    found.unwrap_or_default()
}

fn of_toml(text: &str, pointer: &str) -> Option<Vec<String>> {
    let document: DocumentMut = text.parse().ok()?;
    let mut item = document.as_item();
    for key in pointer.split('/').skip(1) {
        item = item.get(key)?;
    }
    Some(item.as_array()?.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
}

fn of_json(text: &str, pointer: &str) -> Option<Vec<String>> {
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    let array = document.pointer(pointer)?.as_array()?;
    Some(array.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
}
