//! Many files of one folder: it is opened once, and not once for each of them.

use super::{Access, Folder, split};
use crate::error::Result;
use std::fs::File;

/// Writes files one after another. The folder of the last one stays open: thousands of files lie in few folders.
#[derive(Debug)]
pub struct Series<'f> {
    root: &'f Folder,
    last: Option<(String, Folder)>,
}

impl<'f> Series<'f> {
    /// Files below `root`.
    #[must_use]
    pub fn below(root: &'f Folder) -> Self {
        Self { root, last: None }
    }

    /// As [`Folder::create`].
    ///
    /// # Errors
    /// As [`Folder::create`].
    pub fn create(&mut self, path: &str, bytes: &[u8], access: Access) -> Result<File> {
        let (above, name) = split(path);
        if above.is_empty() {
            return self.root.create(name, bytes, access);
        }
        let known = self.last.take().filter(|(path, _)| path == above);
        let (path, folder) = match known {
            Some(known) => known,
            None => (above.to_owned(), self.root.make(above)?),
        };
        let (_, folder) = self.last.insert((path, folder));
        folder.create(name, bytes, access)
    }
}
