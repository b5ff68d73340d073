//! One file from all that the layers contribute to it: whole files that are merged, or sections in their order, each with
//! the parts that it calls.

use super::contributions::{Source, Target};
use super::template::{Parts, Rendered, Renderer};
use crate::error::{Code, Error, Problem, Result};
use crate::formats::filetype::{self, FileType};
use crate::formats::merge::{self, Piece};
use crate::pack::expression::Fault;
use crate::tree::{Bytes, File};
use indexmap::{IndexMap, IndexSet};
use std::collections::BTreeSet;

/// A rendered source, and which contribution each piece of its text came from.
pub(super) struct Made<'t, 'p> {
    pub(super) source: &'t Source<'p>,
    pub(super) bytes: Bytes,
    pub(super) spans: Vec<(usize, &'t Source<'p>)>,
}

/// Renders and joins all that the layers contribute.
pub(super) fn assemble(
    path: &str,
    mut target: Target,
    renderer: &Renderer,
    requirements: &[String],
) -> Result<File> {
    drop_replaced(path, &mut target);
    let made = made(path, &target, renderer)?;
    let bytes = join(path, &target, &made, requirements)?;
    let whole = made.iter().map(|made| made.source);
    let executable = whole.clone().any(|source| source.executable);
    let sources = whole.chain(target.parts.values().flatten());
    let layers: IndexSet<String> = sources.map(|source| source.layer.path.clone()).collect();
    Ok(File { path: path.to_owned(), bytes, executable, layers: layers.into_iter().collect() })
}

/// A layer that `replaces` the path takes the place of all before it, and one that replaces a section of that section.
pub(super) fn drop_replaced(path: &str, target: &mut Target) {
    let replaces = |source: &&Source, path: &str| {
        source.layer.replaces.iter().any(|replaced| replaced == path)
    };
    let sources = target.whole.iter().chain(target.sections.values().flatten());
    if let Some(last) = sources.filter(|s| replaces(s, path)).map(|s| s.order).max() {
        target.whole.retain(|source| source.order >= last);
        target.sections.values_mut().for_each(|of| of.retain(|source| source.order >= last));
    }
    for ((_, name), of) in &mut target.sections {
        let section = format!("{path}.sections/{name}");
        if let Some(last) = of.iter().rposition(|source| replaces(&source, &section)) {
            of.drain(..last);
        }
    }
    target.sections.retain(|_, of| !of.is_empty());
}

/// Renders every whole file and every section.
pub(super) fn made<'t, 'p>(
    path: &str,
    target: &'t Target<'p>,
    renderer: &Renderer,
) -> Result<Vec<Made<'t, 'p>>> {
    check_shape(path, target)?;
    let parts = render_parts(path, &target.parts, renderer)?;
    let mut called = BTreeSet::new();
    let mut all = Vec::new();
    for source in target.whole.iter().chain(target.sections.values().flatten()) {
        all.push(render_source(path, source, target, &parts, &mut called, renderer)?);
    }
    match target.parts.iter().find(|(name, _)| !called.contains(*name)) {
        None => Ok(all),
        Some((name, sources)) => {
            let message = format!("`{}` does not call part(\"{name}\")", all[0].source.shown);
            Err(Problem::new(Code::BadMerge, message).file(sources[0].shown.clone()).into())
        }
    }
}

/// A file is whole or comes in sections, each of one layer; parts alone make none.
fn check_shape(path: &str, target: &Target) -> Result<()> {
    let problem = |message: String, source: &Source| {
        Problem::new(Code::BadMerge, message).file(source.shown.clone())
    };
    for ((_, name), of) in &target.sections {
        if let Some(whole) = target.whole.first() {
            let message =
                format!("`{path}` is whole in the layer `{}` and has sections", whole.layer.path);
            let hint = format!("make one of them a section, or list `{path}` under `replaces`");
            return Err(problem(message, &of[0]).hint(hint).into());
        }
        if let [first, second, ..] = of.as_slice() {
            let layers = list(&[&first.layer.path, &second.layer.path]);
            let message = format!("the section `{name}` of `{path}` comes from {layers}");
            let hint = format!("list `{path}.sections/{name}` under `replaces`");
            return Err(problem(message, second).hint(hint).into());
        }
    }
    match target.parts.values().flatten().next() {
        Some(part) if target.whole.is_empty() && target.sections.is_empty() => {
            Err(problem(format!("a part of `{path}`, but no layer has that file"), part).into())
        }
        _ => Ok(()),
    }
}

fn render_parts(
    path: &str,
    parts: &IndexMap<String, Vec<Source>>,
    renderer: &Renderer,
) -> Result<Parts> {
    let mut texts = Parts::new();
    for (name, sources) in parts {
        let mut pieces = Vec::new();
        for source in sources {
            let text = text_of(source)?;
            pieces.push(if source.is_template {
                rendered(path, source, text, None, renderer)?.text
            } else {
                text.to_owned()
            });
        }
        texts.insert(name.clone(), pieces);
    }
    Ok(texts)
}

