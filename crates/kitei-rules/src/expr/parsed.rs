//! A condition as the CEL grammar reads it, before names and types are settled.
//!
//! Names and types depend on what all adopted packs say together, the grammar does not: a pack's conditions are parsed once
//! ([`Memo`]) and given their types for every rulebook that the pack takes part in.

use std::{
    cell::Cell,
    cmp::Ordering,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, OnceLock},
};

use cel::common::ast::{IdedExpr, SourceInfo};

use super::{
    compile,
    error::{ExprError, ExprProblem, Position},
    guard,
    tree::Compiled,
    types::{Schema, Scope, Type},
};

/// A parsed source.
pub struct Parsed {
    pub(super) text: String,
    pub(super) tree: IdedExpr,
    pub(super) places: SourceInfo,
}

impl Parsed {
    /// Reads a source.
    ///
    /// # Errors
    /// What the guard refuses, or the first mistake of grammar.
    pub fn of(source: &str) -> Result<Self, Vec<ExprError>> {
        guard::check(source)?;
        let (tree, places) = parse(source)?;
        Ok(Self { text: source.to_owned(), tree, places })
    }

    /// Settles names and types. `want` is the type that the value must have, if it must have one.
    ///
    /// # Errors
    /// Every mistake, in the order of the source.
    pub fn compile(&self, scope: &Scope, schema: &dyn Schema, want: Option<Type>) -> Result<Compiled, Vec<ExprError>> {
        compile::typed(self, scope, schema, want)
    }
}

impl fmt::Debug for Parsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Parsed").field(&self.text).finish()
    }
}

/// What came of parsing a source, kept beside it; copies share it. It follows from the source alone, so that it says nothing
/// where sources are compared.
#[derive(Clone, Default)]
pub struct Memo(Arc<OnceLock<Result<Parsed, Vec<ExprError>>>>);

impl Memo {
    /// The parsed form of the source that this stands beside.
    pub fn parsed(&self, source: &str) -> &Result<Parsed, Vec<ExprError>> {
        self.0.get_or_init(|| Parsed::of(source))
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}

impl PartialEq for Memo {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Memo {}

impl PartialOrd for Memo {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Memo {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

/// Stack for the parser. It takes some 150 kB for each bracket when it is not optimised, more than a caller may have
/// left; so it runs on a thread of its own, which [`guard::MAX_DEPTH`] keeps well inside this.
const PARSER_STACK: usize = 16 << 20;

thread_local! {
    /// This thread was made with the parser's stack.
    static DEEP: Cell<bool> = const { Cell::new(false) };
}

/// Does work that parses much on one thread with the parser's stack, instead of one thread for each source.
pub fn with_parser_stack<T: Send>(work: impl Fn() -> T + Sync) -> T {
    if DEEP.get() {
        return work();
    }
    let deep = || {
        DEEP.set(true);
        work()
    };
    let done = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(PARSER_STACK).spawn_scoped(scope, deep);
        thread.ok().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    // A machine without threads to spare does it here, and each parser asks for a thread again.
    done.unwrap_or_else(work)
}

/// Parses by the CEL grammar. One mistake is enough: what the parser says after the first is noise.
fn parse(source: &str) -> Result<(IdedExpr, SourceInfo), Vec<ExprError>> {
    let parser = || {
        let parser = cel::parser::Parser::default().max_recursion_depth(96).error_recovery_limit(4);
        parser.parse_with_source_info(source).map_err(|failure| {
            let first = failure.errors.into_iter().next();
            first.map_or((1, 1, String::new()), |error| (error.pos.0, error.pos.1, error.msg))
        })
    };
    // Neither a machine without threads nor a fault of the parser may take the program down.
    let outcome = if DEEP.get() {
        catch_unwind(AssertUnwindSafe(parser)).ok()
    } else {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(PARSER_STACK).spawn_scoped(scope, parser);
            thread.ok().and_then(|thread| thread.join().ok())
        })
    };
    let outcome = outcome.unwrap_or_else(|| Err((1, 1, "the parser failed".to_owned())));
    outcome.map_err(|(line, column, message)| {
        let number = |value: isize| u32::try_from(value).unwrap_or(1).max(1);
        let at = Position { line: number(line), column: number(column) };
        vec![ExprError { at, problem: ExprProblem::Syntax(plain(&message)) }]
    })
}

/// The parser's message without the list of everything that it would have taken instead.
fn plain(message: &str) -> String {
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    let message = message.split(" expecting ").next().unwrap_or(message);
    if message.contains("Incomplete `ExprContext`") {
        return "`? :` needs a value for yes and one for no".to_owned();
    }
    if message.contains("<EOF>") {
        return "something is missing at the end".to_owned();
    }
    match message.split_once(" input ") {
        Some((_, input)) => format!("{input} does not belong here; an operator or a value is missing"),
        None => message.to_owned(),
    }
}
