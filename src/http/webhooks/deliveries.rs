//! `GET /webhooks/{id}/deliveries`: what was sent, and what came of it.

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::http::answer;
use crate::http::error::ApiError;
use crate::http::error::openapi::General;
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::extract::{Id, Query};
use crate::http::lists::{Page, Walk, set};
use crate::http::openapi::PageParameters;
use crate::http::webhooks::read::found;
use crate::models::refs::{DeliveryId, WebhookId};
use crate::models::webhook::{DeliveryState, Failure, Topic};
use crate::storage::Ledger;
use crate::storage::ledger::webhooks::{DeliveryFilter, DeliveryRow};

/// A message for a webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct DeliveryResource {
    /// Its `webhook-id`, the same on every attempt and replay.
    pub id: DeliveryId,
    /// What it tells.
    pub event: Topic,
    /// How it stands.
    pub state: DeliveryState,
    /// Attempts in all.
    pub attempts: i64,
    /// The status of the last answer, if one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status_code: Option<i64>,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failure: Option<Failure>,
    /// When it happened.
    #[serde(serialize_with = "answer::time")]
    pub created_at: DateTime<Utc>,
    /// When the last attempt was made.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub attempted_at: Option<DateTime<Utc>>,
    /// When the next attempt is due.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_attempt_at: Option<DateTime<Utc>>,
}

impl From<DeliveryRow> for DeliveryResource {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id,
            event: row.topic,
            state: row.state,
            attempts: row.attempts,
            status_code: row.status_code,
            failure: row.failure,
            created_at: row.created_at,
            attempted_at: row.attempted_at,
            next_attempt_at: row.next_attempt_at,
        }
    }
}

fn example() -> Value {
    json!({
        "id": "dlv_01kax45pq7h3m9c1t6v0d8r2ns", "event": "invoice.approved",
        "state": "delivered", "attempts": 2, "status_code": 204,
        "created_at": "2026-11-26T09:14:11.002Z", "attempted_at": "2026-11-26T09:14:16.402Z",
    })
}

/// What narrows the log.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the fields are read by the document; the list has the values")]
pub struct DeliveryQuery {
    /// States, as a comma list.
    #[param(example = "failed,pending")]
    state: Option<String>,
    /// Events, as a comma list.
    #[param(example = "invoice.approved")]
    event: Option<String>,
}

/// The filters and the page of a list.
#[derive(Debug, Clone)]
pub struct DeliveryList {
    filter: DeliveryFilter,
    page: Page,
}

impl FromQuery for DeliveryList {
    fn read(parameters: &mut Parameters) -> Self {
        let states = "a comma list of states such as failed,pending";
        let events = "a comma list of events such as invoice.approved";
        let filter = DeliveryFilter {
            states: parameters
                .parsed("state", states, |list| list.split(',').map(DeliveryState::parse).collect())
                .unwrap_or_default(),
            topics: parameters
                .parsed("event", events, |list| list.split(',').map(Topic::parse).collect())
                .unwrap_or_default(),
        };
        Self { filter, page: Page::read(parameters) }
    }
}

/// A page of messages.
#[derive(ToSchema)]
#[schema(as = WebhookDeliveryList)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct DeliveryPage {
    items: Vec<DeliveryResource>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

/// List the deliveries of a webhook
///
/// Newest first; messages are kept for 30 days.
#[utoipa::path(
    get, path = "/webhooks/{id}/deliveries", tag = "webhooks",
    operation_id = "list_webhook_deliveries",
    params(
        ("id" = WebhookId, Path, description = "The webhook",
            example = "whk_01kax40b2t9v3m8q1d6h5n0ws4"),
        DeliveryQuery, PageParameters,
    ),
    responses(
        (status = 200, description = "A page", body = DeliveryPage,
            example = json!({"items": [example()], "next_page_token": "AQAAAA"})),
        General,
    )
)]
pub async fn list_webhook_deliveries(
    State(ledger): State<Ledger>,
    Id(id): Id<WebhookId>,
    Query(list): Query<DeliveryList>,
) -> Result<Response<Body>, ApiError> {
    found(&ledger, &id).await?;
    let states = set(list.filter.states.iter().map(|state| state.as_str()));
    let topics = set(list.filter.topics.iter().map(|topic| topic.as_str()));
    let filters = [("state", states), ("event", topics)];
    let filters = filters.into_iter().filter_map(|(name, words)| Some((name, words?))).collect();
    let path = format!("/webhooks/{id}/deliveries");
    let walk = Walk::new(&path, filters, list.page, ledger.signing_key());
    let after = walk.after(|last| DeliveryId::parse(last).ok())?;
    let rows = ledger.deliveries(&id, &list.filter, after.as_ref(), walk.limit()).await?;
    Ok(walk.answer(rows, |row: &DeliveryRow| row.id.as_str(), DeliveryResource::from))
}
