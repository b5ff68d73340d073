//! What a terminal sends, as keys: each sequence as a whole, known or not, so that nothing of it is taken for typed text.
//! Pure; `keyboard` reads the bytes.
#![cfg_attr(not(unix), allow(dead_code))] // the console of Windows reads keys itself

use std::time::Duration;

/// What begins a paste, where the terminal marks pastes.
const PASTE: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// A key, by what it does; many keys do nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Paste(String),
    Enter,
    Escape,
    Tab,
    BackTab,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    WordLeft,
    WordRight,
    Backspace,
    Delete,
    CutBefore,
    CutAfter,
    CutWordBefore,
    CutWordAfter,
    Interrupt,
    Suspend,
    Other,
}

/// What the bytes begin with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum First {
    /// Nothing has arrived.
    Nothing,
    /// A key of so many bytes.
    Key(Key, usize),
    /// The beginning of a key; if nothing more comes in this time, this is what it was.
    Part(Duration, Key),
}

/// The first key of the bytes that have arrived.
pub(super) fn first(bytes: &[u8]) -> First {
    match bytes {
        [] => First::Nothing,
        [0x1b, rest @ ..] => escaped(bytes, rest),
        [byte, ..] if byte.is_ascii() => First::Key(control(*byte), 1),
        _ => letter(bytes),
    }
}

pub(super) fn control(byte: u8) -> Key {
    match byte {
        b'\r' | b'\n' => Key::Enter,
        b'\t' => Key::Tab,
        0x7f | 0x08 => Key::Backspace,
        // As in a shell: Ctrl-A, B, C, D, E, F, K, N, P, U, W and Z.
        0x01 => Key::Home,
        0x02 => Key::Left,
        0x03 => Key::Interrupt,
        0x04 => Key::Delete,
        0x05 => Key::End,
        0x06 => Key::Right,
        0x0b => Key::CutAfter,
        0x0e => Key::Down,
        0x10 => Key::Up,
        0x15 => Key::CutBefore,
        0x17 => Key::CutWordBefore,
        0x1a => Key::Suspend,
        b' '..=b'~' => Key::Char(char::from(byte)),
        _ => Key::Other,
    }
}

/// A character of several bytes.
fn letter(bytes: &[u8]) -> First {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return First::Key(Key::Other, 1),
    };
    match std::str::from_utf8(&bytes[..bytes.len().min(length)]) {
        Ok(text) => First::Key(text.chars().next().map_or(Key::Other, Key::Char), length),
        Err(error) if error.error_len().is_none() => part(Key::Other),
        Err(_) => First::Key(Key::Other, 1),
    }
}

/// A terminal far away sends a sequence in pieces.
fn part(key: Key) -> First {
    First::Part(Duration::from_millis(500), key)
}

/// What begins with the escape character; `rest` comes after it.
fn escaped(bytes: &[u8], rest: &[u8]) -> First {
    let behind = |first: First| match first {
        First::Key(key, length) => First::Key(key, length + 1),
        other => other,
    };
    match rest {
        // The key alone is waited for by a person.
        [] => First::Part(Duration::from_millis(100), Key::Escape),
        [b'[', ..] if bytes.starts_with(PASTE) => paste(&bytes[PASTE.len()..]),
        [b'[', rest @ ..] => sequence(rest),
        // Keys of the application mode: one letter, with the modifiers before it.
        [b'O', rest @ ..] => match rest.iter().position(|byte| !byte.is_ascii_digit()) {
            Some(at) => First::Key(single(rest[at], at > 0), at + 3),
            None => part(Key::Other),
        },
        // Answers of the terminal, up to its end mark.
        [b']' | b'P' | b'_' | b'^' | b'X', rest @ ..] => {
            let ends = |at: &usize| rest[*at] == 7 || rest[*at..].starts_with(b"\x1b\\");
            match (0..rest.len()).find(ends) {
                Some(at) => First::Key(Key::Other, at + 3 + usize::from(rest[at] != 7)),
                None => part(Key::Other),
            }
        }
        // Escape twice, or Alt with a sequence, as some terminals send it.
        [0x1b] => part(Key::Escape),
        [0x1b, b'[' | b'O', ..] => match behind(escaped(rest, &rest[1..])) {
            First::Key(key, length) => First::Key(by_word(key), length),
            other => other,
        },
        [0x1b, ..] => First::Key(Key::Escape, 1),
        // Alt with a key.
        _ => match behind(first(rest)) {
            First::Key(Key::Char('b' | 'B'), length) => First::Key(Key::WordLeft, length),
            First::Key(Key::Char('f' | 'F'), length) => First::Key(Key::WordRight, length),
            First::Key(Key::Char('d' | 'D'), length) => First::Key(Key::CutWordAfter, length),
            First::Key(Key::Backspace, length) => First::Key(Key::CutWordBefore, length),
            First::Key(key @ (Key::Enter | Key::Interrupt), length) => First::Key(key, length),
            First::Key(_, length) => First::Key(Key::Other, length),
            other => other,
        },
    }
}

