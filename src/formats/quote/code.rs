//! Strings of languages in which a backslash escapes.

use super::FileType;
use crate::formats::hidden::{four_digits, is_hidden};
use std::fmt::Write;

/// How one language writes a string.
struct Rules {
    /// The quotes that a string may have, the usual one first; a backslash escapes each of them.
    quotes: &'static str,
    /// What a backslash makes plain wherever it stands, besides quotes and the backslash.
    always: &'static str,
    /// What begins code or another character only before one of the second.
    opens: (&'static str, &'static str),
    /// What is special only in a string of the author's; where there is any, `opens` counts only there too.
    within: &'static str,
    /// The escape of a character that cannot stand as it is, or that nobody sees.
    unseen: fn(char) -> Option<String>,
    /// Whether a string can hold NUL.
    nul: bool,
}

const PLAIN: Rules =
    Rules { quotes: "\"", always: "", opens: ("", ""), within: "", unseen: braced, nul: true };

/// `None` for types that are not such a language.
fn rules(ty: FileType) -> Option<Rules> {
    Some(match ty {
        FileType::Toml => Rules { unseen: toml, ..PLAIN },
        FileType::Json => Rules { unseen: json, ..PLAIN },
        FileType::Yaml => Rules { unseen: yaml, ..PLAIN },
        FileType::Python => Rules { quotes: "\"'", unseen: python, ..PLAIN },
        // A template, which `inside` may stand in, also has backticks and `${`.
        FileType::JavaScript => {
            let opens = ("$", "{");
            Rules { quotes: "\"'", opens, within: "`", unseen: javascript, ..PLAIN }
        }
        FileType::Rust | FileType::Swift => PLAIN,
        FileType::Go => Rules { unseen: digits, ..PLAIN },
        FileType::Java => Rules { unseen: java, ..PLAIN },
        FileType::Scala | FileType::CSharp => Rules { unseen: units, ..PLAIN },
        FileType::Kotlin => Rules { always: "$", unseen: units, ..PLAIN },
        FileType::Groovy => Rules { quotes: "'\"", always: "$", unseen: units, ..PLAIN },
        FileType::Dart => Rules { quotes: "'\"", always: "$", ..PLAIN },
        // `??=` is another character in C before C23.
        FileType::C => Rules { opens: ("?", "?"), unseen: c, nul: false, ..PLAIN },
        FileType::Ruby => Rules { opens: ("#", "{$@"), ..PLAIN },
        FileType::Elixir => Rules { opens: ("#", "{"), ..PLAIN },
        FileType::Php => Rules { always: "$", ..PLAIN },
        FileType::Perl => Rules { always: "$@", unseen: perl, ..PLAIN },
        FileType::Lua => Rules { quotes: "\"'", unseen: lua, ..PLAIN },
        FileType::R => Rules { quotes: "\"'", unseen: digits, nul: false, ..PLAIN },
        FileType::Julia => Rules { always: "$", unseen: digits, ..PLAIN },
        FileType::Haskell => Rules { unseen: haskell, ..PLAIN },
        // The braces are code in SCSS and Less.
        FileType::Css => {
            Rules { quotes: "\"'", opens: ("#@", "{"), unseen: css, nul: false, ..PLAIN }
        }
        FileType::MySql => Rules { quotes: "'", unseen: mysql, ..PLAIN },
        _ => return None,
    })
}

/// The text as a string of the language, or without quotes for the inside of one.
pub(super) fn literal(text: &str, ty: FileType, inside: bool) -> Result<String, String> {
    let rules = rules(ty).ok_or_else(|| format!("{ty:?} has no strings"))?;
    if !rules.nul && text.contains('\0') {
        return Err(format!("a string of {ty:?} cannot hold the character U+0000"));
    }
    let quote = fewest(text, rules.quotes);
    let mut literal = String::with_capacity(text.len() + 2);
    let mut chars = text.chars().peekable();
    let mut first = true;
    if !inside {
        literal.push(quote);
    }
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        if c == '\\' || c == quote || rules.escapes(c, next, first, inside) {
            // A backslash would leave `??=` of C what it is.
            let number = (c == '?').then_some("077");
            literal.push('\\');
            literal.push_str(number.unwrap_or(c.encode_utf8(&mut [0; 4])));
        } else if let Some(escaped) = (rules.unseen)(c) {
            literal.push_str(&escaped);
        } else {
            literal.push(c);
        }
        first = false;
    }
    if !inside {
        literal.push(quote);
    }
    Ok(literal)
}

