//! What happens by itself: deadlines pass, the log is signed, what an erasure left behind is cleared.
//!
//! Invariant: a fault in one organisation is logged and keeps no other from its turn; the next round tries again.

use std::sync::Arc;
use std::time::Duration;

use kitei_app::kernel::{Installation, Organization};
use tokio::time::MissedTickBehavior;

/// Between two rounds.
const PERIOD: Duration = Duration::from_secs(60);
/// Rounds between two sweeps.
const SWEEP: u32 = 60;

/// Goes round until the program stops.
pub(super) async fn run(installation: Arc<Installation>) {
    let mut every = tokio::time::interval(PERIOD);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut rounds: u32 = 0;
    loop {
        every.tick().await;
        if rounds % SWEEP == 0 {
            sweep(&installation).await;
        }
        rounds = rounds.wrapping_add(1);
        match installation.all().await {
            Ok(all) => {
                for row in all {
                    match installation.organization(row.org).await {
                        Ok(organization) => round(&installation, &organization).await,
                        Err(fault) => tracing::error!(organization = %row.org, %fault, "cannot be opened"),
                    }
                }
            }
            Err(fault) => tracing::error!(%fault, "the organisations cannot be listed"),
        }
    }
}

/// Removes files that were received and never attached.
async fn sweep(installation: &Arc<Installation>) {
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
