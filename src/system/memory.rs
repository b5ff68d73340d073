//! How much memory the templates of packs of others may take.
//!
//! Time and output of a template are bounded by the engine; the texts that it builds on the way are not: one that doubles
//! itself forty times needs a terabyte. So the system is asked to refuse more than a bound, and the run ends then with a
//! line about memory and the exit status of a pack that is wrong.

/// What is enough for any repository, in bytes, beside a share for the packs themselves.
const MOST_BYTES: u64 = 256 << 20;
/// Packs are kept as bytes, as text and as rendered files.
const COPIES: u64 = 8;

/// Bounds the memory of this process from here on, if there are packs of others: `sizes` are theirs, in bytes. Nothing is
/// written yet.
pub fn bound(sizes: &[u64]) {
    if !sizes.is_empty() {
        system::bound(MOST_BYTES + COPIES * sizes.iter().sum::<u64>());
    }
}

#[cfg(unix)]
mod system {
    use crate::error::Exit;
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use signal_hook::consts::SIGABRT;
    use signal_hook::flag::register_conditional_shutdown;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    /// Without the right to set a limit the run goes on without one.
    pub fn bound(bytes: u64) {
        let now = getrlimit(Resource::Data);
        if now.current.is_some_and(|current| current <= bytes) {
            return;
        }
        // The line about memory is printed by the standard library, which then aborts.
        let always = Arc::new(AtomicBool::new(true));
        if register_conditional_shutdown(SIGABRT, Exit::Usage as i32, always).is_ok() {
            let _ =
                setrlimit(Resource::Data, Rlimit { current: Some(bytes), maximum: now.maximum });
        }
    }
}

#[cfg(not(unix))]
mod system {
    pub fn bound(_: u64) {}
}
