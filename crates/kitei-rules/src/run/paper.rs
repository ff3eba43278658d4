//! Papers: what a paper of a pack says about a record, in words, ready to be set.
//!
//! Invariant: the same record and instant give the same content; what changed since the last version is seen by comparing
//! content, never by a clock.

use serde::Serialize;
use uuid::Uuid;

use super::{
    Kernel,
    command::{Objection, Values},
};
use crate::{
    book::{BookPaper, BookSection, BookTable, TableRows},
    expr::Compiled,
    pack::model::{Choice, Kind, Text},
    rulebook::FieldRule,
    value::{Truth, Value},
    world::Record,
};

/// Language of a page or paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Lang {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

impl Text {
    /// The text in a language; Japanese where there is no English.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::En if !self.en.is_empty() => &self.en,
            _ => &self.ja,
        }
    }
}

/// Content of a paper.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Content {
    /// Title.
    pub title: String,
    /// Sections.
    pub sections: Vec<SectionContent>,
    /// Headings that must have content and have none.
    pub lacking: Vec<String>,
}

/// A section.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SectionContent {
    /// Heading.
    pub title: String,
    /// Label and words.
    pub rows: Vec<(String, String)>,
    /// Column headings of the table.
    pub columns: Vec<String>,
    /// Table rows.
    pub table: Vec<Vec<String>>,
    /// Running text.
    pub text: String,
}

impl SectionContent {
    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.table.is_empty() && self.rows.iter().all(|(_, words)| words.is_empty())
    }
}

