//! What packs say of an ecosystem, the languages and package tools of a kind of project. The program itself knows none.

use super::origin::Origin;
use super::source::Pack;
use crate::error::{Code, Problem, Result};
use crate::formats::yaml::{self, Map, steps};
use indexmap::IndexMap;
use serde::Deserialize;

/// Where the files of a pack are.
const FOLDER: &str = "overlays/ecosystems";

/// One file below `overlays/ecosystems/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ecosystem {
    /// By which overlays name it; the name of its file too.
    pub name: String,
    /// Words that no package of it can be named.
    #[serde(default)]
    pub reserved: Vec<String>,
    /// How a folder above makes a project a member of its workspace.
    pub workspace: Option<Workspace>,
    /// Texts in the path of a project with which its tools do not work, and why.
    #[serde(default)]
    pub unusable: Map<String>,
    /// Files that its package tools write, by name, each with the command that makes it fit its manifest again.
    #[serde(default)]
    pub locks: Map<Vec<String>>,
    /// Arrays of requirements in TOML files, which layers share by package.
    #[serde(default)]
    pub requirements: Vec<Requirements>,
    /// For `pack test`: variables that name a cache of packages, and the folder of each below the one for all caches.
    #[serde(default)]
    pub caches: Map<String>,
    /// For `pack test`: variables that would tie a repository to what surrounds it.
    #[serde(default)]
    pub cleared: Vec<String>,
}

/// Projects that share one lock, which lies at their root.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workspace {
    /// The file of the root that lists the members: TOML or JSON.
    pub file: String,
    /// JSON pointers to arrays of patterns of folders.
    pub members: Vec<String>,
    /// JSON pointers to arrays of patterns that take folders out again.
    #[serde(default)]
    pub excluded: Vec<String>,
    /// The lock, which a member does not have.
    pub lock: String,
}

/// Where a kind of file lists requirements.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirements {
    /// The name of the file, in any folder.
    pub file: String,
    /// JSON pointers; `*` stands for any one key.
    pub at: Vec<String>,
}

/// All ecosystems by name, later packs over earlier ones.
#[derive(Clone, Debug, Default)]
pub struct Ecosystems(IndexMap<String, Ecosystem>);

impl Ecosystems {
    /// Reads those of all packs; what is wrong with a file is added to `problems`.
    pub(super) fn of(packs: &[Pack], problems: &mut Vec<Problem>) -> Self {
        let mut all = IndexMap::new();
        for pack in packs {
            for (name, _) in pack.below(FOLDER) {
                match read(pack, name) {
                    Ok(ecosystem) => {
                        all.insert(ecosystem.name.clone(), ecosystem);
                    }
                    Err(error) => problems.extend(error.problems),
                }
            }
        }
        Self(all)
    }

    /// The one of this name.
    #[must_use]
    pub fn get(&self, name: Option<&str>) -> Option<&Ecosystem> {
        self.0.get(name?)
    }

    /// The words that no package of the ecosystem can be named.
    pub(super) fn reserved(&self, name: Option<&str>) -> Vec<String> {
        self.get(name).map_or(Vec::new(), |found| found.reserved.clone())
    }

    /// Refuses an ecosystem that no pack describes; `at` is where the overlay names it.
    pub(super) fn check(&self, name: &str, at: &Origin) -> Option<Problem> {
        let message = || format!("no pack describes the ecosystem `{name}`");
        (!self.0.contains_key(name)).then(|| {
            at.child(steps!["ecosystem"])
                .problem(Code::BadPack, message())
                .allowed(name, self.0.keys().cloned())
                .hint(format!("or describe it in `overlays/ecosystems/{name}.yml` of your pack"))
        })
    }

    /// The arrays of requirements in a file of this path.
    #[must_use]
    pub fn requirements(&self, path: &str) -> Vec<String> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let all = self.0.values().flat_map(|ecosystem| &ecosystem.requirements);
        all.filter(|found| found.file == name).flat_map(|found| found.at.iter().cloned()).collect()
    }

    /// The command that makes a file of this path fit its manifest again, if a package tool writes it.
    #[must_use]
    pub fn maker(&self, path: &str) -> Option<&[String]> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let mut all = self.0.values().flat_map(|ecosystem| &ecosystem.locks.0);
        all.find(|(lock, _)| *lock == name).map(|(_, command)| command.as_slice())
    }

    /// Variables that name a cache of packages, with the folder of each.
    pub fn caches(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.values().flat_map(|ecosystem| &ecosystem.caches.0);
        all.map(|(variable, folder)| (variable.as_str(), folder.as_str()))
    }

    /// Variables that would tie a repository to what surrounds it.
    pub fn cleared(&self) -> impl Iterator<Item = &str> {
        self.0.values().flat_map(|ecosystem| &ecosystem.cleared).map(String::as_str)
    }
}

fn read(pack: &Pack, name: &str) -> Result<Ecosystem> {
    let path = format!("{FOLDER}/{name}");
    if let Some((found, _)) = pack.quick(&path) {
        return Ok(found);
    }
    let (file, text) = (pack.shown(&path), pack.text(&path)?);
    let found: Ecosystem = yaml::parse(&file, text, Code::BadPack)?;
    let at = |key: &str| yaml::Places::of(text).find(&steps![key]).unwrap_or((1, 1));
    let fault = |key: &str, message: String| {
        let (line, column) = at(key);
        Problem::new(Code::BadPack, message).at(file.as_str(), line, column)
    };
    if name.strip_suffix(".yml") != Some(found.name.as_str()) {
        let message = format!("the file of the ecosystem `{}` is `{0}.yml`", found.name);
        return Err(fault("name", message).into());
    }
    // A folder of a cache lies below the one for all caches, and a variable is one that a shell could set.
    let is_name = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    if let Some((variable, folder)) =
        found.caches.0.iter().find(|(variable, folder)| !is_name(variable) || !is_name(folder))
    {
        let message = format!("`{variable}: {folder}` is not a variable and the name of a folder");
        return Err(fault("caches", message).into());
    }
    Ok(found)
}
