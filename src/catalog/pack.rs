//! A pack: the folder with overlays, templates and knowledge that everything generated comes from.

use crate::error::{Code, Error, Problem, Result};
use crate::yaml;
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// The pack format that this version reads.
pub const FORMAT: u64 = 1;
const FOLDERS: [&str; 3] = ["overlays", "templates", "knowledge"];
/// What is put before the paths of the built-in pack.
const BUILTIN: &str = "scaffold:";
/// A pack is text; more than this in one file is a mistake.
const MOST_BYTES: u64 = 8 << 20;

static OVERLAYS: Dir = include_dir!("$CARGO_MANIFEST_DIR/overlays");
static TEMPLATES: Dir = include_dir!("$CARGO_MANIFEST_DIR/templates");
static KNOWLEDGE: Dir = include_dir!("$CARGO_MANIFEST_DIR/knowledge");

/// What `pack.yml` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The pack format; absent means 1.
    pub format: Option<u64>,
    /// Lower-case letters, digits, hyphens.
    pub name: String,
    /// Any text; shown, and kept in locks.
    pub version: String,
    /// One line.
    pub description: String,
    /// Patterns of files that are executable beside those that start with `#!`.
    #[serde(default)]
    pub executable: Vec<String>,
}

/// A pack in memory.
#[derive(Clone, Debug)]
pub struct Pack {
    /// From its `pack.yml`.
    pub about: About,
    /// What to put before a path of the pack to name it to people; empty, or it ends in `/`.
    pub prefix: String,
    /// Path below the pack, with `/`, to content.
    pub files: BTreeMap<String, Cow<'static, [u8]>>,
}

impl Pack {
    /// The pack that is part of the program.
    ///
    /// # Errors
    /// Its `pack.yml` is wrong, which a test prevents.
    pub fn builtin() -> Result<Self> {
        let mut files = BTreeMap::new();
        files.insert(
            "pack.yml".to_owned(),
            Cow::Borrowed(include_bytes!("../../pack.yml").as_slice()),
        );
        for (name, folder) in FOLDERS.into_iter().zip([&OVERLAYS, &TEMPLATES, &KNOWLEDGE]) {
            embed(name, folder, &mut files);
        }
        Self::new(BUILTIN.to_owned(), files)
    }

    /// Reads the pack in `folder`.
    ///
    /// # Errors
    /// No `pack.yml`, unreadable files, names that are not UTF-8, symbolic links, too large files.
    pub fn read(folder: &Path) -> Result<Self> {
        let shown = folder.display().to_string().replace('\\', "/");
        let prefix = format!("{}/", shown.trim_end_matches('/'));
        let about = folder.join("pack.yml");
        if !about.is_file() {
            let what = if folder.is_dir() { "has no `pack.yml`" } else { "is not a folder" };
            return Err(Problem::new(Code::BadPack, format!("the pack `{shown}` {what}"))
                .file(format!("{prefix}pack.yml"))
                .hint("a pack is a folder with `pack.yml`, `overlays/`, `templates/` and `knowledge/`")
                .into());
        }
        let mut files = BTreeMap::new();
        files.insert("pack.yml".to_owned(), Cow::Owned(read_file(&about)?));
        for name in FOLDERS {
            read_folder(folder, name, &mut files)?;
        }
        Self::new(prefix, files)
    }

    fn new(prefix: String, files: BTreeMap<String, Cow<'static, [u8]>>) -> Result<Self> {
        let shown = format!("{prefix}pack.yml");
        let text = text_of(&shown, &files["pack.yml"])?;
        let about: About = yaml::parse(&shown, text, Code::BadPack)?;
        let fault = |key: &str, message: String| {
            let (line, column) = yaml::locate(text, &[key.into()]).unwrap_or((1, 1));
            Problem::new(Code::BadPack, message).at(shown.as_str(), line, column)
        };
        if about.format.unwrap_or(FORMAT) != FORMAT {
            let found = about.format.unwrap_or_default();
            let message = format!(
                "the pack has format {found}, and this version of scaffold reads format {FORMAT}"
            );
            return Err(fault("format", message).into());
        }
        if about.name.is_empty()
            || !about
                .name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        {
            let message = format!(
                "`{}` is not a pack name: lower-case letters, digits and hyphens",
                about.name
            );
            return Err(fault("name", message).into());
        }
        Ok(Self { about, prefix, files })
    }

    /// A digest of all that it holds: any changed byte is another pack.
    #[must_use]
    pub fn digest(&self) -> String {
        let line = |(path, bytes): (&String, &Cow<[u8]>)| {
            format!("{} {path}\0", crate::write::digest(bytes))
        };
        crate::write::digest(self.files.iter().map(line).collect::<String>().as_bytes())
    }

    /// Whether it is part of the program; a folder always has a prefix that ends in `/`.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        self.prefix == BUILTIN
    }

    /// The path as it is shown to people.
    #[must_use]
    pub fn shown(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// The text of a file.
    ///
    /// # Errors
    /// It is not UTF-8.
    pub fn text(&self, path: &str) -> Result<&str> {
        text_of(&self.shown(path), &self.files[path])
    }

    /// The files below `folder` (no `/` at the end), with their path below it.
    pub fn below<'a>(
        &'a self,
        folder: &str,
    ) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        let start = format!("{folder}/");
        let from = start.clone();
        self.files.range(from..).map_while(move |(path, bytes)| {
            path.strip_prefix(start.as_str()).map(|rest| (rest, &**bytes))
        })
    }
}

fn text_of<'a>(shown: &str, bytes: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = before.matches('\n').count() + 1;
        Problem::new(Code::BadPack, "the file is not UTF-8 text").at(shown, line, 1).into()
    })
}

fn embed(name: &str, folder: &Dir<'static>, files: &mut BTreeMap<String, Cow<'static, [u8]>>) {
    for file in folder.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        files.insert(format!("{name}/{path}"), Cow::Borrowed(file.contents()));
    }
    for inner in folder.dirs() {
        embed(name, inner, files);
    }
}

fn read_folder(
    pack: &Path,
    name: &str,
    files: &mut BTreeMap<String, Cow<'static, [u8]>>,
) -> Result<()> {
    let folder = pack.join(name);
    if !folder.exists() {
        return Ok(());
    }
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name() {
        let entry =
            entry.map_err(|error| Problem::new(Code::Io, format!("reading the pack: {error}")))?;
        if entry.file_type().is_dir() {
            continue;
        }
        let below = entry.path().strip_prefix(pack).unwrap_or(entry.path());
        let shown = entry.path().display().to_string().replace('\\', "/");
        if !entry.file_type().is_file() {
            return Err(Problem::new(Code::BadPack, format!("`{shown}` is not a plain file"))
                .file(shown)
                .hint("a pack holds files and folders only, so that it is the same everywhere")
                .into());
        }
        let Some(path) = below.to_str() else {
            return Err(Problem::new(Code::BadPack, format!("the name `{shown}` is not UTF-8"))
                .file(shown)
                .into());
        };
        files.insert(path.replace('\\', "/"), Cow::Owned(read_file(entry.path())?));
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    let reading = |error| Error::io(&format!("reading `{}`", path.display()), &error);
    let size = std::fs::metadata(path).map_err(reading)?.len();
    if size > MOST_BYTES {
        let message = format!(
            "`{}` has {} MB; a file of a pack has at most {}",
            path.display(),
            size >> 20,
            MOST_BYTES >> 20
        );
        return Err(Problem::new(Code::Limit, message).file(path.display().to_string()).into());
    }
    std::fs::read(path).map_err(reading)
}
