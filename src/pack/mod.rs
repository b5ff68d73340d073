//! Packs: what authors declare in overlays, checked, and the project types that come of it.

mod builtin;
mod catalog;
mod check;
mod ecosystem;
pub mod expression;
pub mod overlay;
pub mod path;
mod replaced;
pub mod schema;
mod source;
mod used;
pub mod value;

pub use catalog::{Catalog, LayerFiles, Origin, Overrides, Placed, ProjectType, Question};
pub use check::OWN_FLAGS;
pub use ecosystem::Ecosystems;
pub(crate) use source::is_simple;
pub use source::{About, Allowance, FORMAT, Pack};
