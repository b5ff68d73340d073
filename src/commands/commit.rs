//! Which commit is checked out where a pack is. The folder may be anybody's: only commands of git are used that run no
//! program which its configuration names, no monitor, no filter, no transport.

use crate::system::process;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// The commit in short, with `+` where files differ from it or stand beside it; empty outside of git.
pub(super) fn commit(folder: &Path) -> String {
    let Some(commit) = git(folder, &["rev-parse", "--short", "HEAD"]) else { return String::new() };
    let is_clean = is_clean(folder).unwrap_or(false);
    if is_clean { commit.trim().to_owned() } else { commit.trim().to_owned() + "+" }
}

fn git(folder: &Path, words: &[&str]) -> Option<String> {
    let git = Command::new("git")
        .args(["-c", "core.fsmonitor=false"])
        .args(words)
        .current_dir(folder)
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "none")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let (status, printed) = git.and_then(process::finish).ok()?;
    status.success().then(|| String::from_utf8_lossy(&printed).into_owned())
}

/// `git status` would run filters of the repository; digests without filters say the same.
fn is_clean(folder: &Path) -> Option<bool> {
    if !git(folder, &["ls-files", "--others", "--exclude-standard"])?.is_empty() {
        return Some(false);
    }
    let tree = git(folder, &["ls-tree", "-r", "-z", "HEAD", "."])?;
    let entry = |line: &str| {
        let (about, path) = line.split_once('\t')?;
        let mut about = about.split(' ');
        let is_file = about.next()?.starts_with("100") && about.next()? == "blob";
        is_file.then(|| Some((path.to_owned(), about.next()?.to_owned()))).flatten()
    };
    let files: BTreeMap<String, String> = tree.split('\0').filter_map(entry).collect();
    for some in files.iter().collect::<Vec<_>>().chunks(500) {
        let words = ["hash-object", "--no-filters", "--"];
        let words: Vec<&str> =
            words.into_iter().chain(some.iter().map(|(path, _)| path.as_str())).collect();
        let Some(digests) = git(folder, &words) else { return Some(false) };
        if !digests.lines().eq(some.iter().map(|(_, digest)| digest.as_str())) {
            return Some(false);
        }
    }
    Some(true)
}
