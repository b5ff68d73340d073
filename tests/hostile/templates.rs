//! Templates of others: texts without end, names that lead elsewhere, and files that would be obeyed where they land.

use crate::packs::{OVERLAY, commands, pack};
use crate::world::{World, refused, writes};
use crate::{Kind, kind};

const BASE: &str = "pack/templates/evil/base";

pub fn all() -> Vec<Kind> {
    let mut all = texts();
    all.extend(names());
    all
}

fn text(name: &str, text: impl Into<String>) -> Kind {
    let text = text.into();
    kind(&format!("template: {name}"), commands(), move |world: &mut World| {
        pack(world);
        world.put(&format!("{BASE}/x.md.jinja"), &text);
    })
}

/// Sixty names, each of which is made of the one before.
fn doubled(line: &str) -> String {
    let lines = (1..60)
        .map(|n: u32| line.replace("{n}", &n.to_string()).replace("{m}", &(n - 1).to_string()));
    format!("{{% set a0 = 'xxxxxxxxxx' %}}{}{{{{ a59|length }}}}", lines.collect::<String>())
}

fn texts() -> Vec<Kind> {
    vec![
        text(
            "loops in loops",
            "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
        ),
        text("a macro that calls itself", "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}"),
        text("a loop that calls itself", "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}"),
        text(
            "a text that doubles",
            "{% set ns = namespace(a='xxxxxxxxxx') %}{% for i in range(60) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}{{ ns.a }}",
        ),
        text("names that double each other", doubled("{% set a{n} = a{m} ~ a{m} %}")),
        text(
            "blocks that double each other",
            doubled("{% set a{n} %}{{ a{m} }}{{ a{m} }}{% endset %}"),
        ),
        text(
            "a macro inside itself",
            format!(
                "{{% macro f(x) %}}{{{{ x }}}}{{{{ x }}}}{{{{ x }}}}{{{{ x }}}}{{% endmacro %}}{{{{ {}'xxxxxxxx'{}|length }}}}",
                "f(".repeat(14),
                ")".repeat(14)
            ),
        ),
        text(
            "a list that doubles and is looked through",
            format!(
                "{{% set a = [color, color] %}}{}{{{{ 'q' in a }}}}",
                "{% set a = a + a %}".repeat(28)
            ),
        ),
        text("a list that is looked through without end", "{{ 'q' in ([color] * 99000000) }}"),
        text("a text of gigabytes", "{{ 'x' * 4000000000 }}"),
        text("a list of gigabytes", "{{ ([1] * 4000000000)|length }}"),
        text(
            "a replacement that grows",
            "{% set ns = namespace(a='x' * 1000) %}{% for i in range(5) %}{% set ns.a = ns.a|replace('x', ns.a) %}{% endfor %}{{ ns.a|length }}",
        ),
        text("a value that holds itself", "{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}"),
        text(
            "a value that holds itself, compared",
            "{% set a = namespace() %}{% set a.a = a %}{% set b = namespace() %}{% set b.a = b %}{{ a == b }}",
        ),
        text(
            "a value deep in itself",
            "{% set ns = namespace(a=[]) %}{% for i in range(100000) %}{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a }}",
        ),
        text("a chain of 20,000 operators", format!("{{{{ {} }}}}", vec!["1"; 20_000].join(" + "))),
        text(
            "20,000 parentheses",
            format!("{{{{ {}1{} }}}}", "(".repeat(20_000), ")".repeat(20_000)),
        ),
        text("20,000 lists", format!("{{{{ {}1{} }}}}", "[".repeat(20_000), "]".repeat(20_000))),
        text(
            "20,000 conditions",
            format!("{}x{}", "{% if true %}".repeat(20_000), "{% endif %}".repeat(20_000)),
        ),
        text("20,000 attributes", format!("{{{{ color{} }}}}", ".a".repeat(20_000))),
        text("20,000 calls", format!("{{{{ color{} }}}}", "()".repeat(20_000))),
        text("another file is included", "{% include '../../../../secret.txt' %}"),
        text("another file is imported", "{% import '/etc/passwd' as p %}{{ p }}"),
        text("a part from elsewhere", "{{ part('../../../../secret.txt') }}"),
        text("the environment", "{{ env }}{{ environ }}{{ self }}{{ debug() }}"),
    ]
}

/// A file of a pack by its name.
fn named(what: &str, path: &'static str) -> Kind {
    kind(&format!("name: {what}"), commands(), move |world: &mut World| {
        pack(world);
        world.put(&format!("{BASE}/{path}"), "owned\n");
    })
}

/// A file that must not be written at all.
fn forbidden(what: &str, path: &'static str) -> Kind {
    let mut kind = named(what, path);
    kind.commands.push(refused("init other --pack ../pack --project-type evil --auto --author A"));
    kind
}

fn names() -> Vec<Kind> {
    vec![
        forbidden("it goes up", "{{ '..' }}/{{ '..' }}/planted.txt"),
        forbidden(
            "it goes up in one piece",
            "{{ '..%splanted'|replace('%s', '\u{2215}') }}{{ '..' }}.txt/{{ '..' }}/x",
        ),
        forbidden("a hook of git", ".git/hooks/post-checkout"),
        forbidden("a hook of git in capitals", "{{ '.GIT' }}/hooks/post-checkout"),
        forbidden("a hook of git by its short name", "{{ 'GIT~1' }}/hooks/post-checkout"),
        forbidden("a hook of git with an ignored character", ".g\u{200c}it/hooks/post-checkout"),
        forbidden("a hook of git with a dot at its end", "{{ '.git.' }}/hooks/post-checkout"),
        forbidden("the program's own stage", ".scaffold/tmp-write/commit"),
        forbidden("the program's own progress", ".scaffold/state"),
        forbidden("a reserved name", "aux.txt"),
        forbidden("a reserved name with a figure", "COM1"),
        forbidden("a reserved name with a raised figure", "com\u{b9}.txt"),
        forbidden("a stream", "a.txt:stream"),
        forbidden("control characters", "a\u{1b}[31mb.txt"),
        forbidden("bidirectional controls", "a\u{202e}txt.exe"),
        forbidden("a name that is too long", "{{ 'x' * 250 }}.md"),
        kind(
            "name: two that are one in another case",
            vec![refused("init new --pack ../pack --project-type evil --auto --author A")],
            |world| {
                pack(world);
                world.put(&format!("{BASE}/a.txt"), "x");
                world.put(&format!("{BASE}/A.txt"), "x");
            },
        ),
        kind(
            "name: two that are one when composed",
            vec![refused("init new --pack ../pack --project-type evil --auto --author A")],
            |world| {
                pack(world);
                world.put(&format!("{BASE}/caf\u{e9}.txt"), "x");
                world.put(&format!("{BASE}/cafe\u{301}.txt"), "x");
            },
        ),
        kind(
            "name: it comes from an answer",
            vec![writes(
                "init new --pack ../pack --project-type evil --auto --author A --evil-t ../../planted",
            )],
            |world| {
                pack(world);
                world.put(
                    "pack/overlays/evil.yml",
                    OVERLAY.replace(
                        "layers:",
                        "  - {id: t, flag: evil-t, ask: T, kind: text, default: x}\nlayers:",
                    ),
                );
                world.put(&format!("{BASE}/{{{{ t }}}}.md.jinja"), "x\n");
            },
        ),
    ]
}
