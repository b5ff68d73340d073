//! The commands, one short file each: they read as the data flow and do the reading that the stages must not do.

pub mod check;
mod commit;
mod consent;
mod detect;
pub mod doctor;
pub mod explain;
mod follow;
pub mod init;
mod inputs;
pub mod knowledge;
mod location;
mod memory;
pub mod method;
pub mod pack;
pub mod pack_lint;
pub mod pack_render;
pub mod pack_test;
mod policy;
mod project;
pub mod questions;
pub mod schema;
mod setup;
pub mod shell;
mod surroundings;
mod undo;
pub mod update;
