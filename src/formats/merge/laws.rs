//! The laws of merging, for any layers: merging twice is merging once, grouping does not matter,
//! and no comment is lost.

use super::tests::{Merger, merged};
use super::{dependency, json, toml};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A value that TOML and JSON both have.
#[derive(Clone, Debug)]
enum Tree {
    Number(u8),
    List(Vec<u8>),
    Map(BTreeMap<String, Tree>),
}

fn tree() -> impl Strategy<Value = BTreeMap<String, Tree>> {
    // A key says what is under it, so that layers agree often enough.
    let leaf = prop_oneof![
        (0u8..2).prop_map(|n| (format!("n{n}"), Tree::Number(n))),
        (0u8..2).prop_map(|n| ("n".to_owned(), Tree::Number(n))),
        (0u8..2, prop::collection::vec(0u8..9, 0..4))
            .prop_map(|(n, l)| (format!("l{n}"), Tree::List(l))),
    ];
    let entry = leaf.prop_recursive(3, 24, 4, |inner| {
        (0u8..3, prop::collection::vec(inner, 0..4))
            .prop_map(|(n, entries)| (format!("m{n}"), Tree::Map(entries.into_iter().collect())))
    });
    prop::collection::vec(entry, 0..5).prop_map(|entries| entries.into_iter().collect())
}

fn json_text(map: &BTreeMap<String, Tree>) -> String {
    let entry = |(key, tree): (&String, &Tree)| match tree {
        Tree::Number(number) => format!("\"{key}\": {number}"),
        Tree::List(list) => format!("\"{key}\": {list:?}"),
        Tree::Map(map) => format!("\"{key}\": {}", json_text(map)),
    };
    format!("{{{}}}", map.iter().map(entry).collect::<Vec<_>>().join(", "))
}

/// The same tree in one of three forms: with headers, with dotted keys, inline.
fn toml_text(map: &BTreeMap<String, Tree>, form: u8) -> String {
    let (mut values, mut tables) = (String::new(), String::new());
    write_toml(map, form, "", "", &mut values, &mut tables);
    values + &tables
}

fn write_toml(
    map: &BTreeMap<String, Tree>,
    form: u8,
    path: &str,
    dotted: &str,
    values: &mut String,
    tables: &mut String,
) {
    for (key, tree) in map {
        let line = match tree {
            Tree::Number(number) => format!("# on {key}\n{dotted}{key} = {number}\n"),
            Tree::List(list) => format!("{dotted}{key} = {list:?} # {}\n", list.len()),
            Tree::Map(map) if form == 0 => {
                let (mut inner, mut below) = (String::new(), String::new());
                write_toml(map, form, &format!("{path}{key}."), "", &mut inner, &mut below);
                tables.extend(["# of ", key, "\n[", path, key, "]\n", &inner, &below]);
                continue;
            }
            Tree::Map(map) if form == 1 && !map.is_empty() => {
                write_toml(map, form, path, &format!("{dotted}{key}."), values, tables);
                continue;
            }
            Tree::Map(map) => format!("{dotted}{key} = {}\n", inline(map)),
        };
        values.push_str(&line);
    }
}

fn inline(map: &BTreeMap<String, Tree>) -> String {
    let entry = |(key, tree): (&String, &Tree)| match tree {
        Tree::Number(number) => format!("{key} = {number}"),
        Tree::List(list) => format!("{key} = {list:?}"),
        Tree::Map(map) => format!("{key} = {}", inline(map)),
    };
    format!("{{ {} }}", map.iter().map(entry).collect::<Vec<_>>().join(", "))
}

/// What a TOML text means, as JSON would write it.
fn meaning(text: &str) -> serde_json::Value {
    fn item(item: &toml_edit::Item) -> serde_json::Value {
        if let Some(table) = item.as_table_like() {
            table.iter().map(|(key, value)| (key.to_owned(), item_of(value))).collect()
        } else if let Some(array) = item.as_array() {
            array.iter().map(|value| item_of(&toml_edit::Item::Value(value.clone()))).collect()
        } else {
            item.as_integer().into()
        }
    }
    fn item_of(value: &toml_edit::Item) -> serde_json::Value {
        item(value)
    }
    let document: toml_edit::DocumentMut = text.parse().unwrap_or_else(|e| panic!("{e}\n{text}"));
    item(document.as_item())
}

