//! What others wrote is refused where it is no plain, bounded text, tried on the real program.

mod support;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use support::{BATCH, Ran, Sandbox, ran};

const ABOUT: &str = "name: p\nversion: '1'\ndescription: P\n";
const OVERLAY: &str = "\
name: small
description: Small
project-type: small
questions:
  - {id: color, flag: small-color, ask: Which?, kind: choice, choices: {red: r, blue: b}, default: red}
layers: [small/base]
commands: {setup: ['true'], run: ['true'], check: ['true']}
";

/// A sandbox with the pack `p`.
fn with_pack() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("p/pack.yml", ABOUT);
    sandbox.write("p/overlays/small.yml", OVERLAY);
    sandbox.write("p/templates/small/base/README.md.jinja", "# {{ color }}\n");
    sandbox
}

/// A sandbox with the sample in `demo`.
fn with_project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run(&[&BATCH[..], &["--quiet"]].concat()).expect(0);
    sandbox
}

fn init_small(sandbox: &Sandbox) -> Ran {
    quickly(sandbox.command(&["init", "d", "--pack", "p", "--project-type", "small", "--auto"]))
}

fn within(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let mut command = sandbox.command(words);
    command.current_dir(sandbox.path("demo"));
    quickly(command)
}

/// Runs the command; it may neither wait nor take long, even in a debug build on a busy machine.
fn quickly(mut command: Command) -> Ran {
    let started = Instant::now();
    let output = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = output.spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("{command:?} waits or takes too long");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    ran(&child.wait_with_output().unwrap())
}

/// The run failed, and its words hold all of these.
#[allow(clippy::needless_pass_by_value)] // a refusal is the end of the run
fn refused(ran: Ran, words: &[&str]) {
    assert!((1..=3).contains(&ran.status), "{}: {}{}", ran.status, ran.stdout, ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "no {word:?} in:\n{}", ran.stderr);
    }
}

/// So many pieces, one after the other.
fn many(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect::<Vec<_>>().concat()
}

fn bytes(sandbox: &Sandbox, below: &str, bytes: &[u8]) {
    sandbox.write(below, "");
    std::fs::write(sandbox.path(below), bytes).unwrap();
}

fn sparse(sandbox: &Sandbox, below: &str, size: u64) {
    sandbox.write(below, "");
    std::fs::File::options().write(true).open(sandbox.path(below)).unwrap().set_len(size).unwrap();
}

#[cfg(unix)]
fn pipe(path: &Path) {
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
}

#[cfg(unix)]
fn link(to: &str, sandbox: &Sandbox, below: &str) {
    let path = sandbox.path(below);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(to, path).unwrap();
}

fn answers(sandbox: &Sandbox) -> Ran {
    quickly(sandbox.command(&["init", "demo", "--answers", "a.yml", "--auto", "--dry-run"]))
}

const GOOD: &str =
    "project:\n  projectType: data-pipeline\n  dataPipelineConfig:\n    processingModel: batch\n";

#[test]
fn an_answers_file_is_taken_whole_or_not_at_all() {
    let sandbox = Sandbox::new();
    sandbox.write("a.yml", &format!("\u{feff}{GOOD}"));
    answers(&sandbox).expect(0);
    // What was cut at the limit used to be taken.
    let large = format!("{GOOD}#{}\n  nonsense: [\n", "x".repeat(1 << 20));
    sandbox.write("a.yml", &large);
    refused(answers(&sandbox), &["error[limit]", "larger than 1 MB", "a.yml"]);
    let mut command = sandbox.command(&["init", "demo", "--answers", "-", "--auto", "--dry-run"]);
    command.stdin(std::fs::File::open(sandbox.path("a.yml")).unwrap());
    refused(quickly(command), &["error[limit]", "stdin"]);
    bytes(&sandbox, "a.yml", b"project:\n  name: \xff\n");
    refused(answers(&sandbox), &["a.yml:2:9", "the byte FF", "save it as UTF-8"]);
    bytes(&sandbox, "a.yml", b"\xff\xfep\0r\0");
    refused(answers(&sandbox), &["UTF-16"]);
    std::fs::remove_file(sandbox.path("a.yml")).unwrap();
    refused(answers(&sandbox), &["there is no answers file `a.yml`"]);
    std::fs::create_dir(sandbox.path("a.yml")).unwrap();
    refused(answers(&sandbox), &["`a.yml` is a folder"]);
    assert!(!sandbox.path("demo").exists());
}

