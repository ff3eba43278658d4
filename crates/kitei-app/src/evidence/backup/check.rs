//! Verifying a backup from what lies on the disk: it opens, every log in it verifies, every attachment is beside it.

use std::{collections::BTreeMap, path::Path};

use kitei_evidence::{
    Digest,
    checkpoint::SignedCheckpoint,
    merkle::Frontier,
    note::VerifierKey,
    verify::{Expected, Heads, StoredLeaf, Tail, Verifier},
};
use kitei_store::{
    blobs::Blobs,
    db::{Reader, StoreErrorKind, Value},
    statements,
};
use uuid::Uuid;

use super::super::{
    EvidenceError,
    verify::{Against, KeyReport, LogReport, Subject, Trouble, Verification},
};
use super::{
    BackupError, Held, Passphrase,
    reading::{Item, Reading},
    table::Table,
};

statements! {
    /// Addresses of attachments that are not erased.
    USED = "select distinct blob from attachment where erased_at is null order by blob";
}

/// Verifies a backup file, and that its attachments lie in `blobs`.
///
/// # Errors
/// [`EvidenceError`] when it cannot be opened or is no backup. What is wrong in it stands in the result.
pub async fn check(
    file: &Path,
    passphrase: &Passphrase,
    blobs: Option<&Blobs>,
    against: Against<'_>,
) -> Result<Verification, EvidenceError> {
    let (file, passphrase) = (file.to_owned(), passphrase.clone());
    let (key, old) = (against.key.cloned(), against.checkpoint.cloned());
    let wanted = against.organization;
    let reading = tokio::task::spawn_blocking(move || {
        let against = Against { organization: wanted, key: key.as_ref(), checkpoint: old.as_ref() };
        let (mut reading, head) = Reading::open(&file, &passphrase)?;
        let mut checking = Checking::new(&head.organizations, against)?;
        while let Some(item) = reading.next()? {
            match item {
                Item::Row(table, row) => checking.row(&table, &row)?,
                Item::End(said) => checking.said = said,
            }
        }
        Ok::<_, EvidenceError>(checking.finish())
    });
    let (mut reports, attachments, mut troubles) = reading.await.map_err(|_| EvidenceError::Stopped)??;
    if let Some(blobs) = blobs {
        for (report, attachments) in reports.iter_mut().zip(attachments) {
            look_for(blobs, report, attachments).await;
        }
    }
    troubles.extend(against.missed(!reports.is_empty()));
    Ok(Verification::of_logs(Subject::Backup, reports, troubles))
}

/// Attachments of an organisation that must have bytes, with their address.
type Attachments = Vec<(Uuid, String)>;

async fn look_for(blobs: &Blobs, report: &mut LogReport, attachments: Attachments) {
    for (attachment, address) in attachments {
        let read = match Digest::parse(&address) {
            Ok(digest) => blobs.get(digest).await.map(drop).map_err(|error| error.kind()),
            Err(_) => Err(StoreErrorKind::Missing),
        };
        match read {
            Ok(()) => report.attachments += 1,
            Err(StoreErrorKind::Missing) => {
                report.troubles.push(Trouble::AttachmentMissing { attachment, address });
            }
            Err(_) => report.troubles.push(Trouble::AttachmentDamaged { attachment, address }),
        }
    }
}

/// Addresses of attachments that are not erased.
pub(super) async fn used_blobs(reader: &mut Reader) -> Result<Vec<Digest>, EvidenceError> {
    let rows = reader.fetch_all(&USED, kitei_store::binds![]).await?;
    let addresses = rows.iter().map(|row| row.get::<String>("blob")).collect::<Result<Vec<_>, _>>()?;
    Ok(addresses.iter().filter_map(|address| Digest::parse(address).ok()).collect())
}

/// The logs of a backup while it is read.
struct Checking {
    logs: BTreeMap<Uuid, Log>,
    key_is_trusted: bool,
    rows: u64,
    said: u64,
}

struct Log {
    name: String,
    /// Until the first event: then the verifier stands.
    heads: Option<Heads>,
    verifier: Option<Verifier>,
    head: Option<Frontier>,
    stored_size: u64,
    attachments: Attachments,
}

