//! Knowledge: documents and steps of packs and projects, and the guides that are merged from them. Pure: files come in,
//! texts go out.

pub mod document;
pub mod guide;
pub mod method;
pub mod search;
pub mod state;

use crate::error::{Code, Error, Problem, Result};
use crate::pack::{Catalog, Pack};
use crate::system::read;
use document::Parsed;
use indexmap::IndexMap;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What the front matter of a document says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentFront {
    /// By which steps and projects name it.
    pub name: String,
    /// One line.
    pub description: String,
    /// Words to find it by.
    #[serde(default)]
    pub topics: Vec<String>,
    /// The day on which someone last held it against its sources, as `YYYY-MM-DD`.
    pub reviewed: Option<String>,
    /// Where its figures, versions and claims come from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Files of a generated repository that show what it says, as path to what is shown there. Those that a repository
    /// does not have are not named in it.
    #[serde(default)]
    pub code: IndexMap<String, String>,
}

/// What the front matter of a step says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFront {
    /// The name of its file too.
    pub name: String,
    /// One line.
    pub description: String,
    /// The part of the work that it belongs to.
    pub phase: String,
    /// Steps are sorted by it.
    pub order: u32,
    /// Steps that come before.
    #[serde(default)]
    pub dependencies: Vec<String>,
    /// The documents that it produces, as paths of the repository.
    #[serde(default, deserialize_with = "paths")]
    pub outputs: Vec<String>,
    /// Steps whose outputs it reads.
    #[serde(default)]
    pub reads: Vec<String>,
    /// Documents that it merges.
    #[serde(default)]
    pub knowledge: Vec<String>,
    /// Whether the short method has it; the long one has all.
    #[serde(default)]
    pub mvp: bool,
    /// It is done only where something calls for it.
    #[serde(default, rename = "if-needed")]
    pub if_needed: bool,
}

/// Paths that a step names are read and pasted into guides: none of them leaves the repository.
fn paths<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<String>, D::Error> {
    struct Below(String);
    impl<'de> Deserialize<'de> for Below {
        fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
            let path = String::deserialize(d)?;
            read::check_path(&path).map_err(D::Error::custom)?;
            Ok(Self(path))
        }
    }
    let paths: Vec<Below> = Vec::deserialize(deserializer)?;
    Ok(paths.into_iter().map(|path| path.0).collect())
}

/// A document with its origin.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file.
    pub parsed: Parsed<DocumentFront>,
    /// Where it comes from: the name of a pack, or `project`.
    pub origin: String,
}

/// A step.
pub type Step = Parsed<StepFront>;

/// All that is known.
#[derive(Debug, Default)]
pub struct Library {
    /// By name.
    pub documents: BTreeMap<String, Document>,
    /// By name, in the order of the method.
    pub steps: IndexMap<String, Step>,
    /// Documents of a project that cannot be read; they are told by whoever needs them.
    pub broken: Vec<Problem>,
}

impl Library {
    /// Reads the documents and steps of all packs, later packs before earlier ones, and those of a project (path to
    /// content) before all.
    ///
    /// # Errors
    /// Files of packs that cannot be read, two documents of one name in one pack, steps that wait for each other.
    pub fn of(catalog: &Catalog, own: &BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let mut library = Self::default();
        let mut problems = Vec::new();
        let mut steps: Vec<Step> = Vec::new();
        for pack in &catalog.packs {
            let mut names: BTreeMap<String, String> = BTreeMap::new();
            for (path, bytes) in pack.below("knowledge").filter(|(path, _)| is_document(path)) {
                let result = if path.starts_with("steps/") {
                    of_pack(pack, path, bytes).map(|step: Step| {
                        steps.retain(|other| other.front.name != step.front.name);
                        steps.push(step);
                    })
                } else {
                    of_pack(pack, path, bytes)
                        .and_then(|parsed| library.add(parsed, &pack.about.name, &mut names))
                };
                problems.extend(result.err().into_iter().flat_map(|error| error.problems));
            }
        }
        let mut names = BTreeMap::new();
        for (path, bytes) in own.iter().filter(|(path, _)| is_document(path)) {
            let result = document::parse(path, bytes)
                .and_then(|parsed| library.add(parsed, "project", &mut names));
            library.broken.extend(result.err().into_iter().flat_map(|error| error.problems));
        }
        steps.sort_by_key(|step| step.front.order);
        library.steps = steps.into_iter().map(|step| (step.front.name.clone(), step)).collect();
        Error::unless_empty(problems)?;
        Ok(library)
    }

