//! A user who edits while a run is between staging and renaming: the run is stopped at a call, the edit is made, and it
//! goes on. An edit is never lost, and nothing is written through a link that was not there.

use crate::cases::Prepared;
use crate::place::Place;
use crate::report::key;
use crate::snapshot::{self, Node};
use crate::strace::{self, Call};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// What the user does; `false` if it cannot be done here.
type Edit = fn(&Place) -> bool;

/// A line that may stand anywhere, in the progress of a project too.
const TEXT: &str = "edited completed\n";

/// What is edited, and how.
const EDITS: [(&str, Edit); 7] = [
    ("edits README.md", |place| edit(place, "demo/README.md")),
    ("makes src/a.txt", |place| edit(place, "demo/src/a.txt")),
    ("edits .gitignore", |place| edit(place, "demo/.gitignore")),
    ("edits what is beside", |place| edit(place, "demo/README.md.scaffold-new")),
    ("edits the progress", |place| edit(place, "demo/.scaffold/state")),
    ("removes settings.toml", |place| fs::remove_file(place.path("demo/settings.toml")).is_ok()),
    ("turns src into a link", link),
];

fn edit(place: &Place, path: &str) -> bool {
    let path = place.path(path);
    path.parent().is_some_and(Path::is_dir) && fs::write(path, TEXT).is_ok()
}

fn link(place: &Place) -> bool {
    let (src, aside) = (place.path("demo/src"), place.path("src.aside"));
    fs::rename(&src, aside).is_ok() && std::os::unix::fs::symlink("../outside", &src).is_ok()
}

/// One moment and one edit.
pub struct Race<'p> {
    pub prepared: &'p Prepared,
    pub call: &'p Call,
    edit: (&'static str, Edit),
}

/// All moments from staging to the end, with all edits.
pub fn all(prepared: &Prepared) -> Vec<Race<'_>> {
    // An edit before the run has looked at what it replaces is given up by whoever chose to overwrite.
    if prepared.scenario.name.contains("recovery") && prepared.overwrites() {
        return Vec::new();
    }
    let staged = |call: &&Call| {
        let makes = call.name.starts_with("mkdir") || call.text.contains("O_CREAT");
        makes && (call.text.contains("scaffold-tmp") || call.text.contains("tmp-write"))
    };
    let Some(first) = prepared.calls.iter().position(|call| staged(&call)) else {
        return Vec::new();
    };
    let calls = prepared.calls[first..].iter().filter(|call| !call.name.starts_with("fcntl"));
    calls.flat_map(|call| EDITS.map(|edit| Race { prepared, call, edit })).collect()
}

impl Prepared {
    /// Whether the user has chosen to lose what differs.
    fn overwrites(&self) -> bool {
        self.scenario.words.iter().any(|word| word == "overwrite")
    }
}

impl Race<'_> {
    /// Its name in results.
    pub fn key(&self) -> String {
        let at = format!("{} at {}#{}", self.edit.0, self.call.name, self.call.ordinal);
        key(&self.prepared.scenario.name, "race", &at)
    }

    /// Lets it happen and judges it; nothing if the edit cannot be made there.
    pub fn judge(&self, root: &Path) -> Option<Vec<String>> {
        let place = self.prepared.fresh(root);
        place.write("outside/a.txt", "outside\n");
        let words = &self.prepared.scenario.words;
        let log = place.root.join("trace");
        let stop = format!("inject={}:signal=SIGSTOP:when={}", self.call.name, self.call.ordinal);
        let child = place.start(&strace::words(&log.display().to_string(), Some(&stop)), words);
        let program = stopped(&log, child.id());
        let edited = program.is_some() && (self.edit.1)(&place);
        if let Some(program) = program {
            let _ = kill(program, Signal::SIGCONT);
        }
        let ran = place.wait(child);
        if !edited {
            return None;
        }
        let mut faults = self.faults(&place, "");
        if ran.status == Some(124) {
            faults.push("hangs".to_owned());
        }
        let again = place.run(&[], words);
        if !self.prepared.overwrites() {
            faults.extend(self.faults(&place, " (after the next run)"));
        }
        // A link that stays where files belong is refused, as it should be.
        let refused = self.edit.0.ends_with("link") && again.status == Some(2);
        let fine = matches!(again.status, Some(0 | 3)) && !again.told().contains("unrecoverable");
        if !fine && !refused {
            faults.push(format!("unrecoverable: {}", again.told()));
        }
        let stage = |path: &&String| path.contains("tmp-write") || path.contains(".scaffold-tmp");
        faults.extend(place.tree().keys().find(stage).map(|path| format!("left-over: {path}")));
        Some(faults)
    }

    fn faults(&self, place: &Place, when: &str) -> Vec<String> {
        let tree = place.tree();
        let mut faults = Vec::new();
        let wrote = ["edits", "makes"].iter().any(|verb| self.edit.0.starts_with(verb));
        let inside =
            |node: &Node| matches!(node, Node::File(now, _) if contains(now, TEXT.as_bytes()));
        if wrote && !tree.values().any(inside) {
            faults.push(format!("lost: the edit{when}"));
        }
        let outside = snapshot::tree(&place.path("outside"));
        if outside.len() != 1 || !snapshot::holds(&outside, b"outside\n") {
            faults.push(format!("wrote through a link{when}"));
        }
        faults
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Waits until the program below `strace` has stopped; nothing if it ends first.
fn stopped(log: &Path, strace: u32) -> Option<Pid> {
    let end = Instant::now() + Duration::from_secs(10);
    let children = format!("/proc/{strace}/task/{strace}/children");
    while Instant::now() < end {
        let text = fs::read_to_string(log).unwrap_or_default();
        let child = fs::read_to_string(&children).unwrap_or_default();
        if text.contains("stopped by SIGSTOP") {
            return child.split_whitespace().next()?.parse().ok().map(Pid::from_raw);
        }
        if !log.exists() && !Path::new(&children).exists() {
            return None;
        }
        if text.contains("+++ exited") || text.contains("+++ killed") {
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    None
}