impl Checking {
    fn new(held: &[Held], against: Against<'_>) -> Result<Self, EvidenceError> {
        let mut logs = BTreeMap::new();
        for held in held.iter().filter(|held| against.concerns(held.org)) {
            let own = held.verifier_key.as_ref().and_then(|key| VerifierKey::parse(key).ok());
            let key = against.key.cloned().or(own).ok_or_else(|| EvidenceError::NoVerifierKey {
                organization: held.org,
                problem: "the backup names no verifier key".to_owned(),
            })?;
            let log = Log {
                name: held.name.clone(),
                heads: Some(begin(held.org, &key, against.checkpoint)),
                verifier: None,
                head: None,
                stored_size: 0,
                attachments: Vec::new(),
            };
            logs.insert(held.org, log);
        }
        Ok(Self { logs, key_is_trusted: against.key.is_some(), rows: 0, said: 0 })
    }

    fn row(&mut self, table: &Table, row: &[Value<'static>]) -> Result<(), EvidenceError> {
        self.rows += 1;
        let cell = |column: &str| table.place(column).and_then(|place| row.get(place));
        let Some(Value::Uuid(Some(org))) = cell("org") else { return Ok(()) };
        let Some(log) = self.logs.get_mut(org) else { return Ok(()) };
        match table.name.as_str() {
            "organization" => {
                if let (Some(Value::Integer(Some(size))), Some(Value::Bytes(Some(edge)))) =
                    (cell("log_size"), cell("log_frontier"))
                {
                    log.stored_size = u64::try_from(*size).unwrap_or_default();
                    log.head = Frontier::parse(edge).ok();
                }
            }
            "checkpoint" => {
                let note = cell("note");
                let (Some(Value::Text(Some(note))), Some(heads)) = (note, &mut log.heads) else {
                    let expected = "checkpoints have a note and stand before the events";
                    return Err(BackupError::Line { line: 0, expected }.into());
                };
                heads.take(note.as_bytes());
            }
            "event" => {
                let (Some(Value::Integer(Some(seq))), Some(Value::Bytes(Some(bytes))), Some(Value::Bytes(Some(hash)))) =
                    (cell("seq"), cell("bytes"), cell("leaf_hash"))
                else {
                    return Err(
                        BackupError::Line { line: 0, expected: "an event has a place, bytes and a hash" }.into()
                    );
                };
                let seq = u64::try_from(*seq).unwrap_or_default();
                let hash = Digest::from_bytes(<[u8; 32]>::try_from(hash.as_ref()).unwrap_or_default());
                if let Some(heads) = log.heads.take() {
                    log.verifier = Some(heads.ready());
                }
                if let Some(verifier) = &mut log.verifier {
                    verifier.push(&StoredLeaf { seq, bytes, leaf_hash: Some(hash) });
                }
            }
            "attachment" => {
                if let (Some(Value::Uuid(Some(id))), Some(Value::Text(Some(blob))), Some(Value::Instant(None))) =
                    (cell("id"), cell("blob"), cell("erased_at"))
                {
                    log.attachments.push((*id, blob.to_string()));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> (Vec<LogReport>, Vec<Attachments>, Vec<Trouble>) {
        let (mut reports, mut attachments) = (Vec::new(), Vec::new());
        for (org, log) in self.logs {
            let Some(verifier) = log.verifier.or_else(|| log.heads.map(Heads::ready)) else { continue };
            let report = verifier.finish();
            let fits =
                |head: &Frontier| head.size() == report.events && report.root.is_none_or(|root| root == head.root());
            let head_holds = log.stored_size == report.events && log.head.as_ref().is_some_and(fits);
            let head = (!head_holds).then_some(Trouble::Head { stored: log.stored_size, events: report.events });
            reports.push(LogReport {
                organization: org,
                name: log.name,
                key_is_trusted: self.key_is_trusted,
                log: report,
                keys: KeyReport::NotLookedAt,
                attachments: 0,
                troubles: head.into_iter().collect(),
            });
            attachments.push(log.attachments);
        }
        let rows = (self.rows != self.said).then_some(Trouble::Rows { said: self.said, found: self.rows });
        (reports, attachments, rows.into_iter().collect())
    }
}

fn begin(org: Uuid, key: &VerifierKey, old: Option<&SignedCheckpoint>) -> Heads {
    Heads::new(&Expected {
        organisation: &org.to_string(),
        origin: &crate::kernel::origin(org),
        key,
        checkpoints: &[],
        against: old,
        tail: Tail::Allowed,
    })
}
