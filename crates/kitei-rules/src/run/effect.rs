//! What follows from a deed in other records, and who is told.

use super::{
    attempt::Attempt,
    command::{Change, Notice, Values},
};
use crate::{book::BookEffect, value::Value, world::Record};
use uuid::Uuid;

/// Effects may cause effects; deeper than this is a loop in a pack.
const DEEPEST: usize = 4;

impl Attempt<'_> {
    /// Carries out the effects of a moment on a record.
    pub(super) fn follow(&mut self, id: Uuid, moment: &str) {
        if self.depth >= DEEPEST {
            return;
        }
        let book = self.book;
        let Some(record) = self.snapshot.record(id).cloned() else { return };
        self.depth += 1;
        if let Some(act) = moment.strip_prefix("approved:") {
            self.apply_proposal(&record, act);
        }
        for effect in book.effects.get(&record.register).into_iter().flatten() {
            if effect.effect.at != moment {
                continue;
            }
            let kernel = self.kernel();
            let holds = effect.when.as_ref().is_none_or(|when| kernel.truth(when, id, None).certain());
            if holds && kernel.awake(effect.applies.as_ref()) {
                self.effect(&record, effect);
            }
        }
        self.depth -= 1;
    }

    fn effect(&mut self, record: &Record, effect: &BookEffect) {
        let values: Values = effect
            .set
            .iter()
            .map(|(field, value)| (field.clone(), self.kernel().ask(value, record.id, None).value))
            .filter(|(_, value)| !value.is_unknown())
            .collect();
        let known_at = self.happened();
        if let Some(register) = &effect.effect.create {
            self.open_linked(record, register, values, effect);
        } else if let Some(list) = &effect.effect.add_line {
            self.line_in(record.id, list, &values, known_at);
        } else if let Some(field) = &effect.effect.update {
            for target in self.linked(record, field) {
                let Some(target) = self.snapshot.record(target).cloned() else { continue };
                self.set_fields(&target, values.clone(), None);
            }
        }
        if effect.effect.close {
            self.close_by_itself(record.id);
        }
        if !effect.effect.tell.is_empty() {
            let to = self.kernel().all_targets(record, &effect.effect.tell);
            self.plan.notices.push(Notice {
                record: record.id,
                key: format!(
                    "effect:{}:{}:{}:{}",
                    record.id, effect.effect.meta.pack, effect.effect.id, record.version
                ),
                to,
                message: effect.effect.message.clone().unwrap_or_default(),
                receipt: effect.effect.receipt,
                urgent: effect.effect.receipt,
                due: None,
                basis: effect.effect.meta.basis.clone(),
            });
        }
    }

    fn open_linked(&mut self, record: &Record, register: &str, values: Values, effect: &BookEffect) {
        let already = effect.effect.link.as_ref().and_then(|link| record.fields.get(link));
        if already.is_some_and(|stored| !stored.value.is_empty()) {
            return;
        }
        let opened = (self.ids)();
        self.put(Change::Opened { record: opened, register: register.to_owned(), by: Some(self.actor.person) });
        let known_at = self.happened();
        self.put(Change::FieldsSet { record: opened, fields: values, known_at, reason: None, act: None });
        if let Some(link) = &effect.effect.link {
            let fields = Values::from([(link.clone(), Value::Record(opened))]);
            self.put(Change::FieldsSet { record: record.id, fields, known_at, reason: None, act: None });
        }
        self.follow(opened, "create");
    }

    /// The records in a link field, or this record itself.
    pub(super) fn linked(&self, record: &Record, field: &str) -> Vec<Uuid> {
        if field == "self" {
            return vec![record.id];
        }
        match self.kernel().value(record, field) {
            Value::Record(id) => vec![id],
            Value::List(items) => {
                items.iter().filter_map(|item| if let Value::Record(id) = item { Some(*id) } else { None }).collect()
            }
            _ => Vec::new(),
        }
    }
}
