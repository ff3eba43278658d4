//! `kitei verify` over a long log: a million events of 600 bytes, signatures, tree and attachments.
//!
//! The baseline is `openssl dgst -sha256` on the same bytes: what hashing alone costs.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::Instant,
};

use kitei_app::evidence::verify::Against;
use kitei_store::log::{self, NewEvent};
use serde_json::{Map, json};

use crate::{
    Arguments, On, Trouble,
    load::to_f64,
    place::Place,
    rows::{Baseline, Must, Row, median},
};

/// Bytes of an event.
const BYTES: usize = 600;
/// About so many of them are the envelope around an event's body.
const ENVELOPE: usize = 210;
/// Events of an act.
const BATCH: usize = 5_000;
/// Events read at a time.
const READ: u32 = 10_000;
/// Runs of which the median counts.
const RUNS: usize = 3;
/// The share of the baseline's speed that verifying must reach.
const SHARE: f64 = 0.4;

/// Rows of this subject.
pub(crate) async fn measure(arguments: &Arguments) -> Result<Vec<Row>, Trouble> {
    let mut rows = Vec::new();
    for on in &arguments.on {
        rows.push(measure_on(arguments, *on).await?);
    }
    Ok(rows)
}

async fn measure_on(arguments: &Arguments, on: On) -> Result<Row, Trouble> {
    let place = Place::open(on).await?;
    let bytes = fill(&place, arguments.events).await?;
    place.installation.sign(&place.organization).await?;
    let hashed = openssl(&bytes)?;
    let mut speeds = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        let verified = place.installation.verify(Against::default()).await?;
        if !verified.ok {
            return Err("the log that was measured does not verify".into());
        }
        speeds.push(to_f64(bytes.len()) / 1e6 / begun.elapsed().as_secs_f64());
    }
    Ok(Row {
        what: format!("verify {} events of {BYTES} bytes", arguments.events),
        on: Some(on.name()),
        value: median(speeds),
        unit: "MB/s",
        must: Must::AtLeast(SHARE * hashed),
        baseline: Baseline { what: "openssl dgst -sha256".to_owned(), value: hashed },
    })
}

/// Appends events and gives the bytes that stand in the log, one after the other.
async fn fill(place: &Place, count: usize) -> Result<Vec<u8>, Trouble> {
    let org = place.organization.id;
    let now = place.installation.environment.now().into();
    for from in (0..count).step_by(BATCH) {
        let numbers = from..count.min(from + BATCH);
        let act = place.installation.db.act(org, move |tx| {
            let events = numbers.clone().map(|number| event(number, now)).collect();
            Box::pin(async move { log::append_all(tx, org, events).await.map(drop) })
        });
        act.await?;
    }
    let mut reader = place.installation.db.reader().await?;
    let (mut bytes, mut from) = (Vec::new(), 0);
    loop {
        let events = log::range(&mut reader, org, from, READ).await?;
        let Some(last) = events.last() else { break };
        from = last.seq + 1;
        bytes.extend(events.iter().flat_map(|event| event.bytes.iter().copied()));
    }
    Ok(bytes)
}

/// An event of about [`BYTES`] bytes.
fn event(number: usize, at: kitei_store::db::Instant) -> NewEvent {
    NewEvent {
        kind: "bench.filled".to_owned(),
        subject: format!("bench/{number:07}"),
        subject_id: None,
        actor: "kitei".to_owned(),
        actor_id: None,
        at,
        body: Map::from_iter([("filler".to_owned(), json!("x".repeat(BYTES - ENVELOPE)))]),
    }
}

/// Megabytes a second of openssl over bytes.
fn openssl(bytes: &[u8]) -> Result<f64, Trouble> {
    let file = tempfile::NamedTempFile::new()?;
    file.as_file().write_all(bytes)?;
    let mut speeds = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        let ended =
            Command::new("openssl").args(["dgst", "-sha256"]).arg(file.path()).stdout(Stdio::null()).status()?;
        if !ended.success() {
            return Err("openssl failed".into());
        }
        speeds.push(to_f64(bytes.len()) / 1e6 / begun.elapsed().as_secs_f64());
    }
    Ok(median(speeds))
}
