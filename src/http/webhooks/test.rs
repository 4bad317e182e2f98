//! `POST /webhooks/{id}/test`: one signed attempt, now.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use chrono::{SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::Edge;
use crate::http::answer;
use crate::http::caller::Caller;
use crate::http::error::openapi::{DisabledHook, Keyed};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::webhooks::read::found;
use crate::models::refs::{DeliveryId, WebhookId};
use crate::models::webhook::{DisabledReason, Failure, TEST};
use crate::storage::ledger::audit::Deed;
use crate::webhooks::{Message, Sent};

/// What a test came to.
#[derive(Serialize, ToSchema)]
pub struct WebhookTest {
    /// Whether the receiver took the message.
    pub delivered: bool,
    /// The status of its answer, if one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 204)]
    pub status_code: Option<u16>,
    /// Why it was not delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failure: Option<Failure>,
    /// How long it took.
    pub duration_ms: u64,
}

fn example() -> Value {
    json!({"delivered": true, "status_code": 204, "duration_ms": 83})
}

impl From<Sent> for WebhookTest {
    fn from(sent: Sent) -> Self {
        Self {
            delivered: sent.failure.is_none(),
            status_code: sent.status_code,
            failure: sent.failure,
            duration_ms: u64::try_from(sent.took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// Test a webhook
///
/// Sends one `webhook.test` message and waits for the answer, 15 seconds at most. That the
/// receiver fails is no error here. The message is in no log and is not tried again.
#[utoipa::path(
    post, path = "/webhooks/{id}/test", tag = "webhooks", operation_id = "test_webhook",
    params(
        ("id" = WebhookId, Path, description = "The webhook",
            example = "whk_01kax40b2t9v3m8q1d6h5n0ws4"),
    ),
    responses(
        (status = 200, description = "What came of it", body = WebhookTest,
            example = json!(example())),
        Keyed, DisabledHook,
    )
)]
pub async fn test_webhook(
    State(edge): State<Edge>,
    Id(id): Id<WebhookId>,
    caller: Caller,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    let (ledger, sender) = (caller.ledger(&edge.parts.ledger), &edge.parts.sender);
    let row = found(&ledger, &id).await?;
    refuse_disabled(row.content.disabled)?;
    let busy = || Slug::Overloaded.error().retry_after(std::time::Duration::from_secs(2));
    let _place = sender.place(id.as_str()).ok_or_else(busy)?;
    ledger.record(&Deed::done("test_webhook", id.as_str())).await?;
    let at = Utc::now();
    let secrets = ledger.webhook_secrets(&id, at).await?;
    let timestamp = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let body = json!({ "type": TEST, "timestamp": timestamp, "data": { "id": id } }).to_string();
    let delivery = DeliveryId::new(Uuid::now_v7());
    let message = Message { id: delivery.as_str(), body: &body, secrets: &secrets, at };
    let sent = sender.send(&row.content.url, &message).await;
    Ok(answer::json(StatusCode::OK, &WebhookTest::from(sent)))
}

/// 409 for a webhook that nothing is sent to.
pub(super) fn refuse_disabled(disabled: Option<DisabledReason>) -> Result<(), ApiError> {
    let Some(reason) = disabled else {
        return Ok(());
    };
    let detail = "Nothing is sent to a disabled webhook. Enable it first.";
    let refused = Slug::WebhookDisabled.error().detail(detail);
    Err(refused.member("disabled_reason", reason.as_str()))
}
