//! A pack: the folder with overlays, templates and knowledge that everything generated comes from.

use crate::error::{Code, Error, Faults, Problem, Result};
use crate::formats::hidden::visible;
use crate::formats::{quick, yaml};
use crate::pack::{builtin, path};
use crate::system::folder::Folder;
use crate::system::read::{self, Limits, Walk};
use crate::tree::{Bytes, Packed};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::ops::Deref;
use std::path::Path;

/// The pack format that this version reads.
pub const FORMAT: u64 = 1;
/// So many files a repository has at most where no pack says more: beyond it is a template gone wild.
pub const USUAL_FILES: usize = 5_000;
/// No pack may say more.
const MOST_FILES: usize = 50_000;
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

/// The path of a file below the pack, with `/`, and its content.
pub type Entry = (Cow<'static, str>, Content);

/// What a file of a pack holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// Part of the program.
    Built(&'static [u8]),
    /// Part of the program and copied as it is; the pristine copy of each repository wants it packed.
    Packed(&'static Packed),
    /// Read from a folder.
    Read(Bytes),
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Built(bytes) => bytes,
            Self::Packed(known) => known.bytes(),
            Self::Read(bytes) => bytes,
        }
    }
}

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
    /// The most files that a repository made of it has; absent means 5,000.
    pub files: Option<usize>,
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
    /// Sorted by path.
    files: Cow<'static, [Entry]>,
    /// It is the built-in one, of which the quick form is read.
    pub is_quick: bool,
}

impl Pack {
    /// The pack that is part of the program, in the quick form of it that tests have checked.
    ///
    /// # Errors
    /// Its `pack.yml` is wrong, which a test prevents.
    pub fn builtin() -> Result<Self> {
        Self::new(BUILTIN.to_owned(), Cow::Borrowed(builtin::files()), true)
    }

    /// The same pack, to be read and checked as those of others are.
    ///
    /// # Errors
    /// Its `pack.yml` is wrong.
    pub fn builtin_as_text() -> Result<Self> {
        Self::new(BUILTIN.to_owned(), Cow::Borrowed(builtin::files()), false)
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
        for name in FOLDERS.into_iter().chain(["pack.yml"]) {
            if let Some(other) = misnamed(&open, name)? {
                return Err(unfit(&format!("has no `{name}`, but `{other}`: rename it")));
            }
        }
        let about =
            open.read("pack.yml", LIMITS.file)?.ok_or_else(|| unfit("has no `pack.yml`"))?;
        let mut walk = Walk::new(LIMITS);
        for name in FOLDERS {
            walk.read(&open, name)?;
        }
        let mut files = walk.files();
        files.insert("pack.yml".to_owned(), about);
        let entry = |(path, bytes): (_, Vec<u8>)| (Cow::Owned(path), Content::Read(bytes.into()));
        let files: Vec<Entry> = files.into_iter().map(entry).collect();
        check_names(&prefix, &files)?;
        Self::new(prefix, Cow::Owned(files), false)
    }

    fn new(prefix: String, files: Cow<'static, [Entry]>, is_quick: bool) -> Result<Self> {
        let shown = format!("{prefix}pack.yml");
        let text = read::text(&shown, content(&files, "pack.yml"), Code::BadPack)?;
        let about: About = match quick_form(is_quick, "pack.yml") {
            Some(about) => about,
            None => yaml::parse(&shown, text, Code::BadPack)?,
        };
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
        if let Some(count) = about.files.filter(|count| !(1..=MOST_FILES).contains(count)) {
            let message = format!("`{count}` is not a number of files: 1 to {MOST_FILES}");
            return Err(fault("files", message).into());
        }
        Ok(Self { about, prefix, files, is_quick })
    }

    /// A digest of all that it holds: any changed byte is another pack.
    #[must_use]
    pub fn digest(&self) -> String {
        let line = |(path, bytes): &Entry| format!("{} {path}\0", crate::tree::digest(bytes));
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
        self.files.iter().map(|(_, content)| content.len() as u64).sum()
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
        read::text(&self.shown(path), content(&self.files, path), Code::BadPack)
    }

