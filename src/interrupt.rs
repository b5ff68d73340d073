//! Ctrl-C: ends a question at once with status 130; lets work that has begun roll back, complete or clean up.

use crate::error::Exit;
use crate::terminal;
use crate::ui;
use crate::write;
use std::sync::atomic::{AtomicBool, Ordering};

static DEFERRED: AtomicBool = AtomicBool::new(false);
static BEGUN: AtomicBool = AtomicBool::new(false);
static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Installs the handler. Without one the process still ends, by the signal.
pub fn install() {
    let _ = ctrlc::set_handler(|| {
        if DEFERRED.load(Ordering::SeqCst) {
            REQUESTED.store(true, Ordering::SeqCst);
            write::interrupt();
            return;
        }
        terminal::restore();
        if !BEGUN.load(Ordering::SeqCst) {
            ui::alarm("\ninterrupted: nothing is written\n");
        }
        // The question may have drawn itself once more, and hidden the cursor, in the meantime.
        terminal::restore();
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
