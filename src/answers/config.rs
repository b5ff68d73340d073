//! `.scaffold/config.yml`: the answers of a repository, read strictly and written deterministically.
//!
//! The shape is the reference's: `version`, `methodology`, `platforms`, `custom`, and `project` with the block of its
//! type. A file that is given with `--answers` has the same shape.

use crate::answers::{Answers, Given, PROJECT_TYPE, Raw, Source};
use crate::error::{Code, Error, Faults, Place, Problem, Result};
use crate::formats::hidden::visible;
use crate::formats::yaml::steps;
use crate::formats::yaml::{self, Mapping, Places, Step};
use crate::pack::overlay::{Stored, Value};
use crate::pack::{Catalog, ProjectType, Question};

/// Where it is below a repository.
pub const PATH: &str = ".scaffold/config.yml";
/// The version of the shape.
const VERSION: u64 = 2;
/// How many unknown keys are named.
const MOST_WARNINGS: usize = 20;

/// What a file says.
#[derive(Debug, Default)]
pub struct Config {
    /// Its answers.
    pub given: Vec<Given>,
    /// Keys that are not ours.
    pub kept: Kept,
    /// What was noticed, in words.
    pub warnings: Vec<String>,
}

/// Keys that are kept without being understood, in their order.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    top: Mapping,
    custom: Mapping,
    project: Mapping,
}

impl Kept {
    /// What `custom.steps` says of single steps: whether each is done, and how deep. Anything else there is left alone.
    #[must_use]
    pub fn steps(&self) -> std::collections::BTreeMap<String, (Option<bool>, Option<i64>)> {
        let steps = self.custom.get("steps").and_then(yaml::Value::as_mapping);
        let said = |value: &yaml::Value| {
            let depth = value.get("depth").and_then(yaml::Value::as_i64);
            (value.get("enabled").and_then(yaml::Value::as_bool), depth)
        };
        steps
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), said(value))))
            .collect()
    }
}

/// Reads a file; `source` says in which role.
///
/// # Errors
/// Not YAML, another version, an unknown key in the block of a type, a value that can be no answer.
pub fn read(file: &str, text: &str, source: Source, catalog: &Catalog) -> Result<Config> {
    let document: Mapping = yaml::parse(file, text, Code::BadConfig)?;
    let mut reader = Reader {
        file,
        places: Places::of(text),
        source,
        catalog,
        config: Config::default(),
        faults: Faults::default(),
        unknown: 0,
    };
    reader.version(&document);
    for (key, value) in &document {
        let key = key.as_str().unwrap_or_default();
        match key {
            "version" => {}
            "custom" => reader.map(value, &steps!["custom"], Reader::custom),
            "project" => reader.map(value, &steps!["project"], Reader::project),
            _ if reader.is_home(&[key]) => reader.answer(&[key], value),
            _ => reader.keep(key, value, &[]),
        }
    }
    Error::unless_empty(reader.faults.problems(file))?;
    if reader.unknown > MOST_WARNINGS {
        let more = reader.unknown - MOST_WARNINGS;
        reader.config.warnings.push(format!("`{file}`: {more} more keys are not known"));
    }
    Ok(reader.config)
}

struct Reader<'a> {
    file: &'a str,
    places: Places,
    source: Source,
    catalog: &'a Catalog,
    config: Config,
    faults: Faults,
    /// Keys that are not ours.
    unknown: usize,
}

