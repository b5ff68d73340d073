//! A cloned repository whose configuration, progress, knowledge or outputs are not what they should be.

use crate::journals::CONFIG;
use crate::world::{SECRET, Words, World, reads, repeated, writes};
use crate::{Kind, kind};
use std::fmt::Write as _;

const CONFIG_AT: &str = "clone/.scaffold/config.yml";
const STATE_AT: &str = "clone/.scaffold/state";
const STEPS: &str = "pack/knowledge/steps";
const OWN: &str = "clone/.scaffold/knowledge";

fn commands() -> Vec<Words> {
    vec![
        reads("status"),
        reads("guide create-vision"),
        reads("init . --auto --diff --force"),
        writes("complete create-vision"),
        writes("init . --force --auto --on-conflict keep"),
    ]
}

/// What is asked of the steps of a pack.
fn method() -> Vec<Words> {
    ["status", "next", "guide evil", "guide later", "info evil", "list"]
        .map(|words| reads(&format!("{words} --pack ../pack")))
        .into_iter()
        .chain([writes("complete evil --pack ../pack")])
        .collect()
}

fn documents() -> Vec<Words> {
    vec![
        reads("guide create-vision"),
        reads("knowledge list"),
        reads("knowledge show evil"),
        reads("knowledge search canary"),
        reads("knowledge check"),
    ]
}

pub fn all() -> Vec<Kind> {
    let mut all = config_files();
    all.extend(config_texts());
    all.extend(states());
    all.extend(knowledge());
    all.extend(outputs());
    all
}

/// Everything that can be in the place of a file.
fn in_place_of(
    what: &str,
    at: &'static str,
    base: bool,
    commands: fn() -> Vec<Words>,
) -> Vec<Kind> {
    type Make = fn(&World, &str);
    let table: [(&str, Make); 10] = [
        ("a device", |world, at| world.link(at, "/dev/zero")),
        ("the terminal", |world, at| world.link(at, "/dev/tty")),
        ("a link to /", |world, at| world.link(at, "/")),
        ("a link to a secret", |world, at| {
            world.link(at, &world.path("secret.txt").display().to_string());
        }),
        ("a link to nowhere", |world, at| world.link(at, "nowhere")),
        ("a link to itself", |world, at| world.link(at, "config.yml")),
        ("a FIFO", World::fifo),
        ("a socket", World::socket),
        ("a folder", World::folder),
        ("2 GB", |world, at| world.sparse(at, 2 << 30)),
    ];
    let make = |(name, make): (&str, Make)| {
        kind(&format!("{what} is {name}"), commands(), move |world: &mut World| {
            if base {
                world.put(CONFIG_AT, CONFIG);
            }
            make(world, at);
        })
    };
    table.into_iter().map(make).collect()
}

fn config_files() -> Vec<Kind> {
    in_place_of("the configuration", CONFIG_AT, false, commands)
}

fn text(name: &str, text: impl Into<Vec<u8>>) -> Kind {
    let text = text.into();
    kind(name, commands(), move |world| world.put(CONFIG_AT, &text))
}

/// YAML that explodes, in no more bytes than these.
pub fn bomb() -> String {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(bomb, "a{level}: &a{level} [{items}]");
    }
    bomb
}

pub fn unknown_keys(count: usize) -> String {
    (0..count).fold(String::new(), |all, n| format!("{all}key{n}: 1\n"))
}

fn config_texts() -> Vec<Kind> {
    let utf16: Vec<u8> = CONFIG.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let named = |value: &str| CONFIG.replace("name: demo", &format!("name: {value}"));
    let many =
        |count: usize| format!("{CONFIG}{}", repeated(count, |n| format!("    key{n}: 1\n")));
    vec![
        text("aliases that grow", bomb() + CONFIG),
        text("an alias that holds itself", "a: &a [*a]\n".to_owned() + CONFIG),
        text("2,000 unknown keys", unknown_keys(2_000) + CONFIG),
        text("100,000 unknown keys", repeated(100_000, |n| format!("k{n}: 1\n")) + CONFIG),
        text("20,000 unknown keys of a type", many(20_000)),
        text("100,000 brackets", "[".repeat(100_000)),
        text("100,000 braces", "{a: ".repeat(100_000)),
        text("100,000 sequences in a line", "- ".repeat(100_000)),
        text("deep indentation", repeated(5_000, |n| format!("{}a:\n", " ".repeat(n)))),
        text("keys given twice", format!("{CONFIG}version: 2\n")),
        text("tabs", "version: 2\n\tproject: {}\n"),
        text("a byte order mark", format!("\u{feff}{CONFIG}")),
        text("UTF-16", utf16),
        text("NUL", format!("{CONFIG}\0")),
        text("no UTF-8", [CONFIG.as_bytes(), b"# \xff\xfe\n"].concat()),
        text("a value of 20 MB", format!("{CONFIG}x: {}\n", "y".repeat(20 << 20))),
        text("merge keys", format!("base: &b {{version: 2}}\n<<: *b\n{CONFIG}")),
        text("a tag of Python", "version: !!python/object/apply:os.system ['touch ../executed']\n"),
        text("a tag of its own", format!("{CONFIG}x: !Evil {{a: 1}}\n")),
        text("several documents", format!("{CONFIG}---\n{CONFIG}")),
        text("nothing", ""),
        text("a list", "- a\n- b\n"),
        text("numbers beyond all", "version: 1e999999999\n"),
        text("another version", CONFIG.replace("version: 2", "version: 99")),
        text("a name with control sequences", named("\"a\\e[31mb\\u202ec\\x9b\"")),
        text("a type with control sequences", CONFIG.replace("data-pipeline\n", "\"\\e[2Jml\"\n")),
        text("a key with control sequences", format!("{CONFIG}\"\\e]0;x\\a\": 1\n")),
        text("an unknown key with bidirectional controls", format!("{CONFIG}\"a\\u202eb\": 1\n")),
        text(
            "a description that is a template",
            CONFIG.replace(
                "A pipeline",
                "\"{{ 7 * 7 }}{% for a in range(99999999) %}x{% endfor %}\"",
            ),
        ),
        text(
            "steps of its own without end",
            format!("{CONFIG}custom: {{steps: {}}}\n", "{a: ".repeat(20_000)),
        ),
    ]
}

