//! The only way in: files of users, repositories and packs, and standard input, are read here and within limits.
//!
//! Only regular files are read, and nothing is waited for. Below a repository or a pack no link is followed; a path that
//! the user gives may be a link, because it is the user's own.

use crate::error::{Code, Error, Problem, Result};
use crate::formats::hidden::visible;
use crate::formats::place;
use crate::system::folder::{self, Folder, Kind};
use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::path::Path;

/// The most bytes of an answers file, a configuration or a state.
pub const CONFIGURATION: u64 = 1 << 20;
/// The most bytes of a document of a project that a guide shows.
pub const OUTPUT: u64 = 1 << 20;

/// How much of a folder is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// What is read, as the subject of a sentence.
    pub what: &'static str,
    /// Bytes of one file.
    pub file: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Files and folders.
    pub entries: usize,
    /// Folders in one another.
    pub depth: usize,
    /// The code of what is no file or folder, or beyond the depth.
    pub code: Code,
}

/// A path as it is shown, on any system.
#[must_use]
pub fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// What the file holds that the user names; `None` if nothing is there.
///
/// # Errors
/// With `code`: it is no regular file, or a link that leads nowhere; [`Code::Limit`]; [`Code::Io`].
pub fn named(path: &Path, most: u64, code: Code) -> Result<Option<Vec<u8>>> {
    let failed = |cause: &io::Error| {
        let what = format!("`{}` cannot be read: {cause}", shown(path));
        Error::from(Problem::new(Code::Io, what).file(shown(path)))
    };
    // It is looked at before it is opened, because some devices act when they are opened.
    let found = match std::fs::metadata(path) {
        Ok(found) => found,
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return absent(path, code).map(|()| None);
        }
        Err(cause) => return Err(failed(&cause)),
    };
    refuse_special(path, &found, code)?;
    let file = open(path).map_err(|cause| failed(&cause))?;
    refuse_special(path, &file.metadata().map_err(|cause| failed(&cause))?, code)?;
    match folder::read_open(file, most).map_err(|cause| failed(&cause))? {
        Some(bytes) => Ok(Some(bytes)),
        None => Err(folder::too_large(path, most)),
    }
}

/// Nothing can be read at the path: whether that is because nothing is there.
fn absent(path: &Path, code: Code) -> Result<()> {
    for part in path.ancestors() {
        let Ok(found) = std::fs::symlink_metadata(part) else { continue };
        let what = if found.is_symlink() {
            "a link that leads nowhere"
        } else if found.is_file() {
            "a file, where a folder is needed"
        } else {
            // A home such as `/dev/null` is the way to say that there is none.
            return Ok(());
        };
        let message = format!("`{}` cannot be read: `{}` is {what}", shown(path), shown(part));
        return Err(Problem::new(code, message)
            .file(shown(path))
            .hint("fix it or remove it")
            .into());
    }
    Ok(())
}

fn refuse_special(path: &Path, found: &Metadata, code: Code) -> Result<()> {
    if found.is_file() {
        return Ok(());
    }
    let what = if found.is_dir() { "a folder" } else { "a device, a pipe or a socket" };
    let message = format!("`{}` is {what}, not a file", shown(path));
    Err(Problem::new(code, message).file(shown(path)).hint("name a regular file").into())
}

