//! `scaffold doctor`: which of the programs that generated repositories need are installed here.

use super::consent;
use super::questions::named;
use crate::ask::terminal;
use crate::cli::Mode;
use crate::cli::{DoctorArgs, Format};
use crate::error::{Code, Error, Exit, Problem, Result};
use crate::formats::hidden;
use crate::formats::quote::command_line;
use crate::pack::overlay::Need;
use crate::pack::{Catalog, ProjectType};
use crate::system::interrupt;
use crate::system::process::{self, End};
use crate::ui;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// A program that prints its version needs no longer.
const LIMIT: Duration = Duration::from_secs(10);
const REASON: (&str, &str) = ("to see their versions", "they are listed, and not run");

/// A program that was looked for.
struct Found<'c> {
    need: &'c Need,
    /// As the program prints it, without words around.
    version: Option<String>,
    /// Nobody has agreed that what its pack names is run.
    not_run: bool,
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
/// There is no such type; the user interrupts; standard output fails.
pub fn run(args: &DoctorArgs, catalog: &Catalog) -> Result<Exit> {
    let types: Vec<&ProjectType> = match &args.project_type {
        Some(name) => vec![named(catalog, name)?],
        None => catalog.types().collect(),
    };
    let trusted = trusted(args, catalog, &types)?;
    // A folder of ours: programs such as package managers act on what the current one holds.
    let folder = tempfile::tempdir().map_err(|error| Error::io("making a folder", &error))?;
    let mut found = Vec::new();
    for project_type in types {
        let mut all = Vec::new();
        for need in &project_type.needs {
            let is_trusted = catalog.pack_of(need.at.file()).is_some_and(|(at, _)| trusted[at]);
            all.push(search(need, is_trusted, folder.path())?);
        }
        found.push((project_type, all));
    }
    report(args, &found)
}

fn report(args: &DoctorArgs, found: &[(&ProjectType, Vec<Found>)]) -> Result<Exit> {
    let mut all = found.iter().flat_map(|(_, all)| all);
    let is_ready = all.clone().all(|one| one.need.optional || one.is_enough());
    let exit = if is_ready { Exit::Done } else { Exit::Failed };
    if args.format == Format::Json {
        ui::document(&json!({
            "schema": ui::SCHEMA, "ok": is_ready, "command": "doctor", "exit_code": exit as i32,
            "types": found.iter().map(|(t, all)| document(t, all)).collect::<Vec<_>>(),
        }))?;
        return Ok(exit);
    }
    let tables = found.iter().map(|(t, all)| table(t, all)).collect::<Vec<_>>();
    ui::print(tables.join("\n"))?;
    if all.any(|one| one.not_run) {
        ui::warn(
            "programs that packs name are run only if you agree: read the commands, then add `--trust`",
        );
    }
    Ok(exit)
}

/// Which packs may name programs that are run, by their place in the catalog.
fn trusted(args: &DoctorArgs, catalog: &Catalog, types: &[&ProjectType]) -> Result<Vec<bool>> {
    let mut trusted = Vec::new();
    for pack in &catalog.packs {
        let is_of_pack =
            |file: &str| catalog.pack_of(file).is_some_and(|(_, of)| of.prefix == pack.prefix);
        let needs = types.iter().flat_map(|t| &t.needs).filter(|need| is_of_pack(need.at.file()));
        let lines: Vec<String> =
            needs.flat_map(|need| &need.version).map(|words| command_line(words)).collect();
        let ask = || match terminal::open(Mode::Screens).filter(|_| args.asks) {
            Some(mut prompter) => consent::asked(&mut *prompter, pack, &lines, REASON),
            None => Ok(false),
        };
        trusted.push(lines.is_empty() || consent::agrees(pack, args.trust, ask)?);
    }
    Ok(trusted)
}

fn search<'c>(need: &'c Need, is_trusted: bool, folder: &Path) -> Result<Found<'c>> {
    let mut version = None;
    for words in need.version.iter().filter(|_| is_trusted) {
        let command = process::command(words, folder, false);
        let Ok(ended) = interrupt::deferred(|| process::run(command, LIMIT)) else { continue };
        if ended.end == End::Interrupted {
            return Err(Problem::new(Code::Interrupted, "interrupted").into());
        }
        if ended.end == End::Exited(Some(0)) {
            version = version_in(&ended.tail);
        }
        if version.is_some() {
            break;
        }
    }
    Ok(Found { need, version, not_run: !is_trusted })
}

/// The first number with dots in a text; without any, the first number. A program that complains first names lines.
fn version_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let numbers = words.map(|word| word.trim_matches('.')).filter(|word| !word.is_empty());
    let dotted = numbers.clone().find(|number| number.contains('.'));
    dotted.or_else(|| numbers.clone().next()).map(str::to_owned)
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
                "get": one.need.get, "not_run": one.not_run, "commands": one.need.version,
            })
        })
        .collect();
    json!({"type": project_type.name, "needs": needs})
}

fn table(project_type: &ProjectType, all: &[Found]) -> String {
    let lines = all.iter().map(|one| {
        let Need { name, why, get, least, optional, version } = one.need;
        let [name, why, get] = [name, why, get].map(|text| hidden::folded(text));
        let least = least.as_ref().map(|least| format!(", {least} or newer")).unwrap_or_default();
        let how = if *optional { "optional" } else { "needed" };
        match &one.version {
            Some(version) if one.is_enough() => format!("  ok       {name} {version}  {why}\n"),
            Some(version) => {
                format!("  old      {name} {version}  {why}: {how}{least}\n           {get}\n")
            }
            None if one.not_run => {
                let commands = version.iter().map(|words| hidden::line(&command_line(words)));
                let commands = commands.collect::<Vec<_>>().join("\n           ");
                format!("  not run  {name}  {why}: {how}{least}\n           {commands}\n")
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
        let complaint = "/usr/bin/chromium: 9: [: 252: unexpected operator\nChromium 156.0.8\n";
        assert_eq!(version_in(complaint).as_deref(), Some("156.0.8"));
        assert_eq!(version_in("openjdk 17").as_deref(), Some("17"));
        assert_eq!(version_in("no number."), None);
        assert!(numbers("3.9") < numbers("3.11"));
    }
}
