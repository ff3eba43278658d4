//! Who holds which role, and who is acting.
//!
//! Invariant: somebody who is not signed in acts in no role and is nobody in particular: that is known, not unknown.

use jiff::civil::Date;
use uuid::Uuid;

use super::Machine;
use crate::{
    expr::tree::{Node, RoleQuestion, RoleRead},
    value::{Truth, Value},
    world::Holding,
};

fn sure(holds: bool) -> Truth {
    if holds { Truth::Yes } else { Truth::No }
}

impl<'a> Machine<'a> {
    pub(super) fn role(&mut self, read: &'a RoleRead) -> Truth {
        let snapshot = self.evaluation.snapshot;
        if let RoleQuestion::Acting = read.question {
            return sure(self.evaluation.actor.is_some_and(|actor| actor.roles.contains(&read.role)));
        }
        let person = match &read.question {
            RoleQuestion::Holds(person) => match *self.settled(person) {
                Value::Record(person) => Some(person),
                _ => return Truth::Unknown,
            },
            _ => None,
        };
        let (department, today) = (read.department.map(|frame| self.frame(frame).id), self.today());
        self.note_terms(&read.role, department, today);
        let mut holders = snapshot.holders(&read.role, department, today).peekable();
        match &read.question {
            RoleQuestion::Holds(_) => sure(holders.any(|holding| Some(holding.person) == person)),
            RoleQuestion::Vacant => sure(holders.peek().is_none()),
            RoleQuestion::Deputised => {
                sure(holders.peek().is_some() && holders.all(|holding| holding.deputy.is_some()))
            }
            // A vacant role is not an absent one.
            RoleQuestion::Absent => {
                let people = &snapshot.people;
                let absent = |holding: &Holding| people.get(&holding.person).map(|person| person.absent);
                let answers: Vec<Option<bool>> = holders.map(absent).collect();
                match answers.as_slice() {
                    [] => Truth::No,
                    answers if answers.contains(&Some(false)) => Truth::No,
                    answers if answers.contains(&None) => Truth::Unknown,
                    _ => Truth::Yes,
                }
            }
            RoleQuestion::Acting | RoleQuestion::Holder => Truth::Unknown,
        }
    }

    /// Who holds a role today: the deputy of a holder who is absent; of several the first appointed.
    pub(super) fn holder(&mut self, read: &'a RoleRead) -> Value {
        let snapshot = self.evaluation.snapshot;
        let (department, today) = (read.department.map(|frame| self.frame(frame).id), self.today());
        self.note_terms(&read.role, department, today);
        let first =
            snapshot.holders(&read.role, department, today).min_by_key(|holding| (holding.from, holding.person));
        let acting = first.map(|holding| {
            let absent = snapshot.people.get(&holding.person).is_some_and(|person| person.absent);
            holding.deputy.filter(|_| absent).unwrap_or(holding.person)
        });
        acting.map_or(Value::Empty, Value::Record)
    }

    /// Terms of office that begin or end later may turn the answer.
    fn note_terms(&mut self, role: &str, department: Option<Uuid>, today: Date) {
        let moment = self.evaluation.moment;
        for holding in &self.evaluation.snapshot.holdings {
            let elsewhere = department.is_some() && holding.department.is_some() && holding.department != department;
            if holding.role != role || elsewhere {
                continue;
            }
            if holding.from > today {
                self.flips_at(moment.start_of(holding.from));
            }
            if let Some(next) = holding.until.filter(|until| *until >= today).and_then(|until| until.tomorrow().ok()) {
                self.flips_at(moment.start_of(next));
            }
        }
    }

    /// Whether who is acting is this person, or one of these.
    pub(super) fn actor_is(&mut self, node: &'a Node) -> Truth {
        let value = self.settled(node);
        let Some(actor) = self.evaluation.actor else { return Truth::No };
        match &*value {
            Value::Record(person) => sure(*person == actor.person),
            Value::List(people) => super::relation::member(&Value::Record(actor.person), people),
            _ => Truth::Unknown,
        }
    }
}
