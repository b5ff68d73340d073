//! Answers files, policies of an organisation, and environments that are not what they should be.

use crate::journals::{CONFIG, PARCEL};
use crate::repositories::{bomb, unknown_keys};
use crate::world::{Words, World, reads, refused, writes};
use crate::{Kind, kind};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

const POLICY: &str = "config/scaffold/config.yml";

fn with_answers() -> Vec<Words> {
    vec![refused("init new --answers ../answers.yml --author A")]
}

fn by_policy() -> Vec<Words> {
    let new = format!("init new {PARCEL}");
    let all = [
        &new,
        "init new --pack ../pack --auto --project-type evil",
        "questions evil --pack ../pack",
        "doctor --pack ../pack",
    ];
    all.map(refused).to_vec()
}

fn plain() -> Vec<Words> {
    vec![reads("list"), writes(&format!("init new {PARCEL}"))]
}

pub fn all() -> Vec<Kind> {
    let mut all = answers();
    all.extend(policies());
    all.extend(environments());
    all
}

fn answers() -> Vec<Kind> {
    let text = |name: &str, text: Vec<u8>| {
        kind(&format!("answers: {name}"), with_answers(), move |world| {
            world.put("answers.yml", &text);
        })
    };
    let long = format!("{CONFIG}#{}\nversion: 99\n", "x".repeat(1 << 20));
    vec![
        kind("answers: a device", with_answers(), |world| world.link("answers.yml", "/dev/zero")),
        kind("answers: a folder", with_answers(), |world| world.folder("answers.yml")),
        kind("answers: 2 GB", with_answers(), |world| world.sparse("answers.yml", 2 << 30)),
        kind(
            "answers: input without end",
            vec![refused("init new --answers - --author A")],
            |world| {
                world.input = Some("/dev/zero".into());
            },
        ),
        text("more than 1 MiB", long.into()),
        text(
            "control sequences",
            format!("{CONFIG}\"\\e[31m\\u202e\": 1\n")
                .replace("data-pipeline\n", "\"\\e[2J\"\n")
                .into(),
        ),
        text("no UTF-8", [CONFIG.as_bytes(), b"# \xff"].concat()),
        text("aliases that grow", (bomb() + "version: 99\n").into()),
        text("100,000 brackets", "[".repeat(100_000).into()),
        text("5,000 unknown keys", unknown_keys(5_000).into()),
    ]
}

/// Policies that cannot be read stop every command that reads a pack.
fn policies() -> Vec<Kind> {
    let policy = |name: &str, make: fn(&mut World)| {
        kind(&format!("policy: {name}"), by_policy(), move |world: &mut World| {
            crate::packs::pack(world);
            let config = world.path("config").into_os_string();
            world.environment.push(("XDG_CONFIG_DIRS".to_owned(), config));
            make(world);
        })
    };
    vec![
        policy("no UTF-8", |world| world.put(POLICY, b"packs: [acme]\n# \xff\n")),
        policy("it may not be read", |world| {
            world.put(POLICY, "packs: [acme]\n");
            world.mode(POLICY, 0o600);
            world.mode("clone", 0o777);
            world.user = Some(65_534);
        }),
        policy("its folder may not be read", |world| {
            world.put(POLICY, "packs: [acme]\n");
            world.mode("config/scaffold", 0o700);
            world.mode("clone", 0o777);
            world.user = Some(65_534);
        }),
        policy("a folder", |world| world.folder(POLICY)),
        policy("a link to nowhere", |world| world.link(POLICY, "nowhere")),
        policy("a link to itself", |world| world.link(POLICY, "config.yml")),
        policy("a FIFO", |world| world.fifo(POLICY)),
        policy("a device", |world| world.link(POLICY, "/dev/zero")),
        policy("2 GB", |world| world.sparse(POLICY, 2 << 30)),
        policy("a file where its folder should be", |world| world.put("config/scaffold", "x")),
        policy("100,000 brackets", |world| world.put(POLICY, "[".repeat(100_000))),
        policy("control sequences", |world| world.put(POLICY, "\"\\e[31m\\u202e\": 1\n")),
        kind("policy: only another pack is allowed", by_policy(), |world| {
            crate::packs::pack(world);
            world.put(POLICY, "packs: [acme]\n");
            let config = world.path("config").into_os_string();
            world.environment.push(("XDG_CONFIG_DIRS".to_owned(), config));
        }),
    ]
}

fn environments() -> Vec<Kind> {
    let with = |name: &str, variable: &'static str, value: Vec<u8>| {
        kind(&format!("environment: {name}"), plain(), move |world: &mut World| {
            world.git_init("sibling", &[]);
            world.environment.push((variable.to_owned(), OsString::from_vec(value.clone())));
        })
    };
    vec![
        with("an answer that is not UTF-8", "SCAFFOLD_SET_NAME", b"a\xff".to_vec()),
        with("an answer with control sequences", "SCAFFOLD_SET_NAME", b"a\x1b[31mb".to_vec()),
        with("a variable with control sequences", "SCAFFOLD_SET_\u{1b}[31m", b"x".to_vec()),
        with("no home", "HOME", Vec::new()),
        with("a home that is not there", "HOME", b"/nonexistent".to_vec()),
        with("a home that is a device", "HOME", b"/dev/null".to_vec()),
        with("a relative folder for its state", "XDG_STATE_HOME", b"../sibling".to_vec()),
        with("a folder for its state that is a device", "XDG_STATE_HOME", b"/dev/null".to_vec()),
        with("the repository of a neighbour", "GIT_DIR", b"../sibling/.git".to_vec()),
        with("a template of git from elsewhere", "GIT_TEMPLATE_DIR", b"..".to_vec()),
        with("a terminal with control sequences", "TERM", b"\x1b[31m".to_vec()),
        with("columns without end", "COLUMNS", b"99999999999999999999".to_vec()),
    ]
}
