//! Expressions over answers, as overlays and documents write them, and the values that they and templates compute with.
//!
//! Free text of the user is marked, so that a template can print it only through `quote`.

pub(crate) mod limits;
mod literals;
pub(crate) mod slices;

pub use literals::Literals;

use crate::system::watch;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{Environment, ErrorKind, Expression, UndefinedBehavior, Value};
use serde::de::{Deserialize, Deserializer, Error as _};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

/// Instructions that one expression or one file may take; real templates stay below a hundredth of it.
pub(crate) const FUEL: u64 = 2_000_000;
/// Depth of macros and loops that call themselves.
pub(crate) const RECURSION: usize = 64;
/// Items that a list may have where it is made into an answer or printed.
pub(crate) const MOST_ITEMS: usize = 10_000;
/// What templates and expressions compute with.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// Nothing: a question that is not asked.
    None,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A text that cannot break out of any literal: a value of a choice, a slug.
    Word(String),
    /// Text as the user typed it.
    Free(String),
    /// Several words.
    List(Vec<String>),
    /// Several values of any kind; templates only.
    Many(Vec<Datum>),
    /// Fields.
    Map(BTreeMap<String, Datum>),
}

/// Names and what they stand for.
pub type Scope = BTreeMap<String, Datum>;

/// Why an expression or a template failed, with the place in its text where that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Lower case, with values in backticks.
    pub message: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Fault {
    pub(crate) fn new(error: &minijinja::Error, text: &str) -> Self {
        // What the engine calls these two says less than what it found.
        let speaks =
            matches!(error.kind(), ErrorKind::InvalidOperation | ErrorKind::UndefinedError);
        let mut message = match error.detail().map(in_plain_words) {
            Some(detail) if speaks => detail,
            Some(detail) => format!("{}: {detail}", error.kind()),
            None => error.kind().to_string(),
        };
        if error.kind() == ErrorKind::OutOfFuel {
            message = format!("this takes more than {FUEL} steps to compute");
        }
        let start = error.range().map_or(0, |range| range.start.min(text.len()));
        if error.kind() == ErrorKind::SyntaxError
            && let Some(cure) = cure_of_foreign(text.get(start..).unwrap_or(""))
        {
            message = format!("{message}; {cure}");
        }
        let before = text.get(..start).unwrap_or("");
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        Self { message, line: error.line().unwrap_or(1), column }
    }
}

/// What to write for the operator of another language at which the engine stopped.
fn cure_of_foreign(rest: &str) -> Option<&'static str> {
    let rest = rest.trim_start();
    let word = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    match (word, rest.chars().next()?) {
        ("AND", _) => Some("both is `a and b`"),
        ("OR", _) | (_, '|') => Some("either of two is `a or b`"),
        (_, '!') => Some("the contrary is `not a`"),
        (_, '=') if !rest.starts_with("==") => Some("`==` compares"),
        _ => None,
    }
}

/// What the engine says, with the cure where authors often need one.
fn in_plain_words(detail: &str) -> String {
    let is_sum = detail.starts_with("tried to use + operator")
        && (detail.contains("string") || detail.contains("plain object"));
    if is_sum {
        "`+` adds numbers; texts are joined with `~`: `a ~ b`".to_owned()
    } else {
        detail.to_owned()
    }
}

static EXPRESSIONS: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    // With it a value could be put into itself, and the engine would print or compare that until the stack is full.
    environment.remove_global("namespace");
    environment
});

/// An expression over answers, as overlays write it: `processingModel != 'batch'`.
///
/// One of a pack's text is compiled when it is read, so that a broken one is an error of its own line; one of the quick
/// form of the built-in pack when it is first needed, because a test has compiled all of those.
#[derive(Clone)]
pub struct Expr(Arc<Shared>);

struct Shared {
    source: String,
    compiled: OnceLock<Result<Compiled, Fault>>,
}

struct Compiled {
    expression: Expression<'static, 'static>,
    /// Every word in it, so that only what it may read is copied for it.
    words: BTreeSet<String>,
    /// The names that it reads.
    reads: BTreeSet<String>,
}