/// Opening a pipe would wait for a writer.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK.bits();
    File::options().read(true).custom_flags(flags.cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// All of standard input, up to `most` bytes.
///
/// # Errors
/// [`Code::Limit`]; [`Code::Io`].
pub fn stdin(most: u64) -> Result<Vec<u8>> {
    let read = folder::read_open(io::stdin().lock(), most);
    let read = read.map_err(|cause| Error::io("reading standard input", &cause))?;
    read.ok_or_else(|| folder::too_large(Path::new("stdin"), most))
}

/// What the file at `path` below `root` holds; `None` if nothing is there.
///
/// # Errors
/// As [`Folder::read`].
pub fn below(root: &Path, path: &str, most: u64) -> Result<Option<Vec<u8>>> {
    if !folder::behind(root)?.is_some_and(|found| found.is_dir()) {
        return Ok(None);
    }
    Folder::open(root)?.read(path, most).map_err(|error| within(root, error))
}

/// Problems of a folder name paths below it; users know them from where they are.
fn within(root: &Path, mut error: Error) -> Error {
    for problem in &mut error.problems {
        if let Some(crate::error::Place::Path { file }) = &mut problem.place
            && !Path::new(file.as_str()).starts_with(root)
        {
            *file = shown(&root.join(&*file));
        }
    }
    error
}

/// Reads folders as a whole, all of them together within one set of limits.
#[derive(Debug)]
pub struct Walk {
    limits: Limits,
    bytes: u64,
    entries: usize,
    files: BTreeMap<String, Vec<u8>>,
}

impl Walk {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, bytes: 0, entries: 0, files: BTreeMap::new() }
    }

    /// What was read, by path below the root.
    #[must_use]
    pub fn files(self) -> BTreeMap<String, Vec<u8>> {
        self.files
    }

    /// Reads the folder at `path` below `root` with all that is in it; nothing there is no error.
    ///
    /// # Errors
    /// A link, a device or a name that is not UTF-8; a limit; [`Code::Io`].
    pub fn read(&mut self, root: &Folder, path: &str) -> Result<()> {
        let Some(seen) = root.see(path)? else { return Ok(()) };
        if seen.kind != Kind::Folder {
            let hint = "a folder is needed here";
            return Err(unfit(&root.join(path), seen.kind, self.limits.code, hint));
        }
        match root.below(path)? {
            Some(folder) => self.folder(&folder, path, self.limits.depth),
            None => Ok(()),
        }
    }

    fn folder(&mut self, folder: &Folder, path: &str, levels: usize) -> Result<()> {
        let Some(levels) = levels.checked_sub(1) else {
            let deepest = self.limits.depth;
            let message = format!("folders lie in one another more than {deepest} deep");
            return Err(Problem::new(Code::Limit, message).file(shown(folder.path())).into());
        };
        for name in folder.names()?.into_iter().filter(|name| !is_litter(name)) {
            self.entry(folder, &name, format!("{path}/{name}"), levels)?;
        }
        Ok(())
    }

    fn entry(&mut self, folder: &Folder, name: &str, path: String, levels: usize) -> Result<()> {
        let whole = folder.join(name);
        let limits = self.limits;
        self.entries += 1;
        if self.entries > limits.entries {
            let message =
                format!("{} has more than {} files and folders", limits.what, limits.entries);
            return Err(Problem::new(Code::Limit, message).file(shown(&whole)).into());
        }
        let Some(seen) = folder.see(name)? else { return Ok(()) };
        if seen.kind == Kind::Folder {
            let Some(inner) = folder.below(name)? else { return Ok(()) };
            return self.folder(&inner, &path, levels);
        }
        if seen.kind != Kind::File {
            let hint = "only files and folders are read, so that they are the same everywhere";
            return Err(unfit(&whole, seen.kind, limits.code, hint));
        }
        let Some(bytes) = folder.read(name, limits.file)? else { return Ok(()) };
        self.bytes += bytes.len() as u64;
        if self.bytes > limits.bytes {
            let message = format!("{} has more than {} MB", limits.what, limits.bytes >> 20);
            return Err(Problem::new(Code::Limit, message).file(shown(&whole)).into());
        }
        self.files.insert(path, bytes);
        Ok(())
    }
}

/// Whether systems, editors or Python leave a file or folder of this name behind: nobody means it to be in a repository, and
/// the lock file of Emacs is a link to nowhere.
fn is_litter(name: &str) -> bool {
    matches!(name, ".DS_Store" | "Thumbs.db" | "desktop.ini" | "__pycache__")
        || name.starts_with("._")
        || name.starts_with(".#")
        || name.starts_with('#') && name.ends_with('#')
        || name.ends_with('~')
        || Path::new(name).extension().is_some_and(|end| end == "pyc" || end == "swp")
}

fn unfit(path: &Path, kind: Kind, code: Code, hint: &str) -> Error {
    let what = match kind {
        Kind::Link => "a link, and links are not followed",
        Kind::File => "a file",
        Kind::Folder => "a folder",
        Kind::Other => "a device, a pipe or a socket",
    };
    let path = shown(path);
    Problem::new(code, format!("`{path}` is {what}")).file(path).hint(hint).into()
}

