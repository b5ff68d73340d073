//! Which values of a question a type has a use for: the others are not offered for it.

use super::expression::Expr;
use super::origin::Placed;
use super::overlay::Overlay;
use super::project_type::Question;
use std::collections::BTreeSet;

/// Takes from questions with `only-used` the values that no condition names, and the questions that have none left.
pub(super) fn only(questions: &mut Vec<Question>, overlays: &[&Placed<Overlay>]) {
    let conditions: Vec<&Expr> = overlays.iter().flat_map(|overlay| conditions(overlay)).collect();
    for question in questions.iter_mut().filter(|question| question.only_used) {
        // Most do not have its name, and need not be compiled.
        let reads = |expr: &&&Expr| {
            expr.source().contains(&question.id) && expr.variables(false).contains(&question.id)
        };
        let readers = conditions.iter().filter(reads);
        let named: BTreeSet<String> = readers.flat_map(|expr| expr.literals().words).collect();
        question.keep_choices(|value| named.contains(value));
    }
    questions.retain(|question| !question.only_used || !question.choices.0.is_empty());
}

/// The conditions of what an overlay makes of answers; that a choice of another question depends on one is no use of it.
fn conditions(overlay: &Overlay) -> Vec<&Expr> {
    let layers = overlay.layers.iter().filter_map(|layer| layer.when.as_ref());
    let rules = overlay.rules.iter().map(|rule| &rule.when);
    let notes = overlay.notes.iter().filter_map(|note| note.when.as_ref());
    let more = overlay.commands.iter().flat_map(|commands| commands.more.0.values());
    let knowledge = overlay.knowledge_overrides.0.values().flat_map(|entries| &entries.append);
    layers
        .chain(overlay.lets.0.values())
        .chain(rules)
        .chain(notes)
        .chain(more.filter_map(|command| command.when.as_ref()))
        .chain(knowledge.filter_map(|entry| entry.when.as_ref()))
        .collect()
}
