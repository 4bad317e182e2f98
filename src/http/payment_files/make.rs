//! `POST /payment-files`: orders of the bank, and the step of their invoices, at once.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use chrono::Utc;
use sha2::{Digest, Sha256 as Digester};
use uuid::Uuid;

use crate::extraction::writer::pain001;
use crate::http::Edge;
use crate::http::answer;
use crate::http::error::openapi::{Body as BodyRefusals, Conflicts, KeyRequired};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::Query;
use crate::http::extract::json as json_body;
use crate::http::extract::query::NoParameters;
use crate::http::idempotency::Idempotency;
use crate::http::intent::{Intent, KeyHeader};
use crate::http::noted::Noted;
use crate::http::payment_files::order::{PaymentRequest, example as order_example};
use crate::http::payment_files::payable::{self, Payables};
use crate::http::payment_files::resource::{PaymentFileResource, example, location};
use crate::models::fault::Fault;
use crate::models::refs::{InvoiceId, PaymentFileId, Sha256};
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::payment_files::{
    NewPaymentFile, Ordering, PaymentFileContent, PaymentFileRow,
};

/// Order the bank to pay
///
/// Makes a pain.001.001.09 file for approved invoices in euro without a pay hold, and schedules
/// them, in one transaction: all of them or none. Each transfer travels under an id that follows
/// from its invoice, so the bank statement that pays it is recognised. Whoever changed the accounts
/// of a supplier lately does not pay it. The key is required.
#[utoipa::path(
    post, path = "/payment-files", tag = "payment files", operation_id = "create_payment_file",
    params(KeyHeader),
    request_body(content = PaymentRequest, content_type = "application/json",
        description = "What to pay.", example = json!(order_example())),
    responses(
        (status = 201, description = "Made; its invoices are scheduled", body = PaymentFileResource,
            headers(
                ("Location" = String, description = "The file"),
                ("ETag" = String, description = "Its validator"),
            ),
            example = json!(example())),
        (status = 200, description = "It was made before under this key", body = PaymentFileResource,
            headers(
                ("Location" = String, description = "The file"),
                ("ETag" = String, description = "Its validator"),
                ("Idempotency-Replayed" = bool, description = "`true`"),
            ),
            example = json!(example())),
        KeyRequired, BodyRefusals, Conflicts,
    )
)]
pub async fn create_payment_file(
    State(edge): State<Edge>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let Some(key) = intent.key.0.clone() else {
        return Err(Slug::IdempotencyKeyMissing.error());
    };
    let (asked, fingerprint) = read(request).await?;
    let subject = intent.caller.subject.clone();
    let ledger = &edge.parts.ledger;
    // First of all: after the first time its invoices are not approved any more.
    if let Some(known) = ledger.payment_file_by_key(&subject, &key).await? {
        return replayed(&edge, known, &fingerprint);
    }
    let (id, now) = (PaymentFileId::new(Uuid::now_v7()), Utc::now());
    let gathered = payable::gather(&edge, (&subject, &asked), (&id, now)).await?;
    let payables = gathered.map_err(unacceptable)?;
    let sha256 = document(&edge, &payables).await?;
    let new = NewPaymentFile {
        id,
        subject,
        key,
        fingerprint: fingerprint.clone(),
        created_at: now,
        sha256,
        content: PaymentFileContent {
            debtor: asked.debtor(),
            execution_date: asked.execution_date,
            transfers: payables.kept,
        },
        invoices: payables.invoices,
    };
    match intent.caller.ledger(ledger).order_payments(&new).await? {
        Ordering::Done(row) => Ok(made(&edge, row, StatusCode::CREATED, Idempotency::New)),
        Ordering::Known(row) => replayed(&edge, row, &fingerprint),
        Ordering::Moved(moved) => Err(conflict(&moved)),
    }
}

async fn read(request: Request) -> Result<(PaymentRequest, String), ApiError> {
    let body = json_body::bytes(request).await?;
    let asked: PaymentRequest = json_body::read(&body, &order_example(), PaymentRequest::faults)?;
    // Written out again, so that the order of members does not matter.
    let written = serde_json::to_vec(&asked);
    let written = written.map_err(|error| Slug::Internal.error().caused_by(error))?;
    let digest = Sha256::from_bytes(&Digester::digest(written).into());
    Ok((asked, digest.to_string()))
}

/// Writes the file and keeps it. A fault of a transfer is one of its first invoice.
async fn document(edge: &Edge, payables: &Payables) -> Result<Sha256, ApiError> {
    let xml = pain001(&payables.order).map_err(|faults| {
        let placed = faults.into_iter().map(|fault| {
            let pointer = fault.pointer.clone().unwrap_or_default();
            let mut parts = pointer.strip_prefix("/transfers/").unwrap_or_default().splitn(2, '/');
            let transfer = parts.next().and_then(|number| number.parse::<usize>().ok());
            let place = transfer.and_then(|number| payables.places.get(number));
            let Some(place) = place else { return fault };
            let member = parts.next().unwrap_or_default();
            let detail = format!("{member}: {}", fault.detail);
            Fault::at(&format!("/invoices/{place}"), &fault.code, &detail)
        });
        unacceptable(placed.collect())
    })?;
    Ok(edge.parts.artifacts.put(xml).await?)
}

fn unacceptable(faults: Vec<Fault>) -> ApiError {
    Slug::ValidationFailed.error().detail("Not all of it can be paid.").faults(faults)
}

/// 409 that names the invoices that moved on.
pub(super) fn conflict(moved: &[(InvoiceId, InvoiceStatus)]) -> ApiError {
    let told: Vec<_> =
        moved.iter().take(20).map(|(id, now)| format!("{id} is {}", now.as_str())).collect();
    let detail = format!("Invoices moved on meanwhile: {}.", told.join(", "));
    let status = moved.first().map_or("", |(_, now)| now.as_str());
    Slug::StateConflict.error().detail(detail).member("status_now", status)
}

fn replayed(
    edge: &Edge,
    row: PaymentFileRow,
    fingerprint: &str,
) -> Result<Response<Body>, ApiError> {
    if row.fingerprint != fingerprint {
        let detail = "This Idempotency-Key was sent with another order.";
        let reused = Slug::IdempotencyKeyReused.error().detail(detail);
        return Err(reused.member("id", row.id.as_str()));
    }
    Ok(made(edge, row, StatusCode::OK, Idempotency::Replay))
}

fn made(edge: &Edge, row: PaymentFileRow, status: StatusCode, used: Idempotency) -> Response<Body> {
    used.count(&edge.parts.metrics);
    let place = location(&row.id);
    let mut response = answer::created(status, &place, &PaymentFileResource::from(row));
    used.mark(response.headers_mut());
    Noted { idempotency: Some(used), ..Noted::default() }.on(response)
}
