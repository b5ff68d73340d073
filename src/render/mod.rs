//! Render: a plan in, files in memory out. Pure: the same plan gives the same bytes anywhere.

mod cache;
pub mod guide;
mod pages;
pub mod plan;
pub mod template;

use crate::error::{Code, Error, Problem, Result};
use crate::formats::filetype::{self, FileType};
use crate::formats::merge;
use crate::knowledge::LazyLibrary;
use crate::pack::expression::Fault;
use crate::pack::overlay::Layer;
use crate::pack::path;
use crate::pack::{Pack, Placed};
use crate::tree::{Bytes, File};
pub use cache::Cache;
use indexmap::IndexMap;
use plan::Plan;
use std::collections::{BTreeMap, BTreeSet};
use template::Renderer;

/// A repository has at most this many bytes.
const MOST_BYTES: usize = 64 << 20;

/// A file of a layer, on its way to one output.
struct Source<'p> {
    layer: &'p Placed<Layer>,
    /// As people know it: `templates/LAYER/…` with the pack in front.
    shown: String,
    pack: &'p Pack,
    bytes: &'p [u8],
    is_template: bool,
    executable: bool,
}

/// All that the layers contribute to one output path.
#[derive(Default)]
struct Target<'p> {
    whole: Vec<Source<'p>>,
    parts: IndexMap<String, Vec<Source<'p>>>,
}

impl<'p> Target<'p> {
    /// All sources: those of the whole file, which have no name, then those of each part.
    fn parts(&self) -> impl Iterator<Item = (&str, &[Source<'p>])> {
        let parts = self.parts.iter().map(|(name, sources)| (name.as_str(), sources.as_slice()));
        std::iter::once(("", self.whole.as_slice())).chain(parts)
    }
}

/// Renders all files of a plan, sorted by path, with `.scaffold/config.yml`.
///
/// # Errors
/// All faults of templates, merges, paths and limits, each with its file and, in templates, line and column.
pub fn render(plan: &Plan, library: &LazyLibrary) -> Result<Vec<File>> {
    render_with(plan, library, None)
}

/// As [`render`], for one of many plans of a catalog: what was rendered before is taken from the cache.
///
/// # Errors
/// As [`render`].
pub fn render_with(plan: &Plan, library: &LazyLibrary, cache: Option<&Cache>) -> Result<Vec<File>> {
    let renderer = Renderer::new(&plan.scope);
    let mut problems = Vec::new();
    let mut files = Vec::new();
    for (path, target) in targets(plan, &renderer, &mut problems) {
        match cached(&path, target, &renderer, plan, cache) {
            Ok(file) => files.push(file),
            Err(error) => problems.extend(error.problems),
        }
    }
    match pages::pages(plan, library, &files) {
        Ok(pages) => files.extend(pages.into_iter().map(|page| match cache {
            Some(cache) => cache.shared(page),
            None => page,
        })),
        Err(error) => problems.extend(error.problems),
    }
    files.push(File {
        path: crate::answers::config::PATH.to_owned(),
        bytes: plan.config.clone().into(),
        executable: false,
        layers: Vec::new(),
    });
    files.sort_by(|a, b| a.path.cmp(&b.path));
    problems.extend(unsound(&files, plan.catalog.most_files()));
    Error::unless_empty(problems)?;
    Ok(files)
}

/// Groups the files of all layers by the path that they write to.
fn targets<'p>(
    plan: &'p Plan,
    renderer: &Renderer,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Target<'p>> {
    let mut targets: BTreeMap<String, Target> = BTreeMap::new();
    for &layer in &plan.layers {
        let Some((pack, files)) = plan.catalog.layer(&layer.path) else { continue };
        let patterns = pack.about.executable.iter();
        let patterns: Vec<_> = patterns.filter_map(|text| glob::Pattern::new(text).ok()).collect();
        for (name, bytes) in files {
            let stem = name.strip_suffix(template::SUFFIX).unwrap_or(name);
            let shown = pack.shown(&format!("templates/{}/{name}", layer.path));
            let path = match renderer.inline(stem) {
                Ok(path) => path,
                Err(fault) => {
                    problems.push(
                        Problem::new(Code::BadTemplate, format!("in the name: {}", fault.message))
                            .file(shown),
                    );
                    continue;
                }
            };
            if path.starts_with(".scaffold/") {
                let message = "`.scaffold/` belongs to scaffold: a layer writes nothing there";
                problems.push(Problem::new(Code::BadPath, message).file(shown));
                continue;
            }
            let executable = is_executable(&patterns, &path, bytes);
            let is_template = stem.len() < name.len();
            let source = Source { layer, shown, pack, bytes, is_template, executable };
            match path.split_once(".parts/") {
                Some((path, part)) => {
                    let target = targets.entry(path.to_owned()).or_default();
                    target.parts.entry(part.to_owned()).or_default().push(source);
                }
                None => targets.entry(path).or_default().whole.push(source),
            }
        }
    }
    targets
}

