//! `.scaffold/pristine/`: the files as they were generated, so that an update needs no earlier program, no pack of then and no
//! git. One compressed object for each content, named by its digest and never rewritten: git merges the folder by union.

use super::packer::Packer;
use crate::error::{Code, Problem, Result};
use crate::system::read;
use crate::tree::{Bytes, File, digest};
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// Where the objects lie, relative to the project.
pub const FOLDER: &str = ".scaffold/pristine/";
const SUFFIX: &str = ".z";
/// No generated file is larger, in bytes.
const MOST_BYTES: usize = 64 << 20;

/// The path of the object with this content.
#[must_use]
pub fn path(digest: &str) -> String {
    format!("{FOLDER}{digest}{SUFFIX}")
}

/// Whether a path is that of an object, wherever the project lies.
#[must_use]
pub fn is_object(path: &str) -> bool {
    path.contains(FOLDER) && path.ends_with(SUFFIX)
}

/// The objects of files, each content once, sorted by path.
#[must_use]
pub fn objects(files: &[File]) -> Vec<File> {
    let contents: BTreeMap<&str, &Bytes> =
        files.iter().map(|file| (file.bytes.digest(), &file.bytes)).collect();
    let mut packer = Packer::default();
    let object = |(digest, bytes): (&str, &Bytes)| File {
        path: path(digest),
        bytes: match bytes.packed() {
            Some(built) => Cow::Borrowed(built).into(),
            None => packer.packed(bytes).into(),
        },
        executable: false,
        layers: Vec::new(),
    };
    contents.into_iter().map(object).collect()
}

/// The content with this digest.
///
/// # Errors
/// [`Code::BadConfig`]: there is no such object, or it holds something else.
pub fn content(project: &Path, wanted: &str) -> Result<Vec<u8>> {
    let path = path(wanted);
    let fault = |message: String| {
        Problem::new(Code::BadConfig, message)
            .file(&path)
            .hint("bring the file back from git, or make new ones with `scaffold init --force`")
    };
    let Some(bytes) = read::below(project, &path, MOST_BYTES as u64)? else {
        return Err(
            fault(format!("`{path}` is missing, so that nobody knows what was generated")).into()
        );
    };
    let content = unpacked(&bytes, MOST_BYTES);
    match content.filter(|content| digest(content) == wanted) {
        Some(content) => Ok(content),
        None => Err(fault(format!("`{path}` is damaged")).into()),
    }
}

/// The bytes compressed.
#[must_use]
pub fn packed(bytes: &[u8]) -> Vec<u8> {
    Packer::default().packed(bytes)
}

/// What was compressed; `None` if that is not so, or if it is longer than `most` bytes.
#[must_use]
pub fn unpacked(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    decompress_to_vec_zlib_with_limit(bytes, most).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_read_again_and_a_damaged_one_is_told() {
        let file = |path: &str, text: &str| File {
            path: path.to_owned(),
            bytes: text.to_owned().into(),
            executable: false,
            layers: Vec::new(),
        };
        let objects = objects(&[file("a", "x"), file("b", "x"), file("c", "y")]);
        assert_eq!(objects.len(), 2, "one for each content");
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(FOLDER)).unwrap();
        for object in &objects {
            std::fs::write(folder.path().join(&object.path), &*object.bytes).unwrap();
        }
        let name = digest(b"x");
        assert_eq!(content(folder.path(), &name).unwrap(), b"x");
        std::fs::write(folder.path().join(path(&name)), &*objects[0].bytes).unwrap();
        std::fs::write(folder.path().join(path(&digest(b"y"))), b"rubbish").unwrap();
        let told =
            [digest(b"y"), digest(b"z")].map(|name| content(folder.path(), &name).unwrap_err());
        assert!(told[0].problems[0].message.contains("is damaged"));
        assert!(told[1].problems[0].message.contains("is missing"));
    }
}
