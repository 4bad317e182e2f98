//! The document of an invoice: as a file, and page by page to look at.

use axum::body::Body;
use axum::extract::{RawPathParams, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, Response};

use crate::http::Edge;
use crate::http::answer::{self, IfNoneMatch, REVALIDATE};
use crate::http::dashboard::drawings::has_pages;
use crate::http::error::ApiError;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::invoices::read::{get_invoice_document, removed, row};
use crate::models::refs::InvoiceId;

/// `GET /dashboard/invoices/{id}/document`: as it was received, always as a file.
///
/// # Errors
/// 404, 503 when a store is away.
pub async fn download(
    edge: State<Edge>,
    id: Id<InvoiceId>,
    query: Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    get_invoice_document(edge, id, query, IfNoneMatch::default(), HeaderMap::new()).await
}

/// `GET /dashboard/invoices/{id}/pages/{file}`: `1.png`, `2.png`, …
///
/// The document never changes, so a browser that has the page is told so without drawing it; it
/// asks each time, because its session may be over.
///
/// # Errors
/// 404 for a page that is not there or cannot be drawn, 410 when the document was removed, 503
/// while too many are drawn.
pub async fn page(
    State(edge): State<Edge>,
    Id(id): Id<InvoiceId>,
    Query(NoParameters): Query<NoParameters>,
    params: RawPathParams,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let nothing = || ApiError::not_found("page");
    let row = row(&edge.parts.ledger, &id).await?;
    let number = number(&params).filter(|_| has_pages(row.media_type)).ok_or_else(nothing)?;
    if let Some(at) = edge.parts.ledger.removed(&id).await?.document {
        return Err(removed("document", at));
    }
    // Another release may draw the same page otherwise.
    let tag = format!("\"{}-{number}-{}\"", row.sha256, env!("CARGO_PKG_VERSION"));
    let tag = HeaderValue::from_str(&tag).expect("digits and a version");
    let mut response = if conditions.hits(&tag) {
        answer::not_modified()
    } else {
        let drawn = edge.parts.drawings.page(&edge.parts.artifacts, &row.sha256, number).await?;
        Response::new(Body::from(drawn.ok_or_else(nothing)?))
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, tag);
    headers.insert(CACHE_CONTROL, REVALIDATE);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/png"));
    let sandbox = HeaderValue::from_static("sandbox; default-src 'none'");
    headers.insert(CONTENT_SECURITY_POLICY, sandbox);
    Ok(response)
}

/// The page that a name such as `3.png` means.
fn number(params: &RawPathParams) -> Option<u32> {
    let (_, file) = params.iter().find(|(name, _)| *name == "file")?;
    let digits = file.strip_suffix(".png").filter(|text| !text.starts_with(['0', '+']))?;
    digits.parse().ok()
}
