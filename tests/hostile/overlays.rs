//! Overlays of packs of others: too many things, patterns and expressions without end, names that lead elsewhere.

use crate::Kind;
use crate::packs::{OVERLAY, of, overlay};
use crate::repositories::bomb;
use crate::world::repeated;

/// The sound overlay with more questions.
fn questions(more: &str) -> String {
    OVERLAY.replace("layers:", &format!("{more}layers:"))
}

fn question(n: usize, rest: &str) -> String {
    format!("  - {{id: q{n}, flag: evil-q{n}, ask: Q, {rest}}}\n")
}

pub fn all() -> Vec<Kind> {
    let mut all = declarations();
    all.extend(expressions());
    all
}

fn declarations() -> Vec<Kind> {
    let choices: Vec<String> = (0..30).map(|n| format!("c{n}: x")).collect();
    let choices = format!("kind: choice, choices: {{{}}}, default: c0", choices.join(", "));
    let many = |count: usize, rest: &str| {
        questions(&(0..count).map(|n| question(n, rest)).collect::<String>())
    };
    let rules = repeated(3_000, |n| {
        format!(
            "  - {{when: \"color == 'red' and color == 'blue'\", field: color, message: m{n}}}\n"
        )
    });
    vec![
        overlay("20,000 questions", many(20_000, "kind: bool, default: false")),
        overlay("40 questions of 30 choices", many(40, &choices)),
        overlay("3,000 rules", format!("{OVERLAY}rules:\n{rules}")),
        overlay(
            "a pattern that takes for ever",
            questions(&question(
                0,
                "kind: text, pattern: '^(a+)+$', default: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
            )),
        ),
        overlay(
            "a pattern of gigabytes",
            questions(&question(0, "kind: text, pattern: '((x{1000}){1000}){1000}', default: x")),
        ),
        overlay(
            "a pattern of 100,000 brackets",
            questions(&question(
                0,
                &format!("kind: text, pattern: '{}', default: x", "(".repeat(100_000)),
            )),
        ),
        overlay("a text that is no YAML", "questions:\n  - choices: {t: {#\nk"),
        overlay("another text that is no YAML", "a: {b: {#\n\u{85}k\n? - : "),
        overlay("aliases that grow", bomb() + OVERLAY),
        overlay("100,000 brackets", "[".repeat(100_000)),
        overlay(
            "it extends itself",
            OVERLAY.replace("description: Evil", "description: Evil\nextends: evil"),
        ),
        of("overlay: two extend each other", |world| {
            world.put(
                "pack/overlays/evil.yml",
                OVERLAY.replace("description: Evil", "description: Evil\nextends: other"),
            );
            world.put(
                "pack/overlays/other.yml",
                OVERLAY
                    .replace("name: evil", "name: other\nextends: evil")
                    .replace("evil-color", "other-color"),
            );
        }),
        overlay(
            "its block is called name",
            OVERLAY.replace("questions:", "config-key: name\nquestions:"),
        ),
        overlay(
            "its block is called platforms",
            OVERLAY.replace("questions:", "config-key: platforms\nquestions:"),
        ),
        overlay(
            "its block is called projectType",
            OVERLAY.replace("questions:", "config-key: projectType\nquestions:"),
        ),
        overlay("a layer goes up", OVERLAY.replace("[evil/base]", "[../../sibling]")),
        overlay("a layer is absolute", OVERLAY.replace("[evil/base]", "[/etc]")),
        overlay("a value of 5 MB", OVERLAY.replace("warm", &"w".repeat(5 << 20))),
    ]
}

/// Expressions that are too deep, or compute for ever.
fn expressions() -> Vec<Kind> {
    vec![
        overlay(
            "a chain of 20,000 operators",
            questions(&question(
                0,
                &format!(
                    "kind: bool, default: false, when: \"{}\"",
                    vec!["color"; 20_000].join(" == ")
                ),
            )),
        ),
        overlay(
            "20,000 negations",
            questions(&question(
                0,
                &format!("kind: bool, default: false, when: \"{}color\"", "not ".repeat(20_000)),
            )),
        ),
        overlay(
            "20,000 parentheses",
            questions(&question(
                0,
                &format!("kind: bool, default: false, when: \"{}color\"", "(".repeat(20_000)),
            )),
        ),
        overlay(
            "20,000 filters",
            questions(&question(
                0,
                &format!("kind: bool, default: false, when: \"color{}\"", "|upper".repeat(20_000)),
            )),
        ),
        overlay(
            "a default that computes for ever",
            questions(&question(
                0,
                "kind: text, default: {expr: \"range(100000)|map('upper')|list|length|string * 100000000\"}",
            )),
        ),
        overlay(
            "a default of gigabytes",
            questions(&question(0, "kind: text, default: {expr: \"'x' * 4000000000\"}")),
        ),
        overlay(
            "a list of gigabytes",
            questions(&question(0, "kind: text, default: {expr: \"['x'] * 400000000\"}")),
        ),
        overlay(
            "a list of gigabytes that is sorted",
            questions(&question(
                0,
                "kind: text, default: {expr: \"(['x'] * 400000000)|sort|length|string\"}",
            )),
        ),
        overlay(
            "a list that is looked through without end",
            questions(&question(
                0,
                "kind: text, default: {expr: \"'q' in (['a', 'b'] * 49000000)|string\"}",
            )),
        ),
        overlay(
            "a list of words that is looked through without end",
            questions(&question(
                0,
                "kind: bool, default: false, when: \"'q' in ([color] * 99000000)\"",
            )),
        ),
        overlay(
            "a condition that takes a tenth of a second, each time anew",
            questions(&question(
                0,
                "kind: bool, default: false, when: \"'q' in ([color] * 1000000)\"",
            )),
        ),
        overlay(
            "a list of gigabytes that is joined to a text",
            questions(&question(0, "kind: text, default: {expr: \"0 ~ (['a', 'b'] * 30612040)\"}")),
        ),
    ]
}
