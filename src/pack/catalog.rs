//! Catalog: packs in, project types out, with all that their overlays say checked.

use super::ecosystem::Ecosystems;
use super::origin::{Origin, Placed};
use super::overlay::{self, Overlay};
use super::project_type::{Overrides, ProjectType, Question};
use super::source::{Pack, USUAL_FILES};
use super::{check, lets, replaced, used};
use crate::error::{Code, Error, Problem, Result, first_of_each_file};
use crate::formats::yaml::{self, steps};
use indexmap::IndexMap;

/// Everything that can be generated.
#[derive(Debug, Default)]
pub struct Catalog {
    /// In order: the built-in one, then those named on the command line.
    pub packs: Vec<Pack>,
    /// What later packs replace or extend of earlier ones, in words.
    pub warnings: Vec<String>,
    /// What the packs say of languages and package tools.
    pub ecosystems: Ecosystems,
    types: IndexMap<String, ProjectType>,
}

impl Catalog {
    /// Reads the built-in pack.
    ///
    /// # Errors
    /// As [`Catalog::of`].
    pub fn builtin() -> Result<Self> {
        Self::of(vec![Pack::builtin()?])
    }

    /// Resolves and checks the overlays of `packs`, later ones over earlier ones.
    ///
    /// # Errors
    /// All faults of all overlays, each with file, line and column.
    pub fn of(packs: Vec<Pack>) -> Result<Self> {
        let (catalog, problems) = Self::lenient(packs);
        Error::unless_empty(problems)?;
        Ok(catalog)
    }

    /// As [`Catalog::of`], but what is wrong is left out and told, so that the rest can be looked at too.
    #[must_use]
    pub fn lenient(packs: Vec<Pack>) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let overlays = declared(&packs, &mut problems);
        let ecosystems = Ecosystems::of(&packs, &mut problems);
        let mut types = IndexMap::new();
        for name in concrete(&overlays, &mut problems) {
            match resolve(name, &overlays, &ecosystems) {
                Ok(resolved) => {
                    types.insert(resolved.name.clone(), resolved);
                }
                Err(error) => problems.extend(error.problems),
            }
        }
        let mut catalog = Self { packs, warnings: Vec::new(), ecosystems, types };
        if catalog.packs.len() > 1 {
            catalog.warnings = replaced::warnings(&catalog, &overlays);
        }
        // Of the built-in pack alone a test has found that all of this holds.
        if !catalog.packs.iter().all(|pack| pack.is_quick) {
            problems.extend(check::all(&catalog));
        }
        (catalog, first_of_each_file(problems))
    }

    /// The most files that a repository has: what the packs say, or what is usual.
    #[must_use]
    pub fn most_files(&self) -> usize {
        self.packs.iter().filter_map(|pack| pack.about.files).max().unwrap_or(USUAL_FILES)
    }

    /// All project types.
    pub fn types(&self) -> impl Iterator<Item = &ProjectType> {
        self.types.values()
    }

    /// The project types that the last pack declares.
    #[must_use]
    pub fn types_of_last(&self) -> Vec<&ProjectType> {
        let prefix = self.packs.last().map_or("", |pack| pack.prefix.as_str());
        self.types().filter(|project_type| project_type.at.file().starts_with(prefix)).collect()
    }

    /// The project type of this name.
    #[must_use]
    pub fn project_type(&self, name: &str) -> Option<&ProjectType> {
        self.types.get(name)
    }

    /// The templates below `knowledge/pages/NAME`, by their path below it, or the one of this name itself: of the last pack
    /// that has any. Each comes with the name by which people know it.
    #[must_use]
    pub fn pages<'c>(&'c self, name: &str) -> Vec<(String, &'c [u8])> {
        let inside = format!("{name}/");
        let of = |pack: &'c Pack| {
            let files = pack.below("knowledge/pages");
            let fitting = files.filter(|(path, _)| *path == name || path.starts_with(&inside));
            let shown = |path: &str| pack.shown(&format!("knowledge/pages/{path}"));
            fitting.map(|(path, bytes)| (shown(path), bytes)).collect::<Vec<_>>()
        };
        self.packs.iter().rev().map(of).find(|files| !files.is_empty()).unwrap_or_default()
    }

    /// The files of a layer and the pack that has it; the last pack wins.
    #[must_use]
    pub fn layer(&self, path: &str) -> Option<LayerFiles<'_>> {
        let folder = format!("templates/{path}");
        self.packs.iter().rev().find_map(|pack| {
            let files: Vec<_> = pack.below(&folder).collect();
            (!files.is_empty()).then_some((pack, files))
        })
    }
}

/// The files of a layer, by their path below it, and the pack that has them.
pub type LayerFiles<'c> = (&'c Pack, Vec<(&'c str, &'c [u8])>);

pub(super) type Declared = IndexMap<String, Placed<Overlay>>;

