//! What was made of an invoice: what was read, and how it agrees with order and receipts.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};

use crate::http::answer::IfNoneMatch;
use crate::http::error::openapi::{Produced, Removable};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::accept;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::intent::IfNoneMatchHeader;
use crate::http::invoices::read::{noted, removed, row};
use crate::models::case::Case;
use crate::models::extraction::Extraction;
use crate::models::refs::InvoiceId;
use crate::models::verdict::Reconciliation;
use crate::reconciliation::explain;
use crate::storage::Ledger;
use crate::storage::ledger::retention::Removed;

/// When a part that is not made yet may be there.
const PART_AFTER: Duration = Duration::from_secs(2);

/// Look at what was read out of an invoice
///
/// The canonical invoice, and every finding of the rules.
#[utoipa::path(
    get, path = "/invoices/{id}/extraction", tag = "invoices",
    operation_id = "get_invoice_extraction",
    params(
        ("id" = InvoiceId, Path, description = "The invoice", example = "inv_01kax3v9s8f2m7c4t0q6w5z1re"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "What was read", body = Extraction,
            headers(
                ("ETag" = String, description = "Its validator"),
            ),
            example = json!({"syntax": "ubl-invoice", "invoice": {"number": "RE-2026-0417"},
                "judged_by": ["en16931 0.8.0"], "findings": []})),
        Produced, Removable,
    )
)]
pub async fn get_invoice_extraction(
    State(ledger): State<Ledger>,
    Id(id): Id<InvoiceId>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    match ledger.extraction(&id).await? {
        Some(extraction) => Ok(noted(&id).on(conditions.item(&extraction))),
        None => Err(not_there(&ledger, &id, "extraction").await),
    }
}

/// Look at how an invoice agrees with order and receipts
///
/// Every check with what it compared, the pairing of lines, and why the invoice is held: as JSON,
/// or with `Accept: text/plain` in words.
#[utoipa::path(
    get, path = "/invoices/{id}/reconciliation", tag = "invoices",
    operation_id = "get_invoice_reconciliation",
    params(
        ("id" = InvoiceId, Path, description = "The invoice", example = "inv_01kax3v9s8f2m7c4t0q6w5z1re"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The result",
            headers(
                ("ETag" = String, description = "Its validator"),
                ("Vary" = String, description = "`Accept`"),
            ),
            content((Reconciliation = "application/json", example = json!({"input_hash": "9f2c", "outcome": "matched", "level": {"1": "two_way"},
                "checks": [{"code": "UNIT_PRICE", "line": "1", "po": "PO-1001", "po_line": "1",
                    "actual": "10.00", "expected": "10.00", "variance": "0", "verdict": "pass",
                    "text": "line 1 bills 10.00, order PO-1001 says 10.00"}],
                "pairing": [{"line": "1", "po": "PO-1001", "po_line": "1", "step": "explicit"}],
                "allocations": [{"line": "1", "po": "PO-1001", "po_line": "1", "quantity": "100",
                    "amount": "1000.00"}],
                "holds": []})),
            (String = "text/plain", example = "invoice RE-1: matched"))),
        Produced, Removable,
    )
)]
pub async fn get_invoice_reconciliation(
    State(ledger): State<Ledger>,
    Id(id): Id<InvoiceId>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    let kind = accept::choose(&headers, &[accept::JSON, accept::TEXT])?;
    let Some(reconciliation) = ledger.reconciliation(&id).await? else {
        return Err(not_there(&ledger, &id, "reconciliation").await);
    };
    if kind == accept::JSON {
        return Ok(noted(&id).on(accept::chosen(conditions.item(&reconciliation))));
    }
    let text = in_words(&ledger, &id, &reconciliation).await?;
    Ok(noted(&id).on(accept::chosen(conditions.text(text))))
}

/// What a clerk reads: the lines of the invoice with what was found for each.
async fn in_words(
    ledger: &Ledger,
    id: &InvoiceId,
    reconciliation: &Reconciliation,
) -> Result<String, ApiError> {
    let extraction = ledger.extraction(id).await?;
    let invoice = extraction.map(|extraction| extraction.invoice).unwrap_or_default();
    Ok(explain(&Case { invoice, ..Case::default() }, reconciliation))
}

/// A part that may still come is told apart from one that never will.
pub(super) async fn not_there(ledger: &Ledger, id: &InvoiceId, part: &str) -> ApiError {
    match row(ledger, id).await {
        Err(error) => error,
        Ok(row) if row.status.moves() => Slug::NotProducedYet
            .error()
            .member("resource", part)
            .member("status_now", row.status.as_str())
            .retry_after(PART_AFTER),
        Ok(row) => {
            match ledger.removed(id).await {
                Ok(Removed { rows: Some(at), .. }) => return removed(part, at),
                Ok(_) => {}
                Err(error) => return error.into(),
            }
            let detail = format!("An invoice that is {} has no {part}.", row.status.as_str());
            ApiError::not_found(part).detail(detail)
        }
    }
}
