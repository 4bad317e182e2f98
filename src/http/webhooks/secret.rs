//! `POST /webhooks/{id}/rotate-secret`.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::Edge;
use crate::http::answer;
use crate::http::error::openapi::Keyed;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::idempotency::Idempotency;
use crate::http::intent::{Intent, KeyHeader};
use crate::http::noted::Noted;
use crate::models::refs::WebhookId;
use crate::storage::ledger::webhooks::Rotated;
use crate::webhooks::signature::draw_secret;

/// The new secret of a webhook.
#[derive(Serialize, ToSchema)]
pub struct RotatedSecret {
    /// What signs from now on; it is shown here alone.
    pub secret: String,
    /// Until when the secret before signs too.
    #[serde(serialize_with = "answer::time")]
    pub previous_secret_expires_at: DateTime<Utc>,
}

fn example() -> Value {
    json!({
        "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDAAAAAAAAAAA=",
        "previous_secret_expires_at": "2026-11-27T09:14:05.123Z",
    })
}

/// Rotate the secret of a webhook
///
/// For 24 hours each message carries two signatures, of the new secret and of the one before. A
/// second rotation in that time ends the older one at once. With an `Idempotency-Key` the same
/// request again answers the same secret, until somebody rotates once more.
#[utoipa::path(
    post, path = "/webhooks/{id}/rotate-secret", tag = "webhooks",
    operation_id = "rotate_webhook_secret",
    params(
        ("id" = WebhookId, Path, description = "The webhook",
            example = "whk_01kax40b2t9v3m8q1d6h5n0ws4"),
        KeyHeader,
    ),
    responses(
        (status = 200, description = "The new secret", body = RotatedSecret,
            headers(
                ("Idempotency-Replayed" = bool, description = "`true` when this was asked before"),
            ),
            example = json!(example())),
        Keyed,
    )
)]
pub async fn rotate_webhook_secret(
    State(edge): State<Edge>,
    Id(id): Id<WebhookId>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    let no_secret = || Slug::Internal.error().caused_by("the system gives no random numbers");
    let secret = draw_secret().ok_or_else(no_secret)?;
    let key = intent.key.0.as_deref().map(|key| (intent.caller.subject.as_str(), key));
    let ledger = intent.caller.ledger(&edge.parts.ledger);
    let (secret, until, used) = match ledger.rotate_secret(&id, &secret, key, Utc::now()).await? {
        Rotated::New(secret, until) => (secret, until, Idempotency::New),
        Rotated::Known(secret, until) => (secret, until, Idempotency::Replay),
        Rotated::Missing => return Err(ApiError::not_found("webhook")),
    };
    if key.is_some() {
        used.count(&edge.parts.metrics);
    }
    let rotated = RotatedSecret {
        secret: secret.expose_secret().to_owned(),
        previous_secret_expires_at: until,
    };
    let mut response = answer::json(StatusCode::OK, &rotated);
    used.mark(response.headers_mut());
    let idempotency = key.is_some().then_some(used);
    Ok(Noted { idempotency, ..Noted::default() }.on(response))
}
