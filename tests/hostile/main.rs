//! Repositories, packs and surroundings that someone hostile made: each is met by the commands that a victim would run, and
//! is refused with a message, or harmless. Nothing outside is changed or shown, nothing is executed, a command that reads
//! changes nothing, and each ends within 10 s of the processor and 300 MB.
//!
//! `HOSTILE=name` tries those kinds whose name contains the word; `HOSTILE_PROGRAM` names another build.
#![cfg(target_os = "linux")]

mod inputs;
mod journals;
mod overlays;
mod packs;
mod repositories;
#[path = "../support/snapshot.rs"]
mod snapshot;
mod surroundings;
mod templates;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use world::{Words, World};

/// One hostile thing: its name, how it is made, and what the victim does with it.
struct Kind {
    name: String,
    make: Box<dyn Fn(&mut World) + Sync>,
    commands: Vec<Words>,
}

/// A kind of a table.
fn kind(name: &str, commands: Vec<Words>, make: impl Fn(&mut World) + Sync + 'static) -> Kind {
    Kind { name: name.to_owned(), make: Box::new(make), commands }
}

/// Tries all kinds of a group, two at a time, and fails with those that did harm.
fn hold(group: &str, kinds: &[Kind], least: usize) {
    let only = std::env::var("HOSTILE").unwrap_or_default();
    let next = AtomicUsize::new(0);
    let harm = Mutex::new(Vec::new());
    let tried = AtomicUsize::new(0);
    let work = || {
        while let Some(kind) = kinds.get(next.fetch_add(1, Ordering::SeqCst)) {
            if !kind.name.contains(&only) {
                continue;
            }
            tried.fetch_add(1, Ordering::SeqCst);
            let faults: Vec<String> = kind
                .commands
                .iter()
                .flat_map(|words| {
                    // Each command meets it as it was made.
                    let mut world = World::new();
                    (kind.make)(&mut world);
                    world.faults(words)
                })
                .collect();
            if !faults.is_empty() {
                harm.lock().unwrap().push(format!("{}\n    {}", kind.name, faults.join("\n    ")));
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let (harm, tried) = (harm.into_inner().unwrap(), tried.into_inner());
    eprintln!("{group}: {} of {tried} refused or harmless", tried - harm.len());
    assert!(kinds.len() >= least, "{group} has {} kinds", kinds.len());
    assert!(harm.is_empty(), "{group}: {} of {tried} did harm:\n{}", harm.len(), harm.join("\n"));
}

#[test]
fn stages_that_came_with_a_clone_or_from_a_neighbour() {
    hold("stages", &journals::all(), 40);
}

#[test]
fn surroundings_that_are_not_what_they_seem() {
    hold("surroundings", &surroundings::all(), 35);
}

#[test]
fn files_of_a_cloned_repository() {
    hold("repositories", &repositories::all(), 85);
}

#[test]
fn packs_of_others() {
    hold("packs", &packs::all(), 45);
}

#[test]
fn overlays_of_others() {
    hold("overlays", &overlays::all(), 20);
}

#[test]
fn templates_of_others() {
    hold("templates", &templates::all(), 35);
}

#[test]
fn answers_policies_and_environments() {
    hold("inputs", &inputs::all(), 30);
}
