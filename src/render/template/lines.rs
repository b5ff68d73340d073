//! What is left of a line with block tags: nothing where they stand alone on it, and its indentation and its end where they
//! share it with text. The engine by itself takes both from every line.

use std::borrow::Cow;
use std::ops::Range;

/// The template in which tags that share their line with text say so (`{%+ … +%}`); no line moves.
pub(super) fn kept(text: &str) -> Cow<'_, str> {
    let tags = blocks(text);
    let (mut kept, mut done) = (String::new(), 0);
    for line in tags.chunk_by(|one, next| is_blank(&text[one.end..next.start])) {
        let (first, last) = (&line[0], &line[line.len() - 1]);
        let before = text[..first.start].trim_end_matches([' ', '\t']);
        let after = text[last.end..].trim_start_matches([' ', '\t']);
        let begins = before.is_empty() || before.ends_with('\n');
        if begins && (after.is_empty() || starts_with_line_end(after)) {
            continue;
        }
        let is_indented = begins && before.len() < first.start;
        let start = is_indented.then(|| mark(text, first.start + 2, first.start + 2));
        let ends = starts_with_line_end(&text[last.end..]);
        let end = ends.then(|| mark(text, last.end - 2, last.end - 3));
        for mark in [start.flatten(), end.flatten()].into_iter().flatten() {
            if mark.start >= done {
                kept += &text[done..mark.start];
                kept.push('+');
                done = mark.end;
            }
        }
    }
    if done == 0 { Cow::Borrowed(text) } else { Cow::Owned(kept + &text[done..]) }
}

/// Where a `+` goes that is to stand at `place`: in the place of the space at `space` if there is one, so that columns stay
/// the same; nowhere if the author has said what is to become of whitespace.
fn mark(text: &str, place: usize, space: usize) -> Option<Range<usize>> {
    match text.as_bytes()[space] {
        b'-' | b'+' => None,
        b' ' => Some(space..space + 1),
        _ => Some(place..place),
    }
}

fn starts_with_line_end(text: &str) -> bool {
    text.starts_with('\n') || text.starts_with("\r\n")
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// The places of `{% … %}` and `{# … #}`, in order; what stands in a raw block is text.
fn blocks(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(tag) = next(text, at) {
        at = tag.end;
        if text[tag.clone()].starts_with("{{") {
            continue;
        }
        let is_raw = says(&text[tag.start..], "raw").is_some();
        found.push(tag);
        if is_raw {
            let mut ends = text[at..].match_indices("{%").map(|(found, _)| at + found);
            let end = ends.find_map(|start| Some(start..start + says(&text[start..], "endraw")?));
            let Some(end) = end else { break };
            at = end.end;
            found.push(end);
        }
    }
    found
}

/// How long the tag is that the text starts with, if it says this word alone.
fn says(text: &str, word: &str) -> Option<usize> {
    let space = |c: char| c.is_ascii_whitespace();
    let inside = text.strip_prefix("{%")?.trim_start_matches(['-', '+']).trim_start_matches(space);
    let rest = inside.strip_prefix(word)?.trim_start_matches(space).trim_start_matches(['-', '+']);
    Some(text.len() - rest.strip_prefix("%}")?.len())
}

/// The next tag of any kind from `at` on.
fn next(text: &str, at: usize) -> Option<Range<usize>> {
    let opens = text[at..].match_indices('{').map(|(found, _)| at + found);
    for start in opens {
        let close = match text.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => {
                let end = text[start..].find("#}")?;
                return Some(start..start + end + 2);
            }
            _ => continue,
        };
        return Some(start..end_of(text, start + 2, close)?);
    }
    None
}

