//! What was made of files that many trees share.

use crate::tree::{Bytes, File};
use std::collections::HashMap;
use std::rc::Rc;

/// By path and bytes: trees that were rendered with one cache share most of them.
pub struct Memo<T>(HashMap<(String, usize), (Bytes, Rc<T>)>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Memo<T> {
    /// What was made of the file when it was seen first.
    pub fn of(&mut self, file: &File, make: impl FnOnce() -> T) -> Rc<T> {
        let key = (file.path.clone(), file.bytes.address());
        // The bytes are kept, so that nothing else gets their address.
        Rc::clone(&self.0.entry(key).or_insert_with(|| (file.bytes.clone(), Rc::new(make()))).1)
    }
}

impl Memo<()> {
    /// Whether the file was not seen before.
    pub fn is_new(&mut self, file: &File) -> bool {
        let mut is_new = false;
        self.of(file, || is_new = true);
        is_new
    }
}
