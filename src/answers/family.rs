//! Which project type the inputs mean: every explicit source must agree, before anything is asked.

use super::{Given, Inputs, PROJECT_TYPE, Raw, Source};
use crate::error::{Code, Error, Place, Problem, Result};
use crate::formats::hidden::visible;
use crate::pack::{Catalog, ProjectType, Question};
use std::collections::BTreeSet;

/// Finds the project type from what was given.
///
/// # Errors
/// An unknown type or field, sources that mean different types, or no way to know.
pub fn project_type<'c>(
    catalog: &'c Catalog,
    inputs: &Inputs,
) -> Result<(&'c ProjectType, Source)> {
    let (offered, source) = candidates(catalog, inputs)?;
    if let ([found], Some(source)) = (offered.as_slice(), source) {
        return Ok((found, source));
    }
    let mut problem = Problem::new(
        Code::Unanswered,
        "`--project-type` is not answered: What do you want to make?",
    )
    .flag("--project-type")
    .hint("it has no default, and the questions of the type depend on it");
    problem.allowed = offered.iter().map(|t| t.name.clone()).collect();
    Err(problem.into())
}

/// The type that the configuration of a repository names.
///
/// # Errors
/// It names none that the packs have.
pub fn previous_type<'c>(
    catalog: &'c Catalog,
    inputs: &Inputs,
) -> Result<(&'c ProjectType, Source)> {
    let named = inputs.given.iter().find(|given| given.field == PROJECT_TYPE);
    let name = named.map(word).unwrap_or_default();
    if let Some(found) = catalog.project_type(&name) {
        return Ok((found, Source::Previous));
    }
    let message = format!("no pack has the project type `{}`", visible(&name));
    let known = catalog.types().map(|t| t.name.clone());
    let mut problem = Problem::new(Code::BadConfig, message)
        .allowed(&name, known)
        .hint("give the pack that the repository was made from with --pack");
    problem.place = named.map(|given| given.place.clone());
    Err(problem.into())
}

/// The project types that agree with what was given, and the source that tells them apart, if any does.
///
/// # Errors
/// An unknown type or field, or sources that mean different types.
pub fn candidates<'c>(
    catalog: &'c Catalog,
    inputs: &Inputs,
) -> Result<(Vec<&'c ProjectType>, Option<Source>)> {
    Error::unless_empty(unknown(catalog, inputs))?;
    let explicit: Vec<&Given> =
        inputs.given.iter().filter(|given| given.source.is_explicit()).collect();
    let direct = explicit.iter().find(|given| given.field == PROJECT_TYPE);
    let mut types: BTreeSet<&str> = catalog.types().map(|t| t.name.as_str()).collect();
    let mut narrowed: Vec<(&Given, BTreeSet<&str>)> = Vec::new();
    for &given in &explicit {
        let family = family(catalog, given);
        if types.is_disjoint(&family) {
            return Err(contradiction(given, &family, &narrowed).into());
        }
        types.retain(|name| family.contains(name));
        if given.field == PROJECT_TYPE || names_a_type(catalog, given) {
            narrowed.push((given, family));
        }
    }
    if narrowed.is_empty() {
        // What the folder was before is the weakest hint.
        for given in inputs
            .given
            .iter()
            .filter(|given| given.source == Source::Previous && given.field == PROJECT_TYPE)
        {
            let family = family(catalog, given);
            types.retain(|name| family.contains(name));
            narrowed.push((given, family));
        }
    }
    let source = direct
        .map(|given| given.source)
        .or_else(|| narrowed.first().map(|(given, _)| given.source));
    Ok((catalog.types().filter(|t| types.contains(t.name.as_str())).collect(), source))
}

