//! Results of `pack test`: as a table, as JSON, as `JUnit`, as a Markdown page.

use crate::formats::hidden;
use crate::formats::quote::command_line;
use crate::prove::trial::Trial;
use indexmap::IndexMap;
use quick_xml::Writer;
use quick_xml::events::BytesText;
use serde::Serialize;
use std::fmt::Write as _;

/// What was found of one configuration.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The project type.
    #[serde(rename = "type")]
    pub project_type: String,
    /// Its answers in a few words.
    pub label: String,
    /// The command that generates it.
    pub command: Vec<String>,
    /// How many files it has.
    pub files: usize,
    /// How large they are together.
    pub bytes: usize,
    /// Of paths, contents and modes.
    pub digest: String,
    /// What is wrong with the tree.
    pub flaws: Vec<String>,
    /// What became of it when it was executed.
    pub trial: Option<Trial>,
    /// An earlier run had shown it, for the same files.
    pub resumed: bool,
}

impl Outcome {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.flaws.is_empty() && self.trial.as_ref().is_none_or(|trial| trial.failure.is_none())
    }

    fn seconds(&self, step: &str) -> Option<f64> {
        self.trial.as_ref()?.steps.iter().find(|s| s.name == step).map(|step| step.seconds)
    }

    /// The answers without the type.
    fn answers(&self) -> &str {
        self.label.split_once(": ").map_or(self.label.as_str(), |(_, answers)| answers)
    }

    fn details(&self) -> Vec<String> {
        let mut lines = self.flaws.clone();
        if let Some(failure) = self.trial.as_ref().and_then(|trial| trial.failure.as_ref()) {
            lines.push(format!("{} {}", failure.step, failure.why));
            lines.extend(failure.tail.iter().map(|line| format!("  {line}")));
        }
        lines
    }
}

/// What is known of the run as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct Circumstances {
    /// The pack and its version.
    pub pack: String,
    /// The commit that is checked out, with `+` where there are changes beside it; empty outside of git.
    pub commit: String,
    /// When it ended, in UTC.
    pub when: String,
    /// Which configurations were chosen, in words.
    pub selection: String,
    /// How the network was treated, in words; empty without `--run`.
    pub network: String,
    /// What was not judged, and why.
    pub skipped: Vec<String>,
}

fn seconds(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"))
}

fn kilobytes(bytes: usize) -> String {
    format!("{}", bytes.div_ceil(1_000))
}

/// One line for a configuration that is done.
#[must_use]
pub fn line(outcome: &Outcome) -> String {
    let mut line =
        format!("{}  {} files, {} kB", outcome.label, outcome.files, kilobytes(outcome.bytes));
    for step in outcome.trial.iter().flat_map(|trial| &trial.steps) {
        let _ = write!(line, "  {} {:.1} s", step.name, step.seconds);
    }
    if outcome.resumed {
        line += "  (shown before)";
    }
    line
}

/// Each thing that went wrong: the first configuration with it, and how many more of its type have just the same. One
/// fault of a template that all of them have is told once.
#[must_use]
pub fn failures(outcomes: &[Outcome]) -> Vec<(&Outcome, usize)> {
    let mut alike: IndexMap<(&str, Vec<String>), (&Outcome, usize)> = IndexMap::new();
    for outcome in outcomes.iter().filter(|outcome| !outcome.is_success()) {
        let key = (outcome.project_type.as_str(), outcome.details());
        alike.entry(key).and_modify(|(_, more)| *more += 1).or_insert((outcome, 0));
    }
    alike.into_values().collect()
}

/// What went wrong with a configuration, and the command that generates it.
#[must_use]
pub fn details(outcome: &Outcome) -> String {
    let mut text = String::new();
    for line in outcome.details() {
        let _ = writeln!(text, "  {line}");
    }
    let _ = writeln!(text, "  repeat: {}", command_line(&outcome.command));
    text
}

/// How many of how many, for each type.
#[must_use]
pub fn totals(outcomes: &[Outcome]) -> Vec<(String, usize, usize)> {
    let mut totals: Vec<(String, usize, usize)> = Vec::new();
    for outcome in outcomes {
        let known = totals.iter().position(|(name, ..)| *name == outcome.project_type);
        let index = known.unwrap_or_else(|| {
            totals.push((outcome.project_type.clone(), 0, 0));
            totals.len() - 1
        });
        totals[index].1 += usize::from(outcome.is_success());
        totals[index].2 += 1;
    }
    totals
}