impl Kernel<'_> {
    /// Papers offered for a record.
    #[must_use]
    pub fn papers(&self, record: &Record) -> Vec<&BookPaper> {
        let offered = |paper: &&BookPaper| {
            paper.when.is_empty() || paper.when.iter().any(|when| self.truth(when, record.id, None).possible())
        };
        self.book.papers.get(&record.register).into_iter().flatten().filter(offered).collect()
    }

    /// Why a paper may not be printed now: not offered, gates, headings without content.
    #[must_use]
    pub fn paper_objections(&self, record: &Record, id: &str) -> Vec<Objection> {
        let Some(paper) = self.papers(record).into_iter().find(|paper| paper.id == id) else {
            return vec![objection(
                "not-offered",
                &[],
                "この記録ではこの書類は作成できません。",
                "This paper is not made here.",
            )];
        };
        let mut out = self.gates(record, &format!("paper:{id}"), None, &Values::new()).refused;
        for heading in self.content(record, paper, Lang::Ja).lacking {
            out.push(objection(
                "paper-lacks",
                &paper.basis,
                &format!("「{heading}」が空です。"),
                &format!("\"{heading}\" is empty."),
            ));
        }
        out
    }

    /// What a paper says.
    #[must_use]
    pub fn content(&self, record: &Record, paper: &BookPaper, lang: Lang) -> Content {
        let sections: Vec<_> = paper.sections.iter().map(|section| self.section(record, section, lang)).collect();
        let lacking = paper
            .sections
            .iter()
            .zip(&sections)
            .filter(|(said, content)| said.required && content.is_empty())
            .map(|(_, content)| content.title.clone())
            .collect();
        Content { title: paper.title.in_lang(lang).to_owned(), sections, lacking }
    }

    fn section(&self, record: &Record, section: &BookSection, lang: Lang) -> SectionContent {
        let rows = section
            .rows
            .iter()
            .map(|(title, value)| (title.in_lang(lang).to_owned(), self.words_of(value, record.id, None, lang)))
            .collect();
        let (columns, table) = section.table.as_ref().map(|table| self.table(record, table, lang)).unwrap_or_default();
        SectionContent {
            title: section.title.in_lang(lang).to_owned(),
            rows,
            columns,
            table,
            text: section.text.as_ref().map(|text| text.in_lang(lang).to_owned()).unwrap_or_default(),
        }
    }

    fn table(&self, record: &Record, table: &BookTable, lang: Lang) -> (Vec<String>, Vec<Vec<String>>) {
        let scopes: Vec<(Uuid, Option<Uuid>)> = match &table.rows {
            TableRows::Lines(list) => {
                let lines = record.lines.get(list).into_iter().flatten().filter(|line| !line.erased);
                lines.map(|line| (record.id, Some(line.id))).collect()
            }
            TableRows::Links(field) => self.linked_ids(record, field).into_iter().map(|id| (id, None)).collect(),
            TableRows::Register(register) => {
                self.snapshot.all(register).unwrap_or_default().iter().map(|id| (*id, None)).collect()
            }
        };
        let counts = |(record, line): &(Uuid, Option<Uuid>)| {
            table.when.as_ref().is_none_or(|when| self.truth(when, *record, *line) == Truth::Yes)
        };
        let rows = scopes
            .into_iter()
            .filter(counts)
            .map(|(id, line)| table.columns.iter().map(|(_, value)| self.words_of(value, id, line, lang)).collect())
            .collect();
        (table.columns.iter().map(|(title, _)| title.in_lang(lang).to_owned()).collect(), rows)
    }

    fn linked_ids(&self, record: &Record, field: &str) -> Vec<Uuid> {
        match self.value(record, field) {
            Value::Record(id) => vec![id],
            Value::List(items) => {
                items.iter().filter_map(|item| if let Value::Record(id) = item { Some(*id) } else { None }).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The value of an expression in words.
    #[must_use]
    pub fn words_of(&self, compiled: &Compiled, record: Uuid, line: Option<Uuid>, lang: Lang) -> String {
        let value = self.ask(compiled, record, line).value;
        let dependencies = compiled.dependencies();
        let named = dependencies.fields.iter().chain(&dependencies.facts).next_back();
        let list = line.and_then(|_| {
            named.and_then(|path| match path.hops.first() {
                Some(crate::expr::Hop::Lines(list)) => Some(list.as_str()),
                _ => None,
            })
        });
        let of_deed = dependencies.deeds.iter().find_map(|(act, field)| {
            let rule = self.book.names.acts.get(act)?.fields.iter().find(|rule| rule.id == *field)?;
            (named.is_none() || offers(rule, &value)).then_some(rule)
        });
        match (of_deed, named) {
            (Some(rule), _) => self.words_by(Some(rule), &[], &value, lang),
            (None, Some(path)) => self.words(&path.register, list, &path.name, &value, lang),
            (None, None) => self.plain_words(&value, lang),
        }
    }

    /// A field's value in words: titles of choices, names of records, units.
    #[must_use]
    pub fn words(&self, register: &str, list: Option<&str>, field: &str, value: &Value, lang: Lang) -> String {
        let rule = self.book.field(register, list, field);
        let fact = self.book.facts.get(register).and_then(|facts| facts.get(field));
        let of_fact = fact.and_then(|_| self.book.sayings.fact(register, field)).map(|said| said.choices);
        self.words_by(rule, &of_fact.unwrap_or_default(), value, lang)
    }

    /// A value in the words of a field's rule, else of a fact's choices.
    fn words_by(&self, rule: Option<&FieldRule>, of_fact: &[Choice], value: &Value, lang: Lang) -> String {
        match value {
            Value::List(items) if items.is_empty() && rule.is_some_and(|rule| rule.kind == Kind::Choices) => {
                if lang == Lang::Ja { "該当なし" } else { "none of these" }.to_owned()
            }
            Value::List(items) => {
                let each: Vec<_> = items.iter().map(|item| self.words_by(rule, of_fact, item, lang)).collect();
                each.join(if lang == Lang::Ja { "、" } else { ", " })
            }
            Value::Text(id) => {
                let of_field = rule
                    .filter(|rule| matches!(rule.kind, Kind::Choice | Kind::Choices))
                    .map(|rule| rule.choices.as_slice())
                    .unwrap_or_default();
                let choice = of_field.iter().chain(of_fact).find(|choice| choice.id == *id);
                choice.map_or_else(|| id.clone(), |choice| choice.title.in_lang(lang).to_owned())
            }
            Value::Int(_) | Value::Count { .. } => {
                let unit = rule.and_then(|rule| rule.unit.as_ref()).map(|unit| unit.in_lang(lang)).unwrap_or_default();
                let number = self.plain_words(value, lang);
                if unit.is_empty() || lang == Lang::Ja { format!("{number}{unit}") } else { format!("{number} {unit}") }
            }
            other => self.plain_words(other, lang),
        }
    }

    fn plain_words(&self, value: &Value, lang: Lang) -> String {
        let ja = lang == Lang::Ja;
        match value {
            Value::Empty => String::new(),
            Value::Unknown => if ja { "不明" } else { "unknown" }.to_owned(),
            Value::Bool(true) => if ja { "はい" } else { "yes" }.to_owned(),
            Value::Bool(false) => if ja { "いいえ" } else { "no" }.to_owned(),
            Value::Int(number) => grouped(*number),
            Value::Text(text) => text.clone(),
            Value::Date(day) => date_words(*day, ja),
            Value::Time(instant) => {
                let local = instant.to_zoned_datetime(self.moment.zone.clone());
                format!("{} {:02}:{:02}", date_words(local.date(), ja), local.hour(), local.minute())
            }
            Value::Period(period) => period_words(*period, ja),
            Value::Count { least, most, approximate } => count_words(*least, *most, *approximate, ja),
            Value::Record(id) => self.name_of(*id),
            Value::List(items) => {
                let each: Vec<_> = items.iter().map(|item| self.plain_words(item, lang)).collect();
                each.join(if ja { "、" } else { ", " })
            }
        }
    }

    /// The name of a record: its naming field, else its number.
    #[must_use]
    pub fn name_of(&self, id: Uuid) -> String {
        let Some(record) = self.snapshot.record(id) else { return String::new() };
        let named_by = self.book.register(&record.register).and_then(|register| register.named_by.as_ref());
        match named_by.and_then(|field| record.fields.get(field)).map(|stored| &stored.value) {
            Some(Value::Text(name)) => name.clone(),
            Some(Value::Record(other)) if *other != id => self.name_of(*other),
            _ => record.number.clone(),
        }
    }
}

/// Whether a value is one of a field's choices, or several of them.
fn offers(rule: &FieldRule, value: &Value) -> bool {
    match value {
        Value::Text(id) => rule.choices.iter().any(|choice| choice.id == *id),
        Value::List(items) => !items.is_empty() && items.iter().all(|item| offers(rule, item)),
        _ => false,
    }
}

fn objection(code: &str, clauses: &[String], ja: &str, en: &str) -> Objection {
    Objection {
        code: code.to_owned(),
        field: None,
        source: None,
        clauses: clauses.to_vec(),
        message: Text { ja: ja.to_owned(), en: en.to_owned() },
    }
}

/// A date in 西暦 (`2026年4月1日`) or ISO form.
#[must_use]
pub fn date_words(day: jiff::civil::Date, ja: bool) -> String {
    if ja { format!("{}年{}月{}日", day.year(), day.month(), day.day()) } else { day.to_string() }
}

fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if number < 0 { format!("-{out}") } else { out }
}

fn count_words(least: i64, most: Option<i64>, approximate: bool, ja: bool) -> String {
    let about = match (approximate, ja) {
        (false, _) => "",
        (true, true) => "約",
        (true, false) => "about ",
    };
    match most {
        Some(most) if most == least => format!("{about}{}", grouped(least)),
        Some(most) => format!("{about}{}〜{}", grouped(least), grouped(most)),
        None if ja => format!("{about}{}以上（上限不明）", grouped(least)),
        None => format!("{about}{} or more (no upper bound known)", grouped(least)),
    }
}

fn period_words(period: crate::value::Period, ja: bool) -> String {
    let parts = [
        (i64::from(period.months / 12), "年", " years"),
        (i64::from(period.months % 12), "か月", " months"),
        (i64::from(period.days), "日", " days"),
        (period.seconds / 3600, "時間", " hours"),
        (period.seconds % 3600 / 60, "分", " minutes"),
    ];
    let words: Vec<String> = parts
        .iter()
        .filter(|(amount, _, _)| *amount != 0)
        .map(|(amount, unit_ja, unit_en)| format!("{amount}{}", if ja { unit_ja } else { unit_en }))
        .collect();
    words.join(if ja { "" } else { " " })
}