/// The embedded pack knows no modes, so content decides, and patterns in `pack.yml`.
fn is_executable(patterns: &[glob::Pattern], path: &str, bytes: &[u8]) -> bool {
    bytes.starts_with(b"#!") || patterns.iter().any(|pattern| pattern.matches(path))
}

fn cached(
    path: &str,
    target: Target,
    renderer: &Renderer,
    plan: &Plan,
    cache: Option<&Cache>,
) -> Result<File> {
    let place = cache.and_then(|cache| Some((cache, cache.key(path, &target, &plan.scope)?)));
    let requirements = plan.catalog.ecosystems.requirements(path);
    let Some((cache, key)) = place else {
        return assemble(path, target, renderer, &requirements);
    };
    if let Some(file) = cache.get(plan.catalog, &key) {
        return Ok(file);
    }
    let file = assemble(path, target, renderer, &requirements)?;
    cache.keep(key, &file);
    Ok(file)
}

fn assemble(
    path: &str,
    mut target: Target,
    renderer: &Renderer,
    requirements: &[String],
) -> Result<File> {
    drop_replaced(path, &mut target.whole);
    let Some(base) = target.whole.first() else {
        let part = target
            .parts
            .values()
            .flatten()
            .next()
            .map(|source| source.shown.clone())
            .unwrap_or_default();
        return Err(Problem::new(
            Code::BadMerge,
            format!("a part of `{path}`, but no layer has that file"),
        )
        .file(part)
        .into());
    };
    let base_shown = base.shown.clone();
    let executable = target.whole.iter().any(|source| source.executable);
    let sources = target.whole.iter().chain(target.parts.values().flatten());
    let mut layers: Vec<String> = Vec::new();
    for source in sources {
        if !layers.contains(&source.layer.path) {
            layers.push(source.layer.path.clone());
        }
    }
    let parts = render_parts(path, &target.parts, renderer)?;
    let mut called = BTreeSet::new();
    let mut pieces = Vec::new();
    for source in &target.whole {
        pieces.push(render_source(path, source, &parts, &mut called, renderer)?);
    }
    if let Some((name, sources)) = target.parts.iter().find(|(name, _)| !called.contains(*name)) {
        let message = format!("`{base_shown}` does not call part(\"{name}\")");
        return Err(Problem::new(Code::BadMerge, message).file(sources[0].shown.clone()).into());
    }
    let bytes = match pieces.len() {
        1 => pieces.remove(0),
        _ => merge_pieces(path, &target.whole, &pieces, requirements)?.into(),
    };
    Ok(File { path: path.to_owned(), bytes, executable, layers })
}

/// A layer that `replaces` the path takes the place of all before it.
fn drop_replaced(path: &str, whole: &mut Vec<Source>) {
    if let Some(last) = whole
        .iter()
        .rposition(|source| source.layer.replaces.iter().any(|replaced| replaced == path))
    {
        whole.drain(..last);
    }
}

fn render_parts(
    path: &str,
    parts: &IndexMap<String, Vec<Source>>,
    renderer: &Renderer,
) -> Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    for (name, sources) in parts {
        let mut joined = String::new();
        for source in sources {
            if source.is_template {
                joined.push_str(&rendered(path, source, None, renderer)?.0);
            } else {
                joined.push_str(text_of(source)?);
            }
        }
        texts.insert(name.clone(), joined);
    }
    Ok(texts)
}

fn render_source(
    path: &str,
    source: &Source,
    parts: &BTreeMap<String, String>,
    called: &mut BTreeSet<String>,
    renderer: &Renderer,
) -> Result<Bytes> {
    if !source.is_template {
        let path = source.shown.strip_prefix(&source.pack.prefix).unwrap_or_default();
        return Ok(source.pack.bytes_of(path));
    }
    let (output, names) = rendered(path, source, Some(parts.clone()), renderer)?;
    called.extend(names);
    Ok(output.into())
}

