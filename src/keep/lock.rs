//! `.scaffold/lock`: what a repository was generated from, and each file as it was then. Lines are sorted and hold no time and
//! no counter, so that git merges them.

use crate::error::{Code, Problem, Result};
use crate::formats::is_conflict_marker;
use crate::tree::File;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::fmt::Write as _;

/// Where it lies, relative to the project.
pub const PATH: &str = ".scaffold/lock";
/// No lock is larger, in bytes: one line for each file of the largest repository.
pub const MOST_BYTES: u64 = 32 << 20;
/// The version of the format.
const FORMAT: u32 = 1;
/// What stands for no layer: a file that the program itself makes.
const NO_LAYER: &str = "-";

/// What a repository was generated from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The version of the program.
    pub tool: String,
    /// The packs, in order.
    pub packs: Vec<PackLine>,
    /// The files as they were generated, by their path as seen from the project.
    pub files: BTreeMap<String, Entry>,
    /// Further lines about these files, where git has joined the locks of two branches (`merge=union`). They are not written.
    pub joined: Vec<(String, Entry)>,
}

/// A pack that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackLine {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `built-in`, or `folder`.
    pub source: String,
    /// Of all that it holds; `-` for the built-in one, which its version names.
    pub digest: String,
}

/// A file as it was generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whether it can be run.
    pub executable: bool,
    /// The SHA-256 of its content, in lower-case hexadecimal digits.
    pub digest: String,
    /// The layers that it comes from.
    pub layers: Vec<String>,
}

impl Entry {
    /// As a file has it.
    #[must_use]
    pub fn of(file: &File) -> Self {
        Self {
            executable: file.executable,
            digest: file.bytes.digest().to_owned(),
            layers: file.layers.clone(),
        }
    }
}

impl Lock {
    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("lock {FORMAT}\ntool {}\n", self.tool);
        for PackLine { name, version, source, digest } in &self.packs {
            let _ = writeln!(text, "pack {name} {source} {digest} {version}");
        }
        for (path, entry) in &self.files {
            let mode = if entry.executable { "x" } else { "-" };
            let layers = entry.layers.join(",");
            let layers = if layers.is_empty() { NO_LAYER } else { &layers };
            let _ = writeln!(text, "file {mode} {} {layers} {path}", entry.digest);
        }
        text
    }

    /// Reads a text.
    ///
    /// # Errors
    /// [`Code::BadConfig`]: a line is none of a lock, with its number; or a newer program wrote it.
    pub fn parse(text: &str) -> Result<Self> {
        let mut lock = Self::default();
        let mut format = None;
        for (index, line) in text.lines().enumerate() {
            let fault =
                |message: &str| Problem::new(Code::BadConfig, message).at(PATH, index + 1, 1);
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "lock" => format = rest.parse::<u32>().ok(),
                "tool" => rest.clone_into(&mut lock.tool),
                "pack" => {
                    let pack = pack(rest).ok_or_else(|| damaged(fault("this names no pack")))?;
                    lock.packs.retain(|other| other.name != pack.name);
                    lock.packs.push(pack);
                }
                "file" => {
                    let (path, entry) =
                        file(rest).ok_or_else(|| damaged(fault("this names no file")))?;
                    match lock.files.entry(path) {
                        Slot::Vacant(slot) => drop(slot.insert(entry)),
                        Slot::Occupied(slot) => lock.joined.push((slot.key().clone(), entry)),
                    }
                }
                _ if is_conflict_marker(line) => {
                    let hint = "resolve the conflict of the merge: keep the lines of both sides that name different files, and run the command again";
                    return Err(fault("this is a conflict marker of git").hint(hint).into());
                }
                _ => return Err(damaged(fault("this is no line of a lock")).into()),
            }
            if format.is_some_and(|format| format > FORMAT) {
                let message = "a newer version of scaffold wrote this lock";
                return Err(Problem::new(Code::BadConfig, message)
                    .at(PATH, 1, 1)
                    .hint(format!("update scaffold: this is {}", env!("CARGO_PKG_VERSION")))
                    .into());
            }
        }
        if format != Some(FORMAT) {
            let problem = Problem::new(Code::BadConfig, "this is no lock").at(PATH, 1, 1);
            return Err(damaged(problem).into());
        }
        Ok(lock)
    }
}

fn damaged(problem: Problem) -> Problem {
    problem.hint("bring the file back from git, or make a new one with `scaffold init --force`")
}

fn pack(rest: &str) -> Option<PackLine> {
    let mut words = rest.splitn(4, ' ').map(str::to_owned);
    let (name, source, digest) = (words.next()?, words.next()?, words.next()?);
    Some(PackLine { name, source, digest, version: words.next()? })
}

fn file(rest: &str) -> Option<(String, Entry)> {
    let mut words = rest.splitn(4, ' ');
    let (mode, digest, layers, path) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let is_digest =
        digest.len() == 64 && digest.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    let executable = match mode {
        "x" => true,
        "-" => false,
        _ => return None,
    };
    let layers = match layers {
        NO_LAYER => Vec::new(),
        layers => layers.split(',').map(str::to_owned).collect(),
    };
    let inside = path.trim_start_matches("../");
    let is_sound = !path.is_empty() && crate::system::read::check_path(inside).is_ok();
    (is_digest && is_sound)
        .then(|| (path.to_owned(), Entry { executable, digest: digest.to_owned(), layers }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let entry = |layers: &[&str]| Entry {
            executable: layers.is_empty(),
            digest: crate::tree::digest(b"x"),
            layers: layers.iter().map(|layer| (*layer).to_owned()).collect(),
        };
        let pack = PackLine {
            name: "scaffold".to_owned(),
            version: "0.1.0 beta".to_owned(),
            source: "built-in".to_owned(),
            digest: "-".to_owned(),
        };
        let files =
            [("a b.md", entry(&["python/base", "ci"])), ("../../.github/x.yml", entry(&[]))];
        Lock {
            tool: "0.1.0".to_owned(),
            packs: vec![pack],
            files: files.map(|(path, entry)| (path.to_owned(), entry)).into(),
            joined: Vec::new(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(Lock::parse(&lock().text()).unwrap(), lock());
    }

    #[test]
    fn locks_that_git_has_joined_are_one_with_the_lines_of_both() {
        let (one, text) = (lock(), lock().text());
        let other = crate::tree::digest(b"y");
        let other = text.lines().map(|line| line.replace(&crate::tree::digest(b"x"), &other));
        let read = Lock::parse(&(text.clone() + &other.collect::<Vec<_>>().join("\n"))).unwrap();
        assert_eq!((&read.files, &read.packs), (&one.files, &one.packs));
        let joined: Vec<_> = read.joined.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(joined, ["../../.github/x.yml", "a b.md"]);
        assert_eq!(read.text(), text, "it is written as one");
    }

    #[test]
    fn what_is_no_lock_is_told_with_its_line() {
        let told = |from: &str, to: &str| {
            let problem =
                Lock::parse(&lock().text().replace(from, to)).unwrap_err().problems.remove(0);
            format!("{} {:?}", problem.message, problem.place)
        };
        assert!(told("lock 1", "lock 2").contains("newer version"));
        assert!(told("lock 1\n", "").contains("no lock"));
        assert!(told("tool", "<<<<<<< HEAD\ntool").contains("conflict marker"));
        for (from, to) in [
            ("file x", "file y"),
            ("a b.md", "../../../etc/../x"),
            ("pack scaffold built-in - 0.1.0 beta", "pack scaffold"),
        ] {
            assert!(told(from, to).contains("line: "), "{from}");
        }
    }
}
