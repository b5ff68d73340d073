//! Readers of strings for languages whose compiler is not at hand, each after the specification of its language.

use scaffold::formats::filetype::FileType;
use std::iter::Peekable;
use std::str::Chars;

/// What the specification of a language says about strings.
struct Spec {
    quotes: &'static str,
    /// Letters after a backslash, and what they mean.
    letters: &'static [(char, char)],
    /// `u4`: four digits, `pair`: also surrogates, `U8`: eight, `{}`: in braces, `ddd`: bytes, `dec`: numbers that end
    /// at `\&`, `hex`: up to six digits and a space.
    numbers: &'static [&'static str],
    /// Whether any other character after a backslash means itself.
    others: bool,
    /// What may not stand there unescaped, because it is code.
    code: &'static [&'static str],
    /// Characters that may not stand there unescaped.
    raw: &'static str,
}

const LINES: &str = "\n\r";
const BASIC: &[(char, char)] = &[
    ('n', '\n'),
    ('r', '\r'),
    ('t', '\t'),
    ('b', '\u{8}'),
    ('f', '\u{c}'),
    ('"', '"'),
    ('\\', '\\'),
];
const QUOTED: &[(char, char)] = &[
    ('n', '\n'),
    ('r', '\r'),
    ('t', '\t'),
    ('b', '\u{8}'),
    ('f', '\u{c}'),
    ('"', '"'),
    ('\'', '\''),
    ('\\', '\\'),
    ('$', '$'),
];
const HCL: &[(char, char)] = &[('n', '\n'), ('r', '\r'), ('t', '\t'), ('"', '"'), ('\\', '\\')];
const SWIFT: &[(char, char)] =
    &[('0', '\0'), ('n', '\n'), ('r', '\r'), ('t', '\t'), ('"', '"'), ('\'', '\''), ('\\', '\\')];
const PHP: &[(char, char)] =
    &[('n', '\n'), ('r', '\r'), ('t', '\t'), ('e', '\u{1b}'), ('"', '"'), ('$', '$'), ('\\', '\\')];
const MYSQL: &[(char, char)] = &[
    ('0', '\0'),
    ('n', '\n'),
    ('r', '\r'),
    ('t', '\t'),
    ('b', '\u{8}'),
    ('Z', '\u{1a}'),
    ('\'', '\''),
    ('"', '"'),
    ('\\', '\\'),
];
const RUBY: &[(char, char)] = &[
    ('n', '\n'),
    ('r', '\r'),
    ('t', '\t'),
    ('e', '\u{1b}'),
    ('a', '\u{7}'),
    ('b', '\u{8}'),
    ('s', ' '),
    ('v', '\u{b}'),
    ('f', '\u{c}'),
];

fn spec(ty: FileType) -> Spec {
    let plain =
        Spec { quotes: "\"", letters: BASIC, numbers: &[], others: false, code: &[], raw: LINES };
    match ty {
        FileType::Go => Spec { numbers: &["u4", "U8"], raw: "\n\r\u{feff}", ..plain },
        FileType::Kotlin => Spec { letters: QUOTED, numbers: &["pair"], code: &["$"], ..plain },
        FileType::CSharp => {
            Spec { numbers: &["pair", "U8"], raw: "\n\r\u{85}\u{2028}\u{2029}", ..plain }
        }
        FileType::Swift => Spec { letters: SWIFT, numbers: &["{}"], ..plain },
        FileType::Php => Spec { letters: PHP, numbers: &["{}"], code: &["$"], ..plain },
        FileType::Ruby => Spec {
            letters: RUBY,
            numbers: &["u4", "{}"],
            others: true,
            code: &["#{", "#$", "#@"],
            ..plain
        },
        FileType::Elixir => {
            Spec { letters: RUBY, numbers: &["u4", "{}"], others: true, code: &["#{"], ..plain }
        }
        FileType::Dart => Spec {
            quotes: "\"'",
            letters: QUOTED,
            numbers: &["u4", "{}"],
            others: true,
            code: &["$"],
            ..plain
        },
        FileType::Scala => Spec { numbers: &["pair"], ..plain },
        FileType::Groovy => {
            Spec { quotes: "\"'", letters: QUOTED, numbers: &["pair"], code: &["$"], ..plain }
        }
        FileType::Lua => Spec { quotes: "\"'", letters: QUOTED, numbers: &["ddd"], ..plain },
        FileType::R => {
            Spec { quotes: "\"'", letters: QUOTED, numbers: &["u4", "U8"], raw: "\0", ..plain }
        }
        FileType::Julia => {
            Spec { letters: QUOTED, numbers: &["u4", "U8"], code: &["$"], raw: "", ..plain }
        }
        FileType::Haskell => Spec { numbers: &["dec"], raw: "\n\r\t", ..plain },
        FileType::Css => Spec {
            quotes: "\"'",
            letters: &[],
            numbers: &["hex"],
            others: true,
            code: &["#{", "@{"],
            raw: "\n\r\u{c}\0",
        },
        FileType::MySql => Spec { quotes: "'", letters: MYSQL, raw: "\0", ..plain },
        FileType::Hcl => Spec { letters: HCL, numbers: &["u4", "U8"], ..plain },
        FileType::Dockerfile => {
            Spec { letters: &[('"', '"'), ('\\', '\\'), ('$', '$')], code: &["$"], ..plain }
        }
        _ => panic!("{ty:?} has no reader here"),
    }
}

