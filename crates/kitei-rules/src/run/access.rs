//! Who sees what: a record, a field, a step. Every derived view (lists, counts, exports, papers, search) goes through here.
//!
//! Invariant: what is not said to be readable by somebody is readable by whoever reads the register.

use super::{Kernel, approve::role_of, standing::ActStanding};
use crate::{expr::Actor, rulebook::RegisterRule, value::Value, world::Record};

/// Roles that administer the organisation and see every record of registers they read.
const SEE_ALL: [&str; 2] = ["top-management", "privacy-manager"];

/// How much of a register somebody sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Not even that it is there.
    Nothing,
    /// Every record.
    All,
    /// Records of their own department (in this field), their own, and those on which they are asked to do something.
    Part {
        /// The field that names a record's department.
        department: String,
    },
}

impl Kernel<'_> {
    /// How much of a register somebody sees. [`Kernel::sees_record`] decides for one record by the same rule; lists turn
    /// this into a condition of the database, so that totals tell nothing more than the rows.
    #[must_use]
    pub fn reach(&self, actor: &Actor, register: &RegisterRule) -> Reach {
        if !self.reads_register(actor, register) {
            return Reach::Nothing;
        }
        let Some(department) = &register.department_field else { return Reach::All };
        let sees = |role: &String| {
            let seen = self.book.roles.get(role).map(|role| &role.sees);
            seen.is_some_and(|seen| seen.contains("*") || seen.contains(&register.id))
        };
        let keeps = self.holds_any(actor, &register.owner) || actor.roles.iter().any(|r| SEE_ALL.contains(&r.as_str()));
        if keeps || actor.roles.iter().any(sees) { Reach::All } else { Reach::Part { department: department.clone() } }
    }

    fn holds_any(&self, actor: &Actor, whos: &[String]) -> bool {
        whos.iter().any(|who| {
            let role = role_of(who);
            role == "staff" || actor.roles.iter().any(|held| held == role)
        })
    }

    /// Whether somebody reads a register at all (rows may be kept from them still).
    #[must_use]
    pub fn reads_register(&self, actor: &Actor, register: &RegisterRule) -> bool {
        register.read.iter().all(|whos| self.holds_any(actor, whos))
            || [&register.owner, &register.write].into_iter().any(|whos| self.holds_any(actor, whos))
    }

    /// Whether somebody sees a record: those who keep the register see all; where a field names the department, others see
    /// their own department's, their own, and those on which they are asked to do something.
    #[must_use]
    pub fn sees_record(&self, actor: &Actor, record: &Record) -> bool {
        let Some(register) = self.book.register(&record.register) else { return false };
        let field = match self.reach(actor, register) {
            Reach::Nothing => return false,
            Reach::All => return true,
            Reach::Part { department } => department,
        };
        if record.created_by == Some(actor.person) && !actor.person.is_nil() {
            return true;
        }
        let own = self.snapshot.people.get(&actor.person).and_then(|person| person.department);
        let in_own = own.is_some() && self.value(record, &field) == own.map_or(Value::Empty, Value::Record);
        in_own || self.standing(record).iter().any(|standing| self.is_named(actor, standing))
    }

    /// Whether somebody is among those who do an act by name or role (not merely as staff).
    fn is_named(&self, actor: &Actor, standing: &ActStanding) -> bool {
        let named = standing
            .by
            .iter()
            .filter(|target| !matches!(target, super::who::Target::Staff | super::who::Target::Outside(_)));
        named.into_iter().any(|target| self.persons(target).contains(&actor.person))
    }

    /// Whether somebody keeps a record: writes or owns its register, for the record's department where that counts.
    #[must_use]
    pub fn writes_record(&self, actor: &Actor, record: &Record) -> bool {
        let Some(register) = self.book.register(&record.register) else { return false };
        let mut targets = self.all_targets(record, &register.write);
        targets.extend(self.all_targets(record, &register.owner));
        self.is_meant(actor.person, &targets)
    }

    /// Whether somebody sees a field of a record or of one of its lists.
    #[must_use]
    pub fn sees_field(&self, actor: &Actor, register: &str, list: Option<&str>, field: &str) -> bool {
        let of_list = list
            .and_then(|list| self.book.list(register, list))
            .is_none_or(|list| list.read.iter().all(|whos| self.holds_any(actor, whos)));
        let of_field = self
            .book
            .field(register, list, field)
            .is_none_or(|field| field.read.iter().all(|whos| self.holds_any(actor, whos)));
        of_list && of_field
    }

    /// Whether somebody sees a step and what it holds.
    #[must_use]
    pub fn sees_act(&self, actor: &Actor, standing: &ActStanding) -> bool {
        standing.read.iter().all(|whos| self.holds_any(actor, whos))
    }

    /// Whether somebody sees everything that is recorded: the whole log, which tells what happened to every record.
    #[must_use]
    pub fn sees_everything(&self, actor: &Actor) -> bool {
        let sees = |role: &String| self.book.roles.get(role).is_some_and(|role| role.sees.contains("*"));
        actor.roles.iter().any(|role| SEE_ALL.contains(&role.as_str()) || sees(role))
    }

    /// Whether somebody sees a record with every field, list and step of it, as it stands in its events.
    #[must_use]
    pub fn sees_whole(&self, actor: &Actor, record: &Record) -> bool {
        let Some(register) = self.book.register(&record.register) else { return false };
        let fields = register.fields.iter().all(|field| self.sees_field(actor, &register.id, None, &field.id));
        let of_lists = register
            .lists
            .iter()
            .flat_map(|list| list.fields.iter().map(move |field| (&list.id, &field.id)))
            .all(|(list, field)| self.sees_field(actor, &register.id, Some(list), field));
        fields
            && of_lists
            && self.sees_record(actor, record)
            && self.standing(record).iter().all(|standing| self.sees_act(actor, standing))
    }
}
