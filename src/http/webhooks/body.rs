//! What callers say of a webhook.

use axum::extract::Request;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::error::{ApiError, Slug};
use crate::http::extract::body::reader;
use crate::http::extract::content_type::{self, ContentType};
use crate::models::fault::Fault;
use crate::models::webhook::{DisabledReason, Topic};
use crate::storage::ledger::webhooks::WebhookContent;
use crate::webhooks::Sender;

/// What a change is sent as (RFC 7396).
const MERGE_PATCH: &str = "application/merge-patch+json";

/// Who is to be told what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookRequest {
    /// Where messages are posted: https, on port 443 or 8443, at a public address.
    #[schema(example = "https://erp.example/hooks/ap", max_length = 2000)]
    pub url: String,
    /// What is told.
    #[schema(min_items = 1)]
    pub events: Vec<Topic>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 255)]
    pub description: Option<String>,
}

/// What changes; absent members stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookPatch {
    /// Where messages are posted from now on, those included that are tried again.
    #[serde(default, deserialize_with = "value")]
    #[schema(nullable = false, example = "https://erp.example/hooks/ap")]
    pub url: Option<String>,
    /// What is told from now on.
    #[serde(default, deserialize_with = "value")]
    #[schema(nullable = false, min_items = 1)]
    pub events: Option<Vec<Topic>>,
    /// For people; null takes it away.
    #[serde(default, deserialize_with = "value")]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    /// `disabled` sends nothing; `enabled` sends again, and forgets earlier failures.
    #[serde(default, deserialize_with = "value")]
    #[schema(nullable = false)]
    pub status: Option<WebhookStatus>,
}

/// Whether something is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookStatus {
    /// It is.
    Enabled,
    /// What happens is only written to the log, for a replay.
    Disabled,
}

/// A member that is there has a value: `null` is none, unless the type has a place for it.
fn value<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl WebhookRequest {
    /// What can be said without a resolver.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        topic_faults(&mut faults, &self.events);
        if let Some(description) = &self.description {
            Fault::text(&mut faults, "/description", description);
        }
        faults
    }

    /// As it is kept.
    pub fn content(&self) -> WebhookContent {
        WebhookContent {
            url: self.url.clone(),
            description: self.description.clone(),
            topics: sorted(&self.events),
            disabled: None,
        }
    }
}

impl WebhookPatch {
    /// What can be said without a resolver.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(events) = &self.events {
            topic_faults(&mut faults, events);
        }
        if let Some(Some(description)) = &self.description {
            Fault::text(&mut faults, "/description", description);
        }
        faults
    }

    /// The content that this makes of another.
    pub fn of(self, before: &WebhookContent) -> WebhookContent {
        let disabled = match self.status {
            None => before.disabled,
            Some(WebhookStatus::Enabled) => None,
            Some(WebhookStatus::Disabled) => before.disabled.or(Some(DisabledReason::Asked)),
        };
        WebhookContent {
            url: self.url.unwrap_or_else(|| before.url.clone()),
            description: self.description.unwrap_or_else(|| before.description.clone()),
            topics: self.events.map_or_else(|| before.topics.clone(), |events| sorted(&events)),
            disabled,
        }
    }
}

fn sorted(topics: &[Topic]) -> Vec<Topic> {
    let mut topics = topics.to_vec();
    topics.sort();
    topics
}

fn topic_faults(faults: &mut Vec<Fault>, topics: &[Topic]) {
    if topics.is_empty() {
        faults.push(Fault::at("/events", "empty", "name at least one event"));
    }
    for (place, topic) in topics.iter().enumerate() {
        if topics[..place].contains(topic) {
            faults.push(Fault::at(&format!("/events/{place}"), "duplicate", "is named twice"));
        }
    }
}

/// Refuses an address that no message may go to. The names of the configuration are for whoever
/// runs the gateway: this is an admin's route.
pub(super) async fn reachable(sender: &Sender, url: &str) -> Result<(), ApiError> {
    let checked = sender.check(url).await;
    checked.map_err(|blocked| {
        let fault = Fault::at("/url", blocked.code(), &blocked.to_string());
        let detail = "Messages cannot be sent to this address.";
        Slug::ValidationFailed.error().detail(detail).faults([fault])
    })
}

/// The bytes of a change.
pub(super) async fn patch_bytes(request: Request) -> Result<Bytes, ApiError> {
    let content_type = ContentType::of(request.headers())?;
    let is_patch = |content: &ContentType| {
        content.essence == MERGE_PATCH
            && content.charset.as_deref().is_none_or(|charset| charset == "utf-8")
    };
    if !content_type.as_ref().is_some_and(is_patch) {
        let shown = content_type::shown(content_type.as_ref());
        return Err(content_type::unsupported(&[MERGE_PATCH], shown.as_deref()));
    }
    reader(request).all().await
}

/// One with all its members, for the document and for finding faults.
pub(super) fn request_example() -> Value {
    json!({
        "url": "https://erp.example/hooks/ap", "events": ["invoice.approved", "invoice.closed"],
        "description": "posts approved invoices",
    })
}

/// The same of a change.
pub(super) fn patch_example() -> Value {
    json!({
        "url": "https://erp.example/hooks/ap", "events": ["invoice.approved"],
        "description": "posts approved invoices", "status": "enabled",
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{WebhookPatch, patch_example};
    use crate::models::webhook::{DisabledReason, Topic};
    use crate::storage::ledger::webhooks::WebhookContent;

    fn patched(patch: serde_json::Value) -> Option<WebhookContent> {
        let before = WebhookContent {
            url: "https://a.example/".to_owned(),
            description: Some("a".to_owned()),
            topics: vec![Topic::InvoiceClosed],
            disabled: Some(DisabledReason::Gone),
        };
        let patch: WebhookPatch = serde_json::from_value(patch).ok()?;
        Some(patch.of(&before))
    }

    #[test]
    fn absent_members_stay_and_null_takes_away_what_may_be_absent() {
        let same = patched(json!({})).expect("a patch");
        assert_eq!(
            (same.url.as_str(), same.disabled),
            ("https://a.example/", Some(DisabledReason::Gone))
        );
        let bare = patched(json!({"description": null})).expect("a patch");
        assert_eq!(bare.description, None);
        let all = patched(patch_example()).expect("a patch");
        assert_eq!((all.topics, all.disabled), (vec![Topic::InvoiceApproved], None));
        for member in ["url", "events", "status"] {
            assert_eq!(patched(json!({member: null})), None, "{member}");
        }
    }
}
