//! `git init`, where git is installed.

use crate::error::{Code, Error, Problem, Result};
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

/// Makes `folder` a repository, unless it is one or git is not installed. Commits and sets nothing.
///
/// # Errors
/// git is there but fails.
pub fn init(folder: &Path) -> Result<()> {
    if folder.join(".git").symlink_metadata().is_ok() {
        return Ok(());
    }
    let mut command = Command::new("git");
    command.args(["init", "--quiet"]).current_dir(folder).stdin(Stdio::null());
    // A hook of another repository may be what runs us; its variables would lead git there.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"] {
        command.env_remove(variable);
    }
    let output = match command.output() {
        Ok(output) => output,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(Error::io("running `git init`", &cause)),
    };
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Problem::new(Code::Io, format!("`git init` failed: {}", said.trim())).into())
}
