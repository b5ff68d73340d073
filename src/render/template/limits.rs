//! Expressions and templates beyond a limit are refused before the engine, which recurses, sees them.

use super::{Renderer, variables};
use crate::pack::expression::{Datum, Expr, Scope};

/// What overflowed the stack once, as expressions and inside a tag.
#[test]
fn endless_expressions_are_refused_and_do_not_overflow() {
    let many = 100_000;
    for source in [
        "a+".repeat(many) + "a",
        "not ".repeat(many) + "a",
        "(".repeat(many) + "a",
        "[".repeat(many),
        "a".to_owned() + &"|upper".repeat(many),
        "a".to_owned() + &".b".repeat(many),
        "a".to_owned() + &"[0]".repeat(many),
        "-".repeat(many) + "1",
        "a if b else ".repeat(many) + "c",
    ] {
        for source in [&source, &source[..LONGEST.min(source.len())]] {
            assert!(Expr::new(source).is_err());
            let tag = format!("{{{{ {source} }}}}");
            assert!(Renderer::new(&Scope::new()).render("a.md", &tag, None).is_err());
            assert!(variables("a.md", &tag).is_err());
        }
    }
}

const LONGEST: usize = 3_900;

#[test]
fn endless_blocks_are_refused_and_do_not_overflow() {
    for text in [
        "{% if true %}".repeat(100_000),
        "{% if true %}{% elif true %}".to_owned() + &"{% elif true %}".repeat(100_000),
        "{% set x = [1] %}".to_owned() + &"{% set x = [x] %}".repeat(100_000),
        "{% set x %}".repeat(100_000),
    ] {
        assert!(Renderer::new(&Scope::new()).render("a.md", &text, None).is_err());
        assert!(variables("a.md", &text).is_err());
    }
}

#[test]
fn the_deepest_that_is_allowed_still_fits_on_the_stack() {
    let chain = "1+".repeat(48) + "1";
    let sum = Expr::new(&chain).unwrap().eval(&Scope::new()).unwrap();
    assert_eq!(sum, Datum::Integer(49));
    let nested = "[".repeat(15) + "x" + &"]".repeat(15);
    let sets = format!("{{% set x = {nested} %}}").repeat(11);
    let call = "[".repeat(14) + "x" + &"]".repeat(14) + &"|batch(1)".repeat(30);
    let text = "{% macro deeper(x, n) %}{{ deeper(CALL, n - 1) if n else (x ~ '')|length > 9 and x == x }}\
                {% endmacro %}{% set x = [1] %}SETS{{ deeper(x, 9) }}";
    let text = text.replace("CALL", &call).replace("SETS", &sets);
    let rendered = Renderer::new(&Scope::new()).render("a.md", &text, None);
    assert_eq!(rendered.unwrap().text, "true");
}

#[test]
fn no_value_can_hold_itself() {
    let text = "{% set x = namespace() %}{% set x.a = x %}{{ x ~ '' }}";
    let fault = Renderer::new(&Scope::new()).render("a.md", text, None).unwrap_err();
    assert!(fault.message.contains("namespace"), "{}", fault.message);
}
