//! From what the grammar gives to the typed tree: the dispatch over its forms.
//!
//! Invariant: every mistake is reported, not only the first; a part with a mistake has no type and silences what
//! would only follow from it.

mod calls;
mod convert;
mod names;
mod operators;
mod sets;

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators as signs};

use super::{
    dependencies::{Dependencies, Hop},
    error::{ExprError, ExprProblem, NameKind, Position, nearest},
    parsed::Parsed,
    tree::{Comparison, Compiled, Node, Operator},
    types::{Schema, Scope, Type},
};
use crate::value::Value;

/// Compiles a source whose value must be of type `want`.
///
/// # Errors
/// Every mistake, in the order of the source.
pub fn compile(source: &str, scope: &Scope, schema: &dyn Schema, want: Type) -> Result<Compiled, Vec<ExprError>> {
    Parsed::of(source)?.compile(scope, schema, Some(want))
}

/// Compiles a source whose value may be of any type, for instance a column of a view.
///
/// # Errors
/// Every mistake, in the order of the source.
pub fn compile_any(source: &str, scope: &Scope, schema: &dyn Schema) -> Result<Compiled, Vec<ExprError>> {
    Parsed::of(source)?.compile(scope, schema, None)
}

/// Gives a parsed source its types; `want` is the type that its value must have, if it must.
pub(super) fn typed(
    parsed: &Parsed,
    scope: &Scope,
    schema: &dyn Schema,
    want: Option<Type>,
) -> Result<Compiled, Vec<ExprError>> {
    let mut compiler = Compiler::new(&parsed.text, &parsed.places, scope, schema);
    let mut typed = compiler.expression(&parsed.tree);
    if let (Some(found), Some(want)) = (typed.take_if(|_| want.is_some()), &want) {
        typed = compiler.convert(found, want, "the value");
    }
    let (mut errors, dependencies) = (compiler.errors, compiler.dependencies);
    errors.sort_by_key(|error| error.at);
    errors.dedup();
    match typed {
        Some(typed) if errors.is_empty() => {
            Ok(Compiled { root: typed.node, kind: want.unwrap_or(typed.kind), dependencies, list: scope.list.clone() })
        }
        _ => Err(errors),
    }
}

/// A part of the condition with its type.
struct Typed {
    node: Node,
    kind: Type,
    /// Byte offset of the part.
    at: usize,
    /// Byte offsets of the items of a list, or of the two branches of `? :`.
    parts: Vec<usize>,
    /// The ways from the scope's record to the records that it gives.
    ways: Vec<Vec<Hop>>,
}

impl Typed {
    fn new(node: Node, kind: Type, at: usize) -> Self {
        Self { node, kind, at, parts: Vec::new(), ways: Vec::new() }
    }

    fn some(node: Node, kind: Type, at: usize) -> Option<Self> {
        Some(Self::new(node, kind, at))
    }

    fn by(mut self, ways: Vec<Vec<Hop>>) -> Self {
        self.ways = ways;
        self
    }
}

/// A record or line whose names can be read.
#[derive(Clone)]
struct FrameType {
    scope: Scope,
    /// How names of this frame are shown, for instance `principals.`.
    prefix: String,
    /// Ways from the scope's record to this frame.
    ways: Vec<Vec<Hop>>,
    /// Ways to its record.
    record_ways: Vec<Vec<Hop>>,
}

struct Compiler<'s> {
    source: &'s str,
    places: &'s SourceInfo,
    schema: &'s dyn Schema,
    frames: Vec<FrameType>,
    errors: Vec<ExprError>,
    dependencies: Dependencies,
    /// The condition is asked of lines: frame 1 is the line.
    on_line: bool,
    /// Inside `since`.
    looking_back: bool,
}

impl<'s> Compiler<'s> {
    fn new(source: &'s str, places: &'s SourceInfo, scope: &Scope, schema: &'s dyn Schema) -> Self {
        let root = Scope { list: None, ..scope.clone() };
        let here = || vec![Vec::new()];
        let mut frames = vec![FrameType { scope: root, prefix: String::new(), ways: here(), record_ways: here() }];
        if let Some(list) = &scope.list {
            frames.push(FrameType {
                scope: scope.clone(),
                prefix: format!("{list}."),
                ways: vec![vec![Hop::Lines(list.clone())]],
                record_ways: here(),
            });
        }
        let dependencies = Dependencies::default();
        let on_line = scope.list.is_some();
        Self { source, places, schema, frames, errors: Vec::new(), dependencies, on_line, looking_back: false }
    }

    fn report(&mut self, at: usize, problem: ExprProblem) {
        self.errors.push(ExprError { at: Position::of(self.source, at), problem });
    }

    fn mistake<T>(&mut self, at: usize, problem: ExprProblem) -> Option<T> {
        self.report(at, problem);
        None
    }

    /// An unknown name, with the nearest one that exists.
    fn unknown<T>(&mut self, at: usize, kind: NameKind, name: &str, scope: &Scope) -> Option<T> {
        let names = self.schema.names(kind, scope);
        let suggestion = nearest(name, names.iter().map(String::as_str));
        let within = match kind {
            NameKind::Name | NameKind::ActField | NameKind::LinkField => match &scope.list {
                Some(list) => format!("{}.{list}", scope.register),
                None => scope.register.clone(),
            },
            _ => String::new(),
        };
        self.mistake(at, ExprProblem::Unknown { kind, name: name.to_owned(), within, suggestion })
    }

