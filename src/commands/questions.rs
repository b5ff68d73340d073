//! `scaffold questions`: what can be asked for a project type, without rendering anything.

use crate::cli::{Format, QuestionsArgs};
use crate::error::{Code, Problem, Result};
use crate::formats::hidden;
use crate::pack::expression::Expr;
use crate::pack::overlay::{Default, Kind};
use crate::pack::schema;
use crate::pack::{Catalog, ProjectType, Question};
use crate::ui;
use serde_json::json;

/// Prints the questions, or without a type the types.
///
/// # Errors
/// There is no such type; standard output fails.
pub fn run(args: &QuestionsArgs, catalog: &Catalog) -> Result<()> {
    if args.format == Format::Text {
        catalog.warnings.iter().for_each(|warning| ui::warn(warning));
    }
    let Some(name) = &args.project_type else { return types(catalog, args.format) };
    let project_type = named(catalog, name)?;
    if args.format == Format::Text {
        let lines = project_type.questions.iter().map(described).collect::<Vec<_>>();
        return ui::print(lines.join("\n"));
    }
    let lets: serde_json::Map<_, _> = project_type
        .lets
        .iter()
        .map(|named| (named.name.clone(), json!(named.when.source())))
        .collect();
    let rules: Vec<_> = project_type
        .rules
        .iter()
        .map(|r| json!({"when": r.when.source(), "field": r.field, "message": r.message}))
        .collect();
    let notes: Vec<_> = project_type
        .notes
        .iter()
        .map(|note| json!({"when": note.when.as_ref().map(Expr::source), "text": note.text}))
        .collect();
    ui::document(&json!({
        "schema": ui::SCHEMA, "ok": true, "command": "questions", "type": project_type.name,
        "description": project_type.description, "config_key": project_type.config_key,
        "questions": schema::questions(project_type), "let": lets, "rules": rules, "notes": notes,
        "warnings": catalog.warnings,
    }))
}

/// The type of this name.
///
/// # Errors
/// There is none; the nearest is named.
pub fn named<'c>(catalog: &'c Catalog, name: &str) -> Result<&'c ProjectType> {
    catalog.project_type(name).ok_or_else(|| {
        let names = catalog.types().map(|t| t.name.clone());
        let message = format!("`{}` is not a project type", crate::formats::hidden::visible(name));
        Problem::new(Code::UnknownValue, message).allowed(name, names).into()
    })
}

fn types(catalog: &Catalog, format: Format) -> Result<()> {
    if format == Format::Text {
        let rows = catalog.types().map(|t| (t.name.clone(), t.description.clone()));
        return ui::print(ui::table(&rows.collect::<Vec<_>>()));
    }
    let types: Vec<_> =
        catalog.types().map(|t| json!({"type": t.name, "description": t.description})).collect();
    ui::document(&json!({
        "schema": ui::SCHEMA, "ok": true, "command": "questions", "types": types, "warnings": catalog.warnings,
    }))
}

/// One question for people.
fn described(question: &Question) -> String {
    let default = match &question.default {
        None => "required".to_owned(),
        Some(Default::Value(value)) => hidden::line(&format!("default {value}")),
        Some(Default::Expr(_)) => "default depends".to_owned(),
    };
    let kind = match question.kind {
        Kind::Bool => format!("true or false, --no-{} says no", question.flag),
        other => other.word().to_owned(),
    };
    let first = format!(
        "{}  {}\n  {kind}; {default}\n",
        question.long_flag(),
        hidden::folded(&question.ask)
    );
    let when = question.when.iter().map(|when| format!("  asked only if {}\n", when.source()));
    let choices = question.choices.0.keys();
    let choices = choices
        .map(|value| format!("  {value}: {}\n", hidden::folded(&question.choice_help(value))));
    std::iter::once(first).chain(when).chain(choices).collect()
}
