//! Runs a program of others within bounds: its time, its output, its descendants, its network.

use crate::system::{interrupt, memory};
use std::fmt;
use std::io::{PipeReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// So much of the end of the output is kept, in bytes.
const TAIL: usize = 16 << 10;
/// How often an end, a limit or an interrupt is looked for.
const TICK: Duration = Duration::from_millis(20);
/// How long output is waited for when the program has ended but something still holds its pipe.
const GRACE: Duration = Duration::from_secs(2);

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With this status; `None` if a signal ended it.
    Exited(Option<i32>),
    /// It was still running when its time was over, and was killed with all that it had started.
    TimedOut,
    /// The user asked to stop.
    Interrupted,
}

/// As the rest of a sentence about the program.
impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(Some(status)) => write!(f, "exits with status {status}"),
            Self::Exited(None) => f.write_str("is ended by a signal"),
            Self::TimedOut => f.write_str("takes too long"),
            Self::Interrupted => f.write_str("is interrupted"),
        }
    }
}

/// What a program did.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How it ended.
    pub end: End,
    /// How long it took.
    pub took: Duration,
    /// The last lines of its output and errors together.
    pub tail: String,
    /// Processes of its group were still alive when it had ended; they are killed.
    pub left_processes: bool,
}

impl Ended {
    /// Whether it ended by itself with status 0, leaving nothing running.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.end == End::Exited(Some(0)) && !self.left_processes
    }
}

/// Runs `command` to its end, but no longer than `limit`.
///
/// # Errors
/// It cannot be started.
pub fn run(command: Command, limit: Duration) -> std::io::Result<Ended> {
    watched(command, limit, &mut |_, _| ())
}

/// As [`run`]. Again and again `tell` gets the time that it takes so far, and a way to its last line.
///
/// # Errors
/// It cannot be started.
pub fn watched(
    mut command: Command,
    limit: Duration,
    tell: &mut dyn FnMut(Duration, &dyn Fn() -> String),
) -> std::io::Result<Ended> {
    let (reader, writer) = std::io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    group::own(&mut command);
    let started = Instant::now();
    let mut child = memory::lifted(|| command.spawn())?;
    // The command holds our copies of the pipe; the reader ends when the last copy is closed.
    drop(command);
    let (kept, done) = keep_tail(reader);
    let (end, status) =
        wait(&mut child, started, limit, &mut |took| tell(took, &|| last_line(&kept)))?;
    if end == End::Interrupted {
        group::interrupt(&mut child, GRACE);
    }
    let took = started.elapsed();
    let left_processes = status.is_some() && !group::ends(&child, GRACE);
    group::kill(&mut child);
    let _ = child.wait();
    let _ = done.recv_timeout(GRACE);
    let bytes = kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(Ended { end, took, tail: String::from_utf8_lossy(&bytes).into_owned(), left_processes })
}

/// Waits for a child of whose streams one is read, and returns how it ended with what it printed there.
///
/// # Errors
/// The system does not say how it ended. What cannot be read is left out: the standard library would end the program.
pub fn finish(mut child: Child) -> std::io::Result<(ExitStatus, Vec<u8>)> {
    let mut printed = Vec::new();
    if let Some(mut stream) = child.stdout.take() {
        let _ = stream.read_to_end(&mut printed);
    } else if let Some(mut stream) = child.stderr.take() {
        let _ = stream.read_to_end(&mut printed);
    }
    Ok((child.wait()?, printed))
}

fn wait(
    child: &mut Child,
    started: Instant,
    limit: Duration,
    each: &mut dyn FnMut(Duration),
) -> std::io::Result<(End, Option<ExitStatus>)> {
    loop {
        each(started.elapsed());
        if let Some(status) = child.try_wait()? {
            return Ok((End::Exited(status.code()), Some(status)));
        }
        if interrupt::requested() {
            return Ok((End::Interrupted, None));
        }
        if started.elapsed() > limit {
            return Ok((End::TimedOut, None));
        }
        std::thread::sleep(TICK);
    }
}

/// Reads all of the output, so that the program never waits for us, and keeps its end.
fn keep_tail(mut reader: PipeReader) -> (Arc<Mutex<Vec<u8>>>, Receiver<()>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let (sender, receiver) = channel();
    let shared = Arc::clone(&kept);
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            let mut kept = shared.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend_from_slice(&buffer[..count]);
            let surplus = kept.len().saturating_sub(TAIL);
            kept.drain(..surplus);
        }
        let _ = sender.send(());
    });
    (kept, receiver)
}

/// The last line that has words; what a program draws again and again ends with a carriage return.
fn last_line(kept: &Mutex<Vec<u8>>) -> String {
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let mut lines = kept.rsplit(|byte| matches!(byte, b'\n' | b'\r'));
    let line = lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    String::from_utf8_lossy(line).into_owned()
}

