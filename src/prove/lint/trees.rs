//! Trees: every configuration is rendered, and what does not render or does not parse is told once.

use crate::answers::Answers;
use crate::answers::config::Kept;
use crate::error::{Code, Problem};
use crate::formats::parse;
use crate::formats::quote::command_line;
use crate::knowledge::LazyLibrary;
use crate::pack::{Catalog, ProjectType};
use crate::prove::allowed::Allowed;
use crate::prove::configurations;
use crate::prove::inspect::Inspector;
use crate::prove::memo::Memo;
use crate::render::plan::Plan;
use crate::render::template;
use crate::render::trace::trace;
use crate::render::{self, Cache, plan};
use crate::tree::File;

/// Beyond this many products only pairs are rendered.
const MOST_RENDERED: usize = 5_000;

/// Renders every configuration; each fault is told once, with a command that shows it.
pub(super) fn configurations_that_fail(
    catalog: &Catalog,
    project_type: &ProjectType,
    library: &LazyLibrary,
    cache: &Cache,
    allowed: &mut Allowed,
) -> Vec<Problem> {
    let all = configurations::all(project_type);
    let mut answers: Vec<Answers> =
        all.filter(|all| all.len() <= MOST_RENDERED).unwrap_or_default();
    answers.extend(configurations::pairwise(project_type));
    let mut reader = Reader::of(catalog, project_type);
    let mut findings: Vec<Problem> = Vec::new();
    for answers in answers {
        let rendered =
            plan::plan(catalog, project_type, &answers, &Kept::default(), &plan::Site::default())
                .and_then(|plan| {
                    render::render_with(&plan, library, Some(cache)).map(|files| (plan, files))
                });
        let problems = match rendered {
            Ok((plan, files)) => reader.read(&plan, &files, allowed),
            Err(error) => error.problems,
        };
        // What is beyond a limit costs as much in every further configuration.
        let is_beyond = problems.iter().any(|problem| problem.code == Code::Limit);
        for problem in problems {
            let same =
                |other: &Problem| other.code == problem.code && other.message == problem.message;
            if !findings.iter().any(same) {
                let shown = command_of(catalog, project_type, &answers);
                let hint = problem.hint.clone().map_or(String::new(), |hint| format!("{hint}; "));
                findings.push(problem.hint(format!("{hint}as with: {shown}")));
            }
        }
        if is_beyond {
            break;
        }
    }
    findings
}

/// The command that generates a configuration of the last pack.
fn command_of(catalog: &Catalog, project_type: &ProjectType, answers: &Answers) -> String {
    let pack = catalog.packs.last().filter(|pack| !pack.is_builtin());
    let folder = pack.map(|pack| pack.prefix.trim_end_matches('/'));
    command_line(&configurations::command_line(project_type, answers, folder))
}

/// Looks at rendered trees; a file that it has seen it does not look at again.
struct Reader<'c> {
    catalog: &'c Catalog,
    inspector: Inspector,
    seen: Memo<()>,
}

impl<'c> Reader<'c> {
    fn of(catalog: &'c Catalog, project_type: &ProjectType) -> Self {
        let names = project_type.questions.iter().map(|question| question.id.as_str());
        Self { catalog, inspector: Inspector::new(names), seen: Memo::default() }
    }

    /// The files of a tree that do not parse and may not be so.
    fn read(&mut self, plan: &Plan, files: &[File], allowed: &mut Allowed) -> Vec<Problem> {
        let mut problems = Vec::new();
        for file in files.iter().filter(|file| parse::is_known(&file.path)) {
            if !self.seen.is_new(file) {
                continue;
            }
            // `pack test` reports what is not UTF-8.
            let Ok(text) = std::str::from_utf8(&file.bytes) else { continue };
            if let Some(fault) = parse::fault(&file.path, text)
                && !allowed.allows(&file.path, Code::Unparsed.name)
            {
                problems.push(self.problem(plan, file, text, &fault));
            }
        }
        if allowed.wait_for_trees() {
            for flaw in self.inspector.inspect(files, &plan.commands) {
                allowed.allows(&flaw.path, flaw.kind);
            }
        }
        problems
    }

    /// The fault at its place in the layer that the line comes from, as near as that is known.
    fn problem(&self, plan: &Plan, file: &File, text: &str, fault: &parse::Fault) -> Problem {
        let message = format!("`{}` is {}", file.path, fault.message);
        let problem = Problem::new(Code::Unparsed, message);
        let Some((shown, source)) = self.source(plan, file, text, fault.line) else {
            return problem.at(file.path.clone(), fault.line, fault.column);
        };
        if !template::is_template(&shown) && source == text {
            return problem.at(shown, fault.line, fault.column);
        }
        let line = text.lines().nth(fault.line - 1).unwrap_or_default();
        let hint = format!("line {} of the rendered file is `{}`", fault.line, line.trim());
        let mut same = source.lines().enumerate().filter(|(_, other)| *other == line);
        match (same.next(), same.next()) {
            (Some((index, _)), None) => problem.at(shown, index + 1, fault.column),
            _ => problem.file(shown).hint(hint),
        }
    }

    /// The file of a layer that gives this line of a rendered file, as people know it, and its text.
    fn source(
        &self,
        plan: &Plan,
        file: &File,
        text: &str,
        line: usize,
    ) -> Option<(String, &'c str)> {
        let parts = trace(plan, &file.path, text).ok()?;
        let mut last = 0;
        let part = parts.iter().find(|part| {
            last += part.text.lines().count();
            last >= line
        });
        // What is missing at the end is on no line.
        let shown = &part.or(parts.last())?.origin.as_ref()?.template;
        let (_, pack) = self.catalog.pack_of(shown)?;
        let source = pack.text(shown.strip_prefix(&pack.prefix)?).ok()?;
        Some((shown.clone(), source))
    }
}
