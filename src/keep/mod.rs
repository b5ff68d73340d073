//! A repository and its past: what it was generated as, how it differs from that, and how it follows a new version or
//! other answers without losing a line of the user's.

pub mod branches;
pub mod follow;
pub mod lock;
pub mod merge;
mod packer;
pub mod pristine;

/// Whether a path, as seen from the project, is of the memory that this module keeps.
#[must_use]
pub fn is_memory(path: &str) -> bool {
    path == lock::PATH || path.starts_with(pristine::FOLDER)
}
