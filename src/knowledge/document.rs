//! One Markdown file of `knowledge/`: front matter, then a body in sections that may depend on answers.

use crate::error::{Code, Problem, Result};
use crate::formats::markdown::{Heading, Page};
use crate::formats::yaml;
use crate::pack::expression::{Datum, Expr, Scope};
use crate::system::read;
use serde::de::DeserializeOwned;
use std::sync::OnceLock;

/// A text of this size is no document that anyone reads.
const MOST_BYTES: usize = 1 << 20;
/// Nor is one with so many headings.
const MOST_SECTIONS: usize = 2_000;

/// The heading of what stands alone.
pub const SUMMARY: &str = "Summary";
/// The heading of everything else.
pub const DEEP: &str = "Deep Guidance";

/// A file in two halves.
#[derive(Clone, Debug)]
pub struct Parsed<T> {
    /// What the front matter says.
    pub front: T,
    /// As people know the file.
    pub file: String,
    /// What the rest is read from when it is first needed.
    source: &'static [u8],
    rest: OnceLock<Rest>,
}

#[derive(Clone, Debug)]
struct Rest {
    body: Vec<Section>,
    digest: String,
}

/// A heading and what stands below it, up to the next heading of any level.
#[derive(Clone, Debug)]
pub struct Section {
    /// 2 for `##`; 0 for what stands before the first heading.
    pub level: usize,
    /// Without the hashes.
    pub title: String,
    /// It is there only if this holds of the answers, and with it everything below it.
    pub when: Option<Expr>,
    /// The lines below the heading.
    pub text: String,
    /// The line of the heading, from 1.
    pub line: usize,
}

/// Reads a file.
///
/// # Errors
/// Not UTF-8, too large, no front matter or one that is not a map of known keys, a condition that is no expression; each
/// with its line.
pub fn parse<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<Parsed<T>> {
    let text = text_of(file, bytes)?;
    let (front, body) = halves(file, &text)?;
    // A line of its own keeps the lines of the front matter where they are in the file.
    let front = yaml::parse(file, &format!("\n{front}"), Code::BadKnowledge)?;
    let rest = OnceLock::from(Rest::of(file, bytes, &text, body)?);
    Ok(Parsed { front, file: file.to_owned(), source: &[], rest })
}

fn text_of(file: &str, bytes: &[u8]) -> Result<String> {
    if bytes.len() > MOST_BYTES {
        let message =
            format!("a document of {} MB is larger than any should be", bytes.len() >> 20);
        return Err(Problem::new(Code::BadKnowledge, message).at(file, 1, 1).into());
    }
    Ok(read::text(file, bytes, Code::BadKnowledge)?.replace("\r\n", "\n"))
}

/// The front matter and what follows it.
fn halves<'t>(file: &str, text: &'t str) -> Result<(&'t str, &'t str)> {
    let halves = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    halves.ok_or_else(|| {
        let message = "the document has no front matter".to_owned();
        Problem::new(Code::BadKnowledge, message)
            .at(file, 1, 1)
            .hint("it starts with `---`, then keys such as `name:`, then `---`")
            .into()
    })
}

impl Rest {
    /// `body` is the end of `text`, which `bytes` hold.
    fn of(file: &str, bytes: &[u8], text: &str, body: &str) -> Result<Self> {
        let first = text.len() - body.len();
        let line = text[..first].matches('\n').count() + 1;
        Ok(Self { body: sections(file, body, line)?, digest: crate::tree::digest(bytes) })
    }
}

impl Section {
    /// The line of the file, from 1, on which its text begins.
    #[must_use]
    pub fn first_line(&self) -> usize {
        self.line + usize::from(self.level > 0)
    }
}

/// Splits at headings; those inside code, quotations and lists are none.
fn sections(file: &str, body: &str, first: usize) -> Result<Vec<Section>> {
    let headings: Vec<Heading> =
        Page::read(body).headings.into_iter().filter(|heading| !heading.is_inside).collect();
    let mut line = first;
    let mut at = 0;
    let mut found = Vec::new();
    let start = Section { level: 0, title: String::new(), when: None, text: String::new(), line };
    let mut current = start;
    for heading in headings {
        let text = &body[at..heading.range.start];
        found.push(filled(file, current, text)?);
        line += text.matches('\n').count();
        if found.len() > MOST_SECTIONS {
            let message = format!("the document has more than {MOST_SECTIONS} headings");
            return Err(Problem::new(Code::Limit, message).at(file, line, 1).into());
        }
        let marked = &body[heading.range.clone()];
        let title = marked.lines().next().unwrap_or_default().trim_start_matches('#').trim();
        let (level, title) = (heading.level, title.to_owned());
        current = Section { level, title, when: None, text: String::new(), line };
        at = heading.range.end;
        line += marked.matches('\n').count();
    }
    found.push(filled(file, current, &body[at..])?);
    Ok(found)
}

/// The section with its text; the condition on its first line is taken out, and an empty line stays in its place.
fn filled(file: &str, mut section: Section, text: &str) -> Result<Section> {
    for (index, line) in text.lines().enumerate() {
        match condition(line).filter(|_| section.text.trim().is_empty()) {
            Some(source) => {
                section.when = Some(Expr::new(source).map_err(|fault| {
                    let message = format!("`{source}` is not an expression: {}", fault.message);
                    let line = section.first_line() + index;
                    Problem::new(Code::BadKnowledge, message).at(file, line, 1)
                })?);
            }
            None => section.text.push_str(line),
        }
        section.text.push('\n');
    }
    Ok(section)
}

