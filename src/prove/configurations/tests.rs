use super::*;
use crate::pack::{Catalog, Pack};
use std::fmt::Write as _;
use std::path::Path;

fn greeting() -> Catalog {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/hello");
    Catalog::of(vec![Pack::builtin().unwrap(), Pack::read(&folder).unwrap()]).unwrap()
}

#[test]
fn all_are_valid_and_different() {
    let catalog = greeting();
    // calm: times 1 (9 is refused); loud: times 1 or 9, echo or not.
    assert_eq!(all(catalog.project_type("greeting").unwrap()).unwrap().len(), 5);
}

#[test]
fn pairs_of_common_and_own_values_occur_and_are_few() {
    let catalog = greeting();
    let found = pairwise(catalog.project_type("greeting").unwrap());
    assert!(found.len() < 25, "{}", found.len());
    for license in ["none", "MIT", "Apache-2.0", "proprietary"] {
        for tone in ["calm", "loud"] {
            let both = |a: &Answers| {
                a.get("license") == Some(&Value::Text(license.to_owned()))
                    && a.get("tone") == Some(&Value::Text(tone.to_owned()))
            };
            assert!(found.iter().any(both), "{license} with {tone}");
        }
    }
}

/// Pairs of answers of which every value is tried: not numbers, not lists.
fn value_pairs(configurations: &[Answers]) -> HashSet<[String; 2]> {
    let mut found = HashSet::new();
    for configuration in configurations {
        let tried = configuration
            .values
            .iter()
            .filter(|(_, answer)| matches!(answer.value, Value::Text(_) | Value::Bool(_)));
        let words: Vec<String> =
            tried.map(|(id, answer)| format!("{id}={}", answer.value)).collect();
        for (index, first) in words.iter().enumerate() {
            found.extend(words[index + 1..].iter().map(|other| [first.clone(), other.clone()]));
        }
    }
    found
}

#[test]
fn no_pair_of_a_large_sample_is_missing() {
    let catalog = Catalog::of(vec![Pack::builtin().unwrap()]).unwrap();
    let project_type = catalog.project_type("data-pipeline").unwrap();
    let few = value_pairs(&pairwise(project_type));
    let many = value_pairs(&sample(project_type, 150, 3, |_| true));
    assert_eq!(many.difference(&few).collect::<Vec<_>>(), Vec::<&[String; 2]>::new());
}

#[test]
fn nothing_chosen_of_many_is_tried_with_each_value_of_the_others() {
    let catalog = Catalog::builtin().unwrap();
    let found = pairwise(catalog.project_type("browser-extension").unwrap());
    let nothing = Value::List(Vec::new());
    let without: Vec<Answers> =
        found.into_iter().filter(|a| a.get("uiSurfaces") == Some(&nothing)).collect();
    let pairs = value_pairs(&without);
    for own in ["hasContentScript", "hasBackgroundWorker"] {
        for value in ["true", "false"] {
            let wanted = format!("{own}={value}");
            assert!(pairs.iter().flatten().any(|word| *word == wanted), "{wanted}");
        }
    }
}

