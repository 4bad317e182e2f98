//! Looking at webhooks.

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use utoipa::ToSchema;

use crate::http::answer::IfNoneMatch;
use crate::http::error::ApiError;
use crate::http::error::openapi::General;
use crate::http::extract::query::{FromQuery, NoParameters, Parameters};
use crate::http::extract::{Id, Query};
use crate::http::intent::IfNoneMatchHeader;
use crate::http::lists::{Page, Walk};
use crate::http::openapi::PageParameters;
use crate::http::webhooks::resource::{WebhookResource, example};
use crate::models::refs::WebhookId;
use crate::storage::Ledger;
use crate::storage::ledger::webhooks::WebhookRow;

/// The page of the list.
#[derive(Debug, Clone)]
pub struct WebhookList(Page);

impl FromQuery for WebhookList {
    fn read(parameters: &mut Parameters) -> Self {
        Self(Page::read(parameters))
    }
}

/// A page of webhooks.
#[derive(ToSchema)]
#[schema(as = WebhookList)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct WebhookPage {
    items: Vec<WebhookResource>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

/// The webhook, or 404.
pub(super) async fn found(ledger: &Ledger, id: &WebhookId) -> Result<WebhookRow, ApiError> {
    let row = ledger.webhook(id).await?;
    row.ok_or_else(|| ApiError::not_found("webhook"))
}

/// List webhooks
///
/// Newest first.
#[utoipa::path(
    get, path = "/webhooks", tag = "webhooks", operation_id = "list_webhooks",
    params(PageParameters),
    responses(
        (status = 200, description = "A page", body = WebhookPage,
            example = json!({"items": [example()], "next_page_token": "AQAAAA"})),
        General,
    )
)]
pub async fn list_webhooks(
    State(ledger): State<Ledger>,
    Query(WebhookList(page)): Query<WebhookList>,
) -> Result<Response<Body>, ApiError> {
    let walk = Walk::new("/webhooks", Vec::new(), page, ledger.signing_key());
    let after = walk.after(|last| WebhookId::parse(last).ok())?;
    let rows = ledger.webhooks(after.as_ref(), walk.limit()).await?;
    Ok(walk.answer(rows, |row: &WebhookRow| row.id.as_str(), WebhookResource::from))
}

/// Look at a webhook
///
/// Whether something is sent to it, and what; never its secret.
#[utoipa::path(
    get, path = "/webhooks/{id}", tag = "webhooks", operation_id = "get_webhook",
    params(
        ("id" = WebhookId, Path, description = "The webhook",
            example = "whk_01kax40b2t9v3m8q1d6h5n0ws4"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The webhook", body = WebhookResource,
            headers(
                ("ETag" = String, description = "Its validator"),
            ),
            example = json!(example())),
        General,
    )
)]
pub async fn get_webhook(
    State(ledger): State<Ledger>,
    Id(id): Id<WebhookId>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let row = found(&ledger, &id).await?;
    Ok(conditions.item(&WebhookResource::from(row)))
}
