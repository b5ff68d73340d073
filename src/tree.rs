//! A file in memory, and digests of files: what everything generated is until it is written.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// A rendered file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Relative to the destination, with `/`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Whether it can be run.
    pub executable: bool,
    /// The layers that it comes from.
    pub layers: Vec<String>,
}

/// The SHA-256 of `bytes`, in lower-case hexadecimal digits.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// `sha256:` and the digest of all paths, contents and modes, whatever their order.
#[must_use]
pub fn digest_of(files: &[File]) -> String {
    let mut lines: Vec<String> = files
        .iter()
        .map(|file| {
            let mode = if file.executable { 'x' } else { '-' };
            // The path comes last and ends at a NUL, which no path holds: no two trees share a text.
            format!("{mode} {} {}\0", digest(&file.bytes), file.path)
        })
        .collect();
    lines.sort();
    format!("sha256:{}", digest(lines.concat().as_bytes()))
}

/// A number of files, in words.
#[must_use]
pub fn count_of_files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}
