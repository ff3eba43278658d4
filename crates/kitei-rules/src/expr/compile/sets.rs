//! Sets: lines, links, records that link here, whole registers, and what is asked of them.

use super::{
    FrameType, Typed,
    calls::Call,
    names::{onward, paths},
};
use crate::expr::{
    dependencies::Hop,
    error::{ExprProblem, NameKind},
    tree::{Aggregate, Fold, Node, Set},
    types::{Scope, Type},
};

impl super::Compiler<'_> {
    /// `linking("register", "field")`: the records of that register whose field links to this record.
    pub(super) fn linking(&mut self, call: Call<'_>) -> Option<Typed> {
        let [register, field] = self.arguments::<2>(call)?;
        let (register, register_at) = self.literal_text(call, register)?;
        let (field, field_at) = self.literal_text(call, field)?;
        let frame = self.frame();
        let here = self.frames[frame].scope.register.clone();
        if !self.schema.register(register) {
            return self.unknown(register_at, NameKind::Register, register, &Scope::record(here));
        }
        let Some(to) = self.schema.link_field(register, field) else {
            return self.unknown(field_at, NameKind::LinkField, field, &Scope::record(register));
        };
        let (register, field) = (register.to_owned(), field.to_owned());
        if to != here {
            return self.mistake(field_at, ExprProblem::LinksElsewhere { register, field, to, here });
        }
        let hop = Hop::Reverse { register: register.clone(), field: field.clone() };
        let ways = onward(&self.frames[frame].record_ways, &hop);
        self.dependencies.sets.extend(paths(&ways, &register, ""));
        let shown = format!("linking(\"{register}\", \"{field}\")");
        let set = Set::Reverse { frame, register: register.clone(), field, shown };
        Some(Typed::new(Node::Set(Box::new(set)), Type::list(Type::Record(register)), call.at).by(ways))
    }

    /// `every("register")`: a whole register.
    pub(super) fn every(&mut self, call: Call<'_>) -> Option<Typed> {
        let [register] = self.arguments::<1>(call)?;
        let (register, at) = self.literal_text(call, register)?;
        if !self.schema.register(register) {
            return self.unknown(at, NameKind::Register, register, &Scope::record(""));
        }
        let register = register.to_owned();
        let ways = vec![vec![Hop::Register(register.clone())]];
        self.dependencies.sets.extend(paths(&ways, &register, ""));
        let set = Set::Register { register: register.clone(), shown: format!("every(\"{register}\")") };
        Some(Typed::new(Node::Set(Box::new(set)), Type::list(Type::Record(register)), call.at).by(ways))
    }

    /// `any(list, condition)` and its relatives.
    pub(super) fn fold(&mut self, call: Call<'_>, fold: Fold) -> Option<Typed> {
        let (list, body) = match (fold, call.arguments) {
            (Fold::Count, [list]) => (list, None),
            _ => {
                let [list, body] = self.arguments::<2>(call)?;
                (list, Some(body))
            }
        };
        let list = self.expression(list)?;
        let item = list.kind.item().cloned();
        let (Some(item), at) = (item, list.at) else {
            let (what, expected) = (format!("the first argument of {}", call.name), "a list".to_owned());
            return self.mistake(list.at, ExprProblem::WrongType { what, expected, found: list.kind });
        };
        let frame = match (&item, body) {
            (Type::Record(register), _) => self.frame_of_records(register, &list),
            (Type::Line { register, list: name }, _) => self.frame_of_lines(register, name, &list),
            // Any list can be counted; only records and lines have names to ask for.
            (_, None) => self.frames[self.frame()].clone(),
            (_, Some(_)) => {
                let what = format!("the first argument of {}", call.name);
                let expected = "a list of records or lines (for choices write `\"id\" in list`)".to_owned();
                return self.mistake(at, ExprProblem::WrongType { what, expected, found: list.kind });
            }
        };
        let set = match list.node {
            Node::Set(set) => *set,
            other => Set::Links(other),
        };
        let body = match body {
            Some(body) => {
                self.frames.push(frame);
                let typed = self.expression(body);
                let typed = typed.and_then(|typed| self.body(fold, typed));
                self.frames.pop();
                Some(typed?)
            }
            None => None,
        };
        let kind = match (fold, &body) {
            (Fold::Any | Fold::All, _) => Type::Bool,
            // With a condition the number lies between the sure and the possible ones.
            (Fold::Count, Some(_)) => Type::Count,
            (Fold::Count, None) => Type::Int,
            (_, Some(body)) => body.kind.clone(),
            (_, None) => return None,
        };
        let ranged = fold == Fold::Sum && kind == Type::Count;
        let aggregate = Aggregate { fold, set, body: body.map(|body| body.node), ranged };
        Typed::some(Node::Aggregate(Box::new(aggregate)), kind, call.at)
    }

    /// The second argument, of the type that the function asks for.
    fn body(&mut self, fold: Fold, typed: Typed) -> Option<Typed> {
        let expected = match (fold, &typed.kind) {
            (Fold::Any | Fold::All | Fold::Count, _) => return self.convert(typed, &Type::Bool, "the condition"),
            (Fold::Sum, Type::Int | Type::Count) => return Some(typed),
            (Fold::Sum, _) => "a number or a count",
            (_, Type::Int | Type::Date | Type::Time | Type::YearMonth) => return Some(typed),
            (_, Type::Count) => "a number: write least(…) or most(…) of the count",
            _ => "a number, date, time or month",
        };
        let (what, expected) = ("the second argument".to_owned(), expected.to_owned());
        self.mistake(typed.at, ExprProblem::WrongType { what, expected, found: typed.kind })
    }

    fn frame_of_records(&self, register: &str, list: &Typed) -> FrameType {
        let scope = self.scope_of(register.to_owned());
        FrameType { scope, prefix: format!("{register}."), ways: list.ways.clone(), record_ways: list.ways.clone() }
    }

    fn frame_of_lines(&self, register: &str, name: &str, list: &Typed) -> FrameType {
        let scope = Scope { list: Some(name.to_owned()), ..self.scope_of(register.to_owned()) };
        let record_ways = list.ways.iter().map(|way| way.split_last().map_or(Vec::new(), |(_, rest)| rest.to_vec()));
        let record_ways = record_ways.collect();
        FrameType { scope, prefix: format!("{name}."), ways: list.ways.clone(), record_ways }
    }
}
