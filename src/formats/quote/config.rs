//! Values in files of settings, queries and builds, which have rules of their own.

use super::{FileType, without_controls};
use crate::formats::hidden::{four_digits, is_hidden};
use std::fmt::Write;

/// Between single quotes, where only the quote is special and is doubled.
///
/// Standard SQL takes a backslash as it is. `PowerShell` takes typographic quotes for the quote.
pub(super) fn doubled(text: &str, ty: FileType, inside: bool) -> Result<String, String> {
    if text.contains('\0') {
        return Err(format!("a string of {ty:?} cannot hold the character U+0000"));
    }
    let typographic = ty == FileType::PowerShell;
    let is_quote = |c: char| c == '\'' || (typographic && matches!(c, '\u{2018}'..='\u{201b}'));
    let mut literal = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        if is_quote(c) {
            literal.push(c);
        }
        literal.push(c);
    }
    Ok(if inside { literal } else { format!("'{literal}'") })
}

/// `${` and `%{` begin code in HCL. The sign is doubled, or the brace is a number where the sign has one before it.
pub(super) fn hcl(text: &str, inside: bool) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    let mut chars = text.chars().peekable();
    let mut before = None;
    // The author's text before may end with a sign.
    let mut opens = inside;
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let opened = std::mem::take(&mut opens);
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '{' if opened => literal.push_str(&four_digits(c)),
            // The author's text after may begin with a brace.
            '$' | '%' if inside && next.is_none() => literal.push_str(&four_digits(c)),
            '$' | '%' if next == Some('{') && before != Some(c) && !opened => {
                literal.extend([c, c]);
            }
            '$' | '%' => {
                opens = next == Some('{');
                literal.push(c);
            }
            '\t' => literal.push_str("\\t"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            _ if is_hidden(c) && c > '\u{ffff}' => {
                let _ = write!(literal, "\\U{:08x}", u32::from(c));
            }
            _ if is_hidden(c) => literal.push_str(&four_digits(c)),
            _ => literal.push(c),
        }
        before = Some(c);
    }
    if inside { literal } else { format!("\"{literal}\"") }
}

/// As it is, if every reader of INI files takes it so: they agree on no quotes, escapes or comments.
pub(super) fn ini(text: &str) -> Result<String, String> {
    let text = without_controls(text, "an INI file")?;
    let is_outer = |c: Option<char>| c.is_some_and(char::is_whitespace);
    if is_outer(text.chars().next()) || is_outer(text.chars().last()) {
        return Err("an INI file cannot hold spaces at the ends of a value".to_owned());
    }
    let special = text.chars().find(|c| "\"\\;#%$`".contains(*c));
    match special.or(text.chars().next().filter(|c| "'[".contains(*c))) {
        Some(c) => Err(format!(
            "readers of INI files differ over `{c}` in a value; write `quote('text')` if the reader of \
             this file takes it as it is"
        )),
        None => Ok(text.to_owned()),
    }
}

/// A value of a Java properties file in ASCII, which is read alike in Latin-1 and UTF-8.
pub(super) fn properties(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '\\' => value.push_str("\\\\"),
            ' ' if at == 0 => value.push_str("\\ "),
            '\t' => value.push_str("\\t"),
            '\n' => value.push_str("\\n"),
            '\r' => value.push_str("\\r"),
            _ if is_hidden(c) || !c.is_ascii() => value.push_str(&four_digits(c)),
            _ => value.push(c),
        }
    }
    value
}

/// A value of `ENV`, `LABEL` or `ARG`, between double quotes.
pub(super) fn dockerfile(text: &str, inside: bool) -> Result<String, String> {
    let text = without_controls(text, "a Dockerfile")?;
    let mut literal = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$') {
            literal.push('\\');
        }
        literal.push(c);
    }
    Ok(if inside { literal } else { format!("\"{literal}\"") })
}

/// The value of a variable, as it is assigned. Backslashes are themselves but before `#`.
pub(super) fn makefile(text: &str) -> Result<String, String> {
    let text = without_controls(text, "a Makefile")?;
    if text.starts_with(char::is_whitespace) || text.ends_with('\\') {
        return Err(
            "a Makefile cannot hold a value that begins with a space or ends with `\\`".to_owned()
        );
    }
    let mut value = String::with_capacity(text.len());
    let mut backslashes = 0;
    for c in text.chars() {
        match c {
            '$' => value.push('$'),
            '#' => value.extend(std::iter::repeat_n('\\', backslashes + 1)),
            _ => {}
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        value.push(c);
    }
    Ok(value)
}
