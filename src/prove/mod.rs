//! What makes breadth safe: all configurations of a type, judged in memory and executed, and packs and documents checked.

pub mod allowed;
mod candidates;
mod conditions;
pub mod configurations;
pub mod documents;
pub mod inspect;
pub mod lint;
mod memo;
pub mod results;
pub mod trial;
