//! What must hold of the names that `let` gives.

use super::{NAMED, RESERVED, is_identifier, reads};
use crate::error::{Code, Problem};
use crate::pack::expression::Expr;
use crate::pack::{Origin, ProjectType};
use std::collections::BTreeSet;

/// Each name is a word of its own and reads questions and earlier names only. Gives all that conditions may read.
pub(super) fn check(
    project_type: &ProjectType,
    questions: &BTreeSet<String>,
    problems: &mut Vec<Problem>,
) -> BTreeSet<String> {
    let mut known = questions.clone();
    for named in &project_type.lets {
        let name = named.name.as_str();
        let message = if !is_identifier(name) {
            Some(format!("`{name}` is not a name: a lower-case letter, then letters and digits"))
        } else if RESERVED.contains(&name) {
            Some(format!("the name `{name}` has a meaning of its own in templates"))
        } else if questions.contains(name) {
            Some(format!("the name `{name}` is taken by a question"))
        } else {
            None
        };
        problems.extend(message.map(|message| named.at.problem(Code::BadPack, message)));
        problems.extend(reads(Some(&named.when), &named.at, &known, NAMED));
        known.insert(name.to_owned());
    }
    known
}

/// A question is asked before any name is computed, so it cannot read one.
pub(super) fn read_too_early(
    project_type: &ProjectType,
    expr: Option<&Expr>,
    at: &Origin,
) -> Option<Problem> {
    let variables = expr?.variables(false);
    let named = project_type.lets.iter().find(|named| variables.contains(&named.name))?;
    let message =
        format!("`{}` is computed after all answers: a question cannot read it", named.name);
    let hint = format!("write its condition here: {}", named.when.source());
    Some(at.problem(Code::BadPack, message).hint(hint))
}
