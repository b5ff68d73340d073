//! A thousand hard texts as strings of each language, read again by its compiler or parser, alone and in other text.
#![cfg(unix)]

#[path = "quoted/readers.rs"]
mod readers;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use scaffold::formats::filetype::FileType;
use scaffold::formats::quote::{inside, quote};
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const HARD: &str = "a\"b $x `id` #{y} 'c' \\\\ \\n é 👩\u{200d}💻";

/// The same texts in every run: any characters, and those that have a meaning somewhere.
fn texts() -> Vec<String> {
    let hard = prop_oneof![
        any::<String>(),
        "[a-z0-9 '\"\\\\`$!#%@?{}()/<>&*;:=~\n\r\t\u{0}\u{1b}\u{7f}\u{85}\u{2018}\u{201b}\u{2028}\u{202e}\u{feff}\u{fffe}\u{e0041}é😀-]{0,14}",
        "[$%#@?{\\\\\"'`x]{0,6}",
    ];
    let mut runner = TestRunner::deterministic();
    let mut draw = || hard.new_tree(&mut runner).expect("a text").current();
    let mut texts: Vec<String> = (0..1000).map(|_| draw()).collect();
    texts.extend(
        [
            HARD, "", "${x}", "$${x}", "%{x}", "#{x}", "#$x", "??=", "???/", "\\u000a", "\\", "{",
            "$", "\\#", "\\\\#",
        ]
        .map(str::to_owned),
    );
    texts
}

/// Texts and their literals: as they are, and in a string that holds something before and after.
fn cases(ty: FileType, author: (&str, &str), quotes: (&str, &str)) -> Vec<(String, String)> {
    let mut cases = Vec::new();
    let mut refused = 0;
    for text in texts() {
        let (Ok(whole), Ok(part)) = (quote(&text, ty), inside(&text, ty)) else {
            assert!(text != HARD || ty == FileType::Ini, "{ty:?}");
            refused += 1;
            continue;
        };
        let (before, after) = author;
        let string = format!("{}{before}{part}{after}{}", quotes.0, quotes.1);
        let is_empty = text.is_empty();
        cases.push((text.clone(), whole));
        // What the author opens around an empty text is his own.
        if !is_empty {
            cases.push((format!("{before}{text}{after}"), string));
        }
    }
    let most = if ty == FileType::Ini { 900 } else { 650 };
    assert!(refused < most, "{ty:?} refuses {refused} texts");
    cases
}

fn double(ty: FileType, author: (&str, &str)) -> Vec<(String, String)> {
    cases(ty, author, ("\"", "\""))
}

/// Runs a program; `None`, and a line that says so, if it is not installed.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    let Ok(output) =
        command.env_remove("JAVA_TOOL_OPTIONS").env("CHECKPOINT_DISABLE", "1").output()
    else {
        eprintln!("skipped: {program} is not installed");
        return None;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program}: {}",
        errors.chars().take(3000).collect::<String>()
    );
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

fn folder(name: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(name), text).expect("a file");
    folder
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Each line of `read` is the text of a case, in hexadecimal digits.
fn compare(cases: &[(String, String)], read: &str) {
    let lines: Vec<&str> = read.lines().collect();
    assert_eq!(lines.len(), cases.len());
    for ((text, literal), line) in cases.iter().zip(lines) {
        assert_eq!(line.to_ascii_lowercase(), hex(text), "{text:?} as {literal}");
    }
}

fn concat(pieces: impl Iterator<Item = String>) -> String {
    pieces.collect::<Vec<_>>().concat()
}

fn joined(cases: &[(String, String)], end: &str) -> String {
    concat(cases.iter().map(|(_, literal)| format!("{literal}{end}")))
}

#[test]
fn rustc_reads_the_text_again() {
    let cases = double(FileType::Rust, ("[", "]"));
    let print = "for t in T { for b in t.bytes() { print!(\"{b:02x}\") } println!() }";
    let program =
        format!("const T: &[&str] = &[{}];\nfn main() {{ {print} }}", joined(&cases, ",\n"));
    let folder = folder("main.rs", &program);
    if run(folder.path(), "rustc", &["--edition", "2024", "-o", "main", "main.rs"]).is_some() {
        compare(&cases, &run(folder.path(), "./main", &[]).expect("a program"));
    }
}

