//! From starting the program to the first answered page over 100,000 records, and its memory then and under load.
//!
//! The baseline is the same program on an empty directory. What is started is `kitei serve` itself, built beside this program.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    Arguments, On, Trouble,
    client::{Connection, request},
    list::seed,
    load,
    place::Place,
    rows::{Baseline, Must, Row, median},
};

/// Starts of which the median counts.
const RUNS: usize = 5;

/// A running server; it is stopped with this.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Killed, not asked: what it holds is durable, and a start after a crash is the slower one.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Rows of this subject. SQLite, the default: with PostgreSQL the database's own start is not Kitei's.
pub(crate) async fn measure(arguments: &Arguments) -> Result<Vec<Row>, Trouble> {
    let place = Place::open(On::Sqlite).await?;
    seed::fill(&place, "ledger", arguments.records, seed::entry).await?;
    place.installation.db.analyze().await?;
    place.installation.sign(&place.organization).await?;
    let cookie = place.browser.cookie();
    let full = place.directory().to_owned();
    // The program refuses keys that others may read.
    std::fs::set_permissions(full.join("keys"), std::fs::Permissions::from_mode(0o700))?;
    place.installation.db.clone().close().await;
    let empty = tempfile::tempdir()?;
    let (mut taken, mut bare, mut resident, mut loaded) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (seconds, server) = start(&full).await?;
        taken.push(seconds);
        resident.push(megabytes(server.child.id(), "VmRSS")?);
        let page = request("GET", "/registers/ledger?q=%E6%8E%A1%E8%A1%80", &[("cookie", &cookie)], "");
        load::put(server.address, &page, 1).await?;
        loaded.push(megabytes(server.child.id(), "VmHWM")?);
        drop(server);
        bare.push(start(empty.path()).await?.0);
    }
    let row = |what: &str, value, unit, most, baseline: (&str, f64)| Row {
        what: format!("{what}, {} records", arguments.records),
        on: Some(On::Sqlite.name()),
        value,
        unit,
        must: Must::AtMost(most),
        baseline: Baseline { what: baseline.0.to_owned(), value: baseline.1 },
    };
    let rested = median(resident);
    Ok(vec![
        row("start to the first answered page", median(taken), "s", 0.5, ("an empty directory", median(bare))),
        row("memory after the start", rested, "MB", 120.0, ("itself", rested)),
        row("most memory under load", median(loaded), "MB", 300.0, ("after the start", rested)),
    ])
}

/// Starts the program; seconds until it answered a page.
async fn start(data: &Path) -> Result<(f64, Server), Trouble> {
    let begun = Instant::now();
    let mut child = Command::new(program()?)
        .args(["serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let output = child.stdout.take().ok_or("the program has no output")?;
    let mut address = None;
    for line in BufReader::new(output).lines() {
        let line = line?;
        let found = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        if let Some(found) = found {
            address = Some(found.parse()?);
            break;
        }
    }
    let server = Server { child, address: address.ok_or("the program did not say its address")? };
    let page = request("GET", "/sign-in", &[], "");
    for _ in 0..200 {
        if let Ok(mut connection) = Connection::open(server.address).await {
            let answer = connection.exchange(&page).await?;
            if matches!(answer.status, 200 | 303) {
                return Ok((begun.elapsed().as_secs_f64(), server));
            }
            return Err(format!("the first page answered {}", answer.status).into());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err("the program did not answer".into())
}

/// `kitei`, which `./bench` builds beside this program.
fn program() -> Result<PathBuf, Trouble> {
    let own = std::env::current_exe()?;
    let beside = own.with_file_name("kitei");
    if beside.is_file() { Ok(beside) } else { Err(format!("{} is missing: build it first", beside.display()).into()) }
}

/// A figure of a process in megabytes.
pub(crate) fn megabytes(process: u32, figure: &str) -> Result<f64, Trouble> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let kilobytes = status.lines().find_map(|line| {
        line.strip_prefix(figure)?.trim_start_matches(':').split_whitespace().next()?.parse::<f64>().ok()
    });
    Ok(kilobytes.ok_or("the system does not say how much memory is used")? / 1024.0)
}
