//! What the supplier is told of its invoice.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};

use crate::extraction::writer::write_response;
use crate::http::answer::IfNoneMatch;
use crate::http::error::ApiError;
use crate::http::error::openapi::{Produced, Removable};
use crate::http::extract::accept;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::intent::IfNoneMatchHeader;
use crate::http::invoices::parts::not_there;
use crate::http::invoices::read::{noted, row};
use crate::models::invoice_response::{InvoiceResponse, respond};
use crate::models::refs::InvoiceId;
use crate::storage::Ledger;

/// Look at what the supplier is told
///
/// Where the invoice stands in the terms of the Peppol Invoice Response: as JSON, or with
/// `Accept: application/xml` as the UBL ApplicationResponse to send. A code never goes back.
#[utoipa::path(
    get, path = "/invoices/{id}/response", tag = "invoices",
    operation_id = "get_invoice_response",
    params(
        ("id" = InvoiceId, Path, description = "The invoice", example = "inv_01kax3v9s8f2m7c4t0q6w5z1re"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "What is told",
            headers(
                ("ETag" = String, description = "Its validator"),
                ("Vary" = String, description = "`Accept`"),
            ),
            content((InvoiceResponse = "application/json", example = json!({"code": "UQ",
                "effective_at": "2026-11-23T10:02:11.004Z", "reasons": [{"reason": "PRI",
                    "action": "CNP", "term": "BT-146", "text": "the order says 10.00"}]})),
            (String = "application/xml", example = "<ApplicationResponse xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2\">…</ApplicationResponse>"))),
        Produced, Removable,
    )
)]
pub async fn get_invoice_response(
    State(ledger): State<Ledger>,
    Id(id): Id<InvoiceId>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    let kind = accept::choose(&headers, &[accept::JSON, accept::XML])?;
    let row = row(&ledger, &id).await?;
    let Some(response) = respond(&ledger.moments(&id).await?, &row.holds) else {
        return Err(not_there(&ledger, &id, "response").await);
    };
    if kind == accept::JSON {
        return Ok(noted(&id).on(accept::chosen(conditions.item(&response))));
    }
    let extraction = ledger.extraction(&id).await?;
    let invoice = extraction.map(|extraction| extraction.invoice).unwrap_or_default();
    let xml = write_response(&format!("{id}-{}", row.revision), &response, &invoice);
    Ok(noted(&id).on(accept::chosen(conditions.xml(xml))))
}
