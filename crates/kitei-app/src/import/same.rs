//! Rows that are in the register already: the same asset from two ledgers, or last year's file held against this year's.
//!
//! A row is taken for a record if it has the record's running number, or else its name (the field that the pack says names
//! a record), and its department does not contradict. A person decides what becomes of such rows.
//!
//! Invariant: nothing is taken for the same that two records could be.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use kitei_rules::{rulebook::RegisterRule, run::command::Values, value::Value, world::Record};
use kitei_store::{db::Reader, records, search};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::{Fault, load::Loader};

/// Records read at a time.
const PAGE: u32 = 1000;
/// Records that a report names.
const NAMED: usize = 50;

/// What becomes of rows that are in the register already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Same {
    /// The record takes over what the row says.
    Update,
    /// The record stays as it is.
    Keep,
    /// The row is another asset of the same name.
    New,
}

/// A row that is in the register already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// Its row in the sheet, from 1.
    pub row: u32,
    /// The record.
    pub record: Uuid,
    /// Its running number.
    pub number: String,
    /// Fields in which it differs.
    pub fields: Vec<String>,
}

/// A record that a file does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// The record.
    pub record: Uuid,
    /// Its running number.
    pub number: String,
}

/// How a file stands to what is in the register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Rows that say what their record says.
    pub unchanged: u64,
    /// Rows that differ from their record.
    pub different: u64,
    /// Some of those.
    pub matches: Vec<Match>,
    /// Open records that the file does not have; counted only if it has others.
    pub missing: u64,
    /// Some of those.
    pub gone: Vec<Gone>,
}

/// The open records of a register, small enough to hold them all.
#[derive(Debug, Default)]
pub(super) struct Known {
    named_by: Option<String>,
    department: Option<String>,
    /// Places of fields, by id.
    places: BTreeMap<String, u16>,
    numbers: BTreeMap<String, Uuid>,
    names: BTreeMap<String, Vec<Uuid>>,
    entries: BTreeMap<Uuid, Entry>,
    found: BTreeSet<Uuid>,
}

#[derive(Debug)]
struct Entry {
    number: String,
    department: Option<Uuid>,
    /// Digest of each value by the place of its field.
    values: Vec<(u16, u64)>,
}

impl Known {
    /// Reads the open records of a register.
    pub(super) async fn load(loader: &Loader<'_>, reader: &mut Reader, rule: &RegisterRule) -> Result<Self, Fault> {
        let mut out = Self {
            named_by: rule.named_by.clone(),
            department: rule.department_field.clone(),
            places: rule.fields.iter().map(|field| field.id.clone()).zip(0..).collect(),
            ..Self::default()
        };
        let mut after = String::new();
        loop {
            let page = records::after(reader, loader.organization.id, &rule.id, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(out) };
            last.number.clone_into(&mut after);
            for stored in page.iter().filter(|stored| stored.state == "open") {
                out.add(&loader.decode(stored, &[])?);
            }
        }
    }

    fn add(&mut self, record: &Record) {
        let mut values = Vec::with_capacity(record.fields.len());
        for (field, stored) in &record.fields {
            if let Some(place) = self.places.get(field).filter(|_| !stored.value.is_empty()) {
                values.push((*place, digest(&stored.value)));
            }
        }
        let value =
            |field: &Option<String>| field.as_ref().and_then(|field| record.fields.get(field)).map(|s| &s.value);
        if let Some(Value::Text(name)) = value(&self.named_by) {
            self.names.entry(folded(name)).or_default().push(record.id);
        }
        let department = match value(&self.department) {
            Some(Value::Record(id)) => Some(*id),
            _ => None,
        };
        self.numbers.insert(record.number.clone(), record.id);
        self.entries.insert(record.id, Entry { number: record.number.clone(), department, values });
    }

    /// The record that a row is about, with the fields in which it differs.
    pub(super) fn find(&mut self, number: Option<&str>, values: &Values) -> Option<(Uuid, String, Values)> {
        let by_number = number.and_then(|number| self.numbers.get(number)).copied();
        let id = by_number.or_else(|| self.by_name(values)).filter(|id| !self.found.contains(id))?;
        let entry = self.entries.get(&id)?;
        let differs = |field: &String, value: &Value| {
            let place = self.places.get(field);
            let known = entry.values.iter().find(|(at, _)| Some(at) == place).map(|(_, digest)| *digest);
            !value.is_empty() && known != Some(digest(value))
        };
        let changed = values.iter().filter(|(field, value)| differs(field, value));
        let changed = changed.map(|(field, value)| (field.clone(), value.clone())).collect();
        let number = entry.number.clone();
        self.found.insert(id);
        Some((id, number, changed))
    }

    fn by_name(&self, values: &Values) -> Option<Uuid> {
        let Some(Value::Text(name)) = self.named_by.as_ref().and_then(|field| values.get(field)) else { return None };
        let department = match self.department.as_ref().and_then(|field| values.get(field)) {
            Some(Value::Record(id)) => Some(*id),
            _ => None,
        };
        let mut same = self.names.get(&folded(name))?.iter().filter(|id| {
            let known = self.entries.get(*id).and_then(|entry| entry.department);
            known.is_none() || department.is_none() || known == department
        });
        match (same.next(), same.next()) {
            (Some(only), None) => Some(*only),
            _ => None,
        }
    }

    /// Open records that no row was about, if any row was about one.
    pub(super) fn gone(&self, comparison: &mut Comparison) {
        if self.found.is_empty() {
            return;
        }
        for (id, entry) in self.entries.iter().filter(|(id, _)| !self.found.contains(id)) {
            comparison.missing += 1;
            if comparison.gone.len() < NAMED {
                comparison.gone.push(Gone { record: *id, number: entry.number.clone() });
            }
        }
    }
}

impl Comparison {
    /// Notes a row that differs.
    pub(super) fn differs(&mut self, row: u32, record: Uuid, number: String, fields: Vec<String>) {
        self.different += 1;
        if self.matches.len() < NAMED {
            self.matches.push(Match { row, record, number, fields });
        }
    }
}

fn digest(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.to_json().to_string().hash(&mut hasher);
    hasher.finish()
}

fn folded(name: &str) -> String {
    search::fold(name).chars().filter(|character| character.is_alphanumeric()).collect()
}
