//! Turns free text into a literal of the language that it lands in, so that no answer breaks out.

mod markdown;
#[cfg(test)]
mod tests;

use super::filetype::FileType;
use crate::hidden::{four_digits, is_hidden};
use std::fmt::Write;

/// Writes `text` as a literal of `ty`, with its quotes where the language has them.
///
/// Reading the literal gives `text` again, whatever it holds. The exceptions are what a language
/// cannot hold at all: NUL is left out of a shell word and becomes U+FFFD in Markdown, and so do
/// all control characters but tab and line ends in HTML. Characters that nobody sees (controls,
/// bidi controls, zero-width space) are escaped wherever the language has an escape for them.
///
/// A shell literal is one word, and so also a value in a `.env` file. Markdown is for running text
/// and headings: inside a code span nothing can be escaped. HTML is for text and attributes, not for
/// scripts. `Text` is returned as it is.
#[must_use]
pub fn quote(text: &str, ty: FileType) -> String {
    match ty {
        FileType::Toml => quoted(text, '"', toml_escape),
        FileType::Json => quoted(text, '"', json_escape),
        FileType::Yaml => quoted(text, '"', yaml_escape),
        FileType::Python => quoted(text, fewest(text), python_escape),
        FileType::JavaScript => quoted(text, fewest(text), javascript_escape),
        FileType::Shell => shell(text),
        FileType::Markdown => markdown::escaped(text),
        FileType::Html => html(text),
        FileType::Text => text.to_owned(),
    }
}

/// Whether `text` can stand, as it is, inside a quoted string of any of the languages and in prose.
///
/// Not for a bare YAML value or shell word, where `a: b`, `true` and spaces have a meaning.
#[must_use]
pub fn literal_is_safe(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || " ._-/:@+,()".contains(c))
        && markdown::escaped(text) == text
}

/// Puts `text` between quotes; `escape` gives the escapes of the language but for the quote itself.
fn quoted(text: &str, quote: char, escape: fn(char) -> Option<String>) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push(quote);
    for c in text.chars() {
        match escape(c) {
            _ if c == quote || c == '\\' => literal.extend(['\\', c]),
            Some(escaped) => literal.push_str(&escaped),
            None => literal.push(c),
        }
    }
    literal.push(quote);
    literal
}

/// The quote that ruff, prettier and biome choose: double unless single ones need fewer escapes.
fn fewest(text: &str) -> char {
    let count = |quote| text.chars().filter(|c| *c == quote).count();
    if count('"') > count('\'') { '\'' } else { '"' }
}

fn common_escape(c: char) -> Option<&'static str> {
    Some(match c {
        '\t' => "\\t",
        '\n' => "\\n",
        '\r' => "\\r",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        _ => return None,
    })
}

/// TOML, YAML and Python have no surrogates, but eight digits.
fn eight_digits(c: char) -> String {
    if c > '\u{ffff}' { format!("\\U{:08x}", u32::from(c)) } else { four_digits(c) }
}

fn json_escape(c: char) -> Option<String> {
    let escaped = || common_escape(c).map_or_else(|| four_digits(c), str::to_owned);
    is_hidden(c).then(escaped)
}

fn toml_escape(c: char) -> Option<String> {
    let escaped = || common_escape(c).map_or_else(|| eight_digits(c), str::to_owned);
    is_hidden(c).then(escaped)
}

/// YAML also forbids noncharacters as they are, and has no `\b` that all parsers agree on.
fn yaml_escape(c: char) -> Option<String> {
    match c {
        '\u{fffe}' | '\u{ffff}' => Some(four_digits(c)),
        _ => toml_escape(c),
    }
}

fn python_escape(c: char) -> Option<String> {
    code_escape(c, eight_digits)
}

fn javascript_escape(c: char) -> Option<String> {
    code_escape(c, four_digits)
}

/// Python and JavaScript agree on these; both read `\x` with two digits.
fn code_escape(c: char, digits: fn(char) -> String) -> Option<String> {
    match c {
        '\t' | '\n' | '\r' => common_escape(c).map(str::to_owned),
        _ if is_hidden(c) && u32::from(c) < 0x100 => Some(format!("\\x{:02x}", u32::from(c))),
        _ if is_hidden(c) => Some(digits(c)),
        _ => None,
    }
}

/// Single quotes where any are needed; double ones around an apostrophe, because readers of `.env`
/// files do not know the shell's `'\''`.
fn shell(text: &str) -> String {
    // `=` would make an assignment of the first word of a command.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%+:,./_-".contains(c);
    let text = text.replace('\0', "");
    if !text.is_empty() && text.chars().all(is_plain) {
        text
    } else if text.contains('\'') && !text.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => numeric(&mut escaped, c),
            _ if c.is_control() => escaped.push('\u{fffd}'),
            _ if is_hidden(c) => numeric(&mut escaped, c),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A character reference, which HTML and Markdown share.
fn numeric(escaped: &mut String, c: char) {
    let _ = write!(escaped, "&#{};", u32::from(c));
}
