//! Types of comparisons, arithmetic, `in`, `? :` and lists.

use super::{Compiler, Typed, convert::is_text_literal};
use crate::expr::{
    error::ExprProblem,
    tree::{Comparison, Node, Operator, Unit},
    types::Type,
};

impl Comparison {
    fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }
}

impl Operator {
    fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

impl Compiler<'_> {
    /// A comparison.
    pub(super) fn compare(&mut self, sign: Comparison, left: Typed, right: Typed, at: usize) -> Option<Typed> {
        let equality = matches!(sign, Comparison::Equal | Comparison::NotEqual);
        let (left, right) = self.literals_read(left, right, equality)?;
        let fits = match (&left.kind, &right.kind) {
            (Type::Int | Type::Count, Type::Int | Type::Count) => true,
            (Type::Choice(one), Type::Choice(other)) => equality && one.meets(other),
            (Type::List(one), Type::List(other)) => {
                equality
                    && (one == other
                        || matches!((&**one, &**other), (Type::Choice(one), Type::Choice(other)) if one.meets(other))
                        || matches!((&left.node, &right.node), (Node::List(items), _) | (_, Node::List(items)) if items.is_empty()))
            }
            (one, other) if one == other => equality || one.is_ordered(),
            _ => false,
        };
        if fits {
            return Typed::some(Node::Compare(sign, Box::new((left.node, right.node))), Type::Bool, at);
        }
        let hint = comparison_hint(&left.kind, &right.kind);
        let (operator, left, right) = (sign.sign(), left.kind, right.kind);
        self.mistake(at, ExprProblem::Mismatch { operator, left, right, hint })
    }

    /// Reads a text literal on one side as what the other side is.
    fn literals_read(&mut self, left: Typed, right: Typed, equality: bool) -> Option<(Typed, Typed)> {
        let readable = |kind: &Type| match kind {
            Type::Choice(_) => equality,
            Type::Date | Type::Time | Type::YearMonth | Type::Period => true,
            Type::List(item) => equality && matches!(**item, Type::Choice(_)),
            _ => false,
        };
        let alike = |one: &Type, other: &Type| matches!(one, Type::List(_)) == matches!(other, Type::List(_));
        if readable(&right.kind) && is_text_literal(&left.node) && alike(&left.kind, &right.kind) {
            let left = self.convert(left, &right.kind, "the value")?;
            return Some((left, right));
        }
        if readable(&left.kind) && is_text_literal(&right.node) && alike(&left.kind, &right.kind) {
            let right = self.convert(right, &left.kind, "the value")?;
            return Some((left, right));
        }
        Some((left, right))
    }

    /// `item in list`.
    pub(super) fn membership(&mut self, item: Typed, list: Typed, at: usize) -> Option<Typed> {
        let Some(of) = list.kind.item().cloned() else {
            let hint = match list.kind {
                Type::Text => Some("write contains(text, \"…\")"),
                Type::Record(_) | Type::Choice(_) => Some("write =="),
                _ => None,
            };
            return self.mistake(at, ExprProblem::Mismatch { operator: "in", left: item.kind, right: list.kind, hint });
        };
        let (item, list) = if is_text_literal(&item.node) && item.kind != of {
            (self.convert(item, &of, "the value")?, list)
        } else if is_text_literal(&list.node) && item.kind != of {
            let want = Type::list(item.kind.clone());
            let list = self.convert(list, &want, "the value")?;
            (item, list)
        } else {
            (item, list)
        };
        let of = list.kind.item().unwrap_or(&of);
        let fits = match (&item.kind, of) {
            (Type::Choice(one), Type::Choice(other)) => one.meets(other),
            (Type::Int, Type::Count) | (Type::Count, Type::Int) => true,
            (one, other) => one == other || matches!(&list.node, Node::List(items) if items.is_empty()),
        };
        if fits {
            return Typed::some(Node::In(Box::new((item.node, list.node))), Type::Bool, at);
        }
        let (left, right) = (item.kind, list.kind);
        self.mistake(at, ExprProblem::Mismatch { operator: "in", left, right, hint: None })
    }

    /// `condition ? yes : no`.
    pub(super) fn choose(&mut self, condition: Node, yes: Typed, no: Typed, at: usize) -> Option<Typed> {
        let (yes, no) = self.unite(yes, no, "? :")?;
        let (kind, parts) = (yes.kind, vec![yes.at, no.at]);
        let ways = yes.ways.into_iter().chain(no.ways).collect();
        Some(Typed { node: Node::If(Box::new((condition, yes.node, no.node))), kind, at, parts, ways })
    }

