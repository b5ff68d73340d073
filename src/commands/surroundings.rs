//! Which repository is around a folder, and whether its root may be used.

use crate::error::{Code, Problem, Result};
use crate::formats::lists;
use crate::pack::ecosystem::Workspace;
use crate::system::folder;
use crate::system::private;
use crate::system::read;
use glob::{MatchOptions, Pattern};
use std::path::{Path, PathBuf};

const GIT: &str = ".git";
const BROKEN: &str = "its `.git` is broken";
/// A repository's configuration is short.
const MOST_BYTES: u64 = 1 << 20;

/// What is around a folder.
#[derive(Debug, PartialEq, Eq)]
pub enum Around {
    /// No repository.
    Nothing,
    /// The folder is the root of one.
    Itself,
    /// It is below this root.
    Repository(PathBuf),
    /// There is one, but its root is not used unless the user names it.
    Unusable {
        /// Why, in words.
        warning: String,
    },
}

/// Looks upwards from `full`, an absolute path without links.
///
/// # Errors
/// The system refuses to say what is there.
pub fn look(full: &Path) -> Result<Around> {
    let mut around = None;
    for folder in full.ancestors() {
        if folder::at(&folder.join(GIT))?.is_some() {
            around = Some(folder);
            break;
        }
    }
    let Some(root) = around else { return Ok(Around::Nothing) };
    if root == full {
        return Ok(Around::Itself);
    }
    Ok(match fault(root)? {
        None => Around::Repository(root.to_owned()),
        Some(why) => {
            let root = root.display();
            Around::Unusable {
                warning: format!(
                    "the repository `{root}` around the destination is not used: {why}; if you want it, name it: --repository {root}"
                ),
            }
        }
    })
}

/// Refuses a destination in git's own folder, or in a bare repository itself: what is written there is in git's way.
///
/// # Errors
/// It is one, or the system refuses to say what is there.
pub fn refuse_gits_own(full: &Path) -> Result<()> {
    let is_git =
        |folder: &&Path| folder.file_name().is_some_and(|name| name.eq_ignore_ascii_case(GIT));
    let own = match full.ancestors().find(is_git) {
        Some(folder) => Some(folder),
        None => is_whole(full)?.then_some(full),
    };
    let Some(own) = own else { return Ok(()) };
    let message = format!(
        "`{}` cannot be the destination: git keeps its data in `{}`",
        full.display(),
        own.display()
    );
    Err(Problem::new(Code::BadDestination, message)
        .file(full.display().to_string())
        .hint("give a folder outside of it")
        .into())
}

/// The root of the workspace that lists the folder as a member: the nearest one, not above `top`. A root of another user is
/// passed by: what is printed to be run should not come from there.
///
/// # Errors
/// The system refuses to show it.
pub fn workspace(
    full: &Path,
    workspace: &Workspace,
    top: Option<&Path>,
) -> Result<Option<PathBuf>> {
    for root in
        full.ancestors().skip(1).take_while(|root| top.is_none_or(|top| root.starts_with(top)))
    {
        let file = root.join(&workspace.file);
        let Some(text) = small_text(&file)? else { continue };
        let patterns = |pointers: &[String]| -> Vec<String> {
            pointers.iter().flat_map(|at| lists::strings(&workspace.file, &text, at)).collect()
        };
        let member = full.strip_prefix(root).unwrap_or(full);
        if lists_member(&patterns(&workspace.members), &patterns(&workspace.excluded), member)
            && private::is_mine(root)?
        {
            return Ok(Some(root.to_owned()));
        }
    }
    Ok(None)
}

/// Whether patterns name the folder; one that begins with `!` takes it out, as does one of `excluded`.
fn lists_member(members: &[String], excluded: &[String], folder: &Path) -> bool {
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::default() };
    let is_named = |pattern: &str| {
        let plain = pattern.trim_start_matches("./").trim_end_matches('/');
        Pattern::new(plain).is_ok_and(|plain| plain.matches_path_with(folder, options))
    };
    let last = members.iter().rfind(|pattern| is_named(pattern.trim_start_matches('!')));
    last.is_some_and(|pattern| !pattern.starts_with('!'))
        && !excluded.iter().any(|one| is_named(one))
}