impl Rules {
    /// Inside a string of the author's, other text of his may come before and after.
    fn escapes(&self, c: char, next: Option<char>, first: bool, inside: bool) -> bool {
        let (begins, follows) = self.opens;
        let is_code = inside || self.within.is_empty();
        let is_begun = next.map_or(inside, |next| follows.contains(next) && is_code);
        self.always.contains(c)
            || (begins.contains(c) && is_begun)
            || (inside && (self.quotes.contains(c) || self.within.contains(c)))
            || (inside && first && follows.contains(c))
    }
}

/// The quote that formatters choose: the usual one unless the other needs fewer escapes.
fn fewest(text: &str, quotes: &str) -> char {
    let count = |quote| text.chars().filter(|c| *c == quote).count();
    let mut quotes = quotes.chars();
    let usual = quotes.next().unwrap_or('"');
    match quotes.next() {
        Some(other) if count(usual) > count(other) => other,
        _ => usual,
    }
}

fn common(c: char) -> Option<String> {
    let escaped = match c {
        '\t' => "\\t",
        '\n' => "\\n",
        '\r' => "\\r",
        _ => return None,
    };
    Some(escaped.to_owned())
}

fn hidden(c: char, escape: impl Fn(char) -> String) -> Option<String> {
    common(c).or_else(|| is_hidden(c).then(|| escape(c)))
}

/// TOML and JSON also have a letter for these.
fn lettered(c: char, escape: impl Fn(char) -> String) -> Option<String> {
    match c {
        '\u{8}' => Some("\\b".to_owned()),
        '\u{c}' => Some("\\f".to_owned()),
        _ => hidden(c, escape),
    }
}

/// Languages without surrogates, but with eight digits.
fn eight_digits(c: char) -> String {
    if c > '\u{ffff}' { format!("\\U{:08x}", u32::from(c)) } else { four_digits(c) }
}

fn json(c: char) -> Option<String> {
    lettered(c, four_digits)
}

fn toml(c: char) -> Option<String> {
    lettered(c, eight_digits)
}

/// YAML also forbids noncharacters as they are.
fn yaml(c: char) -> Option<String> {
    match c {
        '\u{fffe}' | '\u{ffff}' => Some(four_digits(c)),
        _ => toml(c),
    }
}

fn python(c: char) -> Option<String> {
    hidden(c, |c| two_digits(c).unwrap_or_else(|| eight_digits(c)))
}

fn javascript(c: char) -> Option<String> {
    hidden(c, |c| two_digits(c).unwrap_or_else(|| four_digits(c)))
}

fn two_digits(c: char) -> Option<String> {
    (u32::from(c) < 0x100).then(|| format!("\\x{:02x}", u32::from(c)))
}

fn units(c: char) -> Option<String> {
    hidden(c, four_digits)
}

fn digits(c: char) -> Option<String> {
    hidden(c, eight_digits)
}

fn braced(c: char) -> Option<String> {
    hidden(c, |c| format!("\\u{{{:x}}}", u32::from(c)))
}

/// javac reads `\u000b` before it looks for strings, so controls are octal.
fn java(c: char) -> Option<String> {
    hidden(c, |c| if c.is_control() { octal(u32::from(c)) } else { four_digits(c) })
}

fn octal(number: u32) -> String {
    format!("\\{number:03o}")
}

/// C has no `\u` below U+00A0.
fn c(c: char) -> Option<String> {
    let bytes = |c: char| {
        c.encode_utf8(&mut [0; 4]).bytes().map(|byte| octal(byte.into())).collect::<String>()
    };
    hidden(c, |c| if c.is_control() { bytes(c) } else { eight_digits(c) })
}

/// Above ASCII a file without `use utf8` has bytes, which an escape would not join.
fn perl(c: char) -> Option<String> {
    hidden(c, |c| if c.is_ascii() { format!("\\x{{{:x}}}", u32::from(c)) } else { c.to_string() })
}

/// Bytes with three decimal digits, which every version of Lua reads.
fn lua(c: char) -> Option<String> {
    hidden(c, |c| {
        c.encode_utf8(&mut [0; 4]).bytes().fold(String::new(), |mut escaped, byte| {
            let _ = write!(escaped, "\\{byte:03}");
            escaped
        })
    })
}

/// `\&` is nothing, and ends the number.
fn haskell(c: char) -> Option<String> {
    hidden(c, |c| format!("\\{}\\&", u32::from(c)))
}

/// The space ends the number; CSS has no letters.
fn css(c: char) -> Option<String> {
    is_hidden(c).then(|| format!("\\{:x} ", u32::from(c)))
}

/// `MySQL` has no numbers.
fn mysql(c: char) -> Option<String> {
    match c {
        '\0' => Some("\\0".to_owned()),
        '\u{1a}' => Some("\\Z".to_owned()),
        _ => common(c),
    }
}
