//! Refuses output paths that leave the destination or cannot exist on every system.

use crate::formats::hidden::{is_hidden, is_joiner};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use unicode_normalization::UnicodeNormalization as _;

const LONGEST_SEGMENT: usize = 200;
const LONGEST_PATH: usize = 240;

/// Checks one rendered output path: relative, `/` between segments, good on every system.
///
/// # Errors
/// A sentence that says what is wrong with the path.
pub fn validate(path: &str) -> Result<(), String> {
    if path.is_empty() {
        return Err("the path is empty".to_owned());
    }
    if path.len() > LONGEST_PATH {
        return Err(format!("the path has {} bytes, more than {LONGEST_PATH}", path.len()));
    }
    if path.starts_with('/') {
        return Err("the path is absolute".to_owned());
    }
    if let Some(bad) = path.chars().find(|c| is_refused(*c)) {
        return Err(format!("the path holds {}", described(bad)));
    }
    path.split('/').try_for_each(segment)
}

/// Checks the path of a file of a pack, which may hold expressions in `{{ }}`: the path that comes of them is for
/// [`validate`].
///
/// # Errors
/// A sentence that says what is wrong with the path.
pub fn check_source(path: &str) -> Result<(), String> {
    let is_refused = |c: &char| is_refused(*c) && (is_unseen(*c) || !path.contains('{'));
    if let Some(bad) = path.chars().find(is_refused) {
        return Err(format!("the path holds {}", described(bad)));
    }
    path.split('/').try_for_each(segment)
}

/// Characters that nobody sees in a name, or that have two spellings.
fn is_unseen(c: char) -> bool {
    c.is_control() || is_invisible(c) || is_combining(c)
}

/// Characters that some system refuses or reads as something else, or that nobody can see.
fn is_refused(c: char) -> bool {
    is_unseen(c) || matches!(c, '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

/// In a path joiners are refused between letters too: HFS+ ignores them (`.g\u{200c}it`).
fn is_invisible(c: char) -> bool {
    is_hidden(c) || is_joiner(c)
}

/// With these, one name has two spellings that some systems take for the same.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn described(c: char) -> String {
    if c == '\\' {
        "a backslash; `/` separates folders".to_owned()
    } else if c.is_control() {
        format!("the control character U+{:04X}", u32::from(c))
    } else if is_invisible(c) {
        format!("the invisible character U+{:04X}", u32::from(c))
    } else if is_combining(c) {
        format!("the combining mark U+{:04X}; use the composed letter", u32::from(c))
    } else {
        format!("`{c}`, which Windows refuses")
    }
}

fn segment(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("the path has an empty segment".to_owned());
    }
    if name == "." || name == ".." {
        return Err(format!("the path has a `{name}` segment"));
    }
    if name.len() > LONGEST_SEGMENT {
        return Err(format!("a segment has {} bytes, more than {LONGEST_SEGMENT}", name.len()));
    }
    if name.ends_with(['.', ' ']) {
        return Err(format!("`{name}` ends with a dot or a space, which Windows drops"));
    }
    if is_device(name) {
        return Err(format!("`{name}` is the name of a device on Windows"));
    }
    if name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1") {
        return Err(format!("`{name}` belongs to git"));
    }
    Ok(())
}

/// Whether Windows keeps the name for itself; it looks at what is before the first dot only.
#[must_use]
pub fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    stem.strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"))
        .and_then(|rest| rest.strip_suffix(|c: char| c.is_ascii_digit() || "¹²³".contains(c)))
        .is_some_and(str::is_empty)
}

struct Seen<'a> {
    /// As it was first spelled; the folders of a path are paths of their own.
    spelling: &'a str,
    is_file: bool,
    file: &'a str,
}

/// Pairs of paths that cannot all exist on macOS or Windows: equal but for case or for how letters are composed, one a file
/// and a folder of the other, or in one folder spelled in two ways. The earlier path comes first.
///
/// Letters are folded through upper case, so `ß` and `SS` are one.
#[must_use]
pub fn collisions(paths: &[&str]) -> Vec<(String, String)> {
    let mut seen: HashMap<String, Seen<'_>> = HashMap::new();
    let mut found = Vec::new();
    for path in paths {
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        let mut earlier = None;
        for end in ends {
            let (spelling, is_file) = (&path[..end], end == path.len());
            match seen.entry(folded(spelling)) {
                Entry::Vacant(place) => {
                    place.insert(Seen { spelling, is_file, file: path });
                }
                Entry::Occupied(known) => {
                    let known = known.get();
                    let is_one_folder = !known.is_file && !is_file && known.spelling == spelling;
                    earlier = earlier.or((!is_one_folder).then_some(known.file));
                }
            }
        }
        found.extend(earlier.map(|earlier| (earlier.to_owned(), (*path).to_owned())));
    }
    found
}

