//! Time passes: records whose tasks may have changed by time alone are computed anew, and the log's head is signed.
//!
//! Invariant: a tick takes no input; it looks at what is stored and can run any number of times, on any node.

use std::sync::Arc;

use kitei_store::{
    db::{Instant, Tx},
    log, records,
};
use uuid::Uuid;

use super::{Fault, Installation, Organization, perform::Work};

/// Records computed anew in one transaction: some 80 ms of work for one wait for the disk.
const BATCH: u32 = 400;

kitei_store::statements! {
    /// Every open record of a register is to be looked at again.
    MARK = "update record set valid_until = $3 where org = $1 and register = $2 and state = 'open'";
    /// Every open record is to be looked at again.
    MARK_ALL = "update record set valid_until = $2 where org = $1 and state = 'open'";
}

/// Marks the records of a register to be looked at again.
///
/// # Errors
/// [`Fault`].
pub async fn mark(tx: &mut Tx, org: Uuid, register: &str, now: Instant) -> Result<(), Fault> {
    tx.execute(&MARK, kitei_store::binds![org, register, now]).await?;
    Ok(())
}

/// Marks every record to be looked at again.
///
/// # Errors
/// [`Fault`].
pub async fn mark_all(tx: &mut Tx, org: Uuid, now: Instant) -> Result<(), Fault> {
    tx.execute(&MARK_ALL, kitei_store::binds![org, now]).await?;
    Ok(())
}

impl Installation {
    /// Lets time pass for an organisation. Returns how many records were computed anew.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn tick(self: &Arc<Self>, organization: &Arc<Organization>) -> Result<usize, Fault> {
        let mut total = 0;
        loop {
            let (installation, open) = (Arc::clone(self), Arc::clone(organization));
            let count = self
                .db
                .act(organization.id, move |tx| Box::pin(async move { installation.batch(tx, &open).await }))
                .await?;
            total += count;
            if count < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                break;
            }
        }
        Ok(total)
    }

    async fn batch(&self, tx: &mut Tx, organization: &Organization) -> Result<usize, Fault> {
        let now = self.environment.now();
        let moment = organization.moment(now);
        let due = records::due(tx, organization.id, now.into(), BATCH).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let book = self.book_of(tx, organization, moment.today()).await?;
        let work = Work { installation: self, organization, book: &book, moment: &moment, now: now.into() };
        let ids: Vec<Uuid> = due.into_iter().map(|(id, _)| id).collect();
        work.refresh(tx, &ids).await?;
        Ok(ids.len())
    }

    /// Signs the head of the log if events came since the last checkpoint.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn sign(self: &Arc<Self>, organization: &Arc<Organization>) -> Result<(), Fault> {
        let (open, now) = (Arc::clone(organization), self.environment.now());
        self.db
            .act(organization.id, move |tx| {
                Box::pin(async move {
                    log::sign_checkpoint(tx, open.id, now.into(), &super::origin(open.id), open.signing()).await?;
                    Ok::<(), Fault>(())
                })
            })
            .await
    }
}
