//! Texts side by side: unified differences and conflict markers.

use similar::{Algorithm, DiffOp, TextDiff, capture_diff_slices};

/// Bytes of a text that is compared with many.
const LONGEST_ALIKE: usize = 256 << 10;
/// Opens the user's side of a hunk.
const YOURS: &str = "<<<<<<< yours";
/// Stands between the sides.
const MIDDLE: &str = "=======";
/// Closes the new side of a hunk.
const OURS: &str = ">>>>>>> scaffold";

/// The unified difference of two contents of `path`; one line if one of them is not text, nothing if
/// they are equal.
#[must_use]
pub fn unified_diff(path: &str, before: &[u8], after: &[u8]) -> String {
    if before == after {
        return String::new();
    }
    let (Some(old), Some(new)) = (text(before), text(after)) else {
        return format!("binary `{path}` differs ({} → {} bytes)\n", before.len(), after.len());
    };
    let (from, to) = (format!("a/{path}"), format!("b/{path}"));
    TextDiff::from_lines(old, new).unified_diff().header(&from, &to).to_string()
}

/// How much of two texts is alike by lines, from 0 to 1; nothing where one is no text, or too long to be looked through.
#[must_use]
pub fn alike(one: &[u8], other: &[u8]) -> f32 {
    match (text(one), text(other)) {
        (Some(one), Some(other)) if one.len().max(other.len()) <= LONGEST_ALIKE => {
            TextDiff::from_lines(one, other).ratio()
        }
        _ => 0.0,
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

/// Why two contents cannot be joined, in words that follow the path.
pub type Refusal = &'static str;

/// Joins both texts: common lines stay as the user has them, differing ones stand between markers.
/// The line endings are the user's.
///
/// # Errors
/// One of them is not text, or the user's still has markers of an earlier run.
pub fn with_markers(before: &[u8], after: &[u8]) -> Result<Vec<u8>, Refusal> {
    let (Some(old), Some(new)) = (text(before), text(after)) else {
        return Err("is not text, and cannot hold conflict markers");
    };
    // Compared without their endings: a checkout with other ones is no difference.
    let (yours, ours): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    if yours.contains(&OURS) {
        return Err("still holds conflict markers of an earlier run");
    }
    let original: Vec<&str> = old.split_inclusive('\n').collect();
    let ending = if old.contains("\r\n") { "\r\n" } else { "\n" };
    let mut merged = String::new();
    let mut push = |lines: &[&str]| {
        for line in lines {
            merged.push_str(line);
            if !line.ends_with('\n') {
                merged.push_str(ending);
            }
        }
    };
    for operation in capture_diff_slices(Algorithm::Myers, &yours, &ours) {
        let mine = &original[operation.old_range()];
        if let DiffOp::Equal { .. } = operation {
            push(mine);
            continue;
        }
        push(&[YOURS]);
        push(mine);
        push(&[MIDDLE]);
        push(&ours[operation.new_range()]);
        push(&[OURS]);
    }
    Ok(merged.into_bytes())
}
