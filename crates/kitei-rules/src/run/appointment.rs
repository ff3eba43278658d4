//! Whether a person may be given a role: what the packs ask of holders, and which roles one person may not hold together.
//!
//! Serves PM-J2-3-2-08 (the auditor is another person than the manager), MN-3-2-02 (the representative takes complaints)
//! and every `[[role]]` with `positions`, `internal`, `single`, `needs`, and every `[[exclusive]]`.
//!
//! Invariant: judged on the appointment as it would be saved, against the holdings that overlap with it in time.

use jiff::civil::Date;
use uuid::Uuid;

use super::{Kernel, command::Objection, gate::Verdict, validate::at_field};
use crate::{
    pack::model::Text,
    rulebook::RoleRule,
    value::Value,
    world::{Holding, Record},
};

impl Kernel<'_> {
    /// What speaks against an appointment. Nothing for records of other registers. A deputy who is not named yet is a
    /// warning: finding one may take longer than filling a vacancy may.
    #[must_use]
    pub(super) fn appointment(&self, record: &Record) -> Verdict {
        let Some(holding) = holding(record).filter(|_| record.register == "appointment") else {
            return Verdict::default();
        };
        let warned = match self.book.roles.get(&holding.role) {
            Some(rule) if rule.deputy => self.missing_statements(rule, record, ["deputy"]),
            _ => Vec::new(),
        };
        Verdict { refused: self.appointment_objections(record, &holding), warned, ..Verdict::default() }
    }

    fn appointment_objections(&self, record: &Record, holding: &Holding) -> Vec<Objection> {
        let Some(rule) = self.book.roles.get(&holding.role) else {
            let known: Vec<&str> = self.book.roles.keys().map(String::as_str).collect();
            return vec![at_field(
                "unknown-role",
                "role",
                &[],
                format!("役割「{}」はありません。", holding.role),
                format!("There is no role \"{}\". Known roles: {}.", holding.role, known.join(", ")),
            )];
        };
        let needs = rule.needs.iter().map(String::as_str).chain(rule.per_department.then_some("department"));
        let mut out = self.holder_objections(rule, holding);
        out.extend(self.missing_statements(rule, record, needs));
        out.extend(self.another_appoints(rule, record, holding));
        out.extend(self.second_holder(rule, holding));
        out.extend(self.exclusive_objections(holding));
        out
    }

    fn holder_objections(&self, rule: &RoleRule, holding: &Holding) -> Vec<Objection> {
        let Some(person) = self.snapshot.record(holding.person) else { return Vec::new() };
        let of = |field: &str| match person.fields.get(field).map(|stored| &stored.value) {
            Some(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let mut out = Vec::new();
        if let Some(positions) = &rule.positions
            && !of("position").is_some_and(|position| positions.contains(position))
        {
            let choices = self.position_titles(positions);
            out.push(at_field(
                "position",
                "person",
                &rule.basis,
                format!("「{}」になれるのは、次の役職の人です: {}。", rule.title.ja, choices.ja),
                format!("\"{}\" is held by one of these positions: {}.", rule.title.en, choices.en),
            ));
        }
        if rule.internal && of("engagement") == Some("outside") {
            out.push(at_field(
                "internal",
                "person",
                &rule.basis,
                format!("「{}」には組織の中の人を任命してください。", rule.title.ja),
                format!("\"{}\" is held by a person of the organisation.", rule.title.en),
            ));
        }
        out
    }

    fn position_titles(&self, positions: &std::collections::BTreeSet<String>) -> Text {
        let rule =
            self.book.register("person").and_then(|register| register.fields.iter().find(|f| f.id == "position"));
        let choices = rule.map(|rule| rule.choices.as_slice()).unwrap_or_default();
        let pick = |of: fn(&Text) -> &String, between: &str| {
            let titles =
                choices.iter().filter(|choice| positions.contains(&choice.id)).map(|choice| of(&choice.title).clone());
            titles.collect::<Vec<_>>().join(between)
        };
        Text { ja: pick(|text| &text.ja, "、"), en: pick(|text| &text.en, ", ") }
    }

    fn missing_statements<'n>(
        &self,
        rule: &RoleRule,
        record: &Record,
        needs: impl IntoIterator<Item = &'n str>,
    ) -> Vec<Objection> {
        let fields = self.book.register("appointment").map(|register| register.fields.as_slice()).unwrap_or_default();
        let empty = |field: &str| record.fields.get(field).is_none_or(|stored| stored.value.is_empty());
        needs
            .into_iter()
            .filter(|field| empty(field))
            .map(|field| {
                let title =
                    fields.iter().find(|known| known.id == field).map(|known| known.title.clone()).unwrap_or_default();
                at_field(
                    "needs",
                    field,
                    &rule.basis,
                    format!("「{}」の任命には「{}」が必要です。", rule.title.ja, title.ja),
                    format!("Appointing \"{}\" needs \"{}\".", rule.title.en, title.en),
                )
            })
            .collect()
    }

    /// The person who is said to have appointed must hold the role that appoints, on the first day or today: an
    /// appointment may be made in advance.
    fn another_appoints(&self, rule: &RoleRule, record: &Record, holding: &Holding) -> Option<Objection> {
        let Some(Value::Record(by)) = record.fields.get("appointed_by").map(|stored| &stored.value) else {
            return None;
        };
        let holds = |role: &String, day: Date| self.snapshot.holders(role, None, day).any(|known| known.person == *by);
        let may = |role: &String| holds(role, holding.from) || holds(role, self.moment.today());
        (!rule.appointed_by.iter().all(may)).then(|| {
            let titles = |pick: fn(&Text) -> &String, between: &str| {
                let roles = rule.appointed_by.iter().filter_map(|role| self.book.roles.get(role));
                roles.map(|role| pick(&role.title).clone()).collect::<Vec<_>>().join(between)
            };
            at_field(
                "appointed-by",
                "appointed_by",
                &rule.basis,
                format!("「{}」を任命するのは「{}」です。", rule.title.ja, titles(|text| &text.ja, "、")),
                format!("\"{}\" is appointed by \"{}\".", rule.title.en, titles(|text| &text.en, ", ")),
            )
        })
    }

    fn second_holder(&self, rule: &RoleRule, holding: &Holding) -> Option<Objection> {
        let another = |other: &&Holding| {
            // Whoever holds it by office gives way to one who is appointed by name.
            other.role == holding.role
                && other.office.is_none()
                && other.person != holding.person
                && (!rule.per_department || other.department == holding.department)
        };
        (rule.single && self.overlapping(holding).iter().any(another)).then(|| {
            at_field(
                "single",
                "role",
                &rule.basis,
                format!("「{}」は一人です。先に今の担当者の任期を終えてください。", rule.title.ja),
                format!("\"{}\" has one holder. End the present holder's term first.", rule.title.en),
            )
        })
    }

    fn exclusive_objections(&self, holding: &Holding) -> Vec<Objection> {
        let held = self.overlapping(holding);
        let mut out = Vec::new();
        for said in self.book.sayings.exclusives.values() {
            for (_, exclusive) in said.iter().filter(|(_, exclusive)| exclusive.roles.contains(&holding.role)) {
                let clash = held.iter().find(|other| {
                    other.person == holding.person
                        && other.role != holding.role
                        && exclusive.roles.contains(&other.role)
                });
                let Some(clash) = clash else { continue };
                let title = |role: &str| self.book.roles.get(role).map(|rule| rule.title.clone()).unwrap_or_default();
                let (new, old) = (title(&holding.role), title(&clash.role));
                out.push(at_field(
                    "exclusive",
                    "person",
                    &exclusive.meta.basis,
                    format!("この人は「{}」です。「{}」を兼ねることはできません。", old.ja, new.ja),
                    format!("This person is \"{}\" and may not also be \"{}\".", old.en, new.en),
                ));
            }
        }
        out
    }

    /// Other appointments whose terms overlap with this one.
    fn overlapping(&self, holding: &Holding) -> Vec<&Holding> {
        let before = |day: Date, until: Option<Date>| until.is_none_or(|until| day <= until);
        let overlaps = |other: &&Holding| before(holding.from, other.until) && before(other.from, holding.until);
        // What this appointment said before it was changed is no other appointment.
        let another = |other: &&Holding| other.appointment != holding.appointment;
        self.snapshot.holdings.iter().filter(overlaps).filter(another).collect()
    }
}

/// An appointment as a holding; nothing when role, person or first day are missing (which is said elsewhere).
fn holding(record: &Record) -> Option<Holding> {
    let value = |field: &str| record.fields.get(field).map(|stored| &stored.value);
    let reference = |field: &str| -> Option<Uuid> {
        match value(field) {
            Some(Value::Record(id)) => Some(*id),
            _ => None,
        }
    };
    let day = |field: &str| match value(field) {
        Some(Value::Date(day)) => Some(*day),
        _ => None,
    };
    let Some(Value::Text(role)) = value("role") else { return None };
    Some(Holding {
        appointment: record.id,
        role: role.clone(),
        office: None,
        person: reference("person")?,
        department: reference("department"),
        deputy: reference("deputy"),
        from: day("starts_on")?,
        until: day("ends_on"),
    })
}
