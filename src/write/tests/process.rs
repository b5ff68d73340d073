//! Tests with real processes: the lock, real death, Ctrl-C.

use super::{Fate, codes, compared, file, put, recovered, temporary, tree, with_fate, write};
use crate::system::folder::Folder;
use crate::system::folder::steps::HANGING;
use crate::write::stage::{Place, Stage};
use crate::write::{Apply, OnConflict, Recovery, apply, interrupt, recover};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const DEST: &str = "SCAFFOLD_TEST_DEST";
const STEP: &str = "SCAFFOLD_TEST_STEP";

/// Not a test: what the processes of the tests below do.
#[test]
#[ignore = "started by other tests, in a process of its own"]
fn child() {
    let Ok(dest) = std::env::var(DEST) else { return };
    let step = std::env::var(STEP).unwrap();
    let Ok(at) = step.parse() else {
        interrupt();
        let error = write(Path::new(&dest), &[file("a", "new")], OnConflict::Overwrite);
        assert_eq!(codes(&error.unwrap_err()), ["interrupted"]);
        return;
    };
    let files = [file("a", "new"), file("b", "new")];
    with_fate(at, Fate::Hang, || write(Path::new(&dest), &files, OnConflict::Overwrite).unwrap());
}

fn start(dest: &Path, step: &str) -> Child {
    let (_, module) = module_path!().split_once("::").expect("inside a crate");
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::child"), "--ignored", "--nocapture"])
        .env(DEST, dest)
        .env(STEP, step)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Whether the process hangs where it should; `false` if it has ended before.
fn hangs(child: &mut Child) -> bool {
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    lines.map_while(Result::ok).any(|line| line == HANGING)
}

#[test]
fn a_live_run_keeps_others_out_and_a_killed_one_is_recovered() {
    for (new, path) in [(false, ""), (true, "demo")] {
        let mut seen = Vec::new();
        for step in 3.. {
            let folder = temporary();
            let dest = folder.path().join(path);
            if !new {
                put(&dest, &[("a", "old")]);
            }
            let mut child = start(&dest, &step.to_string());
            if !hangs(&mut child) {
                child.wait().unwrap();
                break;
            }
            let busy = recover(&dest);
            child.kill().unwrap();
            child.wait().unwrap();
            // At the very last steps the lock is gone already.
            if let Err(error) = busy {
                assert_eq!(codes(&error), ["busy"]);
            }
            seen.push(recovered(&dest));
            let text = |name| std::fs::read_to_string(dest.join(name)).unwrap_or_default();
            let now = (text("a"), text("b"));
            let before = if new { "" } else { "old" };
            assert!(
                now == (before.into(), String::new()) || now == ("new".into(), "new".into()),
                "{now:?}"
            );
        }
        assert!(seen.contains(&Recovery::RolledBack));
        assert!(new || seen.contains(&Recovery::Completed));
    }
}

#[test]
fn the_loser_is_told_that_another_run_writes() {
    for path in ["", "demo"] {
        let folder = temporary();
        let dest = folder.path().join(path);
        let mut child = start(&dest, "13");
        assert!(hangs(&mut child));
        let error = write(&dest, &[file("z", "1")], OnConflict::Fail).unwrap_err();
        assert_eq!(codes(&error), ["busy"]);
        assert!(error.to_string().contains("another run is writing"));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(recovered(&dest), Recovery::RolledBack);
        write(&dest, &[file("z", "1")], OnConflict::Fail).unwrap();
    }
}

#[test]
fn an_interrupt_before_the_decision_rolls_back() {
    for path in ["", "p/demo"] {
        let folder = temporary();
        put(folder.path(), &[("a", "old")]);
        let before = tree(folder.path());
        let mut child = start(&folder.path().join(path), "interrupt");
        assert!(!hangs(&mut child));
        assert!(child.wait().unwrap().success());
        assert_eq!(tree(folder.path()), before);
    }
}

#[test]
fn of_many_runs_at_once_each_is_whole_or_refused() {
    for (round, path) in ["", "demo"].into_iter().cycle().take(40).enumerate() {
        let folder = temporary();
        let dest = folder.path().join(path);
        let barrier = Barrier::new(4);
        let one = |name: usize| {
            let files: Vec<_> =
                (0..5).map(|at| file(&format!("f{at}"), &name.to_string())).collect();
            barrier.wait();
            let changes = compared(&dest, &files, OnConflict::Fail)?;
            apply(&dest, &changes, &Apply::default())
        };
        let results: Vec<_> = thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|name| scope.spawn(move || one(name))).collect();
            all.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let winners: Vec<usize> = (0..4).filter(|name| results[*name].is_ok()).collect();
        assert_eq!(winners.len(), 1, "round {round}: {results:?}");
        for error in results.iter().filter_map(|result| result.as_ref().err()) {
            assert!(["busy", "conflict"].contains(&codes(error)[0]), "{error:?}");
        }
        let contents: Vec<Vec<u8>> = tree(&dest).into_values().collect();
        assert_eq!(contents, vec![winners[0].to_string().into_bytes(); 5]);
    }
}

#[test]
fn of_two_recoveries_at_once_one_does_it() {
    for step in 10..30 {
        let folder = temporary();
        put(folder.path(), &[("a", "old")]);
        let files = [file("a", "new"), file("b", "new")];
        with_fate(step, Fate::Die, || write(folder.path(), &files, OnConflict::Overwrite));
        let barrier = Barrier::new(2);
        let one = || {
            barrier.wait();
            recover(folder.path())
        };
        let results: Vec<_> = thread::scope(|scope| {
            let both = [scope.spawn(one), scope.spawn(one)];
            both.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for error in results.iter().filter_map(|result| result.as_ref().err()) {
            assert_eq!(codes(error), ["busy"]);
        }
        let texts =
            ["a", "b"].map(|name| std::fs::read(folder.path().join(name)).unwrap_or_default());
        assert!(texts == [b"old".to_vec(), Vec::new()] || texts == [b"new", b"new"], "{texts:?}");
        assert_eq!(recovered(folder.path()), Recovery::Nothing);
    }
}

#[test]
fn a_stage_has_one_holder_though_others_remove_it() {
    let folder = temporary();
    let parent = Folder::open(folder.path()).unwrap();
    let inside = AtomicUsize::new(0);
    let contend = || {
        let mut left = 50;
        while left > 0 {
            let place = Place { parent: &parent, name: "stage", root: folder.path() };
            let Ok(stage) = Stage::acquire(&place) else { continue };
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
            thread::yield_now();
            inside.fetch_sub(1, Ordering::SeqCst);
            stage.remove();
            left -= 1;
        }
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(contend);
        }
    });
    assert!(tree(folder.path()).is_empty());
}
