//! One decision about many invoices: what it would do, and that it is done.

mod carry;
pub mod resource;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;

use crate::http::Edge;
use crate::http::error::ApiError;
use crate::http::error::openapi::{Body as BodyRefusals, KeyRequired};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Query, json};
use crate::http::intent::{Intent, KeyHeader};
use crate::http::invoices::bulk::carry::{Wish, carry};
use crate::http::invoices::bulk::resource::{
    BulkCorrection, BulkRequest, Outlook, Promised, correction_example, outlook_example,
    request_example,
};
use crate::models::decision::{Action, Decision};

/// Retry many invoices that need attention
///
/// Those that the filter finds, oldest first. Unless `dry_run` is `false` nothing is done, and the
/// answer lists what would be. A real run needs a key; its answer is a batch, which tells what
/// became of each invoice: each is retried once, as by its own route.
#[utoipa::path(
    post, path = "/invoices/retry", tag = "decisions", operation_id = "retry_invoices",
    params(KeyHeader),
    request_body(content = BulkRequest, content_type = "application/json",
        description = "Which ones, and why.", example = json!(request_example())),
    responses(
        (status = 200, description = "What would be done; or: nothing is found, so nothing is done",
            body = Outlook, example = json!(outlook_example())),
        Promised, KeyRequired, BodyRefusals,
    )
)]
pub async fn retry_invoices(
    State(edge): State<Edge>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    decided(&edge, &intent, request, Action::Retry).await
}

/// Withdraw many invoices
///
/// Those that the filter finds, oldest first. Unless `dry_run` is `false` nothing is done, and the
/// answer lists what would be. A real run needs a key; its answer is a batch, which tells what
/// became of each invoice: each is withdrawn as by its own route.
#[utoipa::path(
    post, path = "/invoices/cancel", tag = "decisions", operation_id = "cancel_invoices",
    params(KeyHeader),
    request_body(content = BulkRequest, content_type = "application/json",
        description = "Which ones, and why.", example = json!(request_example())),
    responses(
        (status = 200, description = "What would be done; or: nothing is found, so nothing is done",
            body = Outlook, example = json!(outlook_example())),
        Promised, KeyRequired, BodyRefusals,
    )
)]
pub async fn cancel_invoices(
    State(edge): State<Edge>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    decided(&edge, &intent, request, Action::Cancel).await
}

/// Correct many invoices in the same way
///
/// The same fields get the same values, such as a VAT id that a supplier prints wrongly on all of
/// its invoices. Unless `dry_run` is `false` nothing is done, and the answer lists what would be.
/// A real run needs a key; its answer is a batch, which tells what became of each invoice.
#[utoipa::path(
    post, path = "/invoices/correct", tag = "decisions", operation_id = "correct_invoices",
    params(KeyHeader),
    request_body(content = BulkCorrection, content_type = "application/json",
        description = "Which ones, which values, and why.", example = json!(correction_example())),
    responses(
        (status = 200, description = "What would be done; or: nothing is found, so nothing is done",
            body = Outlook, example = json!(outlook_example())),
        Promised, KeyRequired, BodyRefusals,
    )
)]
pub async fn correct_invoices(
    State(edge): State<Edge>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let bytes = json::bytes(request).await?;
    let asked = json::read(&bytes, &correction_example(), BulkCorrection::faults)?;
    let decision = asked.decision();
    let BulkCorrection { filter, limit, dry_run, .. } = asked;
    carry(&edge, &intent, Wish { decision, filter, limit, dry_run }).await
}

async fn decided(
    edge: &Edge,
    intent: &Intent,
    request: Request,
    action: Action,
) -> Result<Response<Body>, ApiError> {
    let bytes = json::bytes(request).await?;
    let faults = |asked: &BulkRequest| asked.faults(action);
    let asked = json::read(&bytes, &request_example(), faults)?;
    let decision = Decision { reason: Some(asked.reason), ..Decision::of(action) };
    let wish = Wish { decision, filter: asked.filter, limit: asked.limit, dry_run: asked.dry_run };
    carry(edge, intent, wish).await
}