/// What follows `ESC [`.
fn sequence(rest: &[u8]) -> First {
    // The console of Linux sends `ESC [ [ A` for F1, and old mice three bytes after `M`.
    match rest {
        [b'[', _, ..] => return First::Key(Key::Other, 4),
        [b'['] => return part(Key::Other),
        [b'M', ..] if rest.len() < 4 => return part(Key::Other),
        [b'M', ..] => return First::Key(Key::Other, 6),
        _ => {}
    }
    let is_private = rest.first().is_some_and(|byte| matches!(byte, b'<'..=b'?'));
    // `$` and `^` end a key of rxvt; otherwise `$` stands before the end.
    let ends = |byte: &u8| matches!(byte, b'@'..=b'~') || (*byte == b'$' && !is_private);
    let Some(at) = rest.iter().position(|byte| !matches!(byte, b' '..=b'?') || ends(byte)) else {
        return part(Key::Other);
    };
    if !ends(&rest[at]) {
        // A control character ends what was no sequence; it is a key of its own.
        return First::Key(Key::Other, at + 2);
    }
    let mut numbers = rest[..at].split(|byte| *byte == b';').map(|number| {
        number.iter().fold(0_u32, |sum, byte| {
            sum.saturating_mul(10).saturating_add(u32::from(byte.wrapping_sub(b'0')))
        })
    });
    let (number, modifiers) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    // One more than the sum of Shift 1, Alt 2 and Ctrl 4.
    let by = modifiers.saturating_sub(1) & 6 != 0 || rest[at] == b'^';
    let key = match (rest[at], number) {
        _ if is_private => Key::Other,
        (b'~' | b'$' | b'^' | b'@', 1 | 7) => Key::Home,
        (b'~' | b'$' | b'^' | b'@', 4 | 8) => Key::End,
        (b'~' | b'^', 3) if by => Key::CutWordAfter,
        (b'~' | b'$' | b'^', 3) => Key::Delete,
        (b'~', 5) => Key::PageUp,
        (b'~', 6) => Key::PageDown,
        (b'Z', _) => Key::BackTab,
        (b'A'..=b'D' | b'F' | b'H', 0 | 1) => single(rest[at], by),
        _ => Key::Other,
    };
    First::Key(key, at + 3)
}

/// Keys that are named by a letter.
fn single(letter: u8, by: bool) -> Key {
    let key = match letter {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        b'M' => Key::Enter,
        // rxvt with Ctrl.
        b'c' => Key::WordRight,
        b'd' => Key::WordLeft,
        _ => Key::Other,
    };
    if by { by_word(key) } else { key }
}

fn by_word(key: Key) -> Key {
    match key {
        Key::Left => Key::WordLeft,
        Key::Right => Key::WordRight,
        Key::Delete => Key::CutWordAfter,
        other => other,
    }
}

