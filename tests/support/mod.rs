//! A hermetic harness: a temporary folder, an environment of its own, the real binary.
#![allow(dead_code)] // each test file uses its share

#[cfg(unix)]
pub mod pty;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder to work in, with an empty home beside it.
pub struct Sandbox {
    root: TempDir,
}

/// What a run did.
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// Fails with everything that was printed unless the exit status is this.
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

impl Sandbox {
    pub fn new() -> Self {
        let root = TempDir::new().unwrap();
        std::fs::create_dir(root.path().join("home")).unwrap();
        std::fs::create_dir(root.path().join("work")).unwrap();
        Self { root }
    }

    /// The folder in which commands run.
    pub fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.work().join(below)
    }

    pub fn write(&self, below: &str, text: &str) {
        let path = self.path(below);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Makes a folder that git takes for a repository.
    pub fn repository(&self, below: &str) {
        self.write(&format!("{below}/.git/HEAD"), "ref: refs/heads/main\n");
        for folder in ["objects", "refs"] {
            std::fs::create_dir_all(self.path(&format!("{below}/.git/{folder}"))).unwrap();
        }
    }

    pub fn read(&self, below: &str) -> String {
        std::fs::read_to_string(self.path(below)).unwrap_or_else(|error| panic!("{below}: {error}"))
    }

    /// A path on which programs of these names come first; each does what the script of `sh` says.
    #[cfg(unix)]
    pub fn with_programs(&self, names: &[&str], script: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = self.root.path().join("bin");
        std::fs::create_dir_all(&folder).unwrap();
        for name in names {
            let path = folder.join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scaffold"));
        command
            .args(arguments)
            .current_dir(self.work())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.root.path().join("home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdin(Stdio::null());
        if let Some(system) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", system);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        ran(&self.command(arguments).output().unwrap())
    }

    /// Every file below a folder, `.git/` left out, as path to content.
    pub fn tree(&self, below: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path(below), "", &mut files);
        files
    }
}

pub fn ran(output: &Output) -> Ran {
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            if name != ".git" {
                collect(&entry.path(), &format!("{path}/"), files);
            }
        } else if let Ok(target) = std::fs::read_link(entry.path()) {
            files.insert(path, target.to_string_lossy().into_owned().into_bytes());
        } else {
            files.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
}

/// The folder of a fixture pack.
pub fn pack(name: &str) -> String {
    format!("{}/tests/packs/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The sample that the README makes.
pub const BATCH: [&str; 5] = ["init", "demo", "--auto", "--pipeline-processing", "batch"];
