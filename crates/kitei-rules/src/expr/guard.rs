//! What is refused before the grammar's parser sees it: sizes, nesting, and the parts of CEL that Kitei does without.
//!
//! The parser of the `cel` crate recurses over its own tree, so long chains and deep nesting would overflow the stack;
//! a quick pass over the tokens bounds both and gives the plain mistakes (`=`, `and`, a missing bracket) plain words.
//!
//! Invariant: what passes has at most [`MAX_TOKENS`] tokens, [`MAX_DEPTH`] levels and [`MAX_ARITHMETIC`] arithmetic
//! operators, and no list comprehension, method call, index, map or message of CEL.

use super::error::{ExprError, ExprProblem, Position};

/// Longest condition, in characters.
pub const MAX_CHARACTERS: usize = 2_000;
/// Most words and signs in a condition.
pub const MAX_TOKENS: usize = 600;
/// Deepest nesting of brackets and `? :` together.
pub const MAX_DEPTH: usize = 24;
/// Most `+ - * / %` in a condition.
pub const MAX_ARITHMETIC: usize = 40;
/// Longest chain `a.b.c…`.
const MAX_CHAIN: usize = 8;
/// Most `!` or `-` one after another.
const MAX_PREFIX: usize = 4;

/// Kinds of tokens, as far as the guard looks at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Number,
    Text,
    Sign(&'a str),
}

/// Checks a source; all mistakes at once.
pub(super) fn check(source: &str) -> Result<(), Vec<ExprError>> {
    let mut guard = Guard { source, errors: Vec::new() };
    if source.chars().count() > MAX_CHARACTERS {
        guard.report(0, ExprProblem::TooLong { limit: MAX_CHARACTERS, unit: "characters" });
        return Err(guard.errors);
    }
    let tokens = guard.tokens();
    if guard.errors.is_empty() {
        guard.walk(&tokens);
    }
    if guard.errors.is_empty() { Ok(()) } else { Err(guard.errors) }
}

struct Guard<'a> {
    source: &'a str,
    errors: Vec<ExprError>,
}

impl<'a> Guard<'a> {
    fn report(&mut self, offset: usize, problem: ExprProblem) {
        self.errors.push(ExprError { at: Position::of(self.source, offset), problem });
    }

    fn syntax(&mut self, offset: usize, message: impl Into<String>) {
        self.report(offset, ExprProblem::Syntax(message.into()));
    }

    fn unsupported(&mut self, offset: usize, what: impl Into<String>, instead: &'static str) {
        self.report(offset, ExprProblem::Unsupported { what: what.into(), instead });
    }

