//! Ctrl-C: ends a question at once with status 130; lets a write that has begun roll back or complete.

use crate::error::Exit;
use crate::write;
use std::sync::atomic::{AtomicBool, Ordering};

static WRITING: AtomicBool = AtomicBool::new(false);

/// Installs the handler. Without one the process still ends, by the signal.
pub fn install() {
    let _ = ctrlc::set_handler(|| {
        if WRITING.load(Ordering::SeqCst) {
            write::interrupt();
            return;
        }
        // A prompt may have hidden the cursor.
        let _ = console::Term::stderr().show_cursor();
        std::process::exit(Exit::Interrupted as i32);
    });
}

/// Runs `work`, during which an interrupt only asks the write stage to stop.
pub fn deferred<T>(work: impl FnOnce() -> T) -> T {
    WRITING.store(true, Ordering::SeqCst);
    let result = work();
    WRITING.store(false, Ordering::SeqCst);
    result
}
