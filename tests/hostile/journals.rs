//! Stages and journals that no run of this user made: they came with a clone or an archive, or a neighbour put them there.

use crate::world::{Words, World, reads, writes};
use crate::{Kind, kind};
use sha2::{Digest, Sha256};

const STAGE: &str = "clone/.scaffold/tmp-write";
/// A configuration of the built-in pack that answers what has no default.
pub const CONFIG: &str = include_str!("config.yml");
/// `init` of a small pack, without the folder.
pub const PARCEL: &str = concat!(
    "--auto --author A --project-type parcel --pack ",
    env!("CARGO_MANIFEST_DIR"),
    "/tests/packs/parcel"
);

fn commands() -> Vec<Words> {
    vec![
        reads("status"),
        reads("init . --auto --dry-run --force"),
        writes("complete create-vision"),
        writes("init . --force --auto --on-conflict keep"),
    ]
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |all, byte| format!("{all}{byte:02x}"))
}

/// One entry: what a file held, and what it shall hold.
fn entry(path: &str, old: Option<&str>, new: Option<&str>) -> String {
    let word =
        |text: Option<&str>| text.map_or("null".to_owned(), |text| format!("\"{}\"", digest(text)));
    let path = serde_json::to_string(path).unwrap();
    let action = if new.is_some() { "create" } else { "backup" };
    format!(r#"{{"path":{path},"action":"{action}","old":{},"new":{}}}"#, word(old), word(new))
}

fn journal(world: &World, entries: &[String]) {
    world.put("clone/.scaffold/config.yml", CONFIG);
    world.put(
        &format!("{STAGE}/commit"),
        format!(r#"{{"format":1,"files":[{}]}}"#, entries.join(",")),
    );
    world.put(&format!("{STAGE}/lock"), "");
}

/// A journal that plants one file at a path.
fn plants(name: &'static str, path: &'static str) -> Kind {
    kind(name, commands(), move |world| {
        world.link("clone/out", "../sibling");
        world.folder("clone/.git/hooks");
        journal(world, &[entry(path, None, Some("owned\n"))]);
        let staged = path.replace("..", "up").replace('\0', "_").trim_start_matches('/').to_owned();
        world.put(&format!("{STAGE}/tree/{staged}"), "owned\n");
        if path.starts_with("out/") {
            world.put(&format!("{STAGE}/tree/{path}"), "owned\n");
        }
    })
}

/// A stage of which one piece is a link.
fn linked(name: &'static str, piece: &'static str, target: &'static str) -> Kind {
    kind(name, commands(), move |world| {
        journal(world, &[entry("planted", None, Some("owned\n"))]);
        world.put(&format!("{STAGE}/tree/planted"), "owned\n");
        world.link(&format!("clone/{piece}"), target);
    })
}

pub fn all() -> Vec<Kind> {
    let mut all = vec![
        kind(
            "the backup is a link, written through after it is in place",
            commands(),
            through_backup,
        ),
        kind("the backup holds a link", commands(), |world| {
            journal(world, &[entry(".scaffold.backup/out/planted", None, Some("owned\n"))]);
            world.put(&format!("{STAGE}/tree/.scaffold.backup/out/planted"), "owned\n");
            world.link(&format!("{STAGE}/backup/out"), "../../../../sibling");
        }),
        kind("a link in the tree becomes a folder of a later entry", commands(), |world| {
            journal(
                world,
                &[entry("a", None, Some("")), entry("a/planted", None, Some("owned\n"))],
            );
            world.link(&format!("{STAGE}/tree/a"), "../sibling");
        }),
        kind("an entry removes what is behind a link", commands(), |world| {
            world.link("clone/out", "..");
            journal(world, &[entry("out/secret.txt", Some("canary-5f2a91\n"), None)]);
        }),
        kind("a staged file is a link to a secret", commands(), |world| {
            journal(world, &[entry("planted", None, Some("canary-5f2a91\n"))]);
            world.link(&format!("{STAGE}/tree/planted"), "../../../../secret.txt");
        }),
    ];
    all.extend(paths());
    all.extend(links());
    all.extend(texts());
    all.extend(neighbours());
    all
}

fn through_backup(world: &mut World) {
    let entries = [
        entry(".scaffold.backup/planted.sh", None, Some("owned\n")),
        entry(".scaffold.backup/secret.txt", Some("x"), None),
    ];
    journal(world, &entries);
    world.put(&format!("{STAGE}/tree/.scaffold.backup/planted.sh"), "owned\n");
    world.put("clone/.scaffold.backup/secret.txt", "x");
    world.link(&format!("{STAGE}/backup"), "../");
}

fn paths() -> Vec<Kind> {
    vec![
        plants("a path that goes up", "../planted"),
        plants("a path that goes down and up", "a/../../planted"),
        plants("a path that is absolute", "/tmp/hostile-planted"),
        plants("a path into git", ".git/hooks/post-checkout"),
        plants("a path into git in capitals", ".GIT/hooks/post-checkout"),
        plants("a path into git by its short name", "git~1/hooks/post-checkout"),
        plants(
            "a path into git with a character that HFS ignores",
            ".g\u{200c}it/hooks/post-checkout",
        ),
        plants("a path into git with a dot at its end", ".git./hooks/post-checkout"),
        plants("a path into git with a space at its end", ".git /hooks/post-checkout"),
        plants("a path into git as a stream", ".git::$INDEX_ALLOCATION/hooks/post-checkout"),
        plants("a path through a link of the repository", "out/planted"),
        plants("a path with a control sequence", "a\u{1b}[31mb"),
        plants("a path with NUL", "a\0b"),
        plants("a path of a program's configuration", ".envrc"),
    ]
}

fn links() -> Vec<Kind> {
    vec![
        linked("the tree is a link", ".scaffold/tmp-write/tree", "../../../sibling"),
        linked("the commit is a link", ".scaffold/tmp-write/commit", "../../../secret.txt"),
        linked("the commit is a device", ".scaffold/tmp-write/commit", "/dev/zero"),
        linked("the journal is a link", ".scaffold/tmp-write/journal", "../../../../home/.bashrc"),
        linked("the lock is a link", ".scaffold/tmp-write/lock", "../../../../home/.bashrc"),
        linked(
            "the lock is a link to what is not there",
            ".scaffold/tmp-write/lock",
            "../../../planted",
        ),
        linked(
            "what says that it is done is a link",
            ".scaffold/tmp-write/done",
            "../../../secret.txt",
        ),
        linked("the stage is a link", ".scaffold/tmp-write", "../../sibling"),
        linked("the folder of the program is a link", ".scaffold", "../sibling"),
        linked("the backups are a link", ".scaffold.backup", "../sibling"),
        linked("the numbered backup is a link", ".scaffold.backup/1", "../../sibling"),
    ]
}

/// Journals that cannot be read.
fn texts() -> Vec<Kind> {
    let text = |name: &str, text: String| {
        kind(name, commands(), move |world| {
            journal(world, &[]);
            world.put(&format!("{STAGE}/commit"), &text);
        })
    };
    let many: Vec<String> =
        (0..50_000).map(|n| entry(&format!("d/{n}"), None, Some("x"))).collect();
    vec![
        text("a journal of an older format", r#"{"format":0,"files":[]}"#.to_owned()),
        text("a journal of a later format", r#"{"format":99,"files":[],"root":"/"}"#.to_owned()),
        text("a journal that is none", "\u{1b}[2Jrubbish\n".to_owned()),
        text("a journal of brackets", "[".repeat(100_000)),
        text(
            "a journal of 50,000 entries",
            format!(r#"{{"format":1,"files":[{}]}}"#, many.join(",")),
        ),
        kind("a journal of 2 GB", commands(), |world| {
            journal(world, &[]);
            world.sparse(&format!("{STAGE}/commit"), 2 << 30);
        }),
        kind("a journal that is a FIFO", commands(), |world| {
            journal(world, &[]);
            world.fifo(&format!("{STAGE}/commit"));
        }),
        kind("a lock that is a FIFO", commands(), |world| {
            journal(world, &[]);
            world.fifo(&format!("{STAGE}/lock"));
        }),
        kind("a lock that is a folder", commands(), |world| {
            journal(world, &[]);
            world.folder(&format!("{STAGE}/lock"));
        }),
    ]
}

/// Stages that another user made.
fn neighbours() -> Vec<Kind> {
    let planted = |world: &World, folder: &str| {
        world.put(&format!("{folder}/.scaffold/config.yml"), CONFIG);
        let list = entry("clone/inner/planted", None, Some("owned\n"));
        world.put(
            &format!("{folder}/.scaffold/tmp-write/commit"),
            format!(r#"{{"format":1,"files":[{list}]}}"#),
        );
        world.put(&format!("{folder}/.scaffold/tmp-write/tree/clone/inner/planted"), "owned\n");
        world.give_away(&format!("{folder}/.scaffold"));
    };
    let sibling = |world: &World| {
        world.put("clone/.new.scaffold-tmp/tree/evil.txt", "owned\n");
        world.put("clone/.new.scaffold-tmp/lock", "");
    };
    let new = || vec![writes(&format!("init new {PARCEL}"))];
    vec![
        kind("a stage of another user", commands(), |world| {
            journal(world, &[entry("planted", None, Some("owned\n"))]);
            world.put(&format!("{STAGE}/tree/planted"), "owned\n");
            world.give_away(STAGE);
        }),
        kind("a folder above of another user with a stage", commands(), move |world| {
            planted(world, ".");
            world.folder("clone/inner");
        }),
        kind(
            "an empty .git above with a stage",
            vec![
                reads(&format!("init inner --dry-run {PARCEL}")),
                writes(&format!("init inner {PARCEL}")),
            ],
            move |world| {
                planted(world, ".");
                world.folder(".git");
                world.give_away(".git");
            },
        ),
        kind("a sibling stage that was there before", new(), move |world| sibling(world)),
        kind("a sibling stage of another user", new(), move |world| {
            sibling(world);
            world.give_away("clone/.new.scaffold-tmp");
        }),
        kind("a sibling stage that is a link", new(), |world| {
            world.link("clone/.new.scaffold-tmp", "../sibling");
        }),
        kind("a sibling stage whose lock is a FIFO", new(), move |world| {
            sibling(world);
            world.fifo("clone/.new.scaffold-tmp/lock");
        }),
    ]
}