impl Reader<'_> {
    fn place(&self, steps: &[Step]) -> Place {
        let (line, column) = self.places.find(steps).unwrap_or((1, 1));
        Place::File { file: self.file.to_owned(), line, column }
    }

    fn fault(&mut self, steps: &[Step], problem: impl FnOnce() -> Problem) {
        let place = self.place(steps);
        self.faults.add(|| Problem { place: Some(place), ..problem() });
    }

    fn problem(&mut self, steps: &[Step], message: String) {
        self.fault(steps, || Problem::new(Code::BadConfig, message));
    }

    fn version(&mut self, document: &Mapping) {
        let found = document.get("version");
        let number = |value: &yaml::Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        if found.is_some_and(|value| number(value) != Some(VERSION)) {
            let steps = steps!["version"];
            self.problem(&steps, format!("this version of scaffold reads `version: {VERSION}`"));
        }
    }

    fn map(&mut self, value: &yaml::Value, at: &[Step], each: fn(&mut Self, &str, &yaml::Value)) {
        match value.as_mapping() {
            Some(mapping) => {
                for (key, value) in mapping {
                    each(self, key.as_str().unwrap_or_default(), value);
                }
            }
            None if value.is_null() => {}
            None => {
                self.problem(at, "this must be a map".to_owned());
            }
        }
    }

    fn custom(&mut self, key: &str, value: &yaml::Value) {
        if self.is_home(&["custom", key]) {
            self.answer(&["custom", key], value);
        } else {
            self.config.kept.custom.insert(key.into(), value.clone());
            self.check_kept(["custom", key].iter(), value);
        }
    }

    fn project(&mut self, key: &str, value: &yaml::Value) {
        if key == PROJECT_TYPE {
            self.give(PROJECT_TYPE.to_owned(), &steps!["project", PROJECT_TYPE], value);
        } else if let Some(owner) = self.catalog.types().find(|t| t.config_key == key).cloned() {
            self.block(&owner, value);
        } else if self.is_home(&["project", key]) {
            self.answer(&["project", key], value);
        } else {
            self.keep(key, value, &["project"]);
        }
    }

    fn block(&mut self, owner: &ProjectType, value: &yaml::Value) {
        let key = owner.config_key.as_str();
        let Some(mapping) = value.as_mapping() else {
            self.problem(&steps!["project", key], format!("`{key}` must be a map"));
            return;
        };
        for (id, value) in mapping {
            let id = id.as_str().unwrap_or_default();
            let steps = steps!["project", key, id];
            if owner
                .questions
                .iter()
                .any(|q| !q.common && (q.id == id || q.aliases.iter().any(|alias| alias == id)))
            {
                self.give(format!("{key}.{id}"), &steps, value);
            } else {
                let allowed = owner.questions.iter().filter(|q| !q.common).map(|q| &q.id);
                let message = format!("unknown key `{}` in `{key}`", visible(id));
                self.fault(&steps, || Problem::new(Code::BadConfig, message).allowed(id, allowed));
            }
        }
    }

    fn is_home(&self, keys: &[&str]) -> bool {
        self.question(keys).is_some()
    }

    /// The id of the common question whose answer is kept at these keys.
    fn question(&self, keys: &[&str]) -> Option<String> {
        let questions = self.catalog.types().flat_map(|t| &t.questions);
        questions.into_iter().find(|q| q.common && q.home == *keys).map(|q| q.id.clone())
    }

    fn answer(&mut self, keys: &[&str], value: &yaml::Value) {
        let steps: Vec<Step> = keys.iter().map(|key| Step::from(*key)).collect();
        if let Some(id) = self.question(keys) {
            self.give(id, &steps, value);
        }
    }

    fn give(&mut self, field: String, steps: &[Step], value: &yaml::Value) {
        if value.is_null() {
            return;
        }
        match answer_value(value) {
            Ok(value) => {
                let place = self.place(steps);
                self.config.given.push(Given {
                    field,
                    raw: Raw::Typed(value),
                    source: self.source,
                    place,
                    locked: false,
                });
            }
            Err((what, hint)) => self.fault(steps, || {
                let message = format!("`{field}` {what}, which can be no answer");
                Problem::new(Code::BadConfig, message).hint(hint)
            }),
        }
    }

    /// What is kept is written again one day.
    fn check_kept<'k>(&mut self, keys: impl Iterator<Item = &'k &'k str>, value: &yaml::Value) {
        if !yaml::can_be_written(value) {
            let steps: Vec<Step> = keys.map(|key| Step::from(*key)).collect();
            self.problem(&steps, "it holds a key that cannot be kept: write a text".to_owned());
        }
    }

    fn keep(&mut self, key: &str, value: &yaml::Value, parents: &[&str]) {
        let (place, kept) = match parents {
            [] => ("", &mut self.config.kept.top),
            _ => (" under `project`", &mut self.config.kept.project),
        };
        kept.insert(key.into(), value.clone());
        self.check_kept(parents.iter().chain([&key]), value);
        self.unknown += 1;
        if self.unknown <= MOST_WARNINGS {
            self.config.warnings.push(format!(
                "`{}`: the key `{}`{place} is not known; it is kept as it is",
                self.file,
                visible(key)
            ));
        }
    }
}

