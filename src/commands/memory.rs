//! What a repository is given to remember: its lock and its pristine copy.

use super::location::{Location, Target};
use crate::keep::lock::{self, Entry, Lock, PackLine};
use crate::keep::pristine;
use crate::pack::{Catalog, Pack};
use crate::tree::File;

/// The target with its memory.
#[must_use]
pub fn remembered(location: &Location, catalog: &Catalog, mut target: Target) -> Target {
    let seen = |file: &File| (location.seen(&target.root, &file.path), Entry::of(file));
    let lock = Lock {
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        packs: catalog.packs.iter().map(line).collect(),
        files: target.files.iter().map(seen).collect(),
        joined: Vec::new(),
    };
    let lock = File {
        path: lock::PATH.to_owned(),
        bytes: lock.text().into(),
        executable: false,
        layers: Vec::new(),
    };
    let project = location.project(&target);
    let memory = pristine::objects(&target.files).into_iter().chain([lock]);
    let placed = memory.map(|file| File { path: format!("{project}{}", file.path), ..file });
    target.files.extend(placed.collect::<Vec<_>>());
    target
}

fn line(pack: &Pack) -> PackLine {
    let (source, digest) =
        if pack.is_builtin() { ("built-in", "-".to_owned()) } else { ("folder", pack.digest()) };
    PackLine {
        name: pack.about.name.clone(),
        version: pack.about.version.clone(),
        source: source.to_owned(),
        digest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::digest;

    /// Of a folder pack and of the built-in one the same content is one object.
    #[test]
    fn what_the_build_has_packed_is_what_would_be_packed_now() {
        let pack = Pack::builtin().unwrap();
        let mut count = 0;
        for (path, bytes) in pack.below("templates") {
            let file = pack.bytes_of(&format!("templates/{path}"));
            let Some(built) = file.packed() else { continue };
            count += 1;
            assert_eq!(file.digest(), digest(bytes), "{path}");
            assert!(built == pristine::packed(bytes), "{path}");
        }
        assert!(count > 100, "{count}");
    }
}
