//! Where files go: to the destination, but the files of layers with `at: repository` to the root of the repository that the
//! destination is a sub-folder of, because CI services look only there.

use super::surroundings::{self, Around};
use crate::error::{Code, Error, Place, Problem, Result};
use crate::pack::Catalog;
use crate::pack::ecosystem::Ecosystem;
use crate::pack::overlay::Home;
use crate::render::plan::{Member, Plan, Site};
use crate::tree::File;
use crate::write::{self, Found, Outcome};
use std::path::{Component, Path, PathBuf};

/// What workflows and other files at the root of a repository may be written below without being asked for.
const FREE: &str = ".github/";

/// The destination, and the repository around it.
#[derive(Debug)]
pub struct Location {
    destination: PathBuf,
    /// The same, absolute and without links.
    full: PathBuf,
    /// The root of the repository, if the destination is a sub-folder of one that can be used.
    repository: Option<PathBuf>,
    /// The way from there to the destination, with `/`; empty if there is none.
    folder: String,
    /// Whether git has the destination already.
    pub is_in_repository: bool,
    /// Why a repository above does not get its share, in words.
    pub warning: Option<String>,
    /// Whether the user named the repository.
    is_named: bool,
}

/// Files that are written in one transaction.
#[derive(Debug)]
pub struct Target {
    /// The folder that their paths are relative to.
    pub root: PathBuf,
    /// The files.
    pub files: Vec<File>,
}

impl Location {
    /// Looks upwards for a repository, as git does, or takes the one that the user `named`.
    ///
    /// # Errors
    /// The destination is not below the folder that was named, or that is no repository.
    pub fn find(destination: &Path, named: Option<&Path>) -> Result<Self> {
        // With `..` in it the folder that is left would count as one that is around. What cannot be a destination is
        // told by whoever writes.
        let full = write::resolve(destination).unwrap_or_else(|_| destination.to_owned());
        surroundings::refuse_gits_own(&full)?;
        let mut location = Self {
            destination: destination.to_owned(),
            full: full.clone(),
            repository: None,
            folder: String::new(),
            is_in_repository: false,
            warning: None,
            is_named: named.is_some(),
        };
        let root = match named {
            Some(named) => surroundings::named(&full, named)?,
            None => match surroundings::look(&full)? {
                Around::Nothing => return Ok(location),
                Around::Itself => {
                    location.is_in_repository = true;
                    return Ok(location);
                }
                Around::Repository(root) => root,
                Around::Unusable { warning } => {
                    location.warning = Some(warning);
                    return Ok(location);
                }
            },
        };
        location.is_in_repository = true;
        let folder = relative(&full, &root);
        if folder.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) {
            location.repository = Some(root).filter(|_| !folder.is_empty());
            location.folder = folder;
        } else {
            location.warning = Some(format!(
                "the repository's CI does not run what is in `{folder}`: only names of letters, digits, `.`, `_` and `-` can be written into its files"
            ));
        }
        Ok(location)
    }

    /// For the plan of a project of this ecosystem.
    ///
    /// # Errors
    /// The tools of the ecosystem do not work in such a folder; the system refuses to show what is around.
    pub fn site(&self, ecosystem: Option<&Ecosystem>) -> Result<Site> {
        let mut site = Site { folder: self.folder.clone(), workspace: None };
        let Some(ecosystem) = ecosystem else { return Ok(site) };
        self.refuse_unusable(ecosystem)?;
        let is_itself =
            self.is_in_repository && self.repository.is_none() && self.warning.is_none();
        if let Some(workspace) = ecosystem.workspace.as_ref().filter(|_| !is_itself)
            && let Some(root) =
                surroundings::workspace(&self.full, workspace, self.repository.as_deref())?
        {
            let below = self.full.strip_prefix(&root).unwrap_or(&root).components().count();
            site.workspace = Some(Member {
                up: vec![".."; below].join("/"),
                root: self.repository.as_deref().map_or(String::new(), |top| relative(&root, top)),
                lock: workspace.lock.clone(),
            });
        }
        Ok(site)
    }

    fn refuse_unusable(&self, ecosystem: &Ecosystem) -> Result<()> {
        let names = || {
            self.full.components().filter_map(|part| match part {
                Component::Normal(name) => Some(name.to_string_lossy()),
                _ => None,
            })
        };
        let is_there = |text: &str| names().any(|name| name.contains(text));
        let Some((text, why)) = ecosystem.unusable.0.iter().find(|(text, _)| is_there(text)) else {
            return Ok(());
        };
        let path = self.full.display().to_string();
        let message =
            format!("`{path}` cannot be the destination: `{text}` is in its path, and {why}");
        let hint = format!("give a folder without `{text}` in its path");
        Err(Problem::new(Code::BadDestination, message).file(path).hint(hint).into())
    }

    /// Completes or undoes what a killed run left behind, wherever it worked.
    ///
    /// # Errors
    /// As [`write::recover`].
    pub fn recover(&self) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        for root in self.roots() {
            let one = write::recover(root).map_err(|error| outcome.before(error))?;
            outcome.extend(one);
        }
        Ok(outcome)
    }

    /// What a killed run left behind, in words; nothing is changed.
    #[must_use]
    pub fn unfinished(&self) -> Vec<String> {
        self.roots().flat_map(unfinished).collect()
    }

    fn roots(&self) -> impl Iterator<Item = &Path> {
        self.repository.as_deref().into_iter().chain(Some(self.destination.as_path()))
    }

    /// The files by where they go: to the destination, or to the repository if some of them belong to its root.
    #[must_use]
    pub fn target(&self, plan: &Plan, files: &[File]) -> Target {
        let is_outer = |file: &File| is_outer(plan, file);
        let Some(root) = self.repository.clone().filter(|_| files.iter().any(is_outer)) else {
            return Target { root: self.destination.clone(), files: files.to_vec() };
        };
        let place = |file: &File| {
            let path = if is_outer(file) {
                file.path.clone()
            } else {
                format!("{}/{}", self.folder, file.path)
            };
            File { path, ..file.clone() }
        };
        Target { root, files: files.iter().map(place).collect() }
    }

    /// The way from the root of a target to the project, empty or ending in `/`.
    #[must_use]
    pub fn project(&self, target: &Target) -> String {
        let is_own = target.root == self.destination || self.folder.is_empty();
        if is_own { String::new() } else { format!("{}/", self.folder) }
    }

    /// The files that go to the root of the repository.
    fn outer<'t>(&self, target: &'t Target) -> impl Iterator<Item = &'t File> {
        let project = self.project(target);
        target.files.iter().filter(move |file| !file.path.starts_with(&project))
    }

    /// Where files outside the destination go, in words.
    #[must_use]
    pub fn note(&self, target: &Target) -> Option<String> {
        let paths: Vec<String> = self
            .outer(target)
            .map(|file| format!("`{}`", target.root.join(&file.path).display()))
            .collect();
        (!paths.is_empty()).then(|| {
            format!("outside the destination, at the root of its repository: {}", paths.join(", "))
        })
    }

    /// The files that packs of others would write at the root of the repository, and that nobody has agreed to.
    #[must_use]
    pub fn not_agreed(&self, catalog: &Catalog, target: &Target) -> Vec<String> {
        if self.is_named {
            return Vec::new();
        }
        let is_ours = |file: &&File| {
            file.layers
                .iter()
                .all(|layer| catalog.layer(layer).is_some_and(|(pack, _)| pack.is_builtin()))
        };
        self.outer(target)
            .filter(|file| !file.path.starts_with(FREE) && !is_ours(file))
            .map(|file| target.root.join(&file.path).display().to_string())
            .collect()
    }

    /// The error where nobody can be asked.
    #[must_use]
    pub fn refuse(&self, paths: &[String]) -> Error {
        let root = self.repository.as_deref().unwrap_or(&self.destination).display().to_string();
        let problem = |path: &String| {
            let message = format!("a pack wants to write `{path}`, outside the destination");
            let mut problem = Problem::new(Code::NotAgreed, message)
                .fix(["--repository".to_owned(), root.clone()])
                .hint("`--repository` agrees to the files at the root that are listed here");
            problem.place = Some(Place::Path { file: path.clone() });
            problem
        };
        Error { problems: paths.iter().map(problem).collect() }
    }

    /// The folder that everything of the project lies below, its share of the repository's root included.
    #[must_use]
    pub fn around(&self) -> &Path {
        self.repository.as_deref().unwrap_or(&self.destination)
    }

    /// A path as seen from the destination, relative to [`Location::around`].
    #[must_use]
    pub fn placed(&self, seen: &str) -> String {
        if self.repository.is_none() {
            return seen.to_owned();
        }
        match seen.strip_prefix("../") {
            Some(_) => seen.trim_start_matches("../").to_owned(),
            None => format!("{}/{seen}", self.folder),
        }
    }

    /// A path of a target as seen from the destination.
    #[must_use]
    pub fn seen(&self, root: &Path, path: &str) -> String {
        if root == self.destination {
            return path.to_owned();
        }
        match path.strip_prefix(&self.folder).and_then(|rest| rest.strip_prefix('/')) {
            Some(inner) => inner.to_owned(),
            None => format!("{}{path}", "../".repeat(self.folder.split('/').count())),
        }
    }
}

