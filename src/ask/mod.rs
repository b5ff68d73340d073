//! Asking: the wizard, which is pure, and the two terminals that show its questions.

pub mod terminal;
pub mod wizard;
