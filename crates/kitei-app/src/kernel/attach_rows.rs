//! Rows of attachments as commands leave them: kept when a file is attached, marked when its record or line is erased.
//!
//! Invariant: a row changes in the transaction of the event that says so.

use kitei_rules::{run::command::Change, world::Record};
use kitei_store::{attachments, db::Tx};
use uuid::Uuid;

use super::{
    Fault, Installation,
    perform::Work,
    project::{FileLeaf, Leaves},
};

impl Installation {
    /// Removes the bytes of erased attachments; without their keys they are noise, so what fails here waits for the sweep.
    pub(super) async fn remove_unused(&self, blobs: &[String]) {
        for blob in blobs {
            let Ok(address) = kitei_evidence::Digest::parse(blob) else { continue };
            if let Err(error) = self.blobs.remove(address).await {
                tracing::warn!(%error, "the bytes of an erased attachment stay until they are swept");
            }
        }
    }
}

impl Work<'_> {
    /// Key leaves of a record's attachments that are not erased.
    pub(super) async fn file_leaves(&self, tx: &mut Tx, record: Uuid) -> Result<Vec<FileLeaf>, Fault> {
        let rows = attachments::of_record(tx, self.organization.id, record).await?.into_iter();
        let alive = rows.filter(|row| row.erased_at.is_none());
        Ok(alive.map(|row| FileLeaf { id: row.id, line: row.line, leaf: row.leaf }).collect())
    }

    /// Marks the attachments that go with an erasure; gives the addresses of bytes that nothing needs any more.
    pub(super) async fn erase_files(
        &self,
        tx: &mut Tx,
        leaves: Option<&Leaves>,
        line: Option<Uuid>,
    ) -> Result<Vec<String>, Fault> {
        let mut blobs = Vec::new();
        for file in leaves.into_iter().flat_map(|leaves| &leaves.files).filter(|file| goes(file, line)) {
            let row = attachments::load(tx, self.organization.id, file.id).await?;
            attachments::erase(tx, self.organization.id, file.id, "", self.now).await?;
            blobs.extend(row.map(|row| row.blob));
        }
        Ok(blobs)
    }

    /// Keeps the row of a file that was attached.
    pub(super) async fn keep_file(&self, tx: &mut Tx, change: &Change, record: Option<&Record>) -> Result<(), Fault> {
        let Change::Attached { record: id, line, file } = change else { return Ok(()) };
        let record = record.ok_or_else(|| Fault::Damaged(format!("record {id}")))?;
        let name = self.organization.with_keys(|keys| self.codec(keys).attachment_name(record, file))?;
        let row = attachments::Attachment {
            id: file.id,
            record: *id,
            line: line.as_ref().map_or(Uuid::nil(), |(_, line)| *line),
            name,
            media_type: file.media_type.clone(),
            bytes: file.bytes,
            blob: file.blob.clone(),
            leaf: file.leaf,
            created_at: self.now,
            erased_at: None,
        };
        attachments::create(tx, self.organization.id, &row).await?;
        Ok(())
    }
}

/// Whether a file goes with the erasure of a line, or of the whole record.
pub(super) fn goes(file: &FileLeaf, line: Option<Uuid>) -> bool {
    line.is_none_or(|line| file.line == line)
}