fn render_source<'t, 'p>(
    path: &str,
    source: &'t Source<'p>,
    target: &'t Target<'p>,
    parts: &Parts,
    called: &mut BTreeSet<String>,
    renderer: &Renderer,
) -> Result<Made<'t, 'p>> {
    if !source.is_template {
        let path = source.shown.strip_prefix(&source.pack.prefix).unwrap_or_default();
        return Ok(Made { source, bytes: source.pack.bytes_of(path), spans: vec![(0, source)] });
    }
    let text = text_of(source)?;
    let output = rendered(path, source, text, Some(parts.clone()), renderer)?;
    called.extend(output.called);
    let of = |(start, part): (usize, Option<(String, usize)>)| {
        (start, part.map_or(source, |(name, index)| &target.parts[&name][index]))
    };
    let spans = output.spans.into_iter().map(of).collect();
    Ok(Made { source, bytes: output.text.into(), spans })
}

/// A template of the built-in pack is within the limits, as `pack lint` has found.
fn rendered(
    path: &str,
    source: &Source,
    text: &str,
    parts: Option<Parts>,
    renderer: &Renderer,
) -> Result<Rendered> {
    let render = if source.pack.is_quick { Renderer::render_known } else { Renderer::render };
    render(renderer, path, text, parts).map_err(|fault| template_problem(source, &fault))
}

fn text_of<'s>(source: &Source<'s>) -> Result<&'s str> {
    crate::system::read::text(&source.shown, source.bytes, Code::BadTemplate)
}

fn template_problem(source: &Source, fault: &Fault) -> Error {
    Problem::new(Code::BadTemplate, fault.message.clone())
        .at(source.shown.clone(), fault.line, fault.column)
        .into()
}

/// The bytes of the file.
pub(super) fn join(
    path: &str,
    target: &Target,
    made: &[Made],
    requirements: &[String],
) -> Result<Bytes> {
    match made {
        _ if !target.sections.is_empty() => Ok(one_after_another(made).into()),
        [only] => Ok(only.bytes.clone()),
        _ => merge_pieces(path, made, requirements).map(Bytes::from),
    }
}

/// Sections with an empty line between them; one with nothing in it leaves nothing.
fn one_after_another(made: &[Made]) -> Vec<u8> {
    let mut all = Vec::new();
    for section in made.iter().filter(|made| !made.bytes.trim_ascii().is_empty()) {
        if !all.is_empty() {
            all.push(b'\n');
        }
        all.extend_from_slice(&section.bytes);
        if !section.bytes.ends_with(b"\n") {
            all.push(b'\n');
        }
    }
    all
}

fn merge_pieces(path: &str, made: &[Made], requirements: &[String]) -> Result<String> {
    let layers: Vec<&str> = made.iter().map(|made| made.source.layer.path.as_str()).collect();
    let texts: Vec<_> = made.iter().map(|made| String::from_utf8_lossy(&made.bytes)).collect();
    let pieces: Vec<Piece> =
        layers.iter().zip(&texts).map(|(layer, text)| Piece { layer, text }).collect();
    let replaces = pointers(path, made);
    let rules = merge::Rules { replaces: &replaces, requirements };
    let merged = match filetype::of(path) {
        FileType::Toml => merge::toml(&pieces, rules),
        FileType::Json => merge::json(&pieces, rules),
        FileType::Markdown if texts[1..].iter().all(|text| merge::has_only_tables(text)) => {
            merge::tables(&pieces)
        }
        _ if merge::is_list_of_lines(path) => Ok(merge::lines(&pieces)),
        _ => {
            let layers = list(&layers);
            let message =
                format!("`{path}` comes from the layers {layers}, and such files are not merged");
            let hint = format!(
                "contribute `{path}.parts/NAME` instead, or list `{path}` under `replaces`"
            );
            let problem = Problem::new(Code::BadMerge, message);
            return Err(problem.file(made[1].source.shown.clone()).hint(hint).into());
        }
    };
    merged.map_err(|faults| {
        let shown = |layer: &str| {
            let of_layer = made.iter().find(|made| made.source.layer.path == layer);
            of_layer.map(|made| made.source.shown.clone()).unwrap_or_default()
        };
        let problems = faults.into_iter().map(|fault| {
            let message = format!("`{path}` cannot be merged: {}", fault.message);
            Problem::new(Code::BadMerge, message).file(shown(&fault.layer))
        });
        Error { problems: problems.collect() }
    })
}

/// The JSON pointers of this file that layers replace, each with its layer.
fn pointers(path: &str, made: &[Made]) -> Vec<(String, String)> {
    let of_layer = |made: &Made| {
        let layer = made.source.layer;
        let pointer = |replaced: &String| {
            let pointer = replaced.strip_prefix(path)?.strip_prefix('#')?;
            Some((layer.path.clone(), pointer.to_owned()))
        };
        layer.replaces.iter().filter_map(pointer).collect::<Vec<_>>()
    };
    made.iter().flat_map(of_layer).collect()
}

pub(super) fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" and ")
}