/// The text of a string with its quotes; `Err` says what is wrong with it.
pub fn read(literal: &str, ty: FileType) -> Result<String, String> {
    let spec = spec(ty);
    let quote = literal.chars().next().filter(|c| spec.quotes.contains(*c)).ok_or("no quote")?;
    let body = literal[1..].strip_suffix(quote).ok_or("not closed")?;
    let mut bytes = Vec::new();
    let mut high = None;
    let mut chars = body.chars().peekable();
    let mut rest = body;
    while let Some(c) = chars.next() {
        if c == quote || spec.raw.contains(c) || spec.code.iter().any(|code| rest.starts_with(code))
        {
            return Err(format!("{c:?} stands there as it is"));
        }
        if c == '\\' {
            escape(&spec, &mut chars, &mut high, &mut bytes)?;
        } else {
            push(&mut bytes, c);
        }
        rest = &body[body.len() - chars.clone().map(char::len_utf8).sum::<usize>()..];
    }
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn push(bytes: &mut Vec<u8>, c: char) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn escape(
    spec: &Spec,
    chars: &mut Peekable<Chars>,
    high: &mut Option<u32>,
    bytes: &mut Vec<u8>,
) -> Result<(), String> {
    let has = |form: &str| spec.numbers.contains(&form);
    let c = *chars.peek().ok_or("ends with a backslash")?;
    let number = match c {
        'u' if has("{}") && chars.clone().nth(1) == Some('{') => {
            let digits: String = chars.by_ref().skip(2).take_while(|c| *c != '}').collect();
            u32::from_str_radix(&digits, 16).map_err(|error| error.to_string())?
        }
        'u' if has("u4") || has("pair") => digits(chars, 4)?,
        'U' if has("U8") => digits(chars, 8)?,
        '0'..='9' if has("ddd") => {
            let digits: String = chars.by_ref().take(3).collect();
            bytes.push(digits.parse().map_err(|_| format!("\\{digits} is no byte"))?);
            return Ok(());
        }
        '0'..='9' if has("dec") => {
            let digits = run(chars, 7, char::is_ascii_digit);
            digits.parse().map_err(|_| "no number".to_owned())?
        }
        '&' if has("dec") => {
            chars.next();
            return Ok(());
        }
        _ if has("hex") && c.is_ascii_hexdigit() => {
            let digits = run(chars, 6, char::is_ascii_hexdigit);
            chars.next_if_eq(&' ');
            u32::from_str_radix(&digits, 16).map_err(|error| error.to_string())?
        }
        _ => {
            chars.next();
            let letter = spec.letters.iter().find(|(letter, _)| *letter == c);
            let meant = letter.map(|(_, meant)| *meant);
            let is_plain = spec.others && !c.is_ascii_alphanumeric();
            push(bytes, meant.or(is_plain.then_some(c)).ok_or(format!("\\{c} is no escape"))?);
            return Ok(());
        }
    };
    unit(number, has("pair"), high, bytes)
}

/// A code point, or half of one.
fn unit(
    number: u32,
    pairs: bool,
    high: &mut Option<u32>,
    bytes: &mut Vec<u8>,
) -> Result<(), String> {
    let number = match (number, high.take()) {
        (0xd800..=0xdbff, None) if pairs => {
            *high = Some(number);
            return Ok(());
        }
        (0xdc00..=0xdfff, Some(high)) => 0x1_0000 + ((high - 0xd800) << 10) + (number - 0xdc00),
        _ => number,
    };
    push(bytes, char::from_u32(number).ok_or(format!("{number:x} is no character"))?);
    Ok(())
}

fn digits(chars: &mut Peekable<Chars>, count: usize) -> Result<u32, String> {
    let digits: String = chars.by_ref().skip(1).take(count).collect();
    u32::from_str_radix(&digits, 16).map_err(|error| format!("{digits}: {error}"))
}

fn run(chars: &mut Peekable<Chars>, most: usize, is: impl Fn(&char) -> bool) -> String {
    let mut run = String::new();
    while run.len() < most
        && let Some(c) = chars.next_if(|c| is(c))
    {
        run.push(c);
    }
    run
}