/// All overlays by name; one of a later pack takes the place of an earlier one of the same name if it says so.
fn declared(packs: &[Pack], problems: &mut Vec<Problem>) -> Declared {
    let mut overlays = Declared::new();
    for pack in packs {
        let mut here = Declared::new();
        for name in pack.below("overlays").map(|(name, _)| name).filter(|name| is_overlay(name)) {
            match read_overlay(pack, &format!("overlays/{name}")) {
                Ok(overlay) => {
                    if let Some(other) = here.get(&overlay.name) {
                        let message = format!(
                            "the name `{}` is taken by `{}`",
                            overlay.name,
                            other.at.file()
                        );
                        let at = overlay.at.child(steps!["name"]);
                        problems.push(at.problem(Code::BadPack, message));
                    }
                    here.insert(overlay.name.clone(), overlay);
                }
                Err(error) => problems.extend(error.problems),
            }
        }
        problems.extend(replaced::undeclared(&overlays, &here));
        overlays.extend(here);
    }
    overlays
}

fn is_overlay(name: &str) -> bool {
    let ending = std::path::Path::new(name).extension();
    !name.contains('/') && ending.is_some_and(|end| end == "yml" || end == "yaml")
}

fn read_overlay(pack: &Pack, path: &str) -> Result<Placed<Overlay>> {
    let (file, text) = (pack.shown(path), pack.text(path)?);
    let mut item: Overlay = match pack.quick(path) {
        Some((overlay, _)) => overlay,
        None => yaml::parse_within(&file, text, Code::BadPack, check::LONGEST_TEXT)?,
    };
    // One line, however it is folded in the file.
    item.description = item.description.split_whitespace().collect::<Vec<_>>().join(" ");
    let at = Origin::of(file, text);
    let mut problems = check::sizes(&item, &at);
    for (key, value) in [
        ("name", Some(&item.name)),
        ("description", Some(&item.description)),
        ("project-type", item.project_type.as_ref()),
    ] {
        if value.is_some_and(|value| value.trim().is_empty()) {
            problems
                .push(at.child(steps![key]).problem(Code::BadPack, format!("`{key}` is empty")));
        }
    }
    if item.project_type.is_none() && !path.ends_with("/common.yml") {
        let message = "the overlay has no `project-type`; only `common.yml`, which every overlay includes, has none";
        problems.push(at.problem(Code::BadPack, message));
    }
    Error::unless_empty(problems)?;
    Ok(Placed { item, at })
}

/// The names of the overlays that make a type: for each type the most derived one.
fn concrete<'a>(overlays: &'a Declared, problems: &mut Vec<Problem>) -> Vec<&'a str> {
    // A parent that could not be read is not missing.
    let are_read = problems.is_empty();
    let mut chosen: IndexMap<&str, (&str, Vec<&str>)> = IndexMap::new();
    for (name, overlay) in overlays {
        let Some(project_type) = overlay.project_type.as_deref() else { continue };
        let line = match ancestors(name, overlays) {
            Ok(line) => line,
            Err(error) => {
                problems.extend(error.problems.into_iter().filter(|_| are_read));
                continue;
            }
        };
        match chosen.get(project_type) {
            Some((other, others)) if !line.contains(other) => {
                if !others.contains(&name.as_str()) {
                    let message = format!(
                        "the project type `{project_type}` is already made by the overlay `{other}`"
                    );
                    let at = overlay.at.child(steps!["project-type"]);
                    let hint = format!("add `extends: {other}` to build on it");
                    problems.push(at.problem(Code::BadPack, message).hint(hint));
                }
            }
            _ => {
                chosen.insert(project_type, (name, line));
            }
        }
    }
    chosen.into_values().map(|(name, _)| name).collect()
}

/// The overlay itself first, then what it extends, up to the root.
fn ancestors<'a>(name: &'a str, overlays: &'a Declared) -> Result<Vec<&'a str>> {
    let mut chain = vec![name];
    let mut current = &overlays[name];
    while let Some(parent) = current.extends.as_deref() {
        let at = current.at.child(steps!["extends"]);
        let Some(next) = overlays.get(parent) else {
            return Err(at
                .problem(Code::BadPack, format!("there is no overlay `{parent}`"))
                .allowed(parent, overlays.keys().map(String::as_str))
                .into());
        };
        if chain.contains(&parent) {
            return Err(at
                .problem(Code::BadPack, format!("`{parent}` extends itself through this"))
                .into());
        }
        chain.push(parent);
        current = next;
    }
    Ok(chain)
}

