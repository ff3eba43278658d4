//! The JSON API below `/api/v1`: what pages do, for programs. One table ([`routes::OPERATIONS`]) makes the router and the
//! OpenAPI document; `docs/openapi.json` is printed from it.
//!
//! Reads go through `Installation::look` and `list`, writes through `Installation::perform`, as those of pages do, so a
//! program is refused what its owner would be refused, with the same field, clause and advice (RFC 9457).
//!
//! Invariant: a write needs a token; a browser's cookies are not enough for it.
//! Invariant: every write names itself by `Idempotency-Key`, and a change of a record names the version it was made from.
//! Invariant: what a body holds that nobody asked for is refused by name, and nothing is written.

mod body;
mod caller;
mod law;
mod me;
pub mod openapi;
mod problem;
mod records;
mod registers;
pub mod routes;
mod rulebook;
mod schema;
mod show;
mod writes;

use std::sync::Arc;

use axum::{Router, middleware, routing::any};

pub use routes::{OPERATIONS, Operation, Scope};

use crate::web::Web;

/// The addresses of the API.
pub(crate) fn router() -> Router<Arc<Web>> {
    let operations =
        OPERATIONS.iter().fold(Router::new(), |router, operation| router.route(operation.path, (operation.handler)()));
    operations
        .route("/api/{*rest}", any(problem::no_such_address))
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(middleware::from_fn(problem::in_language))
}
