//! `docs/packs.md` is followed to the letter: its files are written, its commands run.
#![cfg(unix)]

mod support;

use support::Sandbox;

/// A file or a command of the page.
enum Part {
    File { path: String, text: String },
    Command(String),
}

fn parts(page: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines = page.lines();
    let mut path: Option<String> = None;
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix('`').and_then(|rest| rest.strip_suffix("`:")) {
            path = Some(name.to_owned());
        }
        if !line.starts_with("```") {
            continue;
        }
        let fence: String = line.chars().take_while(|c| *c == '`').collect();
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != fence).collect();
        match (path.take(), line.trim_start_matches('`')) {
            (Some(path), _) => parts.push(Part::File { path, text: block.join("\n") + "\n" }),
            (None, "sh") => {
                parts.extend(block.iter().map(|line| Part::Command((*line).to_owned())));
            }
            _ => {}
        }
    }
    parts
}

#[test]
fn the_page_leads_from_an_empty_folder_to_a_tested_pack() {
    let sandbox = Sandbox::new();
    let (mut files, mut commands) = (0, 0);
    for part in parts(include_str!("../docs/packs.md")) {
        match part {
            Part::File { path, text } => {
                sandbox.write(&path, &text);
                files += 1;
            }
            Part::Command(line) => {
                let words = line.strip_prefix("scaffold ").expect("a command of scaffold");
                let words: Vec<String> = split(words);
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                sandbox.run(&words).expect(0);
                commands += 1;
            }
        }
    }
    assert_eq!((files, commands), (6, 8));
}

/// Words of a line, with double quotes around some.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, piece) in line.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    words
}