fn paste(rest: &[u8]) -> First {
    let pasted = |bytes: &[u8]| Key::Paste(String::from_utf8_lossy(bytes).into_owned());
    match rest.windows(PASTE_END.len()).position(|window| window == PASTE_END) {
        Some(at) => First::Key(pasted(&rest[..at]), PASTE.len() + at + PASTE_END.len()),
        None => First::Part(Duration::from_secs(1), pasted(rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All keys of the bytes; what is cut off at their end is what it is after a while.
    fn keys(mut bytes: &[u8]) -> Vec<Key> {
        let mut keys = Vec::new();
        loop {
            match first(bytes) {
                First::Nothing => return keys,
                First::Key(key, length) => {
                    keys.push(key);
                    bytes = &bytes[length..];
                }
                First::Part(_, key) => {
                    keys.push(key);
                    return keys;
                }
            }
        }
    }

    #[test]
    fn no_sequence_leaves_residue() {
        for sequence in [
            "[A",
            "[1;5D",
            "[1;3D",
            "[1;2C",
            "[5D",
            "[H",
            "[1~",
            "[7~",
            "OH",
            "OF",
            "OP",
            "OQ",
            "O5D",
            "[11~",
            "[15~",
            "[24~",
            "[[A",
            "[[E",
            "[3~",
            "[3;5~",
            "[3$",
            "[7$",
            "[8^",
            "[2;2@",
            "[5~",
            "[6~",
            "[2~",
            "[Z",
            "[I",
            "[O",
            "[?1;2c",
            "[?62;1;6c",
            "[24;80R",
            "[27;5;13~",
            "[97;5u",
            "[1;5A",
            "[<0;10;20M",
            "[M !!",
            "]11;rgb:0000/0000/0000\u{7}",
            "]10;x\u{1b}\\",
            "P1+r\u{1b}\\",
            "[?2026;2$y",
            "b",
            "é",
            "x",
            "[c",
            "Oc",
            "\u{1b}[D",
            "\u{1b}OC",
        ] {
            let all = format!("\u{1b}{sequence}z");
            let keys = keys(all.as_bytes());
            assert_eq!(keys.len(), 2, "{sequence:?}: {keys:?}");
            assert_eq!(keys[1], Key::Char('z'), "{sequence:?}");
            assert!(!matches!(keys[0], Key::Char(_)), "{sequence:?}: {keys:?}");
            // Cut anywhere, it is waited for.
            for end in 1..all.len() - 1 {
                assert!(
                    matches!(first(&all.as_bytes()[..end]), First::Part(..))
                        || sequence.starts_with('\u{1b}'),
                    "{sequence:?} cut at {end}"
                );
            }
        }
    }

    #[test]
    fn keys_do_what_they_do_in_a_shell() {
        for (sent, key) in [
            ("\u{1b}[1;5D", Key::WordLeft),
            ("\u{1b}[1;3C", Key::WordRight),
            ("\u{1b}b", Key::WordLeft),
            ("\u{1b}f", Key::WordRight),
            ("\u{1b}\u{1b}[D", Key::WordLeft),
            ("\u{1b}Oc", Key::WordRight),
            ("\u{1b}[1;2D", Key::Left),
            ("\u{1b}OD", Key::Left),
            ("\u{1b}[H", Key::Home),
            ("\u{1b}OF", Key::End),
            ("\u{1b}[4~", Key::End),
            ("\u{1b}[3~", Key::Delete),
            ("\u{1b}\u{7f}", Key::CutWordBefore),
            ("\u{1b}[3;5~", Key::CutWordAfter),
            ("\u{1b}", Key::Escape),
            ("\u{1b}OP", Key::Other),
            ("\u{1a}", Key::Suspend),
            ("é", Key::Char('é')),
            ("👩", Key::Char('👩')),
            ("\u{200d}", Key::Char('\u{200d}')),
        ] {
            assert_eq!(keys(sent.as_bytes()), [key], "{sent:?}");
        }
        assert_eq!(keys(b"\x1b\x1b"), [Key::Escape]);
        assert_eq!(keys(b"\xff\xc3("), [Key::Other, Key::Other, Key::Char('(')]);
    }

    #[test]
    fn a_paste_is_one_key() {
        let keys = keys(b"\x1b[200~a\r\x1b[Db\x1b[201~\r");
        assert_eq!(keys, [Key::Paste("a\r\u{1b}[Db".to_owned()), Key::Enter]);
    }
}
