//! How long expressions and templates of packs of others may take. The engine bounds the number of its steps, but one step
//! can look through a list of millions. What takes longer ends the program, before anything is written.

use crate::error::{Code, Error, Problem};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// What one of them may take, and all together beyond what is usual for each.
const LONGEST: Duration = Duration::from_secs(5);
/// More than an expression or a template takes on the average. `pack lint` computes each a thousand times, so what takes
/// a tenth of a second each time would take minutes.
const USUAL: Duration = Duration::from_millis(2);
/// So much of an expression is shown, in characters.
const MOST_SHOWN: usize = 200;
const TICK: Duration = Duration::from_millis(100);

/// Ends the program; it is told what took too long.
type End = Box<dyn Fn(&str) + Send + Sync>;

static END: OnceLock<End> = OnceLock::new();
static IS_ON: AtomicBool = AtomicBool::new(false);
/// How many have ended.
static DONE: AtomicU32 = AtomicU32::new(0);
/// What they took together, in microseconds.
static SPENT: AtomicU64 = AtomicU64::new(0);
static RUNNING: OnceLock<Mutex<HashMap<ThreadId, (Instant, String)>>> = OnceLock::new();

/// The error of what took too long.
#[must_use]
pub fn error(what: &str) -> Error {
    let what: String = what.chars().take(MOST_SHOWN).collect();
    let seconds = LONGEST.as_secs();
    let message =
        format!("`{what}`, with what was computed before it, takes more than {seconds} s");
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
    let spent = Duration::from_micros(SPENT.load(Ordering::Relaxed));
    let allowed = LONGEST + USUAL.saturating_mul(DONE.load(Ordering::Relaxed));
    let (start, what) = running.values().min_by_key(|(start, _)| *start)?;
    (spent + start.elapsed() > allowed).then(|| what.clone())
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
    SPENT.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    DONE.fetch_add(1, Ordering::Relaxed);
    result
}