/// The root that the user named for `full`.
///
/// # Errors
/// It is not above, or has no `.git`.
pub fn named(full: &Path, named: &Path) -> Result<PathBuf> {
    let refuse = |why: &str| {
        let message = format!("`{}` cannot be the repository: {why}", named.display());
        Problem::new(Code::BadDestination, message).flag("--repository")
    };
    let root = named.canonicalize().map_err(|cause| refuse(&cause.to_string()))?;
    if !full.starts_with(&root) {
        return Err(refuse("the destination is not in it")
            .hint("name a folder above the destination")
            .into());
    }
    if root.join(GIT).symlink_metadata().is_err() {
        return Err(refuse("it has no `.git`").hint("`git init` makes it one").into());
    }
    Ok(root)
}

/// Why the root of a repository is not one in which files of a project belong, if there is a reason.
fn fault(root: &Path) -> Result<Option<&'static str>> {
    // A link that leads nowhere is nobody's; that the system does not say whose it is, is no answer.
    let git = root.join(GIT);
    if !private::is_mine(root)? || (folder::behind(&git)?.is_some() && !private::is_mine(&git)?) {
        return Ok(Some("it belongs to another user"));
    }
    let home = std::env::var_os("HOME").and_then(|home| PathBuf::from(home).canonicalize().ok());
    if home.is_some_and(|home| home.starts_with(root)) {
        return Ok(Some("your home folder is in it"));
    }
    let Some(git) = git_folder(root)? else { return Ok(Some(BROKEN)) };
    if !is_whole(&git)? {
        return Ok(Some(BROKEN));
    }
    Ok(is_bare(&git)?.then_some("it is bare: it has no files of its own"))
}

/// The folder with the repository's data: `.git`, or where a file in its place leads, as for worktrees and submodules.
fn git_folder(root: &Path) -> Result<Option<PathBuf>> {
    let git = root.join(GIT);
    if is_folder(&git)? {
        return Ok(Some(git));
    }
    let text = small_text(&git)?;
    let way = text.as_deref().and_then(|text| text.strip_prefix("gitdir:"));
    let Some(folder) = way.map(|way| root.join(way.trim())) else { return Ok(None) };
    Ok(is_folder(&folder)?.then_some(folder))
}

/// Whether git takes it for one, by what its `setup.c` looks at: a head, objects and references; a worktree shares the last
/// two.
fn is_whole(git: &Path) -> Result<bool> {
    let head = small_text(&git.join("HEAD"))?.unwrap_or_default();
    let is_commit = |text: &str| text.len() >= 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let has_head = head.starts_with("ref:") || is_commit(head.trim());
    let is_shared = folder::at(&git.join("commondir"))?.is_some();
    Ok(has_head
        && (is_shared || (is_folder(&git.join("objects"))? && is_folder(&git.join("refs"))?)))
}

/// Whether a folder is there, or a link to one, as git takes it.
fn is_folder(path: &Path) -> Result<bool> {
    Ok(folder::behind(path)?.is_some_and(|found| found.is_dir()))
}

/// Whether its configuration says so; a worktree of a bare repository has a configuration of its own, or none.
fn is_bare(git: &Path) -> Result<bool> {
    let text = small_text(&git.join("config"))?.unwrap_or_default();
    let mut section = String::new();
    Ok(text.lines().map(str::trim).any(|line| {
        if line.starts_with('[') {
            section = line.to_ascii_lowercase();
        }
        let setting: String = line.split_whitespace().collect::<String>().to_ascii_lowercase();
        section.starts_with("[core]") && (setting == "bare=true" || setting.ends_with("]bare=true"))
    }))
}

