//! A batch: where it stands, what was chosen, what is stored of it, and how people see it.

use kitei_papers::tables::shape::Overrides;
use kitei_store::db::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    report::{Counts, Report},
    same::Same,
};
use crate::kernel::Fault;

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The rules are asked about its rows.
    Checking,
    /// Every row may come in.
    Ready,
    /// Something must be corrected first.
    Blocked,
    /// Its rows are being written; nobody sees them.
    Staging,
    /// It is a fact; its records are being written.
    Settling,
    /// Its records are there; the search is being made ready for them.
    Indexing,
    /// Everything is there.
    Done,
    /// Its records are being taken away.
    Undoing,
    /// Taken back.
    Undone,
    /// A person decided against it.
    Discarded,
}

impl State {
    /// The word that is stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Ready => "ready",
            Self::Blocked => "blocked",
            Self::Staging => "staging",
            Self::Settling => "settling",
            Self::Indexing => "indexing",
            Self::Done => "done",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
            Self::Discarded => "discarded",
        }
    }

    /// Whether the program goes on by itself.
    #[must_use]
    pub fn is_running(self) -> bool {
        matches!(self, Self::Checking | Self::Staging | Self::Settling | Self::Indexing | Self::Undoing)
    }

    pub(super) fn parse(word: &str) -> Result<Self, Fault> {
        serde_json::from_value(Json::from(word)).map_err(|_| Fault::Damaged("state of an import".to_owned()))
    }
}

/// What a person chose in the preview.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// The sheet to read.
    #[serde(default)]
    pub sheet: Option<String>,
    /// First row of the header, from 1, and how many rows it has.
    #[serde(default)]
    pub header: Option<(u32, u32)>,
    /// Fields by header; none keeps the column as it is.
    #[serde(default)]
    pub matches: Vec<(String, Option<String>)>,
    /// Rows that lack something come in as 「不足あり」.
    #[serde(default)]
    pub gaps: bool,
    /// What becomes of rows that are in the register already; none until a person has decided.
    #[serde(default)]
    pub same: Option<Same>,
}

impl Choices {
    pub(super) fn overrides(&self) -> Overrides {
        let mut out = Overrides::default();
        if let Some(sheet) = &self.sheet {
            out = out.with_sheet(sheet);
        }
        if let Some((first, rows)) = self.header {
            out = out.with_header(first, rows);
        }
        for (header, field) in &self.matches {
            out = out.with_match(header, field.as_deref());
        }
        out
    }
}

/// What is stored of a batch. Sealed texts begin with `s1.`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Doc {
    pub(super) leaf: i64,
    /// Address of the sealed file; none when it is not needed any more.
    pub(super) blob: Option<String>,
    pub(super) bytes: u64,
    pub(super) by: Option<Uuid>,
    pub(super) roles: Vec<String>,
    pub(super) own: bool,
    pub(super) english: bool,
    pub(super) name: String,
    pub(super) choices: String,
    pub(super) report: Option<String>,
    /// Why nothing could be read with the choices made, in both languages; sealed.
    pub(super) refusal: Option<String>,
    pub(super) counts: Counts,
    /// Rows done in the present state.
    pub(super) done: u64,
    /// Rows of the batch once it is a fact.
    pub(super) total: u64,
    pub(super) root: Option<String>,
    /// Running numbers of its first and last record.
    #[serde(default)]
    pub(super) numbers: Option<(String, String)>,
    #[serde(default)]
    pub(super) gaps: u64,
    /// Rows that changed a record that was there already.
    #[serde(default)]
    pub(super) changes: u64,
    /// Running numbers of records that could not be changed any more.
    #[serde(default)]
    pub(super) refused: Vec<String>,
}

/// A batch as people see it.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Id.
    pub id: Uuid,
    /// Register.
    pub register: String,
    /// Where it stands.
    pub state: State,
    /// When the file came.
    pub created_at: Instant,
    /// Who sent it; none for the organisation itself.
    pub by: Option<Uuid>,
    /// Name of the file.
    pub name: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// What was chosen.
    pub choices: Choices,
    /// What was found.
    pub report: Option<Report>,
    /// Why nothing could be read with the choices made: Japanese, English.
    pub refusal: Option<(String, String)>,
    /// How many rows are how.
    pub counts: Counts,
    /// Rows done in the present state.
    pub done: u64,
    /// Rows that came in.
    pub total: u64,
    /// Rows that came in with gaps.
    pub gaps: u64,
    /// Rows that changed a record that was there already.
    pub changes: u64,
    /// Running numbers of records that could not be changed any more.
    pub refused: Vec<String>,
    /// Root of the rows' tree, once it is a fact.
    pub root: Option<String>,
    /// Running numbers of its first and last record.
    pub numbers: Option<(String, String)>,
}

/// A batch as stored.
pub(super) fn json_of(doc: &Doc) -> Result<Json, Fault> {
    serde_json::to_value(doc).map_err(|error| Fault::Damaged(error.to_string()))
}

/// What is stored of a batch.
pub(super) fn doc_of(json: Json) -> Result<Doc, Fault> {
    serde_json::from_value(json).map_err(|_| Fault::Damaged("an import".to_owned()))
}
