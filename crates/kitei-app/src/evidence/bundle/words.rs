//! A record in words, as far as whoever takes the bundle may read it.
//!
//! Invariant: what a person is given is what `run/access.rs` lets them see, field by field.

use kitei_rules::{
    expr::Actor,
    pack::model::Text,
    run::{Kernel, paper::Lang},
    world::{DeedStatus, Record},
};

use super::{Entry, OpenedRecord};

/// The record as a person reads it; nothing when they may not see it.
#[must_use]
pub fn as_seen(kernel: &Kernel<'_>, actor: &Actor, record: &Record) -> Option<OpenedRecord> {
    kernel.sees_record(actor, record).then(|| words(kernel, Some(actor), record))
}

/// The record with everything in it, for whoever holds the machine and its keys.
#[must_use]
pub fn whole(kernel: &Kernel<'_>, record: &Record) -> OpenedRecord {
    words(kernel, None, record)
}

fn words(kernel: &Kernel<'_>, actor: Option<&Actor>, record: &Record) -> OpenedRecord {
    let sees = |list: Option<&str>, field: &str| {
        actor.is_none_or(|actor| kernel.sees_field(actor, &record.register, list, field))
    };
    let mut entries = Vec::new();
    let rule = kernel.book.register(&record.register);
    for field in rule.into_iter().flat_map(|rule| &rule.fields).filter(|field| sees(None, &field.id)) {
        let value = kernel.value(record, &field.id);
        if !value.is_empty() {
            let value = kernel.words(&record.register, None, &field.id, &value, Lang::Ja);
            entries.push(Entry { label: field.title.clone(), value });
        }
    }
    for list in rule.into_iter().flat_map(|rule| &rule.lists) {
        let lines = record.lines.get(&list.id).into_iter().flatten().filter(|line| !line.erased);
        for (at, line) in (1..).zip(lines) {
            for field in list.fields.iter().filter(|field| sees(Some(&list.id), &field.id)) {
                let Some(stored) = line.fields.get(&field.id).filter(|stored| !stored.value.is_empty()) else {
                    continue;
                };
                let value = kernel.words(&record.register, Some(&list.id), &field.id, &stored.value, Lang::Ja);
                let label = Text {
                    ja: format!("{}{at}：{}", list.title.ja, field.title.ja),
                    en: format!("{} {at}: {}", list.title.en, field.title.en),
                };
                entries.push(Entry { label, value });
            }
        }
    }
    entries.extend(deeds(kernel, actor, record));
    OpenedRecord { title: kernel.name_of(record.id), entries }
}

/// What was done, by whom and when.
fn deeds(kernel: &Kernel<'_>, actor: Option<&Actor>, record: &Record) -> Vec<Entry> {
    let hidden: Vec<String> = match actor {
        Some(actor) => {
            let standing = kernel.standing(record).into_iter().filter(|standing| !kernel.sees_act(actor, standing));
            standing.map(|standing| standing.act).collect()
        }
        None => Vec::new(),
    };
    let told = record.deeds.iter().filter(|deed| !hidden.contains(&deed.act));
    told.map(|deed| {
        let label = kernel.book.act_title(&deed.act);
        let at = deed.happened_at.to_zoned_datetime(kernel.moment.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let by = deed.by.map(|person| kernel.name_of(person)).unwrap_or_default();
        let status = match deed.status {
            DeedStatus::Submitted => "承認待ち",
            DeedStatus::Done => "済み",
            DeedStatus::Skipped => "該当なし",
            DeedStatus::Returned => "差戻し",
        };
        Entry { label, value: [at.as_str(), by.as_str(), status].join(" ") }
    })
    .collect()
}
