//! Our lines in the user's `.gitignore`: one managed block, everything else stays byte for byte.

const BEGIN: &[u8] = b"# >>> scaffold >>>";
const END: &[u8] = b"# <<< scaffold <<<";

/// The user's `.gitignore` with those patterns of `ours` that it lacks in the managed block. An
/// earlier block is replaced where it stands; a new one comes last, and there is none without need.
pub fn with_block(existing: &[u8], ours: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = existing.split_inclusive(|byte| *byte == b'\n').collect();
    let (head, tail) = around_block(&lines);
    let has = |pattern: &[u8]| head.iter().chain(tail).any(|line| line.trim_ascii_end() == pattern);
    let mut missing: Vec<&[u8]> = Vec::new();
    for line in ours.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end) {
        // The block would undo an exception of the user's that stands above it.
        let exception = line.starts_with(b"!") && !missing.is_empty();
        if !line.is_empty() && !line.starts_with(b"#") && (exception || !has(line)) {
            missing.push(line);
        }
    }
    let ending: &[u8] = if existing.windows(2).any(|two| two == b"\r\n") { b"\r\n" } else { b"\n" };
    let mut result = head.concat();
    if !missing.is_empty() {
        if !result.is_empty() && !result.ends_with(b"\n") {
            result.extend_from_slice(ending);
        }
        for line in std::iter::once(BEGIN).chain(missing).chain([END]) {
            result.extend_from_slice(line);
            result.extend_from_slice(ending);
        }
    }
    result.extend(tail.concat());
    result
}

/// Whether there is a managed block.
pub fn has_block(existing: &[u8]) -> bool {
    existing.split(|byte| *byte == b'\n').any(|line| line.trim_ascii_end() == BEGIN)
}

/// The lines before and after the block. The last beginning counts: an earlier one that lost its end
/// must not swallow what the user wrote below it.
fn around_block<'a, 'l>(lines: &'a [&'l [u8]]) -> (&'a [&'l [u8]], &'a [&'l [u8]]) {
    let is = |mark: &'static [u8]| move |line: &&[u8]| line.trim_ascii_end() == mark;
    let Some(begin) = lines.iter().rposition(is(BEGIN)) else { return (lines, &[]) };
    match lines[begin..].iter().position(is(END)) {
        Some(length) => (&lines[..begin], &lines[begin + length + 1..]),
        None => (lines, &[]),
    }
}
