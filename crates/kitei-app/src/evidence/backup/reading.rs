//! Reading a backup, line by line.
//!
//! Invariant: lines are bounded, and every cell is of its column's kind, before anything is done with them.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use kitei_store::{db::Value, migrate::MIGRATIONS};
use serde_json::Value as Json;

use super::super::EvidenceError;
use super::{
    BackupError, FORMAT, Head, Passphrase,
    cipher::Opener,
    table::{Table, tables},
};

/// The longest line: an event of 16 MiB in base64, or a document, with room to spare.
const MAX_LINE: u64 = 64 * 1024 * 1024;

/// A backup that is being read.
pub(super) struct Reading {
    path: PathBuf,
    lines: BufReader<Opener<BufReader<File>>>,
    number: u64,
    tables: Vec<Arc<Table>>,
    table: Option<Arc<Table>>,
    ended: bool,
}

/// What comes next.
pub(super) enum Item {
    /// A row, in the order of its table's columns.
    Row(Arc<Table>, Vec<Value<'static>>),
    /// The end, with the number of rows that it names.
    End(u64),
}

impl Reading {
    /// Opens a backup and reads its head.
    pub(super) fn open(path: &Path, passphrase: &Passphrase) -> Result<(Self, Head), EvidenceError> {
        let file = File::open(path).map_err(EvidenceError::io(path))?;
        let opener = Opener::new(BufReader::new(file), passphrase)?;
        let mut reading = Self {
            path: path.to_owned(),
            lines: BufReader::with_capacity(64 * 1024, opener),
            number: 0,
            tables: tables().into_iter().map(Arc::new).collect(),
            table: None,
            ended: false,
        };
        let head = reading.line()?.ok_or_else(|| reading.wrong("a backup begins with its head"))?;
        let head: Head = serde_json::from_value(head).map_err(|_| reading.wrong("a backup begins with its head"))?;
        if head.format != FORMAT {
            return Err(reading.wrong("`format` must be \"kitei-backup/1\""));
        }
        let known = MIGRATIONS.last().map_or(0, |last| last.version);
        if head.schema != known {
            return Err(BackupError::Schema { found: head.schema, known }.into());
        }
        Ok((reading, head))
    }

    /// The next row or the end; nothing after the end.
    pub(super) fn next(&mut self) -> Result<Option<Item>, EvidenceError> {
        while !self.ended {
            let line = self.line()?.ok_or_else(|| self.wrong("a backup ends with the number of its rows"))?;
            match line {
                Json::Array(cells) => return self.row(cells).map(Some),
                Json::Object(members) => {
                    if let Some(end) = members.get("end") {
                        self.ended = true;
                        let rows = end.get("rows").and_then(Json::as_u64);
                        let rows = rows.ok_or_else(|| self.wrong("the end names the number of rows"))?;
                        return Ok(Some(Item::End(rows)));
                    }
                    self.begin_table(&members)?;
                }
                _ => return Err(self.wrong("a line is a row, a table or the end")),
            }
        }
        Ok(None)
    }

    fn begin_table(&mut self, members: &serde_json::Map<String, Json>) -> Result<(), EvidenceError> {
        let name = members.get("table").and_then(Json::as_str).unwrap_or_default();
        let table = self.tables.iter().find(|table| table.name == name).map(Arc::clone);
        let table = table.ok_or_else(|| self.wrong("the table is none of this schema"))?;
        let columns = members.get("columns").and_then(Json::as_array).into_iter().flatten().map(Json::as_str);
        if !columns.eq(table.columns.iter().map(|(column, _)| Some(column.as_str()))) {
            return Err(self.wrong("the columns are not those of this schema"));
        }
        self.table = Some(table);
        Ok(())
    }

    fn row(&self, cells: Vec<Json>) -> Result<Item, EvidenceError> {
        let table = self.table.as_ref().ok_or_else(|| self.wrong("a row comes after its table"))?;
        if cells.len() != table.columns.len() {
            return Err(self.wrong("a row has as many cells as its table has columns"));
        }
        let cells = cells.into_iter().zip(&table.columns).map(|(cell, (_, kind))| kind.parse(cell));
        let row = cells.collect::<Option<Vec<_>>>().ok_or_else(|| self.wrong("a cell is not of its column's kind"))?;
        Ok(Item::Row(Arc::clone(table), row))
    }

    fn line(&mut self) -> Result<Option<Json>, EvidenceError> {
        let mut line = Vec::new();
        self.number += 1;
        let read = (&mut self.lines).take(MAX_LINE).read_until(b'\n', &mut line);
        match read {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) => return Err(self.failed(error)),
        }
        let json = serde_json::from_slice(&line).map_err(|_| self.wrong("a line is JSON of at most 64 MiB"))?;
        Ok(Some(json))
    }

    fn wrong(&self, expected: &'static str) -> EvidenceError {
        BackupError::Line { line: self.number, expected }.into()
    }

    fn failed(&self, error: io::Error) -> EvidenceError {
        match error.downcast::<BackupError>() {
            Ok(error) => error.into(),
            Err(source) => EvidenceError::Io { path: self.path.clone(), source },
        }
    }
}
