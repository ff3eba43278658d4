//! Lines of a record: added, changed, checked by themselves and in the light of the whole record.

use jiff::Timestamp;
use uuid::Uuid;

use super::Attempt;
use crate::{
    pack::model::Stage,
    rulebook::ListRule,
    run::{
        apply::apply,
        command::{Change, Values},
    },
    world::Record,
};

impl Attempt<'_> {
    pub(super) fn add_line(&mut self, id: Uuid, list: &str, fields: &Values) {
        let Some(record) = self.open_record(id) else { return };
        if self.depth == 0 && !self.may_write(&record) {
            return;
        }
        let known_at = self.happened();
        self.line_in(id, list, fields, known_at);
        self.follow(id, "change");
    }

    pub(in crate::run) fn line_in(&mut self, id: Uuid, list: &str, fields: &Values, known_at: Timestamp) {
        let Some(record) = self.snapshot.record(id).cloned() else { return };
        let book = self.book;
        let Some(rule) = book.list(&record.register, list) else {
            self.refuse(
                "not-found",
                Vec::new(),
                format!("明細「{list}」はありません。"),
                format!("There is no list \"{list}\"."),
            );
            return;
        };
        let line = (self.ids)();
        let values = self.with_defaults(id, rule, line, fields.clone());
        let (refused, warned) = self.kernel().value_objections("", &rule.fields, &values);
        self.verdict.refused.extend(refused);
        self.verdict.warned.extend(warned);
        self.put(Change::LineAdded { record: id, list: list.to_owned(), line, fields: values.clone(), known_at });
        self.check_line(id, list, line, &values);
    }

    /// What was typed for a new line, and defaults where nothing was. A default may read the line's typed fields.
    pub(super) fn with_defaults(&mut self, id: Uuid, list: &ListRule, line: Uuid, typed: Values) -> Values {
        let kind_of = |id: &str| list.fields.iter().find(|field| field.id == id).map(|f| f.kind).unwrap_or_default();
        let Some(before) = self.snapshot.records.get(&id).cloned() else { return typed };
        let (list_id, known_at) = (list.id.clone(), self.happened());
        let mut with_line = Record::clone(&before);
        let added = Change::LineAdded { record: id, list: list_id, line, fields: typed.clone(), known_at };
        apply(&mut with_line, &added, self.moment.now);
        self.snapshot.put(with_line.clone());
        let mut values = self.kernel().defaults(&with_line, Some((&list.id, line)));
        self.snapshot.put(before);
        values.extend(typed);
        values.retain(|field, value| value.is_said(kind_of(field)));
        values
    }

    pub(super) fn check_line(&mut self, id: Uuid, list: &str, line: Uuid, values: &Values) {
        let Some(record) = self.snapshot.record(id).cloned() else { return };
        let kernel = self.kernel();
        let missing = kernel.missing(&record, Some((list, line)), Stage::Save);
        let verdict = kernel.gates(&record, &format!("line:{list}"), Some(line), values);
        self.verdict.refused.extend(missing);
        self.take(verdict);
    }

    pub(super) fn change_line(&mut self, id: Uuid, list: &str, line: Uuid, fields: &Values) {
        let Some(record) = self.open_record(id) else { return };
        if !self.may_write(&record) {
            return;
        }
        let known =
            record.lines.get(list).is_some_and(|lines| lines.iter().any(|known| known.id == line && !known.erased));
        let book = self.book;
        let Some(rule) = book.list(&record.register, list).filter(|_| known) else {
            self.refuse("not-found", Vec::new(), "明細が見つかりません。", "There is no such line.");
            return;
        };
        let (refused, warned) = self.kernel().value_objections("", &rule.fields, fields);
        self.verdict.refused.extend(refused);
        self.verdict.warned.extend(warned);
        let (known_at, reason) = (self.happened(), self.circumstances.reason.clone());
        let (list_id, fields) = (list.to_owned(), fields.clone());
        self.put(Change::LineSet { record: id, list: list_id, line, fields: fields.clone(), known_at, reason });
        self.check_line(id, list, line, &fields);
        self.follow(id, "change");
    }
}
