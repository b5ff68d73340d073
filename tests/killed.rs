//! `kill -9` at random moments of `init` in an existing folder, then the same command again: always the whole tree,
//! and the user's files as they were.
#![cfg(unix)]

mod support;

use std::process::Stdio;
use std::time::{Duration, Instant};
use support::{BATCH, Sandbox};

#[test]
fn two_hundred_kills_never_leave_half_a_tree() {
    let whole = Sandbox::new();
    whole.write("demo/notes.txt", "mine\n");
    let started = Instant::now();
    whole.run(&BATCH).expect(0);
    let full = started.elapsed();
    let expected = whole.tree("demo");

    let mut killed = 0;
    for round in 0..200u32 {
        let sandbox = Sandbox::new();
        sandbox.write("demo/notes.txt", "mine\n");
        let mut child = sandbox.command(&BATCH).stderr(Stdio::null()).spawn().unwrap();
        // Spread over the whole run, and a little beyond it.
        std::thread::sleep(full.mul_f64(f64::from(round) / 180.0).min(Duration::from_secs(1)));
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        assert_eq!(sandbox.read("demo/notes.txt"), "mine\n");
        let again = sandbox.run(&BATCH);
        // A run that had finished, or that recovery completed, leaves an initialised folder.
        assert!(
            again.status == 0 || again.stderr.contains("error[initialised]"),
            "{}",
            again.stderr
        );
        assert_eq!(sandbox.tree("demo"), expected, "round {round}");
    }
    assert!(killed > 50, "only {killed} of 200 runs were killed: the test hits nothing");
}

#[test]
fn of_two_at_once_one_wins_and_one_is_told() {
    for _ in 0..20 {
        let sandbox = Sandbox::new();
        std::fs::create_dir(sandbox.path("demo")).unwrap();
        let spawn = || sandbox.command(&BATCH).stderr(Stdio::piped()).spawn().unwrap();
        let children = [spawn(), spawn()];
        let mut statuses: Vec<i32> = children
            .into_iter()
            .map(|child| support::ran(&child.wait_with_output().unwrap()).status)
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses[0], 0, "one must win");
        assert!(statuses[1] == 1 || statuses[1] == 3, "the other is refused: {statuses:?}");
        assert!(sandbox.path("demo/README.md").exists());
        assert!(!sandbox.path("demo/.scaffold/tmp-write").exists());
    }
}