/// Where a tag ends whose inside begins at `at`; what stands in quotes is passed over.
fn end_of(text: &str, at: usize, close: &str) -> Option<usize> {
    let (bytes, mut at, mut quote) = (text.as_bytes(), at, None);
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (None, byte @ (b'"' | b'\'')) => quote = Some(byte),
            (None, _) if bytes[at..].starts_with(close.as_bytes()) => {
                return Some(at + close.len());
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::{Renderer, tests::scope};

    fn rendered(text: &str) -> String {
        Renderer::new(&scope()).render("a.txt", text, None).unwrap().text
    }

    #[test]
    fn tags_alone_on_a_line_leave_nothing_of_it() {
        for text in [
            "a\n{% if flag %}\nb\n{% endif %}\nc\n",
            "a\n  {% if flag %}\nb\n\t{% endif %}\nc\n",
            "a\n  {% if flag %}{% if flag %}\nb\n{% endif %}{% endif %}\nc\n",
            "a\n  {# nothing #}\nb\nc\n",
            "a\nb\n{% set x = [\n  1,\n] %}\nc\n",
            "a\n  {% raw %}\nb\n  {% endraw %}\nc\n",
        ] {
            assert_eq!(rendered(text), "a\nb\nc\n", "{text}");
        }
    }

    #[test]
    fn a_line_that_tags_share_with_text_keeps_its_indentation_and_its_end() {
        for (text, expected) in [
            ("x: {% raw %}${{ y }}{% endraw %}\nz\n", "x: ${{ y }}\nz\n"),
            ("a\n  {% raw %}{{ y }}{% endraw %}\nz\n", "a\n  {{ y }}\nz\n"),
            ("a {% if flag %}b{% else %}c{% endif %}\nz\n", "a b\nz\n"),
            ("a\n  {% if flag %}b: 1{% endif %}\nz\n", "a\n  b: 1\nz\n"),
            ("a\n  {% for i in items %}{{ i }} {% endfor %}\nz\n", "a\n  x y \nz\n"),
            ("a {# said aside #}\nz\n", "a \nz\n"),
            ("a {%if flag%}\nb{%endif%}\nz\n", "a \nb\nz\n"),
            ("a {% if flag %}b{% endif %}\r\nz\r\n", "a b\r\nz\r\n"),
        ] {
            assert_eq!(rendered(text), expected, "{text}");
        }
    }

    #[test]
    fn what_the_author_says_of_whitespace_holds() {
        assert_eq!(rendered("a {% if flag -%}\n b\n{%- endif +%}\nz\n"), "a b\nz\n");
        assert_eq!(rendered("a\n  {%- if flag %}b{% endif -%}\n  z\n"), "abz\n");
        assert_eq!(rendered("a\n  {%+ if flag +%}\nb\n{% endif %}\n"), "a\n  \nb\n");
    }

    #[test]
    fn what_only_looks_like_a_tag_is_text() {
        for (text, expected) in [
            ("{% raw %}a {% if %}\n{# b #}\n{% endraw %}\n", "a {% if %}\n{# b #}\n"),
            ("{{ '{% if %}' | safe }}\nz\n", "{% if %}\nz\n"),
            ("{% if '%}' == '%}' %}\na\n{% endif %}\n", "a\n"),
            ("a { % }\n", "a { % }\n"),
        ] {
            assert_eq!(rendered(text), expected, "{text}");
        }
    }

    #[test]
    fn very_many_tags_on_a_line_cost_one_look_each() {
        let text = format!("x{}\n", "{% if flag %}{%endif%}".repeat(200_000));
        assert!(super::kept(&text).ends_with("{%endif+%}\n"));
        let raw = format!("{{% raw %}}{}", "{%'".repeat(200_000));
        assert_eq!(super::kept(&raw), raw);
        for text in ["{%%}", "x{% %}\n", " {%%}x", "{#", "x{##}\n", "{% raw %}", "{{ '", "ä{%é%}\n"]
        {
            super::kept(text);
        }
    }

    #[test]
    fn a_fault_keeps_its_place() {
        let text = "a {% if flag %}b{% endif %}\n  {% if flag %}c{% endif %} {{ nmae }}\n";
        let fault = Renderer::new(&scope()).render("a.txt", text, None).unwrap_err();
        assert_eq!((fault.line, fault.column), (2, 32));
    }
}
