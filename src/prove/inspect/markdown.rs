//! Links of Markdown files resolve, and guides name only files that exist.

use super::{Flaw, Memo, has_ending, line_of};
use crate::tree::File;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// All links that lead nowhere.
pub(super) fn flaws(files: &[File], seen: &mut Memo<Page>) -> Vec<Flaw> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let pages: BTreeMap<&str, Rc<Page>> = files
        .iter()
        .filter(|file| has_ending(&file.path, &["md"]))
        .filter_map(|file| {
            let text = std::str::from_utf8(&file.bytes).ok()?;
            Some((file.path.as_str(), seen.of(file, || Page::read(text))))
        })
        .collect();
    let mut flaws = Vec::new();
    for (path, page) in &pages {
        for (line, target) in &page.links {
            if !leads_somewhere(path, target, &paths, &pages) {
                let message = format!("links to `{target}`, which does not exist");
                flaws.push(Flaw::new(path, *line, message));
            }
        }
        for (line, named) in page.named.iter().filter(|_| path.starts_with("docs/guides/")) {
            if is_path_of_source(named) && !paths.contains(named.as_str()) {
                let message = format!("names `{named}`, which does not exist");
                flaws.push(Flaw::new(path, *line, message));
            }
        }
    }
    flaws
}

/// What matters of a page.
pub(super) struct Page {
    anchors: BTreeSet<String>,
    links: Vec<(usize, String)>,
    named: Vec<(usize, String)>,
}

impl Page {
    fn read(text: &str) -> Self {
        let mut page = Self { anchors: BTreeSet::new(), links: Vec::new(), named: Vec::new() };
        let mut heading: Option<String> = None;
        for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            let line = || line_of(text, range.start);
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = heading.take().map(|text| anchor(&text)).unwrap_or_default();
                    page.anchors.insert(anchor);
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push((line(), dest_url.to_string()));
                }
                Event::Text(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                Event::Code(code) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&code);
                    }
                    page.named.push((line(), code.to_string()));
                }
                _ => {}
            }
        }
        page
    }
}

/// The anchor that code hosts make of a heading.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn leads_somewhere(
    from: &str,
    target: &str,
    paths: &BTreeSet<&str>,
    pages: &BTreeMap<&str, Rc<Page>>,
) -> bool {
    let is_elsewhere = target.split(['/', '#', '?']).next().is_some_and(|head| head.contains(':'));
    if is_elsewhere || target.starts_with("//") {
        return true;
    }
    let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
    let file = if file.is_empty() { from.to_owned() } else { resolve(from, file) };
    let below = format!("{}/", file.trim_end_matches('/'));
    let exists = paths.contains(file.as_str())
        || file.is_empty()
        || paths.iter().any(|path| path.starts_with(&below));
    exists
        && (fragment.is_empty()
            || pages.get(file.as_str()).is_none_or(|page| page.anchors.contains(fragment)))
}

/// The path that `target` means in the file `from`.
fn resolve(from: &str, target: &str) -> String {
    let target = target.replace("%20", " ");
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

fn is_path_of_source(text: &str) -> bool {
    ["src/", "tests/", "config/", "entrypoints/"].iter().any(|top| text.starts_with(top))
        && text.rsplit('/').next().is_some_and(|name| name.contains('.'))
        && !text.contains(['*', ' ', '<', '{'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_resolve_from_the_page() {
        assert_eq!(resolve("docs/a/b.md", "../c.md"), "docs/c.md");
        assert_eq!(resolve("README.md", "./docs/"), "docs");
    }

    #[test]
    fn anchors_are_those_of_code_hosts() {
        assert_eq!(anchor("What `run` does, in 3 steps"), "what-run-does-in-3-steps");
    }
}
