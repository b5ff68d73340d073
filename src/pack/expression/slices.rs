//! `name[:2]` for the analysis of names: the engine (minijinja 3.1) does not see what a slice is taken of, so that a question
//! which is read in slices alone seems to be read by nobody.

use minijinja::machinery::{Token, Tokenizer};
use minijinja::syntax::SyntaxConfig;
use std::borrow::Cow;

/// The text with `name[0][2]` in the place of `name[:2]`, which reads the same names. It is only looked at.
pub(crate) fn as_items(text: &str, is_expression: bool, syntax: SyntaxConfig) -> Cow<'_, str> {
    if !text.contains('[') || !text.contains(':') {
        return Cow::Borrowed(text);
    }
    let mut tokens = Tokenizer::new(text, "", is_expression, syntax);
    // Whether each open bracket is a square one; what the token before was.
    let (mut squares, mut is_after_open, mut is_after_colon) = (Vec::new(), false, false);
    let (mut items, mut done) = (String::new(), 0);
    // What is no token is told by the parser.
    while let Ok(Some((token, span))) = tokens.next_token() {
        let (start, end) = (span.start_offset as usize, span.end_offset as usize);
        let is_colon = matches!(token, Token::Colon) && squares.last() == Some(&true);
        let is_close = matches!(token, Token::BracketClose);
        if is_after_colon && (is_colon || is_close) || is_after_open && is_colon {
            items += &text[done..start];
            items.push('0');
            done = start;
        }
        if is_colon {
            items += &text[done..start];
            items += "][";
            done = end;
        }
        is_after_open = matches!(token, Token::BracketOpen);
        is_after_colon = is_colon;
        match token {
            Token::BracketOpen | Token::ParenOpen | Token::BraceOpen => squares.push(is_after_open),
            Token::BracketClose | Token::ParenClose | Token::BraceClose => _ = squares.pop(),
            _ => {}
        }
    }
    items += &text[done..];
    Cow::Owned(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_become_items_and_all_else_stays() {
        for (text, items) in [
            ("a[:2] == 'b'", "a[0][2] == 'b'"),
            ("a[1:]", "a[1][0]"),
            ("(a or b)[x:y:z]", "(a or b)[x][y][z]"),
            ("a[:]", "a[0][0]"),
            ("a[::2]", "a[0][0][2]"),
            ("a[b[1:]:c]", "a[b[1][0]][c]"),
            ("{'a': b['x']}", "{'a': b['x']}"),
            ("a[{'x': 1}[y]:2]", "a[{'x': 1}[y]][2]"),
            ("a in ['x:', ':y']", "a in ['x:', ':y']"),
        ] {
            assert_eq!(as_items(text, true, SyntaxConfig::default()), items);
        }
        let template = "a[:2] {% if b[:c] %}{{ d[1:] }}{% endif %}";
        let items = "a[:2] {% if b[0][c] %}{{ d[1][0] }}{% endif %}";
        assert_eq!(as_items(template, false, SyntaxConfig::default()), items);
    }
}
