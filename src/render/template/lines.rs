//! What is left of a line with block tags: nothing where they stand alone on it, and its indentation and its end where they
//! share it with text. The engine by itself takes both from every line.

use std::borrow::Cow;
use std::ops::Range;

/// The template in which tags that share their line with text say so (`{%+ … +%}`); no line moves.
pub(super) fn kept(text: &str) -> Cow<'_, str> {
    let tags = blocks(text);
    let mut kept = Cow::Borrowed(text);
    // From the end, so that places before stay what they are.
    for (index, tag) in tags.iter().enumerate().rev() {
        let (start, end) = (left_of(text, &tags[..=index]), right_of(text, &tags[index..]));
        if start.is_none() || end.is_none() {
            if is_before_a_line_end(text, tag.end) {
                mark(kept.to_mut(), tag.end - 2, tag.end - 3);
            }
            if is_indented(text, tag.start) {
                mark(kept.to_mut(), tag.start + 2, tag.start + 2);
            }
        }
    }
    kept
}

/// Puts a `+` before the character at `place`, in the place of the space at `space` if there is one: columns stay the same.
fn mark(text: &mut String, place: usize, space: usize) {
    match text.as_bytes()[space] {
        b'-' | b'+' => {}
        b' ' => text.replace_range(space..=space, "+"),
        _ => text.insert(place, '+'),
    }
}

/// Where the line of the last of these tags starts, if nothing but tags and spaces stand before it.
fn left_of(text: &str, tags: &[Range<usize>]) -> Option<usize> {
    let mut at = tags.last()?.start;
    for before in tags.iter().rev().skip(1).map(Some).chain([None]) {
        at = text[..at].trim_end_matches([' ', '\t']).len();
        if at == 0 || text[..at].ends_with('\n') {
            return Some(at);
        }
        at = before.filter(|before| before.end == at)?.start;
    }
    None
}

/// Where the line of the first of these tags ends, if nothing but tags and spaces stand after it.
fn right_of(text: &str, tags: &[Range<usize>]) -> Option<usize> {
    let mut at = tags.first()?.end;
    for after in tags.iter().skip(1).map(Some).chain([None]) {
        let rest = text[at..].trim_start_matches([' ', '\t']);
        at = text.len() - rest.len();
        if rest.is_empty() || is_before_a_line_end(text, at) {
            return Some(at);
        }
        at = after.filter(|after| after.start == at)?.end;
    }
    None
}

fn is_before_a_line_end(text: &str, at: usize) -> bool {
    text[at..].starts_with('\n') || text[at..].starts_with("\r\n")
}

fn is_indented(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    !line.is_empty() && line.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
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
        let is_raw = word(text, &tag) == "raw";
        found.push(tag);
        if is_raw {
            let ends = text[at..].match_indices("{%").map(|(found, _)| at + found);
            let mut ends = ends.filter_map(|start| Some(start..end_of(text, start + 2, "%}")?));
            let Some(end) = ends.find(|tag| word(text, tag) == "endraw") else { break };
            at = end.end;
            found.push(end);
        }
    }
    found
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

/// What a tag says, without its marks.
fn word<'t>(text: &'t str, tag: &Range<usize>) -> &'t str {
    let inside = text.get(tag.start + 2..tag.end - 2).unwrap_or_default();
    inside.trim_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '-' | '+'))
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
    fn a_fault_keeps_its_place() {
        let text = "a {% if flag %}b{% endif %}\n  {% if flag %}c{% endif %} {{ nmae }}\n";
        let fault = Renderer::new(&scope()).render("a.txt", text, None).unwrap_err();
        assert_eq!((fault.line, fault.column), (2, 32));
    }
}