fn states() -> Vec<Kind> {
    let text = |name: &str, text: Vec<u8>| {
        kind(&format!("progress with {name}"), commands(), move |world| {
            world.put(CONFIG_AT, CONFIG);
            world.put(STATE_AT, &text);
        })
    };
    let mut all = in_place_of("the progress", STATE_AT, true, commands);
    all.extend([
        text("a million lines", repeated(1_000_000, |n| format!("s{n} completed\n")).into()),
        text("a control sequence", "create-vision skipped \u{1b}[31mred\u{202e}\n".into()),
        text("a control sequence in a name", "a\u{1b}[31m completed\n".into()),
        text("NUL", b"create-vision completed\0\n".to_vec()),
        text("no UTF-8", b"create-vision skipped \xff\n".to_vec()),
        text(
            "a conflict of git",
            b"<<<<<<< a\ncreate-vision completed\n=======\n>>>>>>> b\n".to_vec(),
        ),
        text("a line of 50 MB", vec![b'x'; 50 << 20]),
    ]);
    all
}

fn document(front: &str, body: &str) -> String {
    format!("---\nname: evil\ndescription: Evil\n{front}---\n# Evil\n\n{body}")
}

fn knowledge() -> Vec<Kind> {
    let own = |name: &str, make: fn(&World)| {
        kind(&format!("knowledge: {name}"), documents(), move |world: &mut World| {
            world.put(CONFIG_AT, CONFIG);
            make(world);
        })
    };
    let mut all = vec![
        own("a link to /", |world| world.link(OWN, "/")),
        own("a link to a neighbour", |world| world.link(OWN, "../../sibling")),
        own("a document that is a link to a secret", |world| {
            world.link(&format!("{OWN}/evil.md"), "../../../sibling/secret.md");
        }),
        own("a folder that is a link to a neighbour", |world| {
            world.link(&format!("{OWN}/more"), "../../../sibling");
        }),
        own("a folder that is a link to itself", |world| world.link(&format!("{OWN}/more"), ".")),
        own("a FIFO in it", |world| world.fifo(&format!("{OWN}/evil.md"))),
        own("a device in it", |world| world.link(&format!("{OWN}/evil.md"), "/dev/zero")),
        own("a file in its place", |world| world.put(OWN, "x")),
        own("a document of 2 GB", |world| world.sparse(&format!("{OWN}/evil.md"), 2 << 30)),
        own("400 documents of 7 MB", |world| {
            (0..400).for_each(|n| world.sparse(&format!("{OWN}/{n}.md"), 7 << 20));
        }),
        own("200 folders deep", |world| {
            world.put(&format!("{OWN}/{}evil.md", "d/".repeat(200)), document("", "x"));
        }),
        own("10,000 documents", |world| {
            for n in 0..10_000 {
                world.put(
                    &format!("{OWN}/{n}.md"),
                    document("", "x").replace("name: evil", &format!("name: evil{n}")),
                );
            }
        }),
    ];
    all.extend(documents_of_text());
    all
}

