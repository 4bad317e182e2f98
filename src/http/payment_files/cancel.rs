//! `POST /payment-files/{id}/cancel`: the file was not handed to the bank after all.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::Edge;
use crate::http::answer;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::error::openapi::{Body as BodyRefusals, Conflicts, Keyed, Removable};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query, json as json_body};
use crate::http::gone::absent;
use crate::http::idempotency::Idempotency;
use crate::http::payment_files::make::conflict;
use crate::http::payment_files::resource::{PaymentFileResource, example};
use crate::models::fault::Fault;
use crate::models::refs::PaymentFileId;
use crate::storage::ledger::payment_files::Ordering;

/// Why a file is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// For the record: 1 to 255 characters.
    #[schema(example = "the wrong account", min_length = 1, max_length = 255)]
    pub reason: String,
}

fn withdrawal_example() -> Value {
    json!({"reason": "the wrong account"})
}

/// Withdraw a payment file
///
/// Its invoices are approved again, all of them or none: when a bank statement paid one of them
/// already, it is too late. A second time changes nothing.
#[utoipa::path(
    post, path = "/payment-files/{id}/cancel", tag = "payment files",
    operation_id = "cancel_payment_file",
    params(
        ("id" = PaymentFileId, Path, description = "The file",
            example = "pfl_01kax40b2t9v3m8q1d6h5n0ws4"),
    ),
    request_body(content = Withdrawal, content_type = "application/json",
        description = "Why.", example = json!(withdrawal_example())),
    responses(
        (status = 200, description = "Withdrawn", body = PaymentFileResource,
            headers(
                ("Idempotency-Replayed" = bool, description = "`true` when it was before"),
            ),
            example = json!(example())),
        Keyed, BodyRefusals, Conflicts, Removable,
    )
)]
pub async fn cancel_payment_file(
    State(edge): State<Edge>,
    Id(id): Id<PaymentFileId>,
    caller: Caller,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let body = json_body::bytes(request).await?;
    let asked: Withdrawal = json_body::read(&body, &withdrawal_example(), |asked: &Withdrawal| {
        let mut faults = Vec::new();
        Fault::text(&mut faults, "/reason", &asked.reason);
        faults
    })?;
    let ledger = caller.ledger(&edge.parts.ledger);
    let Some(file) = ledger.payment_file(&id).await? else {
        return Err(absent(&ledger, "payment_file", id.as_str()).await?);
    };
    match ledger.withdraw_payments(&file, &asked.reason, Utc::now()).await? {
        Ordering::Done(row) => Ok(answer::json(StatusCode::OK, &PaymentFileResource::from(row))),
        Ordering::Known(row) => {
            let mut response = answer::json(StatusCode::OK, &PaymentFileResource::from(row));
            Idempotency::Replay.mark(response.headers_mut());
            Ok(response)
        }
        Ordering::Moved(moved) => Err(conflict(&moved)),
    }
}
