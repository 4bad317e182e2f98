//! A ping proves gateway, Temporal and worker at once.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use serde_json::Value;
use ulid::Ulid;
use uuid::Uuid;

use crate::http::Edge;
use crate::http::error::openapi::{Body as BodyRefusals, Taken, Upstream};
use crate::http::error::sources::not_started;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::body::reader;
use crate::http::extract::content_type::ContentType;
use crate::http::extract::query::NoParameters;
use crate::http::extract::tree::escaped;
use crate::http::extract::{Query, json};
use crate::http::idempotency::{Carrier, Idempotency};
use crate::http::intent::{Intent, KeyHeader, PreferHeader};
use crate::http::waiting::Waited;
use crate::http::workflows::pong::{PingResource, answered_example, pinged, running_example};
use crate::http::workflows::resource::path;
use crate::metrics::Metrics;
use crate::models::fault::Fault;
use crate::models::refs::named_after;
use crate::temporal::GatewayError;
use crate::temporal::gateway::Ping;

/// How long a ping waits for a caller that prefers nothing.
pub const PING_WAIT: Duration = Duration::from_secs(10);

/// For the calls around the wait: the start (HTTP handbook §4.3), and the look at what became of it.
const CALLS_AT_MOST: Duration = Duration::from_secs(9);

/// Prove that gateway, Temporal and worker work together
///
/// Starts a workflow that answers `ok`, and waits for it, up to 10 s unless `Prefer` says
/// otherwise. Without a worker the answer is a 202 that stays `running`: that is no error.
#[utoipa::path(
    post, path = "/workflows/ping", tag = "workflows", operation_id = "start_ping",
    params(KeyHeader, PreferHeader),
    request_body(content = Option<Object>, content_type = "application/json",
        description = "Nothing, `null` or an empty object.", example = json!({})),
    responses(
        (status = 200, description = "It answered; on a replay, how it ended", body = PingResource,
            headers(
                ("Preference-Applied" = String, description = "The preference that was applied"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was there already"),
            ),
            example = json!(answered_example())),
        (status = 202, description = "Started; not answered in time", body = PingResource,
            headers(
                ("Location" = String, description = "The workflow"),
                ("Retry-After" = u64, description = "Seconds after which to look"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was there already"),
            ),
            example = json!(running_example())),
        Upstream, BodyRefusals, Taken,
    )
)]
pub async fn start_ping(
    State(edge): State<Edge>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    empty(request).await?;
    let id = ping_id(&intent);
    let wait = intent.prefer.wait(PING_WAIT, edge.parts.limits.wait_seconds_max);
    let asked = ask(&edge, &intent, &id, wait.at_most).await;
    let (ping, waited) = asked.map_err(|error| not_started(error, &id, &path(&id)))?;
    count(&intent, &ping, &edge.parts.metrics);
    let applied = wait.applied().filter(|_| waited.applied);
    Ok(pinged(ping, waited.took, applied))
}

/// Starts it and waits for its answer, in a place of those who wait.
async fn ask(
    edge: &Edge,
    intent: &Intent,
    id: &str,
    at_most: Duration,
) -> Result<(Ping, Waited<()>), GatewayError> {
    let gateway = &edge.parts.gateway;
    let patient = if at_most.is_zero() { Duration::ZERO } else { at_most + CALLS_AT_MOST };
    let work = Box::pin(gateway.ping(id, at_most)); // too large to be moved about
    let Waited { value, applied, took } = edge.follow(patient, &intent.place, work).await;
    let ping = match value {
        Some(ping) => ping,
        None => {
            let ping = Box::pin(gateway.ping(id, Duration::ZERO)).await;
            // Nothing was to be waited for, or no place was free. Else the drain began, and the
            // first one may have been sent: it is not called undone.
            let first = took.is_zero();
            ping.map_err(|error| if first { error } else { error.after_a_write() })
        }
    };
    Ok((ping?, Waited { value: None, applied, took }))
}

fn count(intent: &Intent, ping: &Ping, metrics: &Metrics) {
    if intent.key.0.is_some() {
        let used = if ping.known { Idempotency::Replay } else { Idempotency::New };
        used.carried_by(Carrier::Workflow, metrics);
    }
}

/// No body, `null` or `{}`.
async fn empty(request: Request) -> Result<(), ApiError> {
    let content_type = ContentType::of(request.headers())?;
    let body = reader(request).all().await?;
    if body.is_empty() {
        return Ok(());
    }
    if content_type.as_ref().is_some_and(|content| !content.is_json()) {
        return Err(json::not_json(content_type.as_ref()));
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Null) => Ok(()),
        Ok(Value::Object(members)) if members.is_empty() => Ok(()),
        Ok(Value::Object(members)) => {
            let unknown = |name: &String| {
                let place = format!("/{}", escaped(name));
                Fault::at(&place, "unknown_member", "this member is not known here")
            };
            Err(Slug::ValidationFailed.error().faults(members.keys().map(unknown)))
        }
        Ok(_) => {
            let fault = Fault::at("", "wrong_type", "must be an object, and an empty one");
            Err(Slug::ValidationFailed.error().faults([fault]))
        }
        Err(_) => {
            let fault = Fault::at("", "not_json", "send no body, or {}");
            Err(Slug::InvalidRequest.error().faults([fault]))
        }
    }
}

/// The same key of the same subject is the same ping.
fn ping_id(intent: &Intent) -> String {
    let uuid = match &intent.key.0 {
        None => Uuid::now_v7(),
        Some(key) => {
            let subject = &intent.caller.subject;
            named_after(&format!("/workflows/ping\n{subject}\n{key}"))
        }
    };
    let text = Ulid::from_bytes(*uuid.as_bytes()).to_string();
    format!("ap-ping-{}", text.to_ascii_lowercase())
}