#[test]
#[cfg(unix)]
fn an_answers_file_that_is_none_is_not_waited_for() {
    let sandbox = Sandbox::new();
    pipe(&sandbox.path("a.yml"));
    refused(answers(&sandbox), &["error[bad-config]", "a device, a pipe or a socket"]);
    for (to, words) in [("/dev/zero", "a device, a pipe"), ("nowhere", "a link that leads nowhere")]
    {
        std::fs::remove_file(sandbox.path("a.yml")).unwrap();
        link(to, &sandbox, "a.yml");
        refused(answers(&sandbox), &["error[bad-config]", words]);
    }
    // A link to a file is the user's own choice.
    std::fs::remove_file(sandbox.path("a.yml")).unwrap();
    sandbox.write("real.yml", GOOD);
    link("real.yml", &sandbox, "a.yml");
    answers(&sandbox).expect(0);
}

#[test]
fn yaml_that_is_too_much_or_ambiguous_is_refused_with_its_place() {
    let sandbox = Sandbox::new();
    let grows = |level: usize| {
        let below = format!("*a{level}, ").repeat(10);
        format!("a{}: &a{} [{below}]\n", level + 1, level + 1)
    };
    let bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned() + &many(8, grows);
    let keys = many(60_000, |key| format!("k{key}: 1\n"));
    let cases: [(&str, &str, &str); 8] = [
        (&bomb, "more than 100000 keys and values", "a.yml:5:"),
        (&keys, "more than 100000 keys and values", "a.yml:50000:"),
        (&format!("a: {}", "[".repeat(100_000)), "more than 64 deep", "a.yml:1:"),
        (&"- ".repeat(100_000), "more than 64 deep", "a.yml:1:129"),
        (&format!("{GOOD}---\nversion: 2\n"), "more than one document", "a.yml:5:1"),
        (
            "custom: !!python/object:os.system x\n",
            "the tag `!!python/object:os.system`",
            "a.yml:1:",
        ),
        ("custom: &a [*a]\n", "inside its own anchor", "a.yml:1:13"),
        ("version: 2\nproject: a\0b\n", "U+0000", "a.yml:2:11"),
    ];
    for (text, words, place) in cases {
        sandbox.write("a.yml", text);
        refused(answers(&sandbox), &[words, place]);
    }
}