/// A file of git's, if it is one and of a size that git writes; bytes that are not UTF-8 say nothing here.
fn small_text(path: &Path) -> Result<Option<String>> {
    if folder::at(path)?.is_none_or(|found| !found.is_file() || found.len() > MOST_BYTES) {
        return Ok(None);
    }
    let bytes = read::named(path, MOST_BYTES, Code::Io)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn repository(at: &Path) {
        fs::create_dir_all(at.join(".git/objects")).unwrap();
        fs::create_dir_all(at.join(".git/refs")).unwrap();
        fs::write(at.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(at.join(".git/config"), "[core]\n\tbare = false\n").unwrap();
    }

    #[test]
    fn only_a_whole_repository_with_files_is_used() {
        let keep = tempfile::tempdir().unwrap();
        let root = keep.path().canonicalize().unwrap();
        let inner = root.join("r/services/orders");
        let warned = || match look(&inner).unwrap() {
            Around::Unusable { warning } => warning,
            other => panic!("{other:?}"),
        };
        assert_eq!(look(&inner).unwrap(), Around::Nothing);
        repository(&root.join("r"));
        assert_eq!(look(&inner).unwrap(), Around::Repository(root.join("r")));
        assert_eq!(look(&root.join("r")).unwrap(), Around::Itself);
        fs::write(root.join("r/.git/config"), "[core]\n\tBare=true\n").unwrap();
        assert!(warned().contains("bare"), "{}", warned());
        fs::remove_dir_all(root.join("r/.git")).unwrap();
        fs::create_dir(root.join("r/.git")).unwrap();
        assert!(warned().contains("broken"), "{}", warned());
        fs::remove_dir(root.join("r/.git")).unwrap();
        fs::write(root.join("r/.git"), "gitdir: nowhere\n").unwrap();
        assert!(warned().contains("broken"), "{}", warned());
        repository(&root.join("main"));
        fs::write(root.join("r/.git"), "gitdir: ../main/.git\n").unwrap();
        assert_eq!(look(&inner).unwrap(), Around::Repository(root.join("r")));
    }

    #[test]
    fn nothing_is_written_between_the_data_of_git() {
        let keep = tempfile::tempdir().unwrap();
        let root = keep.path().canonicalize().unwrap();
        repository(&root.join("r"));
        for refused in ["r/.git", "r/.git/hooks/x", "new/.GIT"] {
            let error = refuse_gits_own(&root.join(refused)).unwrap_err();
            assert_eq!(error.problems.len(), 1, "{error}");
        }
        fs::rename(root.join("r/.git"), root.join("bare.git")).unwrap();
        assert!(refuse_gits_own(&root.join("bare.git")).is_err());
        // Worktrees are often kept in the folder of a bare repository.
        for taken in ["bare.git/main", "r", ".github"] {
            refuse_gits_own(&root.join(taken)).unwrap();
        }
    }

    #[test]
    fn a_member_of_a_workspace_is_one_by_the_patterns_of_its_root() {
        let keep = tempfile::tempdir().unwrap();
        let root = keep.path().canonicalize().unwrap();
        let described = |file: &str, members: &str| Workspace {
            file: file.to_owned(),
            members: vec![members.to_owned(), "/workspaces/packages".to_owned()],
            excluded: vec!["/tool/uv/workspace/exclude".to_owned()],
            lock: "lock".to_owned(),
        };
        let npm = described("package.json", "/workspaces");
        let uv = described("pyproject.toml", "/tool/uv/workspace/members");
        let found = |way: &str, kind: &Workspace| {
            workspace(&root.join(way), kind, None).unwrap() == Some(root.clone())
        };
        for (text, members, others) in [
            (
                r#"{"workspaces": ["packages/*"]}"#,
                vec!["packages/a"],
                vec!["packages", "packages/a/b", "a"],
            ),
            (r#"{"workspaces": {"packages": ["./a/", "b/**"]}}"#, vec!["a", "b/c/d"], vec!["c"]),
            (r#"{"workspaces": ["p/*", "!p/x"]}"#, vec!["p/a"], vec!["p/x"]),
            (r#"{"name": "alone"}"#, vec![], vec!["a"]),
            ("not JSON", vec![], vec!["a"]),
        ] {
            fs::write(root.join("package.json"), text).unwrap();
            assert!(members.iter().all(|way| found(way, &npm)), "{text}");
            assert!(!others.iter().any(|way| found(way, &npm)), "{text}");
        }
        let text = "[tool.uv.workspace]\nmembers = ['p/*']\nexclude = ['p/x']\n";
        fs::write(root.join("pyproject.toml"), text).unwrap();
        assert!(found("p/a", &uv) && !found("p/x", &uv) && !found("q/a", &uv));
        let below = workspace(&root.join("p/a"), &uv, Some(&root.join("p"))).unwrap();
        assert_eq!(below, None, "the repository does not hold the root");
    }

    #[test]
    fn a_root_is_named_only_above_the_destination() {
        let keep = tempfile::tempdir().unwrap();
        let root = keep.path().canonicalize().unwrap();
        repository(&root.join("r"));
        assert_eq!(named(&root.join("r/x"), &root.join("r")).unwrap(), root.join("r"));
        assert!(named(&root.join("y"), &root.join("r")).is_err());
        assert!(named(&root.join("r/x"), &root).is_err());
    }
}
