//! What a verification found, as JSON and in words.

use kitei_evidence::{
    Digest,
    bundle::{BundleReport, Problem},
    verify::{Finding, Report},
};
use kitei_rules::pack::model::Text;
use serde::Serialize;
use uuid::Uuid;

use super::words;

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A live database.
    Database,
    /// A backup.
    Backup,
    /// An auditor's bundle.
    Bundle,
}

/// The result of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// What was looked at.
    pub subject: Subject,
    /// The logs, one an organisation.
    pub logs: Vec<LogReport>,
    /// The bundle, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<BundleReport>,
    /// What is wrong with the whole.
    pub troubles: Vec<Trouble>,
}

/// The result for one organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogReport {
    /// Organisation.
    pub organization: Uuid,
    /// Its name.
    pub name: String,
    /// Whether the verifier key came from elsewhere; otherwise signatures show consistency and not authorship.
    pub key_is_trusted: bool,
    /// The log itself.
    pub log: Report,
    /// The key state.
    pub keys: KeyReport,
    /// Attachments whose bytes were read and fit their address.
    pub attachments: u64,
    /// What is wrong beside the log.
    pub troubles: Vec<Trouble>,
}

/// How the key state was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum KeyReport {
    /// It can be read.
    Readable {
        /// How often it has changed.
        generation: u64,
        /// Seeds it holds.
        seeds: u64,
    },
    /// It cannot be read.
    Unreadable {
        /// Why.
        problem: String,
    },
    /// It is not part of what was looked at.
    NotLookedAt,
}

/// Something wrong that is no finding of the log alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "trouble", rename_all = "kebab-case")]
pub enum Trouble {
    /// The stored right edge of the tree is not that of the events.
    Head {
        /// Size that is stored.
        stored: u64,
        /// Events that are there.
        events: u64,
    },
    /// The columns of a stored checkpoint are not what its signed text says.
    CheckpointColumns {
        /// Size in the column.
        size: u64,
    },
    /// The key state cannot be read.
    Keys {
        /// Why.
        problem: String,
    },
    /// The key file signs with another key than the one given.
    OtherKey,
    /// An erasure is in the log and its key still exists.
    KeyNotDestroyed {
        /// The event of the erasure.
        event: u64,
        /// Key leaf.
        leaf: u64,
    },
    /// The rows of an import are not those that its event reports.
    ImportRows {
        /// The event of the import.
        event: u64,
        /// The import.
        import: Uuid,
    },
    /// An attachment's bytes are not there.
    AttachmentMissing {
        /// Attachment.
        attachment: Uuid,
        /// Address.
        address: String,
    },
    /// An attachment's bytes are not what their address says.
    AttachmentDamaged {
        /// Attachment.
        attachment: Uuid,
        /// Address.
        address: String,
    },
    /// The older checkpoint is of none of the logs that were looked at.
    NoSuchLog {
        /// Its origin.
        origin: String,
    },
    /// The bundle's log does not continue the older checkpoint.
    NotTheContinuation {
        /// Its size.
        size: u64,
    },
    /// A bundle of chosen events cannot show that it continues an older checkpoint.
    CannotCompare {
        /// Its size.
        size: u64,
    },
    /// A backup's rows are not as many as its end says.
    Rows {
        /// Rows that the end names.
        said: u64,
        /// Rows that are there.
        found: u64,
    },
}

impl LogReport {
    /// Whether nothing is wrong with this organisation.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.log.ok && self.troubles.is_empty()
    }
}

impl Verification {
    pub(crate) fn of_logs(subject: Subject, logs: Vec<LogReport>, troubles: Vec<Trouble>) -> Self {
        let ok = troubles.is_empty() && logs.iter().all(LogReport::ok);
        Self { ok, subject, logs, bundle: None, troubles }
    }

    pub(crate) fn of_bundle(report: BundleReport) -> Self {
        Self { ok: report.ok, subject: Subject::Bundle, logs: Vec::new(), bundle: Some(report), troubles: Vec::new() }
    }

    /// Everything in words, a line each.
    #[must_use]
    pub fn text(&self) -> Vec<Text> {
        let mut out = Vec::new();
        for report in &self.logs {
            out.push(words::of_log(report));
            out.extend(report.log.findings.iter().map(words::finding_words));
            out.extend(report.troubles.iter().map(words::trouble));
        }
        if let Some(bundle) = &self.bundle {
            out.push(words::of_bundle(bundle));
            out.extend(bundle.problems.iter().map(words::problem));
        }
        out.extend(self.troubles.iter().map(words::trouble));
        out.push(words::verdict(self.ok));
        out
    }

    /// The first event that is named as wrong, of any log.
    #[must_use]
    pub fn first_wrong(&self) -> Option<u64> {
        let of_bundle = self.bundle.iter().flat_map(|bundle| &bundle.problems).filter_map(|problem| match problem {
            Problem::Log { finding } => finding.event(),
            Problem::NotProven { seq, .. } => Some(*seq),
            _ => None,
        });
        self.logs.iter().filter_map(|report| report.log.first_wrong).chain(of_bundle).min()
    }

    /// The smallest span between two signed checkpoints in which something differs, when no event can be named.
    #[must_use]
    pub fn span(&self) -> Option<(u64, u64)> {
        self.logs.iter().flat_map(|report| &report.log.findings).find_map(|finding| match finding {
            Finding::Span { from, to } => Some((*from, *to)),
            _ => None,
        })
    }

    /// The root of an organisation's whole log, if it could be told.
    #[must_use]
    pub fn root(&self, organization: Uuid) -> Option<Digest> {
        self.logs.iter().find(|report| report.organization == organization).and_then(|report| report.log.root)
    }
}
