//! CPU time of the program beside `true`, `cp -r` and `git`, in one run, as a Markdown table.
//!
//! Run with `cargo bench --bench peers`. Medians of user and system time, children included, on a memory file system
//! where there is one. Nothing is asserted, because a shared machine proves nothing by a clock. `docs/performance.md`
//! says what the rows mean.

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
    use scaffold::pack::Catalog;
    use scaffold::prove::configurations;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    const SCAFFOLD: &str = env!("CARGO_BIN_EXE_scaffold");
    const ROUNDS: usize = 31;
    /// Of what takes long.
    const FEW: usize = 3;

    pub fn main() {
        let base = Some("/dev/shm").filter(|folder| Path::new(folder).is_dir());
        let folder = base.map_or_else(tempfile::tempdir, tempfile::tempdir_in);
        let folder = folder.expect("a temporary folder");
        let bench = Bench { root: folder.path().to_owned() };
        fs::create_dir(bench.root.join("home")).expect("the folder can be written");
        println!("| what | CPU ms | beside | CPU ms | ratio |\n|---|---|---|---|---|");
        bench.starts();
        let project = bench.types();
        for count in [1_000, 20_000] {
            bench.pack(count);
        }
        bench.guide(&project);
        bench.alone(&["pack", "lint"]);
        bench.alone(&["pack", "test", "--all"]);
    }

    struct Bench {
        root: PathBuf,
    }

    impl Bench {
        fn starts(&self) {
            let nothing = self.median(ROUNDS, |_| words(&["true"]));
            for flag in ["--version", "--help"] {
                let ours = self.median(ROUNDS, |_| words(&[SCAFFOLD, flag]));
                row(&format!("`{flag}`"), ours, "`true`", nothing);
            }
            let ours = self.median(ROUNDS, |_| words(&[SCAFFOLD, "init", "--help"]));
            row("`init --help`", ours, "`true`", nothing);
            row("`init` up to its first question, and Ctrl-C", self.prompted(), "`true`", nothing);
        }

        /// Each type with its first answers, beside what any generator has to do: copy the tree, and call git.
        fn types(&self) -> PathBuf {
            let at = |name: String| self.root.join(name).display().to_string();
            let git = self.median(ROUNDS, |round| {
                words(&["git", "init", "--quiet", &at(format!("git{round}"))])
            });
            let asked = self.median(ROUNDS, |_| words(&["git", "config", "--get", "user.name"]));
            let catalog = Catalog::builtin().expect("the built-in pack is sound");
            let mut last = PathBuf::new();
            for project_type in catalog.types() {
                let all = configurations::all(project_type).expect("they can be counted");
                let mut line = configurations::command_line(project_type, &all[0], None);
                let mut into = |target: &str| {
                    (line[0], line[2]) = (SCAFFOLD.to_owned(), target.to_owned());
                    line.clone()
                };
                let name = &project_type.name;
                let ours = self.median(ROUNDS, |round| into(&at(format!("{name}-{round}"))));
                fs::remove_dir_all(at(format!("{name}-0/.git"))).expect("git is installed");
                let copied = self.copied(&format!("{name}-0"));
                let floor = copied + git + asked;
                row(
                    &format!("`init` of `{name}`"),
                    ours,
                    "`cp -r`, `git init`, `git config`",
                    floor,
                );
                last = self.root.join(format!("{name}-0"));
            }
            last
        }

        /// A pack of so many files, a tenth of them binary, the others with three to ten values each.
        fn pack(&self, count: usize) {
            let pack = self.root.join(format!("pack{count}"));
            let layer = pack.join("templates/many/base");
            let put = |path: PathBuf, bytes: &[u8]| {
                fs::create_dir_all(path.parent().expect("there is one")).expect("made");
                fs::write(path, bytes).expect("written");
            };
            let about =
                format!("name: many\nversion: '1'\ndescription: Many\nfiles: {}\n", count + 100);
            put(pack.join("pack.yml"), about.as_bytes());
            put(pack.join("overlays/many.yml"), OVERLAY.as_bytes());
            for index in 0..count {
                let folder = layer.join(format!("src/d{}", index / 50));
                if index % 10 == 0 {
                    put(folder.join(format!("f{index}.bin")), &[0xff; 1_000]);
                } else {
                    let line = "Made for {{ color }}, with {{ project.slug }} as its name.\n";
                    let text = line.repeat(2 + index % 4) + &"A line without a value.\n".repeat(20);
                    put(folder.join(format!("f{index}.md.jinja")), text.as_bytes());
                }
            }
            let at = |name: &str| self.root.join(name).display().to_string();
            let pack = pack.display().to_string();
            let ours = self.median(FEW, |round| {
                let target = at(&format!("many{count}-{round}"));
                let init = [SCAFFOLD, "init", &target, "--auto", "--no-git", "--author", "A"];
                words(&[&init[..], &["--pack", &pack, "--project-type", "many"]].concat())
            });
            let copied = self.copied(&format!("many{count}-0"));
            row(&format!("`init` of a pack of {count} files"), ours, "`cp -r`", copied);
            let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
            println!("| … its memory, MB | {} | | | |", usage.max_rss() / 1024);
        }

        /// The largest guide of a project, beside reading the text that it prints.
        fn guide(&self, project: &Path) {
            let guide = [SCAFFOLD, "guide", "system-architecture", "--depth", "5"];
            let mut command = self.command(&words(&guide), project);
            let printed = command.stdout(Stdio::piped()).output().expect("a guide").stdout;
            fs::write(self.root.join("guide.md"), printed).expect("the folder can be written");
            let ours = median(ROUNDS, |_| self.command(&words(&guide), project));
            let read = self.median(ROUNDS, |_| words(&["cat", "guide.md"]));
            row("`guide` of a step at depth 5", ours, "`cat` of its text", read);
        }

        fn alone(&self, arguments: &[&str]) {
            let ours = self.median(FEW, |_| words(&[&[SCAFFOLD], arguments].concat()));
            println!("| `{}` | {ours:.0} | | | |", arguments.join(" "));
        }

        fn copied(&self, name: &str) -> f64 {
            let at = |name: &str| self.root.join(name).display().to_string();
            self.median(ROUNDS.min(FEW * 3), |round| {
                words(&["cp", "-r", &at(name), &at(&format!("copy-{name}-{round}"))])
            })
        }

        /// A wizard in a terminal that is left at its first question; `stty` and the shell that sets the terminal up are
        /// part of it.
        fn prompted(&self) -> f64 {
            let mut command = self.command(&words(&[SCAFFOLD, "init", "asked"]), &self.root);
            command.env("TERM", "xterm").env("LANG", "C.UTF-8");
            let one = |_| {
                let before = spent();
                let mut pty = crate::pty::Pty::start(&command, 40, 100);
                pty.answer(&["What do you want to make?"], crate::pty::CTRL_C);
                let _ = pty.status();
                spent() - before
            };
            middle((0..ROUNDS).map(one).collect())
        }

        fn median(&self, rounds: usize, mut line: impl FnMut(usize) -> Vec<String>) -> f64 {
            median(rounds, |round| self.command(&line(round), &self.root))
        }

        fn command(&self, line: &[String], folder: &Path) -> Command {
            let mut command = Command::new(&line[0]);
            command.args(&line[1..]).current_dir(folder).env_clear();
            command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
            command.env("HOME", self.root.join("home"));
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        }
    }

    const OVERLAY: &str = "\
name: many
description: Many files
project-type: many
questions:
  - {id: color, flag: many-color, ask: Which?, kind: choice, choices: {red: r, blue: b}, default: red}
layers: [many/base]
commands: {setup: ['true'], run: ['true'], check: ['true']}
";

    fn row(what: &str, ours: f64, peer: &str, theirs: f64) {
        println!("| {what} | {ours:.2} | {peer} | {theirs:.2} | {:.1} |", ours / theirs);
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// The median CPU time of a run, in milliseconds, user and system, children included.
    fn median(rounds: usize, mut command: impl FnMut(usize) -> Command) -> f64 {
        let one = |round| {
            let mut command = command(round);
            let before = spent();
            let _ = command.status().expect("the program starts");
            spent() - before
        };
        middle((0..rounds).map(one).collect())
    }

    fn middle(mut all: Vec<f64>) -> f64 {
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    }

    #[allow(clippy::cast_precision_loss)] // microseconds of one benchmark fit
    fn spent() -> f64 {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
        (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1_000.0
    }
}
