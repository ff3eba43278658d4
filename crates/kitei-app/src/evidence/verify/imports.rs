//! Rows of imports: they stand outside the log, and the event of their import holds the root of their tree.

use kitei_evidence::{event::Event, merkle};
use kitei_store::{db::Reader, imports, log};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{super::EvidenceError, report::Trouble};

/// Events and rows read at a time.
const PAGE: u32 = 500;

/// Imports whose rows are not those that their event reports.
pub(super) async fn check(reader: &mut Reader, org: Uuid) -> Result<Vec<Trouble>, EvidenceError> {
    let (mut troubles, mut before) = (Vec::new(), None);
    loop {
        let page = log::of_kind(reader, org, "import.completed", before, PAGE).await?;
        let Some(last) = page.last() else { return Ok(troubles) };
        before = Some(last.seq);
        for stored in page {
            // Damaged events are the log's finding.
            let (Some(batch), Ok(event)) = (stored.subject, Event::parse(&stored.bytes)) else { continue };
            let said = event.body().get("root").and_then(Json::as_str).unwrap_or_default();
            if root(reader, org, batch).await?.as_deref() != Some(said) {
                troubles.push(Trouble::ImportRows { event: event.seq(), import: batch });
            }
        }
    }
}

/// The root of the rows that are there; none when a row's hash is not that of its bytes.
async fn root(reader: &mut Reader, org: Uuid, batch: Uuid) -> Result<Option<String>, EvidenceError> {
    let (mut tree, mut from) = (merkle::Frontier::new(), 0);
    loop {
        let rows = imports::rows(reader, org, batch, from, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(Some(tree.root().to_string())) };
        from = last.position + 1;
        for row in rows {
            let hash = merkle::leaf_hash(&row.bytes);
            if hash != row.leaf_hash {
                return Ok(None);
            }
            tree.append(hash);
        }
    }
}
