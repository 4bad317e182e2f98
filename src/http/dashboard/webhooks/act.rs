//! What admins do about a webhook: as the API does it.

use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::http::header::{CONTENT_TYPE, IF_MATCH};
use serde_json::{Value, json};

use crate::http::Edge;
use crate::http::caller::Caller;
use crate::http::dashboard::cells::{answered, said, words};
use crate::http::dashboard::decide::{json_request, keyed};
use crate::http::dashboard::door::{Visitor, see_other};
use crate::http::dashboard::form::Form;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::intent::Intent;
use crate::http::webhooks::change::update_webhook;
use crate::http::webhooks::replay::replay_webhook;
use crate::http::webhooks::test::test_webhook;
use crate::models::refs::WebhookId;

/// What a page says was done: the word of its address, and words for people.
pub const DONE: [(&str, &str); 3] = [
    ("enabled", "messages are sent to it again"),
    ("disabled", "nothing more is sent to it"),
    ("replay", "the ticked messages are sent again"),
];

fn place(id: &WebhookId, done: &str) -> String {
    format!("/dashboard/webhooks/{id}?done={done}")
}

/// `POST /dashboard/webhooks/{id}/status`: as it was seen.
///
/// # Errors
/// Those of the API.
pub async fn change(
    edge: State<Edge>,
    id: Id<WebhookId>,
    caller: Caller,
    form: Form,
) -> Result<Response<Body>, ApiError> {
    let status = form.text("status").unwrap_or_default();
    let place = place(&id.0, if status == "enabled" { "enabled" } else { "disabled" });
    let request = merge_patch(&json!({ "status": status }), form.text("tag").as_deref())?;
    update_webhook(edge, id, caller, Query(NoParameters), request).await?;
    Ok(see_other(&place))
}

/// As a program would send it; a form without a validator is refused, for it says what was seen.
fn merge_patch(change: &Value, tag: Option<&str>) -> Result<Request, ApiError> {
    let refused = || Slug::InvalidRequest.error().detail("The form does not say what was seen.");
    let request = Request::builder().header(CONTENT_TYPE, "application/merge-patch+json");
    let request = request.header(IF_MATCH, tag.ok_or_else(refused)?);
    request.body(Body::from(change.to_string())).map_err(|_| refused())
}

/// `POST /dashboard/webhooks/{id}/replay`: the ticked messages.
///
/// # Errors
/// Those of the API.
pub async fn replay(
    edge: State<Edge>,
    id: Id<WebhookId>,
    intent: Intent,
    form: Form,
) -> Result<Response<Body>, ApiError> {
    let (place, intent) = (place(&id.0, "replay"), keyed(intent, &form));
    let ticked: Vec<&str> = form.all("delivery").collect();
    if ticked.is_empty() {
        return Err(Slug::InvalidRequest.error().detail("Tick at least one message."));
    }
    let body = json_request(&json!({ "delivery_ids": ticked }));
    replay_webhook(edge, id, intent, Query(NoParameters), body).await?;
    Ok(see_other(&place))
}

/// What a test came to.
#[derive(Template)]
#[template(path = "dashboard/webhook_test.html")]
struct Tested {
    frame: Frame,
    id: String,
    delivered: bool,
    outcome: String,
    milliseconds: String,
}

/// `POST /dashboard/webhooks/{id}/test`: one signed message, now.
///
/// # Errors
/// Those of the API. That the receiver fails is none.
pub async fn test(
    edge: State<Edge>,
    id: Id<WebhookId>,
    caller: Caller,
    visitor: Visitor,
) -> Result<Response<Body>, ApiError> {
    let shown = id.0.to_string();
    let came = answered(test_webhook(edge, id, caller, Query(NoParameters)).await?).await?;
    let status = words(&came["status_code"]);
    let answer =
        if status.is_empty() { "no answer".to_owned() } else { format!("answer {status}") };
    let outcome = [answer, said(&words(&came["failure"]))].join(" ");
    shown::page(&Tested {
        frame: Frame::of(&visitor, "/dashboard/webhooks", "Test of a webhook"),
        id: shown,
        delivered: came["delivered"] == true,
        outcome: outcome.trim().to_owned(),
        milliseconds: words(&came["duration_ms"]),
    })
}