#[test]
fn gcc_reads_the_text_again() {
    let cases = double(FileType::C, ("?", "?="));
    let program = format!(
        "#include <stdio.h>\nstatic const char *const t[] = {{ {} }};\nint main(void) {{\n\
         for (unsigned i = 0; i < sizeof t / sizeof *t; i++) {{\n\
         for (const char *c = t[i]; *c; c++) printf(\"%02x\", (unsigned char)*c);\n\
         puts(\"\"); }} return 0; }}",
        joined(&cases, ",\n")
    );
    let folder = folder("main.c", &program);
    for (compiler, arguments) in [
        ("gcc", ["-std=c99", "-Werror", "-o", "main", "main.c"]),
        ("g++", ["-std=c++11", "-w", "-o", "main", "main.c"]),
    ] {
        if run(folder.path(), compiler, &arguments).is_some() {
            compare(&cases, &run(folder.path(), "./main", &[]).expect("a program"));
        }
    }
}

#[test]
fn java_reads_the_text_again() {
    let cases = double(FileType::Java, ("[", "]"));
    let arrays = concat(cases.chunks(500).enumerate().map(|(at, cases)| {
        format!("static class T{at} {{ static String[] t = {{ {} }}; }}\n", joined(cases, ",\n"))
    }));
    let chunks: Vec<String> = (0..cases.len().div_ceil(500)).map(|at| format!("T{at}.t")).collect();
    let program = format!(
        "public class Main {{\n{arrays}\npublic static void main(String[] a) throws Exception {{\n\
         StringBuilder s = new StringBuilder();\n\
         for (String[] t : new String[][] {{ {} }}) for (String x : t) {{\n\
         for (byte b : x.getBytes(\"UTF-8\")) s.append(String.format(\"%02x\", b));\n\
         s.append('\\n'); }}\nSystem.out.print(s); }} }}",
        chunks.join(", ")
    );
    let folder = folder("Main.java", &program);
    if run(folder.path(), "javac", &["-encoding", "UTF-8", "Main.java"]).is_some() {
        compare(&cases, &run(folder.path(), "java", &["-Xshare:auto", "Main"]).expect("a program"));
    }
}

#[test]
fn java_reads_properties_again() {
    let cases = cases(FileType::Properties, ("a ", " b"), ("", ""));
    let lines = concat(cases.iter().enumerate().map(|(at, (_, value))| format!("k{at}={value}\n")));
    let program = "import java.util.Properties; import java.io.*; public class Main {\n\
        public static void main(String[] a) throws Exception {\n\
        Properties p = new Properties(); p.load(new FileInputStream(\"a.properties\"));\n\
        StringBuilder s = new StringBuilder();\n\
        for (int i = 0; i < p.size(); i++) {\n\
        for (byte b : p.getProperty(\"k\" + i).getBytes(\"UTF-8\")) s.append(String.format(\"%02x\", b));\n\
        s.append('\\n'); }\nSystem.out.print(s); } }";
    let folder = folder("Main.java", program);
    std::fs::write(folder.path().join("a.properties"), lines).expect("a file");
    if let Some(read) = run(folder.path(), "java", &["Main.java"]) {
        compare(&cases, &read);
    }
}

#[test]
fn python_reads_the_text_again() {
    for quotes in ["\"", "'"] {
        let cases = cases(FileType::Python, ("{", "}"), (quotes, quotes));
        let program =
            format!("for t in [{}]:\n    print(t.encode().hex())\n", joined(&cases, ",\n"));
        let folder = folder("main.py", &program);
        if let Some(read) = run(folder.path(), "python3", &["main.py"]) {
            compare(&cases, &read);
        }
    }
}

