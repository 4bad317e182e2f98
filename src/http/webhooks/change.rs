//! Changing and deleting a webhook, as it was seen.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::ETAG;
use axum::http::{HeaderValue, Response, StatusCode};
use chrono::Utc;

use crate::http::Edge;
use crate::http::answer::{self, IfMatch};
use crate::http::caller::Caller;
use crate::http::error::openapi::{Body as BodyRefusals, Keyed, Precondition};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::json as json_body;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::intent::IfMatchHeader;
use crate::http::webhooks::body::{self, WebhookPatch};
use crate::http::webhooks::read::found;
use crate::http::webhooks::resource::{WebhookResource, example};
use crate::models::refs::WebhookId;
use crate::storage::Ledger;
use crate::storage::ledger::webhooks::WebhookRow;

/// How often a change is made on top of another's that came between; then somebody hears of it.
const TRIES: usize = 3;

/// Change a webhook
///
/// JSON Merge Patch (RFC 7396): absent members stay as they are. `status` disables it, or enables
/// it again after its receiver was mended.
#[utoipa::path(
    patch, path = "/webhooks/{id}", tag = "webhooks", operation_id = "update_webhook",
    params(
        ("id" = WebhookId, Path, description = "The webhook",
            example = "whk_01kax40b2t9v3m8q1d6h5n0ws4"),
        IfMatchHeader,
    ),
    request_body(content = WebhookPatch, content_type = "application/merge-patch+json",
        description = "What changes.", example = json!(body::patch_example())),
    responses(
        (status = 200, description = "Changed", body = WebhookResource,
            headers(
                ("ETag" = String, description = "Its new validator"),
            ),
            example = json!(example())),
        Keyed, BodyRefusals, Precondition,
    )
)]
pub async fn update_webhook(
    State(edge): State<Edge>,
    Id(id): Id<WebhookId>,
    caller: Caller,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let conditions = IfMatch::of(request.headers());
    let bytes = body::patch_bytes(request).await?;
    let example = body::patch_example();
    let patch: WebhookPatch = json_body::read(&bytes, &example, WebhookPatch::faults)?;
    if let Some(url) = &patch.url {
        body::reachable(&edge.parts.sender, url).await?;
    }
    let ledger = caller.ledger(&edge.parts.ledger);
    for _ in 0..TRIES {
        let row = as_seen(&ledger, &id, &conditions).await?;
        let content = patch.clone().of(&row.content);
        // To enable what is enabled forgets its failures; all else that is said again changes nothing.
        if patch.status.is_none() && content == row.content {
            return Ok(shown(row));
        }
        if let Some(changed) = ledger.change_webhook(&row, &content, Utc::now()).await? {
            return Ok(shown(changed));
        }
    }
    Err(moved(None))
}

fn shown(row: WebhookRow) -> Response<Body> {
    let resource = WebhookResource::from(row);
    let mut response = answer::json(StatusCode::OK, &resource);
    response.headers_mut().insert(ETAG, answer::tag(&resource));
    response
}

/// Delete a webhook
///
/// With its log; what is being sent to it at this moment may still arrive.
#[utoipa::path(
    delete, path = "/webhooks/{id}", tag = "webhooks", operation_id = "delete_webhook",
    params(
        ("id" = WebhookId, Path, description = "The webhook",
            example = "whk_01kax40b2t9v3m8q1d6h5n0ws4"),
        IfMatchHeader,
    ),
    responses(
        (status = 204, description = "Deleted"),
        Keyed, Precondition,
    )
)]
pub async fn delete_webhook(
    State(edge): State<Edge>,
    Id(id): Id<WebhookId>,
    caller: Caller,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfMatch,
) -> Result<Response<Body>, ApiError> {
    let ledger = caller.ledger(&edge.parts.ledger);
    for _ in 0..TRIES {
        let row = as_seen(&ledger, &id, &conditions).await?;
        if ledger.delete_webhook(&row).await? {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            return Ok(response);
        }
    }
    Err(moved(None))
}

/// The webhook, if it is the one that the caller saw.
async fn as_seen(
    ledger: &Ledger,
    id: &WebhookId,
    conditions: &IfMatch,
) -> Result<WebhookRow, ApiError> {
    let row = found(ledger, id).await?;
    let tag = answer::tag(&WebhookResource::from(row.clone()));
    if conditions.admits(&tag) { Ok(row) } else { Err(moved(Some(&tag))) }
}

fn moved(tag: Option<&HeaderValue>) -> ApiError {
    let detail = "The webhook was changed since it was looked at. Look at it again.";
    let error = Slug::PreconditionFailed.error().detail(detail);
    match tag.and_then(|tag| tag.to_str().ok()) {
        Some(tag) => error.member("etag", tag),
        None => error,
    }
}