/// A Markdown page with one table for each type.
#[must_use]
pub fn markdown(outcomes: &[Outcome], circumstances: &Circumstances) -> String {
    let mut page = "# Tested configurations\n\n".to_owned();
    let commit = &circumstances.commit;
    let at = if commit.is_empty() { String::new() } else { format!(" at commit `{commit}`") };
    let _ = writeln!(
        page,
        "Written by `scaffold pack test` on {}{at}, pack {}: {}. {}\n\nTimes are seconds of wall time.",
        circumstances.when, circumstances.pack, circumstances.selection, circumstances.network
    );
    for skipped in &circumstances.skipped {
        let _ = writeln!(page, "\n{skipped}");
    }
    for (name, passed, all) in totals(outcomes) {
        let _ = writeln!(
            page,
            "\n## {name}: {passed} of {all}\n\n| answers | files | kB | setup | run | check | result |\n\
             |---|---:|---:|---:|---:|---:|---|"
        );
        for outcome in outcomes.iter().filter(|outcome| outcome.project_type == name) {
            let result = if outcome.is_success() { "passed" } else { "**failed**" };
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} | {} | {result} |",
                outcome.answers().replace('|', "\\|"),
                outcome.files,
                kilobytes(outcome.bytes),
                seconds(outcome.seconds("setup")),
                seconds(outcome.seconds("run")),
                seconds(outcome.seconds("check")),
            );
        }
    }
    page
}

/// A `JUnit` document, as continuous integration reads it: one suite for each type.
///
/// # Errors
/// None: memory takes all that is written.
pub fn junit(outcomes: &[Outcome]) -> std::io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.create_element("testsuites").write_inner_content(|writer| {
        for (name, passed, all) in totals(outcomes) {
            let suite = writer
                .create_element("testsuite")
                .with_attribute(("name", name.as_str()))
                .with_attribute(("tests", all.to_string().as_str()))
                .with_attribute(("failures", (all - passed).to_string().as_str()));
            suite.write_inner_content(|writer| {
                for outcome in outcomes.iter().filter(|outcome| outcome.project_type == name) {
                    case(writer, outcome)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned() + "\n")
}

fn case(writer: &mut Writer<Vec<u8>>, outcome: &Outcome) -> std::io::Result<()> {
    let time: f64 =
        outcome.trial.iter().flat_map(|trial| &trial.steps).map(|step| step.seconds).sum();
    let element = writer
        .create_element("testcase")
        .with_attribute(("classname", outcome.project_type.as_str()))
        .with_attribute(("name", outcome.answers()))
        .with_attribute(("time", format!("{time:.3}").as_str()));
    if outcome.is_success() {
        element.write_empty()?;
        return Ok(());
    }
    let text = hidden::lines(&details(outcome));
    element.write_inner_content(|writer| {
        let failure = writer.create_element("failure");
        failure.write_text_content(BytesText::new(&text)).map(|_| ())
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::trial::{Failure, Step};

    fn outcomes() -> Vec<Outcome> {
        let failure = Failure {
            step: "check",
            why: "exits with status 1".to_owned(),
            tail: vec!["a < b & c".to_owned()],
        };
        let trial = |failure| Trial {
            steps: vec![Step { name: "setup".to_owned(), seconds: 1.25 }],
            failure,
            interrupted: false,
        };
        let outcome = |label: &str, trial| Outcome {
            project_type: "small".to_owned(),
            label: format!("small: {label}"),
            command: vec!["scaffold".to_owned(), "init".to_owned()],
            files: 3,
            bytes: 1_200,
            digest: String::new(),
            flaws: Vec::new(),
            trial: Some(trial),
            resumed: false,
        };
        vec![outcome("color=red", trial(None)), outcome("color=blue", trial(Some(failure)))]
    }

    #[test]
    fn junit_escapes_what_programs_print() {
        let text = junit(&outcomes()).unwrap();
        assert!(text.contains("a &lt; b &amp; c"), "{text}");
        assert!(text.contains("tests=\"2\" failures=\"1\""), "{text}");
    }

    #[test]
    fn what_went_wrong_in_the_same_way_is_told_once() {
        let [green, red] = <[Outcome; 2]>::try_from(outcomes()).ok().unwrap();
        let mut other = red.clone();
        other.flaws = vec!["a.py: not parsed".to_owned()];
        let all = [red.clone(), green, other, red];
        let told: Vec<_> = failures(&all).iter().map(|(o, more)| (o.flaws.len(), *more)).collect();
        assert_eq!(told, [(0, 1), (1, 0)]);
    }

    #[test]
    fn the_page_has_a_row_for_each() {
        let circumstances = Circumstances {
            pack: "small 1".to_owned(),
            commit: "abc".to_owned(),
            when: "2026-01-01T00:00:00Z".to_owned(),
            selection: "every pair of answers".to_owned(),
            network: String::new(),
            skipped: Vec::new(),
        };
        let page = markdown(&outcomes(), &circumstances);
        assert!(page.contains("## small: 1 of 2"), "{page}");
        assert!(page.contains("| color=red | 3 | 2 | 1.2 | – | – | passed |"), "{page}");
        assert!(page.contains("| color=blue | 3 | 2 | 1.2 | – | – | **failed** |"), "{page}");
    }
}
