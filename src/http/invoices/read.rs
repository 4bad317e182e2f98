//! One invoice, and its document.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, RETRY_AFTER,
    VARY,
};
use axum::http::{HeaderMap, HeaderValue, Response};
use chrono::{DateTime, SecondsFormat, Utc};

use crate::http::Edge;
use crate::http::answer::{self, IfNoneMatch, REVALIDATE};
use crate::http::error::openapi::{General, Removable};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query, accept};
use crate::http::intent::{IfNoneMatchHeader, Intent, PreferHeader};
use crate::http::invoices::decisions::resource::ApprovalCounts;
use crate::http::invoices::resource::{InvoiceResource, example};
use crate::http::invoices::rest;
use crate::http::noted::Noted;
use crate::http::openapi::DocumentBytes;
use crate::http::prefer::PREFERENCE_APPLIED;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::Ledger;
use crate::storage::ledger::invoices::InvoiceRow;

/// Look at an invoice
///
/// As it stands, or, with `Prefer: wait=N`, as it stands once it rests.
#[utoipa::path(
    get, path = "/invoices/{id}", tag = "invoices", operation_id = "get_invoice",
    params(
        ("id" = InvoiceId, Path, description = "The invoice", example = "inv_01kax3v9s8f2m7c4t0q6w5z1re"),
        PreferHeader, IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The invoice", body = InvoiceResource,
            headers(
                ("ETag" = String, description = "Its validator"),
                ("Retry-After" = u64, description = "Seconds after which to look again, while it moves"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
            ),
            example = json!(example())),
        General,
    )
)]
pub async fn get_invoice(
    State(edge): State<Edge>,
    Id(id): Id<InvoiceId>,
    Query(NoParameters): Query<NoParameters>,
    intent: Intent,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let mut row = row(&edge.parts.ledger, &id).await?;
    let wait = intent.prefer.wait(Duration::ZERO, edge.parts.limits.wait_seconds_max);
    let waited = rest::wait(&edge, &wait, &intent.place, &mut row).await;
    let moves = row.status.moves();
    let approvals = approvals(&edge, &row).await?;
    let mut response =
        conditions.item(&InvoiceResource { approvals, ..InvoiceResource::from(row) });
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Prefer"));
    if moves {
        headers.insert(RETRY_AFTER, HeaderValue::from(5_u64));
    }
    if let Some(applied) = wait.applied().filter(|_| waited.applied) {
        headers.insert(PREFERENCE_APPLIED, applied);
    }
    let waited = Some(waited.took).filter(|took| !took.is_zero());
    Ok(Noted { waited, ..noted(&id) }.on(response))
}

/// Approvals that are needed and given, while the invoice waits for them.
async fn approvals(edge: &Edge, row: &InvoiceRow) -> Result<Option<ApprovalCounts>, ApiError> {
    if row.status != InvoiceStatus::Approval {
        return Ok(None);
    }
    let facts = edge.parts.ledger.facts(&row.id).await?;
    Ok(facts.map(|facts| ApprovalCounts::from(facts.situation(&edge.parts.policy).approvals)))
}

/// Fetch the document of an invoice
///
/// The bytes as they were received.
#[utoipa::path(
    get, path = "/invoices/{id}/document", tag = "invoices",
    operation_id = "get_invoice_document",
    params(
        ("id" = InvoiceId, Path, description = "The invoice", example = "inv_01kax3v9s8f2m7c4t0q6w5z1re"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The document, as the type that it was taken as",
            content(
                (DocumentBytes = "application/xml"),
                (DocumentBytes = "application/pdf"),
                (serde_json::Value = "application/json"),
                (DocumentBytes = "text/csv"),
                (DocumentBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                (DocumentBytes = "application/vnd.ms-excel"),
                (DocumentBytes = "application/vnd.oasis.opendocument.spreadsheet"),
                (DocumentBytes = "application/zip"),
                (DocumentBytes = "image/png"),
                (DocumentBytes = "image/jpeg"),
                (DocumentBytes = "image/tiff"),
                (DocumentBytes = "application/octet-stream"),
            ),
            headers(
                ("ETag" = String, description = "Digest of the bytes"),
                ("Content-Disposition" = String, description = "Always an attachment"),
            )),
        General, Removable,
    )
)]
pub async fn get_invoice_document(
    State(edge): State<Edge>,
    Id(id): Id<InvoiceId>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    let row = row(&edge.parts.ledger, &id).await?;
    accept::require(&headers, row.media_type.as_str())?;
    if let Some(at) = edge.parts.ledger.removed(&id).await?.document {
        return Err(removed("document", at));
    }
    let tag = format!("\"{}\"", row.sha256);
    let tag = HeaderValue::from_str(&tag).expect("hexadecimal digits");
    let mut response = if conditions.hits(&tag) {
        answer::not_modified()
    } else {
        let bytes = edge.parts.artifacts.get(&row.sha256).await?;
        as_attachment(&row, Response::new(Body::from(bytes)))
    };
    response.headers_mut().insert(ETAG, tag);
    response.headers_mut().insert(CACHE_CONTROL, REVALIDATE);
    Ok(noted(&id).on(response))
}

/// A stranger's bytes are never shown in our origin.
fn as_attachment(row: &InvoiceRow, mut response: Response<Body>) -> Response<Body> {
    let file = format!("attachment; filename=\"{}.{}\"", row.id, row.media_type.extension());
    let file = HeaderValue::from_str(&file).expect("ids are visible ASCII");
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(row.media_type.as_str()));
    headers.insert(CONTENT_DISPOSITION, file);
    let sandbox = HeaderValue::from_static("sandbox; default-src 'none'");
    headers.insert(CONTENT_SECURITY_POLICY, sandbox);
    response
}

/// The row of an invoice.
///
/// # Errors
/// 404, or 503 when the ledger is away.
pub async fn row(ledger: &Ledger, id: &InvoiceId) -> Result<InvoiceRow, ApiError> {
    let row = ledger.invoice_gathered(id).await?;
    row.ok_or_else(|| ApiError::not_found("invoice"))
}

/// 410: it was kept as long as it had to be.
pub fn removed(part: &str, at: DateTime<Utc>) -> ApiError {
    let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    Slug::Removed.error().member("resource", part).member("removed_at", at)
}

/// What the log line says of it.
pub fn noted(id: &InvoiceId) -> Noted {
    Noted { invoice: Some(id.to_string()), ..Noted::default() }
}
