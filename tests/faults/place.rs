//! Where one case happens: a home, a folder for the program's own state, and the user's folder around the destination.

use crate::snapshot::{self, Node, Tree};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// No run takes longer, or it hangs.
const LONGEST: Duration = Duration::from_secs(20);

/// The folders of a case.
pub struct Place {
    pub root: PathBuf,
    /// In which folder below `around` the program runs.
    pub folder: String,
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Absent if it was killed.
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

impl Place {
    /// Makes the folders.
    pub fn new(root: PathBuf, folder: &str) -> Self {
        for name in ["home/template", "state", "around"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        Self { root, folder: folder.to_owned() }
    }

    /// A copy of all of it, elsewhere.
    pub fn copy(&self, root: PathBuf) -> Self {
        snapshot::copy(&self.root, &root);
        Self { root, folder: self.folder.clone() }
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.root.join("around").join(below)
    }

    pub fn write(&self, below: &str, text: &str) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The user's folder and, below `state:`, the files that the program keeps for itself.
    pub fn tree(&self) -> Tree {
        let mut tree = snapshot::tree(&self.root.join("around"));
        for (path, node) in snapshot::tree(&self.root.join("state")) {
            if let Some(record) = path.strip_prefix("scaffold/runs/") {
                // The numbers of the file system and the path differ from one copy of a situation to the next.
                let kind = if record.contains(".new") { "new" } else { "record" };
                tree.insert(format!("state:{kind}"), Node::File(Vec::new(), 0o600));
            // What an update can be undone with is for `update --abort`, and of another name in each copy.
            } else if node != Node::Folder && !path.starts_with("scaffold/updates/") {
                tree.insert(format!("state:{path}"), node);
            }
        }
        tree
    }

    fn command(&self, folder: &str, before: &[String], arguments: &[String]) -> Command {
        let program = env!("CARGO_BIN_EXE_scaffold").to_owned();
        let mut words = before.iter().chain([&program]).chain(arguments);
        let mut command = Command::new(words.next().expect("the program itself"));
        let home = self.root.join("home");
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .args(words)
            .current_dir(self.path(folder))
            .env_clear()
            .env("PATH", format!("{}:{path}", home.join("bin").display()))
            .env("HOME", &home)
            .env("XDG_STATE_HOME", self.root.join("state"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_TEMPLATE_DIR", home.join("template"))
            .stdin(Stdio::null())
            .stdout(File::create(self.root.join("stdout")).unwrap())
            .stderr(File::create(self.root.join("stderr")).unwrap());
        command
    }

    /// Starts the program, with other words before it.
    pub fn start(&self, before: &[String], arguments: &[String]) -> Child {
        self.command(&self.folder, before, arguments).spawn().unwrap()
    }

    /// Starts the program so that what it starts can be waited for: see [`Self::wait_for_group`].
    pub fn start_group(&self, arguments: &[String]) -> Child {
        use std::os::unix::process::CommandExt as _;
        self.command(&self.folder, &[], arguments).process_group(0).spawn().unwrap()
    }

    /// Waits until what a killed program had started, such as git, has ended by itself.
    pub fn wait_for_group(leader: u32) {
        let group = nix::unistd::Pid::from_raw(i32::try_from(leader).unwrap());
        let end = Instant::now() + LONGEST;
        while nix::sys::signal::killpg(group, None).is_ok() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits for it; what hangs is killed, and its status is 124.
    pub fn wait(&self, mut child: Child) -> Ran {
        let end = Instant::now() + LONGEST;
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break status.code(),
                None if Instant::now() > end => {
                    let _ = child.kill();
                    let _ = child.wait();
                    break Some(124);
                }
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        };
        let text = |name: &str| {
            String::from_utf8_lossy(&fs::read(self.root.join(name)).unwrap_or_default())
                .into_owned()
        };
        Ran { status, stdout: text("stdout"), stderr: text("stderr") }
    }

    /// Runs the program to its end.
    pub fn run(&self, before: &[String], arguments: &[String]) -> Ran {
        self.wait(self.start(before, arguments))
    }

    /// Runs the program undisturbed in a folder.
    pub fn run_in(&self, folder: &str, arguments: &[String]) -> Ran {
        self.wait(self.command(folder, &[], arguments).spawn().unwrap())
    }

    /// Puts a script in the way of git that disturbs `git init`, and with `both` kills the program after git was killed.
    pub fn wrap_git(&self, strace: &[String], both: bool) {
        let git = real_git();
        let kill = if both { "test $status -lt 128 || kill -9 $PPID\n" } else { "" };
        let script = format!(
            "#!/bin/sh\ncase \" $* \" in *' init '*) ;; *) exec {git} \"$@\" ;; esac\n{} {git} \"$@\"\nstatus=$?\n{kill}exit $status\n",
            strace.join(" ")
        );
        let path = self.root.join("home/bin/git");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Lets git be git again.
    pub fn unwrap_git(&self) {
        let _ = fs::remove_file(self.root.join("home/bin/git"));
    }
}

fn real_git() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    let found = path.split(':').map(|folder| Path::new(folder).join("git")).find(|p| p.is_file());
    found.expect("git is installed").display().to_string()
}
