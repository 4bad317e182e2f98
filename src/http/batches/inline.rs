//! Documents that came with the request: accepted in one transaction, started, answered.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use chrono::Utc;
use futures::{StreamExt, stream};
use tokio::time::timeout;
use uuid::Uuid;

use crate::http::batches::resource::{InlineBatchResults, path};
use crate::http::batches::source::reused;
use crate::http::batches::submit::Asked;
use crate::http::error::ApiError;
use crate::http::error::sources::upstream_kind;
use crate::http::idempotency::Idempotency;
use crate::http::noted::Noted;
use crate::http::{Edge, answer};
use crate::metrics::Metrics;
use crate::models::batch::BatchKind;
use crate::models::refs::{BatchId, InvoiceId};
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::batches::{BatchAcceptance, ItemResult, NewBatch, NewItem};
use crate::temporal::Gateway;

/// For starting all of them; what takes longer is left to the dispatcher.
const START_AT_MOST: Duration = Duration::from_secs(2);

/// Calls to Temporal at once, as the dispatcher makes them.
const PARALLEL: usize = 8;

/// Accepts the items, and answers what became of each.
///
/// # Errors
/// 422 when the key belongs to another batch; 503 when the ledger is away.
pub(super) async fn accept(
    edge: &Edge,
    asked: Asked,
    items: Vec<NewItem>,
) -> Result<Response<Body>, ApiError> {
    let new = NewBatch {
        id: BatchId::new(Uuid::now_v7()),
        kind: BatchKind::Inline,
        subject: asked.caller.subject.clone(),
        key: asked.key,
        known: asked.known,
        source: None,
        created_at: Utc::now(),
    };
    let metrics = &edge.parts.metrics;
    let (batch, results, used) =
        match asked.caller.ledger(&edge.parts.ledger).accept_batch(new, &items).await? {
            BatchAcceptance::New(batch, results) => (batch, results, Idempotency::New),
            BatchAcceptance::Known(batch, results) => (batch, results, Idempotency::Replay),
            BatchAcceptance::KeyReused(id) => return Err(reused(&id)),
        };
    used.count(metrics);
    start(&edge.parts.gateway, metrics, &results).await;
    let results = InlineBatchResults::new(&batch.id, items, results);
    let mut response = answer::json(StatusCode::MULTI_STATUS, &results);
    answer::set_location(&mut response, &path(&batch.id));
    used.mark(response.headers_mut());
    Ok(Noted { idempotency: Some(used), ..Noted::default() }.on(response))
}

/// Starts what waits. Any failure ends it: the rows are the promise, and the dispatcher keeps it.
async fn start(gateway: &Gateway, metrics: &Arc<Metrics>, results: &[ItemResult]) {
    let received = |result: &ItemResult| match result {
        ItemResult::Accepted(row) if row.status == InvoiceStatus::Received => Some(row.id.clone()),
        _ => None,
    };
    let ids: Vec<InvoiceId> = results.iter().filter_map(received).collect();
    let starting = stream::iter(ids).map(|id| async move { gateway.start_invoice(&id).await });
    let mut starting = starting.buffer_unordered(PARALLEL);
    let all = async {
        while let Some(started) = starting.next().await {
            started?;
        }
        Ok(())
    };
    if let Ok(Err(error)) = timeout(START_AT_MOST, all).await {
        metrics.upstream_errors.with_label_values(&[upstream_kind(&error)]).inc();
        tracing::warn!(%error, "invoices of a batch are left to the dispatcher");
    }
}
