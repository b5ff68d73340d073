//! What `update`, `set`, `check` and `diff` share: a repository beside what it was generated as and what would be generated now.

use super::location::{Location, Target};
use super::memory::remembered;
use super::{init, project};
use crate::answers::config::Kept;
use crate::answers::{self, Answer, Answers, Inputs, Source};
use crate::ask::wizard::prompt::Prompter;
use crate::ask::wizard::review::{self, Review};
use crate::ask::wizard::{self, Chosen};
use crate::cli::InitArgs;
use crate::error::{Code, Error, Problem, Result};
use crate::keep::follow::{Decision, decide, same};
use crate::keep::lock::{self, Entry, Lock};
use crate::keep::{branches, is_memory, pristine};
use crate::knowledge::LazyLibrary;
use crate::pack::{Catalog, ProjectType};
use crate::render;
use crate::render::plan::Plan;
use crate::system::folder::Folder;
use crate::system::{interrupt, read};
use crate::tree::{File, digest};
use crate::ui::Written;
use crate::write::{self, Action, Change};
use glob::{MatchOptions, Pattern};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// No file that is compared is larger, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// So much of a file's lines must be those of another, of 1, for it to have moved there; git asks for the same.
const ALIKE: f32 = 0.5;

/// A repository with its past.
pub struct Past {
    /// The folder of the project.
    pub root: PathBuf,
    /// The repository around it.
    pub location: Location,
    /// What it was generated as.
    pub lock: Lock,
    /// What a killed run left there, or what was done about it, in words.
    pub notices: Vec<String>,
}

/// What would be generated now.
pub struct Now<'c> {
    /// All packs.
    pub catalog: &'c Catalog,
    /// The type.
    pub project_type: &'c ProjectType,
    /// Where it comes from.
    pub type_source: Source,
    /// All answers.
    pub answers: Answers,
    /// The plan.
    pub plan: Plan<'c>,
    /// The files.
    pub files: Vec<File>,
    /// What was noticed.
    pub warnings: Vec<String>,
}

/// A generated file that is there in another form: its path as seen from the project, and what is there, if anything is.
pub type Touched<'p> = (&'p str, Option<Vec<u8>>);

/// One file of which both sides are known.
pub struct Step {
    /// As seen from the project.
    pub path: String,
    /// Where it was, if what would be generated has moved.
    pub moved: Option<String>,
    /// What is there.
    pub ours: Option<Vec<u8>>,
    /// What would be generated now, by its path below all that belongs to the project.
    pub theirs: Option<File>,
    /// What has to happen.
    pub decision: Decision,
}

impl Past {
    /// Reads the past of the project around the current folder. Only a command that `writes` completes or undoes what a
    /// killed run left; the others say that there is something.
    ///
    /// # Errors
    /// There is no project, or it has no lock, or one that cannot be read.
    pub fn open(repository: Option<&Path>, writes: bool) -> Result<Self> {
        let mut notices = if writes { project::recover()? } else { Vec::new() };
        let root = project::root()?;
        let location = Location::find(&root, repository)?;
        if writes {
            let done = interrupt::held(|| location.recover())?.words(str::to_owned);
            project::tell(&done);
            notices.extend(done);
        } else {
            notices.extend(location.unfinished());
        }
        let Some(bytes) = read::below(&root, lock::PATH, lock::MOST_BYTES)? else {
            let message = format!("`{}` is missing: nobody knows what was generated", lock::PATH);
            let hint = "a repository of an older version gets one by `scaffold init . --force --on-conflict keep`";
            let hint = notices.pop().filter(|_| !writes).unwrap_or_else(|| hint.to_owned());
            return Err(Problem::new(Code::BadConfig, message).file(lock::PATH).hint(hint).into());
        };
        let lock = Lock::parse(read::text(lock::PATH, &bytes, Code::BadConfig)?)?;
        let mut past = Self { root, location, lock, notices };
        past.settle_joined(writes)?;
        if !writes {
            project::tell(&past.notices);
        }
        Ok(past)
    }

    /// Of the lines that git has joined from two branches the one of what is there stands for a file; where the file was
    /// edited, one whose object is there, which a branch takes away that has another.
    fn settle_joined(&mut self, writes: bool) -> Result<()> {
        for at in 0..self.lock.joined.len() {
            let (path, entry) = &self.lock.joined[at];
            let there = self.there(path)?.map(|there| digest(&there));
            let known = &self.lock.files[path];
            let is_it = |entry: &Entry| there.as_ref() == Some(&entry.digest);
            if is_it(entry) || !is_it(known) && !self.has(known)? && self.has(entry)? {
                let Lock { files, joined, .. } = &mut self.lock;
                let (path, entry) = &mut joined[at];
                std::mem::swap(files.get_mut(path).expect("it stands twice"), entry);
            }
        }
        if !writes && !self.lock.joined.is_empty() {
            self.notices.push(format!(
                "`{}` holds the lines of two branches that git has joined: `scaffold update` makes one of them",
                lock::PATH
            ));
        }
        Ok(())
    }

