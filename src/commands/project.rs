//! The project around the current folder: its answers, its method and how far it has come.

use super::{inputs, location};
use crate::answers::config::{self, Kept};
use crate::answers::{self, Answers, Inputs};
use crate::error::{Code, Problem, Result};
use crate::formats::quote::command_line;
use crate::knowledge::Library;
use crate::knowledge::guide::Project;
use crate::knowledge::method::{self, Preset, Task};
use crate::knowledge::state::State;
use crate::pack::expression::Scope;
use crate::pack::overlay::Value;
use crate::pack::{Catalog, ProjectType};
use crate::render::guide::Output;
use crate::render::plan::{self, Site};
use crate::system::folder::{self, Folder};
use crate::system::private;
use crate::system::read::{self, Limits, Walk};
use crate::tree::File;
use crate::ui;
use crate::write::{self, Apply, OnConflict};
use indexmap::IndexMap;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where a project keeps documents of its own.
const OWN: &str = ".scaffold/knowledge";
/// Documents that a person wrote are less than this.
const OWN_LIMITS: Limits = Limits {
    what: "`.scaffold/knowledge`",
    file: 1 << 20,
    bytes: 16 << 20,
    entries: 2_000,
    depth: 32,
    code: Code::BadKnowledge,
};
/// How far the method has come.
const STATE: &str = ".scaffold/state";

/// An initialised folder, read.
pub struct Opened<'c> {
    /// The folder with `.scaffold/config.yml`.
    pub root: PathBuf,
    /// Its type.
    pub project_type: &'c ProjectType,
    /// What its configuration answers.
    pub answers: Answers,
    /// All documents and steps, its own first.
    pub library: Library,
    /// How far it has come.
    pub state: State,
    scope: Scope,
    expressions: Scope,
    preset: Preset,
    check: Vec<String>,
}

fn look_back(root: &Path, writes: bool) -> Result<Vec<String>> {
    if !writes {
        return Ok(location::unfinished(root));
    }
    let outcome = crate::system::interrupt::held(|| write::recover(root))?;
    Ok(outcome.words(str::to_owned))
}

/// Says what a killed run left, or what was done about it: at once, because what comes next may end in an error, and on
/// stderr, because the answer is about something else.
pub fn tell(notices: &[String]) {
    for notice in notices {
        ui::warn(notice);
    }
}

/// The folder here or above in which a killed run of this user left its stage.
fn left_behind() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|folder| write::is_left_in(folder)).map(Path::to_owned)
}

/// Completes or undoes what a killed run left here or above, before a command that writes looks for its project: what makes
/// a folder one may be out of its place just then. Tells and gives what was done.
///
/// # Errors
/// As [`write::recover`].
pub fn recover() -> Result<Vec<String>> {
    let done = left_behind().map(|folder| look_back(&folder, true)).transpose()?;
    let done = done.unwrap_or_default();
    tell(&done);
    Ok(done)
}

/// Looks upwards for an initialised folder, as git does. Whatever is in the place of its configuration makes it one, so
/// that it is told and not passed by.
///
/// # Errors
/// It belongs to another user: what it holds would be read, and shown to assistants, without anybody having asked.
pub fn find() -> Result<Option<PathBuf>> {
    let Ok(here) = std::env::current_dir() else { return Ok(None) };
    let Some(root) = folder::first(here.ancestors(), config::PATH)? else { return Ok(None) };
    for folder in [root.to_owned(), root.join(config::PATH).with_file_name("")] {
        if !private::is_mine(&folder)? {
            return Err(private::not_mine(root));
        }
    }
    Ok(Some(root.to_owned()))
}

/// The project around the current folder.
///
/// # Errors
/// There is none, or it belongs to another user.
pub fn root() -> Result<PathBuf> {
    find()?.ok_or_else(|| {
        let message = "no folder above is a generated repository";
        let hint = "`scaffold init` makes one; its `.scaffold/config.yml` is looked for".to_owned();
        let left = left_behind().and_then(|folder| location::unfinished(&folder).pop());
        Problem::new(Code::BadDestination, message).hint(left.unwrap_or(hint)).into()
    })
}

