//! A folder as a value, so that two moments of it can be compared; and a copy of a folder as it is.
#![allow(dead_code)] // each test file uses its share

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// What is at one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Folder,
    File(Vec<u8>, u32),
    /// Too large to be kept: its size and the time of its last change.
    Large(u64, i64),
    Link(PathBuf),
    Special,
}

/// Paths below a folder, with `/`.
pub type Tree = BTreeMap<String, Node>;

/// Files above this size are compared by size and time.
const MOST_BYTES: u64 = 4 << 20;

/// Everything below `root`, links not followed.
pub fn tree(root: &Path) -> Tree {
    let mut found = Tree::new();
    collect(root, "", &mut found);
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Tree) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let node = node(&entry.path());
        if node == Node::Folder {
            collect(&entry.path(), &format!("{path}/"), found);
        }
        found.insert(path, node);
    }
}

/// What is at `path` itself.
pub fn node(path: &Path) -> Node {
    let Ok(meta) = path.symlink_metadata() else { return Node::Special };
    if meta.is_dir() {
        Node::Folder
    } else if meta.is_symlink() {
        Node::Link(fs::read_link(path).unwrap_or_default())
    } else if !meta.is_file() {
        Node::Special
    } else if meta.len() > MOST_BYTES {
        Node::Large(meta.len(), meta.mtime())
    } else {
        Node::File(fs::read(path).unwrap_or_default(), meta.mode() & 0o777)
    }
}

/// The paths that differ, each with what happened to it.
pub fn differences(before: &Tree, after: &Tree) -> Vec<String> {
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let told = |path: &String| match (before.get(path), after.get(path)) {
        (None, Some(Node::Folder)) => Some(format!("+{path}/")),
        (None, Some(_)) => Some(format!("+{path}")),
        (Some(_), None) => Some(format!("-{path}")),
        (Some(old), Some(new)) if old != new => Some(format!("~{path}")),
        _ => None,
    };
    paths.into_iter().filter_map(told).collect()
}

/// Whether any file holds exactly these bytes.
pub fn holds(tree: &Tree, bytes: &[u8]) -> bool {
    tree.values().any(|node| matches!(node, Node::File(found, _) if found == bytes))
}

/// Copies a folder with modes and links.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&source, &target);
        } else if kind.is_symlink() {
            symlink(fs::read_link(&source).unwrap(), &target).unwrap();
        } else if kind.is_fifo() || kind.is_socket() {
            // Made anew by whoever needs one.
        } else {
            fs::copy(&source, &target).unwrap();
        }
    }
    let mode = fs::metadata(from).unwrap().permissions().mode();
    fs::set_permissions(to, fs::Permissions::from_mode(mode)).unwrap();
}