    /// Whether the object of an entry is there: a branch takes away those of files that it has in another form.
    fn has(&self, entry: &Entry) -> Result<bool> {
        self.there(&pristine::path(&entry.digest)).map(|object| object.is_some())
    }

    /// What was generated at `path`; `None` if nothing was.
    ///
    /// # Errors
    /// The object is missing or damaged.
    pub fn generated(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let entry = self.lock.files.get(path);
        entry.map(|entry| pristine::content(&self.root, &entry.digest)).transpose()
    }

    /// Whether what is there is what was generated at `path`: but for line endings that a checkout has changed, and for what
    /// the user has around our block in a `.gitignore`.
    ///
    /// # Errors
    /// As [`Past::generated`].
    pub fn is_untouched(&self, path: &str, there: &[u8]) -> Result<bool> {
        if self.lock.files.get(path).is_some_and(|entry| entry.digest == digest(there)) {
            return Ok(true);
        }
        let Some(base) = self.generated(path)? else { return Ok(false) };
        Ok(same(Some(&base), Some(there)) || write::has_block_of(path, there, &base))
    }

    /// The generated files that are there in another form, or not at all.
    ///
    /// # Errors
    /// A file, or what was generated, cannot be read.
    pub fn touched(&self) -> Result<Vec<Touched<'_>>> {
        self.touched_of(|_| true).collect()
    }

    /// Those of the generated files that are wanted and there in another form, or not at all; each is read when it is asked for.
    fn touched_of(
        &self,
        is_wanted: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = Result<Touched<'_>>> {
        let touched = |path| {
            let there = self.there(path)?;
            let is_same = match &there {
                Some(there) => self.is_untouched(path, there)?,
                None => false,
            };
            Ok((!is_same).then_some((path, there)))
        };
        let paths = self.lock.files.keys().map(String::as_str);
        paths.filter(move |path| is_wanted(path)).filter_map(move |path| touched(path).transpose())
    }

    /// What is at `path`, as seen from the project.
    ///
    /// # Errors
    /// Something is there that is no file, or it cannot be read.
    pub fn there(&self, path: &str) -> Result<Option<Vec<u8>>> {
        read::below(self.location.around(), &self.location.placed(path), MOST_BYTES)
    }

    /// What would be generated now, with the answers that the project has and those of `args`.
    ///
    /// # Errors
    /// As `init`.
    pub fn now<'c>(&self, args: &InitArgs, catalog: &'c Catalog) -> Result<Now<'c>> {
        let (inputs, kept, warnings) = self.gather(args, catalog)?;
        let given = inputs.given.iter().filter(|given| given.source == Source::Previous);
        let previous = Inputs { given: given.cloned().collect(), ..Inputs::default() };
        let chosen = init::decide(catalog, &inputs)?;
        if answers::previous_type(catalog, &previous)?.0.name != chosen.0.name {
            let message = "a repository keeps its project type";
            let hint = "`scaffold init` makes another repository of that type";
            let problem = Problem::new(Code::Contradiction, message).flag("--project-type");
            return Err(problem.hint(hint).into());
        }
        // Nothing else takes the place of an answer that nobody has changed.
        Error::unless_empty(chosen.2.stale.clone())?;
        self.made(catalog, chosen, &kept, warnings)
    }

    /// What would be generated with answers that are looked at and changed on the last screen of the wizard; `changes` says
    /// what that would write, and which of it nobody has decided about.
    ///
    /// # Errors
    /// As `init`, or the user leaves.
    pub fn asked<'c>(
        &self,
        args: &InitArgs,
        catalog: &'c Catalog,
        prompter: &mut dyn Prompter,
        changes: impl Fn(&Now<'c>) -> Result<Vec<Written>>,
    ) -> Result<Now<'c>> {
        let (inputs, kept, warnings) = self.gather(args, catalog)?;
        let mut preview = |project_type: &'c ProjectType, answers: &Answers| {
            let chosen = (project_type, Source::Previous, answers.clone());
            let now = self.made(catalog, chosen, &kept, Vec::new())?;
            let is_new = |answer: &Answer| answer.source == Source::Prompt;
            let mut command = vec!["scaffold".to_owned(), "set".to_owned()];
            command.extend(review::flags(project_type, answers, is_new));
            Ok(Review {
                destination: ".".to_owned(),
                // A repository keeps its project type.
                answers: review::lines(project_type, answers),
                costs: review::costs(project_type, answers),
                notes: now.plan.notes.clone(),
                files: changes(&now)?,
                setup: Vec::new(),
                command,
            })
        };
        let chosen = wizard::look(catalog, inputs, prompter, &mut preview)?;
        self.made(catalog, chosen, &kept, warnings)
    }

    fn gather(&self, args: &InitArgs, catalog: &Catalog) -> Result<(Inputs, Kept, Vec<String>)> {
        let args = InitArgs { destination: self.root.clone(), ..args.clone() };
        init::gather(&args, catalog)
    }

    fn made<'c>(
        &self,
        catalog: &'c Catalog,
        chosen: Chosen<'c>,
        kept: &Kept,
        mut warnings: Vec<String>,
    ) -> Result<Now<'c>> {
        let (project_type, type_source, answers) = chosen;
        let plan = init::plan(catalog, project_type, &answers, kept, &self.location)?;
        let files = render::render(&plan, &LazyLibrary::of(catalog))?;
        warnings.extend(answers.warnings());
        Ok(Now { catalog, project_type, type_source, answers, plan, files, warnings })
    }

    /// What has to happen to each file that would be generated in another way than it was.
    ///
    /// # Errors
    /// A file of the past is missing or damaged, or something in the place of a file is none.
    pub fn steps(&self, now: &Now) -> Result<Vec<Step>> {
        let new = self.seen(self.location.target(&now.plan, &now.files));
        let paths: BTreeSet<&String> = self.lock.files.keys().chain(new.keys()).collect();
        let old = |path: &String| self.lock.files.get(path).map(|entry| entry.digest.as_str());
        let is_other = |path: &&String| old(path) != new.get(*path).map(|file| file.bytes.digest());
        let steps = paths.into_iter().filter(is_other).map(|path| self.step(path, new.get(path)));
        let mut steps = steps.collect::<Result<Vec<Step>>>()?;
        for step in steps.iter_mut().filter(|step| step.theirs.is_some()) {
            // Two halves of such a file are no whole one, however well they join.
            if let Some(command) = now.catalog.ecosystems.maker(&step.path)
                && matches!(step.decision, Decision::Merged(_) | Decision::Conflict(_))
            {
                step.decision = Decision::Locked(command.to_vec());
            }
        }
        let is_yours = yours(now.project_type);
        // The first of them that was touched decides for all.
        if self.touched_of(&is_yours).next().transpose()?.is_some() {
            for step in steps.iter_mut().filter(|step| is_yours(&step.path)) {
                step.decision = Decision::Yours;
            }
        }
        self.follow_moves(steps)
    }

    fn step(&self, path: &str, theirs: Option<&File>) -> Result<Step> {
        let (base, mut ours) = (self.generated(path)?, self.there(path)?);
        if base.is_none() && ours.is_some() && self.is_old_spelling(path)? {
            ours = None;
        }
        let new = theirs.map(|file| &*file.bytes);
        let joined = self.joined(path, base.as_deref(), ours.as_deref())?;
        let decision = decide(path, joined.as_deref().or(base.as_deref()), ours.as_deref(), new);
        Ok(Step { path: path.to_owned(), moved: None, ours, theirs: theirs.cloned(), decision })
    }

    /// What of a file that git has joined from two branches was generated; `None` if it is of one branch.
    fn joined(
        &self,
        path: &str,
        base: Option<&[u8]>,
        ours: Option<&[u8]>,
    ) -> Result<Option<Vec<u8>>> {
        let (Some(base), Some(ours)) = (base, ours) else { return Ok(None) };
        let mut joined = None;
        for (_, entry) in self.lock.joined.iter().filter(|(other, _)| other == path) {
            if self.has(entry)? {
                let other = pristine::content(&self.root, &entry.digest)?;
                let one = joined.as_deref().unwrap_or(base);
                joined = branches::generated(one, &other, ours).or(joined);
            }
        }
        Ok(joined)
    }

    /// Whether what is at `path`, where nothing was generated, is a generated file whose name had other capitals, on a file
    /// system to which both are one.
    fn is_old_spelling(&self, path: &str) -> Result<bool> {
        let lower = path.to_lowercase();
        let has_old = self.lock.files.keys().any(|old| old.to_lowercase() == lower);
        let around = Folder::open(self.location.around());
        Ok(has_old && !around?.is_listed(&self.location.placed(path))?)
    }

    /// What the user has done to a file that would be generated at another path now is done there.
    fn follow_moves(&self, mut steps: Vec<Step>) -> Result<Vec<Step>> {
        for from in 0..steps.len() {
            let gone = &steps[from];
            let is_left = matches!(gone.decision, Decision::Conflict(_)) || gone.ours.is_none();
            if gone.theirs.is_some() || !is_left {
                continue;
            }
            let Some(base) = self.generated(&gone.path)? else { continue };
            let (path, ours) = (gone.path.clone(), gone.ours.clone());
            let Some(to) = moved_to(&base, &path, &steps) else { continue };
            let target = &mut steps[to];
            let new = target.theirs.as_ref().map(|file| &*file.bytes);
            let decision = decide(&target.path, Some(&base), ours.as_deref(), new);
            // What both changed in one place stays two files: the removal of one is to be decided.
            if matches!(decision, Decision::Conflict(_)) {
                continue;
            }
            target.moved = Some(path);
            target.decision = match (decision, ours) {
                (Decision::Stay, Some(ours)) => Decision::Merged(ours),
                (Decision::Stay, None) => Decision::StaysAway,
                (decision, _) => decision,
            };
            steps[from].decision = Decision::Remove;
        }
        steps.retain(|step| step.decision != Decision::Remove || step.ours.is_some());
        Ok(steps)
    }

    /// The changes to what the project remembers: the lock, new objects, and those that nothing needs any more.
    ///
    /// # Errors
    /// A file of the memory cannot be read.
    pub fn memory(&self, now: &Now, catalog: &Catalog) -> Result<Vec<Change>> {
        let target = self.location.target(&now.plan, &now.files);
        let new = self.seen(remembered(&self.location, catalog, target));
        let mut changes = Vec::new();
        for (path, file) in new.iter().filter(|(path, _)| is_memory(path)) {
            let before = self.there(path)?;
            let action = match &before {
                None => Action::Create,
                Some(before) if **before == *file.bytes => Action::Unchanged,
                Some(_) => Action::Overwrite,
            };
            changes.push(file.change(action, before, file.bytes.clone()));
        }
        let joined = self.lock.joined.iter().map(|(_, entry)| entry);
        let old = self.lock.files.values().chain(joined);
        let old = old.map(|entry| pristine::path(&entry.digest));
        let old: BTreeSet<String> = old.filter(|path| !new.contains_key(path)).collect();
        for path in old {
            if let Some(before) = self.there(&path)? {
                changes.push(Change::removal(self.location.placed(&path), before));
            }
        }
        Ok(changes)
    }

    /// The files by their path as seen from the project, each with its path below all that belongs to it.
    fn seen(&self, target: Target) -> BTreeMap<String, File> {
        let Target { root, files } = target;
        let seen = |file: File| {
            let path = self.location.seen(&root, &file.path);
            (path.clone(), File { path: self.location.placed(&path), ..file })
        };
        files.into_iter().map(seen).collect()
    }
}

