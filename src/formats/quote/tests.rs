//! Every literal, read by a real parser of its language, gives the text again.

use super::super::filetype::FileType;
use super::{embedded, inside, literal_is_safe};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::io::Write;
use std::process::{Command, Stdio};

fn quote(text: &str, ty: FileType) -> String {
    super::quote(text, ty).expect("a literal")
}

/// Text with everything that has a meaning somewhere.
fn hard() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z '\"\\\\`$!#\n\r\t<>&*_{}\u{0}\u{1b}\u{7f}\u{85}\u{2028}\u{202e}\u{feff}\u{ffff}é😀-]{0,12}",
    ]
}

/// The same texts in every run, for parsers that are too slow to start for each.
fn corpus() -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let strategy = hard();
    let mut draw = || strategy.new_tree(&mut runner).expect("a text").current();
    let mut texts: Vec<String> = (0..400).map(|_| draw()).collect();
    texts.extend(
        ["", "a", "it's", "a\"b'c", "$(x)", "`x`", "\\", "-n", "A=b", "~", "a\\"]
            .map(str::to_owned),
    );
    texts
}

/// Runs a program on `input`; `None` if it is not installed.
fn output(program: &str, args: &[&str], input: &str) -> Option<String> {
    let pipe = || Stdio::piped();
    let mut child = Command::new(program).args(args).stdin(pipe()).stdout(pipe()).spawn().ok()?;
    child.stdin.take()?.write_all(input.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    assert!(output.status.success(), "{program} refuses a literal");
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

fn pairs(ty: FileType) -> (Vec<String>, String) {
    let texts = corpus();
    let literals: Vec<String> = texts.iter().map(|text| quote(text, ty)).collect();
    (texts, serde_json::to_string(&literals).expect("strings"))
}

#[test]
fn python_reads_the_text_again() {
    let (texts, literals) = pairs(FileType::Python);
    let program = "import ast, json, sys\n\
        read = json.loads(sys.stdin.buffer.read().decode())\n\
        print(json.dumps([ast.literal_eval(literal) for literal in read]))";
    if let Some(read) = output("python3", &["-c", program], &literals) {
        assert_eq!(serde_json::from_str::<Vec<String>>(&read).expect("JSON"), texts);
    }
}

#[test]
fn javascript_reads_the_text_again() {
    let (texts, literals) = pairs(FileType::JavaScript);
    let program = "const read = JSON.parse(require('fs').readFileSync(0, 'utf8'));\
        const evaluate = literal => Function('\"use strict\"; return ' + literal)();\
        process.stdout.write(JSON.stringify(read.map(evaluate)))";
    if let Some(read) = output("node", &["-e", program], &literals) {
        assert_eq!(serde_json::from_str::<Vec<String>>(&read).expect("JSON"), texts);
    }
}

#[test]
fn the_shell_reads_the_text_again() {
    let texts = corpus();
    let print = |text: &String| format!("printf '%s\\0' {}\n", quote(text, FileType::Shell));
    let script = texts.iter().map(print).collect::<Vec<_>>().concat();
    if let Some(read) = output("sh", &["-s"], &script) {
        let expected: Vec<String> = texts.iter().map(|text| text.replace('\0', "")).collect();
        assert_eq!(read.split_terminator('\0').collect::<Vec<_>>(), expected);
    }
}

/// Undoes the entities of [`quote`] for HTML.
fn unescaped(html: &str) -> String {
    let mut text = html.to_owned();
    for (entity, c) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#9;", "\t"),
        ("&#10;", "\n"),
        ("&#13;", "\r"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, c);
    }
    text
}

proptest! {
    #[test]
    fn toml_reads_the_text_again(text in hard()) {
        let document = format!("x = {}\n", quote(&text, FileType::Toml));
        let document: toml_edit::DocumentMut = document.parse().expect("TOML");
        prop_assert_eq!(document["x"].as_str(), Some(text.as_str()));
    }

    #[test]
    fn json_reads_the_text_again(text in hard()) {
        let read: String = serde_json::from_str(&quote(&text, FileType::Json)).expect("JSON");
        prop_assert_eq!(read, text);
    }

    #[test]
    fn yaml_reads_the_text_again(text in hard()) {
        for shape in ["x: #", "- #", "{x: #}", "? #"] {
            let document = shape.replace('#', &quote(&text, FileType::Yaml));
            let read: serde_yaml::Value = serde_yaml::from_str(&document).expect("YAML");
            let read = match &read {
                serde_yaml::Value::Sequence(items) => items.first().cloned(),
                serde_yaml::Value::Mapping(map) if shape.contains('x') => map.get("x").cloned(),
                serde_yaml::Value::Mapping(map) => map.keys().next().cloned(),
                _ => None,
            };
            prop_assert_eq!(read.as_ref().and_then(|value| value.as_str()), Some(text.as_str()));
        }
    }

    #[test]
    fn html_holds_no_markup(text in "[a-z'\"<>&;#0-9\n\t]{0,12}") {
        let html = quote(&text, FileType::Html);
        prop_assert!(!html.contains(['<', '>', '"', '\'', '\n']));
        prop_assert_eq!(unescaped(&html), text);
    }

    #[test]
    fn a_literal_is_one_line(text in hard()) {
        for (_, ty) in FileType::NAMES {
            // What has no escapes holds the character as it is, or refuses it.
            let has_escapes = !matches!(ty, FileType::Shell | FileType::Sql | FileType::PowerShell);
            if let (true, Ok(literal)) = (has_escapes, super::quote(&text, *ty)) {
                prop_assert!(!literal.contains('\n') && (!literal.contains('\r') || *ty == FileType::MySql));
            }
        }
    }

    #[test]
    fn what_is_safe_is_the_same_everywhere(text in "[a-zA-Z0-9 ._/:@+,()'\"_-]{0,8}") {
        if literal_is_safe(&text) {
            for (_, ty) in FileType::NAMES {
                // In Perl `@` is code; a template of a Perl file cannot print it bare.
                if *ty == FileType::Perl && text.contains('@') {
                    continue;
                }
                let literal = quote(&text, *ty);
                let quotes: &[char] = &['"', '\'', '`'];
                prop_assert_eq!(literal.trim_matches(quotes), text.as_str());
            }
        }
    }
}

#[test]
fn literals_look_as_formatters_write_them() {
    use FileType::{Html, JavaScript, Json, Markdown, Python, Shell, Text, Toml, Yaml};
    for (text, ty, literal) in [
        ("Jane O'Neil", Toml, r#""Jane O'Neil""#),
        ("a\"b\\", Json, r#""a\"b\\""#),
        ("true", Yaml, r#""true""#),
        ("say \"hi\"", Yaml, r#""say \"hi\"""#),
        ("plain", Python, r#""plain""#),
        ("it's", Python, r#""it's""#),
        ("say \"hi\"", Python, r#"'say "hi"'"#),
        ("\"it's\"", Python, r#"'"it\'s"'"#),
        ("'\"", Python, r#""'\"""#),
        ("\u{1b}\u{2028}", Python, r#""\x1b\u2028""#),
        ("say \"hi\"", JavaScript, r#"'say "hi"'"#),
        ("data/in.csv", Shell, "data/in.csv"),
        ("two words", Shell, "'two words'"),
        ("it's", Shell, r#""it's""#),
        ("it's $5", Shell, r"'it'\''s $5'"),
        ("", Shell, "''"),
        ("A=b", Shell, "'A=b'"),
        ("R&D <lab>", Html, "R&amp;D &lt;lab&gt;"),
        ("<b>", Text, "<b>"),
        ("Jane O'Neil's demo - v2.0", Markdown, "Jane O'Neil's demo - v2.0"),
    ] {
        assert_eq!(quote(text, ty), literal, "{text} as {ty:?}");
    }
}

#[test]
fn markdown_escapes_only_markup() {
    for (text, markdown) in [
        ("C# and C++, R&D (50%)!", "C# and C++, R&D (50%)!"),
        ("snake_case, _x_", "snake_case, \\_x\\_"),
        ("**bold** `code`", "\\*\\*bold\\*\\* \\`code\\`"),
        ("[x](y) ![z]", "\\[x\\](y) !\\[z\\]"),
        ("a < b | c > d", "a \\< b \\| c > d"),
        ("&amp; & &#39;", "\\&amp; & \\&#39;"),
        ("# one #", "\\# one \\#"),
        ("a ##", "a \\##"),
        ("- x", "\\- x"),
        ("-5 degrees", "-5 degrees"),
        ("---", "\\---"),
        ("===", "\\==="),
        ("+ x", "\\+ x"),
        ("> x", "\\> x"),
        ("1. x", "1\\. x"),
        ("1.5 x", "1.5 x"),
        ("2) x", "2\\) x"),
        ("a 1. b", "a 1. b"),
        ("~~x~~ {y} $z$", "\\~\\~x\\~\\~ \\{y} \\$z\\$"),
        ("  x ", "&#32; x&#32;"),
        ("a\nb", "a&#10;b"),
        ("https://x.org/a_b", "https://x.org/a_b"),
        ("https://x.org/_b", "https\\://x.org/\\_b"),
        ("www.x.org/*", "www\\.x.org/\\*"),
        ("http://x.org ", "http\\://x.org&#32;"),
        ("http://x.org/\t", "http\\://x.org/&#9;"),
        (":---", "\\:---"),
    ] {
        assert_eq!(quote(text, FileType::Markdown), markdown, "{text}");
    }
}

const HARD: &str = "a\"b $x `id` #{y} 'c' \\\\ \\n é 👩\u{200d}💻";

#[test]
fn code_in_markdown_is_unchanged() {
    use pulldown_cmark::{Event, Parser};
    let mut texts = corpus();
    texts.extend(
        [HARD, "re.sub(r\"[^a-z0-9-]\", \"\", s)", "``", "` a `` b```", " x ", "  "]
            .map(str::to_owned),
    );
    for text in texts {
        let Ok(span) = super::quote(&text, FileType::Code) else {
            assert!(text.contains(char::is_control), "{text:?}");
            continue;
        };
        let line = format!("a {span} b");
        let mut events = Parser::new(&line).filter_map(|event| match event {
            Event::Code(code) => Some(code.to_string()),
            _ => None,
        });
        assert_eq!(events.next().unwrap_or_default(), text, "{line}");
        assert!(
            inside(&text, FileType::Code).is_ok_and(|block| block == text) || text.contains("```")
        );
    }
}

#[test]
fn what_a_language_cannot_hold_is_refused() {
    for (text, ty, reason) in [
        ("a", FileType::Unknown, "`quote('c')`"),
        ("a", FileType::Unknown, "`quote('text')`"),
        ("a\u{1b}", FileType::Text, "U+001B"),
        ("a\0", FileType::C, "U+0000"),
        ("a\0", FileType::Sql, "U+0000"),
        ("a\n", FileType::Ini, "U+000A"),
        (" a", FileType::Ini, "spaces"),
        (HARD, FileType::Ini, "`quote('text')`"),
        ("a\n", FileType::Makefile, "U+000A"),
        ("a\\", FileType::Makefile, "ends with"),
        ("a\n", FileType::Dockerfile, "U+000A"),
        ("a\nb", FileType::Code, "U+000A"),
    ] {
        let message = super::quote(text, ty).expect_err("a refusal");
        assert!(message.contains(reason), "{message}");
    }
    assert!(inside("```", FileType::Code).is_err());
}

#[test]
fn a_string_of_the_author_is_not_left() {
    for (text, ty, written) in [
        ("it's \"x\"", FileType::Python, r#"it\'s \"x\""#),
        ("`${x}` $", FileType::JavaScript, r"\`\${x}\` \$"),
        ("{x}", FileType::JavaScript, r"\{x}"),
        ("it's $5", FileType::Shell, r"it's \$5"),
        ("{x} #", FileType::Ruby, r"\{x} \#"),
        ("{x} $", FileType::Hcl, r"\u007bx} \u0024"),
        ("?", FileType::C, r"\077"),
        ("it's", FileType::Sql, "it''s"),
        ("<b>", FileType::Html, "&lt;b&gt;"),
    ] {
        assert_eq!(inside(text, ty).expect("a text"), written, "{text} in {ty:?}");
    }
}

#[test]
fn a_literal_fits_the_file_that_embeds_it() {
    for (literal, ty, host, fit) in [
        ("\"</script>\"", FileType::JavaScript, FileType::Vue, r#""\u003c/script>""#),
        ("\"</style>\"", FileType::Css, FileType::Html, r#""\3c /style>""#),
        ("'$x'", FileType::Shell, FileType::Makefile, "'$$x'"),
        ("'$x'", FileType::Shell, FileType::Yaml, "'$x'"),
    ] {
        assert_eq!(embedded(literal.to_owned(), ty, host), fit);
    }
}

#[test]
fn long_text_is_quoted_at_once() {
    let text = "http://a".repeat(500);
    assert_eq!(quote(&text, FileType::Markdown), text);
}

#[test]
fn safe_literals_are_plain() {
    for text in ["", "Demo", "my-app v2.0 (beta), by A. B", "a/b:c@d+e", "snake_case"] {
        assert!(literal_is_safe(text), "{text}");
    }
    for text in
        ["it's", "a\"b", "a\\", "`", "$x", "{x}", "<", "a\nb", "50%", "#", "_x_", "- x", " x", "é"]
    {
        assert!(!literal_is_safe(text), "{text}");
    }
}