    fn offset(&self, id: u64) -> usize {
        self.places.offset_for(id).map_or(0, |(start, _)| usize::try_from(start).unwrap_or(0))
    }

    /// The offset of a function's name, from that of its opening bracket.
    fn offset_of_call(&self, id: u64) -> usize {
        let open = self.offset(id);
        let before = self.source.get(..open).unwrap_or_default().trim_end();
        before.trim_end_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_').len()
    }

    /// The frame whose names are read without a prefix.
    fn frame(&self) -> usize {
        self.frames.len() - 1
    }

    fn expression(&mut self, part: &IdedExpr) -> Option<Typed> {
        let at = self.offset(part.id);
        match &part.expr {
            Expr::Ident(name) => self.name(name, at),
            Expr::Select(select) => self.select(select, at),
            Expr::Literal(value) => self.literal(value, at),
            Expr::List(list) => {
                let items = list.elements.iter().map(|item| self.expression(item)).collect::<Vec<_>>();
                let items = items.into_iter().collect::<Option<Vec<_>>>()?;
                self.list(items, at)
            }
            Expr::Call(call) if call.target.is_some() => {
                let what = format!("the call `.{}(…)`", call.func_name);
                self.mistake(at, ExprProblem::Unsupported { what, instead: "write the function in front" })
            }
            Expr::Call(call) => self.operation(call, part.id),
            _ => self.mistake(
                at,
                ExprProblem::Unsupported {
                    what: "this form of CEL".to_owned(),
                    instead: "write fields, operators and the functions of the guide",
                },
            ),
        }
    }

    /// An operator or a function.
    fn operation(&mut self, call: &CallExpr, id: u64) -> Option<Typed> {
        let at = self.offset(id);
        match (call.func_name.as_str(), call.args.as_slice()) {
            (sign, [left, right]) if comparison(sign).is_some() => {
                let sign = comparison(sign)?;
                let (left, right) = (self.expression(left), self.expression(right));
                self.compare(sign, left?, right?, at)
            }
            (sign, [left, right]) if operator(sign).is_some() => {
                let sign = operator(sign)?;
                let (left, right) = (self.expression(left), self.expression(right));
                self.arithmetic(sign, left?, right?, at)
            }
            (sign @ (signs::LOGICAL_AND | signs::LOGICAL_OR), [left, right]) => {
                let (left, right) = (self.truth(left), self.truth(right));
                let pair = Box::new((left?, right?));
                let node = if sign == signs::LOGICAL_AND { Node::And(pair) } else { Node::Or(pair) };
                Typed::some(node, Type::Bool, at)
            }
            (signs::LOGICAL_NOT, [operand]) => {
                let operand = self.truth(operand)?;
                Typed::some(Node::Not(Box::new(operand)), Type::Bool, at)
            }
            (signs::NEGATE, [operand]) => {
                let operand = self.expression(operand)?;
                let zero = Typed::new(Node::Literal(Value::Int(0)), Type::Int, at);
                self.arithmetic(Operator::Subtract, zero, operand, at)
            }
            (signs::IN, [item, list]) => {
                let (item, list) = (self.expression(item), self.expression(list));
                self.membership(item?, list?, at)
            }
            (signs::CONDITIONAL, [condition, yes, no]) => {
                let (condition, yes, no) = (self.truth(condition), self.expression(yes), self.expression(no));
                self.choose(condition?, yes?, no?, at)
            }
            (signs::INDEX, _) => self.mistake(at, index()),
            (name, arguments) => self.call(name, arguments, self.offset_of_call(id)),
        }
    }

    /// A part that must be yes or no.
    fn truth(&mut self, part: &IdedExpr) -> Option<Node> {
        let typed = self.expression(part)?;
        self.convert(typed, &Type::Bool, "a condition").map(|typed| typed.node)
    }

    fn literal(&mut self, value: &LiteralValue, at: usize) -> Option<Typed> {
        match value {
            LiteralValue::Boolean(value) => Typed::some(Node::Literal(Value::Bool(*value.inner())), Type::Bool, at),
            LiteralValue::Int(value) => Typed::some(Node::Literal(Value::Int(*value.inner())), Type::Int, at),
            LiteralValue::String(value) => {
                Typed::some(Node::Literal(Value::Text(value.inner().to_owned())), Type::Text, at)
            }
            _ => self.mistake(
                at,
                ExprProblem::Unsupported {
                    what: "this kind of number or text".to_owned(),
                    instead: "write whole numbers and texts in quotation marks",
                },
            ),
        }
    }
}

fn index() -> ExprProblem {
    ExprProblem::Unsupported { what: "an index `[ ]`".to_owned(), instead: "use any(), all(), min() or max()" }
}

fn comparison(sign: &str) -> Option<Comparison> {
    Some(match sign {
        signs::EQUALS => Comparison::Equal,
        signs::NOT_EQUALS => Comparison::NotEqual,
        signs::LESS => Comparison::Less,
        signs::LESS_EQUALS => Comparison::LessEqual,
        signs::GREATER => Comparison::Greater,
        signs::GREATER_EQUALS => Comparison::GreaterEqual,
        _ => return None,
    })
}

fn operator(sign: &str) -> Option<Operator> {
    Some(match sign {
        signs::ADD => Operator::Add,
        signs::SUBSTRACT => Operator::Subtract,
        signs::MULTIPLY => Operator::Multiply,
        signs::DIVIDE => Operator::Divide,
        signs::MODULO => Operator::Remainder,
        _ => return None,
    })
}
