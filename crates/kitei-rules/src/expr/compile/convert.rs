//! Conversions: text literals read as choices, dates and periods; counts read as numbers; lists item by item.
//!
//! Invariant: only what the source writes out in quotation marks is reinterpreted; a text field never becomes a choice.

use jiff::{Timestamp, civil::Date};

use super::{Compiler, Typed};
use crate::{
    expr::{
        error::{ExprProblem, nearest},
        tree::Node,
        types::Type,
    },
    value::{Period, Value},
};

/// Whether a part is written out as text (so that it may be meant as a choice, date, instant, month or period).
pub(super) fn is_text_literal(node: &Node) -> bool {
    match node {
        Node::Literal(Value::Text(_)) => true,
        Node::If(parts) => is_text_literal(&parts.1) && is_text_literal(&parts.2),
        Node::List(items) => !items.is_empty() && items.iter().all(is_text_literal),
        _ => false,
    }
}

impl Compiler<'_> {
    /// Makes a part be of type `want`, or says why it cannot be.
    pub(super) fn convert(&mut self, typed: Typed, want: &Type, what: &str) -> Option<Typed> {
        let Typed { node, kind, at, parts, ways } = typed;
        let done = |node| Some(Typed { node, kind: want.clone(), at, parts: Vec::new(), ways });
        match (node, &kind, want) {
            (_, Type::Choice(have), Type::Choice(wanted)) if !have.within(wanted) => {
                let missing = have.ids().iter().find(|id| !wanted.contains(id)).cloned().unwrap_or_default();
                self.unknown_choice(at, missing, wanted)
            }
            (node, Type::Choice(_), Type::Choice(_) | Type::Text) => done(node),
            (node, have, wanted) if have == wanted => done(node),
            (node, Type::Count, Type::Int) => done(Node::Exact(Box::new(node))),
            (node, Type::Int, Type::Count) => done(Node::Range(Box::new(node))),
            (Node::List(items), Type::List(have), Type::List(wanted)) => {
                let at_of = |index: usize| parts.get(index).copied().unwrap_or(at);
                let items = items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| self.convert(Typed::new(item, (**have).clone(), at_of(index)), wanted, what))
                    .collect::<Vec<_>>();
                let items = items.into_iter().map(|item| item.map(|item| item.node)).collect::<Option<_>>()?;
                done(Node::List(items))
            }
            (node, Type::List(have), Type::List(wanted)) if same_item(have, wanted) => done(node),
            (Node::If(branches), Type::Text, wanted) if *wanted != Type::Text => {
                let (condition, yes, no) = *branches;
                let at_of = |index: usize| parts.get(index).copied().unwrap_or(at);
                let yes = self.convert(Typed::new(yes, Type::Text, at_of(0)), wanted, what);
                let no = self.convert(Typed::new(no, Type::Text, at_of(1)), wanted, what);
                done(Node::If(Box::new((condition, yes?.node, no?.node))))
            }
            (Node::Literal(Value::Text(text)), Type::Text, wanted) => {
                let value = self.read_literal(text, wanted, what, at)?;
                done(Node::Literal(value))
            }
            (_, _, wanted) => {
                let (what, expected) = (what.to_owned(), article(wanted));
                self.mistake(at, ExprProblem::WrongType { what, expected, found: kind })
            }
        }
    }

    /// Reads a text of the source as a value of another type.
    fn read_literal(&mut self, text: String, want: &Type, what: &str, at: usize) -> Option<Value> {
        let (value, example) = match want {
            Type::Choice(options) if options.contains(&text) => return Some(Value::Text(text)),
            Type::Choice(options) => return self.unknown_choice(at, text, options),
            Type::Date => (text.parse::<Date>().ok().filter(|_| text.len() == 10).map(Value::Date), "2026-04-01"),
            Type::Time => (text.parse::<Timestamp>().ok().map(Value::Time), "2026-04-01T10:00:00+09:00"),
            Type::YearMonth => {
                let month = format!("{text}-01").parse::<Date>().ok().filter(|_| text.len() == 7);
                (month.map(|_| Value::Text(text.clone())), "2026-04")
            }
            Type::Period => (text.parse::<Period>().ok().map(Value::Period), "P1Y, P30D or PT30M"),
            other => {
                let (what, expected) = (what.to_owned(), article(other));
                return self.mistake(at, ExprProblem::WrongType { what, expected, found: Type::Text });
            }
        };
        value.or_else(|| self.mistake(at, ExprProblem::BadLiteral { text, kind: want.clone(), example }))
    }

    fn unknown_choice<T>(&mut self, at: usize, name: String, options: &crate::expr::types::Options) -> Option<T> {
        let suggestion = nearest(&name, options.ids().iter().map(String::as_str));
        self.mistake(at, ExprProblem::UnknownChoice { name, choices: options.ids().to_vec(), suggestion })
    }

    /// Gives two parts one type, for the branches of `? :` and the items of a list.
    pub(super) fn unite(&mut self, left: Typed, right: Typed, operator: &'static str) -> Option<(Typed, Typed)> {
        let at = right.at;
        if left.kind == right.kind {
            return Some((left, right));
        }
        if is_text_literal(&left.node) && !is_text_literal(&right.node) {
            let left = self.convert(left, &right.kind, "the value")?;
            return Some((left, right));
        }
        if is_text_literal(&right.node) && !is_text_literal(&left.node) {
            let right = self.convert(right, &left.kind, "the value")?;
            return Some((left, right));
        }
        match (&left.kind, &right.kind) {
            (Type::Int, Type::Count) => Some((self.convert(left, &Type::Count, "the value")?, right)),
            (Type::Count, Type::Int) => {
                let right = self.convert(right, &Type::Count, "the value")?;
                Some((left, right))
            }
            (Type::Choice(one), Type::Choice(other)) => {
                let ids = one.ids().iter().chain(other.ids().iter().filter(|id| !one.contains(id)));
                let both = Type::Choice(crate::expr::types::Options::new(ids.cloned()));
                Some((Typed { kind: both.clone(), ..left }, Typed { kind: both, ..right }))
            }
            (Type::List(_), Type::List(_)) if is_empty_list(&left.node) => {
                let kind = right.kind.clone();
                Some((Typed { kind, ..left }, right))
            }
            (Type::List(_), Type::List(_)) if is_empty_list(&right.node) => {
                let kind = left.kind.clone();
                Some((left, Typed { kind, ..right }))
            }
            _ => self.mistake(at, ExprProblem::Mismatch { operator, left: left.kind, right: right.kind, hint: None }),
        }
    }
}

fn is_empty_list(node: &Node) -> bool {
    matches!(node, Node::List(items) if items.is_empty())
}

fn same_item(have: &Type, want: &Type) -> bool {
    match (have, want) {
        (Type::Choice(have), Type::Choice(want)) => have.within(want),
        (Type::Choice(_), Type::Text) => true,
        _ => have == want,
    }
}

/// A type as messages ask for it.
fn article(want: &Type) -> String {
    match want {
        Type::Bool => "yes or no".to_owned(),
        Type::Choice(_) => "one of the choices".to_owned(),
        other => format!("a {other}"),
    }
}
