//! A pack: the folder with overlays, templates and knowledge that everything generated comes from.

use crate::error::{Code, Error, Faults, Problem, Result};
use crate::formats::hidden::visible;
use crate::formats::yaml;
use crate::pack::path;
use crate::system::folder::Folder;
use crate::system::read::{self, Limits, Walk};
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// The pack format that this version reads.
pub const FORMAT: u64 = 1;
/// Stars in a pattern of `executable`.
const MOST_STARS: usize = 4;
const FOLDERS: [&str; 3] = ["overlays", "templates", "knowledge"];
/// What is put before the paths of the built-in pack.
const BUILTIN: &str = "scaffold:";
/// A pack is text; more than this is a mistake.
const LIMITS: Limits = Limits {
    what: "the pack",
    file: 8 << 20,
    bytes: 64 << 20,
    entries: 50_000,
    depth: 32,
    code: Code::BadPack,
};

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
    /// Findings of `pack lint` and `pack test` that are wanted.
    #[serde(default)]
    pub allow: Vec<Allowance>,
}

/// A finding that is wanted, and why.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// A pattern of paths: of the pack, or of the generated repository where the finding is about that.
    pub file: String,
    /// The code of the finding.
    pub finding: String,
    /// The reason, for those who read the pack.
    pub because: String,
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
    /// No `pack.yml`, unreadable files, names that some system cannot have, links, more than a limit.
    pub fn read(folder: &Path) -> Result<Self> {
        let shown = read::shown(folder);
        let prefix = format!("{}/", shown.trim_end_matches('/'));
        let unfit = |what: &str| {
            Error::from(Problem::new(Code::BadPack, format!("the pack `{shown}` {what}"))
                .file(format!("{prefix}pack.yml"))
                .hint("a pack is a folder with `pack.yml`, `overlays/`, `templates/` and `knowledge/`"))
        };
        if !folder.is_dir() {
            return Err(unfit("is not a folder"));
        }
        let open = Folder::open(folder)?;
        let about =
            open.read("pack.yml", LIMITS.file)?.ok_or_else(|| unfit("has no `pack.yml`"))?;
        let mut walk = Walk::new(LIMITS);
        for name in FOLDERS {
            walk.read(&open, name)?;
        }
        let mut files: BTreeMap<_, _> =
            walk.files().into_iter().map(|(path, bytes)| (path, Cow::Owned(bytes))).collect();
        files.insert("pack.yml".to_owned(), Cow::Owned(about));
        check_names(&prefix, &files)?;
        Self::new(prefix, files)
    }

    fn new(prefix: String, files: BTreeMap<String, Cow<'static, [u8]>>) -> Result<Self> {
        let shown = format!("{prefix}pack.yml");
        let text = read::text(&shown, &files["pack.yml"], Code::BadPack)?;
        let about: About = yaml::parse(&shown, text, Code::BadPack)?;
        let fault = |key: &str, message: String| {
            let (line, column) = yaml::Places::of(text).find(&[key.into()]).unwrap_or((1, 1));
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
        if let Some(pattern) = about.executable.iter().find(|pattern| !is_simple(pattern)) {
            let message = format!("`{}` has more than {MOST_STARS} stars", visible(pattern));
            return Err(fault("executable", message).into());
        }
        Ok(Self { about, prefix, files })
    }

    /// A digest of all that it holds: any changed byte is another pack.
    #[must_use]
    pub fn digest(&self) -> String {
        let line = |(path, bytes): (&String, &Cow<[u8]>)| {
            format!("{} {path}\0", crate::tree::digest(bytes))
        };
        crate::tree::digest(self.files.iter().map(line).collect::<String>().as_bytes())
    }

    /// Whether it is part of the program; a folder always has a prefix that ends in `/`.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        self.prefix == BUILTIN
    }

    /// The size of all its files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|content| content.len() as u64).sum()
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
        read::text(&self.shown(path), &self.files[path], Code::BadPack)
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

/// Matching goes back to each star, so that many of them take for ever.
pub(crate) fn is_simple(pattern: &str) -> bool {
    pattern.replace("**", "*").matches('*').count() <= MOST_STARS
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

/// Names are the same on every system, so that a pack is too.
fn check_names(prefix: &str, files: &BTreeMap<String, Cow<'static, [u8]>>) -> Result<()> {
    let mut faults = Faults::default();
    for name in files.keys() {
        if let Err(why) = path::check_source(name) {
            faults.add(|| Problem::new(Code::BadPath, why).file(format!("{prefix}{name}")));
        }
    }
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    for (one, other) in path::collisions(&names) {
        faults.add(|| {
            Problem::new(Code::BadPath, path::collision(&one, &other))
                .file(format!("{prefix}{other}"))
                .hint("rename one of them")
        });
    }
    Error::unless_empty(faults.told(prefix.trim_end_matches('/')))
}