/// A template of the built-in pack is within the limits, as `pack lint` has found.
fn rendered(
    path: &str,
    source: &Source,
    parts: Option<BTreeMap<String, String>>,
    renderer: &Renderer,
) -> Result<(String, BTreeSet<String>)> {
    let render = if source.pack.is_quick { Renderer::render_known } else { Renderer::render };
    render(renderer, path, text_of(source)?, parts)
        .map_err(|fault| template_problem(source, &fault))
}

fn text_of<'s>(source: &Source<'s>) -> Result<&'s str> {
    crate::system::read::text(&source.shown, source.bytes, Code::BadTemplate)
}

fn template_problem(source: &Source, fault: &Fault) -> Error {
    Problem::new(Code::BadTemplate, fault.message.clone())
        .at(source.shown.clone(), fault.line, fault.column)
        .into()
}

fn merge_pieces(
    path: &str,
    sources: &[Source],
    rendered: &[Bytes],
    requirements: &[String],
) -> Result<String> {
    let ty = filetype::of(path);
    let layers: Vec<&str> = sources.iter().map(|source| source.layer.path.as_str()).collect();
    let texts: Vec<String> =
        rendered.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    if ty != FileType::Toml && ty != FileType::Json {
        let message = format!(
            "`{path}` comes from the layers {}, and such files are not merged",
            list(&layers)
        );
        return Err(Problem::new(Code::BadMerge, message)
            .file(sources[1].shown.clone())
            .hint(format!(
                "contribute `{path}.parts/NAME` instead, or list `{path}` under `replaces`"
            ))
            .into());
    }
    let pieces: Vec<merge::Piece> =
        layers.iter().zip(&texts).map(|(layer, text)| merge::Piece { layer, text }).collect();
    let replaces: Vec<(String, String)> = sources
        .iter()
        .flat_map(|source| {
            source.layer.replaces.iter().map(|replaced| (source.layer.path.clone(), replaced))
        })
        .filter_map(|(layer, replaced)| {
            Some((layer, replaced.strip_prefix(path)?.strip_prefix('#')?.to_owned()))
        })
        .collect();
    let rules = merge::Rules { replaces: &replaces, requirements };
    let merged = if ty == FileType::Toml {
        merge::toml(&pieces, rules)
    } else {
        merge::json(&pieces, rules)
    };
    merged.map_err(|faults| {
        let shown = |layer: &str| {
            sources
                .iter()
                .find(|source| source.layer.path == layer)
                .map(|source| source.shown.clone())
        };
        let problems = faults.into_iter().map(|fault| {
            let message = format!("`{path}` cannot be merged: {}", fault.message);
            Problem::new(Code::BadMerge, message).file(shown(&fault.layer).unwrap_or_default())
        });
        Error { problems: problems.collect() }
    })
}

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" and ")
}

fn from_layers(file: &File) -> String {
    let layers: Vec<&str> = file.layers.iter().map(String::as_str).collect();
    format!("it comes from {}", list(&layers))
}

/// Paths that cannot be, and more than a repository may hold.
fn unsound(files: &[File], most: usize) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files {
        if let Err(message) = path::validate(&file.path) {
            problems.push(
                Problem::new(Code::BadPath, message)
                    .file(file.path.clone())
                    .hint(from_layers(file)),
            );
        }
    }
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for (one, other) in path::collisions(&paths) {
        let message = path::collision(&one, &other);
        let hint =
            files.iter().find(|file| file.path == other).map(from_layers).unwrap_or_default();
        problems.push(Problem::new(Code::BadPath, message).file(other).hint(hint));
    }
    let bytes: usize = files.iter().map(|file| file.bytes.len()).sum();
    if files.len() > most || bytes > MOST_BYTES {
        let message = format!(
            "{} files and {} MB: a repository has at most {most} and {}",
            files.len(),
            bytes >> 20,
            MOST_BYTES >> 20
        );
        let hint = "`files:` in `pack.yml` says how many files a repository of the pack may have";
        problems.push(Problem::new(Code::Limit, message).hint(hint));
    }
    problems
}
