//! `POST /webhooks/{id}/replay`: messages of the log are sent again.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256 as Digester};
use utoipa::ToSchema;

use crate::http::Edge;
use crate::http::answer;
use crate::http::error::openapi::{Body as BodyRefusals, DisabledHook, Keyed};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::json as json_body;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::idempotency::Idempotency;
use crate::http::intent::{Intent, KeyHeader};
use crate::http::noted::Noted;
use crate::http::openapi::SelfLink;
use crate::http::webhooks::read::found;
use crate::http::webhooks::resource::location;
use crate::http::webhooks::test::refuse_disabled;
use crate::models::fault::Fault;
use crate::models::refs::{DeliveryId, Sha256, WebhookId};
use crate::storage::ledger::webhooks::{Replay, ReplayKey, Replayed};

/// Messages of one replay: what a receiver missed longer is fetched in parts.
const DELIVERIES_MAX: i64 = 1_000;

/// Which messages are sent again: some, or those of a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// These; not together with a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 1000)]
    pub delivery_ids: Option<Vec<DeliveryId>>,
    /// What happened from this time on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// What happened before this time; until now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// What is sent again.
#[derive(Serialize, ToSchema)]
pub struct ReplayResult {
    /// So many messages, those included that were being sent anyway.
    pub deliveries: i64,
    /// Where they are watched.
    pub links: SelfLink,
}

fn request_example() -> Value {
    json!({"since": "2026-11-26T08:00:00Z", "until": "2026-11-26T10:00:00Z"})
}

fn whole_example() -> Value {
    let mut example = request_example();
    example["delivery_ids"] = json!(["dlv_01kax45pq7h3m9c1t6v0d8r2ns"]);
    example
}

fn example() -> Value {
    json!({"deliveries": 12,
        "links": {"self": "/webhooks/whk_01kax40b2t9v3m8q1d6h5n0ws4/deliveries"}})
}

impl ReplayRequest {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        match (&self.delivery_ids, self.since) {
            (Some(ids), None) if self.until.is_none() => {
                if ids.is_empty() {
                    let text = "name at least one delivery";
                    faults.push(Fault::at("/delivery_ids", "empty", text));
                }
                if i64::try_from(ids.len()).is_ok_and(|count| count > DELIVERIES_MAX) {
                    let text = format!("at most {DELIVERIES_MAX} are replayed at once");
                    faults.push(Fault::at("/delivery_ids", "too_many", &text));
                }
            }
            (None, Some(since)) => {
                if self.until.is_some_and(|until| until <= since) {
                    faults.push(Fault::at("/until", "not_after", "must be after since"));
                }
            }
            _ => {
                let text = "send either delivery_ids, or since with or without until";
                faults.push(Fault::at("", "ambiguous", text));
            }
        }
        faults
    }

    fn replay(self, now: DateTime<Utc>) -> Replay {
        match (self.delivery_ids, self.since) {
            (Some(ids), _) => Replay::Deliveries(ids),
            (None, since) => Replay::Range(since.unwrap_or(now), self.until.unwrap_or(now)),
        }
    }
}

/// Replay deliveries of a webhook
///
/// They are sent again under the ids that they had, delivered or not; those that are being sent
/// anyway stay as they are. At most 1,000 at once.
#[utoipa::path(
    post, path = "/webhooks/{id}/replay", tag = "webhooks", operation_id = "replay_webhook",
    params(
        ("id" = WebhookId, Path, description = "The webhook",
            example = "whk_01kax40b2t9v3m8q1d6h5n0ws4"),
        KeyHeader,
    ),
    request_body(content = ReplayRequest, content_type = "application/json",
        description = "Which messages.", example = json!(request_example())),
    responses(
        (status = 202, description = "They are being sent", body = ReplayResult,
            headers(
                ("Location" = String, description = "The log of the webhook"),
                ("Retry-After" = i64, description = "Seconds after which to look"),
                ("Idempotency-Replayed" = bool, description = "`true` when this was asked before"),
            ),
            example = json!(example())),
        Keyed, BodyRefusals, DisabledHook,
    )
)]
pub async fn replay_webhook(
    State(edge): State<Edge>,
    Id(id): Id<WebhookId>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let body = json_body::bytes(request).await?;
    let asked: ReplayRequest = json_body::read(&body, &whole_example(), ReplayRequest::faults)?;
    let ledger = intent.caller.ledger(&edge.parts.ledger);
    refuse_disabled(found(&ledger, &id).await?.content.disabled)?;
    let key = key(&intent, &asked)?;
    let now = Utc::now();
    let replay = asked.replay(now);
    let done = ledger.replay(&id, &replay, key.as_ref(), (now, DELIVERIES_MAX)).await?;
    let (count, used) = match done {
        Replayed::Done(count) => (count, Idempotency::New),
        Replayed::Known(count) => (count, Idempotency::Replay),
        other => return Err(refused(other, &id)),
    };
    used.count(&edge.parts.metrics);
    let place = format!("{}/deliveries", location(&id));
    let links = SelfLink { this: place.clone() };
    let result = ReplayResult { deliveries: count, links };
    let mut response = answer::json(StatusCode::ACCEPTED, &result);
    answer::set_location(&mut response, &place);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
    used.mark(response.headers_mut());
    Ok(Noted { idempotency: Some(used), ..Noted::default() }.on(response))
}

fn key(intent: &Intent, asked: &ReplayRequest) -> Result<Option<ReplayKey>, ApiError> {
    let Some(key) = intent.key.0.clone() else {
        return Ok(None);
    };
    let written = serde_json::to_vec(asked);
    let written = written.map_err(|error| Slug::Internal.error().caused_by(error))?;
    let fingerprint = Sha256::from_bytes(&Digester::digest(written).into()).to_string();
    Ok(Some(ReplayKey { subject: intent.caller.subject.clone(), key, fingerprint }))
}

fn refused(replayed: Replayed, webhook: &WebhookId) -> ApiError {
    let faults = match replayed {
        Replayed::Unknown(ids) => {
            let fault = |id: DeliveryId| {
                let text = format!("{id} is no delivery of this webhook, or is older than 30 days");
                Fault::at("/delivery_ids", "unknown", &text)
            };
            ids.into_iter().map(fault).collect()
        }
        Replayed::TooMany(found) => {
            let text = format!("{found} deliveries; at most {DELIVERIES_MAX} are replayed at once");
            vec![Fault::at("/since", "too_many", &text)]
        }
        _ => {
            let detail = "This Idempotency-Key was sent with another replay.";
            // A replay is nothing that could be looked at; its webhook is.
            let reused = Slug::IdempotencyKeyReused.error().detail(detail);
            return reused.member("id", webhook.as_str());
        }
    };
    Slug::ValidationFailed.error().detail("This cannot be replayed.").faults(faults)
}
