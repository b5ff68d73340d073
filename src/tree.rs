//! A file in memory, and digests of files: what everything generated is until it is written.

use miniz_oxide::inflate::decompress_to_vec_zlib;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::{self, Write};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// A rendered file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Relative to the destination, with `/`.
    pub path: String,
    /// What it holds.
    pub bytes: Bytes,
    /// Whether it can be run.
    pub executable: bool,
    /// The layers that it comes from.
    pub layers: Vec<String>,
}

/// What a file holds. Copies share it, and its digest is made once, when it is first asked for.
#[derive(Clone)]
pub struct Bytes(Arc<Content>);

struct Content {
    bytes: Cow<'static, [u8]>,
    digest: OnceLock<String>,
    packed: Option<&'static [u8]>,
}

/// A content that is part of the program, in the form that the pristine copy has it in.
#[derive(Debug)]
pub struct Packed {
    digest: &'static str,
    form: &'static [u8],
    bytes: OnceLock<Vec<u8>>,
}

impl Packed {
    /// The content with this SHA-256, in lower-case hexadecimal digits, compressed.
    #[must_use]
    pub const fn new(digest: &'static str, form: &'static [u8]) -> Self {
        Self { digest, form, bytes: OnceLock::new() }
    }

    /// The content, unpacked when it is first asked for.
    ///
    /// # Panics
    /// Never: a test unpacks all that there are.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get_or_init(|| {
            decompress_to_vec_zlib(self.form).expect("the program was built with it")
        })
    }
}

impl Bytes {
    /// The SHA-256, in lower-case hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.0.digest.get_or_init(|| digest(self))
    }

    /// The content compressed, if that was done when the program was built.
    #[must_use]
    pub fn packed(&self) -> Option<&'static [u8]> {
        self.0.packed
    }

    /// The same for copies, and for nothing else that lives at the same time.
    #[must_use]
    pub fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl From<Cow<'static, [u8]>> for Bytes {
    fn from(bytes: Cow<'static, [u8]>) -> Self {
        Self(Arc::new(Content { bytes, digest: OnceLock::new(), packed: None }))
    }
}

impl From<&'static Packed> for Bytes {
    fn from(known: &'static Packed) -> Self {
        let (bytes, digest) = (Cow::Borrowed(known.bytes()), known.digest.to_owned().into());
        Self(Arc::new(Content { bytes, digest, packed: Some(known.form) }))
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Cow::<'static, [u8]>::Owned(bytes).into()
    }
}

impl From<String> for Bytes {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || **self == **other
    }
}

impl Eq for Bytes {}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The SHA-256 of `bytes`, in lower-case hexadecimal digits.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    let digits = |byte: u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
    Sha256::digest(bytes).iter().flat_map(|byte| digits(*byte)).flatten().collect()
}

/// `sha256:` and the digest of all paths, contents and modes, whatever their order.
#[must_use]
pub fn digest_of(files: &[File]) -> String {
    let lines = files.iter().map(|file| (mode(file), file.bytes.digest(), file.path.as_str()));
    let mut lines: Vec<_> = lines.collect();
    lines.sort_unstable();
    let mut text = String::new();
    for (mode, digest, path) in lines {
        // The path comes last and ends at a NUL, which no path holds: no two trees share a text.
        let _ = write!(text, "{mode} {digest} {path}\0");
    }
    format!("sha256:{}", digest(text.as_bytes()))
}

fn mode(file: &File) -> char {
    if file.executable { 'x' } else { '-' }
}

/// A number of files, in words.
#[must_use]
pub fn count_of_files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}
