//! `GET /healthz`: whether the program can do its work, for those who watch it.
//!
//! `mail` says whether mail flows: no where some was given up within a day or has waited for an hour, null where none is
//! sent. It does not make the program unhealthy: a mail server that is down is no reason to start it anew.
//!
//! Invariant: it looks at the real thing (a query, every key file) and reveals nothing but yes and no.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use jiff::SignedDuration;
use kitei_app::kernel::Installation;
use kitei_store::db::StoreError;
use kitei_store::{organizations, outbox};
use serde_json::json;

/// Mail that was given up is a reason to look for so long.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(24);
/// Mail that has waited longer does not flow.
const WAITED: SignedDuration = SignedDuration::from_hours(1);

/// The route. `mail`: mail is sent.
pub(super) fn router(installation: Arc<Installation>, mail: bool) -> Router {
    Router::new().route("/healthz", get(answer)).with_state((installation, mail))
}

async fn answer(State((installation, mail)): State<(Arc<Installation>, bool)>) -> impl IntoResponse {
    let flows = if mail { Some(flows(&installation).await.unwrap_or(false)) } else { None };
    let organizations = read(&installation).await;
    let database = organizations.is_ok();
    let files = installation.key_files.clone();
    let keys = match organizations {
        Ok(ids) => {
            tokio::task::spawn_blocking(move || ids.into_iter().all(|id| files.load(id).is_ok())).await.unwrap_or(false)
        }
        Err(error) => {
            tracing::error!(%error, "health: the database does not answer");
            false
        }
    };
    let status = if database && keys { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(json!({ "database": database, "keys": keys, "mail": flows })))
}

/// Whether mail flows in every organisation.
async fn flows(installation: &Installation) -> Result<bool, StoreError> {
    let now = installation.environment.now();
    let mut reader = installation.db.reader().await?;
    for organization in organizations::list(&mut reader).await? {
        let standing = outbox::standing(&mut reader, organization.org, (now - GIVEN_UP).into()).await?;
        let stuck = standing.oldest.is_some_and(|oldest| oldest.timestamp() + WAITED < now);
        if standing.failed > 0 || stuck {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn read(installation: &Installation) -> Result<Vec<uuid::Uuid>, StoreError> {
    let mut reader = installation.db.reader().await?;
    Ok(organizations::list(&mut reader).await?.into_iter().map(|organization| organization.org).collect())
}
