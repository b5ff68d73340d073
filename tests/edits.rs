//! What a person does to generated files and what an update then makes of them: folders with an expected result each, and
//! laws over random edits and random changes of answers.
//!
//! `EDITS=10000 cargo test --release --test edits -- laws --nocapture` tries that many pairs and writes `docs/edits.md`, a
//! row for each thousand; rows that are there already are not tried again, so that a run that was stopped goes on.
//! `UPDATE_EDITS=1` writes the results of the folders anew, to be looked at.

use scaffold::answers::Answers;
use scaffold::answers::config::Kept;
use scaffold::formats::parse;
use scaffold::keep::follow::{Decision, decide};
use scaffold::knowledge::LazyLibrary;
use scaffold::pack::{Catalog, ProjectType};
use scaffold::prove::configurations;
use scaffold::render::{self, Cache, plan};
use scaffold::tree::Bytes;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const FOLDERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/edits");
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/edits.md");
/// Pairs of a row of the table.
const ROW: u64 = 1_000;
/// Pairs that every run of the tests tries.
const SAMPLE: u64 = 150;

/// What `decide` says of a file, in one word and its text.
fn told(decision: Decision) -> (&'static str, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("texts stay texts");
    match decision {
        Decision::Stay => ("stay", String::new()),
        Decision::Take => ("take", String::new()),
        Decision::Remove => ("remove", String::new()),
        Decision::StaysAway => ("stays-away", String::new()),
        Decision::Yours => ("yours", String::new()),
        Decision::Locked(_) => ("locked", String::new()),
        Decision::Merged(bytes) => ("merged", text(bytes)),
        Decision::Conflict(marked) => ("conflict", marked.map(text).unwrap_or_default()),
    }
}

/// Each folder holds `NAME.base`, `NAME.ours` and `NAME.theirs`, those that there are, and `NAME.RESULT` with the text of
/// that result.
#[test]
fn every_folder_gives_its_result() {
    let mut wrong = Vec::new();
    let mut folders: Vec<_> = fs::read_dir(FOLDERS).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 60, "{}", folders.len());
    for folder in folders {
        let (name, sides) = sides(&folder);
        let side = |end: &str| sides.get(end).map(Vec::as_slice);
        let (word, text) = told(decide(&name, side("base"), side("ours"), side("theirs")));
        let wanted: BTreeMap<_, _> = sides
            .iter()
            .filter(|(end, _)| !["base", "ours", "theirs"].contains(&end.as_str()))
            .collect();
        if std::env::var_os("UPDATE_EDITS").is_some() {
            for end in wanted.keys() {
                fs::remove_file(folder.join(format!("{name}.{end}"))).unwrap();
            }
            fs::write(folder.join(format!("{name}.{word}")), &text).unwrap();
        } else if wanted != BTreeMap::from([(&word.to_owned(), &text.clone().into_bytes())]) {
            wrong.push(format!("{}: {word}\n{text}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The name of the file that a folder is about, and what it holds by the end of the name.
fn sides(folder: &Path) -> (String, BTreeMap<String, Vec<u8>>) {
    let mut sides = BTreeMap::new();
    let mut about = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap();
        let (name, end) = file.rsplit_once('.').unwrap();
        assert!(about.is_empty() || about == name, "{}: two names", folder.display());
        name.clone_into(&mut about);
        sides.insert(end.to_owned(), fs::read(&path).unwrap());
    }
    (about, sides)
}

#[test]
fn laws_hold_for_random_edits_and_changes_of_answers() {
    let Some(count) = std::env::var("EDITS").ok().and_then(|count| count.parse::<u64>().ok())
    else {
        let mut seen = Seen::default();
        let mut trees = Trees::default();
        each(0..SAMPLE, &mut trees, &mut seen);
        assert!(seen.faults.is_empty(), "{}", seen.faults.join("\n"));
        assert!(seen.merged > 0 && seen.conflicts > 0, "the edits never met: {seen:?}");
        return;
    };
    let kept = fs::read_to_string(TABLE).unwrap_or_default();
    let mut rows: Vec<String> = kept
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('–'))
        .map(str::to_owned)
        .collect();
    let mut trees = Trees::default();
    for first in (0..count).step_by(usize::try_from(ROW).unwrap()) {
        let name = format!("| {}–{} |", first + 1, first + ROW);
        if rows.iter().any(|row| row.starts_with(&name)) {
            continue;
        }
        let mut seen = Seen::default();
        each(first..first + ROW, &mut trees, &mut seen);
        assert!(seen.faults.is_empty(), "{}", seen.faults.join("\n"));
        let Seen { files, merged, conflicts, .. } = seen;
        let row = format!("{name} {files} | {merged} | {conflicts} | 0 | 0 | 0 |");
        println!("{row}");
        rows.push(row);
        fs::write(TABLE, format!("{HEAD}{}\n", rows.join("\n"))).unwrap();
    }
}

const HEAD: &str = "# Random edits and changes of answers\n\n\
    Each pair is a project of one type with two random sets of answers, and random edits of its files as people make them:\n\
    lines, dependencies, scripts, steps, functions and paragraphs added, lines changed and removed, other line endings, files\n\
    deleted. `tests/edits.rs` has the edits and the laws; `EDITS=10000 cargo test --release --test edits -- laws` makes the\n\
    rows that are missing. A result is lost work if a line that the user added is in neither the result nor a marker.\n\n\
    | pairs | edited files that the answers change too | merged | conflicts | lines lost | results that do not parse | other than once, done twice |\n\
    |---|---|---|---|---|---|---|\n";

/// What was found.
#[derive(Debug, Default)]
struct Seen {
    files: usize,
    merged: usize,
    conflicts: usize,
    faults: Vec<String>,
}

/// A generator of numbers that is the same everywhere (`SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count.max(1) as u64).expect("it is below a usize")
    }
}

