//! CPU time of the program beside peers in the same run: `--help` beside `true`, `init` beside `cp -r` of its tree.
//!
//! Run with `cargo bench`. Only ratios and the two promises of the README are printed; nothing is asserted, because
//! a shared machine proves nothing by a clock.

#[cfg(unix)]
fn main() {
    unix::main();
}

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
#[path = "../tests/support/pty.rs"]
mod pty;

#[cfg(unix)]
mod unix {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    use std::path::Path;
    use std::process::{Command, Stdio};

    const ROUNDS: u32 = 100;

    pub fn main() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let scaffold = env!("CARGO_BIN_EXE_scaffold");
        let sample = folder.path().join("sample");
        run(&init(scaffold, &sample));
        let help = measure(|_| vec![scaffold.into(), "init".into(), "--help".into()]);
        let nothing = measure(|_| vec!["true".into()]);
        let made = measure(|round| init(scaffold, &folder.path().join(format!("made{round}"))));
        let copied = measure(|round| {
            let target = folder.path().join(format!("copied{round}"));
            vec![
                "cp".into(),
                "-r".into(),
                sample.display().to_string(),
                target.display().to_string(),
            ]
        });
        println!("| what | CPU ms | beside | CPU ms | ratio |\n|---|---|---|---|---|");
        println!(
            "| `scaffold init --help` | {help:.2} | `true` | {nothing:.2} | {:.1} |",
            help / nothing
        );
        let asked = prompted(scaffold, folder.path());
        println!(
            "| `scaffold init` up to its first question, and Ctrl-C | {asked:.2} | `true` | {nothing:.2} | {:.1} |",
            asked / nothing
        );
        println!(
            "| `scaffold init` of the sample | {made:.2} | `cp -r` of its tree | {copied:.2} | {:.1} |",
            made / copied
        );
        guide(scaffold, &sample);
    }

    /// The largest guide of a project, beside reading the text that it prints.
    fn guide(scaffold: &str, project: &Path) {
        std::env::set_current_dir(project).expect("the project is there");
        let words =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let guide = words(&[scaffold, "guide", "system-architecture", "--depth", "5"]);
        let printed = Command::new(scaffold).args(&guide[1..]).output().expect("a guide");
        assert!(printed.status.success());
        std::fs::write("guide.md", printed.stdout).expect("the folder can be written");
        let guided = measure(|_| guide.clone());
        let read = measure(|_| words(&["cat", "guide.md"]));
        println!(
            "| `scaffold guide` of a step at depth 5 | {guided:.2} | `cat` of its text | {read:.2} | {:.1} |",
            guided / read
        );
    }

    fn init(scaffold: &str, target: &Path) -> Vec<String> {
        let target = target.display().to_string();
        let words = [
            scaffold,
            "init",
            &target,
            "--auto",
            "--pipeline-processing",
            "batch",
            "--author",
            "A",
            "--no-git",
        ];
        words.map(str::to_owned).to_vec()
    }

    fn run(words: &[String]) {
        let status = Command::new(&words[0])
            .args(&words[1..])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.expect("the program starts").success(), "{words:?}");
    }

    /// As [`measure`], of a wizard in a terminal that is left at its first question; `stty` and the shell that sets the
    /// terminal up are part of it.
    fn prompted(scaffold: &str, folder: &Path) -> f64 {
        let mut command = Command::new(scaffold);
        command.args(["init", "asked"]).current_dir(folder);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", folder);
        command.env("TERM", "xterm").env("LANG", "C.UTF-8");
        let before = spent();
        for _ in 0..ROUNDS {
            let mut pty = crate::pty::Pty::start(&command, 40, 100);
            pty.answer(&["What do you want to make?"], crate::pty::CTRL_C);
            assert_eq!(pty.status(), 130);
        }
        (spent() - before) / f64::from(ROUNDS)
    }

    /// Mean CPU time of a run, in milliseconds, user and system, children included.
    fn measure(command: impl Fn(u32) -> Vec<String>) -> f64 {
        let before = spent();
        (0..ROUNDS).for_each(|round| run(&command(round)));
        (spent() - before) / f64::from(ROUNDS)
    }

    #[allow(clippy::cast_precision_loss)] // microseconds of one benchmark fit
    fn spent() -> f64 {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
        (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1_000.0
    }
}
