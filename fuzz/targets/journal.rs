//! A stage that is found, with any journal: recovery refuses it or ends it, and nothing beside the destination changes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scaffold::write;
use std::fs;
use std::sync::LazyLock;
use tempfile::TempDir;

static ROOT: LazyLock<TempDir> =
    LazyLock::new(|| TempDir::new().expect("a folder for small files"));

fuzz_target!(|bytes: &[u8]| {
    let dest = ROOT.path().join("dest");
    let stage = dest.join(".scaffold/tmp-write");
    let _ = fs::remove_dir_all(&dest);
    for folder in
        [stage.join("tree/a"), stage.join("backup"), dest.join(".git/hooks"), dest.join("b")]
    {
        fs::create_dir_all(folder).expect("a folder");
    }
    for file in ["tree/a/x", "tree/y", "backup/config.yml", "lock"] {
        fs::write(stage.join(file), "x").expect("a file");
    }
    fs::write(dest.join("b/mine"), "mine").expect("a file");
    fs::write(stage.join("commit"), bytes).expect("a file");
    let _ = write::recover(&dest);
    assert_eq!(
        fs::read_dir(ROOT.path()).expect("a folder").count(),
        1,
        "something beside the destination"
    );
    assert_eq!(fs::read_dir(dest.join(".git/hooks")).expect("a folder").count(), 0, "a hook");
    assert_eq!(
        fs::read(dest.join("b/mine")).ok().as_deref(),
        Some(&b"mine"[..]),
        "a file of the user"
    );
});
