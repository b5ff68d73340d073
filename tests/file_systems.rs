//! A file system that is not as those of Linux are: NTFS, through FUSE, keeps no modes, and keeps what is removed until it is
//! closed. So do a share of Windows, a stick of memory and, with its own removed files, NFS. Others, and sandboxes, lack calls.
#![cfg(target_os = "linux")]

mod support;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{BATCH, Ran, Sandbox};

/// A volume of NTFS in a file, mounted in a sandbox as long as this lives.
struct Disk<'s> {
    sandbox: &'s Sandbox,
    folder: PathBuf,
}

impl<'s> Disk<'s> {
    /// `None`, and a word why, where there is no NTFS or nothing can be mounted.
    fn in_a_file(sandbox: &'s Sandbox) -> Option<Self> {
        let (image, folder) = (sandbox.path("image"), sandbox.path("disk"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::File::create(&image).unwrap().set_len(64 << 20).unwrap();
        let done =
            |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
        let is_made = done(Command::new("mkntfs").args(["-F", "-Q"]).arg(&image));
        if is_made && done(Command::new("lowntfs-3g").arg(&image).arg(&folder)) {
            return Some(Self { sandbox, folder });
        }
        eprintln!("skipped: without ntfs-3g, or the right to mount, there is no NTFS");
        None
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(arguments);
        command.current_dir(&self.folder);
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        support::ran(&self.command(arguments).output().unwrap())
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}

#[test]
fn a_repository_is_made_changed_and_left_without_a_stage() {
    let sandbox = Sandbox::new();
    let Some(disk) = Disk::in_a_file(&sandbox) else { return };
    let made = disk.run(&BATCH).expect(0);
    assert!(!made.stderr.contains("warning"), "{}", made.stderr);
    assert_eq!(disk.names(), ["demo"]);
    let before = sandbox.tree("disk/demo");
    for answer in ["--pipeline-catalog", "--no-pipeline-catalog"] {
        let mut set = disk.command(&["set", answer]);
        let changed = set.current_dir(disk.folder.join("demo")).output().unwrap();
        let changed = support::ran(&changed).expect(0);
        assert!(!changed.stderr.contains("warning"), "{}", changed.stderr);
    }
    assert_eq!(sandbox.tree("disk/demo"), before);
    sandbox.run(&BATCH).expect(0);
    assert_eq!(sandbox.tree("demo"), before, "it is the same tree as elsewhere");
}

#[test]
fn a_run_that_was_killed_is_completed_or_removed() {
    let sandbox = Sandbox::new();
    let Some(disk) = Disk::in_a_file(&sandbox) else { return };
    let started = Instant::now();
    disk.run(&BATCH).expect(0);
    let full = started.elapsed();
    let expected = sandbox.tree("disk/demo");
    let mut killed = 0;
    for round in 0..30u32 {
        std::fs::remove_dir_all(disk.folder.join("demo")).unwrap();
        let mut child = disk.command(&BATCH).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(full.mul_f64(f64::from(round) / 28.0).min(Duration::from_secs(2)));
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        let again = disk.run(&BATCH);
        assert!(
            again.status == 0 || again.stderr.contains("error[initialised]"),
            "{}",
            again.stderr
        );
        assert_eq!(sandbox.tree("disk/demo"), expected, "round {round}");
        assert_eq!(disk.names(), ["demo"]);
    }
    assert!(killed > 10, "only {killed} of 30 runs were killed: the test hits nothing");
}

/// What `init` does where a call always ends with an error; `None`, and a word why, without strace.
fn without(sandbox: &Sandbox, call: &str, error: &str) -> Option<Ran> {
    let plain = sandbox.command(&BATCH);
    let mut command = Command::new("strace");
    command.args(["-f", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e"]);
    command.arg(format!("inject={call}:error={error}")).arg(plain.get_program());
    command.args(plain.get_args()).current_dir(plain.get_current_dir().unwrap());
    command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output();
    if output.is_err() {
        eprintln!("skipped: without strace every system has all its calls");
    }
    Some(support::ran(&output.ok()?))
}

#[test]
fn what_a_file_system_or_a_sandbox_lacks_is_done_in_another_way() {
    for error in ["ENOSYS", "EOPNOTSUPP", "EINVAL", "EPERM"] {
        let sandbox = Sandbox::new();
        let Some(ran) = without(&sandbox, "syncfs", error) else { return };
        ran.expect(0);
    }
    let sandbox = Sandbox::new();
    without(&sandbox, "renameat2", "EINVAL").unwrap().expect(0);
}

#[test]
fn a_file_system_without_locks_is_told_as_that() {
    for error in ["ENOSYS", "EOPNOTSUPP", "ENOLCK"] {
        let sandbox = Sandbox::new();
        let Some(ran) = without(&sandbox, "flock", error) else { return };
        let ran = ran.expect(2);
        assert!(ran.stderr.contains("keeps no locks"), "{error}: {}", ran.stderr);
        assert_eq!(std::fs::read_dir(sandbox.work()).unwrap().count(), 0, "something is left");
    }
}