/// Opens the project around the current folder. `depth` is asked for by flag. Only a command that `writes` completes or
/// undoes what a killed run left; the others say that there is something.
///
/// # Errors
/// There is none, or it belongs to another user; its configuration or a document of a pack cannot be read.
pub fn open(catalog: &Catalog, depth: Option<i64>, writes: bool) -> Result<Opened<'_>> {
    if writes {
        recover()?;
    }
    let root = root()?;
    tell(&look_back(&root, writes)?);
    let config = inputs::previous(&root, catalog)?;
    let inputs = Inputs { given: config.given, auto: true, ..Inputs::default() };
    let (project_type, _) = answers::previous_type(catalog, &inputs)?;
    let answers = answers::resolve(project_type, &inputs)?;
    let plan = plan::plan(catalog, project_type, &answers, &Kept::default(), &Site::default())?;
    let library = Library::of(catalog, &own_documents(&root)?)?;
    let preset = preset(&answers, &config.kept, depth);
    let state = state(&root)?;
    Ok(Opened {
        project_type,
        expressions: plan.conditions,
        answers,
        library,
        state,
        scope: plan.scope,
        preset,
        check: plan.commands.check,
        root,
    })
}

/// What `.scaffold/knowledge/` of a folder holds, by path.
///
/// # Errors
/// Something there is no plain file, has a name that is not UTF-8, or is larger than any should be.
pub fn own_documents(root: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut walk = Walk::new(OWN_LIMITS);
    walk.read(&Folder::open(root)?, OWN)?;
    Ok(walk.files())
}

fn state(root: &Path) -> Result<State> {
    let bytes = read::below(root, STATE, read::CONFIGURATION)?.unwrap_or_default();
    State::parse(read::text(STATE, &bytes, Code::BadConfig)?)
}

fn preset(answers: &Answers, kept: &Kept, depth: Option<i64>) -> Preset {
    let name = match answers.get("methodology") {
        Some(Value::Text(name)) => name.clone(),
        _ => "deep".to_owned(),
    };
    let own = match answers.get("depth") {
        Some(Value::Integer(depth)) => Some(*depth),
        _ => None,
    };
    let mut steps = kept.steps();
    if depth.is_some() {
        // Whoever asks for a depth gets it, whatever the configuration says of single steps.
        for step in steps.values_mut() {
            step.1 = None;
        }
    }
    let depth = depth.or(own).unwrap_or_else(|| method::preset_depth(&name));
    Preset { name, depth, steps }
}

impl Opened<'_> {
    /// The method of the project.
    ///
    /// # Errors
    /// Steps wait for each other; a condition fails.
    pub fn tasks(&self) -> Result<IndexMap<&str, Task<'_>>> {
        method::tasks(&self.library, self.project_type, &self.preset, &self.expressions)
    }

    /// What guides need to know.
    #[must_use]
    pub fn project(&self) -> Project<'_> {
        let text = |id: &str| self.answers.get(id).map_or(String::new(), ToString::to_string);
        Project {
            name: text("name"),
            scope: &self.scope,
            methodology: text("methodology"),
            check: command_line(&self.check),
            paths: BTreeSet::new(),
        }
    }

    /// What is there of a document, or a folder of documents, that a step produces. Documents of a folder are named, not pasted.
    ///
    /// # Errors
    /// It is a link or not a file, larger than a guide takes, or not text.
    pub fn output(&self, path: &str) -> Result<Output> {
        if let Some(folder) = path.strip_suffix('/') {
            let Some(open) = Folder::open(&self.root)?.below(folder)? else {
                return Ok(Output::Missing);
            };
            let mut names = open.names()?;
            names.sort();
            return Ok(if names.is_empty() { Output::Missing } else { Output::Folder(names) });
        }
        Ok(match read::below(&self.root, path, read::OUTPUT)? {
            Some(bytes) => Output::Text(read::text(path, &bytes, Code::BadKnowledge)?.to_owned()),
            None => Output::Missing,
        })
    }

    /// Keeps the state.
    ///
    /// # Errors
    /// Another run writes, or the system refuses.
    pub fn keep(&self, state: &State) -> Result<()> {
        let file = File {
            path: STATE.to_owned(),
            bytes: state.text().into(),
            executable: false,
            layers: Vec::new(),
        };
        let changes = write::compare(&self.root, &[file], &mut |_| Ok(OnConflict::Overwrite))?;
        let outcome = crate::system::interrupt::deferred(|| {
            write::apply(&self.root, &changes, &Apply::default())
        })?;
        for words in outcome.words(str::to_owned) {
            ui::warn(&words);
        }
        Ok(())
    }
}