    /// Cuts the source into tokens with their byte offsets.
    fn tokens(&mut self) -> Vec<(usize, Token<'a>)> {
        let (source, mut tokens, mut at) = (self.source, Vec::new(), 0);
        while let Some(letter) = source.get(at..).and_then(|rest| rest.chars().next()) {
            let start = at;
            let rest = source.get(at..).unwrap_or_default();
            match letter {
                ' ' | '\t' | '\n' | '\r' => at += 1,
                _ if rest.starts_with("//") => at += rest.find('\n').unwrap_or(rest.len()),
                '"' | '\'' => match self.text_length(start, rest, letter) {
                    Some(length) => {
                        at += length;
                        tokens.push((start, Token::Text));
                    }
                    None => return tokens,
                },
                _ if letter.is_ascii_alphabetic() || letter == '_' => {
                    let word = prefix(rest, |c| c.is_ascii_alphanumeric() || c == '_');
                    at += word.len();
                    if source.get(at..).is_some_and(|next| next.starts_with(['"', '\''])) {
                        self.unsupported(
                            start,
                            format!("the prefix `{word}`"),
                            "write a plain text in quotation marks",
                        );
                        return tokens;
                    }
                    tokens.push((start, Token::Word(word)));
                }
                _ if letter.is_ascii_digit() => {
                    let number = prefix(rest, |c| c.is_ascii_alphanumeric() || c == '_');
                    at += number.len();
                    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                        self.syntax(start, format!("`{number}` is not a whole number"));
                    } else if source.get(at..).is_some_and(|next| next.starts_with('.')) {
                        self.unsupported(start, "a decimal fraction", "numbers are whole");
                        return tokens;
                    }
                    tokens.push((start, Token::Number));
                }
                _ => match sign(rest) {
                    Some(sign) => {
                        at += sign.len();
                        tokens.push((start, Token::Sign(sign)));
                    }
                    None => {
                        self.stray(start, letter);
                        at += letter.len_utf8();
                    }
                },
            }
        }
        tokens
    }

    /// Length of a quoted text in bytes, quotation marks included.
    fn text_length(&mut self, start: usize, rest: &str, quote: char) -> Option<usize> {
        if rest.len() >= 3 && rest.chars().take(3).all(|c| c == quote) {
            self.unsupported(start, "a text in threefold quotation marks", "write a plain text in quotation marks");
            return None;
        }
        let mut escaped = false;
        for (at, letter) in rest.char_indices().skip(1) {
            match letter {
                '\n' | '\r' => break,
                _ if escaped => {
                    escaped = false;
                    if !matches!(letter, '"' | '\'' | '\\' | 'n' | 't') {
                        self.syntax(start + at - 1, format!("`\\{letter}` has no meaning in a text"));
                        return None;
                    }
                }
                '\\' => escaped = true,
                _ if letter == quote => return Some(at + 1),
                _ => {}
            }
        }
        self.syntax(start, "the text has no closing quotation mark");
        None
    }

    /// A character that begins no token.
    fn stray(&mut self, at: usize, letter: char) {
        let message = match letter {
            '=' => "`=` does not compare; write `==`".to_owned(),
            '&' => "write `&&` for \"and\"".to_owned(),
            '|' => "write `||` for \"or\"".to_owned(),
            '（' | '）' | '，' | '、' | '“' | '”' | '　' | '＝' | '＞' | '＜' | '！' => {
                format!("`{letter}` is a full-width sign; write the half-width one")
            }
            _ => format!("`{letter}` has no meaning here; words belong in quotation marks"),
        };
        self.syntax(at, message);
    }

    /// Checks order and nesting of the tokens.
    fn walk(&mut self, tokens: &[(usize, Token<'a>)]) {
        if tokens.is_empty() {
            return self.syntax(0, "the condition is empty");
        }
        if tokens.len() > MAX_TOKENS {
            let offset = tokens.get(MAX_TOKENS).map_or(0, |(offset, _)| *offset);
            return self.report(offset, ExprProblem::TooLong { limit: MAX_TOKENS, unit: "words and signs" });
        }
        let mut open: Vec<(usize, &str, bool)> = vec![(0, "", false)];
        let (mut ladders, mut arithmetic, mut chain, mut run) = (0, 0, 0, 0);
        for (index, &(offset, token)) in tokens.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|index| tokens.get(index)).map(|(_, token)| *token);
            let after = tokens.get(index + 1).map(|(_, token)| *token);
            self.words(offset, token, before, after);
            run = if matches!(token, Token::Sign("!" | "-")) { run + 1 } else { 0 };
            match token {
                Token::Sign("(" | "[") => {
                    if token == Token::Sign("[") && ends_value(before) {
                        self.unsupported(offset, "an index `[ ]`", "use any(), all(), min() or max()");
                    }
                    open.push((offset, if token == Token::Sign("(") { ")" } else { "]" }, false));
                }
                Token::Sign(sign @ (")" | "]")) => match open.pop() {
                    Some((_, expected, _)) if expected == sign => {}
                    _ => return self.syntax(offset, format!("`{sign}` closes nothing")),
                },
                Token::Sign("?") => ladders += 1,
                Token::Sign("+" | "*" | "/" | "%" | "-") => arithmetic += 1,
                Token::Sign(".") => chain += 1,
                _ => {}
            }
            self.relation(offset, token, &mut open);
            if !matches!(token, Token::Sign(".") | Token::Word(_)) {
                chain = 0;
            }
            if open.len() - 1 + ladders > MAX_DEPTH || chain > MAX_CHAIN || run > MAX_PREFIX {
                return self.report(offset, ExprProblem::TooDeep { limit: MAX_DEPTH });
            }
            if arithmetic > MAX_ARITHMETIC {
                return self.report(offset, ExprProblem::TooLong { limit: MAX_ARITHMETIC, unit: "calculations" });
            }
        }
        if let Some((offset, close, _)) = open.pop().filter(|(_, close, _)| !close.is_empty()) {
            self.syntax(offset, format!("the bracket is not closed; `{close}` is missing"));
        }
    }

    /// Words that other languages use, and method calls.
    fn words(&mut self, offset: usize, token: Token<'_>, before: Option<Token<'_>>, after: Option<Token<'_>>) {
        let Token::Word(word) = token else { return };
        let call = after == Some(Token::Sign("("));
        match word {
            _ if before == Some(Token::Sign(".")) && call => {
                self.unsupported(offset, format!("the call `.{word}(…)`"), "write the function in front: any(list, …)");
            }
            "and" | "AND" if !call => self.syntax(offset, "write `&&` for \"and\""),
            "or" | "OR" if !call => self.syntax(offset, "write `||` for \"or\""),
            "not" | "NOT" => self.syntax(offset, "write `!` for \"not\""),
            "null" => self.unsupported(offset, "`null`", "ask empty(x) or known(x)"),
            "has" if call => self.unsupported(offset, "`has(…)`", "ask known(x)"),
            "exists" | "exists_one" if call => {
                self.unsupported(offset, format!("`{word}(…)`"), "write any(list, …) or count(list, …) == 1");
            }
            "map" | "filter" if call => {
                self.unsupported(offset, format!("`{word}(…)`"), "use any(), all(), count(), min(), max() or sum()");
            }
            _ => {}
        }
    }

    /// One comparison a level: `1 < x < 5` means something else in CEL than people think.
    fn relation(&mut self, offset: usize, token: Token<'_>, open: &mut [(usize, &str, bool)]) {
        let Some((_, _, compared)) = open.last_mut() else { return };
        let compares = matches!(token, Token::Sign("==" | "!=" | "<" | "<=" | ">" | ">=") | Token::Word("in"));
        if compares && std::mem::replace(compared, true) {
            self.unsupported(offset, "a chain of comparisons", "join two comparisons with `&&`");
        }
        if let Token::Sign("&&" | "||" | "?" | ":" | ",") = token {
            *compared = false;
        }
    }
}

fn ends_value(token: Option<Token<'_>>) -> bool {
    matches!(token, Some(Token::Word(word)) if word != "in")
        || matches!(token, Some(Token::Number | Token::Text | Token::Sign(")" | "]")))
}

fn prefix(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    let end = text.find(|letter| !belongs(letter)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn sign(rest: &str) -> Option<&'static str> {
    const SIGNS: [&str; 22] = [
        "==", "!=", "<=", ">=", "&&", "||", "<", ">", "(", ")", "[", "]", ".", ",", "-", "!", "?", ":", "+", "*", "/",
        "%",
    ];
    SIGNS.into_iter().find(|sign| rest.starts_with(sign))
}
