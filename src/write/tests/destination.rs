//! Tests of where a destination may be.

use super::{codes, file, put, temporary, tree, write};
use crate::write::{OnConflict, recover};

#[test]
fn parents_are_removed_again_where_it_fails() {
    let folder = temporary();
    let dest = folder.path().join("a/b/demo");
    let error = write(&dest, &[file("x", "1"), file("x/y", "2")], OnConflict::Fail).unwrap_err();
    assert_eq!(codes(&error), ["conflict"]);
    assert!(tree(folder.path()).is_empty());
}

#[test]
fn a_later_file_that_cannot_be_written_undoes_the_earlier_ones() {
    let folder = temporary();
    put(folder.path(), &[("mine", "1")]);
    let before = tree(folder.path());
    let files = [file("ok", "1"), file("mine", "2"), file("x", "1"), file("x/y", "2")];
    let error = write(folder.path(), &files, OnConflict::Overwrite).unwrap_err();
    assert_eq!(codes(&error), ["conflict"]);
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn a_file_named_as_our_folder_is_a_conflict() {
    let folder = temporary();
    put(folder.path(), &[(".scaffold", "mine")]);
    assert_eq!(codes(&recover(folder.path()).unwrap_err()), ["conflict"]);
    let files = [file(".scaffold/config.yml", "1")];
    let error = write(folder.path(), &files, OnConflict::Overwrite).unwrap_err();
    assert_eq!(codes(&error), ["conflict"]);
}
