//! Each room of `src/` imports only from the rooms below it, so that one can be read without those above.

use regex_lite::Regex;
use std::fs;
use std::path::Path;
use walkdir::WalkDir;

/// From the top down. A room knows nothing of those before it in this list. `main` and `lib` are the door, not rooms.
const ROOMS: [&str; 15] = [
    "commands",
    "ask",
    "ui",
    "prove",
    "cli",
    "render",
    "knowledge",
    "answers",
    "pack",
    "keep",
    "write",
    "system",
    "formats",
    "tree",
    "error",
];

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|known| *known == room)
}

/// The line, from 1, that a byte offset is in.
fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// Every room that a source names: `crate::room` and `crate::{room, …}`, with the place; comments name what they like.
fn named(text: &str) -> Vec<(usize, String)> {
    let code: String = text
        .split_inclusive('\n')
        .map(|line| if line.trim_start().starts_with("//") { "\n" } else { line })
        .collect();
    let path = Regex::new(r"\b(?:crate|scaffold)::(?:([a-z_]+)|\{([^;]*)\})").unwrap();
    let word = Regex::new(r"(?:^|,)\s*([a-z_]+)").unwrap();
    let mut found = Vec::new();
    for captures in path.captures_iter(&code) {
        let line = line_of(&code, captures.get(0).unwrap().start());
        match (captures.get(1), captures.get(2)) {
            (Some(room), _) => found.push((line, room.as_str().to_owned())),
            (None, Some(rooms)) => found.extend(
                word.captures_iter(rooms.as_str()).map(|captures| (line, captures[1].to_owned())),
            ),
            (None, None) => {}
        }
    }
    found
}

#[test]
fn every_room_imports_only_from_those_below_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    for entry in WalkDir::new(&src).sort_by_file_name().into_iter().map(Result::unwrap) {
        if entry.path().extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let relative = entry.path().strip_prefix(&src).unwrap().display().to_string();
        let relative = relative.replace('\\', "/");
        let room = relative.split('/').next().unwrap().trim_end_matches(".rs");
        if matches!(room, "main" | "lib") {
            continue;
        }
        let Some(own) = rank(room) else {
            faults.push(format!("src/{relative}: `{room}` is no room: it is not in the list"));
            continue;
        };
        for (line, other) in named(&fs::read_to_string(entry.path()).unwrap()) {
            match rank(&other) {
                Some(rank) if rank < own => {
                    faults.push(format!("src/{relative}:{line}: `{room}` looks up to `{other}`"));
                }
                Some(_) => {}
                None => faults.push(format!("src/{relative}:{line}: `{other}` is no room")),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_house_has_at_most_fifteen_rooms_and_all_are_in_the_list() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found: Vec<String> = fs::read_dir(src)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .filter(|name| !matches!(name.as_str(), "main" | "lib"))
        .collect();
    found.sort();
    let mut listed: Vec<String> = ROOMS.iter().map(ToString::to_string).collect();
    listed.sort();
    assert_eq!(found, listed);
    assert!(found.len() <= 15, "{} rooms", found.len());
}

#[test]
fn imports_are_seen_in_every_form() {
    let text = "use crate::ui;\n// crate::cli\nuse crate::{\n    ask::wizard,\n    write,\n};\nlet x = crate::answers::of();\n";
    let rooms: Vec<(usize, String)> = named(text);
    let rooms: Vec<(usize, &str)> =
        rooms.iter().map(|(line, room)| (*line, room.as_str())).collect();
    assert_eq!(rooms, [(1, "ui"), (3, "ask"), (3, "write"), (7, "answers")]);
}
