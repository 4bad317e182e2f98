//! A webhook as callers see it.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::answer;
use crate::http::webhooks::body::WebhookStatus;
use crate::models::refs::WebhookId;
use crate::models::webhook::{DisabledReason, Topic};
use crate::storage::ledger::webhooks::WebhookRow;

/// Somebody who is told what happens.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookResource {
    /// Its id.
    pub id: WebhookId,
    /// Whether something is sent.
    pub status: WebhookStatus,
    /// Why nothing is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub disabled_reason: Option<DisabledReason>,
    /// Since when nothing is sent.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub disabled_at: Option<DateTime<Utc>>,
    /// Where messages are posted.
    pub url: String,
    /// What is told.
    pub events: Vec<Topic>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub description: Option<String>,
    /// What signs its messages: only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "whsec_…")]
    pub secret: Option<String>,
    /// Until when the secret before the last rotation signs too.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub previous_secret_expires_at: Option<DateTime<Utc>>,
    /// When it was made.
    #[serde(serialize_with = "answer::time")]
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    #[serde(serialize_with = "answer::time")]
    pub updated_at: DateTime<Utc>,
    /// Where its parts are.
    pub links: WebhookLinks,
}

/// Where a webhook is.
#[derive(Serialize, ToSchema)]
pub struct WebhookLinks {
    /// The webhook itself.
    #[serde(rename = "self")]
    #[schema(example = "/webhooks/whk_01kax40b2t9v3m8q1d6h5n0ws4")]
    pub this: String,
    /// The log of its messages.
    pub deliveries: String,
}

/// Where a webhook is.
pub fn location(id: &WebhookId) -> String {
    format!("/webhooks/{id}")
}

impl From<WebhookRow> for WebhookResource {
    fn from(row: WebhookRow) -> Self {
        let this = location(&row.id);
        let content = row.content;
        Self {
            id: row.id,
            status: match content.disabled {
                Some(_) => WebhookStatus::Disabled,
                None => WebhookStatus::Enabled,
            },
            disabled_reason: content.disabled,
            disabled_at: row.disabled_at,
            url: content.url,
            events: content.topics,
            description: content.description,
            secret: None,
            previous_secret_expires_at: row.previous_until,
            created_at: row.created_at,
            updated_at: row.updated_at,
            links: WebhookLinks { deliveries: format!("{this}/deliveries"), this },
        }
    }
}

impl WebhookResource {
    /// With its secret, for its owner, once.
    pub fn showing(self, secret: &SecretString) -> Self {
        Self { secret: Some(secret.expose_secret().to_owned()), ..self }
    }
}

/// One for the document.
pub fn example() -> Value {
    json!({
        "id": "whk_01kax40b2t9v3m8q1d6h5n0ws4", "status": "enabled",
        "url": "https://erp.example/hooks/ap", "events": ["invoice.approved", "invoice.closed"],
        "description": "posts approved invoices",
        "created_at": "2026-11-26T09:14:05.123Z", "updated_at": "2026-11-26T09:14:05.123Z",
        "links": {"self": "/webhooks/whk_01kax40b2t9v3m8q1d6h5n0ws4",
            "deliveries": "/webhooks/whk_01kax40b2t9v3m8q1d6h5n0ws4/deliveries"},
    })
}
