//! `scaffold pack lint`: finds what is wrong or unused in a pack.

use super::pack::load;
use crate::cli::{Format, LintArgs};
use crate::error::{Error, Result, first_of_each_file};
use crate::prove::lint;
use crate::ui;

/// Does it and reports.
///
/// # Errors
/// All findings.
pub fn run(args: &LintArgs) -> Result<()> {
    let (catalog, faults) = load(args.folder.as_deref())?;
    let findings = lint::lint(&catalog, faults);
    let pack = &catalog.packs[catalog.packs.len() - 1];
    if args.format == Format::Text {
        catalog.warnings.iter().for_each(|warning| ui::warn(warning));
    }
    Error::unless_empty(first_of_each_file(findings))?;
    ui::sound(&pack.about.name, &catalog.warnings, args.format)
}
