//! How much memory the templates of packs of others may take.
//!
//! Time and output of a template are bounded by the engine; the texts that it builds on the way are not: one that doubles
//! itself forty times needs a terabyte. So the system is asked to refuse more than a bound, and the run ends then with a
//! line about memory and the exit status of a pack that is wrong.

/// What is enough for any repository, in bytes, beside a share for the packs themselves.
const MOST_BYTES: u64 = 256 << 20;
/// Packs are kept as bytes, as text and as rendered files.
const COPIES: u64 = 8;

/// Bounds the memory of this process from here on, where packs of others have `bytes` together. Nothing is written yet.
pub fn bound(bytes: u64) {
    system::bound(MOST_BYTES + COPIES * bytes);
}

/// Takes the bound away.
pub fn unbound() {
    system::unbound();
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
            limit(Some(bytes));
        }
    }

    /// Up to what the system, or whoever started the program, allows.
    pub fn unbound() {
        limit(getrlimit(Resource::Data).maximum);
    }

    fn limit(current: Option<u64>) {
        let maximum = getrlimit(Resource::Data).maximum;
        let _ = setrlimit(Resource::Data, Rlimit { current, maximum });
    }
}

#[cfg(not(unix))]
mod system {
    pub fn bound(_: u64) {}
    pub fn unbound() {}
}
