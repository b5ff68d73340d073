//! The operating system: folders by descriptor, whose they are, bytes within limits, programs, signals and memory.

pub mod folder;
pub mod interrupt;
pub mod memory;
pub mod private;
pub mod process;
pub mod read;
