//! Where files go: to the destination, but the files of layers with `at: repository` to the root of the repository that the
//! destination is a sub-folder of, because CI services look only there.

use crate::catalog::overlay::Home;
use crate::error::Result;
use crate::plan::{Plan, Site};
use crate::write::{self, File, Recovery};
use std::path::{Path, PathBuf};

/// The destination, and the repository around it.
#[derive(Debug)]
pub struct Location {
    destination: PathBuf,
    /// The root of the repository, if the destination is a sub-folder of one.
    repository: Option<PathBuf>,
    /// The way from there to the destination, with `/`; empty if there is none.
    folder: String,
    /// Whether git has the destination already.
    pub is_in_repository: bool,
    /// Why the repository cannot have its share, in words.
    pub warning: Option<String>,
}

/// Files that are written in one transaction.
#[derive(Debug)]
pub struct Group {
    /// The folder that their paths are relative to.
    pub root: PathBuf,
    /// The files.
    pub files: Vec<File>,
}

impl Location {
    /// Looks upwards for a repository, as git does.
    #[must_use]
    pub fn find(destination: &Path) -> Self {
        // With `..` in it the folder that is left would count as one that is around. What cannot be a destination is
        // told by whoever writes.
        let full = write::resolve(destination).unwrap_or_else(|_| destination.to_owned());
        let mut location = Self {
            destination: destination.to_owned(),
            repository: None,
            folder: String::new(),
            is_in_repository: full.ancestors().any(|folder| folder.join(".git").exists()),
            warning: None,
        };
        if full.join(".git").exists() {
            return location;
        }
        let Some(root) = full.ancestors().skip(1).find(|folder| folder.join(".git").exists())
        else {
            return location;
        };
        let parts = full.strip_prefix(root).unwrap_or(&full).components();
        let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
        let folder = parts.join("/");
        if folder.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) {
            location.repository = Some(root.to_owned());
            location.folder = folder;
        } else {
            location.warning = Some(format!(
                "the repository's CI does not run what is in `{folder}`: only names of letters, digits, `.`, `_` and `-` can be written into its files"
            ));
        }
        location
    }

    /// For the plan.
    #[must_use]
    pub fn site(&self) -> Site {
        Site { folder: self.folder.clone() }
    }

    /// Completes or undoes what a killed run left behind, wherever it worked.
    ///
    /// # Errors
    /// As [`write::recover`].
    pub fn recover(&self) -> Result<Recovery> {
        let around = match &self.repository {
            Some(root) => write::recover(root)?,
            None => Recovery::Nothing,
        };
        let own = write::recover(&self.destination)?;
        Ok(if own == Recovery::Nothing { around } else { own })
    }

    /// The files by where they go. All of them in one group, unless those of the repository are wanted `apart`.
    #[must_use]
    pub fn groups(&self, plan: &Plan, files: &[File], apart: bool) -> Vec<Group> {
        let outer = |file: &&File| is_outer(plan, file);
        let own = Group { root: self.destination.clone(), files: files.to_vec() };
        let Some(root) = self.repository.clone().filter(|_| files.iter().any(|file| outer(&file)))
        else {
            return vec![own];
        };
        let (around, inner): (Vec<File>, Vec<File>) =
            files.iter().cloned().partition(|f| outer(&f));
        if apart {
            return vec![Group { root, files: around }, Group { files: inner, ..own }];
        }
        let inner = inner
            .into_iter()
            .map(|file| File { path: format!("{}/{}", self.folder, file.path), ..file });
        vec![Group { root, files: around.into_iter().chain(inner).collect() }]
    }

    /// A path of a group as seen from the destination.
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
            repository: Some(PathBuf::from("/repo")),
            folder: "services/orders".to_owned(),
            is_in_repository: true,
            warning: None,
        };
        let seen = |path| location.seen(Path::new("/repo"), path);
        assert_eq!(seen("services/orders/README.md"), "README.md");
        assert_eq!(seen(".github/workflows/x.yml"), "../../.github/workflows/x.yml");
        assert_eq!(location.seen(Path::new("orders"), "README.md"), "README.md");
    }
}
