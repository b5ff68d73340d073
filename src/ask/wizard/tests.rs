//! The wizard without a terminal: keys are replies from a list, the screens are what was asked.

use super::prompt::{Ask, Choice, Decision, Prompter, Reply};
use super::review::{self, Review};
use super::*;
use crate::answers::{Facts, Inputs, Raw};
use crate::error::Code;
use crate::pack::Pack;
use crate::pack::{Catalog, ProjectType};
use crate::write::OnConflict;
use std::collections::VecDeque;

const OVERLAY: &str = r#"
name: shop
description: A shop
project-type: shop
questions:
  - {id: kind, flag: shop-kind, ask: Which kind?, kind: choice, choices: {small: a, large: b}, required: true}
  - {id: floors, flag: shop-floors, ask: How many floors?, kind: integer, min: 1, max: 9, default: 2, when: "kind == 'large'"}
  - {id: lift, flag: shop-lift, ask: A lift?, kind: bool, default: false}
  - {id: sign, flag: shop-sign, ask: What does the sign say?, kind: text, default: open, advanced: true}
rules:
  - {when: "kind == 'small' and lift", field: lift, message: a small shop has no lift}
"#;

/// What the user does, in order: `<` goes back, anything else is an answer; then decisions of the last screens.
struct Script {
    replies: VecDeque<&'static str>,
    decisions: VecDeque<Decision>,
    asked: Vec<String>,
}

impl Prompter for Script {
    fn tell(&mut self, given: &[(String, String)]) {
        self.asked.extend(given.iter().map(|(flag, answer)| format!("told {flag} {answer}")));
    }

    fn ask(&mut self, ask: &Ask) -> Result<Reply<Raw>> {
        let (at, of) = ask.progress;
        let refused = ask.refused.map(|why| format!(" ! {why}")).unwrap_or_default();
        let evidence = ask.evidence.map(|file| format!(" @ {file}")).unwrap_or_default();
        let proposed = ask.proposed().map(ToString::to_string).unwrap_or_default();
        self.asked.push(format!("{} {at}/{of} [{proposed}]{evidence}{refused}", ask.question.id));
        let reply = self.replies.pop_front().expect("a reply is scripted");
        Ok(match reply {
            "<" => Reply::Back,
            word => Reply::Answer(Raw::Word(word.to_owned())),
        })
    }

    fn choose(&mut self, title: &str, choices: &[Choice], cursor: usize) -> Result<usize> {
        self.asked.push(format!("{title} [{}]", choices[cursor].name));
        let word = self.replies.pop_front().expect("a reply is scripted");
        Ok(choices.iter().position(|choice| choice.name == word).expect("a choice is named"))
    }

    fn review(&mut self, review: &Review) -> Result<Decision> {
        let answers = review.answers.iter().map(|line| format!("{}={}", line.id, line.value));
        self.asked.push(format!("review {}", answers.collect::<Vec<_>>().join(" ")));
        Ok(self.decisions.pop_front().expect("a decision is scripted"))
    }

    fn conflict(&mut self, _: &str, _: &str) -> Result<(OnConflict, bool)> {
        unreachable!("nothing is compared here")
    }
}

fn catalog() -> Catalog {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("overlays")).unwrap();
    std::fs::write(folder.path().join("overlays/shop.yml"), OVERLAY).unwrap();
    let about = "{name: shops, version: '1', description: Shops}";
    std::fs::write(folder.path().join("pack.yml"), about).unwrap();
    Catalog::of(vec![Pack::read(folder.path()).unwrap()]).unwrap()
}

fn given(field: &str, word: &str, source: Source) -> Given {
    let place = Place::Flag { flag: field.to_owned() };
    Given { field: field.to_owned(), raw: Raw::Word(word.to_owned()), source, place, locked: false }
}