/// Says of a generated file whether it is meant for its owner.
pub fn yours(project_type: &ProjectType) -> impl Fn(&str) -> bool {
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::default() };
    let patterns = project_type.yours.iter().filter_map(|text| Pattern::new(&text.item).ok());
    let patterns: Vec<Pattern> = patterns.collect();
    move |path| patterns.iter().any(|pattern| pattern.matches_with(path, options))
}

/// The new file that is most like what was generated at `path`.
fn moved_to(base: &[u8], path: &str, steps: &[Step]) -> Option<usize> {
    let extension = |path: &str| path.rsplit_once('.').map(|(_, end)| end.to_owned());
    let alike = |step: &Step| match step.theirs.as_ref().map(|file| &*file.bytes) {
        Some(new) if new == base => 1.0,
        Some(new) => write::alike(base, new),
        None => 0.0,
    };
    let is_new = |step: &Step| {
        step.decision == Decision::Take
            && step.ours.is_none()
            && step.moved.is_none()
            && extension(&step.path) == extension(path)
    };
    let found = steps.iter().enumerate().filter(|(_, step)| is_new(step));
    let found = found.map(|(at, step)| (at, alike(step))).filter(|(_, alike)| *alike > ALIKE);
    found.max_by(|one, other| one.1.total_cmp(&other.1)).map(|(at, _)| at)
}
