//! The only user of `MessagePack`: the quick form in which the built-in pack carries what its YAML says.
//!
//! `build.rs` writes it, and the types that read YAML read it too. It is no text, and serde tells them so: what a test has
//! proved of the built-in pack, that its expressions compile, they leave for later.

use serde::de::DeserializeOwned;

/// Reads a value; `None` if it has another shape: then the text itself says what is wrong, and where.
#[must_use]
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    rmp_serde::from_slice(bytes).ok()
}
