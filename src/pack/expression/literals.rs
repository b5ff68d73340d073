//! The texts and numbers that an expression names: what its answers are compared with.

use super::Expr;
use minijinja::machinery::{Token, Tokenizer};
use minijinja::syntax::SyntaxConfig;
use std::collections::BTreeSet;

/// The literals of an expression, and whether they are all that its result depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Literals {
    /// Texts.
    pub words: BTreeSet<String>,
    /// Whole numbers; of another number the whole ones around it.
    pub numbers: BTreeSet<i64>,
    /// Those of them that are no mere limit, as in `a > 3`.
    pub exact: BTreeSet<i64>,
    /// It does more than compare: arithmetic, filters, calls, items. Then other values may matter too.
    pub computes: bool,
}

impl Literals {
    /// Adds those of another expression.
    pub fn extend(&mut self, other: Self) {
        self.words.extend(other.words);
        self.numbers.extend(other.numbers);
        self.exact.extend(other.exact);
        self.computes |= other.computes;
    }

    fn number(&mut self, number: i64, before: Before) {
        self.numbers.insert(number);
        if before != Before::Order {
            self.exact.insert(number);
        }
    }

    fn add(&mut self, token: &Token, before: Before, is_negative: bool) {
        match token {
            Token::Str(text) => _ = self.words.insert((*text).to_owned()),
            Token::String(text) => _ = self.words.insert(text.to_string()),
            Token::Int(number) => match i64::try_from(*number) {
                Ok(number) => self.number(if is_negative { -number } else { number }, before),
                Err(_) => self.computes = true,
            },
            #[allow(clippy::cast_possible_truncation)]
            // a number beyond the range is the end of the range
            Token::Float(number) => {
                let number = if is_negative { -number } else { *number };
                self.numbers.extend([number.floor() as i64, number.ceil() as i64]);
            }
            Token::Minus | Token::ParenOpen | Token::BracketOpen => {
                self.computes |= before == Before::Value;
            }
            Token::Ident("is")
            | Token::Plus
            | Token::Mul
            | Token::Div
            | Token::FloorDiv
            | Token::Pow
            | Token::Mod
            | Token::Dot
            | Token::Tilde
            | Token::Pipe
            | Token::Int128(_) => self.computes = true,
            _ => {}
        }
    }
}

/// What stands before a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// A value: a sign after it is an operator, a bracket after it a call or an item.
    Value,
    /// Less or more.
    Order,
    Other,
}

fn kind(token: &Token) -> Before {
    match token {
        Token::Ident("and" | "or" | "not" | "in" | "if" | "else") => Before::Other,
        Token::Ident(_)
        | Token::Str(_)
        | Token::String(_)
        | Token::Int(_)
        | Token::Float(_)
        | Token::ParenClose
        | Token::BracketClose
        | Token::BraceClose => Before::Value,
        Token::Gt | Token::Gte | Token::Lt | Token::Lte => Before::Order,
        _ => Before::Other,
    }
}

impl Expr {
    /// The texts and numbers that it names.
    #[must_use]
    pub fn literals(&self) -> Literals {
        let mut tokens = Tokenizer::new(self.source(), "", true, SyntaxConfig::default());
        let mut found = Literals::default();
        let (mut before, mut is_negative) = (Before::Other, false);
        while let Ok(Some((token, _))) = tokens.next_token() {
            found.add(&token, before, is_negative);
            is_negative = matches!(token, Token::Minus);
            // The sign of a number stands between it and its operator.
            before = if is_negative && before == Before::Order { before } else { kind(&token) };
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str) -> (Vec<String>, Vec<i64>, bool) {
        let found = Expr::new(source).unwrap().literals();
        (found.words.into_iter().collect(), found.numbers.into_iter().collect(), found.computes)
    }

    #[test]
    fn texts_and_numbers_are_found_in_all_their_forms() {
        let (words, numbers, computes) =
            of(r#"a == 'x' and b not in ["y\"z", 'q'] or port > -3 and port <= 1.5"#);
        assert_eq!(words, ["q", "x", "y\"z"]);
        assert_eq!(numbers, [-3, 1, 2]);
        assert!(!computes);
    }

    #[test]
    fn what_does_more_than_compare_is_known() {
        for source in ["a + 1 == 2", "a - 1 == 2", "a | length > 2", "a[0] == 'x'", "a.b == 'x'"] {
            assert!(of(source).2, "{source}");
        }
        for source in ["a == -1", "a in [1, 2]", "not (a and b)", "a not in ('x', 'y')", "a < b"] {
            assert!(!of(source).2, "{source}");
        }
    }
}
