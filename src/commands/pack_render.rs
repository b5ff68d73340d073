//! `scaffold pack render`: shows what a pack would make, and where each part of a file comes from. Writes nothing.

use super::init::{decide, gather};
use crate::cli::{Format, RenderArgs};
use crate::error::{Code, Problem, Result, nearest};
use crate::knowledge::LazyLibrary;
use crate::pack::Catalog;
use crate::render::plan::{self, Site};
use crate::render::{self, trace};
use crate::tree::File;
use crate::ui::{self, Report, Written};

/// Does it and prints the tree, or the file that is asked for.
///
/// # Errors
/// Anything wrong with answers or packs; no file has the path.
pub fn run(args: &RenderArgs, catalog: &Catalog) -> Result<()> {
    let (inputs, kept, mut warnings) = gather(&args.init, catalog)?;
    let (project_type, type_source, answers) = decide(catalog, &inputs)?;
    let plan = plan::plan(catalog, project_type, &answers, &kept, &Site::default())?;
    let files = render::render(&plan, &LazyLibrary::of(catalog))?;
    if let Some(path) = &args.path {
        let file = find(&files, path)?;
        let parts = match std::str::from_utf8(&file.bytes) {
            Ok(text) => Some(trace::trace(&plan, &file.path, text)?),
            Err(_) => None,
        };
        return ui::rendered(file, parts.as_deref(), args.init.format);
    }
    warnings.extend(answers.warnings());
    let report = Report {
        command: "pack render",
        destination: plan.slug().to_owned(),
        rendered: &files,
        project_type: (&project_type.name, type_source),
        answers: &answers.values,
        files: files.iter().map(Written::rendered).collect(),
        commands: &plan.commands,
        setup: None,
        notes: &plan.notes,
        warnings: &warnings,
    };
    match args.init.format {
        Format::Json => ui::json(&report),
        Format::Text => ui::tree(&report),
    }
}

fn find<'f>(files: &'f [File], path: &str) -> Result<&'f File> {
    let plain = path.replace('\\', "/");
    let plain = plain.strip_prefix("./").unwrap_or(&plain);
    files.iter().find(|file| file.path == plain).ok_or_else(|| {
        let known: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
        let shown = crate::formats::hidden::visible(path);
        let message = format!("with these answers there is no file `{shown}`");
        let mut problem = Problem::new(Code::UnknownValue, message).flag("PATH");
        problem.nearest = nearest(plain, &known);
        problem.hint("without PATH, `scaffold pack render` shows all of them").into()
    })
}
