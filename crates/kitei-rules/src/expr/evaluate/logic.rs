//! The dispatch over nodes, and Kleene's logic: and, or, not, `? :`, `in`, known and empty.
//!
//! Invariant: where one side settles the answer alone, neither the other side's missing names nor the instants at
//! which it may turn are kept.

use std::borrow::Cow;

use super::{
    Because, Held, Machine, earlier,
    relation::{equal, member, not},
};
use crate::{
    expr::tree::{Node, Read, Set, TextQuestion},
    value::{Truth, Value},
};

impl<'a> Machine<'a> {
    /// The truth of a node.
    pub(super) fn truth(&mut self, node: &'a Node) -> Truth {
        if !self.visit() {
            return Truth::Unknown;
        }
        match node {
            Node::Not(operand) => not(self.truth(operand)),
            Node::And(pair) => self.join(pair, Truth::No),
            Node::Or(pair) => self.join(pair, Truth::Yes),
            Node::Compare(sign, pair) => self.compare(*sign, pair),
            Node::In(pair) => self.membership(pair),
            Node::Known(operand) => self.knowledge(operand, |value| !value.is_unknown()),
            Node::Empty(operand) => self.knowledge(operand, Value::is_empty),
            Node::Text(question, pair) => self.text(*question, pair),
            Node::Role(read) => self.role(read),
            Node::Setting(name) => match self.evaluation.change {
                Some(change) if change.contains_key(name) => Truth::Yes,
                _ => Truth::No,
            },
            Node::ActorIs(operand) => self.actor_is(operand),
            Node::Literal(Value::Bool(true)) => Truth::Yes,
            Node::Literal(Value::Bool(false)) => Truth::No,
            other => self.value_of(other).value.truth(),
        }
    }

