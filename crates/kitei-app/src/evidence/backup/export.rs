//! Writing a backup: one snapshot, table by table, encrypted and written by a thread of its own.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use jiff::Timestamp;
use kitei_store::{
    db::{Bind, Reader, Statement, Value},
    migrate::MIGRATIONS,
    organizations,
};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;

use super::super::EvidenceError;
use super::{
    FORMAT, Head, Held, Order,
    cipher::{Fresh, Sealer},
    table::{PAGE, Table, cell, tables},
};
use crate::kernel::Installation;

/// Bytes handed to the writing thread at a time, about.
const BLOCK: usize = 256 * 1024;

/// Writes a backup file and says how many rows it holds. A file half written is removed.
pub(super) async fn write(
    installation: &Installation,
    order: &Order<'_>,
    path: &Path,
    now: Timestamp,
) -> Result<u64, EvidenceError> {
    let mut fresh: Fresh = [0; 35];
    installation.environment.random(&mut fresh);
    let part = path.with_extension("part");
    let (sender, receiver) = mpsc::channel(4);
    let (passphrase, cost, file) = (order.passphrase.clone(), order.cost, part.clone());
    let writing = tokio::task::spawn_blocking(move || -> std::io::Result<()> {
        let output = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&file)?;
        let sealer = Sealer::new(output, &passphrase, cost, &fresh)?;
        pour(receiver, sealer)?.sync_all()
    });
    let exported = export(installation, now, sender).await;
    let written = writing.await.map_err(|_| EvidenceError::Stopped)?;
    // When writing failed the channel closed, and that is not the cause to report.
    let rows = written.map_err(EvidenceError::io(&part)).and(exported);
    let rows = match rows {
        Ok(rows) => rows,
        Err(error) => {
            // What cannot be finished must not fill the disk further; a failure here changes nothing.
            let _removed = std::fs::remove_file(&part);
            return Err(error);
        }
    };
    std::fs::rename(&part, path).map_err(EvidenceError::io(path))?;
    if let Some(directory) = path.parent() {
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(EvidenceError::io(directory))?;
    }
    Ok(rows)
}

fn pour<W: std::io::Write>(mut receiver: mpsc::Receiver<Vec<u8>>, mut sealer: Sealer<W>) -> std::io::Result<W> {
    while let Some(block) = receiver.blocking_recv() {
        sealer.write_all(&block)?;
    }
    sealer.finish()
}

/// Lines on their way to the writing thread.
struct Lines {
    sender: mpsc::Sender<Vec<u8>>,
    block: Vec<u8>,
}

impl Lines {
    async fn line(&mut self, json: &Json) -> Result<(), EvidenceError> {
        writeln!(self.block, "{json}").map_err(|_| EvidenceError::Stopped)?;
        if self.block.len() >= BLOCK {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), EvidenceError> {
        let block = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK + 4096));
        self.sender.send(block).await.map_err(|_| EvidenceError::Stopped)
    }
}

async fn export(
    installation: &Installation,
    now: Timestamp,
    sender: mpsc::Sender<Vec<u8>>,
) -> Result<u64, EvidenceError> {
    let mut reader = installation.db.snapshot().await?;
    let mut lines = Lines { sender, block: Vec::new() };
    let head = head(installation, &mut reader, now).await?;
    lines.line(&serde_json::to_value(head).map_err(|_| EvidenceError::Stopped)?).await?;
    let mut rows = 0;
    for table in tables() {
        let columns: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        lines.line(&json!({ "table": table.name, "columns": columns })).await?;
        rows += export_table(&mut reader, &table, &mut lines).await?;
    }
    lines.line(&json!({ "end": { "rows": rows } })).await?;
    lines.flush().await?;
    Ok(rows)
}

async fn head(installation: &Installation, reader: &mut Reader, now: Timestamp) -> Result<Head, EvidenceError> {
    let mut held = Vec::new();
    for row in organizations::list(reader).await? {
        let open = installation.organization(row.org).await.ok();
        let verifier_key = open.map(|open| open.signing().verifier_key().to_string());
        held.push(Held { org: row.org, name: row.name, size: row.log_size, verifier_key });
    }
    let schema = MIGRATIONS.last().map_or(0, |last| last.version);
    Ok(Head { format: FORMAT.to_owned(), made_at: now, schema, organizations: held })
}

async fn export_table(reader: &mut Reader, table: &Table, lines: &mut Lines) -> Result<u64, EvidenceError> {
    let first = Statement::composed(concat!(module_path!(), "::FIRST"), table.page(true));
    let further = Statement::composed(concat!(module_path!(), "::FURTHER"), table.page(false));
    let (mut count, mut after) = (0, Vec::<Value<'static>>::new());
    loop {
        let binds: Vec<&dyn Bind> = after.iter().map(|value| value as &dyn Bind).collect();
        let statement = if after.is_empty() { &first } else { &further };
        let page = reader.fetch_all(statement, &binds).await?;
        for row in &page {
            let mut cells = Vec::with_capacity(table.columns.len());
            for (column, kind) in &table.columns {
                cells.push(cell(&kind.read(row, column)?));
            }
            lines.line(&Json::Array(cells)).await?;
            count += 1;
        }
        let Some(last) = page.last().filter(|_| page.len() == PAGE) else { return Ok(count) };
        after.clear();
        for key in &table.key {
            let kind = table.columns.iter().find(|(column, _)| column == key).map(|(_, kind)| *kind);
            if let Some(kind) = kind {
                after.push(kind.read(last, key)?);
            }
        }
    }
}
