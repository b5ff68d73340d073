//! The operating system: folders by descriptor, whose they are, bytes within limits, programs, signals, memory and time.

pub mod folder;
pub mod interrupt;
pub mod memory;
pub mod private;
pub mod process;
pub mod read;
pub mod watch;
