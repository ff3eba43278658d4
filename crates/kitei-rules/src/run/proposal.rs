//! Changes that go through an application: the old values stay in force until it is approved.

use super::{
    attempt::Attempt,
    command::{Change, Notice, Values},
    who::Target,
};
use crate::{book::BookPropose, pack::model::Text, value::Value, world::Record};

/// Proposed values are kept in the application under this prefix, so that old and new stand side by side.
const PROPOSED: &str = "proposed:";

impl Attempt<'_> {
    /// Opens an application for those of the changed fields that are guarded. `true` when nothing is left to change directly.
    pub(super) fn through_application(&mut self, record: &Record, changed: &Values) -> bool {
        let book = self.book;
        let mut rest = changed.clone();
        let mut opened = false;
        for propose in book.proposals.get(&record.register).into_iter().flatten() {
            let guarded = self.guarded(record, propose, &rest);
            if guarded.is_empty() {
                continue;
            }
            rest.retain(|field, _| !guarded.contains_key(field));
            self.apply_for(record, propose, guarded);
            opened = true;
        }
        if opened && !rest.is_empty() {
            self.set_fields(record, rest, None);
        }
        opened
    }

    fn guarded(&self, record: &Record, propose: &BookPropose, changed: &Values) -> Values {
        let kernel = self.kernel();
        let holds = propose.when.as_ref().is_none_or(|when| kernel.truth(when, record.id, None).possible());
        if !holds || !kernel.awake(propose.applies.as_ref()) {
            return Values::new();
        }
        let fields = &propose.propose.fields;
        changed
            .iter()
            .filter(|(field, _)| fields.is_empty() || fields.contains(field))
            .map(|(field, value)| (field.clone(), value.clone()))
            .collect()
    }

    fn apply_for(&mut self, record: &Record, propose: &BookPropose, guarded: Values) {
        let Some(register) = self.book.register(&record.register) else { return };
        let (refused, warned) = self.kernel().value_objections(&record.register, &register.fields, &guarded);
        self.verdict.refused.extend(refused);
        self.verdict.warned.extend(warned);
        let (opened, known_at) = ((self.ids)(), self.happened());
        let through = propose.propose.through.clone();
        self.put(Change::Opened { record: opened, register: through.clone(), by: Some(self.actor.person) });
        let mut fields: Values =
            guarded.into_iter().map(|(field, value)| (format!("{PROPOSED}{field}"), value)).collect();
        fields.insert(propose.propose.target.clone(), Value::Record(record.id));
        if let Some(department) = register.department_field.as_ref().and_then(|field| record.fields.get(field))
            && self.book.field(&through, None, "department").is_some()
        {
            fields.insert("department".to_owned(), department.value.clone());
        }
        self.put(Change::FieldsSet {
            record: opened,
            fields,
            known_at,
            reason: self.circumstances.reason.clone(),
            act: None,
        });
        self.plan.record = Some(opened);
        self.plan.notices.push(Notice {
            record: opened,
            key: format!("proposal:{opened}"),
            to: vec![Target::Person(self.actor.person)],
            message: Text {
                ja: "変更の申請を作りました。承認されるまで元の内容が有効です。".to_owned(),
                en: "An application for the change was opened; the old values stay in force until it is approved."
                    .to_owned(),
            },
            receipt: false,
            urgent: false,
            due: None,
            basis: propose.propose.meta.basis.clone(),
        });
        self.follow(opened, "create");
    }

    /// When an application's act is approved, its proposed values take effect.
    pub(super) fn apply_proposal(&mut self, application: &Record, act: &str) {
        let book = self.book;
        for propose in book.proposals.values().flatten() {
            if propose.propose.through != application.register || propose.propose.applied_by != act {
                continue;
            }
            let Some(Value::Record(target)) = application.fields.get(&propose.propose.target).map(|s| s.value.clone())
            else {
                continue;
            };
            let values = proposed(application);
            let Some(target) = self.snapshot.record(target).cloned().filter(|t| t.register == propose.propose.on)
            else {
                continue;
            };
            if values.is_empty() {
                continue;
            }
            self.set_fields(&target, values, Some(act));
            return;
        }
    }
}

/// The values an application proposes, by field of the record it is about.
#[must_use]
pub(super) fn proposed(application: &Record) -> Values {
    application
        .fields
        .iter()
        .filter_map(|(field, stored)| Some((field.strip_prefix(PROPOSED)?.to_owned(), stored.value.clone())))
        .collect()
}
