//! The means of tests to stop a run before any change of the file system.

use std::cell::Cell;
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What happens at a step of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// As if the process were killed: no clean-up of ours runs, the system releases the lock.
    Die,
    /// The disk is full, this once.
    Fail,
    /// The disk is full from now on.
    FailOn,
    /// The process says so and waits to be killed.
    Hang,
}

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
    static FATE: Cell<Option<(usize, Fate)>> = const { Cell::new(None) };
}

/// Called before every change.
pub(super) fn moment() -> io::Result<()> {
    let step = STEPS.get() + 1;
    STEPS.set(step);
    match FATE.get() {
        Some((at, Fate::Die)) if at == step => resume_unwind(Box::new("killed")),
        Some((at, Fate::Fail)) if at == step => Err(io::ErrorKind::StorageFull.into()),
        Some((at, Fate::FailOn)) if at <= step => Err(io::ErrorKind::StorageFull.into()),
        Some((at, Fate::Hang)) if at == step => hang(),
        _ => Ok(()),
    }
}

/// What [`Fate::Hang`] says.
pub const HANGING: &str = "hanging";

fn hang() -> ! {
    // Past what the test harness captures.
    let _ = writeln!(io::stderr().lock(), "{HANGING}");
    loop {
        std::thread::park();
    }
}

/// Runs `work` with that fate at that step; `None` if it was killed.
pub fn with_fate<T>(at: usize, fate: Fate, work: impl FnOnce() -> T) -> Option<T> {
    STEPS.set(0);
    FATE.set(Some((at, fate)));
    let result = catch_unwind(AssertUnwindSafe(work)).ok();
    FATE.set(None);
    result
}

/// Whether the step that a fate was meant for came at all.
#[must_use]
pub fn reached(at: usize) -> bool {
    STEPS.get() >= at
}
