//! A ledger of 100,000 rows and fifteen columns in from Excel, and out to Excel again.
//!
//! Baselines: calamine alone reading the same file, and `rust_xlsxwriter` alone writing the same cells. While the rows come in,
//! somebody else goes on writing; how long they wait is a figure too, and so is the memory.

mod workbook;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use kitei_app::import::{Choices, Export, Form, State, Upload};
use kitei_rules::{expr::Actor, run::paper::Lang};
use kitei_store::records::ListQuery;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::{
    Arguments, On, Trouble,
    client::{Connection, request},
    list::seed,
    place::Place,
    rows::{Baseline, Must, Row, median},
    write,
};

/// Runs of which the median counts.
const RUNS: usize = 3;
/// How often somebody else writes while rows come in.
const PAUSE: Duration = Duration::from_millis(40);

/// What one import came to.
struct Measured {
    visible: f64,
    searched: f64,
    waited: f64,
    memory: f64,
    calamine: f64,
    export: f64,
    writer: f64,
}

/// Rows of this subject.
pub(crate) async fn measure(arguments: &Arguments) -> Result<Vec<Row>, Trouble> {
    let mut rows = Vec::new();
    for on in &arguments.on {
        let mut runs = Vec::new();
        for _ in 0..RUNS {
            runs.push(once(arguments.records, *on).await?);
        }
        rows.extend(figures(arguments.records, *on, &runs));
    }
    Ok(rows)
}

fn figures(count: usize, on: On, runs: &[Measured]) -> [Row; 5] {
    let of = |figure: fn(&Measured) -> f64| median(runs.iter().map(figure).collect());
    let (visible, calamine, writer) = (of(|run| run.visible), of(|run| run.calamine), of(|run| run.writer));
    let row = |what: String, value, unit, must, baseline: (&str, f64)| Row {
        what,
        on: Some(on.name()),
        value,
        unit,
        must: Must::AtMost(must),
        baseline: Baseline { what: baseline.0.to_owned(), value: baseline.1 },
    };
    let alone = ("calamine alone", calamine);
    [
        row(format!("import of {count} rows until they are visible"), visible, "s", 10.0 * calamine, alone),
        row("from then until the search finds them".to_owned(), of(|run| run.searched), "s", 30.0, alone),
        row("longest wait of others who write".to_owned(), of(|run| run.waited), "ms", 200.0, ("in all s", visible)),
        row("most memory of an import".to_owned(), of(|run| run.memory), "MB", 400.0, ("in all s", visible)),
        row(
            format!("export of {count} rows"),
            of(|run| run.export),
            "s",
            2.0 * writer,
            ("rust_xlsxwriter alone", writer),
        ),
    ]
}

async fn once(count: usize, on: On) -> Result<Measured, Trouble> {
    let mut place = Place::open(on).await?;
    let bytes = workbook::ledger(&*place.book().await?, count)?;
    let token = place.browser.token("/registers/incident/new").await?;
    forget_peak()?;
    let others = Others::begin(place.server.address, place.browser.cookie(), token);
    let begun = Instant::now();
    import(&place, bytes.clone()).await?;
    let total = total(&place, "").await?;
    let visible = begun.elapsed().as_secs_f64();
    if total != count {
        return Err(format!("{total} rows are visible, not {count}").into());
    }
    let expected = count.div_ceil(seed::RARE);
    let ended = Instant::now();
    while self::total(&place, "?q=%E6%8E%A1%E8%A1%80").await? < expected {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let searched = ended.elapsed().as_secs_f64();
    let memory = crate::start::megabytes(std::process::id(), "VmHWM")?;
    let waited = others.end().await?;
    let file = place.directory().join("out.xlsx");
    let begun = Instant::now();
    let export = Export { query: ListQuery::new("ledger"), actor: None, lang: Lang::Ja, form: Form::Xlsx };
    let written = place.installation.export(&place.organization, &export, std::fs::File::create(&file)?).await?;
    let export = begun.elapsed().as_secs_f64();
    if usize::try_from(written)? != count {
        return Err(format!("{written} rows went out, not {count}").into());
    }
    let begun = Instant::now();
    workbook::read(&bytes)?;
    let calamine = begun.elapsed().as_secs_f64();
    let cells = workbook::read(&std::fs::read(&file)?)?;
    let begun = Instant::now();
    workbook::write_alone(&cells, &place.directory().join("alone.xlsx"))?;
    let writer = begun.elapsed().as_secs_f64();
    Ok(Measured { visible, searched, waited, memory, calamine, export, writer })
}

/// Takes a workbook in, as its page does: received, checked, agreed to, staged, settled.
async fn import(place: &Place, bytes: Vec<u8>) -> Result<(), Trouble> {
    let (installation, organization) = (&place.installation, &place.organization);
    let upload = Upload {
        register: "ledger".to_owned(),
        name: "台帳.xlsx".to_owned(),
        bytes,
        actor: Actor::default(),
        own: true,
        lang: Lang::Ja,
        choices: Choices { gaps: true, ..Choices::default() },
    };
    let id = installation.receive_import(organization, upload).await?;
    installation.carry_on_import(organization, id).await?;
    stands(place, id, State::Ready).await?;
    installation.confirm_import(organization, id).await?;
    installation.carry_on_import(organization, id).await?;
    stands(place, id, State::Done).await
}

/// Refuses to measure an import that did not come to what it should.
async fn stands(place: &Place, id: Uuid, state: State) -> Result<(), Trouble> {
    let batch = place.installation.import_batch(&place.organization, id).await?;
    if batch.state == state {
        return Ok(());
    }
    let problems = batch.report.map(|report| report.problems).unwrap_or_default();
    Err(format!("the import is {:?}: {:?} {:?}", batch.state, batch.refusal, problems.first()).into())
}

/// How many records the JSON API counts in the ledger.
async fn total(place: &Place, query: &str) -> Result<usize, Trouble> {
    let path = format!("/api/v1/registers/ledger/records{query}");
    let asked = request("GET", &path, &[("cookie", &place.browser.cookie())], "");
    let answer = Connection::open(place.server.address).await?.exchange(&asked).await?;
    let json: serde_json::Value = serde_json::from_slice(&answer.body)?;
    let total = json.get("total").and_then(serde_json::Value::as_u64).ok_or_else(|| answer.text())?;
    Ok(usize::try_from(total)?)
}

/// Somebody who goes on writing through pages.
struct Others {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Result<Duration, Trouble>>,
}

impl Others {
    fn begin(address: SocketAddr, cookie: String, token: String) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let task = tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut longest = Duration::ZERO;
            while !told.load(Ordering::Relaxed) {
                let begun = Instant::now();
                write::incident(&mut connection, &cookie, &token).await?;
                longest = longest.max(begun.elapsed());
                tokio::time::sleep(PAUSE).await;
            }
            Ok(longest)
        });
        Self { stop, task }
    }

    /// The longest wait, in milliseconds.
    async fn end(self) -> Result<f64, Trouble> {
        self.stop.store(true, Ordering::Relaxed);
        Ok(self.task.await??.as_secs_f64() * 1000.0)
    }
}

/// Lets the system count the most memory from here on.
fn forget_peak() -> Result<(), Trouble> {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}