    fn add(
        &mut self,
        parsed: Parsed<DocumentFront>,
        origin: &str,
        names: &mut BTreeMap<String, String>,
    ) -> Result<()> {
        let name = parsed.front.name.clone();
        if let Some(other) = names.insert(name.clone(), parsed.file.clone()) {
            let message = format!("the document `{name}` is in `{other}` too");
            return Err(Problem::new(Code::BadKnowledge, message).at(parsed.file, 2, 1).into());
        }
        self.documents.insert(name, Document { parsed, origin: origin.to_owned() });
        Ok(())
    }

    /// The document of this name.
    ///
    /// # Errors
    /// There is none; the nearest is named.
    pub fn document(&self, name: &str) -> Result<&Document> {
        self.documents.get(name).ok_or_else(|| {
            unknown("document", "scaffold knowledge list", name, self.documents.keys())
        })
    }

    /// The step of this name.
    ///
    /// # Errors
    /// There is none; the nearest is named.
    pub fn step(&self, name: &str) -> Result<&Step> {
        self.steps
            .get(name)
            .ok_or_else(|| unknown("step", "scaffold list", name, self.steps.keys()))
    }
}

/// The library of the packs, read when it is first needed: most commands and many repositories need none.
#[derive(Debug)]
pub struct LazyLibrary<'c> {
    catalog: &'c Catalog,
    library: OnceLock<Result<Library>>,
}

impl<'c> LazyLibrary<'c> {
    /// The library of these packs.
    #[must_use]
    pub fn of(catalog: &'c Catalog) -> Self {
        Self { catalog, library: OnceLock::new() }
    }

    /// Reads it, the first time.
    ///
    /// # Errors
    /// As [`Library::of`].
    pub fn get(&self) -> Result<&Library> {
        let read = || Library::of(self.catalog, &BTreeMap::new());
        self.library.get_or_init(read).as_ref().map_err(Clone::clone)
    }
}

/// A file below `knowledge/` of a pack: of the built-in one only what its front matter says, and the rest later.
fn of_pack<T: DeserializeOwned>(pack: &Pack, path: &str, bytes: &[u8]) -> Result<Parsed<T>> {
    let path = format!("knowledge/{path}");
    let file = pack.shown(&path);
    match pack.quick(&path) {
        Some((front, source)) => Ok(Parsed::later(file, front, source)),
        None => document::parse(&file, bytes),
    }
}

fn is_document(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|end| end.eq_ignore_ascii_case("md"))
}

/// These names are too many to be shown: who has typed none that is near gets the least far one, and where all are.
fn unknown<'a>(
    what: &str,
    list: &str,
    name: &str,
    names: impl Iterator<Item = &'a String>,
) -> Error {
    let shown = crate::formats::hidden::visible(name);
    let names: Vec<String> = names.cloned().collect();
    let closest = crate::error::closest(name, &names).map(|(_, closest)| closest.clone());
    let problem = Problem::new(Code::UnknownValue, format!("there is no {what} `{shown}`"));
    let problem = problem.allowed(name, names);
    let all = format!("`{list}` shows all of them");
    let hint = match closest.filter(|_| problem.nearest.is_none()) {
        Some(closest) => format!("the nearest is `{closest}`; {all}"),
        None => all,
    };
    problem.hint(hint).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_form_of_the_builtin_documents_says_what_they_say() {
        let read = |pack: Pack| {
            let library = Library::of(&Catalog::of(vec![pack]).unwrap(), &BTreeMap::new()).unwrap();
            let mut all = Vec::new();
            for Document { parsed, origin } in library.documents.values() {
                let rest = (parsed.body(), parsed.digest());
                all.push(format!("{origin} {} {:#?} {rest:#?}", parsed.file, parsed.front));
            }
            for step in library.steps.values() {
                all.push(format!("{} {:#?} {:#?}", step.file, step.front, step.body()));
            }
            all
        };
        let text = read(Pack::builtin_as_text().unwrap());
        assert!(text.len() > 50);
        assert_eq!(read(Pack::builtin().unwrap()), text);
    }
}
