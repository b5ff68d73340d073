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

/// Does `work` without the bound, which is there again after it: what is started meanwhile does not inherit it.
pub fn lifted<T>(work: impl FnOnce() -> T) -> T {
    system::lifted(work)
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

    pub fn lifted<T>(work: impl FnOnce() -> T) -> T {
        let now = getrlimit(Resource::Data);
        limit(now.maximum);
        let done = work();
        limit(now.current);
        done
    }

    fn limit(current: Option<u64>) {
        let maximum = getrlimit(Resource::Data).maximum;
        let _ = setrlimit(Resource::Data, Rlimit { current, maximum });
    }
}

#[cfg(not(unix))]
mod system {
    pub fn bound(_: u64) {}
    pub fn lifted<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rustix::process::{Resource, getrlimit};

    #[test]
    fn the_bound_is_there_again_after_a_program_was_started() {
        // Large enough for all other tests of this process.
        bound(1 << 40);
        let before = getrlimit(Resource::Data).current;
        assert!(before.is_some());
        let started = lifted(|| getrlimit(Resource::Data));
        assert_eq!(started.current, started.maximum);
        let program = crate::system::process::run(
            std::process::Command::new("true"),
            std::time::Duration::from_mins(1),
        );
        assert!(program.is_ok_and(|ended| ended.is_success()));
        assert_eq!(getrlimit(Resource::Data).current, before);
    }
}
