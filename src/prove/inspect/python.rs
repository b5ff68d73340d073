//! Python files parse, as the installed Python sees them: all of them in one run of it.

use super::Finding;
use crate::system::process;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Reads a JSON list of texts, prints a JSON list of `[index, line, message]` for those that do not parse.
const PROGRAM: &str = "\
import ast, gc, json, sys
gc.disable()  # Trees have no cycles, and looking for some takes a fifth of the time.
faults = []
for index, text in enumerate(json.load(sys.stdin)):
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        faults.append([index, getattr(fault, 'lineno', 0) or 0, getattr(fault, 'msg', str(fault))])
json.dump(faults, sys.stdout)
";

/// The flaws of Python files, given by path and text; `None` where no Python is installed that could tell.
#[must_use]
pub fn flaws(files: &[(&str, &str)]) -> Option<Vec<(usize, Finding)>> {
    if files.is_empty() {
        return Some(Vec::new());
    }
    let texts: Vec<&str> = files.iter().map(|(_, text)| *text).collect();
    let input = serde_json::to_vec(&texts).ok()?;
    let output = ["python3", "python"].iter().find_map(|program| parsed_by(program, &input))?;
    let faults: Vec<(usize, usize, String)> = serde_json::from_slice(&output).ok()?;
    let flaw = |(index, line, message): (usize, usize, String)| {
        let path = files.get(index)?.0;
        Some((index, Finding::new("", path, line, format!("is not Python: {message}"))))
    };
    Some(faults.into_iter().filter_map(flaw).collect())
}

fn parsed_by(program: &str, input: &[u8]) -> Option<Vec<u8>> {
    let mut child = Command::new(program)
        .args(["-I", "-W", "ignore", "-c", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // The program reads all of its input before it prints.
    let written = child.stdin.take()?.write_all(input);
    let (status, printed) = process::finish(child).ok()?;
    (written.is_ok() && status.success()).then_some(printed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_found_in_its_file() {
        let Some(flaws) = flaws(&[("a.py", "x = 1\n"), ("b.py", "x = 1\ny = (\n")]) else {
            eprintln!("skipped: no Python is installed");
            return;
        };
        assert_eq!(flaws.len(), 1);
        assert_eq!((flaws[0].0, flaws[0].1.path.as_str(), flaws[0].1.line), (1, "b.py", 2));
    }
}
