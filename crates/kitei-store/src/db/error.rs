//! What can go wrong in the store, in words that never carry a bound value.
//!
//! Invariant: a message names the statement, the kind, the engine's code and (where the engine gives them) the names
//! of constraint and columns; never the text of a parameter, because parameters are personal information.

use std::borrow::Cow;

/// The kinds that a caller can act on, the same on both engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// A unique or primary key already holds this value.
    Unique,
    /// A reference points at nothing.
    ForeignKey,
    /// A column that must hold a value got none.
    NotNull,
    /// A named check refused the row.
    Check,
    /// Somebody else holds the lock, the pool is used up, or an act took longer than its limit.
    Busy,
    /// The disk is full.
    Full,
    /// The database was opened, or lies on a disk, that cannot be written.
    ReadOnly,
    /// The file or the connection failed.
    Io,
    /// The file is damaged or is no database.
    Corrupt,
    /// A row that had to exist does not.
    Missing,
    /// The row has changed since the caller read it.
    Stale,
    /// A column holds something other than the type that was asked for.
    Decode,
    /// The act panicked; nothing of it was kept.
    Panicked,
    /// The store is shutting down.
    Closed,
    /// A row of an append-only table was about to change, or the log does not agree with itself.
    Evidence,
    /// Anything else; the code says more.
    Other,
}

impl StoreErrorKind {
    fn words(self) -> &'static str {
        match self {
            Self::Unique => "this key already exists",
            Self::ForeignKey => "a reference points at nothing",
            Self::NotNull => "a required column is empty",
            Self::Check => "a check refused the row",
            Self::Busy => "the database is busy; try again",
            Self::Full => "the disk is full; free space and try again",
            Self::ReadOnly => "the database cannot be written",
            Self::Io => "reading or writing the database failed",
            Self::Corrupt => "the database file is damaged; restore a backup",
            Self::Missing => "no such row",
            Self::Stale => "the row has changed since it was read; read it again",
            Self::Decode => "a column does not hold the expected type",
            Self::Panicked => "the act failed inside and was undone",
            Self::Closed => "the store is closed",
            Self::Evidence => "the evidence log can only be appended to",
            Self::Other => "the database refused",
        }
    }
}

/// An error of the store: kind, statement and the engine's own code, without any value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{statement}: {}{}", kind.words(), detail.as_ref().map(|text| format!(" ({text})")).unwrap_or_default())]
pub struct StoreError {
    kind: StoreErrorKind,
    statement: Cow<'static, str>,
    detail: Option<String>,
}

impl StoreError {
    /// An error of `kind` at `statement` (a statement's name, or the name of what was done).
    #[must_use]
    pub fn new(kind: StoreErrorKind, statement: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, statement: statement.into(), detail: None }
    }

    /// Adds words for the person who reads the log. The caller vouches that they hold no value.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// What went wrong, to decide upon.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// The statement at which it went wrong.
    #[must_use]
    pub fn statement(&self) -> &str {
        &self.statement
    }

    pub(crate) fn from_io(statement: impl Into<Cow<'static, str>>, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        let kind = match error.kind() {
            Kind::StorageFull | Kind::QuotaExceeded => StoreErrorKind::Full,
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => StoreErrorKind::ReadOnly,
            Kind::NotFound => StoreErrorKind::Missing,
            _ => StoreErrorKind::Io,
        };
        // The kind and not the message: a message may hold a path with somebody's name in it.
        Self::new(kind, statement).with_detail(error.kind().to_string())
    }

    pub(crate) fn from_sqlx(statement: impl Into<Cow<'static, str>>, error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::new(StoreErrorKind::Missing, statement),
            sqlx::Error::PoolTimedOut => Self::new(StoreErrorKind::Busy, statement).with_detail("no free connection"),
            sqlx::Error::PoolClosed => Self::new(StoreErrorKind::Closed, statement),
            sqlx::Error::Io(error) => Self::from_io(statement, error),
            sqlx::Error::ColumnNotFound(name) => {
                Self::new(StoreErrorKind::Decode, statement).with_detail(format!("no column {name}"))
            }
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::new(StoreErrorKind::Decode, statement).with_detail(format!("column {index}"))
            }
            sqlx::Error::Database(error) => Self::from_database(statement.into(), error.as_ref()),
            sqlx::Error::WorkerCrashed => Self::new(StoreErrorKind::Io, statement).with_detail("worker stopped"),
            sqlx::Error::Tls(_) => Self::new(StoreErrorKind::Io, statement).with_detail("TLS"),
            sqlx::Error::Protocol(_) => Self::new(StoreErrorKind::Io, statement).with_detail("protocol"),
            sqlx::Error::Configuration(_) => Self::new(StoreErrorKind::Other, statement).with_detail("configuration"),
            _ => Self::new(StoreErrorKind::Other, statement),
        }
    }

    pub(crate) fn from_sqlite(statement: impl Into<Cow<'static, str>>, error: &rusqlite::Error) -> Self {
        let (failure, message) = match error {
            rusqlite::Error::SqliteFailure(failure, message) => (failure, message.as_deref()),
            rusqlite::Error::SqlInputError { error, msg, .. } => (error, Some(msg.as_str())),
            rusqlite::Error::QueryReturnedNoRows => return Self::new(StoreErrorKind::Missing, statement),
            rusqlite::Error::InvalidParameterCount(..) => {
                return Self::new(StoreErrorKind::Other, statement).with_detail("a value is missing");
            }
            rusqlite::Error::ExecuteReturnedResults => {
                return Self::new(StoreErrorKind::Other, statement).with_detail("rows came back that nobody reads");
            }
            _ => return Self::new(StoreErrorKind::Other, statement),
        };
        let (kind, code) = (kind_of_sqlite(failure.extended_code), failure.extended_code);
        let names = message.and_then(|message| names_in(message, kind, code == 1));
        let detail = names.map_or_else(|| format!("code {code}"), |names| format!("code {code}, {names}"));
        Self::new(kind, statement).with_detail(detail)
    }

    fn from_database(statement: Cow<'static, str>, error: &dyn sqlx::error::DatabaseError) -> Self {
        use sqlx::error::ErrorKind as Kind;
        let code = error.code().unwrap_or_default().into_owned();
        let kind = match error.kind() {
            Kind::UniqueViolation => StoreErrorKind::Unique,
            Kind::ForeignKeyViolation => StoreErrorKind::ForeignKey,
            Kind::NotNullViolation => StoreErrorKind::NotNull,
            Kind::CheckViolation => StoreErrorKind::Check,
            _ => kind_of_sqlstate(&code),
        };
        let mut detail = format!("code {code}");
        if let Some(names) = names_of(error, kind, &code) {
            detail.push_str(", ");
            detail.push_str(&names);
        }
        Self::new(kind, statement).with_detail(detail)
    }
}

