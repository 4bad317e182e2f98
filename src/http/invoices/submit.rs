//! `POST /invoices`: keep the bytes, write the row that is the promise, start, answer.
//!
//! The row is the promise. Once it is written the answer is a success, whatever Temporal says:
//! the dispatcher starts what is still `received`.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response, StatusCode};
use chrono::Utc;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::http::error::openapi::{Body as BodyRefusals, Keyed};
use crate::http::error::sources::upstream_kind;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::Query;
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::idempotency::Idempotency;
use crate::http::intent::{Intent, KeyHeader, PreferHeader};
use crate::http::invoices::document::{self, Taken};
use crate::http::invoices::resource::{InvoiceResource, path, received_example};
use crate::http::invoices::rest;
use crate::http::noted::Noted;
use crate::http::openapi::DocumentBytes;
use crate::http::prefer::PREFERENCE_APPLIED;
use crate::http::waiting::Waited;
use crate::http::{Edge, answer};
use crate::metrics::Metrics;
use crate::models::invoice::Invoice;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::invoices::{Acceptance, InvoiceRow, NewInvoice};
use crate::temporal::{Gateway, GatewayError};

/// For starting the workflow; what takes longer is left to the dispatcher.
const START_AT_MOST: Duration = Duration::from_secs(2);

/// What the caller says of the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Hints {
    /// The order that the invoice belongs to, for documents that do not name one.
    #[param(example = "PO-1001", max_length = 255, min_length = 1)]
    pub purchase_order: Option<String>,
    /// The sender's own name for it: it is kept, shown, and found by.
    #[param(example = "ERP-000417", max_length = 255, min_length = 1)]
    pub reference: Option<String>,
}

impl FromQuery for Hints {
    fn read(parameters: &mut Parameters) -> Self {
        Self {
            purchase_order: parameters.text("purchase_order"),
            reference: parameters.text("reference"),
        }
    }
}

impl Hints {
    /// Joins what the query says with what the form says.
    ///
    /// # Errors
    /// 400 when both say the same hint.
    pub fn or(self, other: Self) -> Result<Self, ApiError> {
        Ok(Self {
            purchase_order: either("purchase_order", self.purchase_order, other.purchase_order)?,
            reference: either("reference", self.reference, other.reference)?,
        })
    }
}

fn either(
    name: &str,
    query: Option<String>,
    form: Option<String>,
) -> Result<Option<String>, ApiError> {
    if query.is_some() && form.is_some() {
        return Err(ApiError::parameter(name, "repeated", "is in the query and in the form"));
    }
    Ok(query.or(form))
}

