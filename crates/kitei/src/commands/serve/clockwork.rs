//! What happens by itself: deadlines pass, the log is signed, what an erasure left behind is cleared.
//!
//! Invariant: a fault in one organisation is logged and keeps no other from its turn; the next round tries again.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use kitei_app::import::ImportError;
use kitei_app::kernel::{Installation, Organization, notices};
use kitei_app::mail::PATIENCE;
use kitei_store::db::{Instant, StoreError};
use kitei_store::outbox;
use tokio::time::MissedTickBehavior;

/// Between two rounds.
const PERIOD: Duration = Duration::from_secs(60);
/// Every so many rounds what is old is swept out.
const SWEPT: usize = 60;
/// How long it stays known that a mail was sent.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 400);

/// Goes round until the program stops. `mail`: somebody sends what waits in the outbox.
pub(super) async fn run(installation: Arc<Installation>, mail: bool) {
    let mut every = tokio::time::interval(PERIOD);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0_usize.. {
        every.tick().await;
        if number.is_multiple_of(SWEPT) {
            sweep_files(&installation).await;
        }
        match installation.all().await {
            Ok(all) => {
                for row in all {
                    match installation.organization(row.org).await {
                        Ok(organization) => {
                            round(&installation, &organization).await;
                            if number.is_multiple_of(SWEPT) {
                                swept(&installation, &organization, mail).await;
                            }
                        }
                        Err(fault) => tracing::error!(organization = %row.org, %fault, "cannot be opened"),
                    }
                }
            }
            Err(fault) => tracing::error!(%fault, "the organisations cannot be listed"),
        }
    }
}

/// Removes files that were received and never attached.
async fn sweep_files(installation: &Arc<Installation>) {
    match installation.sweep_blobs().await {
        Ok(0) => {}
        Ok(swept) => tracing::info!(swept, "files that nothing names were removed"),
        Err(fault) => tracing::error!(%fault, "files that nothing names stay"),
    }
}

async fn round(installation: &Arc<Installation>, organization: &Arc<Organization>) {
    let id = organization.id;
    // A crash between an erasure's commit and the destruction of its keys is made good here.
    if let Err(error) = installation.mend(organization).await {
        tracing::error!(organization = %id, %error, "erasures are not complete");
    }
    // What a stop has interrupted goes on.
    if let Err(error) = installation.carry_on_imports(organization).await {
        let fault = match &error {
            ImportError::Fault(fault) => fault.to_string(),
            _ => "it has moved on".to_owned(),
        };
        tracing::error!(organization = %id, %fault, "an import does not go on");
    }
    if let Err(fault) = installation.tick(organization).await {
        tracing::error!(organization = %id, %fault, "what the clock brought about is not recorded");
    }
    if let Err(fault) = installation.sign(organization).await {
        tracing::error!(organization = %id, %fault, "the log is not signed");
    }
    if let Err(error) = installation.tell_witnesses(organization).await {
        tracing::error!(organization = %id, %error, "witnesses are not told");
    }
}

async fn swept(installation: &Installation, organization: &Organization, mail: bool) {
    if let Err(error) = sweep(installation, organization, mail).await {
        tracing::error!(organization = %organization.id, %error, "the outbox is not swept");
    }
}

/// Forgets mail that was sent long ago; and, while no mail is sent at all, notices that nobody would want by mail any more.
async fn sweep(installation: &Installation, organization: &Organization, mail: bool) -> Result<(), StoreError> {
    let (id, now) = (organization.id, installation.environment.now());
    let (sent, unsent) = (Instant::new(now - REMEMBERED), Instant::new(now - PATIENCE));
    installation
        .db
        .act(id, move |tx| {
            Box::pin(async move {
                outbox::sweep(tx, id, sent).await?;
                if !mail {
                    outbox::forget(tx, id, notices::MESSAGE, unsent).await?;
                }
                Ok(())
            })
        })
        .await
}
