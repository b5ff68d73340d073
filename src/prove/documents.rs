//! Whether documents are still true: reviewed lately, with sources, links that lead somewhere, examples that parse.

use crate::error::{Code, Problem};
use crate::formats::markdown::{self, Page, anchor};
use crate::knowledge::document::Section;
use crate::knowledge::{Document, Library};
use crate::prove::inspect::Finding;

/// A document that nobody has held against its sources for so many days is to be read again.
const REVIEW_DAYS: i64 = 365;

/// Parses Python files given by path and text; `None` where no Python is installed that could tell.
pub type Python<'a> = &'a dyn Fn(&[(&str, &str)]) -> Option<Vec<(usize, Finding)>>;

/// A block of code and where it starts.
#[derive(Debug)]
struct Example {
    file: String,
    line: usize,
    code: markdown::Example,
}

/// Everything that must be fixed, sorted by document.
#[must_use]
pub fn check(library: &Library, today: &str, python: Python) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut examples = Vec::new();
    for document in library.documents.values() {
        problems.extend(front(document, today));
        problems.extend(links(document, library));
        examples.extend(code(document));
    }
    problems.extend(unparsed(&examples, python));
    for step in library.steps.values() {
        let unknown =
            step.front.knowledge.iter().filter(|name| !library.documents.contains_key(*name));
        let names = || library.documents.keys().cloned();
        problems.extend(unknown.map(|name| {
            let message = format!("the step names the document `{name}`, which no pack has");
            Problem::new(Code::Untrue, message).at(step.file.as_str(), 1, 1).allowed(name, names())
        }));
    }
    problems
}

fn front(document: &Document, today: &str) -> Vec<Problem> {
    let (front, file) = (&document.parsed.front, document.parsed.file.as_str());
    let told = |message: String| Problem::new(Code::Untrue, message).at(file, 1, 1);
    let mut problems = Vec::new();
    match front.reviewed.as_deref().map(|day| (day, days(day))) {
        None => problems
            .push(told("nobody has reviewed it: `reviewed: YYYY-MM-DD` is missing".to_owned())),
        Some((day, None)) => {
            problems.push(told(format!("`reviewed: {day}` is not a day as YYYY-MM-DD")));
        }
        Some((day, Some(then))) => {
            if days(today).is_some_and(|now| now - then > REVIEW_DAYS) {
                problems.push(told(format!(
                    "it was reviewed on {day}, more than {REVIEW_DAYS} days ago"
                )));
            }
        }
    }
    if front.sources.is_empty() {
        problems.push(told("it names no `sources`".to_owned()));
    }
    problems
}

/// Days since a fixed one, by the calendar that is in use; `None` for what is no day.
fn days(day: &str) -> Option<i64> {
    let time = humantime::parse_rfc3339(&format!("{day}T00:00:00Z")).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs() / 86_400).ok()
}

/// Links to headings of the document and to other documents.
fn links(document: &Document, library: &Library) -> Vec<Problem> {
    let anchors: Vec<String> =
        document.parsed.body().iter().map(|section| anchor(&section.title)).collect();
    let mut problems = Vec::new();
    for section in document.parsed.body() {
        for link in Page::read(&section.text).links {
            let is_dead = match link.target.strip_prefix('#') {
                Some(heading) => !anchors.iter().any(|known| known == heading),
                None if link.target.contains("://") => false,
                None => {
                    let name = link.target.split('#').next().unwrap_or_default();
                    name.strip_suffix(".md")
                        .is_some_and(|name| !library.documents.contains_key(name))
                }
            };
            if is_dead {
                let message = format!("the link to `{}` leads nowhere", link.target);
                problems.push(Problem::new(Code::Untrue, message).at(
                    document.parsed.file.as_str(),
                    section.first_line() + link.line - 1,
                    1,
                ));
            }
        }
    }
    problems
}

fn code(document: &Document) -> Vec<Example> {
    let of_section = |section: &Section| {
        let (file, before) = (document.parsed.file.clone(), section.first_line() - 1);
        let examples = Page::read(&section.text).examples;
        examples
            .into_iter()
            .map(move |code| Example { file: file.clone(), line: before + code.line, code })
            .collect::<Vec<_>>()
    };
    document.parsed.body().iter().flat_map(of_section).collect()
}

fn unparsed(examples: &[Example], python: Python) -> Vec<Problem> {
    let told = |example: &Example, line: usize, why: String| {
        let message = format!("the example is not {}: {why}", example.code.language);
        Problem::new(Code::Untrue, message).at(example.file.as_str(), example.line + line, 1)
    };
    let mut problems = Vec::new();
    let of_python: Vec<&Example> = examples
        .iter()
        .filter(|example| ["py", "python"].contains(&example.code.language.as_str()))
        .collect();
    let files: Vec<(&str, &str)> = of_python
        .iter()
        .map(|example| (example.file.as_str(), example.code.text.as_str()))
        .collect();
    for (index, flaw) in python(&files).unwrap_or_default() {
        problems.push(told(of_python[index], flaw.line.saturating_sub(1), flaw.message));
    }
    for example in examples {
        let why = match example.code.language.as_str() {
            "json" => serde_json::from_str::<serde_json::Value>(&example.code.text)
                .err()
                .map(|e| e.to_string()),
            "toml" => example
                .code
                .text
                .parse::<toml_edit::DocumentMut>()
                .err()
                .map(|e| e.message().to_owned()),
            "yaml" | "yml" => crate::formats::yaml::parse::<crate::formats::yaml::Value>(
                "",
                &example.code.text,
                Code::Untrue,
            )
            .err()
            .map(|error| error.problems[0].message.clone()),
            _ => None,
        };
        problems.extend(why.map(|why| told(example, 0, why)));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::document;

    fn findings(text: &str) -> Vec<String> {
        let parsed = document::parse("d.md", text.as_bytes()).unwrap();
        let mut library = Library::default();
        library.documents.insert("d".to_owned(), Document { parsed, origin: "p".to_owned() });
        let all = check(&library, "2026-06-01", &crate::prove::inspect::python::flaws);
        all.into_iter().map(|problem| problem.message).collect()
    }

    const SOUND: &str = "---\nname: d\ndescription: d\nreviewed: '2026-01-01'\nsources: [x]\n---\n";

    #[test]
    fn what_is_sound_has_no_finding() {
        let body = "## Summary\n\n[a](#summary) [b](https://example.org) [c](d.md)\n\n```json\n{\"a\": 1}\n```\n\n```python\nx = 1\n```\n";
        assert_eq!(findings(&format!("{SOUND}{body}")), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_found() {
        let one = |body: &str| findings(&format!("{SOUND}{body}")).join("; ");
        assert!(one("[a](#nowhere)\n").contains("leads nowhere"));
        assert!(one("[a](other.md)\n").contains("leads nowhere"));
        assert!(one("```json\n{\n```\n").contains("not json"));
        assert!(one("```toml\na = \n```\n").contains("not toml"));
        assert!(one("```yaml\na: [\n```\n").contains("not yaml"));
        let old = SOUND.replace("2026-01-01", "2025-01-01");
        assert!(findings(&old)[0].contains("more than 365 days ago"));
        let bare = "---\nname: d\ndescription: d\n---\n";
        assert_eq!(findings(bare).len(), 2);
    }
}
