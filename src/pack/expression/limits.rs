//! How long and how nested an expression or a template may be, looked at before the engine parses it: the engine works
//! through both by recursion, and a stack that overflows ends the program without a word.

use super::Fault;
use minijinja::machinery::{Token, Tokenizer};
use minijinja::syntax::SyntaxConfig;

/// Bytes of one tag or one expression; real ones have less than 200.
const LONGEST: usize = 4_000;
/// Names, values and operators of one tag or one expression.
const MOST_PARTS: usize = 500;
/// Brackets inside brackets.
const DEEPEST_BRACKETS: usize = 16;
/// Filters, operators and signs that wrap a value once more.
const MOST_WRAPS: usize = 48;
/// Blocks inside blocks.
const DEEPEST_BLOCKS: usize = 40;
/// Further branches of conditions in one template.
const MOST_BRANCHES: usize = 100;
/// Values that one template names, and what wraps them: each may hold the one before.
const MOST_NAMED: usize = 200;

/// Refuses an expression beyond a limit.
pub(crate) fn expression(text: &str) -> Result<(), Fault> {
    if text.len() > LONGEST {
        return Err(fault(1, 1, &format!("an expression has at most {LONGEST} bytes")));
    }
    check(text, true, SyntaxConfig::default())
}

/// Refuses a template beyond a limit.
pub(crate) fn template(text: &str, syntax: SyntaxConfig) -> Result<(), Fault> {
    check(text, false, syntax)
}

fn fault(line: usize, column: usize, message: &str) -> Fault {
    Fault { message: message.to_owned(), line, column }
}

/// What was counted so far.
#[derive(Default)]
struct Count {
    /// Where the tag begins, in bytes.
    start: usize,
    parts: usize,
    wraps: usize,
    brackets: usize,
    blocks: usize,
    branches: usize,
    named: usize,
    /// The tag names a value.
    is_naming: bool,
    /// The last token was the start of a block.
    is_first: bool,
}

fn check(text: &str, is_expression: bool, syntax: SyntaxConfig) -> Result<(), Fault> {
    let mut tokens = Tokenizer::new(text, "", is_expression, syntax);
    let mut count = Count::default();
    // What is no token is told by the parser.
    while let Ok(Some((token, span))) = tokens.next_token() {
        let end = usize::try_from(span.end_offset).unwrap_or(usize::MAX);
        if let Some(message) = count.add(&token, end) {
            let (line, column) = (usize::from(span.start_line), usize::from(span.start_col) + 1);
            return Err(fault(line, column, &message));
        }
    }
    Ok(())
}

impl Count {
    /// Counts a token; says what is too much.
    fn add(&mut self, token: &Token, end: usize) -> Option<String> {
        let is_first = std::mem::replace(&mut self.is_first, matches!(token, Token::BlockStart));
        match token {
            Token::TemplateData(_) => {
                self.start = end;
                return None;
            }
            Token::VariableStart | Token::BlockStart => {
                (self.parts, self.wraps, self.brackets) = (0, 0, 0);
                self.is_naming = false;
            }
            Token::VariableEnd | Token::BlockEnd => self.start = end,
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => {
                self.brackets += 1;
                self.named += usize::from(self.is_naming);
            }
            Token::ParenClose | Token::BracketClose | Token::BraceClose => {
                self.brackets = self.brackets.saturating_sub(1);
            }
            Token::Ident(word) if is_first => self.statement(word),
            Token::Ident("not" | "and" | "or" | "in" | "is" | "if" | "else") => self.wrap(),
            Token::Ident(_) | Token::Comma | Token::Colon | Token::Str(_) | Token::Int(_) => {}
            _ => self.wrap(),
        }
        self.parts += 1;
        self.excess(end)
    }

    fn wrap(&mut self) {
        self.wraps += 1;
        self.named += usize::from(self.is_naming);
    }

    fn statement(&mut self, word: &str) {
        self.is_naming = matches!(word, "set" | "with" | "for" | "macro" | "call");
        self.named += usize::from(self.is_naming);
        match word {
            "if" | "for" | "macro" | "call" | "filter" | "with" | "autoescape" | "block" => {
                self.blocks += 1;
            }
            "elif" => self.branches += 1,
            // `set` may or may not be a block; either way its number is bounded.
            "endset" => {}
            _ if word.starts_with("end") => self.blocks = self.blocks.saturating_sub(1),
            _ => {}
        }
    }

    fn excess(&self, end: usize) -> Option<String> {
        let limits = [
            (end.saturating_sub(self.start), LONGEST, "bytes in one tag"),
            (self.parts, MOST_PARTS, "parts in one expression"),
            (self.wraps, MOST_WRAPS, "operators and filters in one expression"),
            (self.brackets, DEEPEST_BRACKETS, "brackets inside brackets"),
            (self.blocks, DEEPEST_BLOCKS, "blocks inside blocks"),
            (self.branches, MOST_BRANCHES, "`elif` in one template"),
            (
                self.named,
                MOST_NAMED,
                "steps in what one template names with `set`, `with` and `for`",
            ),
        ];
        let (_, most, what) = limits.into_iter().find(|(count, most, _)| count > most)?;
        Some(format!("there are more than {most} {what}"))
    }
}
