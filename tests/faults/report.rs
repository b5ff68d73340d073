//! What became of each case: a file that lets a long run be resumed, and the table of them all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;

/// All verdicts so far: the case, and what was wrong.
pub struct Results {
    file: PathBuf,
    known: Mutex<BTreeMap<String, Vec<String>>>,
}

/// The file of a case's name: scenario, kind of fault, place.
pub fn key(scenario: &str, kind: &str, at: &str) -> String {
    format!("{scenario}|{kind}|{at}")
}

/// A number that is the same for the same words.
pub fn hash(words: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}

impl Results {
    /// Those of this very program, if `resumed`; else none.
    pub fn open(resumed: bool) -> Self {
        let program = hash(fs::read(env!("CARGO_BIN_EXE_scaffold")).unwrap());
        let file =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{program:016x}.tsv"));
        let text =
            if resumed { fs::read_to_string(&file).unwrap_or_default() } else { String::new() };
        let known = text.lines().filter_map(|line| {
            let (key, faults) = line.split_once('\t')?;
            Some((
                key.to_owned(),
                faults.split('\t').filter(|f| !f.is_empty()).map(str::to_owned).collect(),
            ))
        });
        let known = Mutex::new(known.collect());
        Self { file: if resumed { file } else { PathBuf::new() }, known }
    }

    pub fn has(&self, key: &str) -> bool {
        self.known.lock().unwrap().contains_key(key)
    }

    /// Adds a verdict.
    pub fn add(&self, key: &str, faults: Vec<String>) {
        let faults: Vec<String> =
            faults.into_iter().map(|fault| fault.replace(['\t', '\n'], " ")).collect();
        let mut known = self.known.lock().unwrap();
        if !self.file.as_os_str().is_empty() {
            let mut file = OpenOptions::new().create(true).append(true).open(&self.file).unwrap();
            writeln!(file, "{key}\t{}", faults.join("\t")).unwrap();
        }
        known.insert(key.to_owned(), faults);
    }

    /// How many cases of these scenarios there are, and what is wrong, each with its case.
    pub fn verdict(&self, kinds: &BTreeSet<String>) -> (usize, Vec<String>) {
        let known = self.known.lock().unwrap();
        let ours = known.iter().filter(|(key, _)| kinds.contains(kind_of(key)));
        let cases = ours.clone().count();
        (
            cases,
            ours.flat_map(|(key, faults)| {
                faults.iter().map(move |fault| format!("{key}: {fault}"))
            })
            .collect(),
        )
    }

    /// The table: a row for each scenario, a column for each kind of fault, `cases / violations`.
    pub fn table(&self) -> String {
        let known = self.known.lock().unwrap();
        let mut counts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
        for (key, faults) in &*known {
            let scenario = key.split('|').next().unwrap_or_default();
            for cell in
                [(scenario, kind_of(key)), (scenario, "all"), ("all", kind_of(key)), ("all", "all")]
            {
                let count = counts.entry(cell).or_default();
                *count = (count.0 + 1, count.1 + usize::from(!faults.is_empty()));
            }
        }
        let rows: BTreeSet<&str> = counts.keys().map(|cell| cell.0).collect();
        let columns: BTreeSet<&str> = counts.keys().map(|cell| cell.1).collect();
        let mut table =
            format!("| scenario | {} |\n", columns.iter().copied().collect::<Vec<_>>().join(" | "));
        let _ = writeln!(table, "|---|{}", "---|".repeat(columns.len()));
        for row in rows {
            let cell = |column: &&str| {
                counts
                    .get(&(row, *column))
                    .map_or(String::new(), |(cases, bad)| format!("{cases} / {bad}"))
            };
            let _ = writeln!(
                table,
                "| {row} | {} |",
                columns.iter().map(cell).collect::<Vec<_>>().join(" | ")
            );
        }
        table
    }
}

fn kind_of(key: &str) -> &str {
    key.split('|').nth(1).unwrap_or_default()
}
