//! The condition language: CEL syntax, typed when a pack is adopted, three-valued when it is asked.
//!
//! Serves `docs/pack-language.md`, "Conditions". A source goes through four steps, each in its own file:
//! `guard` (what is refused before the parser sees it) → the CEL grammar of the `cel` crate → [`compile`] (names,
//! types, choices; a tree of our own) → [`evaluate`] (Kleene's three values, the instant until which the answer
//! stands, the names that were missing).
//!
//! Invariant: nothing is parsed, and no name is looked up in the rulebook, while a condition is evaluated.
//! Invariant: no source and no facts can make it panic, overflow the stack or run without end.

mod compile;
mod dependencies;
mod error;
mod evaluate;
mod guard;
mod parsed;
mod tree;
mod types;

pub use compile::{compile, compile_any};
pub use dependencies::{Dependencies, Hop, Path};
pub use error::{ExprError, ExprProblem, NameKind, Position};
pub use evaluate::{Actor, Evaluation, EvaluationError, Facts, Outcome, VISITS, decide, evaluate};
pub use guard::{MAX_ARITHMETIC, MAX_CHARACTERS, MAX_DEPTH, MAX_TOKENS};
pub use parsed::{Memo, Parsed, with_parser_stack};
pub use tree::Compiled;
pub use types::{MomentKind, NameType, Options, Origin, Schema, Scope, Signature, Type};
