//! The functions of the language: their arguments, where they may stand, what they read.

use cel::common::ast::{Expr, IdedExpr, LiteralValue};

use super::{Compiler, Typed, names::paths};
use crate::expr::{
    dependencies::Hop,
    error::{ExprProblem, NameKind, nearest},
    tree::{
        CountPart, DeedQuestion, DeedRead, Fold, Node, Read, RoleQuestion, RoleRead, StateQuestion, Subject,
        TextQuestion, Unit,
    },
    types::{MomentKind, Scope, Type},
};
use crate::value::Value;

/// Every function and how it is written.
const USAGES: [(&str, &str); 52] = [
    ("any", "any(list, condition)"),
    ("all", "all(list, condition)"),
    ("count", "count(list) or count(list, condition)"),
    ("min", "min(list, value)"),
    ("max", "max(list, value)"),
    ("sum", "sum(list, value)"),
    ("linking", "linking(\"register\", \"field\")"),
    ("every", "every(\"register\")"),
    ("done", "done(\"act\")"),
    ("done_on", "done_on(\"act\")"),
    ("done_at", "done_at(\"act\")"),
    ("done_by", "done_by(\"act\")"),
    ("submitted", "submitted(\"act\")"),
    ("skipped", "skipped(\"act\")"),
    ("approved_by", "approved_by(\"act\", \"role\")"),
    ("deed", "deed(\"act\", \"field\")"),
    ("known", "known(value)"),
    ("empty", "empty(value)"),
    ("least", "least(count)"),
    ("most", "most(count)"),
    ("approximate", "approximate(count)"),
    ("changed_at", "changed_at(\"field\")"),
    ("since", "since(condition)"),
    ("now", "now()"),
    ("today", "today()"),
    ("opened_at", "opened_at()"),
    ("opened_on", "opened_on()"),
    ("closed_on", "closed_on()"),
    ("is_open", "is_open()"),
    ("days", "days(number)"),
    ("months", "months(number)"),
    ("hours", "hours(number)"),
    ("minutes", "minutes(number)"),
    ("date", "date(time) or date(\"2026-04-01\")"),
    ("year", "year(date)"),
    ("month", "month(date)"),
    ("param", "param(\"key\")"),
    ("vacant", "vacant(\"role\")"),
    ("holds", "holds(person, \"role\")"),
    ("deputised", "deputised(\"role\")"),
    ("holder", "holder(\"role\")"),
    ("absent", "absent(\"role\")"),
    ("acting", "acting(\"role\")"),
    ("actor", "actor()"),
    ("actor_is", "actor_is(person)"),
    ("before", "before(\"field\")"),
    ("setting", "setting(\"field\")"),
    ("contains", "contains(text, \"part\")"),
    ("starts_with", "starts_with(text, \"start\")"),
    ("ends_with", "ends_with(text, \"end\")"),
    ("length", "length(text)"),
    ("rule", "rule(\"name\", value, …)"),
];

/// How a function is written.
pub(super) fn usage(name: &str) -> Option<&'static str> {
    USAGES.iter().find(|(function, _)| *function == name).map(|(_, usage)| *usage)
}

/// A call being compiled.
#[derive(Clone, Copy)]
pub(super) struct Call<'e> {
    pub(super) name: &'e str,
    pub(super) arguments: &'e [IdedExpr],
    pub(super) at: usize,
}

