//! Packs of others: files that are none, sizes without end, and texts that do harm where they are shown or obeyed.

use crate::repositories::bomb;
use crate::world::{SECRET, Words, World, lints, reads, refused, writes};
use crate::{Kind, kind};

const ABOUT: &str = "format: 1\nname: evil\nversion: 1.0.0\ndescription: Evil\n";
pub const OVERLAY: &str = "\
name: evil
description: Evil
project-type: evil
questions:
  - id: color
    flag: evil-color
    ask: Which colour?
    kind: choice
    choices: {red: warm, blue: cold}
    default: red
layers: [evil/base]
commands:
  setup: ['true']
  run: ['true']
  check: ['true']
";

/// What a victim does with a pack.
pub fn commands() -> Vec<Words> {
    vec![
        lints("pack lint ../pack"),
        reads("questions evil --pack ../pack"),
        reads("init new --pack ../pack --project-type evil --auto --dry-run"),
        writes("init new --pack ../pack --project-type evil --auto --author A"),
        reads("doctor --pack ../pack"),
    ]
}

/// A sound pack.
pub fn pack(world: &World) {
    world.put("pack/pack.yml", ABOUT);
    world.put("pack/overlays/evil.yml", OVERLAY);
    world.put("pack/templates/evil/base/README.md.jinja", "# {{ color }}\n");
}

pub fn all() -> Vec<Kind> {
    let mut all = abouts();
    all.extend(files());
    all.extend(shown());
    all.extend(obeyed());
    all
}

/// The sound pack, with something done to it.
pub fn of(name: &str, make: impl Fn(&World) + Sync + 'static) -> Kind {
    kind(name, commands(), move |world: &mut World| {
        pack(world);
        make(world);
    })
}

/// A pack of which too much is there to be looked at each time.
fn big(name: &str, make: impl Fn(&World) + Sync + 'static) -> Kind {
    let commands = vec![
        lints("pack lint ../pack"),
        writes("init new --pack ../pack --project-type evil --auto --author A"),
    ];
    kind(name, commands, move |world: &mut World| {
        pack(world);
        world.big = true;
        make(world);
    })
}

fn abouts() -> Vec<Kind> {
    let text = |name: &str, text: Vec<u8>| {
        of(&format!("pack.yml: {name}"), move |world| world.put("pack/pack.yml", &text))
    };
    let with = |from: &str, to: &str| ABOUT.replace(from, to).into_bytes();
    vec![
        of("pack.yml is missing", |world| {
            std::fs::remove_file(world.path("pack/pack.yml")).unwrap();
        }),
        of("pack.yml is a FIFO", |world| world.fifo("pack/pack.yml")),
        of("pack.yml is a link to a secret", |world| world.link("pack/pack.yml", "../secret.txt")),
        of("pack.yml is a device", |world| world.link("pack/pack.yml", "/dev/zero")),
        of("pack.yml is a folder", |world| world.folder("pack/pack.yml")),
        of("pack.yml has 2 GB", |world| world.sparse("pack/pack.yml", 2 << 30)),
        text("a later format", with("format: 1", "format: 99")),
        text("a name with control sequences", with("name: evil", "name: \"e\\e[2Jvil\"")),
        text("a version with control sequences", with("1.0.0", "\"1\\e[31m\\u202e\"")),
        text("no UTF-8", [ABOUT.as_bytes(), b"# \xff"].concat()),
        text("aliases that grow", (bomb() + ABOUT).into()),
        text("100,000 brackets", "[".repeat(100_000).into()),
        text(
            "patterns without end",
            format!("{ABOUT}executable: ['{}']\n", "**/*".repeat(5_000)).into(),
        ),
    ]
}

fn files() -> Vec<Kind> {
    vec![
        of("an overlay is a link to a secret", |world| {
            world.link("pack/overlays/evil.yml", "../../secret.txt");
        }),
        of("the overlays are a link to /", |world| world.link("pack/overlays", "/")),
        of("the templates are a link to a neighbour", |world| {
            world.link("pack/templates", "../sibling");
        }),
        of("a template is a link to a secret", |world| {
            world.link("pack/templates/evil/base/x.md", "../../../../secret.txt");
        }),
        of("a layer is a link to a neighbour", |world| {
            world.link("pack/templates/evil/base", "../../../sibling");
        }),
        of("a document is a link to a secret", |world| {
            world.link("pack/knowledge/evil.md", "../../sibling/secret.md");
        }),
        of("a template is a FIFO", |world| world.fifo("pack/templates/evil/base/x.md")),
        of("a template is a device", |world| {
            world.link("pack/templates/evil/base/x.md", "/dev/zero");
        }),
        big("a template of 3 GB", |world| world.sparse("pack/templates/evil/base/x.bin", 3 << 30)),
        big("400 templates of 7 MB", |world| {
            (0..400)
                .for_each(|n| world.sparse(&format!("pack/templates/evil/base/{n}.bin"), 7 << 20));
        }),
        big("400 templates of 7 MB that no layer has", |world| {
            (0..400).for_each(|n| world.sparse(&format!("pack/templates/none/{n}.bin"), 7 << 20));
        }),
        big("30,000 files", |world| {
            (0..30_000).for_each(|n| {
                world.put(&format!("pack/templates/evil/base/{}/{n}.txt", n % 100), "x");
            });
        }),
        of("300 folders deep", |world| {
            world.put(&format!("pack/templates/evil/base/{}x.md", "d/".repeat(300)), "x");
        }),
        of("a file whose name is not UTF-8", |world| {
            use std::os::unix::ffi::OsStrExt;
            let name = std::ffi::OsStr::from_bytes(b"a\xff\x1b[31m");
            std::fs::write(world.path("pack/templates/evil/base").join(name), "x").unwrap();
        }),
    ]
}

