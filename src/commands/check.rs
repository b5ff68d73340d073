//! `scaffold check` and `scaffold diff`: how a repository differs from what was generated, and whether an update is at hand.

use super::commit;
use super::follow::{Past, yours};
use crate::cli::{CheckArgs, DiffArgs, Format, InitArgs};
use crate::error::{Code, Exit, Problem, Result, nearest};
use crate::formats::hidden::visible;
use crate::keep::follow::Decision;
use crate::keep::is_memory;
use crate::pack::Catalog;
use crate::ui;
use crate::write;
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;

/// Shows what was edited, deleted or added, and what an update would touch.
///
/// # Errors
/// No project, no lock; what cannot be read.
pub fn check(args: &CheckArgs, catalog: &Catalog) -> Result<Exit> {
    let past = Past::open(None, false)?;
    let now = past.now(&as_it_is(), catalog)?;
    let mut touched = past.touched()?;
    let is_yours = yours(now.project_type);
    touched.retain(|(path, _)| !is_yours(path));
    let paths = |are_there: bool| -> Vec<String> {
        let such = touched.iter().filter(|(_, there)| there.is_some() == are_there);
        such.map(|(path, _)| (*path).to_owned()).collect()
    };
    let (edited, deleted, added) = (paths(true), paths(false), added(&past, is_yours));
    let mut steps = past.steps(&now)?;
    steps.retain(|step| {
        !matches!(
            step.decision,
            Decision::Stay | Decision::StaysAway | Decision::Yours | Decision::Locked(_)
        )
    });
    let update: Vec<String> = steps.into_iter().map(|step| step.path).collect();
    let differs = !edited.is_empty() || !deleted.is_empty() || !update.is_empty();
    let exit = if args.strict && differs { Exit::Failed } else { Exit::Done };
    let summary = match (differs, update.len()) {
        (false, _) => {
            "everything is as it was generated, and nothing newer is at hand\n".to_owned()
        }
        (_, 0) => "no update is at hand\n".to_owned(),
        (_, count) => {
            format!("`scaffold update` would change {}\n", crate::tree::count_of_files(count))
        }
    };
    let all = [("edited", &edited), ("deleted", &deleted), ("added", &added), ("update", &update)];
    summarise(&all, &summary)?;
    if args.format == Format::Json {
        ui::document(&json!({
            "schema": ui::SCHEMA, "ok": true, "command": "check", "exit_code": exit as i32, "tool": past.lock.tool,
            "edited": edited, "deleted": deleted, "added": added, "update": update,
        }))?;
        return Ok(exit);
    }
    let lines = all
        .iter()
        .flat_map(|(what, paths)| paths.iter().map(move |path| format!("{what:<8}  {path}\n")));
    ui::print(lines.collect::<Vec<_>>().concat() + &summary)?;
    Ok(exit)
}

/// Files beside generated ones that git knows or would take, and that nobody generated.
fn added(past: &Past, is_yours: impl Fn(&str) -> bool) -> Vec<String> {
    let folder =
        |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let places: BTreeSet<String> = past.lock.files.keys().map(|path| folder(path)).collect();
    let mut listed = commit::listed(&past.root).unwrap_or_default();
    listed.retain(|path| {
        places.contains(&folder(path))
            && !past.lock.files.contains_key(path)
            && !is_memory(path)
            && !is_yours(path)
    });
    listed
}

/// Adds what was found to the page of a run of GitHub's workflows, where this is one.
fn summarise(all: &[(&str, &Vec<String>)], summary: &str) -> Result<()> {
    let Some(page) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|page| !page.is_empty()) else {
        return Ok(());
    };
    let rows = all.iter().flat_map(|(what, paths)| {
        paths.iter().map(move |path| format!("| {what} | `{}` |\n", visible(path)))
    });
    let rows = rows.collect::<Vec<_>>().concat();
    let table = if rows.is_empty() { rows } else { format!("\n| | file |\n|---|---|\n{rows}") };
    let text = format!("### scaffold check\n\n{summary}{table}");
    let written = OpenOptions::new().append(true).create(true).open(&page);
    written.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|cause| {
        let path = page.to_string_lossy().into_owned();
        Problem::new(Code::Io, format!("writing `{path}`: {cause}")).file(path).into()
    })
}

/// Shows the differences.
///
/// # Errors
/// As [`check`].
pub fn diff(args: &DiffArgs, catalog: &Catalog) -> Result<()> {
    let past = Past::open(None, false)?;
    let is_wanted = |path: &str| {
        args.path.as_deref().is_none_or(|wanted| {
            let wanted = wanted.trim_start_matches("./").trim_end_matches('/');
            path == wanted || path.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/'))
        })
    };
    if let Some(path) =
        args.path.as_deref().filter(|_| !past.lock.files.keys().any(|p| is_wanted(p)))
    {
        let known: Vec<String> = past.lock.files.keys().cloned().collect();
        let message = format!("no file was generated at `{}`", visible(path));
        let mut problem = Problem::new(Code::UnknownValue, message).flag("PATH");
        problem.nearest = nearest(path, &known);
        return Err(problem.hint("paths begin at the folder of the project").into());
    }
    let mut text = String::new();
    let mut add = |path: &str, before: &[u8], after: &[u8]| {
        let diff = write::unified_diff(path, before, after);
        if !args.stat {
            text.push_str(&diff);
        } else if !diff.is_empty() {
            let count =
                |sign: char| diff.lines().skip(2).filter(|line| line.starts_with(sign)).count();
            let _ = writeln!(text, "{path}  +{} -{}", count('+'), count('-'));
        }
    };
    if args.update {
        let now = past.now(&as_it_is(), catalog)?;
        for step in past.steps(&now)?.iter().filter(|step| is_wanted(&step.path)) {
            let ours = step.ours.as_deref().unwrap_or_default();
            match &step.decision {
                Decision::Take | Decision::Yours | Decision::Locked(_) => {
                    add(&step.path, ours, step.theirs.as_ref().map_or(&[], |f| &f.bytes));
                }
                Decision::Merged(after) | Decision::Conflict(Some(after)) => {
                    add(&step.path, ours, after);
                }
                Decision::Remove => add(&step.path, ours, &[]),
                Decision::Stay | Decision::StaysAway | Decision::Conflict(None) => {}
            }
        }
    } else {
        for (path, there) in past.touched()?.iter().filter(|(path, _)| is_wanted(path)) {
            let base = past.generated(path)?.unwrap_or_default();
            add(path, &base, there.as_deref().unwrap_or_default());
        }
    }
    ui::print(text)
}

/// The answers of the project and no others.
fn as_it_is() -> InitArgs {
    InitArgs { auto: true, force: true, ..InitArgs::default() }
}
