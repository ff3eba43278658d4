//! `./bench`: the speeds that the project promises, measured on this machine, each beside a baseline of the same run.
//!
//! A row is one figure: what was measured, on which database, what it must reach, and what a bare program reaches that does
//! only the part nobody can leave out. A subject is a module with a function that gives rows; [`Subject`] lists them.
//!
//! Invariant: what is measured is the real thing (router, database files, keys); an answer that is wrong ends the run.
//! Invariant: every figure is a median of several runs.

#![expect(clippy::print_stdout, reason = "a table on the terminal is what this program is for")]

mod client;
mod environment;
mod list;
mod load;
mod paper;
mod place;
mod rows;
mod rules;
mod start;
mod table;
mod verify;
mod write;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use rows::Row;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// From the start to the first page, and memory.
    Start,
    /// Pages of a register of 100,000 records, filtered and searched.
    List,
    /// Durable writes through HTTP.
    Write,
    /// A ledger in from Excel and out again.
    Table,
    /// Verifying a long log.
    Verify,
    /// Composing packs, computing tasks.
    Rules,
    /// A notice as PDF.
    Paper,
}

/// The databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum On {
    /// The bundled SQLite.
    Sqlite,
    /// PostgreSQL 15, started for the run.
    Postgres,
}

impl On {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Measures Kitei on this machine.
#[derive(Debug, Parser)]
#[command(name = "bench", about, version)]
pub(crate) struct Arguments {
    /// What to measure; everything, when nothing is named.
    subjects: Vec<Subject>,
    /// Databases to measure on.
    #[arg(long, value_delimiter = ',', default_values_t = [On::Sqlite, On::Postgres], value_enum)]
    on: Vec<On>,
    /// Records of a large register.
    #[arg(long, default_value_t = 100_000)]
    records: usize,
    /// Events of the log that is verified.
    #[arg(long, default_value_t = 1_000_000)]
    events: usize,
    /// Seconds of one run; each figure is the median of three.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Where the figures are written as JSON.
    #[arg(long, default_value = "target/bench.json")]
    json: PathBuf,
}

/// A run that could not be carried out.
pub(crate) type Trouble = Box<dyn std::error::Error + Send + Sync>;

fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(measure(&arguments)) {
        Ok(rows) if rows.iter().all(Row::met) => std::process::ExitCode::SUCCESS,
        // The figures are written; that some are missed is told by the table and by the exit code.
        Ok(_) => std::process::ExitCode::from(1),
        Err(trouble) => failed(&trouble),
    }
}

fn failed(trouble: &Trouble) -> std::process::ExitCode {
    println!("測定できなかった — the figures could not be measured: {trouble}");
    std::process::ExitCode::from(2)
}

async fn measure(arguments: &Arguments) -> Result<Vec<Row>, Trouble> {
    let all = Subject::value_variants().to_vec();
    let subjects = if arguments.subjects.is_empty() { all } else { arguments.subjects.clone() };
    let mut rows = Vec::new();
    for subject in subjects {
        rows.extend(match subject {
            Subject::Start => start::measure(arguments).await?,
            Subject::List => list::measure(arguments).await?,
            Subject::Write => write::measure(arguments).await?,
            Subject::Table => table::measure(arguments).await?,
            Subject::Verify => verify::measure(arguments).await?,
            Subject::Rules => rules::measure(arguments).await?,
            Subject::Paper => paper::measure()?,
        });
        // Written after each subject, so that a long run that is stopped leaves what it has.
        rows::write(&arguments.json, &rows)?;
    }
    print!("{}", rows::table(&rows));
    println!("{}", arguments.json.display());
    Ok(rows)
}