/// A type of 40 questions with 30 choices each.
fn large(kind: &str) -> Catalog {
    let mut text = "name: big\ndescription: Big\nproject-type: big\nquestions:\n".to_owned();
    for id in 0..40 {
        let choices: Vec<String> = (0..30).map(|value| format!("c{value}: C")).collect();
        let choices = choices.join(", ");
        let default = if kind == "choice" { "c0" } else { "[c0]" };
        let _ = writeln!(
            text,
            "  - {{id: q{id}, flag: q{id}, ask: Q, kind: {kind}, choices: {{{choices}}}, default: {default}}}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("overlays")).unwrap();
    let about = "name: p\nversion: '1'\ndescription: P\n";
    std::fs::write(folder.path().join("pack.yml"), about).unwrap();
    std::fs::write(folder.path().join("overlays/big.yml"), text).unwrap();
    Catalog::of(vec![Pack::builtin().unwrap(), Pack::read(folder.path()).unwrap()]).unwrap()
}

#[test]
fn of_a_large_type_every_value_is_tried_and_few_configurations_are_made() {
    for kind in ["choice", "multi-choice"] {
        let catalog = large(kind);
        let project_type = catalog.project_type("big").unwrap();
        assert!(all(project_type).is_none());
        assert!(has_too_many_pairs(project_type));
        let found = pairwise(project_type);
        assert!(found.len() < 300, "{kind}: {}", found.len());
        for value in 0..30 {
            let has = |a: &Answers| match a.get("q39") {
                Some(Value::Text(text)) => *text == format!("c{value}"),
                Some(Value::List(items)) => items.contains(&format!("c{value}")),
                _ => false,
            };
            assert!(found.iter().any(has), "{kind}: c{value}");
        }
    }
}

#[test]
fn the_types_of_the_builtin_pack_are_tried_pair_by_pair() {
    for project_type in Catalog::builtin().unwrap().types() {
        assert!(!has_too_many_pairs(project_type), "{}", project_type.name);
    }
}

#[test]
fn a_seed_chooses_the_same_sample_again() {
    let catalog = greeting();
    let project_type = catalog.project_type("greeting").unwrap();
    let labels = |seed| {
        sample(project_type, 4, seed, |_| true)
            .iter()
            .map(|a| label(project_type, a))
            .collect::<Vec<_>>()
    };
    assert_eq!(labels(7), labels(7));
    assert_ne!(labels(7), labels(8));
}

/// A type of four questions, two of them advanced.
const ADVANCED: &str = "\
name: adv
description: A
project-type: adv
questions:
  - {id: a, flag: a, ask: A, kind: choice, choices: {x: X, y: Y}, required: true}
  - {id: b, flag: b, ask: B, kind: bool, default: false}
  - {id: c, flag: c, ask: C, kind: choice, choices: {one: O, two: T, three: H}, default: one, advanced: true}
  - {id: d, flag: d, ask: D, kind: bool, default: true, advanced: true}
layers: []
";

fn of(overlay: &str) -> Catalog {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("overlays")).unwrap();
    let about = "name: p\nversion: '1'\ndescription: P\n";
    std::fs::write(folder.path().join("pack.yml"), about).unwrap();
    std::fs::write(folder.path().join("overlays/one.yml"), overlay).unwrap();
    Catalog::of(vec![Pack::builtin().unwrap(), Pack::read(folder.path()).unwrap()]).unwrap()
}

#[test]
fn advanced_questions_keep_their_defaults_and_are_covered_in_pairs() {
    let catalog = of(ADVANCED);
    let project_type = catalog.project_type("adv").unwrap();
    let found = all(project_type).unwrap();
    let held = |a: &&Answers| {
        a.get("c") == Some(&Value::Text("one".to_owned())) && a.get("d") == Some(&Value::Bool(true))
    };
    assert_eq!(found.iter().filter(held).count(), 4, "every product of the others");
    assert!(found.len() < 12, "{} of the 24 products", found.len());
    let pairs = value_pairs(&found);
    for pair in
        [["a=y", "c=three"], ["b=true", "c=two"], ["b=true", "d=false"], ["c=two", "d=false"]]
    {
        assert!(pairs.contains(&pair.map(str::to_owned)), "{pair:?}");
    }
}

#[test]
fn an_advanced_question_alone_is_tried_with_each_value() {
    let alone = ADVANCED
        .lines()
        .filter(|line| !["a", "b", "d"].iter().any(|id| line.contains(&format!("{{id: {id},"))));
    let catalog = of(&(alone.collect::<Vec<_>>().join("\n") + "\n"));
    assert_eq!(all(catalog.project_type("adv").unwrap()).unwrap().len(), 3);
}
