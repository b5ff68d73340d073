//! Tests of everything that works on contents alone.

use super::file;
use crate::tree::{File, digest, digest_of};
use crate::write::gitignore::with_block;
use crate::write::text::with_markers;
use crate::write::unified_diff;
use proptest::prelude::*;

#[test]
fn digests_are_those_of_everybody() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(digest(b""), empty);
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(digest(b"abc"), abc);
}

#[test]
fn the_digest_of_a_tree_covers_paths_contents_and_modes_but_no_order() {
    let (a, b) = (file("a", "1"), file("b", "2"));
    let whole = digest_of(&[a.clone(), b.clone()]);
    assert!(whole.starts_with("sha256:") && whole.len() == 71);
    assert_eq!(whole, digest_of(&[b.clone(), a.clone()]));
    assert_ne!(whole, digest_of(&[file("c", "1"), b.clone()]));
    assert_ne!(whole, digest_of(&[file("a", "2"), b.clone()]));
    assert_ne!(whole, digest_of(&[File { executable: true, ..a.clone() }, b.clone()]));
    assert_eq!(whole, digest_of(&[File { layers: Vec::new(), ..a }, b]));
}

#[test]
fn differences_are_unified_and_binaries_get_a_line() {
    let diff = unified_diff("src/x.py", b"a\nb\n", b"a\nc\n");
    assert_eq!(diff, "--- a/src/x.py\n+++ b/src/x.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
    assert_eq!(unified_diff("x", b"same", b"same"), "");
    assert_eq!(unified_diff("x.png", b"a\0", b"abc"), "binary `x.png` differs (2 → 3 bytes)\n");
    assert_eq!(unified_diff("x.png", b"\xff", b"a").lines().count(), 1);
}

fn merged(before: &str, after: &str) -> Result<String, &'static str> {
    with_markers(before.as_bytes(), after.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn markers_keep_common_lines() {
    let expected = "a\n<<<<<<< yours\nb\n=======\nB\n>>>>>>> scaffold\nc\n";
    assert_eq!(merged("a\nb\nc\n", "a\nB\nc\n").unwrap(), expected);
}

#[test]
fn markers_keep_the_line_endings_of_the_user() {
    let expected = "a\r\n<<<<<<< yours\r\nb\r\n=======\r\nB\r\n>>>>>>> scaffold\r\n";
    assert_eq!(merged("a\r\nb", "a\nB\n").unwrap(), expected);
    assert_eq!(merged("a\r\nb\r\n", "a\nb\n").unwrap(), "a\r\nb\r\n");
}

#[test]
fn markers_are_refused_where_they_would_do_harm() {
    assert!(with_markers(b"\0", b"a").is_err());
    assert!(with_markers(b"a", b"\xff").is_err());
    let once = merged("a\n", "b\n").unwrap();
    assert!(merged(&once, "c\n").unwrap_err().contains("earlier run"));
}

fn block(existing: &str, ours: &str) -> String {
    String::from_utf8(with_block(existing.as_bytes(), ours.as_bytes())).unwrap()
}

#[test]
fn the_block_holds_what_the_user_lacks() {
    let once = block("mine\n*.log", "# ours\n*.log\n.venv/\n\n.env*\n");
    assert_eq!(once, "mine\n*.log\n# >>> scaffold >>>\n.venv/\n.env*\n# <<< scaffold <<<\n");
    assert_eq!(block(&once, "*.log\n.venv/\n.env*\n"), once);
    assert_eq!(block("a\nb\n", "b\na\n"), "a\nb\n");
    let exception = block("!.env.example\n", ".env*\n!.env.example\n");
    assert!(exception.contains(">>>\n.env*\n!.env.example\n#"), "{exception}");
}

#[test]
fn the_block_is_replaced_where_it_stands() {
    let once = block("mine\n", "old\n") + "# below\n!old\n";
    let twice = block(&once, "new\n");
    assert_eq!(twice, "mine\n# >>> scaffold >>>\nnew\n# <<< scaffold <<<\n# below\n!old\n");
    assert_eq!(block(&twice, "mine\n"), "mine\n# below\n!old\n");
}

#[test]
fn the_block_takes_the_line_endings_of_the_user() {
    let once = block("mine\r\n", "new\n");
    assert_eq!(once, "mine\r\n# >>> scaffold >>>\r\nnew\r\n# <<< scaffold <<<\r\n");
    assert_eq!(block(&once, "new\n"), once);
}

#[test]
fn a_block_without_an_end_swallows_nothing() {
    let broken = "# >>> scaffold >>>\nmine\n";
    let once = block(broken, "new\n");
    assert!(once.starts_with(broken));
    assert_eq!(block(&once, "new\n"), once);
}

proptest! {
    #![proptest_config(super::cases(256))]

    #[test]
    fn the_block_is_stable_and_leaves_the_user_alone(
        existing in "([ab#]{0,3}(\n|\r\n)){0,5}[ab]{0,2}",
        ours in "([abc]{0,3}\n){0,5}",
    ) {
        let once = block(&existing, &ours);
        prop_assert!(once.starts_with(&existing));
        prop_assert_eq!(block(&once, &ours), once);
    }

    #[test]
    fn both_sides_can_be_read_out_of_a_merge(old in "([abc]\n){0,6}", new in "([abc]\n){0,6}") {
        let merged = merged(&old, &new).unwrap();
        let (mut yours, mut ours, mut side) = (String::new(), String::new(), "both");
        for line in merged.lines() {
            match line {
                "<<<<<<< yours" => side = "yours",
                "=======" => side = "ours",
                ">>>>>>> scaffold" => side = "both",
                _ => {
                    if side != "ours" { yours = yours + line + "\n"; }
                    if side != "yours" { ours = ours + line + "\n"; }
                }
            }
        }
        prop_assert_eq!(yours, old);
        prop_assert_eq!(ours, new);
    }
}