/// Fields and types that nobody knows.
fn unknown(catalog: &Catalog, inputs: &Inputs) -> Vec<Problem> {
    let mut problems = Vec::new();
    let names: Vec<&str> = catalog.types().map(|t| t.name.as_str()).collect();
    let mut typed = 0;
    for given in inputs.given.iter().filter(|given| given.source.is_explicit()) {
        let mut problem = None;
        if given.field == PROJECT_TYPE {
            typed += usize::from(given.source.is_typed());
            let word = word(given);
            if !names.contains(&word.as_str()) {
                let message = format!("`{}` is not a project type", visible(&word));
                let nearest = crate::error::nearest(
                    &word,
                    &names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>(),
                );
                let fix =
                    nearest.map(|name| vec!["--project-type".to_owned(), name]).unwrap_or_default();
                problem = Some(
                    Problem::new(Code::UnknownValue, message)
                        .allowed(&word, names.clone())
                        .fix(fix),
                );
            }
        } else if given.source != Source::Flag && family(catalog, given).is_empty() {
            let message = format!("no question has the field `{}`", visible(&given.field));
            problem = Some(
                Problem::new(Code::UnknownField, message).allowed(&given.field, fields(catalog)),
            );
        }
        problems
            .extend(problem.map(|problem| Problem { place: Some(given.place.clone()), ..problem }));
    }
    if typed > 1 {
        let message = format!("`--project-type` is given {typed} times");
        problems.push(
            Problem::new(Code::GivenTwice, message).flag("--project-type").hint("give it once"),
        );
    }
    problems
}

fn fields(catalog: &Catalog) -> BTreeSet<String> {
    let questions = catalog.types().flat_map(|t| &t.questions).map(|question| question.id.clone());
    questions.chain([PROJECT_TYPE.to_owned()]).collect()
}

/// The types that have the question that this value answers.
fn family<'c>(catalog: &'c Catalog, given: &Given) -> BTreeSet<&'c str> {
    let wanted = word(given);
    let fits = |t: &&ProjectType| {
        if given.field == PROJECT_TYPE {
            t.name == wanted
        } else {
            t.questions.iter().any(|q| fits(given, q, t))
        }
    };
    catalog.types().filter(fits).map(|t| t.name.as_str()).collect()
}

/// Whether this value belongs to a type's own question and so tells which type is meant.
fn names_a_type(catalog: &Catalog, given: &Given) -> bool {
    catalog.types().any(|t| t.questions.iter().any(|q| !q.common && fits(given, q, t)))
}

fn fits(given: &Given, question: &Question, project_type: &ProjectType) -> bool {
    super::answers_to(given, question, project_type)
}

fn word(given: &Given) -> String {
    match &given.raw {
        Raw::Word(word) => word.clone(),
        Raw::Typed(value) => value.to_string(),
    }
}

fn contradiction(
    given: &Given,
    family: &BTreeSet<&str>,
    narrowed: &[(&Given, BTreeSet<&str>)],
) -> Problem {
    let other = narrowed.iter().find(|(_, other)| other.is_disjoint(family)).or(narrowed.first());
    let names = |family: &BTreeSet<&str>| family.iter().copied().collect::<Vec<_>>().join(" or ");
    let (before, meant) = other
        .map_or((String::new(), String::new()), |(given, family)| (shown(given), names(family)));
    let message = format!("{} means {}, but {before} means {meant}", shown(given), names(family));
    let mut problem = Problem::new(Code::Contradiction, message)
        .hint("a repository has one project type: leave one of them out");
    problem.place = Some(given.place.clone());
    problem
}

/// A given value as the user wrote it.
fn shown(given: &Given) -> String {
    match (&given.place, given.source) {
        (Place::Flag { flag }, _) if given.field == PROJECT_TYPE => {
            format!("`{flag} {}`", visible(&word(given)))
        }
        (Place::Flag { flag }, Source::Set) => format!("`{flag} {}=…`", given.field),
        (Place::Flag { flag }, _) => format!("`{flag}`"),
        (Place::File { file, .. } | Place::Path { file }, _) => {
            format!("`{}` in `{file}`", given.field)
        }
    }
}