/// The content of a file as text, without byte order marks: a file that was put together of others may begin with several.
///
/// # Errors
/// With `code`: it is not UTF-8; the place is that of the first byte that is not.
pub fn text<'b>(file: &str, mut bytes: &'b [u8], code: Code) -> Result<&'b str> {
    if let Some(encoding) = wide(bytes) {
        let problem = Problem::new(code, format!("the file is {encoding} text")).at(file, 1, 1);
        return Err(problem.hint("save it as UTF-8; `>` in PowerShell writes UTF-16").into());
    }
    while let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        bytes = rest;
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let (line, column) = place(std::str::from_utf8(&bytes[..at]).unwrap_or_default());
        let message = format!("the file is not UTF-8 text: it holds the byte {:02X}", bytes[at]);
        Problem::new(code, message).at(file, line, column).hint("save it as UTF-8").into()
    })
}

/// The encoding of a text whose characters have more than one byte: by its byte order mark, or because many of its bytes
/// are empty, and all of these at even or all at odd places.
fn wide(bytes: &[u8]) -> Option<&'static str> {
    if let [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] = bytes {
        return Some("UTF-32");
    }
    let start = &bytes[..bytes.len().min(4096)];
    let empty = |odd: usize| start.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (empty(0), empty(1));
    let is_wide = (even == 0) != (odd == 0) && (even + odd) * 8 >= start.len();
    (is_wide || matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])).then_some("UTF-16")
}

