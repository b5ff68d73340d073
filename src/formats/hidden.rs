//! Which characters a person cannot see, and how they are shown. The only list of them in the program.
//!
//! Such characters act on a terminal, reorder what is read, or hide words in a text. Joiners and variation selectors
//! are different: between letters or inside an emoji they belong to what people write, anywhere else they hide.

use std::fmt::Write as _;

/// Whether nobody sees this character, wherever it stands: controls, bidirectional controls, zero-width characters, blank
/// letters and tags. The soft hyphen and the selectors of emoji are ordinary text.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        )
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff0}'..='\u{fffb}')
        || matches!(c, '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}

/// The zero-width non-joiner and joiner, which are text between letters and in emoji only.
#[must_use]
pub fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Selectors choose between the shapes of the character before them.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// What a joiner can join and a selector can change: letters, marks, emoji.
fn is_base(c: char) -> bool {
    let is_other = !c.is_ascii() && !c.is_whitespace();
    (c.is_alphanumeric() || is_other || "#*".contains(c)) && !is_hidden(c) && !is_joiner(c)
}

/// Each character with its place in bytes, and whether nobody sees it there.
fn marked(text: &str) -> impl Iterator<Item = (usize, char, bool)> {
    let mut before = None;
    text.char_indices().map(move |(at, c)| {
        let after = || text[at + c.len_utf8()..].chars().next();
        let stands_alone = match c {
            _ if is_joiner(c) => !before.is_some_and(is_base) || !after().is_some_and(is_base),
            _ if is_selector(c) => !before.is_some_and(|c| is_base(c) && !is_selector(c)),
            _ => false,
        };
        before = Some(c);
        (at, c, stands_alone || is_hidden(c))
    })
}

/// The first character of a text that nobody sees.
#[must_use]
pub fn first(text: &str) -> Option<char> {
    marked(text).find(|(.., hidden)| *hidden).map(|(_, c, _)| c)
}

/// The text without what nobody sees.
#[must_use]
pub fn without(text: &str) -> String {
    marked(text).filter(|(.., hidden)| !hidden).map(|(_, c, _)| c).collect()
}

/// How such a character is written for people: `\u{1b}`.
#[must_use]
pub fn spelled(c: char) -> String {
    c.escape_unicode().to_string()
}

/// A text on one line: every character that nobody sees is spelled out, ends of lines and tabs too.
#[must_use]
pub fn line(text: &str) -> String {
    shown(text, |_, _| false, spelled)
}

/// A text of several lines: as [`line()`], but ends of lines and tabs stay.
#[must_use]
pub fn lines(text: &str) -> String {
    let is_layout =
        |at: usize, c| matches!(c, '\n' | '\t') || (c == '\r' && text[at..].starts_with("\r\n"));
    shown(text, is_layout, spelled)
}

/// A JSON document with such characters as escapes, which are the same to whoever reads it. Its own line ends stay.
#[must_use]
pub fn json(document: &str) -> String {
    shown(document, |_, c| c == '\n', four_digits)
}

/// The escape of JSON and JavaScript, which has four digits: two of them where a character needs a surrogate pair.
#[must_use]
pub fn four_digits(c: char) -> String {
    c.encode_utf16(&mut [0; 2]).iter().fold(String::new(), |mut escape, unit| {
        let _ = write!(escape, "\\u{unit:04x}");
        escape
    })
}

fn shown(
    text: &str,
    stays: impl Fn(usize, char) -> bool,
    spell: impl Fn(char) -> String,
) -> String {
    // Most texts are plain, and each line that is printed passes here.
    let has_ends = stays(0, '\n');
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') || (byte == b'\n' && has_ends)) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for (at, c, hidden) in marked(text) {
        if hidden && !stays(at, c) {
            shown.push_str(&spell(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The text on one line, with what nobody sees spelled out, and not longer than a line.
#[must_use]
pub fn visible(text: &str) -> String {
    let start: String = text.chars().take(80).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    line(&start) + more
}

/// Prose of a pack on one line, however it is folded in its file.
#[must_use]
pub fn folded(text: &str) -> String {
    line(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_spelled_out() {
        assert_eq!(line("a\u{1b}[2J\u{9b}b\n"), "a\\u{1b}[2J\\u{9b}b\\u{a}");
        assert_eq!(line("\u{202e}x\u{e0041}\u{feff}"), "\\u{202e}x\\u{e0041}\\u{feff}");
        assert_eq!(lines("a\tb\r\nc\rd\n"), "a\tb\r\nc\\u{d}d\n");
        assert_eq!(line("soft\u{ad}hyphen, ß, 漢字"), "soft\u{ad}hyphen, ß, 漢字");
    }

    #[test]
    fn joiners_stay_inside_words_and_emoji_only() {
        for text in [
            "👩\u{200d}💻",
            "❤\u{fe0f}\u{200d}🔥",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "1\u{fe0f}\u{20e3}",
        ] {
            assert_eq!((first(text), line(text).as_str()), (None, text));
            assert_eq!(without(text), text);
        }
        for text in [
            "\u{200d}a",
            "a\u{200c}",
            "a \u{200d}b",
            "a\u{200d}\u{200d}b",
            "\u{fe0f}",
            "a\u{fe0f}\u{fe01}",
        ] {
            assert!(first(text).is_some(), "{text:?}");
            assert_eq!(first(&without(text)), None, "{text:?}");
        }
    }

    #[test]
    fn json_says_the_same_with_escapes() {
        let value =
            serde_json::json!({"a": "x\u{7f}\u{9b}\u{202e}\u{e0041}\u{1b}\n", "b": "👩\u{200d}💻"});
        let text = json(&format!("{value:#}\n"));
        assert!(
            text.contains("👩\u{200d}💻") && first(&text.replace('\n', "")).is_none(),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