/// Everything that was shown, and the answers.
fn play(
    from: Vec<Given>,
    replies: &[&'static str],
    decisions: &[Decision],
) -> (Vec<String>, Result<String>) {
    let catalog = catalog();
    let mut script = Script {
        replies: replies.iter().copied().collect(),
        decisions: decisions.iter().cloned().collect(),
        asked: Vec::new(),
    };
    let inputs = Inputs { given: from, facts: Facts::default(), auto: false, strict: false };
    let mut preview = |project_type: &ProjectType, answers: &Answers| {
        Ok(Review {
            destination: "demo".to_owned(),
            answers: review::all(project_type, answers),
            costs: Vec::new(),
            notes: Vec::new(),
            files: Vec::new(),
            setup: Vec::new(),
            command: review::command(project_type, answers, "demo", &[]),
        })
    };
    let chosen = run(&catalog, inputs, &mut script, Some(&mut preview));
    let words = chosen.map(|((project_type, _, answers), _)| {
        review::command(project_type, &answers, "demo", &[]).join(" ")
    });
    assert!(script.replies.is_empty(), "not asked for: {:?}; {:?}", script.replies, script.asked);
    (script.asked, words)
}

fn of_type(mut more: Vec<Given>) -> Vec<Given> {
    more.push(given(PROJECT_TYPE, "shop", Source::Flag));
    more
}

#[test]
fn the_straight_way_asks_what_matters_and_ends_with_a_review() {
    let (asked, command) = play(vec![], &["shop", "large", "3", "true"], &[Decision::Write]);
    assert_eq!(
        asked,
        [
            "What do you want to make? [shop]",
            "kind 2/3 []",
            "floors 3/4 [2]",
            "lift 4/4 [false]",
            "review projectType=shop kind=large floors=3 lift=true sign=open",
        ]
    );
    let expected = "scaffold init demo --project-type shop --shop-kind large --shop-floors 3 --shop-lift --shop-sign open";
    assert_eq!(command.unwrap(), expected);
}

#[test]
fn back_proposes_what_was_answered_and_drops_what_no_longer_applies() {
    let replies = ["large", "3", "<", "<", "small", "false"];
    let (asked, command) = play(of_type(vec![]), &replies, &[Decision::Write]);
    assert_eq!(
        asked,
        [
            "kind 1/2 []",
            "floors 2/3 [2]",
            "lift 3/3 [false]",
            "floors 2/3 [3]",
            "kind 1/2 [large]",
            "lift 2/2 [false]",
            "review projectType=shop kind=small lift=false sign=open",
        ]
    );
    assert!(!command.unwrap().contains("floors"));
}

#[test]
fn what_is_given_is_told_and_not_asked() {
    let from = of_type(vec![given("shop-kind", "large", Source::Flag)]);
    let (asked, _) = play(from, &["2", "false"], &[Decision::Write]);
    assert_eq!(asked[..2], ["told --shop-kind large (by flag)", "floors 1/2 [2]"]);
}

#[test]
fn a_refused_answer_is_explained_and_asked_again() {
    let (asked, _) = play(of_type(vec![]), &["large", "99", "3", "false"], &[Decision::Write]);
    assert!(asked[2].starts_with("floors 2/3 [2] ! "), "{asked:?}");
    // A rule that an answer breaks together with earlier ones is told at that answer.
    let (asked, _) = play(of_type(vec![]), &["small", "true", "false"], &[Decision::Write]);
    assert_eq!(asked[2], "lift 2/2 [false] ! a small shop has no lift");
}

#[test]
fn any_answer_can_be_changed_on_the_last_screen() {
    // Index 4 is the sign, which is not asked for by itself.
    let decisions = [Decision::Change(4), Decision::Write];
    let (asked, command) = play(of_type(vec![]), &["large", "3", "true", "closed"], &decisions);
    assert_eq!(asked[4], "sign 1/1 [open]");
    assert!(command.unwrap().ends_with("--shop-sign closed"));
    // A change that makes other answers impossible asks for those again, and not for the change.
    let decisions = [Decision::Change(1), Decision::Write];
    let replies = ["large", "3", "true", "small", "false"];
    let (asked, command) = play(of_type(vec![]), &replies, &decisions);
    assert!(asked.iter().any(|line| line.contains("! a small shop has no lift")), "{asked:?}");
    assert!(command.unwrap().contains("--shop-kind small --no-shop-lift"));
}

#[test]
fn the_last_screen_goes_back_and_can_be_left() {
    let decisions = [Decision::Back, Decision::Leave];
    let (asked, command) = play(of_type(vec![]), &["small", "false", "false"], &decisions);
    assert_eq!(asked[3], "lift 2/2 [false]");
    assert_eq!(command.unwrap_err().problems[0].code, Code::Interrupted);
}

#[test]
fn what_is_found_is_proposed_with_its_file() {
    let mut found = given("shopConfig.kind", "large", Source::Detected);
    found.place = Place::Path { file: "plan.txt".to_owned() };
    let (asked, _) = play(of_type(vec![found]), &["large", "1", "false"], &[Decision::Write]);
    assert_eq!(asked[0], "kind 1/3 [large] @ plan.txt");
}

#[test]
fn a_locked_answer_is_told_and_cannot_be_given_otherwise() {
    let locked = |word: &str| Given {
        locked: true,
        place: Place::Path { file: "org.yml".to_owned() },
        ..given("kind", word, Source::UserDefaults)
    };
    let (asked, _) = play(of_type(vec![locked("small")]), &["false"], &[Decision::Write]);
    assert_eq!(asked[0], "told --shop-kind small (locked by org.yml)");
    let from = of_type(vec![locked("small"), given("shop-kind", "large", Source::Flag)]);
    let (_, command) = play(from, &[], &[]);
    assert_eq!(command.unwrap_err().problems[0].code, Code::Locked);
}
