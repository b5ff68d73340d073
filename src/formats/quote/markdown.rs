//! Escapes free text so that `CommonMark` and GitHub show it as it is, and plain prose stays readable.

use super::{is_hidden, numeric, without_controls};

/// A span of code, with more backticks than any run of them in the text.
pub(super) fn span(text: &str) -> Result<String, String> {
    let text = without_controls(text, "code in Markdown")?;
    if text.is_empty() {
        return Ok(String::new());
    }
    let runs: Vec<usize> = text.split(|c| c != '`').map(str::len).collect();
    let fence = "`"
        .repeat((1..=runs.len()).find(|length| !runs.contains(length)).unwrap_or(runs.len() + 1));
    // One space is dropped at each end if both have one.
    let is_spaced = text.starts_with(' ') && text.ends_with(' ') && text.contains(|c| c != ' ');
    let is_open = text.starts_with('`') || text.ends_with('`');
    let space = if is_spaced || is_open { " " } else { "" };
    Ok(format!("{fence}{space}{text}{space}{fence}"))
}

/// Text inside a fenced block, where nothing can be escaped.
pub(super) fn block(text: &str) -> Result<String, String> {
    let text = without_controls(text, "code in Markdown")?;
    match ["```", "~~~"].iter().find(|fence| text.contains(**fence)) {
        Some(fence) => Err(format!("`{fence}` in a value could end a block of code")),
        None => Ok(text.to_owned()),
    }
}

/// Escapes what would be markup where the text may stand: in a line, at its start, in a heading or
/// in a cell of a table. An apostrophe, a full stop, a hyphen between words and the like stay bare.
pub(super) fn escaped(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut escaped = String::with_capacity(text.len());
    for (at, &c) in chars.iter().enumerate() {
        if is_numeric(&chars, at) {
            numeric(&mut escaped, c);
            continue;
        }
        if is_markup(&chars, at) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Spaces at the ends would be dropped, indent a code block or break the line.
fn is_numeric(chars: &[char], at: usize) -> bool {
    let is_outer = at == 0 || at + 1 == chars.len();
    is_hidden(chars[at]) || (is_outer && chars[at].is_whitespace())
}

fn is_markup(chars: &[char], at: usize) -> bool {
    needs_escape(chars, at) || is_broken_link(chars, at)
}

fn needs_escape(chars: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).map(|at| chars[at]);
    let after = chars.get(at + 1).copied();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match chars[at] {
        '\\' | '`' | '*' | '[' | ']' | '{' | '<' | '|' | '~' | '$' => true,
        '_' => !is_word(before) || !is_word(after),
        '&' => is_reference(&chars[at + 1..]),
        '>' => at == 0,
        '#' => at == 0 || is_closing(chars, at),
        '-' | '+' | '=' | ':' => at == 0 && !is_word(after),
        '.' | ')' => is_number(&chars[..at], after),
        _ => false,
    }
}

/// `&amp;`, `&#39;`: whether a name and a semicolon follow the ampersand.
fn is_reference(rest: &[char]) -> bool {
    let name = rest.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '#').count();
    name > 0 && rest.get(name) == Some(&';')
}

/// A run of `#` at the end of a heading is dropped if a space is before it.
fn is_closing(chars: &[char], at: usize) -> bool {
    chars[at - 1].is_whitespace() && chars[at..].iter().all(|c| *c == '#')
}

/// `1.` or `1)` at the start is an item of a list.
fn is_number(before: &[char], after: Option<char>) -> bool {
    !before.is_empty()
        && before.iter().all(char::is_ascii_digit)
        && after.is_none_or(char::is_whitespace)
}

/// GitHub turns addresses into links and then reads no escapes in them: an address that needs one is
/// kept from becoming a link, at the `:` before `//` or the `.` after `www`.
fn is_broken_link(chars: &[char], at: usize) -> bool {
    let starts_link = match chars[at] {
        ':' => chars[at + 1..].starts_with(&['/', '/']),
        '.' => ends_with_www(&chars[..at]),
        _ => false,
    };
    let is_in_word = |at: &usize| !chars[*at].is_whitespace() || is_numeric(chars, *at);
    let mut word = (at + 1..chars.len()).take_while(is_in_word);
    starts_link && word.any(|inner| needs_escape(chars, inner) || is_numeric(chars, inner))
}

fn ends_with_www(before: &[char]) -> bool {
    before.len() >= 3 && before[before.len() - 3..].iter().all(|c| c.eq_ignore_ascii_case(&'w'))
}
