//! Files that come with a command, disposal, and erasure.
//!
//! Invariant: disposal and the erasure of a whole record are refused while a pack says that it is kept; the values of one
//! line (one principal of a shared case) may go alone, since the rest is kept.
//! Invariant: the record of a disposal holds nothing of what went but register and number.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Attempt;
use crate::{
    pack::model::Text,
    run::command::{Attached, Change, Command, Objection, Values},
    value::Value,
    world::{Record, State},
};

/// The register of records of disposal.
const DISPOSAL: &str = "disposal";

impl Attempt<'_> {
    /// Attaches the files that came with a command to what names them: the record, or the line that a field of it stands
    /// in. A file that nothing names goes where an `Attach` says; one that no change names stays of nobody's.
    pub(super) fn attach_files(&mut self, command: &Command) {
        for file in std::mem::take(&mut self.files) {
            let named = self.plan.changes.iter().find_map(|change| holder_of(change, file.id));
            let said = match command {
                Command::Attach { record, line } => Some((*record, line.clone())),
                _ => None,
            };
            if let Some((record, line)) = named.or(said) {
                self.put(Change::Attached { record, line, file });
            }
        }
    }

    pub(super) fn attach(&mut self, id: Uuid, line: Option<&(String, Uuid)>) {
        let Some(record) = self.open_record(id) else { return };
        if self.depth == 0 && !self.may_write(&record) {
            return;
        }
        if self.files.is_empty() {
            self.refuse("required", Vec::new(), "ファイルを選んでください。", "Choose a file.");
        }
        if line.is_some_and(|line| !has_line(&record, line)) {
            self.refuse("not-found", Vec::new(), "明細が見つかりません。", "There is no such line.");
        }
    }

    pub(super) fn dispose(&mut self, id: Uuid, fields: &Values) {
        let Some(record) = self.kept_record(id) else { return };
        if !self.may_write(&record) {
            return;
        }
        if record.state == State::Disposed {
            self.refuse("done", Vec::new(), "もう廃棄されています。", "It was disposed of already.");
            return;
        }
        let kept = self.kernel().kept_still(&record);
        self.verdict.refused.extend(kept);
        let verdict = self.kernel().gates(&record, "dispose", None, &Values::new());
        self.take(verdict);
        // A reason would be sealed with the key that the disposal destroys.
        let reason = self.circumstances.reason.clone().filter(|_| record.erased_at.is_none());
        self.put(Change::Disposed { record: id, reason, how: fields.clone() });
        self.follow(id, "dispose");
        self.record_disposal(&record, fields);
        if record.erased_at.is_none() {
            self.put(Change::Erased { record: id, line: None, reason: None });
        }
    }

    /// The record of disposal, where a pack asks for one.
    fn record_disposal(&mut self, record: &Record, fields: &Values) {
        let Some(rule) = self.book.register(DISPOSAL).filter(|rule| rule.in_force).cloned() else { return };
        if record.register == DISPOSAL {
            return;
        }
        let title = self.book.register(&record.register).map(|register| register.title.clone()).unwrap_or_default();
        let department = self.book.register(&record.register).and_then(|register| register.department_field.clone());
        let department = department.map_or(Value::Empty, |field| self.kernel().value(record, &field));
        let to_this = rule.field("entry").and_then(|field| field.to.as_deref()) == Some(record.register.as_str());
        let day = self.moment.date_of(self.happened());
        let mut values = Values::from([
            ("what".to_owned(), Value::Text(format!("{} {}", title.ja, record.number))),
            ("department".to_owned(), department),
            ("done_on".to_owned(), Value::Date(day)),
        ]);
        if to_this {
            values.insert("entry".to_owned(), Value::Record(record.id));
        }
        if let Some(doer) = self.doer() {
            values.insert("responsible".to_owned(), Value::Record(doer));
        }
        values.extend(fields.iter().map(|(field, value)| (field.clone(), value.clone())));
        values.retain(|field, value| !value.is_empty() && rule.field(field).is_some());
        let about = self.plan.record;
        self.depth += 1;
        self.create(DISPOSAL, &values, &BTreeMap::new());
        self.depth -= 1;
        self.plan.record = about;
    }

    pub(super) fn erase(&mut self, id: Uuid, line: Option<(String, Uuid)>) {
        let Some(record) = self.kept_record(id) else { return };
        if !self.may_write(&record) {
            return;
        }
        let gone = record.erased_at.is_some() || line.as_ref().is_some_and(|line| erased_line(&record, line));
        if gone {
            self.refuse("erased", Vec::new(), "もう消去されています。", "It was erased already.");
            return;
        }
        match &line {
            None => {
                let kept = self.kernel().kept_still(&record);
                self.verdict.refused.extend(kept);
            }
            Some(line) if !has_line(&record, line) => {
                self.refuse("not-found", Vec::new(), "明細が見つかりません。", "There is no such line.");
                return;
            }
            Some(_) => {}
        }
        let reason = self.circumstances.reason.clone();
        if reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
            self.verdict.asked.push(Objection {
                code: "erase-reason".to_owned(),
                field: None,
                source: None,
                clauses: Vec::new(),
                message: Text {
                    ja: "消去の理由を書いてください。元に戻せません。".to_owned(),
                    en: "Say why it is erased. It cannot be undone.".to_owned(),
                },
            });
        }
        self.put(Change::Erased { record: id, line, reason });
    }

    /// A record whatever its state, or an objection.
    fn kept_record(&mut self, id: Uuid) -> Option<Record> {
        let record = self.snapshot.record(id).cloned();
        if record.is_none() {
            self.refuse("not-found", Vec::new(), "記録が見つかりません。", "There is no such record.");
        }
        record
    }
}

fn has_line(record: &Record, (list, id): &(String, Uuid)) -> bool {
    record.lines.get(list).is_some_and(|lines| lines.iter().any(|line| line.id == *id && !line.erased))
}

fn erased_line(record: &Record, (list, id): &(String, Uuid)) -> bool {
    record.lines.get(list).is_some_and(|lines| lines.iter().any(|line| line.id == *id && line.erased))
}

/// The record, and the line if it is one, in which a change names a file.
fn holder_of(change: &Change, file: Uuid) -> Option<(Uuid, Option<(String, Uuid)>)> {
    let names = |fields: &Values| {
        let text = file.to_string();
        fields.values().any(|value| matches!(value, Value::Text(named) if *named == text))
    };
    match change {
        Change::FieldsSet { record, fields, .. } | Change::Deed { record, fields, .. } if names(fields) => {
            Some((*record, None))
        }
        Change::LineAdded { record, list, line, fields, .. } | Change::LineSet { record, list, line, fields, .. }
            if names(fields) =>
        {
            Some((*record, Some((list.clone(), *line))))
        }
        _ => None,
    }
}

impl Attempt<'_> {
    /// The files that come with the command.
    #[must_use]
    pub fn carrying(mut self, files: Vec<Attached>) -> Self {
        self.files = files;
        self
    }
}
