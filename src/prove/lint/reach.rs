//! Reach: conditions that never hold, rules that always do, and what cannot be computed at all.

use super::scopes::{self, Coverage};
use crate::error::{Code, Problem};
use crate::pack::ProjectType;
use crate::pack::expression::Expr;
use crate::prove::conditions::{Condition, What, conditions};

/// A condition that is decided is still tried with so many combinations: it may fail to compute in one of them.
const MOST_DECIDED: usize = 2_000;

/// What the combinations tried say about a condition.
#[derive(Default)]
struct Seen {
    holds: bool,
    fails: bool,
    count: usize,
    /// Why it could not be computed, the first time.
    fault: Option<String>,
}

/// Rules, notes and conditions that never hold, and rules that always do.
pub(super) fn of(project_type: &ProjectType) -> Vec<Problem> {
    conditions(project_type).iter().filter_map(|one| judged(project_type, one)).collect()
}

fn judged(project_type: &ProjectType, condition: &Condition) -> Option<Problem> {
    let (expr, is_rule) = (condition.expr, condition.what == What::Rule);
    let mut seen = Seen::default();
    let expressions: Vec<&Expr> = condition.guard.into_iter().chain([expr]).collect();
    let coverage = scopes::each(project_type, &expressions, &mut |scope| {
        if !condition.guard.is_none_or(|guard| guard.holds(scope).unwrap_or(false)) {
            return true;
        }
        // What is wrong with a `let` is reported of itself.
        let Ok(scope) = project_type.with_lets_of(expr, scope) else { return true };
        match expr.holds(&scope) {
            Ok(true) => seen.holds = true,
            Ok(false) => seen.fails = true,
            Err(fault) => _ = seen.fault.get_or_insert(fault.message),
        }
        seen.count += 1;
        let is_decided = seen.holds && (seen.fails || !is_rule);
        seen.fault.is_none() && !(is_decided && seen.count >= MOST_DECIDED)
    })?;
    let source = expr.source();
    if let Some(why) = seen.fault {
        let message = format!("`{source}` cannot be computed for all answers: {why}");
        return Some(condition.at.problem(Code::BadPack, message));
    }
    if coverage == Coverage::Part || seen.count == 0 {
        return None;
    }
    if !seen.holds {
        let what = condition.what.words();
        let message = format!("no configuration reaches {what}: `{source}` never holds");
        let hint = "fix the condition, or remove what it guards";
        return Some(condition.at.problem(Code::Unreachable, message).hint(hint));
    }
    (is_rule && !seen.fails).then(|| {
        let message = format!("the rule refuses every configuration: `{source}` always holds");
        condition.at.problem(Code::ForbidsAll, message).hint("narrow the condition")
    })
}

#[cfg(test)]
mod tests {
    use crate::pack::{Catalog, Pack};

    /// What is said of a condition over a number, a text with a pattern, a text, three choices and a list.
    fn said(when: &str) -> Vec<String> {
        said_with(when, "true")
    }

    /// As [`said`], with the condition of a choice whose question is asked only in mode b.
    fn said_with(when: &str, choice: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        std::fs::create_dir(folder.path().join("overlays")).unwrap();
        write("pack.yml", "name: p\nversion: '1'\ndescription: P\n");
        let overlay = format!(
            "name: t\ndescription: T\nproject-type: t\nquestions:\n\
             - {{id: port, flag: t-port, ask: P, kind: integer, min: 1024, max: 65535, default: 8080}}\n\
             - {{id: least, flag: t-least, ask: L, kind: integer, min: 2000, max: 3000, default: 2500}}\n\
             - {{id: small, flag: t-small, ask: S, kind: integer, min: 1, max: 9, default: 5}}\n\
             - {{id: code, flag: t-code, ask: C, kind: text, pattern: '[0-9]{{3}}', default: '123'}}\n\
             - {{id: word, flag: t-word, ask: W, kind: text, default: hello, max: 20}}\n\
             - {{id: mode, flag: t-mode, ask: M, kind: choice, choices: {{a: A, b: B, c: C}}, default: a}}\n\
             - {{id: more, flag: t-more, ask: M, kind: text, default: x, when: \"mode == 'b'\"}}\n\
             - {{id: many, flag: t-many, ask: M, kind: multi-choice, default: [v1], min: 1,\n\
             \x20  choices: {{v1: A, v2: A, v3: A, v4: A, v5: A, v6: A, v7: A, v8: A, v9: A, v10: A, v11: A}}}}\n\
             - {{id: last, flag: t-last, ask: L, kind: choice, choices: {{a: A, b: {{help: B, when: \"{choice}\"}}}},\n\
             \x20  default: a, when: \"mode == 'b'\"}}\n\
             rules: [{{when: \"{when}\", field: port, message: no}}]\n"
        );
        write("overlays/t.yml", &overlay);
        let catalog =
            Catalog::of(vec![Pack::builtin().unwrap(), Pack::read(folder.path()).unwrap()])
                .unwrap();
        let found = super::of(catalog.project_type("t").unwrap());
        found.iter().map(|problem| problem.code.name.to_owned()).collect()
    }

    #[test]
    fn a_rule_over_a_number_or_a_text_between_its_limits_is_reached() {
        for when in [
            "port == 9000",
            "port in [9000, 9001]",
            "port > 9000 and port < 9002",
            "port == least",
            "port == 8080.0",
            "not (port != 9000)",
            "word == 'ftp'",
            "word in ['ftp', 'http']",
            "'needle' in word",
            "code == '999'",
            "code != '123'",
            "more == 'y' and mode == 'b'",
            "small % 2 == 0",
            "port % 1000 == 7",
            "word | length > 12",
            "'v9' in many and 'v2' not in many",
            "many | length == 5",
            "many == ['v2', 'v7']",
            "port == 9000 and word == 'ftp' and mode == 'c' and small == 7",
        ] {
            assert_eq!(said(when), Vec::<String>::new(), "{when}");
        }
    }

    #[test]
    fn what_cannot_be_is_told() {
        for when in [
            "port == 80",
            "port > 65535",
            "port > 9000 and port < 9001",
            "least > port and port > 3000",
            "word == 'longer than the twenty characters'",
            "code == 'abc'",
            "more == 'y' and mode == 'c'",
            "small == 10",
            "small * 2 == 19",
            "'v9' in many and 'v9' not in many",
            "not many",
        ] {
            assert_eq!(said(when), ["unreachable"], "{when}");
        }
        for when in ["port >= 1024", "mode in ['a', 'b', 'c']", "port != 80"] {
            assert_eq!(said(when), ["forbids-all"], "{when}");
        }
    }

    #[test]
    fn a_choice_is_judged_where_its_question_is_asked() {
        let rule = "port == 9000";
        assert_eq!(said_with(rule, "more | length > 3"), Vec::<String>::new());
        assert_eq!(said_with(rule, "mode == 'b'"), Vec::<String>::new());
        assert_eq!(said_with(rule, "mode == 'c'"), ["unreachable"]);
    }

    #[test]
    fn what_cannot_be_computed_is_told_as_that() {
        assert_eq!(said("word + port == 'x'"), ["bad-pack"]);
    }
}