impl Compiled {
    fn of(source: &str) -> Result<Self, Fault> {
        limits::expression(source)?;
        // What is made of constants alone is computed here already.
        let compile = || EXPRESSIONS.compile_expression_owned(source.to_owned());
        let expression =
            watch::watched(source, compile).map_err(|error| Fault::new(&error, source))?;
        let words = source.split(|c: char| !c.is_alphanumeric() && c != '_');
        let words = words.map(str::to_owned).collect();
        let reads = names_read(&expression, source, false);
        Ok(Self { expression, words, reads })
    }

    fn eval(&self, scope: &Scope, source: &str) -> Result<Value, Fault> {
        let read = |name: &String| scope.get(name).map(|datum| (name.clone(), value(datum)));
        let root: BTreeMap<String, Value> = self.words.iter().filter_map(read).collect();
        let evaluated = watch::watched(source, || self.expression.eval(Value::from(root)));
        evaluated.map_err(|error| Fault::new(&error, source))
    }
}

/// The names that an expression reads, also in slices.
fn names_read(expression: &Expression, source: &str, nested: bool) -> BTreeSet<String> {
    let names = match slices::as_items(source, true, SyntaxConfig::default()) {
        Cow::Borrowed(_) => expression.undeclared_variables(nested),
        Cow::Owned(items) => match EXPRESSIONS.compile_expression(&items) {
            Ok(items) => items.undeclared_variables(nested),
            Err(_) => expression.undeclared_variables(nested),
        },
    };
    names.into_iter().collect()
}

impl Expr {
    /// Compiles an expression.
    ///
    /// # Errors
    /// It is not an expression.
    pub fn new(source: &str) -> Result<Self, Fault> {
        let expr = Self::later(source.to_owned());
        expr.compiled()?;
        Ok(expr)
    }

    /// An expression that is compiled when it is first needed.
    fn later(source: String) -> Self {
        Self(Arc::new(Shared { source, compiled: OnceLock::new() }))
    }

    fn compiled(&self) -> Result<&Compiled, Fault> {
        let compile = || Compiled::of(&self.0.source);
        self.0.compiled.get_or_init(compile).as_ref().map_err(Clone::clone)
    }

    /// As its author wrote it.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// The names that it reads; `nested` gives `project.name` instead of `project`.
    #[must_use]
    pub fn variables(&self, nested: bool) -> BTreeSet<String> {
        match self.compiled() {
            Ok(compiled) if nested => names_read(&compiled.expression, self.source(), true),
            Ok(compiled) => compiled.reads.clone(),
            Err(_) => BTreeSet::new(),
        }
    }

    /// The names that it reads, each as a whole: `project` where it has `project.name`.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        self.compiled().into_iter().flat_map(|compiled| compiled.reads.iter().map(String::as_str))
    }

    /// Whether a word occurs in it, be it as a name or in a text; much faster than [`Expr::variables`].
    #[must_use]
    pub fn mentions(&self, word: &str) -> bool {
        self.compiled().is_ok_and(|compiled| compiled.words.contains(word))
    }

    /// Computes it.
    ///
    /// # Errors
    /// An operation fails, such as a comparison of a number with a text.
    pub fn eval(&self, scope: &Scope) -> Result<Datum, Fault> {
        let value = self.compiled()?.eval(scope, self.source())?;
        datum(&value).ok_or_else(|| {
            let (source, kind) = (self.source(), value.kind());
            let message = format!("`{source}` gives a {kind}, which is not an answer");
            Fault { message, line: 1, column: 1 }
        })
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// As [`Expr::eval`].
    pub fn holds(&self, scope: &Scope) -> Result<bool, Fault> {
        Ok(self.compiled()?.eval(scope, self.source())?.is_true())
    }
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Expr({:?})", self.source())
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl<'de> Deserialize<'de> for Expr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Only the quick form of the built-in pack is no text.
        let is_text = deserializer.is_human_readable();
        let source = String::deserialize(deserializer)?;
        if !is_text {
            return Ok(Self::later(source));
        }
        Self::new(&source).map_err(|fault| {
            let shown: String = source.chars().take(80).collect();
            let more = if shown.len() < source.len() { "…" } else { "" };
            D::Error::custom(format!("`{shown}{more}` is not an expression: {}", fault.message))
        })
    }
}

