//! Packs: what authors declare in overlays, checked, and the project types that come of it.

mod builtin;
mod catalog;
mod check;
pub mod ecosystem;
pub mod expression;
mod lets;
mod origin;
pub mod overlay;
pub mod path;
mod project_type;
mod question;
mod replaced;
pub mod schema;
mod short;
mod source;
mod used;
pub mod value;

pub use catalog::{Catalog, LayerFiles};
pub use check::OWN_FLAGS;
pub use ecosystem::Ecosystems;
pub use lets::Let;
pub use origin::{Origin, Placed};
pub use project_type::{Overrides, ProjectType, Question};
pub(crate) use source::is_simple;
pub use source::{About, Allowance, FORMAT, Pack};
