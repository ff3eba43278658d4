//! The auditor's bundle: events with their proofs, papers, attachments, records in words, and a page to read it by.
//!
//! The format is `kitei_evidence::bundle`'s; here it is filled from the database. A bundle of everything holds every
//! event from the first, so that the root is computed again; one of a record or a period holds its events, each with
//! its inclusion proof. `verify.py` lies in it, for a person who has nothing of Kitei.
//!
//! What is opened is the caller's decision ([`Opening`]): records and attachments are handed to it, and it gives back
//! words and bytes, or nothing. Sealed values in events stay sealed. What was erased says so.
//!
//! Invariant: nothing of another organisation is read: every statement carries the organisation.
//! Invariant: a bundle is written from one snapshot, and only what verifies comes out of its builder.

mod index;
mod sink;
mod tree;
pub mod words;
mod write;

use std::path::Path;

use jiff::civil::Date;
use kitei_evidence::Digest;
use kitei_rules::{pack::model::Text, run::Kernel, world};
use kitei_store::{attachments::Attachment, log, statements};
use serde::Serialize;
use serde_json::{Map, json};
use uuid::Uuid;

pub use sink::Target;

use super::{EvidenceError, checkpoints::own_event};
use crate::kernel::{Installation, Organization};
pub(crate) use write::sealed_leaves;

statements! {
    /// The first and the last event of a stretch of time.
    SPAN = "select min(seq) as first, max(seq) as last from event where org = $1 and at >= $2 and at < $3";
    /// Every complete subtree that is kept.
    NODES = "select level, position, hash from merkle_node where org = $1 order by level, position";
    /// Leaf hashes of a span.
    LEAVES = "select leaf_hash from event where org = $1 and seq >= $2 and seq < $3 order by seq";
    /// Events after a place.
    EVENTS = "select seq, at, kind, subject, actor, bytes from event where org = $1 and seq >= $2 and seq < $3
        order by seq limit $4";
}

/// What a bundle is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Everything about one record.
    Record(Uuid),
    /// What was recorded in a period, both days included, in the organisation's zone.
    Period {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// The whole log.
    Everything,
}

/// A paper for the bundle.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Name of its file.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// PDF.
    pub bytes: Vec<u8>,
    /// The event that records its SHA-256, if one does and it is within the bundle.
    pub event: Option<u64>,
}

/// A record in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenedRecord {
    /// What it is called.
    pub title: String,
    /// Its values.
    pub entries: Vec<Entry>,
}

/// A value in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What the field is called.
    pub label: Text,
    /// The value as people read it.
    pub value: String,
}

/// An attachment that was opened.
#[derive(Clone)]
pub struct OpenedFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for OpenedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenedFile").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// Gives a record its words; nothing when whoever takes the bundle may not read it ([`words`]).
pub type RecordWords<'a> = dyn Fn(&Kernel<'_>, &world::Record) -> Option<OpenedRecord> + Send + Sync + 'a;
/// Opens an attachment's sealed bytes; nothing when whoever takes the bundle may not have it.
pub type OpenFile<'a> = dyn Fn(&Attachment, &[u8]) -> Option<OpenedFile> + Send + Sync + 'a;

/// What may be opened, and how it reads.
#[derive(Clone, Copy)]
pub struct Opening<'a> {
    /// Records.
    pub record: &'a RecordWords<'a>,
    /// Attachments.
    pub file: &'a OpenFile<'a>,
}

impl std::fmt::Debug for Opening<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opening")
    }
}

/// How a bundle is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What it is to hold.
    pub wanted: Wanted,
    /// Where it goes.
    pub target: Target<'a>,
    /// Papers to go with it.
    pub papers: &'a [Paper],
    /// What may be opened.
    pub opening: Opening<'a>,
}

/// A bundle that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Events in it.
    pub events: u64,
    /// Records in words.
    pub records: u64,
    /// Attachments.
    pub attachments: u64,
    /// Size of the checkpoint that the proofs lead to.
    pub signed: u64,
    /// SHA-256 of the manifest, to be told by another way.
    pub manifest: Digest,
}

impl Installation {
    /// Records that a bundle was taken: by whom (`None`: by whoever holds the machine) and what it holds. To be called
    /// when it was handed over.
    ///
    /// # Errors
    /// [`EvidenceError`].
    pub async fn bundle_taken(
        &self,
        organization: &Organization,
        by: Option<Uuid>,
        wanted: Wanted,
        written: &Written,
    ) -> Result<(), EvidenceError> {
        let scope = match wanted {
            Wanted::Record(record) => json!({ "record": record.to_string() }),
            Wanted::Period { from, to } => json!({ "from": from.to_string(), "to": to.to_string() }),
            Wanted::Everything => json!("everything"),
        };
        let body = Map::from_iter([
            ("scope".to_owned(), scope),
            ("events".to_owned(), json!(written.events)),
            ("records".to_owned(), json!(written.records)),
            ("manifest".to_owned(), json!(written.manifest.to_string())),
        ]);
        let mut event = own_event("evidence.bundle-taken", "evidence.bundle", self.environment.now().into(), body);
        if let Some(by) = by {
            (event.actor, event.actor_id) = (by.to_string(), Some(by));
        }
        let org = organization.id;
        self.db.act(org, move |tx| Box::pin(async move { log::append(tx, org, event).await.map(drop) })).await?;
        Ok(())
    }
}

/// The independent verifier that goes with every bundle.
const VERIFIER: &str = include_str!("../../../../../docs/verify.py");

/// A name that a file of a bundle may have: no separators, nothing that controls a terminal, not too long.
fn file_name(name: &str) -> String {
    let plain = |character: char| match character {
        '/' | '\\' | ':' | '"' | '<' | '>' | '|' | '?' | '*' => '_',
        control if control.is_control() => '_',
        other => other,
    };
    let name: String = name.chars().map(plain).take(48).collect();
    let name = name.trim_start_matches('.').trim();
    if name.is_empty() { "_".to_owned() } else { name.to_owned() }
}

/// Whether a path is the name of a zip file.
fn is_zip(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}
