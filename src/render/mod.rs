//! Render: a plan in, files in memory out. Pure: the same plan gives the same bytes anywhere.

mod assemble;
mod cache;
mod contributions;
pub mod guide;
mod pages;
pub mod plan;
pub mod template;
pub mod trace;

use crate::error::{Code, Error, Problem, Result};
use crate::knowledge::LazyLibrary;
use crate::pack::path;
use crate::tree::File;
use assemble::{assemble, list};
pub use cache::Cache;
use contributions::{Target, targets};
use indexmap::IndexMap;
use plan::Plan;
use template::Renderer;

/// A repository has at most this many bytes.
const MOST_BYTES: usize = 64 << 20;

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
    let cache = cache.filter(|cache| cache.is_of(plan.catalog));
    let renderer = Renderer::new(&plan.scope);
    let mut problems = Vec::new();
    let mut files = Vec::new();
    for (path, target) in targets(plan, &renderer, &mut problems) {
        if plan.without.as_deref() == Some(path.as_str()) {
            continue;
        }
        match cached(&path, target, &renderer, plan, cache) {
            Ok(file) => files.push(file),
            Err(error) => problems.extend(error.problems),
        }
    }
    match pages::pages(plan, library, &files, cache) {
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

fn cached(
    path: &str,
    target: Target,
    renderer: &Renderer,
    plan: &Plan,
    cache: Option<&Cache>,
) -> Result<File> {
    let place = cache.and_then(|cache| Some((cache, cache.key(path, &target, &plan.scope)?)));
    if let Some((cache, key)) = &place
        && let Some(file) = cache.get(key)
    {
        return Ok(file);
    }
    let requirements = plan.catalog.ecosystems.requirements(path);
    let file = assemble(path, target, renderer, &requirements)?;
    if let Some((cache, key)) = place {
        cache.keep(key, &file);
    }
    Ok(file)
}

fn from_layers(file: &File) -> String {
    let layers: Vec<&str> = file.layers.iter().map(String::as_str).collect();
    format!("it comes from {}", list(&layers))
}

/// Paths that cannot be, and more than a repository may hold.
fn unsound(files: &[File], most: usize) -> Vec<Problem> {
    // One folder with a bad name is one problem, however many files are in it.
    let mut bad: IndexMap<String, Vec<&File>> = IndexMap::new();
    for file in files {
        if let Err(message) = path::validate(&file.path) {
            bad.entry(message).or_default().push(file);
        }
    }
    let one = |(message, files): (String, Vec<&File>)| {
        let more = match files.len() - 1 {
            0 => String::new(),
            more => format!(", and so for {more} more files"),
        };
        Problem::new(Code::BadPath, message)
            .file(files[0].path.clone())
            .hint(from_layers(files[0]) + &more)
    };
    let mut problems: Vec<Problem> = bad.into_iter().map(one).collect();
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
