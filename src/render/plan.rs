//! Plan: what these answers mean — which layers, names, commands and notes. Pure.

use crate::answers::config::{self, Kept};
use crate::answers::{Answers, plain};
use crate::error::{Code, Result};
use crate::formats::yaml::steps;
use crate::pack::expression::{Datum, Expr, Scope};
use crate::pack::overlay::{Commands, Kind, Value};
use crate::pack::{Catalog, Origin, Placed, ProjectType, path};
use crate::render::template::Renderer;
use indexmap::IndexMap;
use serde::Serialize;
use std::collections::BTreeMap;

/// The workflow of a project that is a repository of its own.
const ROOT_WORKFLOW: &str = "ci";
/// The name of a folder that has room for others around it, and of a package whose imports fit in a line: systems limit
/// paths, and formatters of code would break longer lines, so that a new project failed its own check.
const LONGEST_SLUG: usize = 40;

/// All that rendering needs.
#[derive(Debug)]
pub struct Plan<'c> {
    /// The packs.
    pub catalog: &'c Catalog,
    /// What is made.
    pub project_type: &'c ProjectType,
    /// What expressions can read.
    pub conditions: Scope,
    /// What the configuration says of single steps of the method.
    pub steps: BTreeMap<String, (Option<bool>, Option<i64>)>,
    /// In the order in which they apply.
    pub layers: Vec<&'c Placed<crate::pack::overlay::Layer>>,
    /// What templates can read.
    pub scope: Scope,
    /// What the repository runs.
    pub commands: CommandLines,
    /// What people must know about these answers.
    pub notes: Vec<String>,
    /// The text of `.scaffold/config.yml`.
    pub config: String,
    /// A file that a layer has and this project does not need: the lock of a workspace's member.
    pub without: Option<String>,
}

/// The commands of a generated repository, as argument lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CommandLines {
    /// Prepares a fresh clone.
    pub setup: Vec<String>,
    /// Does the main job once.
    pub run: Vec<String>,
    /// Tests, lint, format and types.
    pub check: Vec<String>,
    /// Others by name.
    pub more: IndexMap<String, Vec<String>>,
    /// The names of those others that come first once all is set up.
    #[serde(skip)]
    pub first: Vec<String>,
}

/// Where in a git repository the project lies.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// The way from the root of the repository, with `/`; empty at the root, or where there is no repository.
    pub folder: String,
    /// The workspace that the project is a member of.
    pub workspace: Option<Member>,
}

/// A project's place in a workspace.
#[derive(Clone, Debug)]
pub struct Member {
    /// The way from the project to the root of the workspace, such as `../..`.
    pub up: String,
    /// The way from the root of the repository to that of the workspace; empty if they are one, or without a repository.
    pub root: String,
    /// The lock at the root, in place of one of the project's own.
    pub lock: String,
}

impl Site {
    /// A name for files at the root of the repository that no other folder has.
    #[must_use]
    pub fn workflow(&self) -> String {
        let plain = self.folder.replace('/', ".");
        match self.folder.as_str() {
            "" => ROOT_WORKFLOW.to_owned(),
            // Two folders could give one name: `a/b` and `a.b`, or `A` and `a` where case is folded; and the root has one.
            folder
                if folder.contains('.')
                    || folder.chars().any(|c| c.is_ascii_uppercase())
                    || plain == ROOT_WORKFLOW
                    || path::is_device(&plain) =>
            {
                format!("{plain}-{}", &crate::tree::digest(folder.as_bytes())[..8])
            }
            _ => plain,
        }
    }
}

impl Plan<'_> {
    /// The name of the repository as a folder has it.
    #[must_use]
    pub fn slug(&self) -> &str {
        match self.scope.get("project") {
            Some(Datum::Map(project)) => match project.get("slug") {
                Some(Datum::Word(slug)) => slug,
                _ => "",
            },
            _ => "",
        }
    }
}

/// Makes the plan.
///
/// # Errors
/// A condition or a command of the overlay fails with these answers.
pub fn plan<'c>(
    catalog: &'c Catalog,
    project_type: &'c ProjectType,
    answers: &Answers,
    kept: &Kept,
    site: &Site,
) -> Result<Plan<'c>> {
    let conditions = answers.scope(project_type)?;
    let mut layers = Vec::new();
    for layer in &project_type.layers {
        if holds(layer.when.as_ref(), &conditions, &layer.at)? {
            layers.push(layer);
        }
    }
    let mut notes = Vec::new();
    for note in &project_type.notes {
        if holds(note.when.as_ref(), &conditions, &note.at)? {
            notes.push(note.text.clone());
        }
    }
    let mut scope = scope(project_type, answers, site);
    for named in &project_type.lets {
        scope.insert(named.name.clone(), conditions[&named.name].clone());
    }
    let commands = match &project_type.commands {
        Some(commands) => command_lines(&commands.item, &commands.at, &conditions, &scope)?,
        None => CommandLines::default(),
    };
    Ok(Plan {
        catalog,
        project_type,
        conditions,
        steps: kept.steps(),
        layers,
        scope,
        commands,
        notes,
        config: config::write(project_type, answers, kept),
        without: site.workspace.as_ref().map(|member| member.lock.clone()),
    })
}

fn holds(condition: Option<&Expr>, scope: &Scope, at: &Origin) -> Result<bool> {
    let Some(condition) = condition else { return Ok(true) };
    let at = || at.child(steps!["when"]);
    Ok(condition.holds(scope).map_err(|fault| at().problem(Code::BadPack, fault.message))?)
}

