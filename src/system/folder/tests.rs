//! Tests of an open folder.

use super::*;

fn temporary() -> (tempfile::TempDir, Folder) {
    let folder = tempfile::tempdir().unwrap();
    let open = Folder::open(folder.path()).unwrap();
    (folder, open)
}

#[test]
fn files_are_written_and_read_below_a_folder() {
    let (_keep, folder) = temporary();
    folder.create("a/b/c.txt", b"hello", Access::Shared { executable: false }).unwrap();
    assert_eq!(folder.read("a/b/c.txt", 5).unwrap().as_deref(), Some(&b"hello"[..]));
    assert_eq!(folder.read("a/x/c.txt", 5).unwrap(), None);
    let error = folder.read("a/b/c.txt", 4).unwrap_err();
    assert_eq!(error.problems[0].code, Code::Limit);
    assert!(folder.create("a/b/c.txt", b"", Access::Private).is_err());
    for path in ["../x", "a//b", "", ".", "a/.."] {
        assert_eq!(folder.read(path, 5).unwrap_err().problems[0].code, Code::BadPath);
    }
}

#[test]
fn what_is_placed_replaces_nothing() {
    let (_keep, folder) = temporary();
    let shared = Access::Shared { executable: false };
    folder.create("new/a", b"new", shared).unwrap();
    folder.create("a", b"old", shared).unwrap();
    assert!(!folder.place("new/a", &folder, "a").unwrap());
    assert!(folder.place("new/a", &folder, "deep/a").unwrap());
    folder.make("x/empty").unwrap();
    assert!(!folder.place("deep", &folder, "x/empty").unwrap());
    assert_eq!(folder.read("a", 9).unwrap().as_deref(), Some(&b"old"[..]));
    assert_eq!(folder.names().unwrap(), ["a", "deep", "new", "x"]);
}

#[cfg(unix)]
#[test]
fn nothing_is_read_written_or_removed_through_a_link() {
    let (keep, folder) = temporary();
    std::fs::create_dir(keep.path().join("outside")).unwrap();
    std::fs::write(keep.path().join("outside/secret"), "s").unwrap();
    folder.make("in").unwrap();
    std::os::unix::fs::symlink("../outside", keep.path().join("in/link")).unwrap();
    std::os::unix::fs::symlink("../outside/secret", keep.path().join("in/file")).unwrap();
    for path in ["in/link/secret", "in/file", "in/link"] {
        assert_eq!(folder.read(path, 9).unwrap_err().problems[0].code, Code::BadPath, "{path}");
    }
    assert!(folder.create("in/link/new", b"", Access::Private).is_err());
    folder.remove("in").unwrap();
    assert_eq!(folder.read("outside/secret", 9).unwrap().as_deref(), Some(&b"s"[..]));
    assert!(folder.see("in").unwrap().is_none());
}

#[test]
fn a_series_writes_each_file_where_its_path_says() {
    let (_keep, folder) = temporary();
    let shared = Access::Shared { executable: false };
    let mut series = Series::below(&folder);
    for path in ["a/b/1", "a/b/2", "3", "a/4", "a/b/5", "c/6"] {
        series.create(path, path.as_bytes(), shared).unwrap();
    }
    for path in ["a/b/1", "a/b/2", "3", "a/4", "a/b/5", "c/6"] {
        assert_eq!(folder.read(path, 9).unwrap().as_deref(), Some(path.as_bytes()), "{path}");
    }
    assert!(series.create("c/6", b"", shared).is_err());
}
