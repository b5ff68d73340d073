//! Reading packs: those that a command line names, and the one that a template author works on.

use super::policy::Policy;
use crate::error::{Code, Problem, Result};
use crate::pack::{Catalog, Pack};
use crate::system::{memory, watch};
use std::path::{Path, PathBuf};

/// The built-in pack and those of `folders`.
///
/// # Errors
/// A pack cannot be read, is wrong, or is not allowed here.
pub fn catalog(folders: &[PathBuf]) -> Result<Catalog> {
    let mut packs = vec![Pack::builtin()?];
    for folder in folders {
        packs.push(Pack::read(folder)?);
    }
    Policy::read()?.check_packs(&packs)?;
    bound(&packs);
    Catalog::of(packs)
}

/// The pack of `folder`, on top of the built-in one, or in its place where it is another version of it; without a folder the
/// built-in one alone. Faults of overlays are
/// told beside, so that the rest can be looked at.
///
/// # Errors
/// The folder is no pack, its pack is not allowed here, or it has no overlay.
pub fn load(folder: Option<&Path>) -> Result<(Catalog, Vec<Problem>)> {
    let mut packs = vec![Pack::builtin_as_text()?];
    if let Some(folder) = folder {
        let pack = Pack::read(folder)?;
        packs.retain(|earlier| earlier.about.name != pack.about.name);
        packs.push(pack);
        Policy::read()?.check_packs(&packs)?;
        let pack = &packs[packs.len() - 1];
        if pack.below("overlays").next().is_none() {
            let message = format!("the pack `{}` has no overlay", pack.about.name);
            let problem = Problem::new(Code::BadPack, message).file(pack.shown("overlays"));
            return Err(problem.hint("a project type is one file below `overlays/`").into());
        }
    }
    bound(&packs);
    Ok(Catalog::lenient(packs))
}

/// Bounds memory and time of the program where there are packs of others. This comes before their overlays are checked, because
/// that already computes what they say.
fn bound(packs: &[Pack]) {
    let others: Vec<u64> =
        packs.iter().filter(|pack| !pack.is_builtin()).map(Pack::bytes).collect();
    if !others.is_empty() {
        memory::bound(others.iter().sum());
        watch::begin();
    }
}
