//! `scaffold explain`: what an error code means and how to fix it, from `docs/troubleshooting.md`.

use crate::error::{Code, Result};
use crate::formats::markdown::Page;
use crate::ui;

const PAGE: &str = include_str!("../../docs/troubleshooting.md");

/// Prints the section of a code, or the codes.
///
/// # Errors
/// Standard output fails.
pub fn run(code: Option<&str>) -> Result<()> {
    match code {
        Some(code) => ui::print(format!("{}\n", section(code))),
        None => {
            ui::print(Code::ALL.iter().map(|code| code.name).collect::<Vec<_>>().join("\n") + "\n")
        }
    }
}

/// The text under the heading that is the code; a test holds that every code has one.
fn section(code: &str) -> &'static str {
    let headings = Page::read(PAGE).headings;
    let Some(at) = headings.iter().position(|heading| heading.text == code) else { return "" };
    let end = headings.get(at + 1).map_or(PAGE.len(), |next| next.range.start);
    PAGE[headings[at].range.end..end].trim_start_matches('\n').trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_with_its_status_and_no_other() {
        let headings = Page::read(PAGE).headings;
        let names: Vec<_> =
            headings.iter().filter(|h| h.level == 2).map(|h| h.text.as_str()).collect();
        assert_eq!(names, Code::ALL.iter().map(|code| code.name).collect::<Vec<_>>());
        for code in Code::ALL {
            let status = format!("Exit status {}", code.exit as i32);
            let (first, cure) = section(code.name).split_once("\n\n").unwrap_or_default();
            assert!(first.starts_with(&status) && !cure.is_empty(), "{}: {first}", code.name);
        }
    }
}
