//! The commands, one short file each: they read as the data flow and do the reading that the stages must not do.

pub mod init;
mod inputs;
mod pack;
pub mod pack_lint;
pub mod pack_test;
