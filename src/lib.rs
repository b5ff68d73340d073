//! `scaffold` makes starter repositories from a few answers.
//!
//! The stages, each knowing only the value that the one before returned:
//!
//! ```text
//! cli ──► answers ──► plan ──► render ──► write
//!            │          │
//!      pack ─┴──────────┘
//! ```
//!
//! An overlay is data: questions, flags, rules, layers and commands of a project type come from one YAML file, and
//! nothing in this crate knows any project type. `docs/architecture.md` says why it is so.

pub mod answers;
pub mod ask;
pub mod cli;
pub mod commands;
pub mod error;
pub mod formats;
pub mod keep;
pub mod knowledge;
pub mod pack;
pub mod prove;
pub mod render;
pub mod system;
pub mod tree;
pub mod ui;
pub mod write;
