//! What `update`, `set`, `check` and `diff` share: a repository beside what it was generated as and what would be generated now.

use super::location::{Location, Target};
use super::memory::remembered;
use super::{init, project};
use crate::answers::Answers;
use crate::answers::Source;
use crate::cli::InitArgs;
use crate::error::{Code, Problem, Result};
use crate::keep::follow::{Decision, decide};
use crate::keep::lock::{self, Lock};
use crate::keep::{is_memory, pristine};
use crate::knowledge::LazyLibrary;
use crate::pack::{Catalog, ProjectType};
use crate::render;
use crate::render::plan::{self, Plan};
use crate::system::read;
use crate::tree::{Bytes, File};
use crate::write::{Action, Change};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// No file that is compared is larger, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// A repository with its past.
pub struct Past {
    /// The folder of the project.
    pub root: PathBuf,
    /// The repository around it.
    pub location: Location,
    /// What it was generated as.
    pub lock: Lock,
}

/// What would be generated now.
pub struct Now<'c> {
    /// The type.
    pub project_type: &'c ProjectType,
    /// Where it comes from.
    pub type_source: Source,
    /// All answers.
    pub answers: Answers,
    /// The plan.
    pub plan: Plan<'c>,
    /// The files, without the memory.
    pub files: Vec<File>,
    /// The files by their path as seen from the project, with the memory.
    pub by_path: BTreeMap<String, File>,
    /// What was noticed.
    pub warnings: Vec<String>,
}

/// One file of which both sides are known.
pub struct Step {
    /// As seen from the project.
    pub path: String,
    /// What is there.
    pub ours: Option<Vec<u8>>,
    /// What would be generated now.
    pub theirs: Option<File>,
    /// What has to happen.
    pub decision: Decision,
}

impl Past {
    /// Reads the past of the project around the current folder.
    ///
    /// # Errors
    /// There is no project, or it has no lock, or one that cannot be read.
    pub fn open(repository: Option<&Path>) -> Result<Self> {
        let root = project::root()?;
        let location = Location::find(&root, repository)?;
        let Some(bytes) = read::below(&root, lock::PATH, read::CONFIGURATION)? else {
            let message = format!("`{}` is missing: nobody knows what was generated", lock::PATH);
            return Err(Problem::new(Code::BadConfig, message)
                .file(lock::PATH)
                .hint("a repository of an older version gets one by `scaffold init . --force --on-conflict keep`")
                .into());
        };
        let lock = Lock::parse(read::text(lock::PATH, &bytes, Code::BadConfig)?)?;
        Ok(Self { root, location, lock })
    }

    /// What was generated at `path`; `None` if nothing was.
    ///
    /// # Errors
    /// The object is missing or damaged.
    pub fn generated(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let entry = self.lock.files.get(path);
        entry.map(|entry| pristine::content(&self.root, &entry.digest)).transpose()
    }

    /// What is at `path`, as seen from the project.
    ///
    /// # Errors
    /// Something is there that is no file, or it cannot be read.
    pub fn there(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let (folder, inside) = self.location.place(path);
        read::below(folder, &inside, MOST_BYTES)
    }

    /// What would be generated now, with the answers that the project has and those of `args`.
    ///
    /// # Errors
    /// As `init`.
    pub fn now<'c>(&self, args: &InitArgs, catalog: &'c Catalog) -> Result<Now<'c>> {
        let args = InitArgs { destination: self.root.clone(), ..args.clone() };
        let (inputs, kept, mut warnings) = init::gather(&args, catalog)?;
        let (project_type, type_source, answers) = init::decide(catalog, &inputs)?;
        let ecosystem = catalog.ecosystems.get(project_type.ecosystem.as_deref());
        let site = self.location.site(ecosystem)?;
        let plan = plan::plan(catalog, project_type, &answers, &kept, &site)?;
        let files = render::render(&plan, &LazyLibrary::of(catalog))?;
        let target = remembered(&self.location, catalog, self.location.target(&plan, &files));
        warnings.extend(answers.warnings.clone());
        let by_path = self.seen(target);
        Ok(Now { project_type, type_source, answers, plan, files, by_path, warnings })
    }

    fn seen(&self, target: Target) -> BTreeMap<String, File> {
        let Target { root, files } = target;
        files.into_iter().map(|file| (self.location.seen(&root, &file.path), file)).collect()
    }

    /// What has to happen to each file, but for the memory.
    ///
    /// # Errors
    /// A file of the past is missing or damaged, or something in the place of a file is none.
    pub fn steps(&self, now: &BTreeMap<String, File>) -> Result<Vec<Step>> {
        let paths = self.lock.files.keys().chain(now.keys()).filter(|path| !is_memory(path));
        let paths: std::collections::BTreeSet<&String> = paths.collect();
        paths.into_iter().map(|path| self.step(path, now.get(path))).collect()
    }

    fn step(&self, path: &str, theirs: Option<&File>) -> Result<Step> {
        let ours = self.there(path)?;
        let entry = self.lock.files.get(path);
        let is_same =
            entry.map(|entry| entry.digest.as_str()) == theirs.map(|file| file.bytes.digest());
        let decision = if is_same {
            // The template is as it was: whatever the user did stays, and nothing needs to be unpacked.
            Decision::Stay
        } else {
            let base = self.generated(path)?;
            decide(path, base.as_deref(), ours.as_deref(), theirs.map(|file| &*file.bytes))
        };
        Ok(Step { path: path.to_owned(), ours, theirs: theirs.cloned(), decision })
    }

    /// The changes to what the project remembers: the lock, new objects, and those that nothing needs any more.
    ///
    /// # Errors
    /// A file of the memory cannot be read.
    pub fn memory(&self, now: &BTreeMap<String, File>) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        for (path, file) in now.iter().filter(|(path, _)| is_memory(path)) {
            let before = self.there(path)?;
            let action = match &before {
                None => Action::Create,
                Some(before) if **before == *file.bytes => Action::Unchanged,
                Some(_) => Action::Overwrite,
            };
            changes.push(self.change(path, action, before, file.bytes.clone(), Some(file)));
        }
        let old = self.lock.files.values().map(|entry| pristine::path(&entry.digest));
        let old: std::collections::BTreeSet<String> = old.collect();
        for path in old.into_iter().filter(|path| !now.contains_key(path)) {
            if let Some(before) = self.there(&path)? {
                changes.push(self.removal(&path, before));
            }
        }
        Ok(changes)
    }

    /// A change, with its path as `write` wants it.
    #[must_use]
    pub fn change(
        &self,
        path: &str,
        action: Action,
        before: Option<Vec<u8>>,
        after: Bytes,
        file: Option<&File>,
    ) -> Change {
        Change {
            path: self.location.placed(path),
            action,
            before,
            after,
            executable: file.is_some_and(|file| file.executable),
            layers: file.map(|file| file.layers.clone()).unwrap_or_default(),
        }
    }

    /// The change that removes a file.
    #[must_use]
    pub fn removal(&self, path: &str, before: Vec<u8>) -> Change {
        self.change(path, Action::Remove, Some(before), Vec::new().into(), None)
    }
}
