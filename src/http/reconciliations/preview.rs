//! A comparison without a trace.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode};

use crate::http::answer;
use crate::http::error::openapi::{Body as BodyRefusals, Keyed};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::Query;
use crate::http::extract::query::NoParameters;
use crate::http::reconciliations::body;
use crate::http::reconciliations::resource::{case_example, result_example};
use crate::models::case::Case;
use crate::models::verdict::Reconciliation;
use crate::reconciliation::reconcile;

/// Compare an invoice with orders and receipts, and keep nothing
///
/// All of it is the caller's own: no order of the ledger is looked at or changed. Pure calculation,
/// so it works while the ledger and Temporal are down.
#[utoipa::path(
    post, path = "/reconciliations/preview", tag = "reconciliations",
    operation_id = "preview_reconciliation",
    request_body(content = Case, content_type = "application/json",
        description = "An invoice, and what it is compared with.",
        example = json!(case_example())),
    responses(
        (status = 200, description = "The result", body = Reconciliation,
            example = json!(result_example())),
        Keyed, BodyRefusals,
    )
)]
pub async fn preview_reconciliation(
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let (_, case) = body::read(request).await?;
    let result = tokio::task::spawn_blocking(move || reconcile(&case)).await;
    let result = result.map_err(|panic| Slug::Internal.error().caused_by(panic))?;
    Ok(answer::json(StatusCode::OK, &result))
}
