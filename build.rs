//! Embeds the built-in pack with what its YAML says in a quick form, and keeps what git does not know, and the line ends of a
//! checkout, out of it.
//!
//! `$OUT_DIR/builtin.rs` names each file of the pack, for those with YAML the same values in `MessagePack`, and those
//! that are copied as they are with their digest in the compressed form that the pristine copy of each repository needs. Nothing
//! is judged here: the types of `src/` read both forms, and tests hold them equal.

use packer::Packer;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

#[path = "src/keep/packer.rs"]
mod packer;

const PACK: [&str; 4] = ["pack.yml", "overlays", "templates", "knowledge"];

fn main() {
    for path in PACK {
        println!("cargo::rerun-if-changed={path}");
    }
    if env::var("PROFILE").as_deref() == Ok("release") {
        refuse_untracked();
    }
    embed(&folder("CARGO_MANIFEST_DIR"), &folder("OUT_DIR"));
}

fn folder(variable: &str) -> PathBuf {
    PathBuf::from(env::var_os(variable).expect("cargo sets it"))
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

/// A checkout on Windows may have changed them, and then every generated repository would have them, its scripts too.
fn refuse_line_ends_of_windows(path: &str, whole: &Path) {
    let text = fs::read_to_string(whole).unwrap_or_default();
    if text.contains("\r\n") {
        println!(
            "cargo::error={path} has line ends of Windows: check it out again with git's `core.autocrlf` off"
        );
    }
}

fn embed(root: &Path, out: &Path) {
    let mut paths = Vec::new();
    for path in PACK {
        collect(root, path, &mut paths);
    }
    // As `str` orders them: they are searched by halves.
    paths.sort();
    let (mut files, mut quick, mut packed) = (String::new(), String::new(), String::new());
    for (index, path) in paths.iter().enumerate() {
        let whole = root.join(path);
        refuse_line_ends_of_windows(path, &whole);
        let content = if is_copied(path) {
            let name = format!("F{index}");
            let _ = writeln!(packed, "static {name}: {}", pack(&whole, &out.join(&name)));
            format!("Content::Packed(&{name})")
        } else {
            format!("Built(include_bytes!({:?}))", text(&whole))
        };
        let _ = writeln!(files, "(Borrowed({path:?}), {content}),");
        if let Some(bytes) = in_quick_form(path, &whole) {
            let at = out.join(format!("{index}.quick"));
            fs::write(&at, bytes).expect("the output folder can be written");
            let _ = writeln!(quick, "({path:?}, include_bytes!({:?})),", text(&at));
        }
    }
    let all = format!(
        "{packed}static FILES: &[Entry] = &[\n{files}];\nstatic QUICK: &[(&str, &[u8])] = &[\n{quick}];\n"
    );
    fs::write(out.join("builtin.rs"), all).expect("the output folder can be written");
}

/// Whether some tree may hold the file as it is.
fn is_copied(path: &str) -> bool {
    path.starts_with("templates/")
        && path.strip_suffix(".jinja").is_none()
        && !path.contains(".parts/")
}

/// The digest and the compressed form of a file, as `tree::Packed` is written.
fn pack(whole: &Path, packed: &Path) -> String {
    let bytes = fs::read(whole).expect("the file can be read");
    let digest = Sha256::digest(&bytes);
    let digits = digest.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
    fs::write(packed, Packer::default().packed(&bytes)).expect("the output folder can be written");
    format!("Packed = Packed::new({digits:?}, include_bytes!({:?}));", text(packed))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("names are UTF-8")
}

/// The files at and below a path, with `/` on every system.
fn collect(root: &Path, path: &str, paths: &mut Vec<String>) {
    let Ok(folder) = fs::read_dir(root.join(path)) else { return paths.push(path.to_owned()) };
    for entry in folder {
        let name = entry.expect("the folder can be read").file_name();
        collect(root, &format!("{path}/{}", name.to_str().expect("names are UTF-8")), paths);
    }
}

/// What `pack.yml`, an overlay or the front matter of a document says.
fn in_quick_form(path: &str, whole: &Path) -> Option<Vec<u8>> {
    let is_markdown = Path::new(path).extension().is_some_and(|end| end.eq_ignore_ascii_case("md"));
    let is_document = path.starts_with("knowledge/") && is_markdown;
    if path.starts_with("templates/") || (path.starts_with("knowledge/") && !is_document) {
        return None;
    }
    let text = fs::read_to_string(whole).ok()?;
    let front = || Some(text.strip_prefix("---\n")?.split_once("\n---\n")?.0);
    let yaml = if is_document { front()? } else { &text };
    match serde_yaml::from_str::<serde_json::Value>(yaml) {
        Ok(value) => rmp_serde::to_vec(&value).ok(),
        Err(error) => {
            println!("cargo::error={path}: {error}");
            None
        }
    }
}
