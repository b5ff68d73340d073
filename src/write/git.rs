//! `git init`, where git is installed.

use crate::error::{Code, Error, Problem, Result};
use crate::system::process;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

/// Makes `folder` a repository, unless it is one or git is not installed. Commits and sets nothing. git holds `lock` as
/// well: if this process is killed, the next run waits for git, which may still be writing.
///
/// # Errors
/// git is there but fails.
pub fn init(folder: &Path, lock: &File) -> Result<()> {
    if folder.join(".git").symlink_metadata().is_ok() {
        return Ok(());
    }
    let failed = |cause: &std::io::Error| refuse(&cause.to_string());
    let lock = lock.try_clone().map_err(|cause| failed(&cause))?;
    let mut command = Command::new("git");
    command.args(["init", "--quiet"]).current_dir(folder);
    command.stdin(lock).stdout(Stdio::null()).stderr(Stdio::piped());
    // A hook of another repository may be what runs us; its variables would lead git there.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"] {
        command.env_remove(variable);
    }
    let child = match command.spawn() {
        Ok(child) => child,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(failed(&cause)),
    };
    let (status, said) = process::finish(child).map_err(|cause| failed(&cause))?;
    if status.success() {
        return Ok(());
    }
    Err(refuse(String::from_utf8_lossy(&said).trim()))
}

/// What is written does not depend on git: whoever cannot repair it does without.
fn refuse(why: &str) -> Error {
    Problem::new(Code::Io, format!("`git init` failed: {why}"))
        .fix(["--no-git"])
        .hint("repair git or its configuration, or write without a repository")
        .into()
}
