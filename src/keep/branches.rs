//! Two branches that were generated in different ways, joined by git: what of a file is generated, and what is the user's.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// What is there without what the user did: the text of one branch, with the changes to that of the other as far as git, or
/// who resolved its conflicts, took them. `None` where one of them is no text.
#[must_use]
pub fn generated(one: &[u8], other: &[u8], there: &[u8]) -> Option<Vec<u8>> {
    let [one, other, there] = [one, other, there].map(|bytes| std::str::from_utf8(bytes).ok());
    let there = there?.replace("\r\n", "\n");
    let [one, other, there] = [one?, other?, &there].map(lines);
    // Of what is gone, only the user took what both branches have; and a block that comes is of the other branch or the user's.
    let both_have = |line: &&&str| other.contains(*line);
    let is_of_other = |block: &[&str]| other.windows(block.len()).any(|there| there == block);
    let mut generated: Vec<&str> = Vec::new();
    for change in capture_diff_slices(Algorithm::Myers, &one, &there) {
        let (old, new) = (&one[change.old_range()], &there[change.new_range()]);
        if let DiffOp::Equal { .. } = change {
            generated.extend(old);
            continue;
        }
        generated.extend(old.iter().filter(both_have));
        if !new.is_empty() && is_of_other(new) {
            generated.extend(new);
        }
    }
    Some(generated.concat().into_bytes())
}

/// The lines, each with its end.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_and_who_resolved_its_conflicts_took_is_generated_and_the_rest_is_the_users() {
        let (one, other) = ("a\nx\nb\nc\nd\n", "a\ny\nz\nb\nd\n");
        for (there, expected) in [
            // Both sides of a conflict, in either order; one side; what the other branch took away.
            ("a\nx\ny\nz\nb\nc\nd\n", "a\nx\ny\nz\nb\nc\nd\n"),
            ("a\ny\nz\nx\nb\nd\n", "a\ny\nz\nx\nb\nd\n"),
            ("a\ny\nz\nb\nd\n", "a\ny\nz\nb\nd\n"),
            ("a\r\nx\r\nb\r\nc\r\nd\r\n", one),
            // Lines of the user's, and a line that the user took away.
            ("a\nx\nmine\nb\nc\nd\n", one),
            ("a\nx\nc\nd\n", one),
            ("a\nx\ny\nz\nb\nd\nmine\n", "a\nx\ny\nz\nb\nd\n"),
        ] {
            let found = generated(one.as_bytes(), other.as_bytes(), there.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(found).unwrap(), expected, "{there}");
        }
        assert_eq!(generated(b"\xff", b"a", b"b"), None);
    }
}