    /// The value of a node.
    pub(super) fn value(&mut self, node: &'a Node) -> Held<'a> {
        match node {
            Node::Not(_)
            | Node::And(_)
            | Node::Or(_)
            | Node::Compare(..)
            | Node::In(_)
            | Node::Known(_)
            | Node::Empty(_)
            | Node::Text(..)
            | Node::Role(_)
            | Node::Setting(_)
            | Node::ActorIs(_) => Held::truth(self.truth(node)),
            other if self.visit() => self.value_of(other),
            _ => Held::of(Value::Unknown),
        }
    }

    /// The value of a node that is not a truth by itself.
    fn value_of(&mut self, node: &'a Node) -> Held<'a> {
        match node {
            Node::Literal(value) => Held::borrowed(value),
            Node::Field(read) => self.field(read),
            Node::Fact(read) => self.fact(read),
            Node::Set(set) => self.set_value(set),
            Node::Aggregate(aggregate) => self.aggregate(aggregate),
            Node::List(items) => {
                let items = items.iter().map(|item| self.settled(item).into_owned()).collect();
                Held::of(Value::List(items))
            }
            Node::If(parts) => self.choose(parts),
            Node::Arithmetic(sign, pair) => self.arithmetic(*sign, pair),
            Node::Exact(operand) => self.exact(operand),
            Node::Range(operand) => self.range(operand),
            Node::Part(part, operand) => self.part(*part, operand),
            Node::Now => self.present(false),
            Node::Today => self.present(true),
            Node::State(question, frame) => self.state(*question, *frame),
            Node::Period(unit, number) => self.period(*unit, number),
            Node::DateOf(operand) => self.date_of(operand),
            Node::YearOf(operand) => self.calendar_part(operand, true),
            Node::MonthOf(operand) => self.calendar_part(operand, false),
            Node::Length(operand) => {
                let held = self.value(operand);
                let value = match &*held.value {
                    Value::Text(text) => Value::Int(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)),
                    other if other.is_unknown() => other.clone(),
                    _ => Value::Unknown,
                };
                Held { value: Cow::Owned(value), ..held }
            }
            Node::Deed(read) => self.deed(read),
            Node::Parameter(key) => {
                let value = self.evaluation.facts.parameter(key);
                self.note(&value, || format!("param(\"{key}\")"));
                Held::of(value)
            }
            Node::Rule(name, arguments) => self.rule(name, arguments),
            Node::Since(frame, condition) => self.since(*frame, condition),
            Node::ChangedAt(read) => self.changed_at(read),
            Node::Before(read) => self.before(read),
            Node::Itself(subject) => self.itself(subject),
            Node::Holder(read) => {
                let person = self.holder(read);
                self.note(&person, || format!("holder(\"{}\")", read.role));
                Held::of(person)
            }
            Node::Actor => {
                let person = self.evaluation.actor.map_or(Value::Empty, |actor| Value::Record(actor.person));
                self.note(&person, || "actor()".to_owned());
                Held::of(person)
            }
            // The others are truths: see `value`.
            _ => Held::of(Value::Unknown),
        }
    }

    /// Notes a name whose value is unknown.
    pub(super) fn note(&mut self, value: &Value, name: impl FnOnce() -> String) {
        if value.is_unknown() {
            self.because.push(Because::Said(name()));
        }
    }

    /// Names what a value was made of, where it is unknown though each part is known: a month that may have 28 or 31
    /// days, a count without a most, a division by zero, the greatest of nothing.
    pub(super) fn blame(&mut self, node: &'a Node) {
        match node {
            Node::Field(read) | Node::Fact(read) | Node::Before(read) | Node::ChangedAt(read) => {
                self.because.push(Because::Name(read.shown.as_str()));
            }
            Node::Deed(read) => self.because.push(Because::Name(read.shown.as_str())),
            Node::Parameter(key) => self.because.push(Because::Said(format!("param(\"{key}\")"))),
            Node::Arithmetic(_, pair) | Node::Compare(_, pair) | Node::In(pair) => {
                self.blame(&pair.0);
                self.blame(&pair.1);
            }
            Node::If(parts) => {
                self.blame(&parts.1);
                self.blame(&parts.2);
            }
            Node::Exact(operand)
            | Node::Range(operand)
            | Node::Part(_, operand)
            | Node::Period(_, operand)
            | Node::DateOf(operand)
            | Node::YearOf(operand)
            | Node::MonthOf(operand)
            | Node::Since(_, operand)
            | Node::Not(operand) => self.blame(operand),
            Node::Set(set) => self.blame_set(set),
            Node::Aggregate(aggregate) => self.blame_set(&aggregate.set),
            _ => {}
        }
    }

    fn blame_set(&mut self, set: &'a Set) {
        match set {
            Set::Lines(Read { shown, .. }) | Set::Reverse { shown, .. } | Set::Register { shown, .. } => {
                self.because.push(Because::Name(shown.as_str()));
            }
            Set::Links(node) => self.blame(node),
        }
    }

    /// A value that need not move with time any more.
    pub(super) fn settled(&mut self, node: &'a Node) -> Cow<'a, Value> {
        let held = self.value(node);
        self.settle(held)
    }

    /// `&&` (decided by no) and `||` (decided by yes).
    fn join(&mut self, pair: &'a (Node, Node), decides: Truth) -> Truth {
        let (mark, outer) = (self.because.len(), self.until.take());
        let left = self.truth(&pair.0);
        let left_until = self.until.take();
        if left == decides {
            self.until = earlier(outer, left_until);
            return decides;
        }
        let right = self.truth(&pair.1);
        if right == decides {
            self.because.truncate(mark);
            self.until = earlier(outer, self.until);
            return decides;
        }
        self.until = earlier(earlier(outer, left_until), self.until);
        if left == Truth::Unknown || right == Truth::Unknown {
            return Truth::Unknown;
        }
        self.because.truncate(mark);
        not(decides)
    }

    /// `condition ? yes : no`. With an unknown condition the answer is known where both branches agree.
    fn choose(&mut self, parts: &'a (Node, Node, Node)) -> Held<'a> {
        let mark = self.because.len();
        match self.truth(&parts.0) {
            Truth::Yes => self.value(&parts.1),
            Truth::No => self.value(&parts.2),
            Truth::Unknown => {
                let (yes, no) = (self.settled(&parts.1), self.settled(&parts.2));
                if equal(&yes, &no) == Truth::Yes && *yes == *no {
                    self.because.truncate(mark);
                    return Held { value: yes, drift: None, unloaded: false };
                }
                Held::of(Value::Unknown)
            }
        }
    }

    fn membership(&mut self, pair: &'a (Node, Node)) -> Truth {
        let mark = self.because.len();
        let item = self.settled(&pair.0);
        let truth = if let Node::List(items) = &pair.1 {
            let mut truth = Truth::No;
            for other in items {
                let other = self.settled(other);
                match equal(&item, &other) {
                    Truth::Yes => {
                        truth = Truth::Yes;
                        break;
                    }
                    Truth::Unknown => truth = Truth::Unknown,
                    Truth::No => {}
                }
            }
            truth
        } else {
            match &*self.settled(&pair.1) {
                Value::List(list) => {
                    self.spend(list.len());
                    member(&item, list)
                }
                _ => Truth::Unknown,
            }
        };
        if truth != Truth::Unknown {
            self.because.truncate(mark);
        }
        truth
    }

    /// Whether something is known, or empty. Itself always known, unless the record is not loaded.
    fn knowledge(&mut self, node: &'a Node, asked: impl Fn(&Value) -> bool) -> Truth {
        let mark = self.because.len();
        let held = self.value(node);
        if held.unloaded {
            return Truth::Unknown;
        }
        self.because.truncate(mark);
        if asked(&held.value) { Truth::Yes } else { Truth::No }
    }

    fn text(&mut self, question: TextQuestion, pair: &'a (Node, Node)) -> Truth {
        let (text, part) = (self.settled(&pair.0), self.settled(&pair.1));
        let (Value::Text(text), Value::Text(part)) = (&*text, &*part) else { return Truth::Unknown };
        let holds = match question {
            TextQuestion::Contains => text.contains(part.as_str()),
            TextQuestion::StartsWith => text.starts_with(part.as_str()),
            TextQuestion::EndsWith => text.ends_with(part.as_str()),
        };
        if holds { Truth::Yes } else { Truth::No }
    }

    fn rule(&mut self, name: &'a str, arguments: &'a [Node]) -> Held<'a> {
        let mark = self.because.len();
        let arguments: Vec<Value> = arguments.iter().map(|argument| self.settled(argument).into_owned()).collect();
        let value = self.evaluation.facts.rule(name, &arguments, self.evaluation.moment);
        if !value.is_unknown() {
            self.because.truncate(mark);
        } else if self.because.len() == mark {
            self.because.push(Because::Said(format!("rule(\"{name}\")")));
        }
        Held::of(value)
    }
}
