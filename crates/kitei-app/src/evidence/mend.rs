//! Mending: what a crash left undone between the commit of an erasure and the destruction of its keys.
//!
//! The erasure is an event that names its key leaves, and it is committed first: were the key destroyed first, a
//! transaction that then failed would have erased without a word. So the log says what must be gone, and whoever starts
//! the program makes it so.
//!
//! An erasure also rotates the key of the blind search tokens, so that nobody can test a guess against tokens in old
//! backups. The tokens of all other records are then of a former key and find nothing until they are made anew
//! ([`Installation::renew_tokens`]), which goes on in the background, in small transactions.
//!
//! Invariant: after mending, no key exists of anything that the log says was erased, and every known copy of the key
//! state that is within reach is the present one.

use std::sync::Arc;

use kitei_evidence::Secret;
use kitei_rules::book::Book;
use kitei_store::{
    blind,
    db::{Reader, Tx},
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    EvidenceError,
    backup::keys::{self, KeyCopy},
    verify::erased_leaves,
};
use crate::kernel::{Fault, Installation, Organization, load::Loader, project::Projector};

/// Records whose tokens are made anew in one transaction: few, so that nobody's write waits long.
const AT_ONCE: u32 = 50;

/// What mending did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mended {
    /// Keys that should have been destroyed before and are now.
    pub destroyed: u64,
    /// Known copies of the key state.
    pub copies: Vec<KeyCopy>,
    /// Records whose search tokens were made anew.
    pub renewed: u64,
}

impl Installation {
    /// Destroys every key that the log says was erased, and renews known copies of the key state. To be called for
    /// each organisation at the start, and after every erasure for the copies.
    ///
    /// # Errors
    /// [`EvidenceError`] when the log or the key state cannot be read or written.
    pub async fn mend(self: &Arc<Self>, organization: &Arc<Organization>) -> Result<Mended, EvidenceError> {
        let mut reader = self.db.reader().await?;
        let erased = erased_leaves(&mut reader, organization.id).await?;
        drop(reader);
        let left: Vec<_> = organization.with_keys(|keys| {
            erased.into_iter().map(|(_, leaf)| leaf).filter(|leaf| !keys.is_punctured(*leaf)).collect()
        });
        if !left.is_empty() {
            let mut fresh = [0_u8; 32];
            self.environment.random(&mut fresh);
            organization.destroy(&self.key_files, &left, Secret::take(&mut fresh))?;
        }
        let copies = keys::renew(self, organization).await?;
        let renewed = self.renew_tokens(organization).await?;
        Ok(Mended { destroyed: left.len() as u64, copies, renewed })
    }

    /// Makes the blind search tokens of a former key anew. To be called in the background after each erasure. Says how
    /// many records there were.
    ///
    /// # Errors
    /// [`EvidenceError`] when a record cannot be read or written; what was done until then stays done.
    pub async fn renew_tokens(self: &Arc<Self>, organization: &Arc<Organization>) -> Result<u64, EvidenceError> {
        let mut renewed = 0;
        loop {
            let epoch = organization.with_keys(|keys| keys.token_key().epoch());
            let mut reader = self.db.reader().await?;
            let records = blind::outdated(&mut reader, organization.id, epoch, AT_ONCE).await?;
            let today = organization.today(self.environment.now());
            let book = self.book_of(&mut reader, organization, today).await?;
            drop(reader);
            if records.is_empty() {
                return Ok(renewed);
            }
            renewed += records.len() as u64;
            let (installation, open) = (Arc::clone(self), Arc::clone(organization));
            self.db
                .act(organization.id, move |tx: &mut Tx| {
                    Box::pin(async move {
                        for id in records {
                            renew(&installation, &open, &book, tx, id).await?;
                        }
                        Ok::<(), Fault>(())
                    })
                })
                .await?;
        }
    }
}

async fn renew(
    installation: &Installation,
    organization: &Organization,
    book: &Book,
    tx: &mut Tx,
    id: Uuid,
) -> Result<(), Fault> {
    let loader = Loader { organization, book, environment: &*installation.environment };
    let reader: &mut Reader = tx;
    match loader.record(reader, id).await? {
        Some(record) => {
            let (environment, now) = (&*installation.environment, installation.environment.now().into());
            Projector { organization, book, environment, now }.write_tokens(tx, &record).await
        }
        None => Ok(blind::remove(tx, organization.id, id).await.map(drop)?),
    }
}