#[test]
fn many_faults_of_one_file_are_counted_and_told_quickly() {
    let sandbox = Sandbox::new();
    let keys = many(40_000, |key| format!("    k{key}: 1\n"));
    sandbox.write("a.yml", &format!("{GOOD}{keys}"));
    let ran = answers(&sandbox).expect(2);
    assert!(ran.stderr.contains("unknown key `k0` in `dataPipelineConfig`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("a.yml:24:5"), "{}", ran.stderr);
    assert!(ran.stderr.contains("and 39980 more in `a.yml`"), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("unknown key").count(), 20);
    let keys = many(40_000, |key| format!("k{key}: 1\n"));
    sandbox.write("a.yml", &format!("{GOOD}{keys}"));
    let ran = answers(&sandbox).expect(0);
    assert!(ran.stderr.contains("39980 more keys are not known"), "{}", ran.stderr);
}

#[test]
#[cfg(unix)]
fn a_variable_that_is_not_utf8_is_an_error_and_is_not_changed() {
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&[&BATCH[..], &["--dry-run"]].concat());
    command.env("SCAFFOLD_SET_NAME", std::ffi::OsStr::from_bytes(b"d\xffmo"));
    refused(quickly(command), &["the variable `SCAFFOLD_SET_NAME` is not UTF-8"]);
    // Those of others are none of ours.
    let mut command = sandbox.command(&[&BATCH[..], &["--dry-run"]].concat());
    command.env("OTHER", std::ffi::OsStr::from_bytes(b"\xff"));
    quickly(command).expect(0);
}

/// Every command that reads a pack.
const READERS: [&[&str]; 12] = [
    &["init", "d", "--auto", "--project-type", "small", "--dry-run"],
    &["init", "--help"],
    &["questions", "small"],
    &["schema", "config"],
    &["doctor", "small"],
    &["knowledge", "list"],
    &["knowledge", "search", "x"],
    &["knowledge", "check"],
    &["guide", "tdd"],
    &["status"],
    &["next"],
    &["list"],
];

#[test]
fn a_list_of_allowed_packs_governs_every_command_that_reads_one() {
    let sandbox = with_pack();
    sandbox.write("org/scaffold/config.yml", "packs: [acme]\n");
    let org = |mut command: Command| {
        command.env("XDG_CONFIG_DIRS", sandbox.path("org"));
        quickly(command)
    };
    for words in READERS {
        let with = [words, &["--pack", "p"]].concat();
        refused(
            org(sandbox.command(&with)),
            &["the pack `p` is not allowed", "org/scaffold/config.yml"],
        );
    }
    for words in [["pack", "lint", "p"], ["pack", "test", "p"]] {
        refused(org(sandbox.command(&words)), &["the pack `p` is not allowed"]);
    }
    sandbox.write("org/scaffold/config.yml", "packs: [p]\n");
    org(sandbox.command(&["questions", "small", "--pack", "p"])).expect(0);
    org(sandbox.command(&["pack", "lint", "p"])).expect(0);
}

#[test]
fn a_policy_that_cannot_be_read_stops_every_command() {
    let sandbox = with_pack();
    let file = "org/scaffold/config.yml";
    let org = |words: &[&str]| {
        let mut command = sandbox.command(words);
        command.env("XDG_CONFIG_DIRS", sandbox.path("org"));
        quickly(command)
    };
    let all = |case: &str| {
        for words in READERS {
            refused(org(&[words, &["--pack", "p"]].concat()), &[file, case]);
        }
        refused(org(&[&BATCH[..], &["--dry-run"]].concat()), &[file, case]);
        refused(org(&["pack", "lint"]), &[file, case]);
    };
    bytes(&sandbox, file, b"packs: [\xff]\n");
    all("not UTF-8");
    sandbox.write(file, "packs: [\n");
    all("not YAML");
    sparse(&sandbox, file, 2 << 30);
    all("larger than 1 MB");
    std::fs::remove_file(sandbox.path(file)).unwrap();
    std::fs::create_dir(sandbox.path(file)).unwrap();
    all("is a folder");
    std::fs::remove_dir_all(sandbox.path("org/scaffold")).unwrap();
    org(&["questions", "small", "--pack", "p"]).expect(0);
    sandbox.write("org/scaffold", "");
    all("a file, where a folder is needed");
}

#[test]
#[cfg(unix)]
fn a_policy_behind_a_link_that_leads_nowhere_or_a_pipe_is_no_permission() {
    let sandbox = with_pack();
    let org = || {
        let mut command = sandbox.command(&["questions", "small", "--pack", "p"]);
        command.env("XDG_CONFIG_DIRS", sandbox.path("org"));
        quickly(command)
    };
    link("nowhere", &sandbox, "org/scaffold/config.yml");
    refused(org(), &["a link that leads nowhere"]);
    std::fs::remove_file(sandbox.path("org/scaffold/config.yml")).unwrap();
    pipe(&sandbox.path("org/scaffold/config.yml"));
    refused(org(), &["a pipe"]);
    std::fs::remove_dir_all(sandbox.path("org/scaffold")).unwrap();
    link("gone", &sandbox, "org/scaffold");
    refused(org(), &["`", "org/scaffold` is a link that leads nowhere"]);
    std::fs::remove_file(sandbox.path("org/scaffold")).unwrap();
    // Permissions do not stop the administrator, as whom tests may run.
    if !rustix::process::geteuid().is_root() {
        use std::os::unix::fs::PermissionsExt as _;
        sandbox.write("org/scaffold/config.yml", "packs: [acme]\n");
        let closed = std::fs::Permissions::from_mode(0o000);
        std::fs::set_permissions(sandbox.path("org/scaffold/config.yml"), closed).unwrap();
        refused(org(), &["error[io]", "org/scaffold/config.yml"]);
    }
}

#[test]
#[cfg(unix)]
fn a_relative_configuration_folder_counts_as_not_named() {
    let sandbox = with_pack();
    sandbox.write("org/scaffold/config.yml", "packs: [acme]\n");
    sandbox.write("../home/.config/scaffold/config.yml", "packs: [acme, p]\n");
    let run = |name: &str, value: &str| {
        let mut command = sandbox.command(&["questions", "small", "--pack", "p"]);
        command.env(name, value);
        quickly(command)
    };
    run("XDG_CONFIG_HOME", "org").expect(0);
    run("XDG_CONFIG_DIRS", "org:./org").expect(0);
    sandbox.write("../home/.config/scaffold/config.yml", "packs: [acme]\n");
    refused(run("XDG_CONFIG_HOME", "nowhere"), &["the pack `p` is not allowed"]);
}

#[test]
#[cfg(unix)]
fn a_repository_is_read_through_no_link_and_nothing_in_it_is_waited_for() {
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = with_project();
    sandbox.write("secret", "version: 2\n");
    for (file, words) in [
        (".scaffold/config.yml", vec!["status"]),
        (".scaffold/state", vec!["status"]),
        (".scaffold/knowledge", vec!["knowledge", "list"]),
        (".scaffold/knowledge/a.md", vec!["knowledge", "list"]),
        (".scaffold/knowledge/sub/a.md", vec!["guide", "tdd"]),
    ] {
        let path = sandbox.path(&format!("demo/{file}"));
        let kept = std::fs::read(&path).ok();
        let below = format!("demo/{file}");
        let clear = || drop(std::fs::remove_file(&path));
        let name = file.rsplit('/').next().unwrap();
        for to in ["../../secret", "/dev/zero", "nowhere"] {
            clear();
            link(to, &sandbox, &below);
            refused(within(&sandbox, &words), &[name, "a link, and links are not followed"]);
        }
        clear();
        pipe(&path);
        refused(within(&sandbox, &words), &[name]);
        clear();
        if file.contains('.') && !file.ends_with("knowledge") {
            sparse(&sandbox, &below, 2 << 30);
            refused(within(&sandbox, &words), &["error[limit]", "larger than 1 MB", name]);
            clear();
        }
        if let Some(kept) = kept {
            std::fs::write(&path, kept).unwrap();
        }
        within(&sandbox, &["status"]).expect(0);
    }
    let odd =
        sandbox.path("demo/.scaffold/knowledge").join(std::ffi::OsStr::from_bytes(b"\xff.md"));
    std::fs::create_dir_all(odd.parent().unwrap()).unwrap();
    std::fs::write(&odd, "x").unwrap();
    refused(within(&sandbox, &["knowledge", "check"]), &["not UTF-8"]);
}

#[test]
fn a_configuration_or_state_gone_wild_is_told_with_its_place() {
    let sandbox = with_project();
    let config = sandbox.read("demo/.scaffold/config.yml");
    let wrong = |text: &str, words: &[&str]| {
        sandbox.write("demo/.scaffold/config.yml", text);
        refused(within(&sandbox, &["status"]), words);
    };
    wrong(&format!("x: {}", "[".repeat(100_000)), &["config.yml:1:", "64 deep"]);
    // Such keys could be read, but not written again: the program ended with a bug of its own.
    wrong(
        &format!("{config}x:\n  ? a: b\n  : 1\n"),
        &["a key is a map", "write a text as the key"],
    );
    wrong(&format!("{config}x:\n  ! a: 1\n"), &["it holds a key that cannot be kept"]);
    let keys = many(2_000, |key| format!("    k{key}: 1\n"));
    let block = config.replace("dataPipelineConfig:\n", &format!("dataPipelineConfig:\n{keys}"));
    wrong(&block, &["unknown key `k0`", "and 1980 more"]);
    sandbox.write("demo/.scaffold/config.yml", &config);
    sandbox.write("demo/.scaffold/state", &"tdd completed\n".repeat(1_000_000));
    refused(within(&sandbox, &["status"]), &["error[limit]", "state", "1 MB"]);
    bytes(&sandbox, "demo/.scaffold/state", b"tdd completed\ntdd\xff\n");
    refused(within(&sandbox, &["status"]), &[".scaffold/state:2:4"]);
}

#[test]
#[cfg(unix)]
fn an_output_that_is_a_link_or_too_large_is_not_pasted_and_said() {
    let sandbox = with_project();
    sandbox.write("secret", "the secret\n");
    let guide = || within(&sandbox, &["guide", "create-prd"]).expect(0);
    link("../../secret", &sandbox, "demo/docs/vision.md");
    let ran = guide();
    assert!(!ran.stdout.contains("the secret"), "{}", ran.stdout);
    assert!(ran.stdout.contains("`docs/vision.md`, from `create-vision`: not there yet"));
    assert!(ran.stderr.contains("`docs/vision.md` is left out"), "{}", ran.stderr);
    std::fs::remove_file(sandbox.path("demo/docs/vision.md")).unwrap();
    sparse(&sandbox, "demo/docs/vision.md", 3 << 20);
    assert!(guide().stderr.contains("larger than 1 MB"));
    sandbox.write("demo/docs/vision.md", "the vision\n");
    assert!(guide().stdout.contains("the vision"));
}

#[test]
fn a_pack_names_nothing_outside_the_repository() {
    for output in ["../../key", "/etc/passwd", ".git/config", "a/../../b"] {
        let sandbox = with_pack();
        let step = format!(
            "---\nname: s\ndescription: S\nphase: p\norder: 1\noutputs: ['{output}']\n---\n\n## Purpose\n\nx\n"
        );
        sandbox.write("p/knowledge/steps/s.md", &step);
        let ran = sandbox.run(&["knowledge", "list", "--pack", "p"]);
        refused(ran, &["error[bad-knowledge]", "p/knowledge/steps/s.md:6:", output]);
        let sandbox = with_pack();
        let text = format!("{OVERLAY}detect: [{{file: '{output}'}}]\n");
        sandbox.write("p/overlays/small.yml", &text);
        refused(init_small(&sandbox), &["p/overlays/small.yml:8:", output]);
    }
}

#[test]
fn a_pack_has_names_that_every_system_takes() {
    for (name, words) in [
        ("templates/small/base/aux.md", "device on Windows"),
        ("templates/small/base/a\u{1}b", "control character"),
        ("templates/small/base/README.MD.jinja", "letter case does not count"),
        ("knowledge/e\u{301}.md", "combining mark"),
        ("templates/small/base/x .md /a", "dot or a space"),
    ] {
        if cfg!(windows) {
            break;
        }
        let sandbox = with_pack();
        sandbox.write(&format!("p/{name}"), "x\n");
        refused(init_small(&sandbox), &["error[bad-path]", words]);
    }
    let sandbox = with_pack();
    sandbox.write("p/knowledge/\u{ac00}.md", "x\n");
    sandbox.write("p/knowledge/\u{1100}\u{1161}.md", "x\n");
    // Some systems make one name of the two.
    if sandbox.tree("p/knowledge").len() == 2 {
        refused(init_small(&sandbox), &["composed and decomposed"]);
    }
}

#[test]
#[cfg(unix)]
fn a_pack_is_a_folder_of_plain_files() {
    use std::os::unix::ffi::OsStrExt as _;
    for pack in ["/dev/null", "pipe", "p/pack.yml"] {
        let sandbox = with_pack();
        pipe(&sandbox.path("pipe"));
        let ran = quickly(sandbox.command(&["init", "d", "--auto", "--pack", pack]));
        refused(ran, &["error[bad-pack]", "is not a folder"]);
    }
    for below in
        ["p/pack.yml", "p/overlays/small.yml", "p/templates/small", "p/templates", "p/knowledge"]
    {
        let sandbox = with_pack();
        let _ = std::fs::rename(sandbox.path(below), sandbox.path("moved"));
        let up = "../".repeat(below.matches('/').count());
        link(&format!("{up}moved"), &sandbox, below);
        refused(init_small(&sandbox), &["a link, and links are not followed"]);
    }
    let sandbox = with_pack();
    pipe(&sandbox.path("p/templates/small/base/pipe"));
    refused(init_small(&sandbox), &["templates/small/base/pipe", "a device, a pipe or a socket"]);
    let sandbox = with_pack();
    let odd = sandbox.path("p/templates/small").join(std::ffi::OsStr::from_bytes(b"\xff"));
    std::fs::write(odd, "").unwrap();
    refused(init_small(&sandbox), &["not UTF-8"]);
}

#[test]
fn a_pack_has_bounds() {
    let sandbox = with_pack();
    sparse(&sandbox, "p/templates/small/base/large", (8 << 20) + 1);
    refused(init_small(&sandbox), &["error[limit]", "larger than 8 MB"]);
    let sandbox = with_pack();
    (0..9).for_each(|n| sparse(&sandbox, &format!("p/templates/small/base/f{n}"), 8 << 20));
    refused(init_small(&sandbox), &["error[limit]", "the pack has more than 64 MB"]);
    let sandbox = with_pack();
    sandbox.write(&format!("p/templates/{}a", "d/".repeat(40)), "");
    refused(init_small(&sandbox), &["error[limit]", "more than 32 deep"]);
    let sandbox = with_pack();
    bytes(&sandbox, "p/overlays/small.yml", format!("{OVERLAY}# \0\n").as_bytes());
    refused(init_small(&sandbox), &["p/overlays/small.yml:8:3", "U+0000"]);
    bytes(&sandbox, "p/overlays/small.yml", b"name: small\ndescription: \xff\n");
    refused(init_small(&sandbox), &["p/overlays/small.yml:2:14"]);
    sandbox.write("p/overlays/small.yml", OVERLAY);
    bytes(&sandbox, "p/templates/small/base/README.md.jinja", b"# {{ color }}\n\xff\n");
    refused(init_small(&sandbox), &["README.md.jinja:2:1", "the byte FF"]);
    let about = format!("{ABOUT}executable: ['*a*a*a*a*a*a*a*a*a*a*a*a*a*b']\n");
    sandbox.write("p/pack.yml", &about);
    refused(init_small(&sandbox), &["p/pack.yml:4:1", "more than 4 stars"]);
    sandbox.write("p/pack.yml", &format!("{ABOUT}files: 50001\n"));
    refused(init_small(&sandbox), &["p/pack.yml:4:1", "1 to 50000"]);
    sandbox.write("p/templates/small/base/README.md.jinja", "# {{ color }}\n");
    sandbox.write("p/pack.yml", &format!("{ABOUT}files: 1\n"));
    refused(init_small(&sandbox), &["error[limit]", "a repository has at most 1", "`files:`"]);
}

#[test]
fn an_overlay_has_bounds_and_each_is_named_with_its_place() {
    let overlay = |from: &str, to: &str, words: &[&str]| {
        let sandbox = with_pack();
        assert!(OVERLAY.contains(from));
        sandbox.write("p/overlays/small.yml", &OVERLAY.replacen(from, to, 1));
        refused(init_small(&sandbox), words);
    };
    let question = |n: usize| {
        format!("  - {{id: q{n}, flag: small-q{n}, ask: Q, kind: bool, default: true}}\n")
    };
    let more = many(201, question);
    overlay(
        "questions:\n",
        &format!("questions:\n{more}"),
        &["error[limit]", "small.yml:4:1", "`questions` are more than 200"],
    );
    let more = many(200, |n| format!(", c{n}: C"));
    overlay(", blue: b", &more, &["error[limit]", "small.yml:5:", "`choices` are more than 200"]);
    let more = "- {text: N}\n".repeat(1_001);
    overlay(
        "commands",
        &format!("notes:\n{more}commands"),
        &["error[limit]", "`notes` are more than 1000"],
    );
    let long = "x".repeat((64 << 10) + 1);
    overlay(
        "ask: Which?",
        &format!("ask: {long}"),
        &["error[limit]", "small.yml:5:", "at most 65536"],
    );
    let text = "kind: text, pattern: '((a{99}){99}){99}'";
    overlay(
        "kind: choice, choices: {red: r, blue: b}",
        text,
        &["error[bad-pack]", "not a regular expression"],
    );
    let when = format!("notes: [{{text: N, when: \"{}true\"}}]\ncommands", "not ".repeat(9_000));
    overlay("commands", &when, &["error[bad-pack]", "small.yml:7:", "at most 4000 bytes"]);
    let more = many(50, |n| format!("{{file: '../{n}'}}, "));
    overlay(
        "commands",
        &format!("detect: [{more}]\ncommands"),
        &["and 30 more in `p/overlays/small.yml`"],
    );
}

#[test]
fn a_large_pack_is_asked_listed_and_linted_in_bounded_time() {
    for kind in ["choice", "multi-choice"] {
        let sandbox = with_pack();
        let mut text = OVERLAY.replace("commands", "notes: [{text: N}]\ncommands");
        let choices: Vec<String> = (0..30).map(|n| format!("c{n}: C")).collect();
        let default = if kind == "choice" { "c0" } else { "[c0]" };
        let questions = many(40, |n| {
            format!(
                "  - {{id: q{n}, flag: small-q{n}, ask: Q, kind: {kind}, default: {default}, choices: {{{}}}}}\n",
                choices.join(", ")
            )
        });
        text = text.replace("layers", &format!("{questions}layers"));
        sandbox.write("p/overlays/small.yml", &text);
        let read = many(40, |n| format!("{{{{ q{n} }}}}\n"));
        sandbox
            .write("p/templates/small/base/README.md.jinja", &format!("{{{{ color }}}}\n{read}"));
        init_small(&sandbox).expect(0);
        quickly(sandbox.command(&["questions", "small", "--pack", "p"])).expect(0);
        quickly(sandbox.command(&["init", "--help", "--pack", "p"])).expect(0);
        quickly(sandbox.command(&["pack", "lint", "p"])).expect(0);
    }
}

#[test]
fn files_are_read_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    readers(&root, &mut found);
    assert_eq!(found, Vec::<String>::new(), "files are read through `src/system/read.rs` only");
}

fn readers(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let shown = path.display().to_string().replace('\\', "/");
        if ["src/write", "src/system", "src/prove/trial.rs"].iter().any(|own| shown.contains(own)) {
            continue;
        }
        if path.is_dir() {
            readers(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in ["fs::read", "File::open", "read_to_string", "WalkDir"] {
            if text.contains(word) {
                found.push(format!("{shown}: {word}"));
            }
        }
    }
}
