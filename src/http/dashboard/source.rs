//! The document of an invoice: as a file, and, where it is a picture, to look at.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Response};

use crate::http::Edge;
use crate::http::answer::{IfNoneMatch, REVALIDATE};
use crate::http::error::ApiError;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::invoices::read::{get_invoice_document, row};
use crate::models::media_type::MediaType;
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

/// `GET /dashboard/invoices/{id}/picture`: a picture is drawn and never run, so it may be shown.
///
/// # Errors
/// 404 for a document that is no picture which browsers draw.
pub async fn picture(
    State(edge): State<Edge>,
    Id(id): Id<InvoiceId>,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    let row = row(&edge.parts.ledger, &id).await?;
    if !is_drawn(row.media_type) {
        return Err(ApiError::not_found("picture"));
    }
    let bytes = edge.parts.artifacts.get(&row.sha256).await?;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(row.media_type.as_str()));
    headers.insert(CACHE_CONTROL, REVALIDATE);
    let sandbox = HeaderValue::from_static("sandbox; default-src 'none'");
    headers.insert(CONTENT_SECURITY_POLICY, sandbox);
    Ok(response)
}

/// Whether browsers draw it.
pub fn is_drawn(media_type: MediaType) -> bool {
    matches!(media_type, MediaType::Png | MediaType::Jpeg)
}