fn folded(path: &str) -> String {
    if path.is_ascii() {
        return path.to_ascii_lowercase();
    }
    // Folding can take a letter apart, and some letters only fold when they are apart.
    path.nfd().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// What is wrong with such a pair, as a sentence.
#[must_use]
pub fn collision(one: &str, other: &str) -> String {
    let why = if one.nfc().eq(other.nfc()) && one != other {
        "where composed and decomposed letters are the same"
    } else {
        "where letter case does not count"
    };
    format!("`{one}` and `{other}` cannot both exist {why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_paths_pass() {
        for path in [
            "README.md",
            ".gitignore",
            ".github/workflows/ci.yml",
            "src/demo/__init__.py",
            "docs/Übersicht.md",
            "..hidden",
            "console.py",
            "com10.txt",
            "company.toml",
            "a b/c",
        ] {
            assert_eq!(validate(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn bad_paths_say_what_is_wrong() {
        for (path, message) in [
            ("", "empty"),
            ("/etc/passwd", "absolute"),
            ("a//b", "empty segment"),
            ("a/", "empty segment"),
            ("../x", "`..`"),
            ("a/./b", "`.`"),
            ("C:/x", "`:`"),
            ("a\\b", "backslash"),
            ("a\nb", "U+000A"),
            ("what?", "`?`"),
            ("a\u{202e}b", "U+202E"),
            (".g\u{200c}it/config", "U+200C"),
            ("e\u{301}", "U+0301"),
            ("dir./x", "dot or a space"),
            ("x ", "dot or a space"),
            ("con", "device"),
            ("a/NUL.tar.gz", "device"),
            ("Com1.txt", "device"),
            ("lpt².x", "device"),
            ("aux .c", "device"),
            (".GIT/hooks/x", "git"),
            ("a/git~1/config", "git"),
        ] {
            let fault = validate(path).expect_err(path);
            assert!(fault.contains(message), "{path}: {fault}");
        }
        assert!(validate(&"x".repeat(201)).is_err());
        assert!(validate(&["y".repeat(150), "z".repeat(150)].join("/")).is_err());
    }

    fn pairs(paths: &[&str]) -> Vec<(String, String)> {
        collisions(paths)
    }

    #[test]
    fn collisions_are_paired() {
        let pair = |a: &str, b: &str| vec![(a.to_owned(), b.to_owned())];
        assert_eq!(pairs(&["a/b", "a/c", "d"]), []);
        assert_eq!(pairs(&["README.md", "x", "readme.md"]), pair("README.md", "readme.md"));
        assert_eq!(pairs(&["same", "same"]), pair("same", "same"));
        assert_eq!(pairs(&["docs", "docs/a.md"]), pair("docs", "docs/a.md"));
        assert_eq!(pairs(&["docs/a.md", "Docs"]), pair("docs/a.md", "Docs"));
        assert_eq!(pairs(&["Docs/a.md", "docs/b.md"]), pair("Docs/a.md", "docs/b.md"));
        assert_eq!(pairs(&["straße", "STRASSE"]), pair("straße", "STRASSE"));
        assert_eq!(pairs(&["\u{212a}ey", "key"]), pair("\u{212a}ey", "key"));
        assert_eq!(pairs(&["ab", "a/b", "a"]), pair("a/b", "a"));
    }

    #[test]
    fn composed_and_decomposed_names_collide() {
        for (composed, decomposed) in [
            ("\u{e9}", "e\u{301}"),
            ("\u{ac00}", "\u{1100}\u{1161}"),
            ("\u{304c}", "\u{304b}\u{3099}"),
        ] {
            let (one, other) = (format!("a/{composed}"), format!("A/{decomposed}"));
            assert_eq!(pairs(&[&one, &other]).len(), 1, "{one} {other}");
            assert!(collision(composed, decomposed).contains("composed and decomposed"));
        }
        assert!(collision("a", "A").contains("letter case"));
    }

    #[test]
    fn a_path_of_a_pack_may_hold_expressions_and_nothing_unseen() {
        for path in ["templates/a/{{ project.package | lower }}/x.py.jinja", "knowledge/a.md"] {
            assert_eq!(check_source(path), Ok(()), "{path}");
        }
        for path in [
            "templates/aux.md",
            "templates/a\u{7}b",
            "templates/a|b",
            "templates/{{ x }}\n",
            "templates/.git/x",
            "templates/e\u{301}",
        ] {
            assert!(check_source(path).is_err(), "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn what_passes_stays_inside(path in "[a-zA-Z./\\\\: ~\u{e9}*]{0,12}") {
            if validate(&path).is_ok() {
                let path = std::path::Path::new(&path);
                prop_assert!(path.components().all(|c| matches!(c, std::path::Component::Normal(_))));
            }
        }

        #[test]
        fn two_spellings_always_collide(path in "[a-z]{1,4}(/[a-z]{1,4}){0,2}") {
            prop_assert_eq!(collisions(&[&path, &path.to_uppercase()]).len(), 1);
        }
    }
}