    /// What a file holds, without a copy of it; nothing where there is no such file.
    #[must_use]
    pub fn bytes_of(&self, path: &str) -> Bytes {
        match find(&self.files, path) {
            Some(Content::Read(bytes)) => bytes.clone(),
            Some(Content::Built(bytes)) => Cow::Borrowed(*bytes).into(),
            Some(Content::Packed(known)) => (*known).into(),
            None => Vec::new().into(),
        }
    }

    /// What the YAML of a file says, as it was parsed when the program was built, and the file; `None` where its text is
    /// to be read.
    #[must_use]
    pub fn quick<T: DeserializeOwned>(&self, path: &str) -> Option<(T, &'static [u8])> {
        let Content::Built(text) = find(builtin::files(), path)? else { return None };
        Some((quick_form(self.is_quick, path)?, text))
    }

    /// The paths of the files below `folder` (no `/` at the end), below it; nothing is unpacked for them.
    pub fn names_below<'a>(&'a self, folder: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.entries_below(folder).map(|(path, _)| path)
    }

    /// What a file holds.
    #[must_use]
    pub fn content(&self, path: &str) -> &[u8] {
        content(&self.files, path)
    }

    /// The files below `folder` (no `/` at the end), with their path below it.
    pub fn below<'a>(
        &'a self,
        folder: &str,
    ) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        self.entries_below(folder).map(|(path, content)| (path, &**content))
    }

    fn entries_below<'a>(
        &'a self,
        folder: &str,
    ) -> impl Iterator<Item = (&'a str, &'a Content)> + use<'a> {
        let start = format!("{folder}/");
        let first = self.files.partition_point(|(path, _)| **path < *start);
        self.files[first..].iter().map_while(move |(path, content)| {
            path.strip_prefix(start.as_str()).map(|rest| (rest, content))
        })
    }
}

/// What is there in the place of a part of a pack that is not: `template`, `Overlays`, `pack.yaml`.
fn misnamed(folder: &Folder, name: &str) -> Result<Option<String>> {
    if folder.see(name)?.is_some() {
        return Ok(None);
    }
    let bare =
        |name: &str| name.to_lowercase().replace(".yaml", ".yml").trim_end_matches('s').to_owned();
    Ok(folder.names()?.into_iter().find(|other| bare(other) == bare(name)))
}

fn quick_form<T: DeserializeOwned>(is_quick: bool, path: &str) -> Option<T> {
    builtin::quick(path).filter(|_| is_quick).and_then(quick::parse)
}

fn find<'f>(files: &'f [Entry], path: &str) -> Option<&'f Content> {
    let found = files.binary_search_by(|(other, _)| (**other).cmp(path));
    found.ok().map(|at| &files[at].1)
}

/// The content of a file; nothing where there is no such file.
fn content<'f>(files: &'f [Entry], path: &str) -> &'f [u8] {
    find(files, path).map_or(&[], |content| content)
}

/// Matching goes back to each star, so that many of them take for ever.
pub(crate) fn is_simple(pattern: &str) -> bool {
    pattern.replace("**", "*").matches('*').count() <= MOST_STARS
}

/// Names are the same on every system, so that a pack is too.
fn check_names(prefix: &str, files: &[Entry]) -> Result<()> {
    let mut faults = Faults::default();
    for (name, _) in files {
        if let Err(why) = path::check_source(name) {
            faults.add(|| Problem::new(Code::BadPath, why).file(format!("{prefix}{name}")));
        }
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| &**name).collect();
    for (one, other) in path::collisions(&names) {
        faults.add(|| {
            Problem::new(Code::BadPath, path::collision(&one, &other))
                .file(format!("{prefix}{other}"))
                .hint("rename one of them")
        });
    }
    Error::unless_empty(faults.problems(prefix.trim_end_matches('/')))
}
