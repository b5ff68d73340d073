//! Allowed: findings that the author of a pack wants, each with a reason, and allowances that nothing needs.

use super::inspect;
use crate::error::{Code, Place, Problem, Result};
use crate::formats::hidden::visible;
use crate::formats::yaml::{Places, steps};
use crate::pack::{self, Pack, is_simple};
use glob::{MatchOptions, Pattern};

/// What lint finds about the files of a pack, and its author may want.
const OF_PACK: [Code; 7] = [
    Code::UndefinedName,
    Code::LostBraces,
    Code::UnusedQuestion,
    Code::UnusedLayer,
    Code::Unreachable,
    Code::UnknownStep,
    Code::UnknownKnowledge,
];
/// `*` does not cross `/`, as in a shell.
const GLOB: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// The allowances of a pack, and which of them something needed.
pub struct Allowed<'p> {
    pack: &'p Pack,
    allowances: Vec<Allowance<'p>>,
}

struct Allowance<'p> {
    pattern: Pattern,
    finding: &'p str,
    /// Where it stands in the list.
    index: usize,
    is_used: bool,
}

impl<'p> Allowed<'p> {
    /// Those of `pack`, and what is wrong with them.
    #[must_use]
    pub fn of(pack: &'p Pack) -> (Self, Vec<Problem>) {
        let mut allowed = Self { pack, allowances: Vec::new() };
        let mut problems = Vec::new();
        for (index, declared) in pack.about.allow.iter().enumerate() {
            match allowed.read(index, declared) {
                Ok(allowance) => allowed.allowances.push(allowance),
                Err(error) => problems.extend(error.problems),
            }
        }
        (allowed, problems)
    }

    fn read(&self, index: usize, declared: &'p pack::Allowance) -> Result<Allowance<'p>> {
        let fault = |key: &str, message: String| self.problem(index, key, Code::BadPack, message);
        if !names().any(|name| name == declared.finding) {
            let message =
                format!("`{}` is not a finding that can be allowed", visible(&declared.finding));
            return Err(fault("finding", message).allowed(&declared.finding, names()).into());
        }
        if declared.because.trim().is_empty() {
            let message = "an allowance says why: `because` is empty".to_owned();
            return Err(fault("because", message).into());
        }
        let pattern = Pattern::new(&declared.file).ok().filter(|_| is_simple(&declared.file));
        let message = || format!("`{}` is not a pattern of paths", visible(&declared.file));
        let hint = "`*` stands for a part of a name, `**` for folders; at most four stars";
        let pattern = pattern.ok_or_else(|| fault("file", message()).hint(hint))?;
        Ok(Allowance { pattern, finding: &declared.finding, index, is_used: false })
    }

    fn problem(&self, index: usize, key: &str, code: Code, message: String) -> Problem {
        let file = self.pack.shown("pack.yml");
        let text = self.pack.text("pack.yml").unwrap_or_default();
        let places = Places::of(text);
        let (line, column) = places.find(&steps!["allow", index, key]).unwrap_or((1, 1));
        Problem::new(code, message).at(file, line, column)
    }

    /// Whether a finding about this file is wanted; then its allowance is needed.
    pub fn allows(&mut self, file: &str, finding: &str) -> bool {
        let mut is_allowed = false;
        for allowance in &mut self.allowances {
            if allowance.finding == finding && allowance.pattern.matches_with(file, GLOB) {
                allowance.is_used = true;
                is_allowed = true;
            }
        }
        is_allowed
    }

    /// As [`Allowed::allows`], of a finding about a file of the pack.
    pub fn allows_of_pack(&mut self, problem: &Problem) -> bool {
        let Some(Place::File { file, .. } | Place::Path { file }) = &problem.place else {
            return false;
        };
        let Some(path) = file.strip_prefix(self.pack.prefix.as_str()) else { return false };
        OF_PACK.contains(&problem.code) && self.allows(path, problem.code.name)
    }

    /// Whether an allowance waits for a flaw of a generated tree.
    #[must_use]
    pub fn wait_for_trees(&self) -> bool {
        let waits = |one: &Allowance| !one.is_used && inspect::KINDS.contains(&one.finding);
        self.allowances.iter().any(waits)
    }

    /// The allowances that nothing needed; those for flaws of trees only if `all_trees` were looked at.
    #[must_use]
    pub fn unused(&self, all_trees: bool) -> Vec<Problem> {
        let of_tree = |one: &Allowance| inspect::KINDS.contains(&one.finding);
        let unused =
            self.allowances.iter().filter(|one| !one.is_used && (all_trees || !of_tree(one)));
        let told = |one: &Allowance| {
            let message =
                format!("there is no finding `{}` in `{}` to allow", one.finding, one.pattern);
            let problem = self.problem(one.index, "finding", Code::UnusedAllowance, message);
            problem.hint("remove the allowance, or fix its pattern")
        };
        unused.map(told).collect()
    }
}

/// Everything that can be allowed, by name.
fn names() -> impl Iterator<Item = &'static str> {
    OF_PACK.iter().map(|code| code.name).chain(inspect::KINDS)
}
