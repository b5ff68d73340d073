//! An expression of an overlay of others.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scaffold::pack::expression::{Datum, Expr, Scope};
use std::sync::LazyLock;

static SCOPE: LazyLock<Scope> = LazyLock::new(|| {
    Scope::from([
        ("color".to_owned(), Datum::Word("red".to_owned())),
        ("count".to_owned(), Datum::Integer(3)),
        ("loud".to_owned(), Datum::Bool(true)),
        ("none".to_owned(), Datum::None),
        ("words".to_owned(), Datum::List(vec!["a".to_owned(), "b".to_owned()])),
        ("motto".to_owned(), Datum::Free("it's".to_owned())),
    ])
});

fuzz_target!(|text: &str| {
    // A list that is repeated can take what memory and time there is. The engine has no bound for that: the program has
    // one (`system::memory`, `system::watch`), and `tests/hostile` holds it.
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if text.contains('*') && (digits > 4 || text.contains("**")) {
        return;
    }
    let Ok(expression) = Expr::new(text) else { return };
    let _ = expression.variables(false);
    let _ = expression.variables(true);
    let _ = expression.eval(&SCOPE);
    let _ = expression.holds(&SCOPE);
});