/// A path that a pack gives and that is read below a repository.
///
/// # Errors
/// A sentence: it is absolute, leads elsewhere, or belongs to git.
pub fn check_path(path: &str) -> Result<(), String> {
    let shown = visible(path);
    if path.starts_with('/') || path.contains('\\') || path.as_bytes().get(1) == Some(&b':') {
        return Err(format!("`{shown}` is not a path below the repository, with `/`"));
    }
    if path.chars().any(char::is_control) {
        return Err(format!("`{shown}` holds a control character"));
    }
    // A folder may be named, with `/` at its end.
    let path = path.strip_suffix('/').unwrap_or(path);
    for part in path.split('/') {
        if matches!(part, "" | "." | "..") {
            return Err(format!("`{shown}` is not a plain path below the repository"));
        }
        if part.eq_ignore_ascii_case(".git") || part.eq_ignore_ascii_case("git~1") {
            return Err(format!("`{shown}` belongs to git"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(error: &Error) -> &'static str {
        error.problems[0].code.name
    }

    #[test]
    fn a_byte_that_is_no_text_is_told_with_its_place() {
        let problem =
            text("f", b"a\nb\xc3\xbc\xff", Code::BadConfig).unwrap_err().problems.remove(0);
        assert_eq!(problem.place, Problem::new(Code::BadConfig, "").at("f", 2, 3).place);
        assert!(problem.message.contains("the byte FF"), "{}", problem.message);
        assert_eq!(text("f", b"\xef\xbb\xbfa", Code::BadConfig).unwrap(), "a");
    }

    #[test]
    fn byte_order_marks_are_passed_over_and_wide_text_is_named() {
        for marks in ["", "\u{feff}", "\u{feff}\u{feff}"] {
            let file = format!("{marks}a: 1\n");
            assert_eq!(text("f", file.as_bytes(), Code::BadConfig).unwrap(), "a: 1\n");
        }
        let little: Vec<u8> = "漢字: 2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "größe: 2\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let said = |bytes: &[u8]| text("f", bytes, Code::BadConfig).unwrap_err().problems.remove(0);
        for utf16 in [b"\xff\xfea\0", b"\xfe\xff\0a", b"a\0b\0", b"\0a\0b", &little[..], &big] {
            assert_eq!(said(utf16).message, "the file is UTF-16 text", "{utf16:?}");
        }
        assert_eq!(said(b"\xff\xfe\0\0a\0\0\0").message, "the file is UTF-32 text");
        // One empty byte in a text is a mistake of another kind, which has a place.
        assert!(text("f", b"a: 1\nb: a long text\0\n", Code::BadConfig).is_ok());
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_and_not_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(named(&path, 5, Code::BadConfig).unwrap().as_deref(), Some(&b"12345"[..]));
        assert_eq!(code(&named(&path, 4, Code::BadConfig).unwrap_err()), "limit");
        assert_eq!(code(&below(folder.path(), "a", 4).unwrap_err()), "limit");
        assert_eq!(named(&folder.path().join("b/c"), 4, Code::BadConfig).unwrap(), None);
        assert_eq!(below(&folder.path().join("b"), "c", 4).unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_read_and_nothing_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, mode, 0)
            .unwrap();
        std::fs::write(at("file"), "x").unwrap();
        std::fs::create_dir(at("folder")).unwrap();
        for (link, to) in [("good", "file"), ("dangling", "nowhere"), ("device", "/dev/zero")] {
            std::os::unix::fs::symlink(to, at(link)).unwrap();
        }
        std::os::unix::fs::symlink("gone", at("way")).unwrap();
        for name in ["pipe", "folder", "dangling", "device", "way/file", "file/x"] {
            assert_eq!(
                code(&named(&at(name), 9, Code::BadConfig).unwrap_err()),
                "bad-config",
                "{name}"
            );
        }
        assert_eq!(named(&at("good"), 9, Code::BadConfig).unwrap().as_deref(), Some(&b"x"[..]));
        assert_eq!(named(Path::new("/dev/null/x"), 9, Code::BadConfig).unwrap(), None);
        for name in ["pipe", "folder", "dangling", "device", "good", "way/file"] {
            assert!(below(folder.path(), name, 9).is_err(), "{name}");
        }
    }

    #[test]
    fn what_systems_and_editors_leave_in_a_tree_is_no_part_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str| {
            let path = folder.path().join("t").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        };
        let kept = ["#a", "a.swp.md", "a/.gitkeep", "a~b", "pyc"];
        let litter = [
            ".DS_Store",
            "._a",
            "a/Thumbs.db",
            "a/__pycache__/b.py",
            "c.pyc",
            "d~",
            ".e.swp",
            "#f#",
        ];
        for name in kept.iter().chain(&litter) {
            put(name);
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("nobody@host.1", folder.path().join("t/.#a")).unwrap();
        let limits =
            Limits { what: "it", file: 4, bytes: 99, entries: 99, depth: 3, code: Code::BadPack };
        let mut walk = Walk::new(limits);
        walk.read(&Folder::open(folder.path()).unwrap(), "t").unwrap();
        let found: Vec<String> = walk.files().into_keys().collect();
        assert_eq!(found, kept.map(|name| format!("t/{name}")));
    }

    #[test]
    fn a_tree_ends_at_each_of_its_limits() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("t/a/b")).unwrap();
        std::fs::write(folder.path().join("t/a/b/c"), "1234").unwrap();
        std::fs::write(folder.path().join("t/d"), "12").unwrap();
        let fits =
            Limits { what: "it", file: 4, bytes: 6, entries: 4, depth: 3, code: Code::BadPack };
        let read = |limits: Limits| {
            let mut walk = Walk::new(limits);
            walk.read(&Folder::open(folder.path()).unwrap(), "t")?;
            Ok::<_, Error>(walk.files().into_keys().collect::<Vec<_>>())
        };
        assert_eq!(read(fits).unwrap(), ["t/a/b/c", "t/d"]);
        for limits in [
            Limits { file: 3, ..fits },
            Limits { bytes: 5, ..fits },
            Limits { entries: 3, ..fits },
            Limits { depth: 2, ..fits },
        ] {
            assert!(read(limits).is_err(), "{limits:?}");
        }
    }

    #[test]
    fn a_path_of_a_pack_stays_below_the_repository() {
        for path in ["docs/a.md", "docs/", ".github/x", "package.json"] {
            assert_eq!(check_path(path), Ok(()), "{path}");
        }
        for path in [
            "",
            "/etc/passwd",
            "../key",
            "a/../../key",
            "a//b",
            "./a",
            ".git/config",
            "a/.GIT/x",
            "C:/x",
            "a\\b",
            "a\0b",
        ] {
            assert!(check_path(path).is_err(), "{path:?}");
        }
    }
}
