//! A live database: the log, its head, checkpoints, key state, erasures, attachments.

use kitei_evidence::{Digest, event::Event, keys::KeyState, keys::LeafId, note::VerifierKey};
use kitei_store::{
    binds,
    blobs::Blobs,
    db::{Reader, StoreErrorKind},
    log, organizations,
};
use serde_json::Value as Json;
use uuid::Uuid;

use super::super::EvidenceError;
use super::{
    Against, check_log,
    log::ATTACHMENTS,
    report::{KeyReport, LogReport, Subject, Trouble, Verification},
};
use crate::kernel::{Installation, read_keys};

/// Rows read at a time.
const PAGE: u32 = 500;

impl Installation {
    /// Verifies the live database of this installation, with its key files and attachments.
    ///
    /// # Errors
    /// [`EvidenceError`] when it cannot be read, or when there is no key to check signatures with. What is wrong in it
    /// stands in the result.
    pub async fn verify(&self, against: Against<'_>) -> Result<Verification, EvidenceError> {
        let mut reader = self.db.snapshot().await?;
        let mut logs = Vec::new();
        for row in organizations::list(&mut reader).await? {
            if against.concerns(row.org) {
                logs.push(self.verify_organization(&mut reader, &row, against).await?);
            }
        }
        let troubles = against.missed(!logs.is_empty()).into_iter().collect();
        Ok(Verification::of_logs(Subject::Database, logs, troubles))
    }

    async fn verify_organization(
        &self,
        reader: &mut Reader,
        row: &organizations::Organization,
        against: Against<'_>,
    ) -> Result<LogReport, EvidenceError> {
        let org = row.org;
        let file = match self.key_files.load(org) {
            Ok(bytes) => read_keys(org, &bytes),
            Err(error) => Err(error.to_string()),
        };
        let own: Option<VerifierKey> = file.as_ref().ok().map(|(_, signing)| signing.verifier_key());
        let key = match (against.key, &own, &file) {
            (Some(given), _, _) => given.clone(),
            (None, Some(own), _) => own.clone(),
            (None, None, file) => {
                let problem = file.as_ref().err().cloned().unwrap_or_default();
                return Err(EvidenceError::NoVerifierKey { organization: org, problem });
            }
        };
        let (report, mut troubles) = check_log(reader, org, &key, against.checkpoint).await?;
        troubles.extend(head(reader, org, report.events, report.root).await?);
        troubles.extend(super::imports::check(reader, org).await?);
        if own.is_some_and(|own| own != key) {
            troubles.push(Trouble::OtherKey);
        }
        let keys = match &file {
            Ok((state, _)) => {
                troubles.extend(undestroyed(reader, org, state).await?);
                KeyReport::Readable { generation: state.generation(), seeds: state.seed_count() as u64 }
            }
            Err(problem) => {
                troubles.push(Trouble::Keys { problem: problem.clone() });
                KeyReport::Unreadable { problem: problem.clone() }
            }
        };
        let (attachments, missing) = blobs_of(reader, org, &self.blobs).await?;
        troubles.extend(missing);
        Ok(LogReport {
            organization: org,
            name: row.name.clone(),
            key_is_trusted: against.key.is_some(),
            log: report,
            keys,
            attachments,
            troubles,
        })
    }
}

/// Whether the stored right edge is that of the events.
async fn head(
    reader: &mut Reader,
    org: Uuid,
    events: u64,
    root: Option<Digest>,
) -> Result<Option<Trouble>, EvidenceError> {
    let stored = match log::head(reader, org).await {
        Ok(head) => Some((head.size(), head.root())),
        Err(error) if error.kind() == StoreErrorKind::Corrupt => None,
        Err(error) => return Err(error.into()),
    };
    let holds = stored.is_some_and(|(size, stored)| size == events && root.is_none_or(|root| root == stored));
    Ok((!holds).then(|| Trouble::Head { stored: stored.map_or(0, |(size, _)| size), events }))
}

/// Keys that an erasure in the log should have destroyed.
async fn undestroyed(reader: &mut Reader, org: Uuid, state: &KeyState) -> Result<Vec<Trouble>, EvidenceError> {
    let mut troubles = Vec::new();
    for (event, leaf) in erased_leaves(reader, org).await? {
        if !state.is_punctured(leaf) {
            troubles.push(Trouble::KeyNotDestroyed { event, leaf: leaf.number() });
        }
    }
    Ok(troubles)
}

/// Every key leaf that the log says was erased, with its event. Damaged events are the log's finding and are left out.
pub(crate) async fn erased_leaves(reader: &mut Reader, org: Uuid) -> Result<Vec<(u64, LeafId)>, EvidenceError> {
    let (mut out, mut before) = (Vec::new(), None);
    loop {
        let page = log::of_kind(reader, org, "record.erased", before, PAGE).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.seq);
        for event in page.iter().filter_map(|stored| Event::parse(&stored.bytes).ok()) {
            let leaves = event.body().get("leaves").and_then(Json::as_array).into_iter().flatten();
            let leaves = leaves.filter_map(Json::as_u64).filter_map(|number| LeafId::new(number).ok());
            out.extend(leaves.map(|leaf| (event.seq(), leaf)));
        }
    }
    Ok(out)
}

/// Reads the bytes of every attachment that is not erased: how many fit, and which do not.
pub(crate) async fn blobs_of(
    reader: &mut Reader,
    org: Uuid,
    blobs: &Blobs,
) -> Result<(u64, Vec<Trouble>), EvidenceError> {
    let (mut fit, mut troubles, mut after) = (0, Vec::new(), Uuid::nil());
    loop {
        let rows = reader.fetch_all(&ATTACHMENTS, binds![org, after, PAGE]).await?;
        if rows.is_empty() {
            return Ok((fit, troubles));
        }
        for row in rows {
            let (attachment, address): (Uuid, String) = (row.get("id")?, row.get("blob")?);
            after = attachment;
            let read = match Digest::parse(&address) {
                Ok(digest) => blobs.get(digest).await.map(drop).map_err(|error| error.kind()),
                Err(_) => Err(StoreErrorKind::Missing),
            };
            match read {
                Ok(()) => fit += 1,
                Err(StoreErrorKind::Missing) => troubles.push(Trouble::AttachmentMissing { attachment, address }),
                Err(_) => troubles.push(Trouble::AttachmentDamaged { attachment, address }),
            }
        }
    }
}
