//! A user's world around something hostile: a home, neighbours with a secret, and the commands that a victim would run,
//! each within bounds and judged.

use crate::snapshot::{self, Node, Tree, differences};
use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What must never be printed.
pub const SECRET: &str = "canary-5f2a91";
/// No command may take more of the processor, or have more memory.
fn longest() -> Duration {
    // What is not optimised is given more time.
    Duration::from_secs(if is_optimised() { 10 } else { 30 })
}
/// So many times as long it may take by the clock, as others are at work on the machine of a test.
const PATIENCE: u32 = 3;
const MOST_KILOBYTES: u64 = 300 << 10;
/// What git's ignored characters, terminals and people would not see.
const UNSEEN: [char; 17] = [
    '\u{061c}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}',
    '\u{202e}', '\u{2028}', '\u{2029}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{feff}',
    '\u{7f}',
];

/// The folders: `home`, `around/clone` in which the victim works, `around/sibling`, `around/pack`.
pub struct World {
    root: TempDir,
    /// More of the environment.
    pub environment: Vec<(String, std::ffi::OsString)>,
    /// What standard input is; nothing, if it is not set.
    pub input: Option<PathBuf>,
    /// Runs as this user.
    pub user: Option<u32>,
    /// Where commands run, below `around`.
    pub folder: String,
    /// Whether `around/pack` is too large to be looked at.
    pub big: bool,
}

/// One command of the victim.
#[derive(Clone)]
pub struct Words {
    all: Vec<String>,
    /// Whether it may change what is in the folder.
    writes: bool,
    /// Whether it must not succeed.
    refused: bool,
    /// Whether this build is too slow for it.
    left_out: bool,
}

/// A command that reads.
pub fn reads(words: &str) -> Words {
    Words {
        all: words.split(' ').map(str::to_owned).collect(),
        writes: false,
        refused: false,
        left_out: false,
    }
}

/// A command that looks at every configuration of a pack, which takes seconds where it is not optimised: then it is left out.
pub fn lints(words: &str) -> Words {
    Words { left_out: !is_optimised(), ..reads(words) }
}

fn is_optimised() -> bool {
    !cfg!(debug_assertions) || std::env::var_os("HOSTILE_PROGRAM").is_some()
}

