//! Gathers answers and facts from outside: environment, files, the folder, git.

use crate::answers::config::{self, Config};
use crate::answers::{Facts, Given, PROJECT_TYPE, Raw, Source};
use crate::cli::InitArgs;
use crate::error::{Code, Error, Place, Problem, Result};
use crate::formats::hidden::{self, visible};
use crate::pack::Catalog;
use crate::system::process::{self, End};
use crate::system::read;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// What every field's variable starts with.
const VARIABLE: &str = "SCAFFOLD_SET_";
const NO_USER: &str = "the author is assumed; give it with --author, or repair git's configuration";

/// The file that `--answers` names.
///
/// # Errors
/// It cannot be read or is not in the shape of `config.yml`.
pub fn answers_file(name: &str, catalog: &Catalog) -> Result<Config> {
    let (shown, bytes) = if name == "-" {
        ("stdin".to_owned(), Some(read::stdin(read::CONFIGURATION)?))
    } else {
        let path = Path::new(name);
        (read::shown(path), read::named(path, read::CONFIGURATION, Code::BadConfig)?)
    };
    let Some(bytes) = bytes else {
        let message = format!("there is no answers file `{shown}`");
        return Err(Problem::new(Code::BadConfig, message).flag("--answers").into());
    };
    let text = read::text(&shown, &bytes, Code::BadConfig)?;
    config::read(&shown, text, Source::AnswersFile, catalog)
}

/// The `config.yml` of the destination, if it has one.
///
/// # Errors
/// It cannot be read or is not in its shape.
pub fn previous(destination: &Path, catalog: &Catalog) -> Result<Config> {
    let shown = read::shown(&destination.join(config::PATH));
    match read::below(destination, config::PATH, read::CONFIGURATION)? {
        Some(bytes) => {
            let text = read::text(&shown, &bytes, Code::BadConfig)?;
            config::read(&shown, text, Source::Previous, catalog)
        }
        None => Ok(Config::default()),
    }
}

/// Answers in the environment: `SCAFFOLD_SET_PROCESSING_MODEL` for `processingModel`.
///
/// # Errors
/// A variable of that form that belongs to no question.
pub fn environment(catalog: &Catalog) -> Result<Vec<Given>> {
    let mut fields: Vec<String> =
        catalog.types().flat_map(|t| &t.questions).map(|q| q.id.clone()).collect();
    fields.push(PROJECT_TYPE.to_owned());
    let mut given = Vec::new();
    let mut problems = Vec::new();
    for (name, value) in std::env::vars_os() {
        if !name.as_encoded_bytes().starts_with(VARIABLE.as_bytes()) {
            continue;
        }
        let (name, value) = match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => (name, value),
            (name, _) => {
                let name = name.unwrap_or_else(|name| name.to_string_lossy().into_owned());
                let message = format!("the variable `{name}` is not UTF-8");
                problems.push(Problem::new(Code::InvalidValue, message).flag(name));
                continue;
            }
        };
        let place = Place::Flag { flag: name.clone() };
        if let Some(field) = fields.iter().find(|field| variable(field) == name) {
            given.push(Given {
                field: field.clone(),
                raw: Raw::Word(value),
                source: Source::Environment,
                place,
                locked: false,
            });
        } else {
            let message = format!("no question has the variable `{name}`");
            let allowed: BTreeSet<String> = fields.iter().map(|field| variable(field)).collect();
            problems.push(
                Problem::new(Code::UnknownField, message)
                    .flag(name.clone())
                    .allowed(&name, allowed),
            );
        }
    }
    Error::unless_empty(problems)?;
    given.sort_by(|a, b| a.field.cmp(&b.field));
    Ok(given)
}

fn variable(field: &str) -> String {
    let mut name = VARIABLE.to_owned();
    for letter in field.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

/// What computed defaults may read, and why git did not say who the user is. git is asked only where nobody has said who
/// the author is; an earlier answer may be stale.
#[must_use]
pub fn facts(args: &InitArgs, given: &[Given]) -> (Facts, Option<String>) {
    let is_author = |given: &Given| {
        given.source != Source::Previous && matches!(&*given.field, "author" | "project.author")
    };
    let user = if given.iter().any(is_author) { Ok(String::new()) } else { git_user() };
    let warning = user.as_ref().err().cloned();
    let folder = folder_name(&args.destination);
    (Facts { folder, user: user.unwrap_or_default(), idea: args.idea.clone() }, warning)
}

/// The name of the destination, without what a project name may not hold.
fn folder_name(destination: &Path) -> String {
    let full = std::path::absolute(destination).unwrap_or_else(|_| destination.to_owned());
    let resolved = std::fs::canonicalize(&full).unwrap_or(full);
    let name =
        resolved.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name: String = name.chars().filter(|c| *c != '\u{fffd}').take(100).collect();
    // Where the name was cut, a joiner may have nothing left to join.
    let name = hidden::without(&name);
    // On some systems it is an ordinary letter of a name.
    let name = name.replace('\\', "-");
    let name = name.trim_matches(|c: char| c.is_whitespace() || ".-".contains(c));
    if name.is_empty() { "project".to_owned() } else { name.to_owned() }
}

/// Who git thinks the user is; nothing where git is absent or does not know, and why where it cannot say.
fn git_user() -> std::result::Result<String, String> {
    let mut command = Command::new("git");
    command.args(["config", "--get", "user.name"]);
    // Reading a configuration runs nothing, but one that includes a pipe would never end.
    let Ok(ended) = process::run(command, std::time::Duration::from_secs(5)) else {
        return Ok(String::new());
    };
    // Warnings come before.
    let said = ended.tail.trim_end().lines().next_back().unwrap_or_default().trim();
    match ended.end {
        _ if ended.is_success() && !said.contains('\u{fffd}') => Ok(said.to_owned()),
        _ if ended.is_success() => {
            Err(format!("the name that git has for you is not UTF-8: {NO_USER}"))
        }
        // It has none.
        End::Exited(Some(1)) => Ok(String::new()),
        _ => Err(format!("git does not say who you are ({}): {NO_USER}", visible(said))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_spells_the_field() {
        assert_eq!(variable("processingModel"), "SCAFFOLD_SET_PROCESSING_MODEL");
    }

    #[test]
    fn a_folder_always_gives_a_name() {
        assert_eq!(folder_name(Path::new("/")), "project");
        assert_eq!(folder_name(Path::new("/x/.-demo")), "demo");
        for name in ["می\u{200c}خواهم", "ශ්\u{200d}රී", "👩\u{200d}💻 club"] {
            assert_eq!(folder_name(&Path::new("/x").join(name)), name);
            let ends = format!("/x/{name}\u{200c} \u{200d}");
            assert_eq!(folder_name(Path::new(&ends)), name, "a joiner that joins nothing");
        }
        if cfg!(unix) {
            assert_eq!(folder_name(Path::new("/x/a\\b")), "a-b");
        }
    }
}
