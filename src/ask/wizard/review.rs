//! The last screen: all answers, what would be written, and the command that repeats it. Pure.

use super::prompt::Choice;
use crate::answers::{Answer, Answers, PROJECT_TYPE, Source, flag_words};
use crate::formats::hidden::visible;
use crate::pack::{ProjectType, Question};
use crate::tree::count_of_files;
use crate::ui::{Written, counted, size};
use std::collections::BTreeMap;

/// All that a person should see before anything is written.
#[derive(Debug)]
pub struct Review {
    /// The folder, as the user named it.
    pub destination: String,
    /// Every answer, the project type first.
    pub answers: Vec<Line>,
    /// What the choices cost to install.
    pub costs: Vec<String>,
    /// What must be known about them.
    pub notes: Vec<String>,
    /// Every file.
    pub files: Vec<Written>,
    /// The command lines that can be run once it is written.
    pub setup: Vec<String>,
    /// The words of the command line that gives the same repository without a question.
    pub command: Vec<String>,
}

/// What can be done on the last screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Write the repository.
    Write,
    /// Write it, and run the commands of [`Review::setup`].
    WriteAndSetUp,
    /// Change an answer.
    Change,
    /// Show every file.
    List,
    /// Go to the last question.
    Back,
    /// Write nothing.
    Leave,
}

impl Review {
    /// What can be done now, in the order in which it is offered.
    #[must_use]
    pub fn actions(&self) -> Vec<(Action, Choice)> {
        let files =
            format!("{} in {}", count_of_files(counted(self.files.iter()).0), self.destination);
        let all = [
            (Action::Write, "write it", files),
            (Action::WriteAndSetUp, "write it and set it up", self.setup.join(", then ")),
            (Action::Change, "change an answer", "any of those above".to_owned()),
            (Action::List, "see every file", "with its size".to_owned()),
            (Action::Back, "go back", "to the last question".to_owned()),
            (Action::Leave, "leave", "nothing is written".to_owned()),
        ];
        all.into_iter()
            .filter(|(action, ..)| *action != Action::WriteAndSetUp || !self.setup.is_empty())
            .map(|(action, name, help)| (action, Choice { name: name.to_owned(), help }))
            .collect()
    }

    /// The answers that may be changed, by their indices and as choices.
    #[must_use]
    pub fn changeable(&self) -> (Vec<usize>, Vec<Choice>) {
        let free = self.answers.iter().enumerate().filter(|(_, line)| line.is_free);
        let choice = |line: &Line| Choice { name: line.flag.clone(), help: line.value.clone() };
        free.map(|(index, line)| (index, choice(line))).unzip()
    }
}

/// One answer of a [`Review`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The field.
    pub id: String,
    /// The flag, with its hyphens.
    pub flag: String,
    /// The answer, fit to be shown.
    pub value: String,
    /// Where it comes from, if not from a prompt.
    pub origin: String,
    /// Whether the user may change it.
    pub is_free: bool,
}

/// Every answer, the project type first.
#[must_use]
pub fn all(project_type: &ProjectType, answers: &Answers) -> Vec<Line> {
    let first = Line {
        id: PROJECT_TYPE.to_owned(),
        flag: "--project-type".to_owned(),
        value: project_type.name.clone(),
        origin: String::new(),
        is_free: true,
    };
    std::iter::once(first).chain(lines(project_type, answers)).collect()
}

/// The answers of a project type as lines.
#[must_use]
pub fn lines(project_type: &ProjectType, answers: &Answers) -> Vec<Line> {
    let asked = project_type.questions.iter();
    asked.filter_map(|q| Some(line(q, answers.values.get(&q.id)?))).collect()
}

fn line(question: &Question, answer: &Answer) -> Line {
    Line {
        id: question.id.clone(),
        flag: question.long_flag(),
        value: visible(&answer.value.to_string()),
        origin: origin(answer),
        is_free: answer.locked.is_none(),
    }
}

/// Where an answer comes from, in words; nothing where the user was asked.
#[must_use]
pub fn origin(answer: &Answer) -> String {
    if let Some(file) = &answer.locked {
        return format!("locked by {file}");
    }
    match answer.source {
        Source::Prompt => "",
        Source::Flag => "by flag",
        Source::Set => "by --set",
        Source::Environment => "from the environment",
        Source::AnswersFile => "from --answers",
        Source::Previous => "as before",
        Source::UserDefaults => "your default",
        Source::Detected => "found here",
        Source::Default => "default",
    }
    .to_owned()
}

/// What the chosen values cost to install.
#[must_use]
pub fn costs(project_type: &ProjectType, answers: &Answers) -> Vec<String> {
    let mut costs = Vec::new();
    for question in &project_type.questions {
        let Some(answer) = answers.get(&question.id) else { continue };
        for word in answer.to_string().split(',') {
            if let Some(cost) = question.choices.0.get(word).and_then(|choice| choice.cost.as_ref())
            {
                costs.push(format!("{} {word}: {cost}", question.long_flag()));
            }
        }
    }
    costs
}

/// The words that give these answers without any question or assumption; `more` are those of flags that are no answers.
#[must_use]
pub fn command(
    project_type: &ProjectType,
    answers: &Answers,
    destination: &str,
    more: &[String],
) -> Vec<String> {
    let mut words = vec!["scaffold".to_owned(), "init".to_owned(), destination.to_owned()];
    words.extend(more.iter().cloned());
    words.extend(["--project-type".to_owned(), project_type.name.clone()]);
    words.extend(flags(project_type, answers, |_| true));
    words
}

/// The words that give those of the answers that are wanted.
#[must_use]
pub fn flags(
    project_type: &ProjectType,
    answers: &Answers,
    is_wanted: impl Fn(&Answer) -> bool,
) -> Vec<String> {
    let mut words = Vec::new();
    for question in &project_type.questions {
        let answer = answers.values.get(&question.id).filter(|answer| is_wanted(answer));
        let Some(answer) = answer else { continue };
        // A value that looks like a flag needs the equals sign.
        match flag_words(question, &answer.value.to_string()).as_slice() {
            [flag, value] if value.starts_with('-') => words.push(format!("{flag}={value}")),
            other => words.extend(other.iter().cloned()),
        }
    }
    words
}

/// What lies at the top of the repository, folders with what they hold: (name, what).
#[must_use]
pub fn top(files: &[Written]) -> Vec<(String, String)> {
    let mut folders: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut plain = Vec::new();
    for file in files.iter().filter(|file| !file.is_object()) {
        match file.path().split_once('/') {
            Some((folder, _)) => {
                let entry = folders.entry(folder).or_default();
                *entry = (entry.0 + 1, entry.1 + file.bytes());
            }
            None => plain.push((file.path().to_owned(), size(file.bytes()))),
        }
    }
    let folders = folders.into_iter().map(|(name, (count, bytes))| {
        (format!("{name}/"), format!("{}, {}", count_of_files(count), size(bytes)))
    });
    folders.chain(plain).collect()
}