type Tree = BTreeMap<String, Bytes>;

/// Trees by type and configuration; the rendering of one costs more than all edits of it.
#[derive(Default)]
struct Trees(HashMap<(String, usize), Tree>);

/// Makes the pairs with these numbers.
fn each(seeds: std::ops::Range<u64>, trees: &mut Trees, seen: &mut Seen) {
    let catalog = Catalog::builtin().unwrap();
    let (library, cache) = (LazyLibrary::of(&catalog), Cache::of(&catalog));
    let types: Vec<(&ProjectType, Vec<Answers>)> =
        catalog.types().map(|t| (t, configurations::sample(t, 60, 7, |_| true))).collect();
    for seed in seeds {
        let mut random = Random(seed);
        let (project_type, all) = &types[random.below(types.len())];
        let picks = [random.below(all.len()), random.below(all.len())];
        for pick in picks {
            let key = (project_type.name.clone(), pick);
            trees.0.entry(key).or_insert_with(|| {
                let site = plan::Site::default();
                let plan = plan::plan(&catalog, project_type, &all[pick], &Kept::default(), &site);
                let files = render::render_with(&plan.unwrap(), &library, Some(&cache)).unwrap();
                files.into_iter().map(|file| (file.path, file.bytes)).collect()
            });
        }
        let [base, new] = picks.map(|pick| &trees.0[&(project_type.name.clone(), pick)]);
        meet(seed, &mut random, base, new, seen);
    }
}

/// Edits some of the files that the new answers change too, and looks at what becomes of them.
fn meet(number: u64, random: &mut Random, base: &Tree, new: &Tree, seen: &mut Seen) {
    let both = base.iter().filter(|(path, old)| new.get(*path).is_some_and(|new| new != *old));
    let changed: Vec<_> = both.collect();
    for _ in 0..changed.len().min(4) {
        let (path, old) = changed[random.below(changed.len())];
        let Ok(text) = std::str::from_utf8(old) else { continue };
        let ours = edited(path, text, random);
        let theirs = &new[path];
        seen.files += 1;
        let decision = decide(path, Some(old), ours.as_deref().map(str::as_bytes), Some(theirs));
        let mut fault = |what: &str| seen.faults.push(format!("pair {number}, {path}: {what}"));
        match (&decision, &ours) {
            (Decision::StaysAway, None) | (Decision::Take | Decision::Stay, Some(_)) => {
                // Nothing of the user's was in the way.
                let is_edit =
                    ours.as_deref().is_some_and(|ours| ours.replace("\r\n", "\n") != text);
                if decision == Decision::Take && is_edit {
                    fault("an edited file was replaced");
                }
            }
            (Decision::Merged(result), Some(ours)) => {
                seen.merged += 1;
                let result = std::str::from_utf8(result).unwrap();
                if let Some(lost) = lost(result, text, ours) {
                    fault(&format!("`{lost}` is lost"));
                }
                if parse::is_known(path) && parse::fault(path, result).is_some() {
                    fault("the result does not parse");
                }
                let again = decide(path, Some(theirs), Some(result.as_bytes()), Some(theirs));
                if again != Decision::Stay {
                    fault("a second time gives something else");
                }
            }
            (Decision::Conflict(Some(marked)), Some(ours)) => {
                seen.conflicts += 1;
                if let Some(lost) = lost(std::str::from_utf8(marked).unwrap(), text, ours) {
                    fault(&format!("`{lost}` is in no marker"));
                }
            }
            (other, _) => fault(&format!("{other:?}")),
        }
    }
}