    /// `[a, b]`.
    pub(super) fn list(&mut self, items: Vec<Typed>, at: usize) -> Option<Typed> {
        let parts = items.iter().map(|item| item.at).collect();
        let mut united: Vec<Typed> = Vec::with_capacity(items.len());
        for item in items {
            match united.pop() {
                None => united.push(item),
                Some(last) => {
                    let (last, item) = self.unite(last, item, ",")?;
                    united.push(last);
                    united.push(item);
                }
            }
        }
        let kind = united.last().map_or(Type::Text, |item| item.kind.clone());
        let ways = united.iter().flat_map(|item| item.ways.clone()).collect();
        let mut nodes = Vec::with_capacity(united.len());
        for item in united {
            nodes.push(self.convert(item, &kind, "every item of the list")?.node);
        }
        Some(Typed { node: Node::List(nodes), kind: Type::list(kind), at, parts, ways })
    }

    /// Arithmetic.
    pub(super) fn arithmetic(&mut self, sign: Operator, left: Typed, right: Typed, at: usize) -> Option<Typed> {
        let temporal = |kind: &Type| matches!(kind, Type::Date | Type::Time);
        let (left, right) = if temporal(&left.kind) && is_text_literal(&right.node) {
            let right = self.convert(right, &Type::Period, "what is added")?;
            (left, right)
        } else {
            (left, right)
        };
        let kind = match (sign, &left.kind, &right.kind) {
            (Operator::Add, Type::Count, Type::Int | Type::Count) | (Operator::Add, Type::Int, Type::Count) => {
                Type::Count
            }
            (_, Type::Int | Type::Count, Type::Int | Type::Count) => {
                let left = self.convert(left, &Type::Int, "what is calculated with")?;
                let right = self.convert(right, &Type::Int, "what is calculated with")?;
                return Typed::some(Node::Arithmetic(sign, Box::new((left.node, right.node))), Type::Int, at);
            }
            (Operator::Add | Operator::Subtract, Type::Date, Type::Period) if !is_hours(&right.node) => Type::Date,
            (Operator::Add | Operator::Subtract, Type::Time, Type::Period) => Type::Time,
            (Operator::Add, Type::Period, Type::Date | Type::Time)
                if !is_hours(&left.node) || right.kind == Type::Time =>
            {
                let kind = right.kind;
                return Typed::some(Node::Arithmetic(sign, Box::new((right.node, left.node))), kind, at);
            }
            (Operator::Add | Operator::Subtract, Type::Period, Type::Period) => Type::Period,
            (Operator::Subtract, Type::Date, Type::Date) => Type::Int,
            (Operator::Add, Type::Text, Type::Text) => Type::Text,
            _ => {
                let hint = arithmetic_hint(&left, &right);
                let (operator, left, right) = (sign.sign(), left.kind, right.kind);
                return self.mistake(at, ExprProblem::Mismatch { operator, left, right, hint });
            }
        };
        Typed::some(Node::Arithmetic(sign, Box::new((left.node, right.node))), kind, at)
    }
}

/// A period written in hours or minutes: a date has none.
fn is_hours(node: &Node) -> bool {
    matches!(node, Node::Period(Unit::Hours | Unit::Minutes, _))
}

fn comparison_hint(left: &Type, right: &Type) -> Option<&'static str> {
    match (left, right) {
        (Type::Date, Type::Time) | (Type::Time, Type::Date) => Some("write date(…) around the time"),
        (Type::List(item), other) | (other, Type::List(item)) if **item == *other => Some("write `item in list`"),
        (Type::List(item), Type::Text) | (Type::Text, Type::List(item)) if matches!(**item, Type::Choice(_)) => {
            Some("write `\"choice\" in list`")
        }
        (Type::Choice(_), Type::Choice(_)) => Some("the two have no choice in common, or choices have no order"),
        (Type::Text | Type::Choice(_), Type::Text | Type::Choice(_)) => Some("texts and choices have no order"),
        (Type::Bool, _) | (_, Type::Bool) => Some("compare yes-no with true or false"),
        (Type::Period, Type::Int) | (Type::Int, Type::Period) => Some("write days(n), months(n) or hours(n)"),
        _ => None,
    }
}

fn arithmetic_hint(left: &Typed, right: &Typed) -> Option<&'static str> {
    match (&left.kind, &right.kind) {
        (Type::Date | Type::Time, Type::Int) | (Type::Int, Type::Date | Type::Time) => {
            Some("write days(n), months(n) or hours(n)")
        }
        (Type::Date, Type::Period) | (Type::Period, Type::Date) => Some("a date has no hours; use a time, or days(n)"),
        (Type::Time, Type::Time) => Some("compare instead: a + hours(n) < b"),
        _ => None,
    }
}
