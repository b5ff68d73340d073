//! What a user and an organisation have decided for all projects: default answers, locked answers, allowed packs.
//!
//! Read from `scaffold/config.yml` below `$XDG_CONFIG_HOME` (the user) and below each of `$XDG_CONFIG_DIRS` (the
//! organisation), as the base directory specification of freedesktop.org orders them: what comes first is stronger, but
//! what is locked beats all.

use crate::answers::config;
use crate::answers::{Given, Raw, Source};
use crate::error::{Code, Error, Faults, Place, Problem, Result};
use crate::formats::hidden::visible;
use crate::formats::yaml::{self, Map, steps};
use crate::pack::Pack;
use crate::system::{private, read};
use serde::Deserialize;
use std::path::PathBuf;

/// What applies to this run.
#[derive(Debug, Default)]
pub struct Policy {
    /// Default answers, some of them locked.
    pub given: Vec<Given>,
    /// Names of the only packs that may be used, each list with its file.
    allowed: Vec<(Place, Vec<String>)>,
}

/// The shape of one file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    #[serde(default)]
    defaults: Map<yaml::Value>,
    packs: Option<Vec<String>>,
}

impl Policy {
    /// Reads the files that there are.
    ///
    /// # Errors
    /// One of them cannot be read, or is not in its shape.
    pub fn read() -> Result<Self> {
        let mut policy = Self::default();
        let mut problems = Vec::new();
        for path in paths(|name| std::env::var_os(name).map(PathBuf::from)) {
            // Only a file that does not exist is no policy: one that cannot be read may forbid what is about to be done.
            let Some(bytes) = read::named(&path, read::CONFIGURATION, Code::BadConfig)? else {
                continue;
            };
            let file = read::shown(&path);
            problems.extend(policy.add(&file, read::text(&file, &bytes, Code::BadConfig)?)?);
        }
        Error::unless_empty(problems)?;
        Ok(policy)
    }

    fn add(&mut self, file: &str, text: &str) -> Result<Vec<Problem>> {
        let content: PolicyFile = yaml::parse(file, text, Code::BadConfig)?;
        let places = yaml::Places::of(text);
        let place = |steps: &[yaml::Step]| {
            let (line, column) = places.find(steps).unwrap_or((1, 1));
            Place::File { file: file.to_owned(), line, column }
        };
        let mut faults = Faults::default();
        for (field, value) in content.defaults.0 {
            let at = place(&steps!["defaults", field.as_str()]);
            let (value, locked) = match default(&value) {
                Ok(default) => default,
                Err((what, hint)) => {
                    faults.add(|| {
                        let message =
                            format!("`{}` {what}, which can be no answer", visible(&field));
                        let problem = Problem::new(Code::BadConfig, message);
                        Problem { place: Some(at), ..problem.hint(hint) }
                    });
                    continue;
                }
            };
            let (raw, source) = (Raw::Typed(value), Source::UserDefaults);
            self.given.push(Given { field, raw, source, place: at, locked });
        }
        self.allowed.extend(content.packs.map(|packs| (place(&steps!["packs"]), packs)));
        Ok(faults.problems(file))
    }

    /// Refuses packs that are not allowed. The built-in one is called `builtin` and always is.
    ///
    /// # Errors
    /// Each pack that a list does not have.
    pub fn check_packs(&self, packs: &[Pack]) -> Result<()> {
        let mut problems = Vec::new();
        for (place, allowed) in &self.allowed {
            let is_refused =
                |pack: &&Pack| !pack.is_builtin() && !allowed.contains(&pack.about.name);
            for pack in packs.iter().filter(is_refused) {
                let message =
                    format!("the pack `{}` is not allowed by `{}`", pack.about.name, place.shown());
                problems.push(
                    Problem::new(Code::Locked, message)
                        .flag("--pack")
                        .allowed(&pack.about.name, allowed.clone()),
                );
            }
        }
        Error::unless_empty(problems)
    }
}

/// A value alone, or with `locked`; else why it is neither, and what to do.
fn default(
    value: &yaml::Value,
) -> std::result::Result<(crate::pack::overlay::Value, bool), (String, &'static str)> {
    let Some(long) = value.as_mapping() else {
        return Ok((config::answer_value(value)?, false));
    };
    let other =
        || ("is a map of another form".to_owned(), "a value, or `{value: …, locked: true}`");
    let known = ["value", "locked"];
    if long.keys().any(|key| !key.as_str().is_some_and(|key| known.contains(&key))) {
        return Err(other());
    }
    let locked = long.get("locked").map_or(Some(false), yaml::Value::as_bool);
    let value = long.get("value").ok_or_else(other)?;
    Ok((config::answer_value(value)?, locked.ok_or_else(other)?))
}

/// Where the files may be, the strongest first. A relative folder counts as not named, as the specification has it.
fn paths(variable: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let folder = |name: &str| variable(name).filter(|value| value.is_absolute());
    let user = private::base(&variable, "XDG_CONFIG_HOME", ".config", "APPDATA");
    let shared = variable("XDG_CONFIG_DIRS").unwrap_or_default();
    let mut shared: Vec<PathBuf> =
        std::env::split_paths(&shared).filter(|folder| folder.is_absolute()).collect();
    if shared.is_empty() {
        shared.push(folder("PROGRAMDATA").unwrap_or_else(|| PathBuf::from("/etc/xdg")));
    }
    let bases = user.into_iter().chain(shared);
    bases.map(|base| base.join("scaffold").join("config.yml")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_goes_before_the_organisation() {
        let variables = [("HOME", "/home/me"), ("XDG_CONFIG_DIRS", "/org:/etc/xdg")];
        let find = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value))
        };
        let expected = ["/home/me/.config", "/org", "/etc/xdg"];
        let expected = expected.map(|base| PathBuf::from(base).join("scaffold/config.yml"));
        if cfg!(unix) {
            assert_eq!(paths(find), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_relative_folder_is_not_named() {
        let find = |name: &str| {
            let value = match name {
                "HOME" => "/home/me",
                "XDG_CONFIG_HOME" => "config",
                "XDG_CONFIG_DIRS" => "org:./more",
                _ => return None,
            };
            Some(PathBuf::from(value))
        };
        let expected = ["/home/me/.config", "/etc/xdg"];
        assert_eq!(
            paths(find),
            expected.map(|base| PathBuf::from(base).join("scaffold/config.yml"))
        );
    }

    #[test]
    fn a_default_is_a_value_or_a_value_that_is_locked() {
        let read = |text: &str| {
            let mut policy = Policy::default();
            let problems = policy.add("c.yml", text).unwrap();
            (policy.given.first().map(|given| given.locked), problems.len())
        };
        assert_eq!(read("defaults: {license: MIT}"), (Some(false), 0));
        assert_eq!(read("defaults: {license: {value: MIT, locked: true}}"), (Some(true), 0));
        assert_eq!(read("defaults: {license: {value: MIT, lokced: true}}"), (None, 1));
        assert_eq!(read("defaults: {license: {locked: true}}"), (None, 1));
    }
}