/// What a line such as `<!-- when: EXPR -->` says.
fn condition(line: &str) -> Option<&str> {
    Some(line.trim().strip_prefix("<!-- when:")?.strip_suffix("-->")?.trim())
}

impl<T> Parsed<T> {
    /// A document of the built-in pack, whose front matter is known. The rest is read when it is first needed.
    #[must_use]
    pub fn later(file: String, front: T, source: &'static [u8]) -> Self {
        Self { front, file, source, rest: OnceLock::new() }
    }

    fn rest(&self) -> &Rest {
        self.rest.get_or_init(|| {
            let text = text_of(&self.file, self.source);
            let rest = text.and_then(|text| {
                let (_, body) = halves(&self.file, &text)?;
                Rest::of(&self.file, self.source, &text, body)
            });
            rest.expect("a test has read every document of the built-in pack")
        })
    }

    /// What follows the front matter.
    #[must_use]
    pub fn body(&self) -> &[Section] {
        &self.rest().body
    }

    /// SHA-256 of the file.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.rest().digest
    }

    /// The sections that fit; one that does not takes those below it along.
    ///
    /// # Errors
    /// A condition fails.
    pub fn fitting(&self, scope: &Scope) -> Result<Vec<&Section>> {
        let mut kept = Vec::new();
        let mut dropped: Option<usize> = None;
        for section in self.body() {
            if dropped.is_some_and(|level| section.level > level) {
                continue;
            }
            dropped = None;
            let holds = match &section.when {
                None => true,
                Some(when) => when.holds(&read_by(when, scope)).map_err(|fault| {
                    Problem::new(Code::BadKnowledge, fault.message).at(
                        self.file.as_str(),
                        section.line,
                        1,
                    )
                })?,
            };
            if holds { kept.push(section) } else { dropped = Some(section.level) }
        }
        Ok(kept)
    }
}

/// What an expression reads of a scope; a document is for several types, whose questions differ, so that what is not there
/// is nothing.
#[must_use]
pub fn read_by(expr: &Expr, scope: &Scope) -> Scope {
    let value = |name: &str| scope.get(name).cloned().unwrap_or(Datum::None);
    expr.reads().map(|name| (name.to_owned(), value(name))).collect()
}

/// The sections of one part, `Summary` or `Deep Guidance`, without its heading.
#[must_use]
pub fn part<'s>(sections: &[&'s Section], title: &str) -> Vec<&'s Section> {
    let Some(at) = sections.iter().position(|section| section.title == title) else {
        return Vec::new();
    };
    let level = sections[at].level;
    let rest = sections[at + 1..].iter().take_while(|section| section.level > level);
    std::iter::once(sections[at]).chain(rest.copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Front {
        name: String,
    }

    const TEXT: &str = "---\nname: x\n---\n\n# Title\n\n## Summary\n\nShort.\n\n## Deep Guidance\n\n### Streams\n<!-- when: model == 'streaming' -->\n\nWatermarks.\n\n#### Late\n\nLate ones.\n\n### Files\n\n```sh\n# no heading\n```\n";

    fn titles(model: &str) -> Vec<String> {
        let parsed: Parsed<Front> = parse("x.md", TEXT.as_bytes()).unwrap();
        assert_eq!(parsed.front.name, "x");
        let scope = Scope::from([("model".to_owned(), Datum::Word(model.to_owned()))]);
        parsed.fitting(&scope).unwrap().iter().map(|section| section.title.clone()).collect()
    }

    #[test]
    fn a_section_that_does_not_fit_takes_those_below_it_along() {
        assert_eq!(titles("batch"), ["", "Title", "Summary", "Deep Guidance", "Files"]);
        assert_eq!(titles("streaming")[4..], ["Streams", "Late", "Files"]);
    }

    #[test]
    fn a_part_ends_where_the_next_begins() {
        let parsed: Parsed<Front> = parse("x.md", TEXT.as_bytes()).unwrap();
        let all: Vec<&Section> = parsed.body().iter().collect();
        let summary = part(&all, SUMMARY);
        assert_eq!(summary.len(), 1);
        assert_eq!(summary[0].text.trim(), "Short.");
        assert_eq!(part(&all, DEEP).len(), 4);
    }

    #[test]
    fn faults_have_their_line() {
        let line = |bytes: &[u8]| {
            let error = parse::<Front>("x.md", bytes).unwrap_err();
            match error.problems[0].place.clone() {
                Some(crate::error::Place::File { line, .. }) => line,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(line(b"no front matter"), 1);
        assert_eq!(line(b"---\nname: x\nnmae: y\n---\n"), 3);
        assert_eq!(line(b"---\n- a\n---\n"), 2);
        assert_eq!(line(b"---\nname: x\n---\n\n\xff\n"), 5);
        assert_eq!(line(b"---\nname: x\n---\n## A\n<!-- when: ( -->\n"), 5);
        assert_eq!(line(&vec![b'a'; MOST_BYTES + 1]), 1);
    }
}
