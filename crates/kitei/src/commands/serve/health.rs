//! `GET /healthz`: whether the program can do its work, for those who watch it.
//!
//! Invariant: it looks at the real thing (a query, every key file) and reveals nothing but yes and no.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use kitei_app::kernel::Installation;
use kitei_store::db::StoreError;
use kitei_store::organizations;
use serde_json::json;

/// The route.
pub(super) fn router(installation: Arc<Installation>) -> Router {
    Router::new().route("/healthz", get(answer)).with_state(installation)
}

async fn answer(State(installation): State<Arc<Installation>>) -> impl IntoResponse {
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
    (status, [(header::CACHE_CONTROL, "no-store")], Json(json!({ "database": database, "keys": keys })))
}

async fn read(installation: &Installation) -> Result<Vec<uuid::Uuid>, StoreError> {
    let mut reader = installation.db.reader().await?;
    Ok(organizations::list(&mut reader).await?.into_iter().map(|organization| organization.org).collect())
}
