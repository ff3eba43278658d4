//! Names: fields, facts and line lists of the record, of its lines, of linked records and of the organisation.
//!
//! Invariant: every name that is read is noted in the dependencies with the way to it.

use cel::common::ast::{Expr, SelectExpr};

use super::{Compiler, FrameType, Typed};
use crate::expr::{
    dependencies::{Hop, Path},
    error::{ExprProblem, NameKind, nearest},
    tree::{Node, Read, Set, Subject},
    types::{Origin, Scope, Type},
};

/// Register of the organisation's own record.
const ORGANIZATION: &str = "organization";

/// Where a name is looked for.
pub(super) struct Place {
    pub(super) of: Subject,
    pub(super) scope: Scope,
    pub(super) prefix: String,
    pub(super) ways: Vec<Vec<Hop>>,
}

impl Compiler<'_> {
    /// A bare name.
    pub(super) fn name(&mut self, name: &str, at: usize) -> Option<Typed> {
        let frame = self.frame();
        if self.schema.name(&self.frames[frame].scope, name).is_none() {
            if let Some((of, register, ways)) = self.named_record(name) {
                return Some(Typed::new(Node::Itself(of), Type::Record(register), at).by(ways));
            }
            if let Some(suggestion) = self.meant(name) {
                let scope = self.frames[frame].scope.clone();
                let within = scope.list.map_or(scope.register.clone(), |list| format!("{}.{list}", scope.register));
                let (kind, name) = (NameKind::Name, name.to_owned());
                return self.mistake(at, ExprProblem::Unknown { kind, name, within, suggestion: Some(suggestion) });
            }
        }
        let place = self.here();
        self.read(place, name, at)
    }

    /// The innermost frame as a place to look for names.
    pub(super) fn here(&self) -> Place {
        let frame = self.frame();
        let FrameType { scope, prefix, ways, .. } = self.frames[frame].clone();
        Place { of: Subject::Frame(frame), scope, prefix, ways }
    }

    /// `record` (the record around a line or a set) and `organization`, unless a field has that name.
    fn named_record(&self, name: &str) -> Option<(Subject, String, Vec<Vec<Hop>>)> {
        let frame = self.frame();
        match name {
            "record" => {
                let around = if self.frames[frame].scope.list.is_some() { frame } else { frame.saturating_sub(1) };
                let FrameType { scope, record_ways, .. } = &self.frames[around];
                Some((Subject::RecordOf(around), scope.register.clone(), record_ways.clone()))
            }
            ORGANIZATION if self.schema.register(ORGANIZATION) => {
                Some((Subject::Organization, ORGANIZATION.to_owned(), vec![vec![Hop::Organization]]))
            }
            _ => None,
        }
    }

    /// What a name that is no name here may stand for: a field of the record around a line, or a function without brackets.
    fn meant(&self, name: &str) -> Option<String> {
        let scope = &self.frames[self.frame()].scope;
        if scope.list.is_some() {
            let around = Scope { list: None, ..scope.clone() };
            if self.schema.name(&around, name).is_some() {
                return Some(format!("record.{name}"));
            }
            let (own, outer) = (self.schema.names(NameKind::Name, scope), self.schema.names(NameKind::Name, &around));
            if nearest(name, own.iter().map(String::as_str)).is_none() {
                return nearest(name, outer.iter().map(String::as_str)).map(|field| format!("record.{field}"));
            }
            return None;
        }
        super::calls::usage(name).map(ToOwned::to_owned)
    }

    /// `a.b`.
    pub(super) fn select(&mut self, select: &SelectExpr, at: usize) -> Option<Typed> {
        let rest = self.source.get(at + 1..).unwrap_or_default();
        let name_at = at + 1 + (rest.len() - rest.trim_start().len());
        if let Expr::Ident(name) = &select.operand.expr
            && self.schema.name(&self.frames[self.frame()].scope, name).is_none()
            && let Some((of, register, ways)) = self.named_record(name)
        {
            let scope = self.scope_of(register);
            let place = Place { of, scope, prefix: format!("{name}."), ways };
            return self.read(place, &select.field, name_at);
        }
        let operand = self.expression(&select.operand)?;
        match &operand.kind {
            Type::Record(register) => {
                let scope = self.scope_of(register.clone());
                let prefix = format!("{}.", shown(&operand.node, register));
                let place = Place { of: Subject::Linked(Box::new(operand.node)), scope, prefix, ways: operand.ways };
                self.read(place, &select.field, name_at)
            }
            Type::List(item) if matches!(**item, Type::Record(_) | Type::Line { .. }) => {
                self.mistake(name_at, ExprProblem::Several { name: select.field.clone() })
            }
            other => {
                let (what, found) = ("what stands before the point".to_owned(), other.clone());
                self.mistake(at, ExprProblem::WrongType { what, expected: "a record".to_owned(), found })
            }
        }
    }

    /// The scope of a linked record at the moment of this condition.
    pub(super) fn scope_of(&self, register: String) -> Scope {
        Scope { register, list: None, moment: self.frames[0].scope.moment }
    }

    /// Reads a name in a place.
    fn read(&mut self, place: Place, name: &str, at: usize) -> Option<Typed> {
        let Some(found) = self.schema.name(&place.scope, name) else {
            return self.unknown(at, NameKind::Name, name, &place.scope);
        };
        let Place { of, scope, prefix, ways } = place;
        let read = Read { of, name: name.to_owned(), shown: format!("{prefix}{name}") };
        let noted = paths(&ways, &scope.register, name);
        let (node, hop) = match found.origin {
            Origin::Field => {
                self.dependencies.fields.extend(noted);
                (Node::Field(read), Hop::Link(name.to_owned()))
            }
            Origin::Fact => {
                self.dependencies.facts.extend(noted);
                (Node::Fact(read), Hop::Link(name.to_owned()))
            }
            Origin::Lines => {
                self.dependencies.sets.extend(noted);
                (Node::Set(Box::new(Set::Lines(read))), Hop::Lines(name.to_owned()))
            }
        };
        Some(Typed::new(node, found.kind, at).by(onward(&ways, &hop)))
    }
}

/// The same name at the end of several ways.
pub(super) fn paths<'a>(ways: &'a [Vec<Hop>], register: &'a str, name: &'a str) -> impl Iterator<Item = Path> + 'a {
    ways.iter().map(move |hops| Path { hops: hops.clone(), register: register.to_owned(), name: name.to_owned() })
}

/// The ways, one hop further.
pub(super) fn onward(ways: &[Vec<Hop>], hop: &Hop) -> Vec<Vec<Hop>> {
    ways.iter().map(|way| way.iter().chain([hop]).cloned().collect()).collect()
}

/// How a record-valued part is called in messages.
fn shown(node: &Node, register: &str) -> String {
    match node {
        Node::Field(read) | Node::Fact(read) | Node::Before(read) => read.shown.clone(),
        Node::Deed(read) => read.shown.clone(),
        Node::Actor => "actor()".to_owned(),
        _ => register.to_owned(),
    }
}