fn documents_of_text() -> Vec<Kind> {
    let text = |name: &str, text: Vec<u8>| {
        kind(&format!("knowledge: {name}"), documents(), move |world: &mut World| {
            world.put(CONFIG_AT, CONFIG);
            world.put(&format!("{OWN}/evil.md"), &text);
        })
    };
    let topics = format!("topics: [{}]\n", "topic, ".repeat(500_000));
    let headings = repeated(100_000, |n| format!("## Heading {n}\n\nText.\n\n"));
    vec![
        text("a front matter of 4 MB", document(&topics, "x").into()),
        text("aliases that grow in a front matter", document(&bomb(), "x").into()),
        text(
            "brackets in a front matter",
            document(&format!("topics: {}\n", "[".repeat(100_000)), "x").into(),
        ),
        text("100,000 headings", document("", &headings).into()),
        text("100,000 opened quotes", document("", &"> ".repeat(100_000)).into()),
        text("100,000 opened links", document("", &"[a](".repeat(100_000)).into()),
        text("100,000 opened emphases", document("", &"*a **b ".repeat(50_000)).into()),
        text(
            "conditions without end",
            document("", &"## A\n<!-- when: a -->\n".repeat(20_000)).into(),
        ),
        text(
            "control sequences in a description",
            document("", "x").replace("Evil\n---", "\"\\e[31mE\\u202e\"\n---").into(),
        ),
        text(
            "control sequences in a heading and its text",
            document("", "## \u{1b}[31mred\u{202e}\n\n\u{1b}]8;;x\u{7}canary\u{9b}\n").into(),
        ),
        text(
            "a name with control sequences",
            document("", "x").replace("name: evil", "name: \"ev\\e[2Jil\"").into(),
        ),
        text(
            "code from outside",
            document("code: {../../secret.txt: see, /etc/hostname: see}\n", "x").into(),
        ),
        text(
            "links to outside",
            document("", "[a](../../secret.txt) ![b](file:///etc/passwd)\n").into(),
        ),
        text(
            "an example that runs",
            document("", "```python\nimport os; os.system('touch ../executed')\n```\n").into(),
        ),
        text("no UTF-8", b"---\nname: evil\ndescription: \xff\n---\n# Evil\n".to_vec()),
    ]
}

/// A step of a pack whose outputs lead elsewhere.
fn step(outputs: &str, more: &str) -> String {
    format!(
        "---\nname: evil\ndescription: Evil\nphase: pre\norder: 1\nmvp: true\noutputs: [{outputs}]\nreads: []\n{more}---\n# Evil\n\n## Purpose\n\nText.\n"
    )
}

fn built_in() -> Vec<Words> {
    vec![reads("guide create-prd"), reads("guide review-vision"), reads("status")]
}

fn outputs() -> Vec<Kind> {
    let with = |name: &str, outputs: &'static str, make: fn(&World)| {
        kind(&format!("outputs: {name}"), method(), move |world: &mut World| {
            world.put(CONFIG_AT, CONFIG);
            crate::packs::pack(world);
            let absolute = world.path("secret.txt").display().to_string();
            let outputs = outputs.replace("ABSOLUTE", &absolute);
            world.put(&format!("{STEPS}/evil.md"), step(&outputs, ""));
            world.put(
                &format!("{STEPS}/later.md"),
                step("docs/later.md", "dependencies: [evil]\n")
                    .replace("name: evil", "name: later")
                    .replace("order: 1", "order: 2"),
            );
            make(world);
        })
    };
    vec![
        with("a path that goes up", "../secret.txt", |_| {}),
        with("a path that is absolute", "ABSOLUTE", |_| {}),
        with("a path with a pattern", "'../*.txt'", |_| {}),
        with("a link to a secret", "docs/out.md", |world| {
            world.link("clone/docs/out.md", "../../secret.txt");
        }),
        with("a folder that is a link", "docs/secret.txt", |world| world.link("clone/docs", "..")),
        with("a device", "docs/out.md", |world| world.link("clone/docs/out.md", "/dev/zero")),
        with("a FIFO", "docs/out.md", |world| world.fifo("clone/docs/out.md")),
        with("a folder", "docs", |world| world.put("clone/docs/a.md", "x")),
        with("2 GB", "docs/out.md", |world| world.sparse("clone/docs/out.md", 2 << 30)),
        with("control sequences", "docs/out.md", |world| {
            world.put("clone/docs/out.md", "a\u{1b}[31mb\u{202e}c");
        }),
        kind("outputs: a document of the built-in method is a link", built_in(), |world| {
            world.put(CONFIG_AT, CONFIG);
            world.link("clone/docs/vision.md", "../../secret.txt");
        }),
        kind("outputs: the documents are in a folder that is a link", built_in(), |world| {
            world.put(CONFIG_AT, CONFIG);
            world.put("sibling/vision.md", format!("{SECRET}\n"));
            world.link("clone/docs", "../sibling");
        }),
        kind("steps that wait for each other", method(), |world| {
            world.put(CONFIG_AT, CONFIG);
            crate::packs::pack(world);
            world.put(&format!("{STEPS}/evil.md"), step("", "dependencies: [other]\n"));
            world.put(
                &format!("{STEPS}/other.md"),
                step("", "dependencies: [evil]\n").replace("name: evil", "name: other"),
            );
        }),
        kind("5,000 steps in a chain", method(), |world| {
            world.put(CONFIG_AT, CONFIG);
            crate::packs::pack(world);
            world.put(&format!("{STEPS}/evil.md"), step("", "dependencies: [e0]\n"));
            for n in 0..5_000 {
                let text = step("", &format!("dependencies: [e{}]\n", n + 1))
                    .replace("name: evil", &format!("name: e{n}"));
                world.put(&format!("{STEPS}/e{n}.md"), text);
            }
        }),
    ]
}
