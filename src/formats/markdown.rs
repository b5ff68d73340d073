//! Markdown, read by one parser: headings, links, tables, code and footnotes, each with its place. What stands in code is code.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeMap;
use std::ops::Range;

/// What of a text is looked at.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// In order.
    pub headings: Vec<Heading>,
    /// Links and images.
    pub links: Vec<Link>,
    /// Code within a line.
    pub spans: Vec<(usize, String)>,
    /// Blocks of code.
    pub examples: Vec<Example>,
    /// Tables that stand in no quotation, list or footnote.
    pub tables: Vec<Table>,
    /// Uses and definitions of footnotes, by their label.
    footnotes: Vec<(usize, String)>,
}

/// A heading.
#[derive(Clone, Debug)]
pub struct Heading {
    /// 1 to 6.
    pub level: usize,
    /// Its text, without marks.
    pub text: String,
    /// Its bytes in the text, marks and the end of the line included.
    pub range: Range<usize>,
    /// It stands in a quotation, a list or a footnote.
    pub is_inside: bool,
}

/// A link.
#[derive(Clone, Debug)]
pub struct Link {
    /// Where it leads, as written.
    pub target: String,
    /// Its line, from 1.
    pub line: usize,
    range: Range<usize>,
}

/// A block of code.
#[derive(Clone, Debug, Default)]
pub struct Example {
    /// What stands behind the opening fence.
    pub language: String,
    /// The code.
    pub text: String,
    /// The first line of the code, from 1.
    pub line: usize,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// Its header, then its rows.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its bytes in the text, the end of the line not included.
    pub range: Range<usize>,
    /// What stands between the bars, as written.
    pub cells: Vec<String>,
}

impl Page {
    /// Reads a text.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
        let mut page = Self::default();
        let mut heading: Option<Heading> = None;
        let mut example: Option<Example> = None;
        let mut depth = 0_usize;
        let mut line = LineCounter::new(text);
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    let (level, is_inside) = (level as usize, depth > 0);
                    heading = Some(Heading { level, text: String::new(), range, is_inside });
                }
                Event::End(TagEnd::Heading(_)) => page.headings.extend(heading.take()),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    let (target, line) = (dest_url.to_string(), line.at(range.start));
                    page.links.push(Link { target, line, range });
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    let (language, skipped) = match kind {
                        CodeBlockKind::Fenced(language) => (language.trim().to_owned(), 1),
                        CodeBlockKind::Indented => (String::new(), 0),
                    };
                    let line = line.at(range.start) + skipped;
                    example = Some(Example { language, text: String::new(), line });
                }
                Event::End(TagEnd::CodeBlock) => page.examples.extend(example.take()),
                Event::Start(Tag::FootnoteDefinition(label)) => {
                    depth += 1;
                    page.footnotes.push((range.start, label.to_string()));
                }
                Event::FootnoteReference(label) => {
                    page.footnotes.push((range.start, label.to_string()));
                }
                Event::Start(Tag::BlockQuote(_) | Tag::List(_)) => depth += 1,
                Event::End(
                    TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::FootnoteDefinition,
                ) => depth -= 1,
                Event::Start(Tag::Table(_)) if depth == 0 => {
                    page.tables.push(Table { range, rows: Vec::new() });
                }
                Event::Start(Tag::TableHead | Tag::TableRow) if depth == 0 => {
                    let end = range.start + text[range.clone()].trim_end().len();
                    let row = Row { range: range.start..end, cells: Vec::new() };
                    if let Some(table) = page.tables.last_mut() {
                        table.rows.push(row);
                    }
                }
                Event::Start(Tag::TableCell) if depth == 0 => {
                    let row = page.tables.last_mut().and_then(|table| table.rows.last_mut());
                    if let Some(row) = row {
                        row.cells.push(text[range].trim().to_owned());
                    }
                }
                Event::Text(words) => match (&mut heading, &mut example) {
                    (Some(heading), _) => heading.text.push_str(&words),
                    (None, Some(example)) => example.text.push_str(&words),
                    (None, None) => {}
                },
                Event::Code(code) => {
                    if let Some(heading) = &mut heading {
                        heading.text.push_str(&code);
                    }
                    page.spans.push((line.at(range.start), code.to_string()));
                }
                _ => {}
            }
        }
        page
    }

    /// Whether a heading has this anchor.
    #[must_use]
    pub fn has_anchor(&self, wanted: &str) -> bool {
        self.headings.iter().any(|heading| anchor(&heading.text) == wanted)
    }
}

