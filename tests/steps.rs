//! Every step from one configuration to another that differs in one answer: `set` on an untouched repository gives, byte for
//! byte, what `init` would have given with the same answers, and so does the way back.
//!
//! `STEPS=all cargo test --release --test steps -- --nocapture` makes every step and writes `docs/steps.md`, a row for each
//! question; rows that are there already are not made again, so that a run that was stopped goes on.

mod support;

use serde_json::{Map, Value};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use support::Sandbox;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/steps.md");
const HEAD: &str = "# Steps of one answer\n\n\
    From each configuration, `scaffold set` gives one question each of its other values: the repository must be, byte for byte and\n\
    with `.scaffold/`, what `scaffold init` gives with the same answers; then `set` gives the old value back, with the same law. The\n\
    type's own questions from all of its configurations, common and advanced ones from those that hold every pair of values. A\n\
    step is *refused* where no such answers exist (another answer is needed, a rule, a question that is not asked): the reason\n\
    is told and nothing is written. `STEPS=all cargo test --release --test steps` makes the rows that are missing.\n\n\
    | type | question | steps there and back | refused | not the same |\n|---|---|---|---|---|\n";
/// From one of so many configurations and questions each run of the tests makes the steps.
const SAMPLE: usize = 613;

#[test]
fn set_gives_what_init_gives_for_every_answer() {
    let all = std::env::var("STEPS").is_ok_and(|steps| steps == "all");
    let sandbox = Sandbox::new();
    let kept = if all { fs::read_to_string(TABLE).unwrap_or_default() } else { String::new() };
    let mut rows: Vec<String> =
        kept.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    let [every, pairs] = ["--all", "--pairwise"]
        .map(|which| sandbox.run(&["pack", "test", which, "--format", "json"]).expect(0).json());
    let mut drawn = 0;
    let mut steps = Steps { sandbox: &sandbox, known: HashMap::new(), flags: HashMap::new() };
    for name in ["data-pipeline", "ml", "browser-extension"] {
        let listed = sandbox.run(&["questions", name, "--format", "json"]).expect(0).json();
        let questions = listed["questions"].as_array().unwrap();
        let flag = |question: &Value| (id(question), question["flag"].as_str().unwrap().to_owned());
        steps.flags = questions.iter().map(flag).collect();
        let [every, pairs] = [&every, &pairs].map(|listed| starts(listed, name));
        for question in questions {
            let is_ours = question["common"] == false && question["advanced"] != true;
            let starts = if is_ours { &every } else { &pairs };
            let begins = format!("| `{name}` | `{}` |", id(question));
            if rows.iter().any(|row| row.starts_with(&begins)) {
                continue;
            }
            let mut seen = Seen::default();
            for start in starts {
                drawn += 1;
                if all || drawn % SAMPLE == 0 {
                    steps.from(start, question, &mut seen);
                }
            }
            assert!(seen.faults.is_empty(), "{begins}\n{}", seen.faults.join("\n"));
            if all {
                let row = format!("{begins} {} | {} | 0 |", seen.made, seen.refused);
                println!("{row}");
                rows.push(row);
                fs::write(TABLE, format!("{HEAD}{}\n", rows.join("\n"))).unwrap();
            }
        }
    }
}

/// The words that give the configurations of a type.
fn starts(listed: &Value, name: &str) -> Vec<Vec<String>> {
    let words = |configuration: &Value| -> Vec<String> {
        let words = configuration["command"].as_array().unwrap().iter().skip(4);
        words.map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let all = listed["configurations"].as_array().unwrap().iter();
    all.filter(|configuration| configuration["type"] == name).map(words).collect()
}

fn id(question: &Value) -> String {
    question["id"].as_str().unwrap().to_owned()
}

#[derive(Default)]
struct Seen {
    made: usize,
    refused: usize,
    faults: Vec<String>,
}

struct Steps<'a> {
    sandbox: &'a Sandbox,
    /// What `init` gives for these words, as a digest.
    known: HashMap<Vec<String>, u64>,
    /// The flags of the questions by their fields.
    flags: HashMap<String, String>,
}

