//! `POST /batches/{id}/cancel`: what was accepted stays, the rest is marked.
//!
//! The ledger alone decides: items are accepted in transactions that look at the batch first, so
//! once this answers, no further one is. The workflow finds the batch ended, and ends.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use chrono::Utc;

use crate::http::answer;
use crate::http::batches::read::{resource, row};
use crate::http::batches::resource::{BatchResource, example};
use crate::http::caller::Caller;
use crate::http::error::openapi::{Conflict, Keyed, Removable};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::models::batch::BatchStatus;
use crate::models::refs::BatchId;
use crate::storage::Ledger;

/// Stop taking up the items of a batch
///
/// What was accepted stays; items that nobody looked at are cancelled. Done when it answers;
/// doing it again changes nothing.
#[utoipa::path(
    post, path = "/batches/{id}/cancel", tag = "batches", operation_id = "cancel_batch",
    params(
        ("id" = BatchId, Path, description = "The batch", example = "bat_01kax41c6v0r9m2d8q4t7h3nse"),
    ),
    responses(
        (status = 200, description = "It takes up no more", body = BatchResource,
            example = json!(example())),
        Keyed, Conflict, Removable,
    )
)]
pub async fn cancel_batch(
    State(ledger): State<Ledger>,
    Id(id): Id<BatchId>,
    caller: Caller,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    let id = row(&ledger, &id).await?.id;
    let (_, now) =
        caller.ledger(&ledger).end_batch(&id, BatchStatus::Cancelled, None, Utc::now()).await?;
    if now.status != BatchStatus::Cancelled {
        let status = now.status.as_str();
        let detail = format!("The batch is {status}: nothing is left that could be cancelled.");
        return Err(Slug::StateConflict.error().detail(detail).member("status_now", status));
    }
    Ok(answer::json(StatusCode::OK, &resource(&ledger, now).await?))
}
