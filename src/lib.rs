//! `scaffold` makes starter repositories from a few answers.
//!
//! The stages, each knowing only the value that the one before returned:
//!
//! ```text
//! cli ──► answers ──► plan ──► render ──► write
//!            │          │
//!   catalog ─┴──────────┘
//! ```
//!
//! An overlay is data: questions, flags, rules, layers and commands of a project type come from one YAML file, and
//! nothing in this crate knows any project type. `docs/architecture.md` says why it is so.

pub mod answers;
pub mod catalog;
pub mod cli;
pub mod commands;
pub mod config;
pub mod configurations;
pub mod error;
pub mod folder;
pub mod hidden;
pub mod inspect;
pub mod interrupt;
pub mod knowledge;
pub mod lint;
pub mod memory;
pub mod plan;
pub mod private;
pub mod process;
pub mod read;
pub mod render;
pub mod results;
pub mod schema;
pub mod state;
pub mod template;
pub mod terminal;
pub mod trial;
pub mod ui;
pub mod wizard;
pub mod write;
pub mod yaml;
