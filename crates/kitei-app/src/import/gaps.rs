//! Records that came in with gaps (「不足あり」): how many gaps are left.
//!
//! The number stands in the record as the kernel's own field, changed by an event like any other, so that lists can filter
//! by it and count it down.
//!
//! Invariant: only a record that came in with gaps has the field.

use kitei_rules::{pack::model::Stage, run::Kernel, value::Value, world::Record};

use kitei_store::{
    db::{Reader, Tx},
    settings,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::kept;
use crate::kernel::{Fault, project::GAPS};

/// The setting that names the registers into which records with gaps ever came.
const REGISTERS: &str = "import-gaps";

/// How many gaps a record has that came in with some: required fields that are empty, and names that were not registered
/// whose field is still empty.
#[must_use]
pub fn left(kernel: &Kernel<'_>, record: &Record) -> i64 {
    let missing = kernel.missing(record, None, Stage::Save);
    let unnamed = kept(record).into_iter().filter_map(|kept| kept.field).filter(|field| {
        kernel.value(record, field).is_empty() && missing.iter().all(|gap| gap.field.as_ref() != Some(field))
    });
    i64::try_from(missing.len() + unnamed.count()).unwrap_or(i64::MAX)
}

/// How many gaps a record is known to have.
#[must_use]
pub fn known(record: &Record) -> Option<i64> {
    match record.fields.get(GAPS).map(|stored| &stored.value) {
        Some(Value::Int(gaps)) => Some(*gaps),
        _ => None,
    }
}

/// The fields that fill a gap of a record.
#[must_use]
pub fn fields(kernel: &Kernel<'_>, record: &Record) -> Vec<String> {
    let missing = kernel.missing(record, None, Stage::Save).into_iter().filter_map(|gap| gap.field);
    let mut out: Vec<String> = missing.collect();
    for field in kept(record).into_iter().filter_map(|kept| kept.field) {
        if kernel.value(record, &field).is_empty() && !out.contains(&field) {
            out.push(field);
        }
    }
    out
}

/// The registers into which records with gaps ever came; perhaps none are left.
///
/// # Errors
/// [`Fault`].
pub async fn registers(reader: &mut Reader, org: Uuid) -> Result<Vec<String>, Fault> {
    let stored = settings::get(reader, org, REGISTERS).await?.unwrap_or_default();
    let named = stored.as_array().into_iter().flatten().filter_map(Json::as_str);
    Ok(named.map(str::to_owned).collect())
}

/// Notes that records with gaps came into a register.
pub(super) async fn note(tx: &mut Tx, org: Uuid, register: &str) -> Result<(), Fault> {
    let mut known = registers(tx, org).await?;
    if known.iter().all(|other| other != register) {
        known.push(register.to_owned());
        settings::put(tx, org, REGISTERS, &json!(known)).await?;
    }
    Ok(())
}
