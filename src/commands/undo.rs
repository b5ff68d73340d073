//! `scaffold update --abort`: the last `update` or `set` is undone, as long as nothing that it wrote was edited.
//!
//! What that needs lies in this user's own folder and not in the repository, which is what `init` with the same answers gives.

use super::location::Location;
use crate::cli::{Format, UpdateArgs};
use crate::error::{Code, Error, Problem, Result};
use crate::keep::pristine::{is_object, packed, unpacked};
use crate::system::folder::{Access, Folder};
use crate::system::interrupt;
use crate::system::private::{self, Purpose};
use crate::system::read;
use crate::tree::{count_of_files, digest};
use crate::ui;
use crate::write::{self, Action, Apply, Change};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;

/// No record is larger, in bytes.
const MOST_BYTES: usize = 256 << 20;

/// How one file was before the update, and the digest of what it is since; `None` where there is no such file.
#[derive(Serialize, Deserialize)]
struct Was {
    path: String,
    before: Option<Vec<u8>>,
    after: Option<String>,
    executable: bool,
}

/// Keeps what undoes `changes`, which were made below `root`.
///
/// # Errors
/// There is no folder for it, or the system refuses.
pub fn keep(root: &Path, changes: &[Change]) -> Result<()> {
    let was = |change: &Change| Was {
        path: change.path.clone(),
        before: change.before.clone(),
        after: (change.action != Action::Remove).then(|| change.after.digest().to_owned()),
        executable: change.executable,
    };
    let all: Vec<Was> = changes.iter().filter(|change| change.writes()).map(was).collect();
    let bytes = rmp_serde::to_vec(&all).unwrap_or_default();
    let (folder, name) = (private::open(Purpose::Updates, root)?, name(root));
    folder.remove(&name)?;
    folder.create(&name, &packed(&bytes), Access::Private)?;
    Ok(())
}

/// Undoes it and reports.
///
/// # Errors
/// Nothing is known of an update here; [`Code::Conflict`], with nothing written: a file is no longer what the update made it.
pub fn run(args: &UpdateArgs, location: &Location) -> Result<()> {
    let root = location.around();
    let folder = private::look(Purpose::Updates, root)?;
    let kept = match &folder {
        Some(folder) => read_record(folder, root)?,
        None => None,
    };
    let Some(kept) = kept else {
        let message = "no update is known here that could be undone";
        let hint = "only the last one can be, by the user and on the machine that made it; else go back with git";
        return Err(Problem::new(Code::Conflict, message).hint(hint).into());
    };
    let (mut changes, mut problems) = (Vec::new(), Vec::new());
    for was in kept {
        let mut now = read::below(root, &was.path, MOST_BYTES as u64)?;
        // What only has other capitals is another file of the update.
        if was.after.is_none() && now.is_some() && !Folder::open(root)?.is_listed(&was.path)? {
            now = None;
        }
        if now.as_deref().map(digest) == was.after {
            changes.extend(undone(was, now));
            continue;
        }
        let path = location.seen(root, &was.path);
        let message = format!("`{path}` was changed since the update");
        let hint = "nothing is undone; put it back as the update made it, or go back with git";
        problems.push(Problem::new(Code::Conflict, message).file(path).hint(hint));
    }
    Error::unless_empty(problems)?;
    if !args.init.dry_run {
        interrupt::deferred(|| write::apply(root, &changes, &Apply::default()))?;
        if let Some(folder) = folder {
            folder.remove(&name(root))?;
        }
    }
    let paths: Vec<String> =
        changes.iter().map(|change| location.seen(root, &change.path)).collect();
    if args.init.format == Format::Json {
        return ui::document(&json!({
            "schema": ui::SCHEMA, "ok": true, "command": args.name, "exit_code": 0, "undone": paths,
        }));
    }
    // What the repository remembers goes along; nobody reads it.
    let shown: Vec<&String> = paths.iter().filter(|path| !is_object(path)).collect();
    let lines = shown.iter().map(|path| format!("{path}\n")).collect::<Vec<_>>().concat();
    let what = if args.init.dry_run { "would be" } else { "are" };
    ui::print(format!("{lines}{} {what} as before the update\n", count_of_files(shown.len())))
}

fn undone(was: Was, now: Option<Vec<u8>>) -> Option<Change> {
    match (was.before, now) {
        (Some(before), now) => Some(Change {
            action: if now.is_some() { Action::Overwrite } else { Action::Create },
            before: now,
            after: before.into(),
            executable: was.executable,
            path: was.path,
            layers: Vec::new(),
        }),
        (None, Some(now)) => Some(Change::removal(was.path, now)),
        (None, None) => None,
    }
}

fn read_record(folder: &Folder, root: &Path) -> Result<Option<Vec<Was>>> {
    let Some(bytes) = folder.read(&name(root), MOST_BYTES as u64)? else { return Ok(None) };
    Ok(unpacked(&bytes, MOST_BYTES).and_then(|bytes| rmp_serde::from_slice(&bytes).ok()))
}

/// One record for each repository.
fn name(root: &Path) -> String {
    digest(root.as_os_str().as_encoded_bytes())
}