/// A line that the user added and that is not in the result as often. A comma that JSON needs behind it is no change.
fn lost(result: &str, base: &str, ours: &str) -> Option<String> {
    let count = |text: &str| {
        let mut lines: HashMap<String, usize> = HashMap::new();
        for line in text.lines().map(|line| line.trim().trim_end_matches(',').to_owned()) {
            *lines.entry(line).or_default() += 1;
        }
        lines
    };
    let [old, mine, new] = [base, ours, result].map(count);
    let is_added = |line: &String| mine[line] > old.get(line).copied().unwrap_or(0);
    let is_there = |line: &String| new.get(line).copied().unwrap_or(0) > 0;
    mine.keys().find(|line| !line.is_empty() && is_added(line) && !is_there(line)).cloned()
}

/// The text after one to three edits as people make them; nothing if the file was deleted.
fn edited(path: &str, text: &str, random: &mut Random) -> Option<String> {
    if random.below(25) == 0 {
        return None;
    }
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for edit in 0..=random.below(3) {
        let at = random.below(lines.len() + 1);
        match random.below(10) {
            0 if at < lines.len() => {
                lines.remove(at);
            }
            1 if at < lines.len() => {
                lines[at].push_str(comment(path, &format!("changed {edit}")).trim_end());
            }
            _ => insert(path, &mut lines, at, edit, random),
        }
    }
    let ending = if random.below(12) == 0 { "\r\n" } else { "\n" };
    let mut text = lines.join(ending);
    if random.below(15) != 0 {
        text.push_str(ending);
    }
    Some(text)
}

/// Adds what belongs into such a file, at its usual place or behind any line.
fn insert(path: &str, lines: &mut Vec<String>, at: usize, edit: usize, random: &mut Random) {
    let end = path.rsplit_once('.').map_or("", |(_, end)| end);
    let number = random.below(1_000);
    let behind = |lines: &[String], start: &str| {
        lines.iter().position(|line| line.trim_start().starts_with(start)).map(|found| found + 1)
    };
    let (place, new) = if path.ends_with("pyproject.toml") && random.below(3) > 0 {
        match random.below(3) {
            0 => (behind(lines, "dependencies = ["), format!("    \"mine-{number}>=1.{edit}\",")),
            1 => (Some(lines.len()), format!("\n[tool.mine-{number}]\nlevel = {edit}")),
            _ => (behind(lines, "[project]"), format!("# mine {number}")),
        }
    } else if path.ends_with("package.json") && random.below(3) > 0 {
        (
            behind(lines, "\"scripts\": {"),
            format!("    \"mine-{number}\": \"node mine-{edit}.js\","),
        )
    } else if end == "yml" && random.below(3) > 0 {
        (behind(lines, "steps:"), format!("      - run: echo mine {number}"))
    } else if end == "py" && random.below(2) == 0 {
        (Some(lines.len()), format!("\n\ndef mine_{number}() -> int:\n    return {edit}"))
    } else {
        (None, comment(path, &format!("mine {number}")))
    };
    let place = place.unwrap_or(at).min(lines.len());
    let new: Vec<String> = new.lines().map(str::to_owned).collect();
    lines.splice(place..place, new);
}

/// A remark as such a file has it.
fn comment(path: &str, text: &str) -> String {
    let mut line = String::new();
    let write = match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "ts" | "mts" | "mjs" | "json" => write!(line, " // {text}"),
        "css" => write!(line, " /* {text} */"),
        "html" | "svg" => write!(line, " <!-- {text} -->"),
        "md" => write!(line, " {text}."),
        "sql" => write!(line, " -- {text}"),
        _ => write!(line, "  # {text}"),
    };
    write.expect("a string takes all");
    line
}
