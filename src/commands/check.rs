//! `scaffold check` and `scaffold diff`: how a repository differs from what was generated, and whether an update is at hand.

use super::follow::Past;
use crate::cli::{CheckArgs, DiffArgs, Format, InitArgs};
use crate::error::{Exit, Result};
use crate::keep::follow::{Decision, same};
use crate::pack::Catalog;
use crate::ui;
use crate::write;
use serde_json::json;
use std::fmt::Write as _;

/// Shows what was edited or deleted, and what an update would touch.
///
/// # Errors
/// No project, no lock; what cannot be read.
pub fn check(args: &CheckArgs, catalog: &Catalog) -> Result<Exit> {
    let past = Past::open(None)?;
    let (mut edited, mut deleted) = (Vec::new(), Vec::new());
    for (path, entry) in &past.lock.files {
        match past.there(path)? {
            None => deleted.push(path.clone()),
            Some(ours) if crate::tree::digest(&ours) == entry.digest => {}
            // A checkout with other line endings is no change.
            Some(ours) => {
                let base = past.generated(path)?;
                if !same(base.as_deref(), Some(&ours)) {
                    edited.push(path.clone());
                }
            }
        }
    }
    let now = past.now(&as_it_is(), catalog)?;
    let steps = past.steps(&now.by_path)?;
    let touched = |step: &&crate::commands::follow::Step| {
        !matches!(step.decision, Decision::Stay | Decision::StaysAway)
    };
    let update: Vec<String> = steps.iter().filter(touched).map(|step| step.path.clone()).collect();
    let differs = !edited.is_empty() || !deleted.is_empty() || !update.is_empty();
    let exit = if args.strict && differs { Exit::Failed } else { Exit::Done };
    if args.format == Format::Json {
        ui::document(&json!({
            "schema": ui::SCHEMA, "ok": true, "command": "check", "exit_code": exit as i32, "tool": past.lock.tool,
            "edited": edited, "deleted": deleted, "update": update,
        }))?;
        return Ok(exit);
    }
    let mut lines = Vec::new();
    let mut list = |what: &str, paths: &[String]| {
        lines.extend(paths.iter().map(|path| format!("{what:<8}  {path}\n")));
    };
    list("edited", &edited);
    list("deleted", &deleted);
    list("update", &update);
    let summary = match (differs, update.len()) {
        (false, _) => {
            "everything is as it was generated, and nothing newer is at hand\n".to_owned()
        }
        (_, 0) => "no update is at hand\n".to_owned(),
        (_, count) => {
            format!("`scaffold update` would change {}\n", crate::tree::count_of_files(count))
        }
    };
    ui::print(lines.concat() + &summary)?;
    Ok(exit)
}

/// Shows the differences.
///
/// # Errors
/// As [`check`].
pub fn diff(args: &DiffArgs, catalog: &Catalog) -> Result<()> {
    let past = Past::open(None)?;
    let is_wanted = |path: &str| {
        args.path.as_deref().is_none_or(|wanted| {
            let wanted = wanted.trim_start_matches("./").trim_end_matches('/');
            path == wanted || path.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/'))
        })
    };
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
        for step in past.steps(&now.by_path)?.iter().filter(|step| is_wanted(&step.path)) {
            let ours = step.ours.as_deref().unwrap_or_default();
            match &step.decision {
                Decision::Take => {
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
        for path in past.lock.files.keys().filter(|path| is_wanted(path)) {
            let (base, ours) = (past.generated(path)?, past.there(path)?);
            if !same(base.as_deref(), ours.as_deref()) {
                add(path, base.as_deref().unwrap_or_default(), ours.as_deref().unwrap_or_default());
            }
        }
    }
    ui::print(text)
}

/// The answers of the project and no others.
fn as_it_is() -> InitArgs {
    InitArgs { auto: true, force: true, ..InitArgs::default() }
}