/// A command for `words` in `folder`; with `cut` it runs where there is no network but the loopback.
#[must_use]
pub fn command(words: &[String], folder: &Path, cut: bool) -> Command {
    let mut line: Vec<&str> = if cut { CUT.to_vec() } else { Vec::new() };
    line.extend(words.iter().map(String::as_str));
    let mut command = Command::new(line.first().copied().unwrap_or_default());
    command.args(line.iter().skip(1)).current_dir(folder);
    command
}

/// Whether a program of this name is on the path; nothing is run.
#[must_use]
pub fn is_installed(name: &str) -> bool {
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
    let is_program = |path: &Path| {
        let about = std::fs::metadata(path);
        about.is_ok_and(|about| about.is_file() && group::is_executable(&about))
    };
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders)
        .any(|folder| endings.iter().any(|end| is_program(&folder.join(format!("{name}{end}")))))
}

/// A namespace of its own for network and processes. The shell stays as its first process and takes orphans with it.
const CUT: [&str; 11] = [
    "unshare",
    "--map-root-user",
    "--net",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "sh",
    "-c",
    "ip link set lo up && \"$@\"",
    "sh",
];

/// Whether this system lets the network be cut.
#[must_use]
pub fn can_cut() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let probe = command(&["true".to_owned()], Path::new("."), true);
        cfg!(target_os = "linux")
            && run(probe, Duration::from_secs(10)).is_ok_and(|ended| ended.is_success())
    })
}

#[cfg(unix)]
mod group {
    use super::TICK;
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;
    use std::fs::Metadata;
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    use std::process::{Child, Command};
    use std::time::{Duration, Instant};

    /// Whether somebody may run the file.
    pub fn is_executable(about: &Metadata) -> bool {
        about.permissions().mode() & 0o111 != 0
    }

    /// Puts the program into a process group of its own.
    pub fn own(command: &mut Command) {
        command.process_group(0);
    }

    fn signal(child: &Child, signal: Option<Signal>) -> bool {
        i32::try_from(child.id()).is_ok_and(|id| killpg(Pid::from_raw(id), signal).is_ok())
    }

    /// Whether the rest of the group is gone within `grace`: what is about to end is given its time.
    pub fn ends(child: &Child, grace: Duration) -> bool {
        let started = Instant::now();
        while signal(child, None) {
            if started.elapsed() > grace {
                return false;
            }
            std::thread::sleep(TICK);
        }
        true
    }

    /// Asks the group to stop, as a terminal does, and gives it this time to clean up.
    pub fn interrupt(child: &mut Child, grace: Duration) {
        signal(child, Some(Signal::SIGINT));
        let asked = Instant::now();
        while asked.elapsed() < grace && matches!(child.try_wait(), Ok(None)) {
            std::thread::sleep(TICK);
        }
    }

    /// Kills what is left of the group.
    pub fn kill(child: &mut Child) {
        signal(child, Some(Signal::SIGKILL));
    }
}

#[cfg(not(unix))]
mod group {
    use std::process::{Child, Command};
    use std::time::Duration;

    pub fn own(_: &mut Command) {}

    /// The ending of a name says so here.
    pub fn is_executable(_: &std::fs::Metadata) -> bool {
        true
    }

    /// Descendants cannot be told apart here.
    pub fn ends(_: &Child, _: Duration) -> bool {
        true
    }

    /// There is nothing to ask with.
    pub fn interrupt(_: &mut Child, _: Duration) {}

    pub fn kill(child: &mut Child) {
        let _ = child.kill();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str, limit: u64) -> Ended {
        let words = ["sh", "-c", script].map(str::to_owned);
        run(command(&words, Path::new("."), false), Duration::from_millis(limit)).unwrap()
    }

    #[test]
    fn output_and_status_are_kept() {
        let ended = sh("echo out; echo err >&2; exit 3", 5_000);
        assert_eq!((ended.end, ended.tail.as_str()), (End::Exited(Some(3)), "out\nerr\n"));
    }

    #[test]
    fn a_hanging_program_is_ended_with_its_children() {
        let ended = sh("sleep 60 & sleep 60", 200);
        assert_eq!(ended.end, End::TimedOut);
        assert!(ended.took < Duration::from_secs(5));
    }

    #[test]
    fn a_flood_keeps_only_its_end() {
        let ended = sh("yes flood | head -c 3000000; echo last", 20_000);
        assert!(ended.tail.ends_with("last\n") && ended.tail.len() <= TAIL);
    }

    #[test]
    fn processes_left_behind_are_noticed() {
        let ended = sh("sleep 60 & exit 0", 5_000);
        assert!(ended.left_processes && !ended.is_success());
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        let words = ["no-such-program".to_owned()];
        assert!(run(command(&words, Path::new("."), false), Duration::from_secs(1)).is_err());
    }
}
