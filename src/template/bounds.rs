//! How long an expression may be. The template engine parses, compiles and drops one level of an expression inside the
//! other, so that one of a million operators would end the process and not the run.

use super::Fault;
use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

/// Names, values and operators of one expression, or of one tag of a template.
const MOST_TOKENS: usize = 1_000;
/// `elif` in one template: each lies in the one before it.
const MOST_BRANCHES: usize = 200;

/// Refuses an expression that is too long.
///
/// # Errors
/// Where it becomes too long.
pub fn expression(source: &str) -> Result<(), Fault> {
    check(source, true, &SyntaxConfig::default())
}

/// Refuses a template with a tag that is too long, or with too many branches.
///
/// # Errors
/// Where there are too many.
pub fn template(text: &str, syntax: &SyntaxConfig) -> Result<(), Fault> {
    check(text, false, syntax)
}

/// What the engine cannot read ends the look: it says itself what is wrong.
fn check(text: &str, is_expression: bool, syntax: &SyntaxConfig) -> Result<(), Fault> {
    let (mut tokens, mut branches, mut is_first) = (0, 0, false);
    for (token, span) in
        tokenize(text, is_expression, syntax.clone()).map_while(std::result::Result::ok)
    {
        let begins =
            matches!(token, Token::TemplateData(_) | Token::VariableStart | Token::BlockStart);
        tokens = if begins { 0 } else { tokens + 1 };
        if is_first && matches!(token, Token::Ident("elif")) {
            branches += 1;
        }
        is_first = matches!(token, Token::BlockStart);
        let message = if tokens > MOST_TOKENS {
            format!("an expression of more than {MOST_TOKENS} names, values and operators")
        } else if branches > MOST_BRANCHES {
            format!("more than {MOST_BRANCHES} times `elif`")
        } else {
            continue;
        };
        let before = text.get(..span.start_offset as usize).unwrap_or_default();
        let (line, column) = crate::read::place(before);
        return Err(Fault { message, line, column });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::template::{Expr, Renderer, Scope, variables};

    #[test]
    fn what_would_exhaust_the_stack_is_refused_with_its_place() {
        for (head, part, tail) in [
            ("", "-", "1"),
            ("", "not ", "1"),
            ("1", " or 1", ""),
            ("1", " ~ 1", ""),
            ("a", "|upper", ""),
            ("a", ".b", ""),
            ("a", "[1]", ""),
            ("a", "()", ""),
            ("1", " if 1 else 1", ""),
            ("1", " is defined", ""),
        ] {
            let source = format!("{head}{}{tail}", part.repeat(20_000));
            let fault = Expr::new(&source).unwrap_err();
            assert!(fault.message.contains("more than 1000 names"), "{part}: {fault:?}");
            let text = format!("one\n{{{{ \"}}}}\" ~ {source} }}}}");
            let fault = Renderer::new(&Scope::new()).render("a.md", &text, None).unwrap_err();
            assert!(fault.message.contains("more than 1000 names") && fault.line == 2, "{fault:?}");
            assert!(variables("a.md", &text).is_err());
        }
        let text = format!("{{% if a %}}{}{{% endif %}}", "{% elif a %}".repeat(20_000));
        let fault = Renderer::new(&Scope::new()).render("a.md", &text, None).unwrap_err();
        assert!(fault.message.contains("`elif`"), "{fault:?}");
    }

    #[test]
    fn what_is_just_short_enough_is_computed() {
        assert!(Expr::new(&format!("{}true", "not ".repeat(990))).is_ok());
        let list = vec!["1"; 450].join(", ");
        assert!(Expr::new(&format!("1 in [{list}]")).unwrap().holds(&Scope::new()).unwrap());
        let text = "{{ 1 }}\n".repeat(5_000);
        assert!(Renderer::new(&Scope::new()).render("a.md", &text, None).is_ok());
    }
}
