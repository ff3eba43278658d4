//! What the rules cost: composing every pack, the tasks of one record and of ten thousand, the minute tick.
//!
//! The baseline of composing is reading the same packs from their text; that of the others an act that changes nothing.

use std::{collections::BTreeMap, time::Instant};

use kitei_app::kernel::{
    perform::Request,
    project::{Standings, compute},
    tick::mark_all,
};
use kitei_rules::{
    book::Compiler,
    pack,
    rulebook::Sayings,
    run::{
        Kernel,
        command::{Circumstances, Command},
    },
    value::Value,
};
use kitei_store::db::StoreError;
use uuid::Uuid;

use crate::{
    Arguments, On, Trouble,
    list::seed,
    load::to_f64,
    place::Place,
    rows::{Baseline, Must, Row, median},
};

/// Runs of which the median counts.
const RUNS: usize = 9;
/// Open incidents beside the entries of the ledger.
const INCIDENTS: usize = 100;
/// Open records whose tasks are all computed anew.
const OPEN: usize = 10_000;

/// Rows of this subject.
pub(crate) async fn measure(arguments: &Arguments) -> Result<Vec<Row>, Trouble> {
    let mut rows = Vec::new();
    for on in &arguments.on {
        let place = Place::open(*on).await?;
        if rows.is_empty() {
            rows.push(composing(&place)?);
        }
        rows.extend(tasks(&place, *on).await?);
    }
    Ok(rows)
}

fn millis(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}

fn composing(place: &Place) -> Result<Row, Trouble> {
    let shelf = &place.installation.shelf;
    let packs: Vec<_> = shelf.iter().map(|(_, shelved)| shelved.pack.clone()).collect();
    let (mut composed, mut read) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let begun = Instant::now();
        let (book, errors) = Compiler::compile(&Sayings::compose(&packs), &BTreeMap::new(), 1);
        composed.push(millis(begun));
        if !errors.is_empty() || book.names.registers.is_empty() {
            return Err("the packs do not compose".into());
        }
        let begun = Instant::now();
        for (_, shelved) in shelf.iter() {
            let files = pack::from_canonical(&shelved.bytes)?;
            if pack::read(&files).0.id.is_empty() {
                return Err("a pack without id".into());
            }
        }
        read.push(millis(begun));
    }
    Ok(Row {
        what: format!("composing {} packs", packs.len()),
        on: None,
        value: median(composed),
        unit: "ms",
        must: Must::AtMost(50.0),
        baseline: Baseline { what: "reading them from text".to_owned(), value: median(read) },
    })
}

async fn tasks(place: &Place, on: On) -> Result<Vec<Row>, Trouble> {
    let (installation, organization) = (&place.installation, &place.organization);
    seed::fill(place, "ledger", OPEN - INCIDENTS, seed::entry).await?;
    let mut incident = Uuid::nil();
    for number in 0..INCIDENTS {
        let fields = BTreeMap::from([
            ("title".to_owned(), Value::Text(format!("計測の事故 {number}"))),
            ("noticed_at".to_owned(), Value::Time(installation.environment.now())),
            ("breach_types".to_owned(), Value::List(vec![Value::Text("leak".to_owned())])),
        ]);
        let command = Command::Create { register: "incident".to_owned(), fields, lines: BTreeMap::new() };
        let deed = Request { circumstances: Circumstances::default(), ..Request::default() };
        incident = installation.perform(organization, deed, command).await?.record.unwrap_or_default();
    }
    installation.db.analyze().await?;
    installation.tick(organization).await?;
    let bare = bare_act(place).await?;
    let row = |what: &str, value, most| Row {
        what: what.to_owned(),
        on: Some(on.name()),
        value,
        unit: "ms",
        must: Must::AtMost(most),
        baseline: Baseline { what: "an act that changes nothing".to_owned(), value: bare },
    };
    let one = one_record(place, incident).await?;
    let (mut every, mut idle) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let (org, now) = (organization.id, installation.environment.now().into());
        installation.db.act(org, move |tx| Box::pin(async move { mark_all(tx, org, now).await })).await?;
        let begun = Instant::now();
        let count = installation.tick(organization).await?;
        every.push(millis(begun));
        if count < OPEN {
            return Err(format!("{count} records were computed anew, not {OPEN}").into());
        }
    }
    for _ in 0..RUNS {
        let begun = Instant::now();
        let count = installation.tick(organization).await?;
        idle.push(millis(begun));
        if count != 0 {
            return Err(format!("{count} records were due in the tick that should find none").into());
        }
    }
    Ok(vec![
        row("tasks of one changed incident", one, 1.0),
        row(&format!("tasks of {OPEN} open records, {INCIDENTS} of them incidents"), median(every), 2_000.0),
        row("minute tick with nothing due", median(idle), 5.0),
    ])
}

/// Milliseconds for the tasks of a record whose surroundings are loaded.
async fn one_record(place: &Place, id: Uuid) -> Result<f64, Trouble> {
    let now = place.installation.environment.now().into();
    let look = |kernel: &Kernel<'_>| {
        let record = kernel.snapshot.record(id)?;
        let begun = Instant::now();
        for _ in 0..RUNS {
            // A kernel remembers what it was asked, so each time is the first of another one.
            let fresh = Kernel::new(kernel.book, kernel.snapshot, kernel.moment);
            if compute(&fresh, record, &Standings::of(&fresh, record), now).tasks.is_empty() {
                return None;
            }
        }
        Some(millis(begun) / to_f64(RUNS))
    };
    place
        .installation
        .look(&place.organization, None, &[id], look)
        .await?
        .ok_or_else(|| "an incident without tasks".into())
}

/// Milliseconds of an act that changes nothing.
async fn bare_act(place: &Place) -> Result<f64, Trouble> {
    let mut took = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        place.installation.db.act(place.organization.id, |_| Box::pin(async move { Ok::<(), StoreError>(()) })).await?;
        took.push(millis(begun));
    }
    Ok(median(took))
}