/// A YAML value as an answer. The end of the last line of a block text (`|`, `>`) is not part of it.
///
/// # Errors
/// What it is instead, as the rest of a sentence, and what to do.
pub fn answer_value(value: &yaml::Value) -> std::result::Result<Value, (String, &'static str)> {
    let quotes = "put it in quotes, so that YAML reads it as a text";
    Ok(match value {
        yaml::Value::Bool(value) => Value::Bool(*value),
        yaml::Value::Number(number) => match number.as_i64() {
            Some(number) => Value::Integer(number),
            None => return Err((format!("is the number {number}"), quotes)),
        },
        yaml::Value::String(text) => Value::Text(text.trim_end_matches('\n').to_owned()),
        yaml::Value::Sequence(items) => {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            let Some(texts) = texts.collect() else {
                let hint = "put each item in quotes, so that YAML reads it as a text";
                return Err(("is a list in which not every item is a text".to_owned(), hint));
            };
            Value::List(texts)
        }
        yaml::Value::Null => {
            return Err(("is empty".to_owned(), "give it a value or leave it out"));
        }
        yaml::Value::Mapping(_) | yaml::Value::Tagged(_) => {
            return Err(("is a map".to_owned(), "give it a value, a list or a text"));
        }
    })
}

/// The text of `config.yml` for these answers.
#[must_use]
pub fn write(project_type: &ProjectType, answers: &Answers, kept: &Kept) -> String {
    let mut document = Mapping::new();
    document.insert("version".into(), VERSION.into());
    for question in project_type.questions.iter().filter(|question| question.common) {
        insert(&mut document, project_type, question, answers);
    }
    if let Some(custom) = document.get_mut("custom").and_then(yaml::Value::as_mapping_mut) {
        custom.extend(kept.custom.clone());
    }
    let project = section(&mut document, "project");
    project.insert(PROJECT_TYPE.into(), project_type.name.as_str().into());
    section(project, &project_type.config_key);
    for question in project_type.questions.iter().filter(|question| !question.common) {
        insert(&mut document, project_type, question, answers);
    }
    section(&mut document, "project").extend(kept.project.clone());
    document.extend(kept.top.clone());
    yaml::to_string(&document)
}

fn insert(
    document: &mut Mapping,
    project_type: &ProjectType,
    question: &Question,
    answers: &Answers,
) {
    if question.stored == Stored::Changed && answers.is_assumed(project_type, question) {
        return;
    }
    let (Some(value), Some((last, parents))) =
        (answers.get(&question.id), question.home.split_last())
    else {
        return;
    };
    let mut map = document;
    for key in parents {
        map = section(map, key);
    }
    map.insert(last.as_str().into(), yaml_value(value));
}

fn section<'m>(map: &'m mut Mapping, key: &str) -> &'m mut Mapping {
    map.entry(key.into())
        .or_insert_with(|| yaml::Value::Mapping(Mapping::new()))
        .as_mapping_mut()
        .expect("homes do not lie inside one another")
}

fn yaml_value(value: &Value) -> yaml::Value {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Integer(value) => (*value).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => {
            yaml::Value::Sequence(items.iter().map(|item| item.as_str().into()).collect())
        }
    }
}