impl Steps<'_> {
    fn init(&self, folder: &str, words: &[String]) -> Map<String, Value> {
        let fixed = ["init", folder, "--auto", "--no-git", "--format", "json"];
        // As a folder and a machine would give them otherwise.
        let named = [["--name", "demo"], ["--author", "A"]].into_iter();
        let named = named.filter(|[flag, _]| !words.iter().any(|word| word == flag)).flatten();
        let words: Vec<&str> =
            fixed.into_iter().chain(named).chain(words.iter().map(String::as_str)).collect();
        answers(&self.sandbox.run(&words).expect(0).json())
    }

    fn digest(&self, folder: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.sandbox.tree(folder).hash(&mut hasher);
        hasher.finish()
    }

    /// Every other value of a question, from one configuration.
    fn from(&mut self, start: &[String], question: &Value, seen: &mut Seen) {
        let field = id(question);
        self.forget("to");
        let before = self.init("to", start);
        let whole = self.digest("to");
        let now = before.get(&field);
        for value in others(question, now) {
            let there = format!("{field}={}", word(&value));
            if let Some(after) = self.step(&there, &before, start, seen) {
                seen.made += 1;
                let back = now.map(|now| format!("{field}={}", word(now)));
                if back.is_some_and(|back| self.step(&back, &after, start, seen).is_none()) {
                    seen.faults.push(format!("{start:?} {there}: there is no way back"));
                }
                // Answers of their own may be lost on the way.
                if self.digest("to") != whole {
                    self.forget("to");
                    self.init("to", start);
                }
            } else {
                seen.refused += 1;
                if self.digest("to") != whole {
                    seen.faults
                        .push(format!("{start:?} {there}: refused, and something is written"));
                }
            }
        }
    }

    /// Sets answers in the folder `to`, and compares it with what `init` gives; nothing where no such answers exist.
    fn step(
        &mut self,
        set: &str,
        before: &Map<String, Value>,
        start: &[String],
        seen: &mut Seen,
    ) -> Option<Map<String, Value>> {
        let mut command = self.sandbox.command(&["set", "--format", "json", set]);
        let ran = support::ran(&command.current_dir(self.sandbox.path("to")).output().unwrap());
        if ran.status == 2 {
            return None;
        }
        let ran = ran.expect(0).json();
        let mut init = vec![
            "--project-type".to_owned(),
            ran["answers"]["projectType"]["value"].as_str().unwrap().to_owned(),
        ];
        for (field, answer) in ran["answers"].as_object().unwrap() {
            if answer["source"] == "previous" && before.get(field) != Some(&answer["value"]) {
                seen.faults.push(format!("{start:?} {set}: `{field}` is another"));
            }
            if answer["source"] != "default" && field != "projectType" {
                init.extend(self.flag(field, &answer["value"]));
            }
        }
        let known = self.known.get(&init).copied();
        if known != Some(self.digest("to")) {
            self.forget("init");
            self.init("init", &init);
            self.known.insert(init, self.digest("init"));
            let [to, init] = ["to", "init"].map(|folder| self.sandbox.tree(folder));
            let paths: BTreeSet<_> = to.keys().chain(init.keys()).collect();
            let other: Vec<_> =
                paths.into_iter().filter(|path| to.get(*path) != init.get(*path)).collect();
            if !other.is_empty() {
                seen.faults.push(format!("{start:?} {set}: not what init gives: {other:?}"));
            }
        }
        Some(answers(&ran))
    }

    fn flag(&self, field: &str, value: &Value) -> Vec<String> {
        let flag = &self.flags[field];
        match value {
            Value::Bool(true) => vec![flag.clone()],
            Value::Bool(false) => vec![flag.replacen("--", "--no-", 1)],
            value => vec![flag.clone(), word(value)],
        }
    }

    fn forget(&self, folder: &str) {
        let _ = fs::remove_dir_all(self.sandbox.path(folder));
    }
}

/// The answers in what a command says.
fn answers(said: &Value) -> Map<String, Value> {
    let all = said["answers"].as_object().unwrap().iter();
    all.map(|(field, answer)| (field.clone(), answer["value"].clone())).collect()
}

/// A value as one writes it behind `FIELD=`.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "none".to_owned(),
        Value::Array(list) => list.iter().map(word).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Other values of a question than the one it has: all, or for a list those with one word more or less.
fn others(question: &Value, now: Option<&Value>) -> Vec<Value> {
    let choices = || question["choices"].as_array().unwrap().iter().map(|c| c["value"].clone());
    let values: Vec<Value> = match question["kind"].as_str().unwrap() {
        "bool" => vec![true.into(), false.into()],
        "choice" => choices().collect(),
        "multi-choice" => {
            let has: Vec<Value> = now.and_then(Value::as_array).cloned().unwrap_or_default();
            let other = |choice: Value| {
                let kept = |one: &Value| {
                    if *one == choice { !has.contains(one) } else { has.contains(one) }
                };
                Value::Array(choices().filter(kept).collect())
            };
            choices().map(other).collect()
        }
        "integer" => [&question["min"], &question["max"]].into_iter().cloned().collect(),
        _ => match id(question).as_str() {
            "contentMatches" => vec!["https://example.org/*".into()],
            "geckoId" => vec!["another@example.org".into()],
            _ => vec!["another".into()],
        },
    };
    values.into_iter().filter(|value| Some(value) != now).collect()
}