/// Text of the user has the mark of the engine for what needs no escape, as that mark stays through most filters; in a template
/// it means the contrary: it prints through `quote` alone. Else it is a text like any other, which conditions compare.
fn value(datum: &Datum) -> Value {
    match datum {
        Datum::None => Value::from(()),
        Datum::Bool(value) => Value::from(*value),
        Datum::Integer(value) => Value::from(*value),
        Datum::Word(text) => Value::from(text.as_str()),
        Datum::Free(text) => Value::from_safe_string(text.clone()),
        Datum::List(items) => items.iter().map(String::as_str).collect(),
        Datum::Many(items) => items.iter().map(value).collect(),
        Datum::Map(fields) => root(fields),
    }
}

pub(crate) fn root(scope: &Scope) -> Value {
    let names: BTreeMap<String, Value> =
        scope.iter().map(|(name, datum)| (name.clone(), value(datum))).collect();
    Value::from(names)
}

/// `None` for what is no answer; a list of very many items, which `*` makes of a short one, is none.
fn datum(value: &Value) -> Option<Datum> {
    match value.kind() {
        ValueKind::None => Some(Datum::None),
        ValueKind::Bool => Some(Datum::Bool(value.is_true())),
        ValueKind::Number => value.as_i64().map(Datum::Integer),
        ValueKind::String => value.as_str().map(|text| {
            let kind = if value.is_safe() { Datum::Free } else { Datum::Word };
            kind(text.to_owned())
        }),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter().ok()?.take(MOST_ITEMS + 1);
            let items: Option<Vec<String>> =
                items.map(|item| item.as_str().map(str::to_owned)).collect();
            items.filter(|items| items.len() <= MOST_ITEMS).map(Datum::List)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_repeated_without_end_is_no_answer() {
        let scope =
            Scope::from([("words".to_owned(), Datum::List(vec!["a".to_owned(), "b".to_owned()]))]);
        let said =
            |source: &str| Expr::new(source).unwrap().eval(&scope).map_err(|fault| fault.message);
        assert!(said("words * 2").is_ok());
        for source in ["5100000000 * words", "71 * words * 999 * 598"] {
            assert!(said(source).is_err(), "{source}");
        }
    }

    #[test]
    fn expressions_name_what_they_read() {
        let project = Scope::from([("slug".to_owned(), Datum::Word("a-b".to_owned()))]);
        let scope = Scope::from([
            ("project".to_owned(), Datum::Map(project)),
            ("items".to_owned(), Datum::List(vec!["x".to_owned(), "y".to_owned()])),
        ]);
        let expr = Expr::new("project.slug == 'a-b' and 'x' in items").unwrap();
        assert_eq!(
            expr.variables(true),
            BTreeSet::from(["items".to_owned(), "project.slug".to_owned()])
        );
        assert!(expr.holds(&scope).unwrap());
        assert!(Expr::new("a ==").is_err());
    }

    #[test]
    fn operators_of_other_languages_have_their_cure() {
        let said = |source: &str| Expr::new(source).unwrap_err().message;
        for (source, cure) in [
            ("a = 'x'", "`==` compares"),
            ("a === 'x'", "`==` compares"),
            ("a or b || c", "`a or b`"),
            ("!a", "`not a`"),
            ("a == 'x' AND b", "`a and b`"),
            ("a OR b", "`a or b`"),
        ] {
            assert!(said(source).contains(cure), "{source}: {}", said(source));
        }
        for source in ["a ==", "a ORDER b"] {
            assert!(!said(source).contains(';'), "{}", said(source));
        }
    }
}