/// The sound pack with another overlay.
pub fn overlay(name: &str, text: impl Into<String>) -> Kind {
    let text = text.into();
    of(&format!("overlay: {name}"), move |world| world.put("pack/overlays/evil.yml", &text))
}

/// Texts with control sequences in every field that is shown.
fn shown() -> Vec<Kind> {
    let raw = "\"a\\e[31mb\\u202ec\\x9b2J\"";
    let fields = [
        ("a description", "description: Evil", format!("description: {raw}")),
        ("a question", "ask: Which colour?", format!("ask: {raw}")),
        ("a choice", "red: warm", format!("{raw}: x, red: warm")),
        ("the help of a choice", "warm", raw.to_owned()),
        ("a group", "kind: choice", format!("group: {raw}\n    kind: choice")),
        ("a help", "kind: choice", format!("help: {raw}\n    kind: choice")),
        ("a default", "default: red", format!("default: {raw}")),
        ("a flag", "flag: evil-color", format!("flag: {raw}")),
        ("an unknown key", "kind: choice", format!("{raw}: 1\n    kind: choice")),
        ("a command", "run: ['true']", format!("run: [{raw}]")),
        ("a layer", "[evil/base]", format!("[{raw}]")),
        (
            "a note",
            "layers:",
            format!("notes: [{{when: \"color == 'red'\", text: {raw}}}]\nlayers:"),
        ),
        (
            "a rule",
            "layers:",
            format!("rules: [{{when: \"color == 'red'\", field: color, message: {raw}}}]\nlayers:"),
        ),
        (
            "a need",
            "layers:",
            format!(
                "needs: [{{name: {raw}, version: [[none]], why: {raw}, least: '1', get: {raw}}}]\nlayers:"
            ),
        ),
        ("an expression", "default: red", format!("default: red\n    when: {raw}")),
    ];
    fields
        .into_iter()
        .map(|(name, from, to)| {
            overlay(&format!("control sequences in {name}"), OVERLAY.replacen(from, &to, 1))
        })
        .collect()
}

/// What a pack asks the program to do.
fn obeyed() -> Vec<Kind> {
    let needs = |version: &str| {
        OVERLAY.replace(
            "layers:",
            &format!(
                "needs: [{{name: evil, version: [{version}], why: w, least: '1', get: g}}]\nlayers:"
            ),
        )
    };
    let detect = |what: &str| {
        OVERLAY
            .replace("layers:", &format!("detect: [{{{what}, answers: {{color: blue}}}}]\nlayers:"))
    };
    vec![
        overlay("a program of its own", needs("[sh, ../evil.sh]")),
        overlay("a program that does not end", needs("[sleep, '100']")),
        overlay("a program that floods", needs("[cat, /dev/zero]")),
        overlay("a program that shows a secret", needs("[cat, ../secret.txt]")),
        overlay("it looks at a file above", detect("file: ../secret.txt, holds: 'canary-.*'")),
        overlay("it looks at an absolute file", detect("file: /etc/passwd, holds: root")),
        overlay(
            "it looks with a pattern that takes for ever",
            detect("file: README.md, holds: '(a+)+$'"),
        ),
        kind(
            "overlay: it takes the place of a built-in type",
            vec![refused(
                "init new --pack ../pack --project-type data-pipeline --auto --pipeline-processing batch --author A",
            )],
            |world| {
                pack(world);
                world.put(
                    "pack/overlays/evil.yml",
                    OVERLAY
                        .replace("name: evil", "name: ml")
                        .replace("project-type: evil", "project-type: data-pipeline"),
                );
            },
        ),
        kind(
            "overlay: files for the root of a repository",
            vec![refused("init new --pack ../pack --project-type evil --auto --author A")],
            |world| {
                pack(world);
                world.git_init("clone", &[]);
                world.put(
                    "pack/overlays/evil.yml",
                    OVERLAY
                        .replace("[evil/base]", "[evil/base, {path: evil/root, at: repository}]"),
                );
                for path in [".envrc", ".vscode/tasks.json", "conftest.py", ".husky/pre-commit"] {
                    world.put(&format!("pack/templates/evil/root/{path}"), "owned\n");
                }
            },
        ),
        of("a step whose output is a secret", |world| {
            let text = "---\nname: evil\ndescription: E\nphase: vision\norder: 1\noutputs: ['../secret.txt']\nreads: [evil]\n---\n# E\n";
            world.put("pack/knowledge/steps/evil.md", text);
        }),
        of("a document that shows code from outside", |world| {
            world.put(
                "pack/knowledge/evil.md",
                "---\nname: evil\ndescription: E\ncode: {../secret.txt: see}\n---\n# E\n",
            );
        }),
        of("a document with control sequences", |world| {
            world.put(
                "pack/knowledge/evil.md",
                format!(
                    "---\nname: evil\ndescription: \"\\e[31mE\"\n---\n# \u{1b}[31mE\n{}\n",
                    SECRET.len()
                ),
            );
        }),
    ]
}
