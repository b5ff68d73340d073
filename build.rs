//! Rebuilds when a file of the built-in pack changes, and keeps what git does not know out of releases.

use std::process::Command;

const PACK: [&str; 4] = ["pack.yml", "overlays", "templates", "knowledge"];

fn main() {
    for path in PACK {
        println!("cargo::rerun-if-changed={path}");
    }
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        refuse_untracked();
    }
}

/// An editor's backup or a stray cache must not be embedded. Where git is absent there is nothing to compare.
fn refuse_untracked() {
    let arguments = ["ls-files", "--others", "--exclude-standard", "--"];
    let Ok(listed) = Command::new("git").args(arguments).args(PACK).output() else { return };
    let untracked = String::from_utf8_lossy(&listed.stdout);
    if listed.status.success() && !untracked.is_empty() {
        println!(
            "cargo::error=not tracked by git, so not embedded: {}",
            untracked.replace('\n', " ")
        );
    }
}
