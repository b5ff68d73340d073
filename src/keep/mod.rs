//! A repository and its past: what it was generated as, how it differs from that, and how it follows a new version or
//! other answers without losing a line of the user's.

pub mod merge;