#[test]
fn node_reads_the_text_again() {
    for quotes in ["\"", "'", "`"] {
        let cases = cases(FileType::JavaScript, ("$", "{"), (quotes, quotes));
        let program = format!(
            "'use strict';for (const t of [{}]) console.log(Buffer.from(t).toString('hex'))",
            joined(&cases, ",\n")
        );
        let folder = folder("main.js", &program);
        if let Some(read) = run(folder.path(), "node", &["main.js"]) {
            compare(&cases, &read);
        }
    }
}

#[test]
fn sqlite_reads_the_text_again() {
    let cases = cases(FileType::Sql, ("[", "]"), ("'", "'"));
    let program = "import json, sqlite3\n\
        base = sqlite3.connect(':memory:')\n\
        for t in json.load(open('t.json', encoding='utf-8')):\n\
        \x20   print(base.execute('select ' + t).fetchone()[0].encode().hex())\n";
    let folder = folder("main.py", program);
    let literals: Vec<&String> = cases.iter().map(|(_, literal)| literal).collect();
    let json = serde_json::to_string(&literals).expect("JSON");
    std::fs::write(folder.path().join("t.json"), json).expect("a file");
    if let Some(read) = run(folder.path(), "python3", &["main.py"]) {
        compare(&cases, &read);
    }
}

#[test]
fn perl_reads_the_text_again() {
    let cases = double(FileType::Perl, ("[", "]"));
    let program = format!("print unpack('H*', $_), \"\\n\" for ({});", joined(&cases, ",\n"));
    let folder = folder("main.pl", &program);
    if let Some(read) = run(folder.path(), "perl", &["main.pl"]) {
        compare(&cases, &read);
    }
}

#[test]
fn the_shell_reads_the_text_again() {
    let cases = double(FileType::Shell, ("[", "]"));
    let script = concat(cases.iter().map(|(_, word)| format!("printf '%s\\0' {word}\n")));
    let folder = folder("main.sh", &script);
    if let Some(read) = run(folder.path(), "sh", &["main.sh"]) {
        let expected: Vec<String> = cases.iter().map(|(text, _)| text.replace('\0', "")).collect();
        assert_eq!(read.split_terminator('\0').collect::<Vec<_>>(), expected);
    }
}

#[test]
fn make_reads_the_text_again() {
    let cases = cases(FileType::Makefile, ("[", "]"), ("", ""));
    let mut file =
        concat(cases.iter().enumerate().map(|(at, (_, value))| format!("V{at} := {value}\n")));
    for at in 0..cases.len() {
        let _ = writeln!(file, "$(info $(V{at}))");
    }
    file.push_str("all:\n\t@:\n");
    let folder = folder("Makefile", &file);
    if let Some(read) = run(folder.path(), "make", &["--no-print-directory"]) {
        let lines: Vec<&str> = read.split('\n').collect();
        for ((text, value), line) in cases.iter().zip(lines) {
            assert_eq!(line, text, "{value}");
        }
    }
}

#[test]
fn configparser_reads_the_text_again() {
    let cases = cases(FileType::Ini, ("a ", " b"), ("", ""));
    let lines =
        concat(cases.iter().enumerate().map(|(at, (_, value))| format!("k{at} = {value}\n")));
    let program = "import configparser\n\
        file = configparser.ConfigParser(inline_comment_prefixes=('#', ';'))\n\
        file.read('a.ini', encoding='utf-8')\n\
        for key in file['s']:\n    print(file['s'][key].encode().hex())\n";
    let folder = folder("main.py", program);
    std::fs::write(folder.path().join("a.ini"), format!("[s]\n{lines}")).expect("a file");
    if let Some(read) = run(folder.path(), "python3", &["main.py"]) {
        compare(&cases, &read);
    }
}

#[test]
fn formats_of_data_read_the_text_inside_a_string() {
    for (text, literal) in double(FileType::Json, ("[", "]")) {
        assert_eq!(serde_json::from_str::<String>(&literal).expect("JSON"), text);
    }
    for (text, literal) in double(FileType::Toml, ("[", "]")) {
        let document: toml_edit::DocumentMut = format!("x = {literal}\n").parse().expect("TOML");
        assert_eq!(document["x"].as_str(), Some(text.as_str()));
    }
    for (text, literal) in double(FileType::Yaml, ("[", "]")) {
        assert_eq!(serde_yaml::from_str::<String>(&literal).expect("YAML"), text);
    }
}

