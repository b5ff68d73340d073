//! Conditions with a name, as an overlay's `let` declares them. They are computed after all answers.

use super::origin::Placed;
use super::overlay::Overlay;
use super::project_type::ProjectType;
use crate::error::{Code, Result};
use crate::formats::yaml::steps;
use crate::pack::expression::{Datum, Expr, Scope};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A condition with a name.
#[derive(Clone, Debug)]
pub struct Let {
    /// What conditions and templates call it.
    pub name: String,
    /// Reads questions and earlier names.
    pub when: Expr,
}

/// The names of all overlays, parents first; a derived overlay changes one by declaring it again.
pub(super) fn declared(overlays: &[&Placed<Overlay>]) -> Vec<Placed<Let>> {
    let mut all: Vec<Placed<Let>> = Vec::new();
    for overlay in overlays {
        for (name, when) in &overlay.lets.0 {
            let item = Let { name: name.clone(), when: when.clone() };
            let at = overlay.at.child(steps!["let", name.as_str()]);
            match all.iter_mut().find(|other| other.name == *name) {
                Some(other) => *other = Placed { item, at },
                None => all.push(Placed { item, at }),
            }
        }
    }
    all
}

impl ProjectType {
    /// Adds every name of `let` to the answers.
    ///
    /// # Errors
    /// A condition fails with these answers.
    pub fn with_lets(&self, mut scope: Scope) -> Result<Scope> {
        for named in &self.lets {
            named.compute(&mut scope)?;
        }
        Ok(scope)
    }

    /// Adds the names of `let` that `expr` mentions, so that nothing else is computed while answers are still missing.
    ///
    /// # Errors
    /// As [`ProjectType::with_lets`].
    pub fn with_lets_of<'s>(&self, expr: &Expr, scope: &'s Scope) -> Result<Cow<'s, Scope>> {
        let needed = self.mentioned(expr);
        if needed.is_empty() {
            return Ok(Cow::Borrowed(scope));
        }
        let mut scope = scope.clone();
        for named in needed {
            named.compute(&mut scope)?;
        }
        Ok(Cow::Owned(scope))
    }

    /// The questions that an expression reads, by themselves or through names of `let`.
    #[must_use]
    pub fn questions_read(&self, expr: &Expr) -> BTreeSet<String> {
        let mut read = expr.variables(false);
        for named in self.lets.iter().rev() {
            if read.remove(&named.name) {
                read.extend(named.when.variables(false));
            }
        }
        read
    }

    /// The names that an expression mentions, and those that these mention, in order.
    fn mentioned(&self, expr: &Expr) -> Vec<&Placed<Let>> {
        let mut needed: Vec<&Placed<Let>> = Vec::new();
        for named in self.lets.iter().rev() {
            let is_in = |expr: &Expr| expr.mentions(&named.name);
            if is_in(expr) || needed.iter().any(|later| is_in(&later.when)) {
                needed.push(named);
            }
        }
        needed.reverse();
        needed
    }
}

impl Placed<Let> {
    fn compute(&self, scope: &mut Scope) -> Result<()> {
        let holds = self.when.holds(scope);
        let holds = holds.map_err(|fault| self.at.problem(Code::BadPack, fault.message))?;
        scope.insert(self.name.clone(), Datum::Bool(holds));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Place;
    use crate::pack::{Catalog, Pack};

    const OVERLAY: &str = "\
name: small
description: Small
project-type: small
questions:
  - {id: size, flag: small-size, ask: How large?, kind: choice, choices: {s: S, m: M, l: L}, default: s}
  - {id: fast, flag: small-fast, ask: Fast?, kind: bool, default: false}
let:
  large: \"size == 'l'\"
  both: large and fast
  broken: size - 1 > 0
layers: []
";

    fn catalog(more: &str) -> Catalog {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("overlays")).unwrap();
        let about = "name: p\nversion: '1'\ndescription: P\n";
        std::fs::write(folder.path().join("pack.yml"), about).unwrap();
        std::fs::write(folder.path().join("overlays/small.yml"), OVERLAY).unwrap();
        if !more.is_empty() {
            std::fs::write(folder.path().join("overlays/more.yml"), more).unwrap();
        }
        Catalog::of(vec![Pack::builtin().unwrap(), Pack::read(folder.path()).unwrap()]).unwrap()
    }

    fn scope(size: &str, fast: bool) -> Scope {
        let size = Datum::Word(size.to_owned());
        Scope::from([("size".to_owned(), size), ("fast".to_owned(), Datum::Bool(fast))])
    }

    #[test]
    fn a_name_reads_answers_and_earlier_names() {
        let catalog = catalog("");
        let small = catalog.project_type("small").unwrap();
        let expr = Expr::new("both and not missing").unwrap();
        let answers = scope("l", true);
        let full = small.with_lets_of(&expr, &answers).unwrap();
        assert_eq!((&full["large"], &full["both"]), (&Datum::Bool(true), &Datum::Bool(true)));
        assert!(!full.contains_key("broken"), "what is not mentioned is not computed");
        assert_eq!(
            small.questions_read(&Expr::new("both").unwrap()),
            BTreeSet::from(["fast".to_owned(), "size".to_owned()])
        );
    }

    #[test]
    fn a_condition_that_fails_is_told_at_its_place() {
        let catalog = catalog("");
        let error = catalog.project_type("small").unwrap().with_lets(scope("l", true)).unwrap_err();
        let place = error.problems[0].place.as_ref().unwrap();
        assert!(matches!(place, Place::File { line: 10, column: 3, .. }), "{place:?}");
    }

    #[test]
    fn names_are_inherited_and_changed_by_declaring_them_again() {
        let more = "name: more\ndescription: More\nproject-type: small\nextends: small\nlet: {large: \"size != 's'\", slow: not fast}\n";
        let catalog = catalog(more);
        let small = catalog.project_type("small").unwrap();
        let names: Vec<&str> = small.lets.iter().map(|named| named.name.as_str()).collect();
        assert_eq!(names, ["large", "both", "broken", "slow"]);
        let answers = scope("m", true);
        let full = small.with_lets_of(&Expr::new("both").unwrap(), &answers).unwrap();
        assert_eq!(full["both"], Datum::Bool(true));
    }
}
