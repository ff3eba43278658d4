//! Taking an import back as a whole.
//!
//! Invariant: what somebody has worked on since is not taken away: undoing is refused and names it.
//! Invariant: one event takes it back; the rows stay as evidence, their numbers are not given out again.

use std::sync::Arc;

use kitei_rules::expr::Actor;
use kitei_store::{imports, log};
use uuid::Uuid;

use super::{Doc, ImportError, State, json_of, stage::fact};
use crate::kernel::{Installation, Organization};

/// Records named in a refusal.
const NAMED: u32 = 20;
/// Records of one transaction.
const CHUNK: u32 = 50;

impl Installation {
    /// Takes an import back.
    ///
    /// # Errors
    /// [`ImportError::Changed`] when its records were changed or linked to since; [`ImportError::Moved`] when it is not done.
    pub async fn undo_import(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        id: Uuid,
        actor: &Actor,
    ) -> Result<(), ImportError> {
        let (state, mut doc) = self.open_batch(organization, id).await?;
        if state != State::Done {
            return Err(ImportError::Moved);
        }
        let register = self.import_batch(organization, id).await?.register;
        doc.done = 0;
        let mut from = 0;
        loop {
            let mut reader = self.db.reader().await?;
            let rows = imports::rows(&mut reader, organization.id, id, from, CHUNK).await?;
            drop(reader);
            let Some(last) = rows.last() else { break };
            from = last.position + 1;
            let since = self.amended_since(organization, &rows).await?;
            if !since.is_empty() && doc.changes > 0 {
                return Err(ImportError::Changed(since));
            }
        }
        let (org, json, now) = (organization.id, json_of(&doc)?, self.environment.now());
        let mut event = fact("import.undone", id, &register, &doc, now);
        event.actor = if actor.person.is_nil() { "nobody".to_owned() } else { actor.person.to_string() };
        event.actor_id = (!actor.person.is_nil()).then_some(actor.person);
        self.db
            .act(org, move |tx| {
                Box::pin(async move {
                    let mut since = imports::changed(tx, org, id, NAMED).await?;
                    since.extend(imports::linked(tx, org, id, NAMED).await?);
                    if !since.is_empty() {
                        return Err(ImportError::Changed(since));
                    }
                    imports::advance(tx, org, id, State::Done.word(), State::Undoing.word(), &json).await?;
                    log::append(tx, org, event).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Takes the records of an import away that was taken back.
    pub(super) async fn take_import_away(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        id: Uuid,
        mut doc: Doc,
    ) -> Result<(), ImportError> {
        let org = organization.id;
        loop {
            let rows = self.next_rows(organization, id, &mut doc, CHUNK).await?;
            if rows.is_empty() {
                break;
            }
            let refused = self.amend(organization, id, &doc, &rows, true).await?;
            doc.refused.extend(refused);
            let json = json_of(&doc)?;
            self.db
                .act(org, move |tx| {
                    Box::pin(async move {
                        for row in rows.iter().filter(|row| row.kind == "new") {
                            imports::forget(tx, org, row.record).await?;
                        }
                        imports::advance(tx, org, id, State::Undoing.word(), State::Undoing.word(), &json).await?;
                        Ok::<_, ImportError>(())
                    })
                })
                .await?;
        }
        *organization.people.write().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        self.advance(organization, id, State::Undoing, State::Undone, &doc).await
    }
}