#[test]
fn the_rules_of_other_languages_read_the_text_again() {
    for (ty, author) in [
        (FileType::Go, ("[", "]")),
        (FileType::Kotlin, ("[", "{")),
        (FileType::CSharp, ("[", "]")),
        (FileType::Swift, ("[", "(x)")),
        (FileType::Php, ("{", "[")),
        (FileType::Ruby, ("#", "{")),
        (FileType::Elixir, ("#", "{")),
        (FileType::Dart, ("[", "{")),
        (FileType::Scala, ("[", "]")),
        (FileType::Groovy, ("[", "{")),
        (FileType::Lua, ("[", "1")),
        (FileType::R, ("[", "a")),
        (FileType::Julia, ("[", "(x)")),
        (FileType::Haskell, ("[", "1")),
        (FileType::Css, ("#", "{")),
        (FileType::Dockerfile, ("[", "{")),
    ] {
        for (text, literal) in double(ty, author) {
            assert_eq!(readers::read(&literal, ty), Ok(text), "{literal} in {ty:?}");
        }
    }
    for (text, literal) in cases(FileType::MySql, ("[", "]"), ("'", "'")) {
        assert_eq!(readers::read(&literal, FileType::MySql), Ok(text), "{literal}");
    }
}

/// `$${` and `%%{` are the two characters `${` and `%{`; without the first of theirs they would begin code.
#[test]
fn the_rules_of_terraform_read_the_text_again() {
    let marks = [("$${", "${", "\u{e000}"), ("%%{", "%{", "\u{e001}")];
    let mut cases = double(FileType::Hcl, ("$", "{"));
    cases.extend(double(FileType::Hcl, ("%", "{")));
    cases.retain(|(text, _)| !text.contains(['\u{e000}', '\u{e001}']));
    assert!(cases.len() > 1_000);
    for (text, literal) in cases {
        let mut marked = literal.clone();
        for (escaped, begin, mark) in marks {
            marked = marked.replace(escaped, mark);
            assert!(!marked.contains(begin), "{literal} begins code");
        }
        let mut read = readers::read(&marked, FileType::Hcl).expect(&literal);
        for (_, begin, mark) in marks {
            read = read.replace(mark, begin);
        }
        assert_eq!(read, text, "{literal}");
    }
}

/// In single quotes two quotes of any shape are the second of them; one alone ends the string.
#[test]
fn the_rules_of_powershell_read_the_text_again() {
    let is_quote = |c: char| matches!(c, '\'' | '\u{2018}'..='\u{201b}');
    for (text, literal) in cases(FileType::PowerShell, ("[", "]"), ("'", "'")) {
        let body =
            literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).expect("quotes");
        let mut chars = body.chars();
        let mut read = String::new();
        while let Some(c) = chars.next() {
            read.push(if is_quote(c) {
                chars.next().filter(|c| is_quote(*c)).expect("two")
            } else {
                c
            });
        }
        assert_eq!(read, text, "{literal}");
    }
}

#[test]
fn html_and_vue_show_the_text_and_hold_no_code() {
    for (ty, code) in [(FileType::Html, "<>\"'"), (FileType::Vue, "<>\"'{}")] {
        let texts: Vec<String> =
            texts().into_iter().filter(|text| !text.contains(|c: char| c.is_control())).collect();
        let written: Vec<String> =
            texts.iter().map(|text| quote(text, ty).expect("a text")).collect();
        assert!(written.iter().all(|text| !text.contains(|c| code.contains(c))));
        let program = "import html, json\nfor t in json.load(open('t.json', encoding='utf-8')):\n\
            \x20   print(html.unescape(t).encode().hex())\n";
        let folder = folder("main.py", program);
        let json = serde_json::to_string(&written).expect("JSON");
        std::fs::write(folder.path().join("t.json"), json).expect("a file");
        if let Some(read) = run(folder.path(), "python3", &["main.py"]) {
            let cases: Vec<_> = texts.into_iter().zip(written).collect();
            compare(&cases, &read);
        }
    }
}