/// Hand in an invoice
///
/// The body is the document, or a form with the document in the part `document`. A 202 means that
/// it is recorded durably and will be done; watch `Location`. Known bytes without a key answer the
/// invoice that exists. What the document says is the workflow's matter: one that cannot be read
/// is an invoice that needs attention, not an error here.
#[utoipa::path(
    post, path = "/invoices", tag = "invoices", operation_id = "submit_invoice",
    params(Hints, KeyHeader, PreferHeader),
    request_body(
        description = "One invoice or credit note: UBL 2.1, UN/CEFACT CII, ZUGFeRD 1 (XML); a PDF with \
            an invoice inside (Factur-X, ZUGFeRD, XRechnung), with text, or scanned; a picture; our own \
            JSON; CSV or a spreadsheet; a ZIP archive with one of these in it. What it is is told by its content; `application/octet-stream` \
            leaves even its type to that.",
        content(
            (String = "application/xml", example = "<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\">…</Invoice>"),
            (DocumentBytes = "application/pdf"),
            (Invoice = "application/json"),
            (String = "text/csv", example = "invoice_number;issue_date;…"),
            (DocumentBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (DocumentBytes = "application/vnd.ms-excel"),
            (DocumentBytes = "application/vnd.oasis.opendocument.spreadsheet"),
            (DocumentBytes = "application/zip"),
            (DocumentBytes = "image/png"),
            (DocumentBytes = "image/jpeg"),
            (DocumentBytes = "image/tiff"),
            (DocumentBytes = "application/octet-stream"),
            (crate::http::openapi::DocumentForm = "multipart/form-data"),
        ),
    ),
    responses(
        (status = 202, description = "Recorded; it will be done", body = InvoiceResource,
            headers(
                ("Location" = String, description = "The invoice"),
                ("Retry-After" = u64, description = "Seconds after which to look"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was there already"),
            ),
            example = json!(received_example())),
        (status = 200, description = "It rests: after a wait, or on a replay",
            body = InvoiceResource,
            headers(
                ("Location" = String, description = "The invoice"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was there already"),
            ),
            example = json!(crate::http::invoices::resource::example())),
        Keyed, BodyRefusals,
    )
)]
pub async fn submit_invoice(
    State(edge): State<Edge>,
    intent: Intent,
    Query(hints): Query<Hints>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let taken = document::take(&edge.parts.artifacts, request, hints).await?;
    let (mut row, used) = promise(&edge, &intent, taken).await?;
    let wait = intent.prefer.wait(Duration::ZERO, edge.parts.limits.wait_seconds_max);
    let waited = rest::wait(&edge, &wait, &intent.place, &mut row).await;
    let applied = wait.applied().filter(|_| waited.applied);
    Ok(accepted(row, used, &waited, applied))
}

/// What a document that is kept becomes, whichever way it came: a row, and a workflow.
///
/// # Errors
/// 422 when the key belongs to another document, 503 when the ledger is away.
pub async fn promise(
    edge: &Edge,
    intent: &Intent,
    taken: Taken,
) -> Result<(InvoiceRow, Idempotency), ApiError> {
    let (row, used) = accept(edge, intent, taken).await?;
    if row.status == InvoiceStatus::Received {
        start(&edge.parts.gateway, &edge.parts.metrics, &row.id).await;
    }
    Ok((row, used))
}

/// The ledger transaction: a new row, or the one that was made before.
async fn accept(
    edge: &Edge,
    intent: &Intent,
    taken: Taken,
) -> Result<(InvoiceRow, Idempotency), ApiError> {
    let new = NewInvoice {
        id: InvoiceId::new(Uuid::now_v7()),
        subject: intent.caller.subject.clone(),
        key: intent.key.0.clone(),
        sha256: taken.stored.sha256,
        bytes: taken.stored.bytes,
        media_type: taken.media_type,
        purchase_order: taken.hints.purchase_order,
        reference: taken.hints.reference,
        received_at: Utc::now(),
    };
    let metrics = &edge.parts.metrics;
    match intent.caller.ledger(&edge.parts.ledger).accept_invoice(new).await? {
        Acceptance::New(row) => Ok(counted(row, Idempotency::New, metrics)),
        Acceptance::Known(row) => Ok(counted(row, Idempotency::Replay, metrics)),
        Acceptance::KeyReused(id) => {
            let detail = "This Idempotency-Key was sent with another document or another hint.";
            Err(Slug::IdempotencyKeyReused.error().detail(detail).member("id", id.as_str()))
        }
    }
}

fn counted(row: InvoiceRow, used: Idempotency, metrics: &Metrics) -> (InvoiceRow, Idempotency) {
    used.count(metrics);
    (row, used)
}

/// Any failure is left to the dispatcher: the row is the promise.
async fn start(gateway: &Gateway, metrics: &Arc<Metrics>, id: &InvoiceId) {
    let started = tokio::time::timeout(START_AT_MOST, gateway.start_invoice(id)).await;
    if let Err(error) = started.unwrap_or(Err(GatewayError::Timeout)) {
        metrics.upstream_errors.with_label_values(&[upstream_kind(&error)]).inc();
        tracing::warn!(invoice.id = %id, %error, "invoice is left to the dispatcher");
    }
}

/// 202 while it moves, 200 when it rests.
fn accepted(
    row: InvoiceRow,
    used: Idempotency,
    waited: &Waited<()>,
    applied: Option<HeaderValue>,
) -> Response<Body> {
    let moves = row.status.moves();
    let location = path(&row.id);
    let noted = Noted {
        invoice: Some(row.id.to_string()),
        idempotency: Some(used),
        waited: Some(waited.took).filter(|took| !took.is_zero()),
        ..Noted::default()
    };
    let status = if moves { StatusCode::ACCEPTED } else { StatusCode::OK };
    let mut response = answer::json(status, &InvoiceResource::from(row));
    answer::set_location(&mut response, &location);
    let headers = response.headers_mut();
    if moves {
        let after = if used == Idempotency::New { 2_u64 } else { 5 };
        headers.insert(RETRY_AFTER, HeaderValue::from(after));
    }
    used.mark(headers);
    if let Some(applied) = applied {
        headers.insert(PREFERENCE_APPLIED, applied);
    }
    noted.on(response)
}