/// Lines of a text, asked for in nearly ascending order.
struct LineCounter<'t> {
    text: &'t str,
    offset: usize,
    line: usize,
}

impl<'t> LineCounter<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, offset: 0, line: 1 }
    }

    fn at(&mut self, offset: usize) -> usize {
        if offset < self.offset {
            (self.offset, self.line) = (0, 1);
        }
        self.line += self.text[self.offset..offset].matches('\n').count();
        self.offset = offset;
        self.line
    }
}

/// The anchor that code hosts make of a heading.
#[must_use]
pub fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// The text with its footnotes named after `name`, and with links to other anchors where `anchors` has a new one, so that
/// it can stand beside other texts.
#[must_use]
pub fn told_apart(text: &str, name: &str, anchors: &BTreeMap<String, String>) -> String {
    let page = Page::read(text);
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for (start, label) in page.footnotes {
        // `[^label]`, or `[^label]:` where it is defined.
        let label_at = start + "[^".len();
        edits.push((label_at..label_at + label.len(), format!("{name}-{label}")));
    }
    for link in page.links {
        let Some(new) = link.target.strip_prefix('#').and_then(|old| anchors.get(old)) else {
            continue;
        };
        let old = format!("](#{}", &link.target[1..]);
        if let Some(at) = text[link.range.clone()].rfind(&old) {
            let start = link.range.start + at + "](#".len();
            edits.push((start..start + link.target.len() - 1, new.clone()));
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut changed = String::with_capacity(text.len());
    let mut done = 0;
    for (range, new) in edits.into_iter().filter(|(range, _)| text.get(range.clone()).is_some()) {
        if range.start < done {
            continue;
        }
        changed.push_str(&text[done..range.start]);
        changed.push_str(&new);
        done = range.end;
    }
    changed + &text[done..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_left_as_it_is() {
        let text = "See [it](#old) and a note[^1].\n\n```python\nre.sub(r\"[^a-z0-9-]\", \"\", s)  # [x](#old)\n```\n\n\
                    Here `[^1]` and `[x](#old)`.\n\n[^1]: the note\n";
        let anchors = BTreeMap::from([("old".to_owned(), "new".to_owned())]);
        let expected = text
            .replacen("(#old)", "(#new)", 1)
            .replacen("note[^1]", "note[^d-1]", 1)
            .replace("[^1]: the", "[^d-1]: the");
        assert_eq!(told_apart(text, "d", &anchors), expected);
    }

    #[test]
    fn headings_links_and_examples_have_their_places() {
        let text = "# A `b` c\n\n> ## quoted\n\n```json\n{}\n```\n\n    # indented\n\n[x](y.md) ![i](p.png)\n";
        let page = Page::read(text);
        let headings: Vec<_> =
            page.headings.iter().map(|h| (h.level, h.text.as_str(), h.is_inside)).collect();
        assert_eq!(headings, [(1, "A b c", false), (2, "quoted", true)]);
        let examples: Vec<_> =
            page.examples.iter().map(|e| (e.line, e.language.as_str(), e.text.as_str())).collect();
        assert_eq!(examples, [(6, "json", "{}\n"), (9, "", "# indented\n")]);
        let links: Vec<_> = page.links.iter().map(|l| (l.line, l.target.as_str())).collect();
        assert_eq!(links, [(11, "y.md"), (11, "p.png")]);
        assert_eq!(page.spans, [(1, "b".to_owned())]);
    }

    #[test]
    fn anchors_are_those_of_code_hosts() {
        assert_eq!(anchor("What `run` does, in 3 steps"), "what-run-does-in-3-steps");
    }
}
