//! `scaffold schema`: JSON Schemas of what comes in and goes out.

use super::questions::named;
use crate::cli::SchemaOf;
use crate::error::Result;
use crate::pack::Catalog;
use crate::{pack::schema, ui};

/// Prints one.
///
/// # Errors
/// There is no such type; standard output fails.
pub fn run(of: &SchemaOf, catalog: &Catalog) -> Result<()> {
    match of {
        SchemaOf::Output => ui::print(schema::output()),
        SchemaOf::Overlay => ui::print(schema::overlay()),
        SchemaOf::Config => ui::document(&schema::config(catalog)),
        SchemaOf::Answers(name) => ui::document(&schema::answers(named(catalog, name)?)),
    }
}