fn resolve(name: &str, overlays: &Declared, ecosystems: &Ecosystems) -> Result<ProjectType> {
    let own = &overlays[name];
    let mut chain: Vec<_> =
        ancestors(name, overlays)?.into_iter().map(|name| &overlays[name]).collect();
    chain.reverse();
    let commons: Vec<_> =
        overlays.values().filter(|overlay| overlay.project_type.is_none()).collect();
    let project_type = own.project_type.clone().unwrap_or_default();
    let named = chain.iter().rev().find_map(|overlay| overlay.config_key.clone());
    let config_key = named.unwrap_or_else(|| default_config_key(&project_type));

    let mut questions: Vec<Question> = Vec::new();
    for (overlay, common) in
        commons.iter().map(|o| (o, true)).chain(chain.iter().map(|o| (o, false)))
    {
        for (index, question) in overlay.questions.iter().enumerate() {
            let at = overlay.at.child(steps!["questions", index]);
            let home = home(question, if common { None } else { Some(&config_key) });
            let resolved =
                Question { declared: Placed { item: question.clone(), at }, home, common };
            // A derived overlay changes a question by declaring its id again.
            match questions
                .iter_mut()
                .find(|other| other.id == question.id && other.at().file() != resolved.at().file())
            {
                Some(other) => *other = resolved,
                None => questions.push(resolved),
            }
        }
    }
    let all: Vec<_> = commons.iter().chain(&chain).copied().collect();
    used::only(&mut questions, &all);
    let ecosystem = chain.iter().rev().find_map(|one| Some((one, one.ecosystem.as_deref()?)));
    Error::unless_empty(
        ecosystem
            .and_then(|(overlay, name)| ecosystems.check(name, &overlay.at))
            .into_iter()
            .collect(),
    )?;
    let ecosystem = ecosystem.map(|(_, name)| name);
    let mut reserved = ecosystems.reserved(ecosystem);
    reserved.extend(all.iter().flat_map(|overlay| overlay.reserved.iter().cloned()));
    let layers_first: Vec<_> = chain.iter().chain(&commons).copied().collect();
    Ok(ProjectType {
        name: project_type,
        description: own.description.clone(),
        config_key,
        questions,
        lets: lets::declared(&all),
        rules: placed(&all, "rules", |overlay| &overlay.rules),
        notes: placed(&all, "notes", |overlay| &overlay.notes),
        layers: placed(&layers_first, "layers", |overlay| &overlay.layers),
        commands: chain.iter().rev().find_map(|overlay| {
            let at = overlay.at.child(steps!["commands"]);
            overlay.commands.clone().map(|item| Placed { item, at })
        }),
        ecosystem: ecosystem.map(str::to_owned),
        reserved,
        detect: placed(&chain, "detect", |overlay| &overlay.detect),
        yours: placed(&all, "yours", |overlay| &overlay.yours),
        needs: placed(&all, "needs", |overlay| &overlay.needs),
        at: own.at.clone(),
        overrides: all.iter().map(|overlay| overrides(overlay)).collect(),
    })
}

fn overrides(overlay: &Placed<Overlay>) -> Overrides {
    Overrides {
        at: overlay.at.clone(),
        steps: overlay.step_overrides.clone(),
        knowledge: overlay.knowledge_overrides.clone(),
        reads: overlay.reads_overrides.clone(),
        dependencies: overlay.dependency_overrides.clone(),
    }
}

fn placed<T: Clone>(
    overlays: &[&Placed<Overlay>],
    key: &str,
    items: impl Fn(&Overlay) -> &Vec<T>,
) -> Vec<Placed<T>> {
    let mut all = Vec::new();
    for overlay in overlays {
        for (index, item) in items(overlay).iter().enumerate() {
            all.push(Placed { item: item.clone(), at: overlay.at.child(steps![key, index]) });
        }
    }
    all
}

/// `browser-extension` keeps its answers in `browserExtensionConfig`.
fn default_config_key(project_type: &str) -> String {
    let mut key = String::new();
    for (index, word) in project_type.split('-').enumerate() {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if index > 0 => key.extend(first.to_uppercase()),
            Some(first) => key.push(first),
            None => {}
        }
        key.push_str(letters.as_str());
    }
    key + "Config"
}

/// The keys from the root of `config.yml` to an answer; `block` is that of the type, for its own questions.
fn home(question: &overlay::Question, block: Option<&str>) -> Vec<String> {
    let default = || block.map_or("project".to_owned(), |block| format!("project.{block}"));
    let key = question.key.clone().unwrap_or_else(|| format!("{}.{}", default(), question.id));
    key.split('.').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What starts of the program rely on instead of checking it each time.
    #[test]
    fn the_builtin_pack_is_sound_and_its_quick_form_says_the_same() {
        let (checked, problems) = Catalog::lenient(vec![Pack::builtin_as_text().unwrap()]);
        assert!(problems.is_empty() && checked.types().next().is_some(), "{problems:#?}");
        let quick = Pack::builtin().unwrap();
        let types = |pack: Pack| {
            let names = pack.below("overlays").map(|(name, _)| format!("overlays/{name}"));
            let names = names.filter(|name| name.matches('/').count() == 1);
            let quick = names.filter(|name| pack.quick::<Overlay>(name).is_some()).count();
            let catalog = Catalog::of(vec![pack]).unwrap();
            let types = catalog.types().map(|one| format!("{one:#?}"));
            (quick, types.chain([format!("{:#?}", catalog.ecosystems)]).collect::<Vec<_>>())
        };
        let count = quick.below("overlays").filter(|(name, _)| !name.contains('/')).count();
        let (text, quick) = (types(Pack::builtin_as_text().unwrap()), types(quick));
        assert_eq!((text.0, quick.0), (0, count));
        assert_eq!(text.1, quick.1);
    }

    #[test]
    fn config_keys_follow_the_type() {
        assert_eq!(default_config_key("browser-extension"), "browserExtensionConfig");
    }
}
