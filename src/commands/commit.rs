//! Which commit is checked out where a pack is. The folder may be anybody's: only commands of git are used that run no
//! program which its configuration names, no monitor, no filter, no transport.

use crate::system::folder::Folder;
use crate::system::process;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

/// So many paths fit on one command line.
const AT_ONCE: usize = 500;
/// Larger files are not looked into.
const MOST_BYTES: u64 = 4 << 20;

/// The commit in short, with `+` where files differ from it or stand beside it; empty outside of git.
pub(super) fn commit(folder: &Path) -> String {
    let Some(commit) = git(folder, &["rev-parse", "--short", "HEAD"]) else { return String::new() };
    let is_clean = is_clean(folder).unwrap_or(false);
    if is_clean { commit.trim().to_owned() } else { commit.trim().to_owned() + "+" }
}

fn git(folder: &Path, words: &[&str]) -> Option<String> {
    printed(folder, words).map(|printed| String::from_utf8_lossy(&printed).into_owned())
}

fn printed(folder: &Path, words: &[&str]) -> Option<Vec<u8>> {
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
    status.success().then_some(printed)
}

fn is_clean(folder: &Path) -> Option<bool> {
    if !git(folder, &["ls-files", "--others", "--exclude-standard"])?.is_empty() {
        return Some(false);
    }
    let files = committed(folder, &["."])?;
    Some(differing(folder, &files).is_some_and(|paths| paths.is_empty()))
}

/// Those of the files at `paths`, which all exist, that are not as the commit has them; `None` where there is no commit.
pub(super) fn uncommitted(folder: &Path, paths: &[&str]) -> Option<BTreeSet<String>> {
    git(folder, &["rev-parse", "--verify", "--quiet", "HEAD"])?;
    let mut found = BTreeSet::new();
    for some in paths.chunks(AT_ONCE) {
        let files = committed(folder, some)?;
        found.extend(differing(folder, &files)?);
        found.extend(
            some.iter().filter(|path| !files.contains_key(**path)).map(ToString::to_string),
        );
    }
    Some(found)
}

/// The files that are below the folder and that git knows or would take, by their path from there; `None` outside of git.
pub(super) fn listed(folder: &Path) -> Option<Vec<String>> {
    let listed =
        git(folder, &["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "."])?;
    // Git knows a file until its removal is committed.
    let is_there = |path: &&str| folder.join(path).symlink_metadata().is_ok();
    Some(listed.split_terminator('\0').filter(is_there).map(str::to_owned).collect())
}

/// The digests of files in the commit, by their path from the folder.
fn committed(folder: &Path, paths: &[&str]) -> Option<BTreeMap<String, String>> {
    let tree = git(folder, &[&["ls-tree", "-r", "-z", "HEAD", "--"], paths].concat())?;
    let entry = |line: &str| {
        let (about, path) = line.split_once('\t')?;
        let mut about = about.split(' ');
        let is_file = about.next()?.starts_with("100") && about.next()? == "blob";
        is_file.then(|| Some((path.to_owned(), about.next()?.to_owned()))).flatten()
    };
    Some(tree.split('\0').filter_map(entry).collect())
}

/// The paths of files that have other digests; `None` where one of them has none. `git status` would run filters of the
/// repository; digests without filters say the same.
fn differing(folder: &Path, files: &BTreeMap<String, String>) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for some in files.iter().collect::<Vec<_>>().chunks(AT_ONCE) {
        let words = ["hash-object", "--no-filters", "--"];
        let words: Vec<&str> =
            words.into_iter().chain(some.iter().map(|(path, _)| path.as_str())).collect();
        let digests = git(folder, &words)?;
        let other = digests.lines().zip(some).filter(|(digest, (path, known))| {
            digest != known && !differs_in_line_ends_alone(folder, path, known)
        });
        found.extend(other.map(|(_, (path, _))| (*path).clone()));
    }
    Some(found)
}

/// Whether a file has the line ends of Windows and is else what the commit has. Git converts them as it is told to, says
/// that nothing has changed, and there is nothing that could be committed.
fn differs_in_line_ends_alone(folder: &Path, path: &str, digest: &str) -> bool {
    let read = || Folder::open(folder).ok()?.read(path, MOST_BYTES).ok()?;
    let Some(text) = read().and_then(|bytes| String::from_utf8(bytes).ok()) else { return false };
    let is_committed = |text: String| {
        printed(folder, &["cat-file", "blob", digest]).is_some_and(|blob| blob == text.as_bytes())
    };
    text.contains("\r\n") && is_committed(text.replace("\r\n", "\n"))
}
