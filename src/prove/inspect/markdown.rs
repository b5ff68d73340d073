//! Links of Markdown files resolve, and guides name only files that exist.

use super::{DEAD_LINK, Finding, Memo, has_ending};
use crate::formats::markdown::Page;
use crate::tree::File;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// All links that lead nowhere.
pub(super) fn flaws(files: &[File], seen: &mut Memo<Page>) -> Vec<Finding> {
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
        for link in &page.links {
            let target = link.target.as_str();
            if !leads_somewhere(path, target, &paths, &pages) {
                let message = format!("links to `{target}`, which does not exist");
                flaws.push(Finding::new(DEAD_LINK, path, link.line, message));
            }
        }
        for (line, named) in page.spans.iter().filter(|_| path.starts_with("docs/guides/")) {
            if is_path_of_source(named) && !paths.contains(named.as_str()) {
                let message = format!("names `{named}`, which does not exist");
                flaws.push(Finding::new(DEAD_LINK, path, *line, message));
            }
        }
    }
    flaws
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
            || pages.get(file.as_str()).is_none_or(|page| page.has_anchor(fragment)))
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
}