/// PostgreSQL's SQLSTATE has five characters.
fn kind_of_sqlstate(code: &str) -> StoreErrorKind {
    match code {
        "40001" | "40P01" | "55P03" | "53300" | "57014" => StoreErrorKind::Busy,
        "53100" | "53200" => StoreErrorKind::Full,
        "25006" | "42501" => StoreErrorKind::ReadOnly,
        "KT001" => StoreErrorKind::Evidence,
        _ if code.starts_with("XX") => StoreErrorKind::Corrupt,
        _ if code.starts_with("08") || code.starts_with("57P") || code.starts_with("58") => StoreErrorKind::Io,
        _ => StoreErrorKind::Other,
    }
}

/// SQLite's extended result codes: the low byte is the kind of trouble, the rest says more.
fn kind_of_sqlite(code: i32) -> StoreErrorKind {
    use rusqlite::ffi;
    match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            return StoreErrorKind::Unique;
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => return StoreErrorKind::ForeignKey,
        ffi::SQLITE_CONSTRAINT_NOTNULL => return StoreErrorKind::NotNull,
        ffi::SQLITE_CONSTRAINT_CHECK => return StoreErrorKind::Check,
        // `raise(abort, …)`; the only triggers are those that keep the evidence append-only.
        ffi::SQLITE_CONSTRAINT_TRIGGER => return StoreErrorKind::Evidence,
        _ => {}
    }
    match code & 0xff {
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => StoreErrorKind::Busy,
        ffi::SQLITE_READONLY => StoreErrorKind::ReadOnly,
        ffi::SQLITE_IOERR | ffi::SQLITE_CANTOPEN => StoreErrorKind::Io,
        ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => StoreErrorKind::Corrupt,
        ffi::SQLITE_FULL => StoreErrorKind::Full,
        _ => StoreErrorKind::Other,
    }
}

/// Names out of PostgreSQL's message, only where the message cannot hold a value.
fn names_of(error: &dyn sqlx::error::DatabaseError, kind: StoreErrorKind, code: &str) -> Option<String> {
    if let Some(constraint) = error.constraint() {
        return Some(constraint.to_owned());
    }
    names_in(error.message(), kind, code.len() == 5 && code.starts_with("42"))
}

/// Names out of an engine's message, only where the message cannot hold a value: constraint names, and for a faulty
/// statement (a mistake of ours) the message itself, which speaks of the statement's text.
fn names_in(message: &str, kind: StoreErrorKind, is_faulty_statement: bool) -> Option<String> {
    let is_constraint = matches!(
        kind,
        StoreErrorKind::Unique | StoreErrorKind::NotNull | StoreErrorKind::Check | StoreErrorKind::ForeignKey
    );
    if is_constraint {
        return message.split_once("failed: ").map(|(_, names)| names.to_owned());
    }
    is_faulty_statement.then(|| message.to_owned())
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is neither `sqlite:///path/to/kitei.db` nor `postgres://user@host/database`.
    #[error("database.url: {reason}; write sqlite:///path/to/kitei.db or postgres://user@host/database")]
    Url {
        /// What is wrong with it, without the address itself (it may hold a password).
        reason: &'static str,
    },
    /// The engine refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}