proptest! {
    #[test]
    fn merging_twice_is_merging_once(a in tree(), b in tree(), form in 0u8..9) {
        let (json_a, json_b) = (json_text(&a), json_text(&b));
        let (toml_a, toml_b) = (toml_text(&a, form % 3), toml_text(&b, form / 3));
        for (merger, a, b) in [(toml as Merger, &toml_a, &toml_b), (json, &json_a, &json_b)] {
            prop_assert_eq!(merged(merger, &[a, a], &[]), Ok(a.clone()));
            if let Ok(once) = merged(merger, &[a, b], &[]) {
                for texts in [[a, b, b], [a, a, b], [a, b, a]] {
                    prop_assert_eq!(merged(merger, &texts.map(String::as_str), &[]), Ok(once.clone()));
                }
                prop_assert_eq!(merged(merger, &[&once, b], &[]), Ok(once.clone()));
                prop_assert_eq!(merged(merger, &[&once, a], &[]), Ok(once.clone()));
            }
        }
    }

    #[test]
    fn grouping_does_not_matter(a in tree(), b in tree(), c in tree(), forms in 0u8..27) {
        let texts = [toml_text(&a, forms % 3), toml_text(&b, forms / 3 % 3), toml_text(&c, forms / 9)];
        let texts = [&texts[0], &texts[1], &texts[2]].map(String::as_str);
        let jsons = [json_text(&a), json_text(&b), json_text(&c)];
        let jsons = [&jsons[0], &jsons[1], &jsons[2]].map(String::as_str);
        let all = merged(toml, &texts, &[]);
        if let Ok(all) = &all {
            let left = merged(toml, &texts[..2], &[]).expect("a part");
            prop_assert_eq!(&merged(toml, &[&left, texts[2]], &[]).expect("left"), all);
            let right = merged(toml, &texts[1..], &[]).expect("a part");
            let right = merged(toml, &[texts[0], &right], &[]).expect("right");
            prop_assert_eq!(meaning(&right), meaning(all));
        }
        match merged(json, &jsons, &[]) {
            Ok(text) => {
                let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
                prop_assert_eq!(meaning(&all.expect("as JSON")), read(&text));
                let right = merged(json, &jsons[1..], &[]).expect("a part");
                let right = merged(json, &[jsons[0], &right], &[]).expect("right");
                prop_assert_eq!(read(&right).to_string(), read(&text).to_string());
            }
            Err(faults) => prop_assert_eq!(all.expect_err("as JSON").len(), faults.len()),
        }
    }

    #[test]
    fn no_comment_is_lost(a in tree(), b in tree(), form in 0u8..2) {
        let texts = [toml_text(&a, 0), toml_text(&b, form)];
        if let Ok(text) = merged(toml, &[&texts[0], &texts[1]], &[]) {
            let comments = texts.iter().flat_map(|text| text.lines()).filter_map(|l| l.find('#').map(|at| &l[at..]));
            for comment in comments {
                prop_assert!(text.contains(comment), "{} is not in\n{}", comment, text);
            }
        }
    }

    #[test]
    fn lists_of_dependencies_follow_the_laws(a in requirements(), b in requirements(), c in requirements()) {
        let texts = [a.as_str(), b.as_str(), c.as_str()];
        prop_assert_eq!(merged(toml, &[&a, &a], &[]), Ok(a.clone()));
        if let Ok(all) = merged(toml, &texts, &[]) {
            prop_assert_eq!(merged(toml, &[&all, &c], &[]), Ok(all.clone()));
            let left = merged(toml, &texts[..2], &[]).expect("a part");
            prop_assert_eq!(merged(toml, &[&left, &c], &[]), Ok(all.clone()));
            let right = merged(toml, &texts[1..], &[]).expect("a part");
            let right = merged(toml, &[&a, &right], &[]).expect("right");
            prop_assert_eq!(packages(&right), packages(&all));
            for comment in texts.iter().flat_map(|text| text.lines()).filter(|line| line.contains('#')) {
                prop_assert!(all.contains(&comment[comment.find('#').unwrap_or(0)..]));
            }
            let (found, mut sorted) = (packages(&all), packages(&all));
            sorted.sort();
            sorted.dedup();
            prop_assert!(found == sorted || found == packages(&a), "{}", all);
        }
    }
}

/// A `pyproject.toml` with dependencies, some with comments, and an array of tables.
fn requirements() -> impl Strategy<Value = String> {
    let item = (0usize..5, 0u8..9, 0u8..6);
    (prop::collection::vec(item, 0..5), prop::collection::vec(0u8..3, 0..3)).prop_map(
        |(items, tables)| {
            let names = ["Zeta", "beta[x]", "beta", "a_c", "alpha"];
            let mut seen = Vec::new();
            let mut text = "[project]\ndependencies = [".to_owned();
            for (name, version, comment) in items {
                if !seen.contains(&name) {
                    seen.push(name);
                    let above = match comment {
                        0 => format!("# above {name}\n"),
                        1 => format!("\n  # on its own {name}\n"),
                        _ => String::new(),
                    };
                    let version = if version == 8 { "2" } else { "1" };
                    text.extend([&above, "\"", names[name], "==", version, "\", "]);
                    text += if comment == 2 { "# beside\n" } else { "" };
                }
            }
            let table = |n: &u8| format!("# number {n}\n[[tool.x]]\nn = {n}\n[tool.x.y]\n");
            text + "]\n" + &tables.iter().map(table).collect::<Vec<_>>().concat()
        },
    )
}

fn packages(text: &str) -> Vec<String> {
    let document: toml_edit::DocumentMut = text.parse().expect("TOML");
    let list = document["project"]["dependencies"].as_array().expect("a list");
    list.iter().filter_map(|item| item.as_str()).map(dependency::package).collect()
}
