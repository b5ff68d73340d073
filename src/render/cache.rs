//! What was rendered, by its sources and the values that they read: thousands of trees of one pack hold few files.

use super::contributions::Target;
use super::template;
use crate::error::Result;
use crate::pack::Catalog;
use crate::pack::expression::{Datum, Scope};
use crate::tree::{Bytes, File};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Keeps files between the renderings of plans of one catalog.
pub struct Cache<'c> {
    /// Sources are known by their addresses, which hold as long as this does.
    catalog: &'c Catalog,
    reads: RefCell<HashMap<(usize, usize), Reads>>,
    files: RefCell<HashMap<Key, File>>,
    pages: RefCell<HashMap<String, Vec<Bytes>>>,
    texts: RefCell<HashMap<PageKey, String>>,
}

/// The address of the template of a page, and the names and values that it reads.
type PageKey = (usize, Vec<u8>);

/// What a template reads; `None` if it cannot be parsed, and then nothing that it is part of is kept.
type Reads = Option<Rc<[String]>>;

/// All that a file depends on.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Key {
    path: String,
    /// The address of each layer, and where its text begins and how long it is.
    sources: Vec<(usize, usize, usize)>,
    /// Names and values that they read.
    values: Vec<u8>,
}

impl<'c> Cache<'c> {
    /// Nothing is kept yet.
    #[must_use]
    pub fn of(catalog: &'c Catalog) -> Self {
        let (reads, files) = (RefCell::default(), RefCell::default());
        Self { catalog, reads, files, pages: RefCell::default(), texts: RefCell::default() }
    }

    /// What the file depends on; `None` if that cannot be told.
    pub(super) fn key(&self, path: &str, target: &Target, scope: &Scope) -> Option<Key> {
        let mut key = Key { path: path.to_owned(), sources: Vec::new(), values: Vec::new() };
        for (name, sources) in target.named() {
            for source in sources {
                let (start, length) = (source.bytes.as_ptr().addr(), source.bytes.len());
                key.sources.push((std::ptr::from_ref(source.layer).addr(), start, length));
                key.values.extend(name.as_bytes());
                key.values.push(0);
                if source.is_template {
                    for name in &*self.reads(source.bytes)? {
                        write(found(name, scope), &mut key.values);
                    }
                }
            }
        }
        Some(key)
    }

    fn reads(&self, text: &[u8]) -> Reads {
        let address = (text.as_ptr().addr(), text.len());
        let read = || {
            let text = std::str::from_utf8(text).ok()?;
            Some(template::variables("", text).ok()?.into_iter().collect())
        };
        self.reads.borrow_mut().entry(address).or_insert_with(read).clone()
    }

    /// Whether it was made for this catalog, of which alone it may be asked.
    pub(super) fn is_of(&self, catalog: &Catalog) -> bool {
        std::ptr::eq(self.catalog, catalog)
    }

    pub(super) fn get(&self, key: &Key) -> Option<File> {
        self.files.borrow().get(key).cloned()
    }

    pub(super) fn keep(&self, key: Key, file: &File) {
        self.files.borrow_mut().insert(key, file.clone());
    }

    /// The text of a page of the catalog, made only if none was made of the same values; `data` comes before `scope`.
    pub(super) fn page(
        &self,
        template: &[u8],
        [data, scope]: [&Scope; 2],
        make: impl FnOnce() -> Result<String>,
    ) -> Result<String> {
        let Some(names) = self.reads(template) else { return make() };
        let mut values = Vec::new();
        names.iter().for_each(|name| {
            write(found(name, data).or_else(|| found(name, scope)), &mut values);
        });
        let key = (template.as_ptr().addr(), values);
        if let Some(text) = self.texts.borrow().get(&key) {
            return Ok(text.clone());
        }
        let text = make()?;
        self.texts.borrow_mut().insert(key, text.clone());
        Ok(text)
    }

    /// The same file with the bytes of an equal one, so that both are known to be equal.
    pub(super) fn shared(&self, file: File) -> File {
        let mut pages = self.pages.borrow_mut();
        let known = pages.entry(file.path.clone()).or_default();
        if let Some(bytes) = known.iter().find(|known| **known == file.bytes) {
            return File { bytes: bytes.clone(), ..file };
        }
        known.push(file.bytes.clone());
        file
    }
}

/// What a name such as `project.name` stands for, or the last part of the way to it that is no map.
fn found<'s>(name: &str, scope: &'s Scope) -> Option<&'s Datum> {
    let mut parts = name.split('.');
    let mut datum = scope.get(parts.next()?)?;
    for part in parts {
        let Datum::Map(fields) = datum else { break };
        datum = fields.get(part)?;
    }
    Some(datum)
}

/// Writes a value so that no two have the same bytes.
fn write(datum: Option<&Datum>, out: &mut Vec<u8>) {
    let mut text = |tag: u8, text: &str| {
        out.push(tag);
        out.extend(text.len().to_le_bytes());
        out.extend(text.as_bytes());
    };
    match datum {
        None => out.push(0),
        Some(Datum::None) => out.push(1),
        Some(Datum::Bool(value)) => out.push(2 + u8::from(*value)),
        Some(Datum::Integer(value)) => {
            out.push(4);
            out.extend(value.to_le_bytes());
        }
        Some(Datum::Word(word)) => text(5, word),
        Some(Datum::Free(free)) => text(6, free),
        Some(Datum::List(items)) => {
            out.push(7);
            out.extend(items.len().to_le_bytes());
            for item in items {
                out.extend(item.len().to_le_bytes());
                out.extend(item.as_bytes());
            }
        }
        Some(Datum::Many(items)) => {
            out.push(9);
            out.extend(items.len().to_le_bytes());
            for item in items {
                write(Some(item), out);
            }
        }
        Some(Datum::Map(fields)) => {
            out.push(8);
            out.extend(fields.len().to_le_bytes());
            for (name, datum) in fields {
                out.extend(name.len().to_le_bytes());
                out.extend(name.as_bytes());
                write(Some(datum), out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn different_values_have_different_bytes() {
        let word = |text: &str| Datum::Word(text.to_owned());
        let list =
            |items: &[&str]| Datum::List(items.iter().map(|item| (*item).to_owned()).collect());
        let map = |name: &str, datum| Datum::Map(Scope::from([(name.to_owned(), datum)]));
        let all = [
            Datum::None,
            Datum::Bool(false),
            Datum::Bool(true),
            Datum::Integer(1),
            word("1"),
            Datum::Free("1".to_owned()),
            list(&["a", "b"]),
            list(&["ab"]),
            list(&[]),
            map("a", word("b")),
            map("a", map("b", Datum::None)),
        ];
        let mut seen = HashSet::from([vec![0]]);
        for datum in &all {
            let mut bytes = Vec::new();
            write(Some(datum), &mut bytes);
            assert!(seen.insert(bytes), "{datum:?}");
        }
    }

    #[test]
    fn a_name_is_found_as_far_as_its_way_goes() {
        let scope = Scope::from([(
            "project".to_owned(),
            Datum::Map(Scope::from([("name".to_owned(), Datum::Word("x".to_owned()))])),
        )]);
        assert_eq!(found("project.name", &scope), Some(&Datum::Word("x".to_owned())));
        assert_eq!(found("project.name.first", &scope), Some(&Datum::Word("x".to_owned())));
        assert_eq!(found("project", &scope), scope.get("project"));
        assert_eq!(found("project.nmae", &scope), None);
    }
}
