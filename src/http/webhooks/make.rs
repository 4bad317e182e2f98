//! `POST /webhooks`: somebody is told from now on.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::ETAG;
use axum::http::{Response, StatusCode};
use chrono::Utc;
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::{Digest, Sha256 as Digester};
use uuid::Uuid;

use crate::http::Edge;
use crate::http::answer;
use crate::http::error::openapi::{Body as BodyRefusals, KeyRequired};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::Query;
use crate::http::extract::json as json_body;
use crate::http::extract::query::NoParameters;
use crate::http::idempotency::Idempotency;
use crate::http::intent::{Intent, KeyHeader};
use crate::http::noted::Noted;
use crate::http::webhooks::body::{self, WebhookRequest};
use crate::http::webhooks::resource::{WebhookResource, example, location};
use crate::models::fault::Fault;
use crate::models::refs::{Sha256, WebhookId};
use crate::storage::ledger::webhooks::{Made, NewWebhook, WEBHOOKS_MAX, WebhookRow};
use crate::webhooks::signature::draw_secret;

fn made_example() -> Value {
    let mut example = example();
    example["secret"] = json!("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDAAAAAAAAAAA=");
    example
}

/// Create a webhook
///
/// Messages of these events are posted to the address, signed as Standard Webhooks 1.0 says. The
/// answer shows the secret, once: a repetition of the request does not. The address must be
/// public, and is looked at again at each attempt. The key is required.
#[utoipa::path(
    post, path = "/webhooks", tag = "webhooks", operation_id = "create_webhook",
    params(KeyHeader),
    request_body(content = WebhookRequest, content_type = "application/json",
        description = "Who is to be told what.", example = json!(body::request_example())),
    responses(
        (status = 201, description = "Made; its secret is shown here and never again",
            body = WebhookResource,
            headers(
                ("Location" = String, description = "The webhook"),
                ("ETag" = String, description = "Its validator"),
            ),
            example = json!(made_example())),
        (status = 200, description = "It was made before under this key", body = WebhookResource,
            headers(
                ("Location" = String, description = "The webhook"),
                ("ETag" = String, description = "Its validator"),
                ("Idempotency-Replayed" = bool, description = "`true`"),
            ),
            example = json!(example())),
        KeyRequired, BodyRefusals,
    )
)]
pub async fn create_webhook(
    State(edge): State<Edge>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let key = intent.key.0.clone().ok_or_else(|| Slug::IdempotencyKeyMissing.error())?;
    let (asked, fingerprint) = read(request).await?;
    let subject = intent.caller.subject.clone();
    let ledger = intent.caller.ledger(&edge.parts.ledger);
    // First of all: what was made once is answered also when its address leads nowhere now.
    if let Some(known) = ledger.webhook_by_key(&subject, &key).await? {
        return replayed(&edge, known, &fingerprint);
    }
    body::reachable(&edge.parts.sender, &asked.url).await?;
    let no_secret = || Slug::Internal.error().caused_by("the system gives no random numbers");
    let new = NewWebhook {
        id: WebhookId::new(Uuid::now_v7()),
        subject,
        key,
        fingerprint: fingerprint.clone(),
        content: asked.content(),
        secret: draw_secret().ok_or_else(no_secret)?,
        at: Utc::now(),
    };
    match ledger.make_webhook(&new).await? {
        Made::New(row) => Ok(made(&edge, row, &new.secret)),
        Made::Known(row) => replayed(&edge, row, &fingerprint),
        Made::TooMany => {
            let text = format!("there are {WEBHOOKS_MAX} webhooks; delete one first");
            let fault = Fault::at("", "too_many", &text);
            Err(Slug::ValidationFailed.error().detail("No more are taken.").faults([fault]))
        }
    }
}

async fn read(request: Request) -> Result<(WebhookRequest, String), ApiError> {
    let bytes = json_body::bytes(request).await?;
    let example = body::request_example();
    let asked: WebhookRequest = json_body::read(&bytes, &example, WebhookRequest::faults)?;
    // Written out again, so that the order of members does not matter.
    let written = serde_json::to_vec(&asked);
    let written = written.map_err(|error| Slug::Internal.error().caused_by(error))?;
    let digest = Sha256::from_bytes(&Digester::digest(written).into());
    Ok((asked, digest.to_string()))
}

/// The validator is that of the webhook as it is read later: without the secret.
fn made(edge: &Edge, row: WebhookRow, secret: &SecretString) -> Response<Body> {
    let used = Idempotency::New;
    used.count(&edge.parts.metrics);
    let place = location(&row.id);
    let tag = answer::tag(&WebhookResource::from(row.clone()));
    let shown = WebhookResource::from(row).showing(secret);
    let mut response = answer::created(StatusCode::CREATED, &place, &shown);
    response.headers_mut().insert(ETAG, tag);
    Noted { idempotency: Some(used), ..Noted::default() }.on(response)
}

fn replayed(edge: &Edge, row: WebhookRow, fingerprint: &str) -> Result<Response<Body>, ApiError> {
    if row.fingerprint != fingerprint {
        let detail = "This Idempotency-Key was sent with another webhook.";
        let reused = Slug::IdempotencyKeyReused.error().detail(detail);
        return Err(reused.member("id", row.id.as_str()));
    }
    let used = Idempotency::Replay;
    used.count(&edge.parts.metrics);
    let place = location(&row.id);
    let mut response = answer::created(StatusCode::OK, &place, &WebhookResource::from(row));
    used.mark(response.headers_mut());
    Ok(Noted { idempotency: Some(used), ..Noted::default() }.on(response))
}
