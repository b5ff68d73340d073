//! Runs the program under `strace`, which records its system calls and makes one of them fail.

use crate::place::{Place, Ran};
use std::collections::BTreeMap;
use std::process::Command;

/// The calls that are made to fail. A `?` lets the machine not have one.
const CALLS: [&str; 40] = [
    "open",
    "openat",
    "openat2",
    "mkdir",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "read",
    "pread64",
    "write",
    "pwrite64",
    "writev",
    "fsync",
    "fdatasync",
    "syncfs",
    "sync",
    "ftruncate",
    "chmod",
    "fchmod",
    "fchmodat",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "stat",
    "fstat",
    "lstat",
    "newfstatat",
    "statx",
    "statfs",
    "getdents64",
    "flock",
    "fcntl",
    "clone3",
    "vfork",
    "wait4",
];
/// What a signal or another process interrupts.
const INTERRUPTIBLE: [&str; 9] =
    ["openat", "openat2", "read", "write", "flock", "fcntl", "fsync", "fdatasync", "wait4"];

/// One system call of a run.
#[derive(Clone, Debug)]
pub struct Call {
    pub name: String,
    /// From 1, among the calls of its name.
    pub ordinal: u32,
    /// The line of `strace`.
    pub text: String,
}

impl Call {
    /// Whether something is another way after it.
    fn changes(&self) -> bool {
        let only_reads = ["stat", "read", "getdents"].iter().any(|word| self.name.contains(word));
        let opens = self.name.starts_with("open") && !self.text.contains("O_CREAT");
        !only_reads && !opens
    }

    /// Whether the program asks for no more than what it knows of a descriptor.
    fn is_trifle(&self) -> bool {
        self.name == "fcntl" && !self.text.contains("LK")
    }
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    NoSpace,
    Io,
    NoAccess,
    Interrupted,
    /// The process is killed before the call.
    Kill,
}

impl Fault {
    pub const ALL: [Self; 5] =
        [Self::NoSpace, Self::Io, Self::NoAccess, Self::Interrupted, Self::Kill];

    /// As it is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoSpace => "ENOSPC",
            Self::Io => "EIO",
            Self::NoAccess => "EACCES",
            Self::Interrupted => "EINTR",
            Self::Kill => "SIGKILL",
        }
    }

    /// Whether this can happen to a call. To be killed at a call that only reads is to be killed at the next that changes.
    pub fn fits(self, call: &Call) -> bool {
        let read_only = ["stat", "read", "getdents64", "flock", "fcntl"];
        match self {
            Self::Interrupted => INTERRUPTIBLE.contains(&call.name.as_str()),
            Self::NoSpace => !read_only.iter().any(|name| call.name.contains(name)),
            Self::Kill => call.changes(),
            _ => true,
        }
    }

    /// The argument of `strace`.
    pub fn injection(self, call: &Call) -> String {
        let what = match self {
            Self::Kill => "signal=SIGKILL".to_owned(),
            other => format!("error={}", other.name()),
        };
        format!("inject={}:{what}:when={}", call.name, call.ordinal)
    }
}

/// Whether `strace` is installed.
pub fn is_installed() -> bool {
    let found = Command::new("strace").arg("--version").output().is_ok_and(|o| o.status.success());
    if !found {
        eprintln!("skipped: `strace` is not installed; on Debian the package `strace` has it");
    }
    found
}

/// The arguments before the program, with one injection or none.
pub fn words(log: &str, injection: Option<&str>) -> Vec<String> {
    let known: Vec<String> = CALLS.iter().map(|name| format!("?{name}")).collect();
    let mut words =
        vec!["strace", "-qq", "-o", log, "-e"].into_iter().map(str::to_owned).collect::<Vec<_>>();
    words.push(format!("trace={}", known.join(",")));
    if let Some(injection) = injection {
        words.extend(["-e".to_owned(), injection.to_owned()]);
    }
    words
}

/// Runs the program undisturbed, and says which calls it makes from the moment that it touches its destination.
pub fn record(place: &Place, arguments: &[String]) -> (Ran, Vec<Call>) {
    let log = place.root.join("trace");
    let ran = place.run(&words(&log.display().to_string(), None), arguments);
    (ran, calls(&std::fs::read_to_string(&log).unwrap_or_default(), "demo"))
}

/// The calls of a log, from the first that names `from`.
pub fn calls(log: &str, from: &str) -> Vec<Call> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut found = Vec::new();
    let mut begun = false;
    for line in log.lines() {
        let Some((name, rest)) = line.split_once('(') else { continue };
        if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            continue;
        }
        let count = counts.entry(name).or_default();
        *count += 1;
        begun |= rest.contains(from);
        let call = Call { name: name.to_owned(), ordinal: *count, text: line.to_owned() };
        if begun && !call.is_trifle() {
            found.push(call);
        }
    }
    found
}

/// Runs the program with one call disturbed.
pub fn disturbed(place: &Place, arguments: &[String], fault: Fault, call: &Call) -> Ran {
    place.run(&words("/dev/null", Some(&fault.injection(call))), arguments)
}
