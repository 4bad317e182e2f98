//! Decisions of people: decide, retry, cancel.

mod carry;
pub mod resource;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::http::Edge;
use crate::http::error::ApiError;
use crate::http::error::openapi::Deciding;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query, json};
use crate::http::intent::{Intent, KeyHeader, PreferHeader};
use crate::http::invoices::decisions::carry::{Carried, Key, carry};
use crate::http::invoices::decisions::resource::{
    DecisionResource, decided_example, decision_example, waiting_example, whole_decision_example,
};
use crate::http::prefer::Prefer;
use crate::models::decision::{Action, Decision};
use crate::models::fault::Fault;
use crate::models::refs::InvoiceId;

pub use crate::http::invoices::decisions::carry::DECISION_WAIT;

/// Decide about an invoice
///
/// Approve, reject, release holds, pair lines, correct fields, and so on: what is possible now is in
/// `actions` of the invoice. The rules are judged before anything is recorded. The same key with the
/// same body is the same decision; the key is required. The answer waits for the invoice to rest
/// again, up to 4 s unless `Prefer` says otherwise.
#[utoipa::path(
    post, path = "/invoices/{id}/decision", tag = "decisions", operation_id = "decide_invoice",
    params(
        ("id" = InvoiceId, Path, description = "The invoice", example = "inv_01kax3v9s8f2m7c4t0q6w5z1re"),
        KeyHeader, PreferHeader,
    ),
    request_body(content = Decision, content_type = "application/json",
        description = "What is done, and why.", example = json!(decision_example())),
    responses(
        (status = 200, description = "Decided, or one of several approvals", body = DecisionResource,
            headers(
                ("Idempotency-Replayed" = bool, description = "`true` when it was taken before"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
            ),
            example = json!(decided_example())),
        (status = 202, description = "Accepted, and not finished in time", body = DecisionResource,
            headers(
                ("Location" = String, description = "The invoice"),
                ("Retry-After" = u64, description = "Seconds after which to look"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was taken before"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
            ),
            example = json!(waiting_example())),
        Deciding,
    )
)]
pub async fn decide_invoice(
    State(edge): State<Edge>,
    Id(id): Id<InvoiceId>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let bytes = json::bytes(request).await?;
    let decision = json::read(&bytes, &whole_decision_example(), Decision::faults)?;
    let carried = carry(&edge, &intent, &id, decision, Key::Required).await?;
    Ok(carried.decided(&id))
}

/// Why a retry or a withdrawal is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// For people; 1 to 2,000 characters.
    pub reason: String,
}

impl Reason {
    fn decision(&self, action: Action) -> Decision {
        Decision { reason: Some(self.reason.clone()), ..Decision::of(action) }
    }

    /// The text alone is judged: the action is the route's.
    fn faults(&self) -> Vec<Fault> {
        self.decision(Action::Reject).faults()
    }
}

/// Retry an invoice that needs attention
///
/// It goes back to where it got stuck. The answer waits for it to rest again, up to 4 s unless
/// `Prefer` says otherwise.
#[utoipa::path(
    post, path = "/invoices/{id}/retry", tag = "decisions", operation_id = "retry_invoice",
    params(
        ("id" = InvoiceId, Path, description = "The invoice", example = "inv_01kax3v9s8f2m7c4t0q6w5z1re"),
        KeyHeader, PreferHeader,
    ),
    request_body(content = Reason, content_type = "application/json", description = "Why.",
        example = json!({"reason": "the store is back"})),
    responses(
        (status = 202, description = "It is tried again", body = DecisionResource,
            headers(
                ("Location" = String, description = "The invoice"),
                ("Retry-After" = u64, description = "Seconds after which to look"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was taken before"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
            ),
            example = json!(waiting_example())),
        Deciding,
    )
)]
pub async fn retry_invoice(
    State(edge): State<Edge>,
    Id(id): Id<InvoiceId>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let carried = with_reason(&edge, &intent, &id, request, Action::Retry).await?;
    Ok(carried.accepted(&id))
}

/// Withdraw an invoice
///
/// Possible until it is scheduled for payment; what it took from orders is given back. The answer
/// waits for that, up to 4 s unless `Prefer` says otherwise.
#[utoipa::path(
    post, path = "/invoices/{id}/cancel", tag = "decisions", operation_id = "cancel_invoice",
    params(
        ("id" = InvoiceId, Path, description = "The invoice", example = "inv_01kax3v9s8f2m7c4t0q6w5z1re"),
        KeyHeader, PreferHeader,
    ),
    request_body(content = Reason, content_type = "application/json", description = "Why.",
        example = json!({"reason": "sent twice"})),
    responses(
        (status = 202, description = "It is withdrawn", body = DecisionResource,
            headers(
                ("Location" = String, description = "The invoice"),
                ("Retry-After" = u64, description = "Seconds after which to look"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was taken before"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
            ),
            example = json!(waiting_example())),
        Deciding,
    )
)]
pub async fn cancel_invoice(
    State(edge): State<Edge>,
    Id(id): Id<InvoiceId>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let carried = with_reason(&edge, &intent, &id, request, Action::Cancel).await?;
    Ok(carried.accepted(&id))
}

/// Withdraws an invoice as [`cancel_invoice`] does, for whoever names its workflow instead. That
/// route offers no wait, so what its caller prefers is not looked at.
///
/// # Errors
/// Those of a decision.
pub async fn withdraw(
    edge: &Edge,
    intent: &Intent,
    id: &InvoiceId,
    reason: &str,
) -> Result<(), ApiError> {
    let decision = Decision { reason: Some(reason.to_owned()), ..Decision::of(Action::Cancel) };
    let intent = Intent { prefer: Prefer::default(), ..intent.clone() };
    Box::pin(carry(edge, &intent, id, decision, Key::Optional)).await.map(drop)
}

async fn with_reason(
    edge: &Edge,
    intent: &Intent,
    id: &InvoiceId,
    request: Request,
    action: Action,
) -> Result<Carried, ApiError> {
    let bytes = json::bytes(request).await?;
    let reason = json::read(&bytes, &json!({"reason": "why"}), Reason::faults)?;
    carry(edge, intent, id, reason.decision(action), Key::Optional).await
}
