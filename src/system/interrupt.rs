//! Ctrl-C: ends a question at once with status 130; lets work that has begun roll back, complete or clean up.

use crate::error::Exit;
use std::sync::atomic::{AtomicBool, Ordering};

static DEFERRED: AtomicBool = AtomicBool::new(false);
static BEGUN: AtomicBool = AtomicBool::new(false);
static REQUESTED: AtomicBool = AtomicBool::new(false);

/// What the parts of the program that an interrupt concerns do about it.
#[derive(Clone, Copy, Debug)]
pub struct Reactions {
    /// Asks work that has begun to stop.
    pub stop: fn(),
    /// Gives the terminal back.
    pub restore: fn(),
    /// Tells the user that nothing is written.
    pub report: fn(),
}

/// Installs the handler. Without one the process still ends, by the signal.
pub fn install(reactions: Reactions) {
    let Reactions { stop, restore, report } = reactions;
    let _ = ctrlc::set_handler(move || {
        if DEFERRED.load(Ordering::SeqCst) {
            REQUESTED.store(true, Ordering::SeqCst);
            stop();
            return;
        }
        // From here on no other thread can print: a question that draws itself once more would hide the cursor again.
        let _only_here = std::io::stderr().lock();
        restore();
        if !BEGUN.load(Ordering::SeqCst) {
            report();
        }
        std::process::exit(Exit::Interrupted as i32);
    });
}

/// Runs `work`, during which an interrupt only asks it to stop: see [`requested`].
pub fn deferred<T>(work: impl FnOnce() -> T) -> T {
    BEGUN.store(true, Ordering::SeqCst);
    held(work)
}

/// As [`deferred`], for work that ends what an earlier run began, and says so itself.
pub fn held<T>(work: impl FnOnce() -> T) -> T {
    DEFERRED.store(true, Ordering::SeqCst);
    let result = work();
    DEFERRED.store(false, Ordering::SeqCst);
    result
}

/// Leaves the rest to the handler, which ends the process: for whoever learns of the interrupt in another way.
pub fn wait() -> ! {
    loop {
        std::thread::park();
    }
}

/// Whether work that is [`deferred`] was asked to stop.
#[must_use]
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