impl Compiler<'_> {
    /// A function call.
    pub(super) fn call(&mut self, name: &str, arguments: &[IdedExpr], at: usize) -> Option<Typed> {
        let call = Call { name, arguments, at };
        match name {
            "any" => self.fold(call, Fold::Any),
            "all" => self.fold(call, Fold::All),
            "count" => self.fold(call, Fold::Count),
            "min" => self.fold(call, Fold::Min),
            "max" => self.fold(call, Fold::Max),
            "sum" => self.fold(call, Fold::Sum),
            "linking" => self.linking(call),
            "every" => self.every(call),
            "done" | "done_on" | "done_at" | "done_by" | "submitted" | "skipped" | "approved_by" | "deed" => {
                self.deed(call)
            }
            "known" | "empty" => self.knowledge(call),
            "least" | "most" | "approximate" => self.part(call),
            "changed_at" | "since" => self.history(call),
            "now" | "today" | "opened_at" | "opened_on" | "closed_on" | "is_open" => self.time(call),
            "days" | "months" | "hours" | "minutes" => self.period(call),
            "date" | "year" | "month" => self.calendar(call),
            "param" => self.parameter(call),
            "vacant" | "holds" | "deputised" | "absent" | "holder" | "acting" => self.role(call),
            "actor" | "actor_is" => self.actor(call),
            "before" | "setting" => self.change(call),
            "contains" | "starts_with" | "ends_with" | "length" => self.text(call),
            "rule" => self.rule(call),
            "size" => self.mistake(
                at,
                ExprProblem::Unsupported {
                    what: "`size(…)`".to_owned(), instead: "write count(list) or length(text)"
                },
            ),
            _ => {
                let suggestion = nearest(name, USAGES.iter().map(|(function, _)| *function));
                let (kind, name, within) = (NameKind::Function, name.to_owned(), String::new());
                self.mistake(at, ExprProblem::Unknown { kind, name, within, suggestion })
            }
        }
    }

    /// Exactly as many arguments as the function takes.
    pub(super) fn arguments<'e, const N: usize>(&mut self, call: Call<'e>) -> Option<&'e [IdedExpr; N]> {
        let found = call.arguments.len();
        call.arguments.try_into().ok().or_else(|| {
            let (function, usage) = (call.name.to_owned(), usage(call.name).unwrap_or_default().to_owned());
            self.mistake(call.at, ExprProblem::Arguments { function, usage, found })
        })
    }

    /// An argument that is written out, and where.
    pub(super) fn literal_text<'e>(&mut self, call: Call<'e>, argument: &'e IdedExpr) -> Option<(&'e str, usize)> {
        if let Expr::Literal(LiteralValue::String(text)) = &argument.expr {
            return Some((text.inner(), self.offset(argument.id)));
        }
        let (function, usage) = (call.name.to_owned(), usage(call.name).unwrap_or_default().to_owned());
        self.mistake(call.at, ExprProblem::NotLiteral { function, usage })
    }

    /// An argument of a given type.
    fn argument(&mut self, call: Call<'_>, argument: &IdedExpr, want: &Type) -> Option<Node> {
        let typed = self.expression(argument)?;
        let what = format!("the argument of {}", call.name);
        self.convert(typed, want, &what).map(|typed| typed.node)
    }

    fn known_act<'e>(&mut self, call: Call<'e>, argument: &'e IdedExpr) -> Option<&'e str> {
        let (act, at) = self.literal_text(call, argument)?;
        if self.schema.act(act) {
            return Some(act);
        }
        let scope = self.frames[self.frame()].scope.clone();
        self.unknown(at, NameKind::Act, act, &scope)
    }

    fn known_role<'e>(&mut self, call: Call<'e>, argument: &'e IdedExpr) -> Option<&'e str> {
        let (role, at) = self.literal_text(call, argument)?;
        if self.schema.role(role) {
            self.dependencies.roles.insert(role.to_owned());
            return Some(role);
        }
        let scope = self.frames[self.frame()].scope.clone();
        self.unknown(at, NameKind::Role, role, &scope)
    }

    fn deed(&mut self, call: Call<'_>) -> Option<Typed> {
        let second = matches!(call.name, "approved_by" | "deed");
        let (act, other) = if second {
            let [act, other] = self.arguments::<2>(call)?;
            (self.known_act(call, act), Some(other))
        } else {
            let [act] = self.arguments::<1>(call)?;
            (self.known_act(call, act), None)
        };
        let mut ways = Vec::new();
        let frame = self.frame();
        let (question, kind) = match (call.name, other) {
            ("done", _) => (DeedQuestion::Done, Type::Bool),
            ("done_on", _) => (DeedQuestion::DoneOn, Type::Date),
            ("done_at", _) => (DeedQuestion::DoneAt, Type::Time),
            ("done_by", _) => {
                let hop = Hop::Deed { act: act?.to_owned(), field: String::new() };
                ways = super::names::onward(&self.frames[frame].record_ways, &hop);
                (DeedQuestion::DoneBy, Type::Record("person".to_owned()))
            }
            ("submitted", _) => (DeedQuestion::Submitted, Type::Bool),
            ("skipped", _) => (DeedQuestion::Skipped, Type::Bool),
            ("approved_by", Some(role)) => {
                let role = self.known_role(call, role)?.to_owned();
                (DeedQuestion::ApprovedBy(role), Type::Bool)
            }
            (_, other) => {
                let (field, at) = self.literal_text(call, other?)?;
                let Some(kind) = self.schema.act_field(act?, field) else {
                    return self.unknown(at, NameKind::ActField, field, &Scope::record(act?));
                };
                let hop = Hop::Deed { act: act?.to_owned(), field: field.to_owned() };
                ways = super::names::onward(&self.frames[frame].record_ways, &hop);
                (DeedQuestion::Field(field.to_owned()), kind)
            }
        };
        let act = act?.to_owned();
        if let DeedQuestion::Field(field) = &question {
            self.dependencies.deeds.insert((act.clone(), field.clone()));
        }
        let at_record = &self.frames[frame];
        self.dependencies.acts.extend(paths(&at_record.record_ways, &at_record.scope.register, &act));
        let shown = match (&question, call.name) {
            (DeedQuestion::Field(field), _) => format!("deed(\"{act}\", \"{field}\")"),
            (_, name) => format!("{name}(\"{act}\")"),
        };
        let read = DeedRead { frame, act, question, shown };
        Some(Typed::new(Node::Deed(Box::new(read)), kind, call.at).by(ways))
    }

    fn knowledge(&mut self, call: Call<'_>) -> Option<Typed> {
        let [argument] = self.arguments::<1>(call)?;
        let value = Box::new(self.expression(argument)?.node);
        let node = if call.name == "known" { Node::Known(value) } else { Node::Empty(value) };
        Typed::some(node, Type::Bool, call.at)
    }

    fn part(&mut self, call: Call<'_>) -> Option<Typed> {
        let [argument] = self.arguments::<1>(call)?;
        let value = Box::new(self.argument(call, argument, &Type::Count)?);
        let (part, kind) = match call.name {
            "least" => (CountPart::Least, Type::Int),
            "most" => (CountPart::Most, Type::Int),
            _ => (CountPart::Approximate, Type::Bool),
        };
        Typed::some(Node::Part(part, value), kind, call.at)
    }

    fn history(&mut self, call: Call<'_>) -> Option<Typed> {
        let [argument] = self.arguments::<1>(call)?;
        self.dependencies.uses_history = true;
        if call.name == "changed_at" {
            let read = self.own_field(call, argument, self.frame())?.0;
            return Typed::some(Node::ChangedAt(read), Type::Time, call.at);
        }
        if std::mem::replace(&mut self.looking_back, true) {
            let (function, belongs) = ("since".to_owned(), "a condition of its own, not inside another since()");
            return self.mistake(call.at, ExprProblem::NotHere { function, belongs });
        }
        let used_time = std::mem::take(&mut self.dependencies.uses_time);
        let condition = self.truth(argument);
        self.looking_back = false;
        if std::mem::replace(&mut self.dependencies.uses_time, used_time) {
            let function = "now(), today() or a question about roles".to_owned();
            let belongs = "conditions about the present; since() replays the record's own history";
            return self.mistake(call.at, ExprProblem::NotHere { function, belongs });
        }
        let frame = self.frame();
        let (ways, register) = (self.frames[frame].record_ways.clone(), self.frames[frame].scope.register.clone());
        self.dependencies.states.extend(paths(&ways, &register, ""));
        Typed::some(Node::Since(frame, Box::new(condition?)), Type::Time, call.at)
    }

    /// A stored field of a frame, named in quotation marks, and its type.
    fn own_field(&mut self, call: Call<'_>, argument: &IdedExpr, frame: usize) -> Option<(Read, Type)> {
        let (field, at) = self.literal_text(call, argument)?;
        let scope = self.frames[frame].scope.clone();
        let Some(found) = self.schema.name(&scope, field) else {
            return self.unknown(at, NameKind::Name, field, &scope);
        };
        let ways = self.frames[frame].ways.clone();
        self.dependencies.fields.extend(paths(&ways, &scope.register, field));
        let shown = format!("{}{field}", self.frames[frame].prefix);
        Some((Read { of: Subject::Frame(frame), name: field.to_owned(), shown }, found.kind))
    }

    fn time(&mut self, call: Call<'_>) -> Option<Typed> {
        self.arguments::<0>(call)?;
        let frame = self.frame();
        let (node, kind) = match call.name {
            "now" => (Node::Now, Type::Time),
            "today" => (Node::Today, Type::Date),
            "opened_at" => (Node::State(StateQuestion::OpenedAt, frame), Type::Time),
            "opened_on" => (Node::State(StateQuestion::OpenedOn, frame), Type::Date),
            "closed_on" => (Node::State(StateQuestion::ClosedOn, frame), Type::Date),
            _ => (Node::State(StateQuestion::IsOpen, frame), Type::Bool),
        };
        match node {
            Node::Now | Node::Today => self.dependencies.uses_time = true,
            _ => {
                let at_record = &self.frames[frame];
                self.dependencies.states.extend(paths(&at_record.record_ways, &at_record.scope.register, ""));
            }
        }
        Typed::some(node, kind, call.at)
    }

    fn period(&mut self, call: Call<'_>) -> Option<Typed> {
        let [argument] = self.arguments::<1>(call)?;
        let number = Box::new(self.argument(call, argument, &Type::Int)?);
        let unit = match call.name {
            "days" => Unit::Days,
            "months" => Unit::Months,
            "hours" => Unit::Hours,
            _ => Unit::Minutes,
        };
        Typed::some(Node::Period(unit, number), Type::Period, call.at)
    }

    fn calendar(&mut self, call: Call<'_>) -> Option<Typed> {
        let [argument] = self.arguments::<1>(call)?;
        let typed = self.expression(argument)?;
        let kind = typed.kind.clone();
        let what = format!("the argument of {}", call.name);
        if call.name == "date" {
            if matches!(typed.node, Node::Literal(Value::Text(_))) {
                return self.convert(typed, &Type::Date, &what);
            }
            let time = self.convert(typed, &Type::Time, &what)?;
            return Typed::some(Node::DateOf(Box::new(time.node)), Type::Date, call.at);
        }
        let value = match kind {
            Type::Time => Node::DateOf(Box::new(typed.node)),
            Type::YearMonth => typed.node,
            _ => self.convert(typed, &Type::Date, &what)?.node,
        };
        let value = Box::new(value);
        let node = if call.name == "year" { Node::YearOf(value) } else { Node::MonthOf(value) };
        Typed::some(node, Type::Int, call.at)
    }

    fn parameter(&mut self, call: Call<'_>) -> Option<Typed> {
        let [argument] = self.arguments::<1>(call)?;
        let (key, at) = self.literal_text(call, argument)?;
        let Some(kind) = self.schema.parameter(key) else {
            let scope = self.frames[0].scope.clone();
            return self.unknown(at, NameKind::Parameter, key, &scope);
        };
        self.dependencies.parameters.insert(key.to_owned());
        let ways = vec![vec![Hop::Computed(key.to_owned())]];
        Some(Typed::new(Node::Parameter(key.to_owned()), kind, call.at).by(ways))
    }

    fn role(&mut self, call: Call<'_>) -> Option<Typed> {
        let (role, question) = match call.name {
            "holds" => {
                let [person, role] = self.arguments::<2>(call)?;
                let person = self.argument(call, person, &Type::Record("person".to_owned()));
                let role = self.known_role(call, role);
                (role?, RoleQuestion::Holds(Box::new(person?)))
            }
            "acting" => {
                let [role] = self.arguments::<1>(call)?;
                let role = self.known_role(call, role);
                self.somebody_acts(call)?;
                (role?, RoleQuestion::Acting)
            }
            name => {
                let [role] = self.arguments::<1>(call)?;
                let question = match name {
                    "vacant" => RoleQuestion::Vacant,
                    "deputised" => RoleQuestion::Deputised,
                    "holder" => RoleQuestion::Holder,
                    _ => RoleQuestion::Absent,
                };
                (self.known_role(call, role)?, question)
            }
        };
        if !matches!(question, RoleQuestion::Acting) {
            self.dependencies.uses_time = true;
        }
        let frame = self.frame();
        let department = (self.frames[frame].scope.register == "department").then_some(frame);
        let holder = matches!(question, RoleQuestion::Holder);
        let read = RoleRead { role: role.to_owned(), department, question };
        if holder {
            let ways = vec![vec![Hop::Computed(format!("holder({role})"))]];
            let person = Type::Record("person".to_owned());
            return Some(Typed::new(Node::Holder(Box::new(read)), person, call.at).by(ways));
        }
        Typed::some(Node::Role(Box::new(read)), Type::Bool, call.at)
    }

    /// Somebody is acting only in gates and demands.
    fn somebody_acts(&mut self, call: Call<'_>) -> Option<()> {
        self.dependencies.uses_actor = true;
        if self.frames[0].scope.moment != MomentKind::Plain && !self.looking_back {
            return Some(());
        }
        let (function, belongs) = (call.name.to_owned(), "gates and demands, where somebody is acting");
        self.mistake(call.at, ExprProblem::NotHere { function, belongs })
    }

    fn actor(&mut self, call: Call<'_>) -> Option<Typed> {
        let person = || Type::Record("person".to_owned());
        if call.name == "actor" {
            self.arguments::<0>(call)?;
            self.somebody_acts(call)?;
            return Some(Typed::new(Node::Actor, person(), call.at).by(vec![vec![Hop::Actor]]));
        }
        let [argument] = self.arguments::<1>(call)?;
        self.somebody_acts(call)?;
        let typed = self.expression(argument)?;
        let node = if typed.kind == Type::list(person()) {
            typed.node
        } else {
            self.convert(typed, &person(), "the argument of actor_is")?.node
        };
        Typed::some(Node::ActorIs(Box::new(node)), Type::Bool, call.at)
    }

    fn change(&mut self, call: Call<'_>) -> Option<Typed> {
        let [argument] = self.arguments::<1>(call)?;
        if self.frames[0].scope.moment != MomentKind::Change || self.looking_back {
            let (function, belongs) = (call.name.to_owned(), "gates on change, where fields are being set");
            return self.mistake(call.at, ExprProblem::NotHere { function, belongs });
        }
        self.dependencies.uses_change = true;
        // The change is made to the record or line that the condition is asked of, however deep this stands.
        let root = usize::from(self.on_line);
        let (read, kind) = self.own_field(call, argument, root)?;
        if call.name == "setting" {
            return Typed::some(Node::Setting(read.name), Type::Bool, call.at);
        }
        let ways = super::names::onward(&self.frames[root].ways, &Hop::Link(read.name.clone()));
        Some(Typed::new(Node::Before(read), kind, call.at).by(ways))
    }

    fn text(&mut self, call: Call<'_>) -> Option<Typed> {
        if call.name == "length" {
            let [argument] = self.arguments::<1>(call)?;
            let text = self.argument(call, argument, &Type::Text)?;
            return Typed::some(Node::Length(Box::new(text)), Type::Int, call.at);
        }
        let [text, part] = self.arguments::<2>(call)?;
        let (text, part) = (self.argument(call, text, &Type::Text), self.argument(call, part, &Type::Text));
        let question = match call.name {
            "contains" => TextQuestion::Contains,
            "starts_with" => TextQuestion::StartsWith,
            _ => TextQuestion::EndsWith,
        };
        Typed::some(Node::Text(question, Box::new((text?, part?))), Type::Bool, call.at)
    }

    fn rule(&mut self, call: Call<'_>) -> Option<Typed> {
        let Some((first, rest)) = call.arguments.split_first() else {
            self.arguments::<1>(call)?;
            return None;
        };
        let (name, at) = self.literal_text(call, first)?;
        let Some(signature) = self.schema.rule(name) else {
            let scope = self.frames[0].scope.clone();
            return self.unknown(at, NameKind::Rule, name, &scope);
        };
        if signature.parameters.len() != rest.len() {
            let types = signature.parameters.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let (function, usage, found) = (format!("rule(\"{name}\")"), format!("({types})"), rest.len());
            return self.mistake(call.at, ExprProblem::Arguments { function, usage, found });
        }
        self.dependencies.rules.insert(name.to_owned());
        let arguments = rest.iter().zip(&signature.parameters).map(|(part, want)| self.argument(call, part, want));
        let arguments = arguments.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()?;
        let ways = vec![vec![Hop::Computed(name.to_owned())]];
        Some(Typed::new(Node::Rule(name.to_owned(), arguments), signature.result, call.at).by(ways))
    }
}