/// The names that templates see.
fn scope(project_type: &ProjectType, answers: &Answers, site: &Site) -> Scope {
    let mut scope = Scope::new();
    let mut own = Scope::new();
    for question in &project_type.questions {
        let value = match answers.get(&question.id) {
            Some(Value::Text(text)) if question.kind == Kind::Text => Datum::Free(text.clone()),
            Some(value) => plain(value),
            None => Datum::None,
        };
        if !question.common {
            own.insert(question.id.clone(), value.clone());
        }
        scope.insert(question.id.clone(), value);
    }
    scope.insert(
        "answers".to_owned(),
        Datum::Map(Scope::from([(project_type.config_key.clone(), Datum::Map(own))])),
    );
    let mut project = project(&scope, &project_type.reserved);
    project.insert("folder".to_owned(), Datum::Word(site.folder.clone()));
    project.insert("workflow".to_owned(), Datum::Word(site.workflow()));
    let (up, root) = match &site.workspace {
        Some(member) => (member.up.clone(), member.root.clone()),
        None => (String::new(), site.folder.clone()),
    };
    project.insert("workspace".to_owned(), Datum::Word(up));
    project.insert("root".to_owned(), Datum::Word(root));
    scope.insert("project".to_owned(), Datum::Map(project));
    scope
}

fn project(scope: &Scope, reserved: &[String]) -> Scope {
    let mut project = Scope::new();
    for id in ["name", "description", "author", "license"] {
        project.insert(id.to_owned(), scope.get(id).cloned().unwrap_or(Datum::None));
    }
    let name = match &project["name"] {
        Datum::Free(name) => name.as_str(),
        _ => "",
    };
    let (slug, package) = names(name, reserved);
    project.insert("slug".to_owned(), Datum::Word(slug));
    project.insert("package".to_owned(), Datum::Word(package));
    project
}

/// The name of the distribution and of the package: ASCII, not too long for a folder, and no word that a system, the language
/// or a dependency has taken.
#[must_use]
pub fn names(name: &str, reserved: &[String]) -> (String, String) {
    let ascii = any_ascii::any_ascii(name).to_lowercase();
    let words: Vec<&str> =
        ascii.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut slug = words.join("-");
    if slug.is_empty() || slug.starts_with(|c: char| c.is_ascii_digit()) {
        slug = if slug.is_empty() { "project".to_owned() } else { format!("project-{slug}") };
    }
    if slug.len() > LONGEST_SLUG {
        // Between words where there are several.
        let end = slug[..=LONGEST_SLUG].rfind('-').unwrap_or(LONGEST_SLUG);
        slug.truncate(end);
    }
    let package = slug.replace('-', "_");
    let taken = |word: &String| word.to_lowercase().replace('-', "_") == package;
    if reserved.iter().any(taken) || path::is_device(&package) {
        slug += "-app";
    }
    let package = slug.replace('-', "_");
    (slug, package)
}

fn command_lines(
    commands: &Commands,
    at: &Origin,
    conditions: &Scope,
    scope: &Scope,
) -> Result<CommandLines> {
    let renderer = Renderer::new(scope);
    let words = |key: &str, words: &[String]| -> Result<Vec<String>> {
        let lines: std::result::Result<_, _> =
            words.iter().map(|word| renderer.inline(word)).collect();
        lines.map_err(|fault| at.child(steps![key]).problem(Code::BadPack, fault.message).into())
    };
    let mut lines = CommandLines {
        setup: words("setup", &commands.setup)?,
        run: words("run", &commands.run)?,
        check: words("check", &commands.check)?,
        more: IndexMap::new(),
        first: Vec::new(),
    };
    for (name, command) in &commands.more.0 {
        if holds(command.when.as_ref(), conditions, &at.child(steps!["more", name.as_str()]))? {
            lines.more.insert(name.clone(), words("more", &command.run)?);
            lines.first.extend(command.first.then(|| name.clone()));
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_folders_share_a_workflow() {
        let name = |folder: &str| Site { folder: folder.to_owned(), ..Site::default() }.workflow();
        assert_eq!(name(""), "ci");
        assert_eq!(name("services/orders"), "services.orders");
        let alike =
            ["", "ci", "services/orders", "services.orders", "Services/orders", "services/Orders"];
        let names: std::collections::BTreeSet<String> =
            alike.iter().map(|folder| name(folder).to_lowercase()).collect();
        assert_eq!(names.len(), alike.len(), "{names:?}");
        assert!(
            name("con").starts_with("con-"),
            "a device of Windows, whatever comes after the dot"
        );
    }

    #[test]
    fn names_are_ascii_and_never_taken() {
        let reserved = ["class".to_owned(), "duckdb".to_owned(), "scikit-learn".to_owned()];
        let pair = |name| names(name, &reserved);
        assert_eq!(pair("My Demo!"), ("my-demo".to_owned(), "my_demo".to_owned()));
        assert_eq!(pair("Überflug Ærø"), ("uberflug-aero".to_owned(), "uberflug_aero".to_owned()));
        assert_eq!(pair("class").1, "class_app");
        assert_eq!(pair("DuckDB"), ("duckdb-app".to_owned(), "duckdb_app".to_owned()));
        assert_eq!(pair("Scikit Learn").1, "scikit_learn_app");
        assert_eq!(pair("2024 report").1, "project_2024_report");
        assert_eq!(pair("!!!").0, "project");
        assert_eq!(pair("COM1").0, "com1-app");
        let (chinese, letters) = ("\u{946b}".repeat(100), "x".repeat(100));
        let long = pair(&chinese);
        assert_eq!(long.0, &"xin".repeat(14)[..LONGEST_SLUG]);
        assert_eq!(pair(&letters).1, letters[..LONGEST_SLUG]);
    }
}
