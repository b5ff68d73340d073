//! How long expressions and templates of packs of others may take. The engine bounds the number of its steps, but one step
//! can look through a list of millions. What takes longer ends the program, before anything is written.

use crate::error::{Code, Error, Problem};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// What one of them, or all slow ones together, may take. Real ones take milliseconds.
const LONGEST: Duration = Duration::from_secs(5);
/// What takes longer is slow.
const SLOW: Duration = Duration::from_millis(200);
/// So much of an expression is shown, in characters.
const MOST_SHOWN: usize = 200;
const TICK: Duration = Duration::from_millis(100);

/// Ends the program; it is told what took too long.
type End = Box<dyn Fn(&str) + Send + Sync>;

static END: OnceLock<End> = OnceLock::new();
static IS_ON: AtomicBool = AtomicBool::new(false);
/// What slow ones took that have ended, in milliseconds.
static SPENT: AtomicU64 = AtomicU64::new(0);
static RUNNING: OnceLock<Mutex<HashMap<ThreadId, (Instant, String)>>> = OnceLock::new();

/// The error of what took too long.
#[must_use]
pub fn error(what: &str) -> Error {
    let what: String = what.chars().take(MOST_SHOWN).collect();
    let message = format!("`{what}` takes longer than {} s", LONGEST.as_secs());
    let hint = "nothing is written; a part of a pack that takes so long has gone wild";
    Problem::new(Code::Limit, message).hint(hint).into()
}

/// Says how the program ends where something takes too long.
pub fn install(end: End) {
    let _ = END.set(end);
}

/// Watches from here on, because there are packs of others.
pub fn begin() {
    if END.get().is_some() && !IS_ON.swap(true, Ordering::SeqCst) {
        thread::spawn(|| {
            loop {
                thread::sleep(TICK);
                if let (Some(what), Some(end)) = (overdue(), END.get()) {
                    end(&what);
                }
            }
        });
    }
}

fn overdue() -> Option<String> {
    let running =
        RUNNING.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    let spent = Duration::from_millis(SPENT.load(Ordering::Relaxed));
    let is_late = |took: Duration| took > SLOW && spent + took > LONGEST;
    let late = running.values().find(|(start, _)| is_late(start.elapsed()));
    late.map(|(_, what)| what.clone())
}

/// Does `work`, which is known to people as `what`.
pub fn watched<T>(what: &str, work: impl FnOnce() -> T) -> T {
    if !IS_ON.load(Ordering::Relaxed) {
        return work();
    }
    let running = RUNNING.get_or_init(Mutex::default);
    let me = thread::current().id();
    let lock = || running.lock().unwrap_or_else(PoisonError::into_inner);
    lock().insert(me, (Instant::now(), what.to_owned()));
    let result = work();
    let took = lock().remove(&me).map_or(Duration::ZERO, |(start, _)| start.elapsed());
    if took > SLOW {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        SPENT.fetch_add(millis, Ordering::Relaxed);
    }
    result
}