/// What a killed run left at a folder, in words.
pub fn unfinished(root: &Path) -> Vec<String> {
    let found = match write::unfinished(root) {
        Ok(found) => found,
        Err(error) => return vec![error.to_string()],
    };
    let words = |(path, found): (PathBuf, Found)| {
        let path = path.display();
        match found {
            Found::Nothing | Found::Empty => None,
            Found::Ours { decided: true } => Some(format!(
                "an interrupted run has written a part of its files to `{}`; the next command that writes there, such as `scaffold init`, completes it",
                root.display()
            )),
            Found::Ours { decided: false } => Some(format!(
                "an interrupted run left `{path}` and changed nothing else; the next command that writes there removes it"
            )),
            Found::Foreign(why) => {
                Some(format!("`{path}` is not used: {why}; look at what it holds, and remove it"))
            }
        }
    };
    found.into_iter().filter_map(words).collect()
}

fn relative(full: &Path, root: &Path) -> String {
    let parts = full.strip_prefix(root).unwrap_or(full).components();
    let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// Whether all layers of a file belong to the repository.
fn is_outer(plan: &Plan, file: &File) -> bool {
    let at_repository = |path: &String| {
        plan.layers.iter().any(|layer| layer.path == *path && layer.at_home == Home::Repository)
    };
    !file.layers.is_empty() && file.layers.iter().all(at_repository)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_destination() {
        let location = Location {
            destination: PathBuf::from("orders"),
            full: PathBuf::from("/repo/services/orders"),
            repository: Some(PathBuf::from("/repo")),
            folder: "services/orders".to_owned(),
            is_in_repository: true,
            warning: None,
            is_named: false,
        };
        let seen = |path| location.seen(Path::new("/repo"), path);
        assert_eq!(seen("services/orders/README.md"), "README.md");
        assert_eq!(seen(".github/workflows/x.yml"), "../../.github/workflows/x.yml");
        assert_eq!(location.seen(Path::new("orders"), "README.md"), "README.md");
    }
}
