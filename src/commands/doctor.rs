//! `scaffold doctor`: which of the programs that generated repositories need are installed here.

use super::questions::named;
use crate::catalog::overlay::Need;
use crate::catalog::{Catalog, ProjectType};
use crate::cli::{DoctorArgs, Format};
use crate::error::{Exit, Result};
use crate::ui;
use serde_json::{Value, json};
use std::process::{Command, Stdio};

/// A program that was looked for.
struct Found<'c> {
    need: &'c Need,
    /// As the program prints it, without words around.
    version: Option<String>,
}

impl Found<'_> {
    fn is_enough(&self) -> bool {
        let enough = |version: &String| match &self.need.least {
            Some(least) => numbers(version) >= numbers(least),
            None => true,
        };
        self.version.as_ref().is_some_and(enough)
    }
}

/// Looks and reports; a program that is missing or too old and not optional is a failed check.
///
/// # Errors
/// There is no such type; standard output fails.
pub fn run(args: &DoctorArgs, catalog: &Catalog) -> Result<Exit> {
    let types: Vec<&ProjectType> = match &args.project_type {
        Some(name) => vec![named(catalog, name)?],
        None => catalog.types().collect(),
    };
    let found: Vec<(&ProjectType, Vec<Found>)> =
        types.into_iter().map(|t| (t, t.needs.iter().map(|need| look(need)).collect())).collect();
    let is_ready =
        found.iter().flat_map(|(_, all)| all).all(|one| one.need.optional || one.is_enough());
    let exit = if is_ready { Exit::Done } else { Exit::Failed };
    match args.format {
        Format::Json => ui::document(&json!({
            "schema": ui::SCHEMA, "ok": is_ready, "command": "doctor", "exit_code": exit as i32,
            "types": found.iter().map(|(t, all)| document(t, all)).collect::<Vec<_>>(),
        }))?,
        Format::Text => {
            let tables = found.iter().map(|(t, all)| table(t, all)).collect::<Vec<_>>();
            ui::print(tables.join("\n"))?;
        }
    }
    Ok(exit)
}

fn look(need: &Need) -> Found<'_> {
    let version = need.version.iter().find_map(|words| {
        let (program, arguments) = words.split_first()?;
        let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
        let text = [output.stdout, output.stderr].concat();
        output.status.success().then(|| version_in(&String::from_utf8_lossy(&text))).flatten()
    });
    Found { need, version }
}

/// The first number with dots in a text.
fn version_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let mut numbers = words.map(|word| word.trim_matches('.')).filter(|word| !word.is_empty());
    numbers.next().map(str::to_owned)
}

fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

fn document(project_type: &ProjectType, all: &[Found]) -> Value {
    let needs: Vec<Value> = all
        .iter()
        .map(|one| {
            json!({
                "name": one.need.name, "why": one.need.why, "optional": one.need.optional,
                "least": one.need.least, "version": one.version, "enough": one.is_enough(),
                "get": one.need.get,
            })
        })
        .collect();
    json!({"type": project_type.name, "needs": needs})
}

fn table(project_type: &ProjectType, all: &[Found]) -> String {
    let lines = all.iter().map(|one| {
        let Need { name, why, get, least, optional, .. } = one.need;
        let least = least.as_ref().map(|least| format!(", {least} or newer")).unwrap_or_default();
        let how = if *optional { "optional" } else { "needed" };
        match &one.version {
            Some(version) if one.is_enough() => format!("  ok       {name} {version}  {why}\n"),
            Some(version) => {
                format!("  old      {name} {version}  {why}: {how}{least}\n           {get}\n")
            }
            None => format!("  missing  {name}  {why}: {how}{least}\n           {get}\n"),
        }
    });
    format!("{}\n{}", project_type.name, lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_print() {
        assert_eq!(version_in("Python 3.11.7\n").as_deref(), Some("3.11.7"));
        assert_eq!(version_in("v20.20.2").as_deref(), Some("20.20.2"));
        assert_eq!(version_in("Chromium 156.0.1 built on Debian").as_deref(), Some("156.0.1"));
        assert_eq!(version_in("no number."), None);
        assert!(numbers("3.9") < numbers("3.11"));
    }
}
