//! Archives and manifests: kept, promised, and taken up by a workflow.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response, StatusCode};
use chrono::Utc;
use uuid::Uuid;

use crate::http::batches::read::resource;
use crate::http::batches::resource::path;
use crate::http::batches::submit::Asked;
use crate::http::error::sources::upstream_kind;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::body::reader;
use crate::http::idempotency::Idempotency;
use crate::http::invoices::document::{Carrier, keep};
use crate::http::noted::Noted;
use crate::http::{Edge, answer};
use crate::models::batch::{BatchKind, BatchStatus};
use crate::models::media_type::MediaType;
use crate::models::refs::{BatchId, Sha256};
use crate::storage::ledger::batches::{BatchAcceptance, NewBatch};

/// When to look at a batch that was started.
const LOOK_AFTER: u64 = 2;

/// Streams an archive to the store. Whether it is one is seen by who reads it; what surely is
/// something else is refused here.
///
/// # Errors
/// 400, 408, 413, 415 for the body; 503 when the store is away.
pub(super) async fn stream(edge: &Edge, request: Request) -> Result<Sha256, ApiError> {
    let body = std::pin::pin!(reader(request).into_stream());
    let kept = keep(&edge.parts.artifacts, Carrier::Request, MediaType::Zip, body).await?;
    Ok(kept.0.sha256)
}

/// Promises the batch, starts its workflow, answers where it is.
///
/// # Errors
/// 422 when the key belongs to another batch; 503 when the ledger is away.
pub(super) async fn open(
    edge: &Edge,
    asked: Asked,
    kind: BatchKind,
    source: Sha256,
) -> Result<Response<Body>, ApiError> {
    let new = NewBatch {
        id: BatchId::new(Uuid::now_v7()),
        kind,
        subject: asked.caller.subject.clone(),
        key: asked.key,
        known: asked.known,
        source: Some(source),
        created_at: Utc::now(),
    };
    let accepted = asked.caller.ledger(&edge.parts.ledger).open_batch(new).await?;
    promised(edge, accepted).await
}

/// Starts the workflow of a batch that is promised, and answers where it is.
///
/// # Errors
/// 422 when the key belongs to another batch; 503 when the ledger is away.
pub async fn promised(
    edge: &Edge,
    accepted: BatchAcceptance<()>,
) -> Result<Response<Body>, ApiError> {
    let metrics = &edge.parts.metrics;
    let (batch, used) = match accepted {
        BatchAcceptance::New(batch, ()) => (batch, Idempotency::New),
        BatchAcceptance::Known(batch, ()) => (batch, Idempotency::Replay),
        BatchAcceptance::KeyReused(id) => return Err(reused(&id)),
    };
    used.count(metrics);
    if batch.status == BatchStatus::Accepting {
        start(edge, &batch.id).await;
    }
    let location = path(&batch.id);
    let noted = Noted {
        workflow: Some(batch.id.workflow_id()),
        idempotency: Some(used),
        ..Noted::default()
    };
    let resource = resource(&edge.parts.ledger, batch).await?;
    let mut response = answer::json(StatusCode::ACCEPTED, &resource);
    answer::set_location(&mut response, &location);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(LOOK_AFTER));
    used.mark(response.headers_mut());
    Ok(noted.on(response))
}

/// Any failure is left to the dispatcher: the row is the promise.
async fn start(edge: &Edge, id: &BatchId) {
    if let Err(error) = edge.parts.gateway.start_batch(id).await {
        let kind = upstream_kind(&error);
        edge.parts.metrics.upstream_errors.with_label_values(&[kind]).inc();
        tracing::warn!(batch.id = %id, %error, "batch is left to the dispatcher");
    }
}

/// 422: the key belongs to another batch.
pub(super) fn reused(id: &BatchId) -> ApiError {
    let detail = "This Idempotency-Key was sent with another batch: of another kind, with another \
                  archive, manifest or order, or without one of these item keys.";
    Slug::IdempotencyKeyReused.error().detail(detail).member("id", id.as_str())
}
