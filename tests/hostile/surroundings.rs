//! What is around a destination: repositories that are none, belong to others or hold a home, and links in the way.

use crate::journals::{CONFIG, PARCEL};
use crate::world::{Words, World, reads, writes};
use crate::{Kind, kind};

fn new() -> Vec<Words> {
    let write = format!("init new {PARCEL}");
    vec![reads(&format!("{write} --dry-run")), writes(&write)]
}

fn here() -> Vec<Words> {
    let write = format!("init . {PARCEL} --on-conflict overwrite");
    vec![reads(&format!("{write} --diff")), writes(&write)]
}

fn all_commands() -> Vec<Words> {
    vec![
        reads("status"),
        reads("doctor data-pipeline"),
        writes("complete create-vision"),
        writes("init . --force --auto --on-conflict overwrite"),
    ]
}

pub fn all() -> Vec<Kind> {
    let mut all = git();
    all.extend(above());
    all.extend(obstacles());
    all.extend(names());
    all
}

/// `.git` that is not what it seems.
fn git() -> Vec<Kind> {
    vec![
        kind(".git is a file that names a folder elsewhere", new(), |world| {
            world.put("clone/.git", "gitdir: ../sibling\n");
        }),
        kind(".git is a file that is none", new(), |world| {
            world.put("clone/.git", "\u{1b}]0;owned\u{7}\n");
        }),
        kind(".git is a link to a neighbour's", new(), |world| {
            world.git_init("sibling", &[]);
            world.link("clone/.git", "../sibling/.git");
        }),
        kind(".git is a FIFO", new(), |world| world.fifo("clone/.git")),
        kind(".git is a socket", new(), |world| world.socket("clone/.git")),
        kind(".git is empty", new(), |world| world.folder("clone/.git")),
        kind(".git is a link to nowhere", new(), |world| world.link("clone/.git", "nowhere")),
        kind("git's configuration names programs", new(), |world| {
            world.git_init("clone", &[]);
            let evil = world.path("evil.sh").display().to_string();
            world.put("clone/.git/config", format!("[core]\n\tfsmonitor = {evil}\n\tpager = {evil}\n\tsshCommand = {evil}\n\thooksPath = ..\n[init]\n\ttemplateDir = ..\n"));
        }),
        kind("git's configuration includes a secret", new(), |world| {
            world.git_init("clone", &[]);
            world.put("clone/.git/config", "[include]\n\tpath = ../../secret.txt\n");
        }),
        kind("git's user has control sequences in the name", new(), |world| {
            world.git_init("clone", &[]);
            world.put("clone/.git/config", "[user]\n\tname = \"a\u{1b}[31mb\u{202e}c\"\n");
        }),
        kind("a program named git lies in the folder", new(), |world| {
            world.put("clone/git", "#!/bin/sh\ntouch ../../executed\n");
            world.mode("clone/git", 0o755);
        }),
    ]
}

/// Folders above that must not be believed.
fn above() -> Vec<Kind> {
    vec![
        kind("a bare repository above", new(), |world| world.git_init("", &["--bare"])),
        kind("a broken repository above", new(), |world| world.put(".git/HEAD", "rubbish\n")),
        kind("an empty .git above", new(), |world| world.folder(".git")),
        kind("a repository of another user above", new(), |world| {
            world.git_init("", &[]);
            world.give_away(".git");
        }),
        kind("a folder of another user above, with a repository", new(), |world| {
            world.git_init("", &[]);
            world.give_away(".");
        }),
        kind("the home is a repository", new(), |world| {
            world.git_init("", &[]);
            world.environment.push(("HOME".to_owned(), world.path("").into_os_string()));
        }),
        kind(
            "a project of another user above",
            vec![reads("status"), writes("complete create-vision")],
            |world| {
                world.put(".scaffold/config.yml", CONFIG);
                world.give_away(".scaffold");
            },
        ),
    ]
}

/// Links and special files where something is written.
fn obstacles() -> Vec<Kind> {
    let linked = |path: &'static str, target: &'static str| {
        kind(&format!("{path} is a link out"), here(), move |world| {
            world.link(&format!("clone/{path}"), target);
        })
    };
    vec![
        linked("README.md", "../../home/.bashrc"),
        linked("README.md.scaffold-new", "../../home/.bashrc"),
        linked(".gitignore", "../../home/.bashrc"),
        linked("src/deep", "../../sibling"),
        linked(".github", "../sibling"),
        linked("settings.toml", "../planted"),
        linked("src", "../sibling"),
        linked(".scaffold", "../sibling"),
        kind("README.md is a FIFO", here(), |world| world.fifo("clone/README.md")),
        kind("README.md is a device", here(), |world| world.link("clone/README.md", "/dev/zero")),
        kind("README.md has 2 GB", here(), |world| world.sparse("clone/README.md", 2 << 30)),
        kind(".scaffold is a file", all_commands(), |world| world.put("clone/.scaffold", "x")),
        kind(".scaffold is a FIFO", all_commands(), |world| world.fifo("clone/.scaffold")),
        kind("the backups are a FIFO", all_commands(), |world| {
            world.put("clone/.scaffold/config.yml", CONFIG);
            world.fifo("clone/.scaffold.backup");
        }),
        kind("a folder in another spelling", here(), |world| {
            world.put("clone/.SCAFFOLD/config.yml", CONFIG);
        }),
        kind("what would be looked at for proposals is a device", here(), |world| {
            for name in ["package.json", "pyproject.toml", "requirements.txt", "manifest.json"] {
                world.link(&format!("clone/{name}"), "/dev/zero");
            }
        }),
    ]
}

/// Folders whose names are no plain words.
fn names() -> Vec<Kind> {
    let named = |what: &str, folder: &'static str| {
        let commands = vec![
            reads("status"),
            writes(&format!("init new {PARCEL}")),
            writes("init . --force --auto --on-conflict keep"),
        ];
        kind(&format!("a folder name with {what}"), commands, move |world: &mut World| {
            world.folder = format!("clone/{folder}");
            world.put(&format!("{}/.scaffold/config.yml", world.folder), "version: 2\nx: [\n");
        })
    };
    vec![
        named("a control sequence", "a\u{1b}[31mb"),
        named("a new line", "a\nerror: b"),
        named("bidirectional controls", "a\u{202e}b"),
        named("a zero-width character", "a\u{200b}b"),
    ]
}