/// Many lines, each made of its number.
pub fn repeated(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// A command that may write into its folder.
pub fn writes(words: &str) -> Words {
    Words { writes: true, ..reads(words) }
}

/// A command that must be refused.
pub fn refused(words: &str) -> Words {
    Words { refused: true, ..writes(words) }
}

impl World {
    pub fn new() -> Self {
        let root = TempDir::new().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let world = Self {
            root,
            environment: Vec::new(),
            input: None,
            user: None,
            folder: "clone".to_owned(),
            big: false,
        };
        world.put("../home/.bashrc", "alias ll='ls -l'\n");
        world.put("../home/.ssh/id", format!("{SECRET}\n"));
        world.put("secret.txt", format!("{SECRET}\n"));
        world.put("sibling/thesis.txt", format!("{SECRET}\n"));
        world.put(
            "sibling/secret.md",
            format!("---\nname: secret\ndescription: {SECRET}\n---\n# {SECRET}\n"),
        );
        world.put(
            "evil.sh",
            format!("#!/bin/sh\ntouch {}\n", world.root.path().join("executed").display()),
        );
        fs::set_permissions(world.path("evil.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir_all(world.path("clone")).unwrap();
        world
    }

    /// A path below `around`.
    pub fn path(&self, below: &str) -> PathBuf {
        self.root.path().join("around").join(below)
    }

    pub fn put(&self, below: &str, content: impl AsRef<[u8]>) {
        let path = self.path(below);
        fs::create_dir_all(self.root.path().join("around")).unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn make_room(&self, below: &str) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir_all(&path);
        path
    }

    /// A link; relative targets are relative to it.
    pub fn link(&self, below: &str, target: &str) {
        symlink(target, self.make_room(below)).unwrap();
    }

    pub fn folder(&self, below: &str) {
        fs::create_dir_all(self.make_room(below)).unwrap();
    }

    pub fn fifo(&self, below: &str) {
        let path = self.make_room(below);
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::from_bits_truncate(0o644)).unwrap();
    }

    pub fn socket(&self, below: &str) {
        // The file stays when the listener is gone.
        drop(std::os::unix::net::UnixListener::bind(self.make_room(below)).unwrap());
    }

    pub fn sparse(&self, below: &str, bytes: u64) {
        File::create(self.make_room(below)).unwrap().set_len(bytes).unwrap();
    }

    /// Gives something, with all below it, to another user, as far as we may.
    pub fn give_away(&self, below: &str) {
        let path = self.path(below);
        let _ = Command::new("chown")
            .args(["-hR", "12345:12345"])
            .arg(path)
            .stderr(Stdio::null())
            .status();
    }

    pub fn mode(&self, below: &str, mode: u32) {
        fs::set_permissions(self.path(below), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub fn git_init(&self, below: &str, arguments: &[&str]) {
        fs::create_dir_all(self.path(below)).unwrap();
        let mut command = Command::new("git");
        command.args(["init", "--quiet", "--template="]).args(arguments).arg(self.path(below));
        assert!(command.status().unwrap().success());
    }

    /// Everything, but for a pack that is too big.
    fn look(&self) -> Tree {
        let mut tree = Tree::new();
        for name in ["home", if self.big { "around/clone" } else { "around" }] {
            let below = snapshot::tree(&self.root.path().join(name));
            tree.extend(below.into_iter().map(|(path, node)| (format!("{name}/{path}"), node)));
        }
        if self.root.path().join("executed").exists() {
            tree.insert("executed".to_owned(), Node::Special);
        }
        tree
    }

    /// Whether a change is one of the folder that the victim works in, and not of a repository that was there before.
    fn is_inside(&self, before: &Tree, change: &str) -> bool {
        let path = change.trim_start_matches(['+', '-', '~']);
        let git = path.split_once("/.git/").map(|(folder, _)| format!("{folder}/.git"));
        path.starts_with(&format!("around/{}/", self.folder))
            && git.is_none_or(|git| !before.contains_key(&git))
    }

    fn command(&self, words: &[String]) -> Command {
        let brake = ["prlimit", "--as=2000000000", "--"].map(str::to_owned).to_vec();
        let user = self.user.map(|user| {
            let user = user.to_string();
            ["setpriv", "--reuid", &user, "--regid", &user, "--clear-groups"]
                .map(str::to_owned)
                .to_vec()
        });
        let program =
            std::env::var("HOSTILE_PROGRAM").unwrap_or(env!("CARGO_BIN_EXE_scaffold").to_owned());
        let all: Vec<String> = user
            .unwrap_or_default()
            .into_iter()
            .chain(brake)
            .chain([program])
            .chain(words.iter().cloned())
            .collect();
        let output = |name: &str| File::create(self.root.path().join(name)).unwrap();
        let input =
            self.input.as_ref().map_or(Stdio::null(), |path| File::open(path).unwrap().into());
        let mut command = Command::new(&all[0]);
        command
            .args(&all[1..])
            .current_dir(self.path(&self.folder))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.root.path().join("home"))
            .env("XDG_STATE_HOME", self.root.path().join("state"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TEMPLATE_DIR", "")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(input)
            .stdout(output("stdout"))
            .stderr(output("stderr"));
        command
    }

    /// Runs one command and says what is wrong with what it did.
    pub fn faults(&self, words: &Words) -> Vec<String> {
        if words.left_out {
            return Vec::new();
        }
        let before = self.look();
        let (status, stopped) = bounded(self.command(&words.all));
        let text = |name: &str| {
            String::from_utf8_lossy(&fs::read(self.root.path().join(name)).unwrap_or_default())
                .into_owned()
        };
        let (stdout, stderr) = (text("stdout"), text("stderr"));
        let mut faults: Vec<String> = stopped.into_iter().collect();
        if faults.is_empty()
            && (!matches!(status, Some(0..=4))
                || stderr.contains("panicked")
                || stderr.contains("overflow"))
        {
            faults.push(format!("crash: {status:?} {}", short(&stderr)));
        }
        if faults.is_empty() && status != Some(0) && stderr.is_empty() && stdout.is_empty() {
            faults.push(format!("exit {status:?} without a message"));
        }
        if words.refused && status == Some(0) {
            faults.push("it is taken".to_owned());
        }
        for (name, text) in [("stdout", &stdout), ("stderr", &stderr)] {
            faults.extend(text.contains(SECRET).then(|| format!("{name} shows the secret")));
            faults.extend(
                text.chars()
                    .find(|c| is_raw(*c))
                    .map(|c| format!("{name} has a raw U+{:04X}", u32::from(c))),
            );
        }
        let after = self.look();
        // What the program keeps for the user lies in the home unless it is told another place.
        let is_kept = |change: &String| {
            change.ends_with("home/.local/") || change.contains("home/.local/state/")
        };
        let (inside, outside): (Vec<String>, Vec<String>) = differences(&before, &after)
            .into_iter()
            .filter(|change| !is_kept(change))
            .partition(|change| self.is_inside(&before, change));
        let mut told = |what: &str, changes: &[String]| {
            if !changes.is_empty() {
                faults.push(format!("{what}: {}", changes[..changes.len().min(4)].join(" ")));
            }
        };
        told("changes outside", &outside);
        told("plants", &planted(&before, &after));
        if !words.writes {
            told("changes inside by a command that reads", &inside);
        }
        faults.into_iter().map(|fault| format!("`{}`: {fault}", words.all.join(" "))).collect()
    }
}

/// Files of an attacker that are where they were not, but for what is set aside.
fn planted(before: &Tree, after: &Tree) -> Vec<String> {
    let aside = ["tmp-write", "scaffold-tmp", ".scaffold.backup", "scaffold-kept"];
    let is_owned = |(path, node): &(&String, &Node)| {
        let owned = matches!(node, Node::File(bytes, _) if bytes.starts_with(b"owned"));
        owned && before.get(*path) != Some(node) && !aside.iter().any(|word| path.contains(word))
    };
    after.iter().filter(is_owned).map(|(path, _)| path.clone()).collect()
}

fn is_raw(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || UNSEEN.contains(&c)
}

fn short(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(160).collect()
}

/// Runs it until it ends or goes beyond a bound.
fn bounded(mut command: Command) -> (Option<i32>, Option<String>) {
    let mut child = command.spawn().unwrap();
    let end = Instant::now() + longest() * PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), None);
        }
        let memory = peak(child.id());
        let over = match () {
            () if Instant::now() > end => Some("does not end".to_owned()),
            () if spent(child.id()) > longest() => {
                Some(format!("takes more than {} s", longest().as_secs()))
            }
            () if memory > MOST_KILOBYTES => Some("takes more than 300 MB".to_owned()),
            () => None,
        };
        if over.is_some() {
            let _ = child.kill();
            let _ = child.wait();
            return (None, over);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What a process took of the processor, which a busy machine does not make longer.
fn spent(process: u32) -> Duration {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat"));
    let line = status.unwrap_or_default();
    // The name, in brackets, may hold blanks; `utime` and `stime` are the 14th and 15th field (proc(5)), in hundredths.
    let fields = line.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let hundredths: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(hundredths * 10)
}

/// The most memory that a process had, in kilobytes.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"));
    let line = status.unwrap_or_default();
    let found = line
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
    found.unwrap_or(0)
}
