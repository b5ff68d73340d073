//! Turns free text into a literal of the language that it lands in, so that no answer breaks out.

mod code;
mod config;
mod markdown;
#[cfg(test)]
mod tests;

use super::filetype::FileType;
use crate::formats::hidden::is_hidden;
use std::fmt::Write;

/// Writes `text` as a literal of `ty`, with its quotes where the language has them.
///
/// Reading the literal gives `text` again. The exceptions are what a language cannot hold at all:
/// NUL is left out of a shell word and becomes U+FFFD in Markdown, and so do all control characters
/// but tab and line ends in HTML. Characters that nobody sees (controls, bidi controls, zero-width
/// space) are escaped wherever the language has an escape for them.
///
/// A shell literal is one word, and so also a value in a `.env` file. Markdown is for running text
/// and headings, [`FileType::Code`] for spans of code. HTML is for text and attributes, not for
/// scripts. [`FileType::Text`] is returned as it is.
///
/// # Errors
/// The language has no form for this text, or is unknown; the message says what to write.
pub fn quote(text: &str, ty: FileType) -> Result<String, String> {
    match ty {
        FileType::Shell => Ok(shell_word(text)),
        FileType::Code => markdown::span(text),
        _ => written(text, ty, false),
    }
}

/// Writes `text` so that it can stand in a string that the author has opened and closes again.
///
/// That is a string of the kind which [`quote`] writes: between double quotes for most languages,
/// between single ones for SQL and `PowerShell`. Where a language has both and escapes for both, either
/// will do; so will a template of JavaScript. For code in Markdown it is a fenced block.
///
/// # Errors
/// As [`quote`].
pub fn inside(text: &str, ty: FileType) -> Result<String, String> {
    match ty {
        FileType::Shell => Ok(in_double_quotes(text)),
        FileType::Code => markdown::block(text),
        _ => written(text, ty, true),
    }
}

fn written(text: &str, ty: FileType, inside: bool) -> Result<String, String> {
    match ty {
        FileType::Markdown => Ok(markdown::escaped(text)),
        FileType::Html => Ok(html(text)),
        FileType::Vue => Ok(html(text).replace('{', "&#123;").replace('}', "&#125;")),
        FileType::Sql | FileType::PowerShell => config::doubled(text, ty, inside),
        FileType::Hcl => Ok(config::hcl(text, inside)),
        FileType::Ini => config::ini(text),
        FileType::Properties => Ok(config::properties(text)),
        FileType::Dockerfile => config::dockerfile(text, inside),
        FileType::Makefile => config::makefile(text),
        FileType::Text => without_controls(text, "plain text").map(str::to_owned),
        FileType::Unknown => Err(format!(
            "`quote` does not know the language of this file: name it, as in `quote('c')`, or write \
             `quote('text')` for the text as it is; it knows {}",
            FileType::known()
        )),
        _ => code::literal(text, ty, inside),
    }
}

/// Makes a literal of `ty` fit for a file of another type, in which it is embedded.
///
/// In HTML a script ends at `</script>`, even within a string; in a recipe of a Makefile, make reads the
/// line before the shell does.
#[must_use]
pub fn embedded(literal: String, ty: FileType, host: FileType) -> String {
    match (host, ty) {
        (FileType::Html | FileType::Vue, FileType::JavaScript | FileType::Json) => {
            literal.replace('<', "\\u003c")
        }
        (FileType::Html | FileType::Vue, FileType::Css) => literal.replace('<', "\\3c "),
        (FileType::Makefile, FileType::Shell) => literal.replace('$', "$$"),
        _ => literal,
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

/// The text, unless it holds characters that act on a terminal or end a line.
fn without_controls<'a>(text: &'a str, language: &str) -> Result<&'a str, String> {
    match text.chars().find(|c| c.is_control()) {
        Some(c) => Err(format!("{language} cannot hold the character U+{:04X}", u32::from(c))),
        None => Ok(text),
    }
}

/// Writes `text` as one word of a shell.
///
/// Single quotes where any are needed; double ones around an apostrophe, because readers of `.env`
/// files do not know the shell's `'\''`.
#[must_use]
pub fn shell_word(text: &str) -> String {
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

/// A command as a person types it into a shell.
#[must_use]
pub fn command_line(words: &[String]) -> String {
    words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" ")
}

fn in_double_quotes(text: &str) -> String {
    let mut word = String::with_capacity(text.len());
    for c in text.chars().filter(|c| *c != '\0') {
        if matches!(c, '"' | '$' | '`' | '\\') {
            word.push('\\');
        }
        word.push(c);
    }
    word
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
