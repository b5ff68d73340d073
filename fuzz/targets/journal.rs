//! The journal of a stage that counts as ours, with any content: recovery refuses it or follows it, and nothing beside the
//! destination, in `.git` or of the user changes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scaffold::tree::digest;
use scaffold::write::{self, Journal};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

static ROOT: LazyLock<TempDir> = LazyLock::new(|| {
    let root = TempDir::new().expect("a folder for small files");
    // SAFETY: nothing else runs yet.
    unsafe { std::env::set_var("XDG_STATE_HOME", root.path().join("state")) };
    root
});

fuzz_target!(|bytes: &[u8]| {
    let _ = Journal::parse(bytes);
    let dest = ROOT.path().join("dest");
    let stage = dest.join(".scaffold/tmp-write");
    let _ = fs::remove_dir_all(&dest);
    for folder in
        [stage.join("tree/a"), stage.join("replaced"), dest.join(".git/hooks"), dest.join("b")]
    {
        fs::create_dir_all(folder).expect("a folder");
    }
    for file in ["tree/a/x", "tree/y", "replaced/0", "lock"] {
        fs::write(stage.join(file), "x").expect("a file");
    }
    fs::write(dest.join("b/mine"), "mine").expect("a file");
    fs::write(stage.join("commit"), bytes).expect("a file");
    fs::set_permissions(&stage, fs::Permissions::from_mode(0o700)).expect("a mode");
    record(&stage, bytes);
    let _ = write::recover(&dest);
    let mut beside: Vec<_> = fs::read_dir(ROOT.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    beside.sort();
    assert_eq!(beside, ["dest", "state"], "something beside the destination");
    assert_eq!(fs::read_dir(dest.join(".git/hooks")).expect("a folder").count(), 0, "a hook");
    assert!(holds(&dest, b"mine"), "a file of the user is gone");
});

/// What a run of this user writes down about its stage once it has decided.
fn record(stage: &Path, journal: &[u8]) {
    let about = stage.metadata().expect("a folder");
    let path = stage.to_str().expect("Unicode");
    let runs = ROOT.path().join("state/scaffold/runs");
    let _ = fs::remove_dir_all(&runs);
    fs::create_dir_all(&runs).expect("a folder");
    let name = format!("{}-{}-{}", about.dev(), about.ino(), &digest(path.as_bytes())[..16]);
    fs::write(runs.join(name), format!("{}\n{path}", digest(journal))).expect("a file");
}

/// Whether a file with this content is anywhere below; what a journal removes is only what it has the digest of.
fn holds(folder: &Path, content: &[u8]) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let path = entry.path();
            if path.is_dir() {
                holds(&path, content)
            } else {
                fs::read(&path).is_ok_and(|found| found == content)
            }
        })
    })
}
