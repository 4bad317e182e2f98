//! A ping as its caller sees it.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::answer;
use crate::http::idempotency::Idempotency;
use crate::http::noted::Noted;
use crate::http::openapi::SelfLink;
use crate::http::prefer::PREFERENCE_APPLIED;
use crate::http::workflows::resource::FailureResource;
use crate::temporal::gateway::{Ping, RunStatus};

/// A ping.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ping)]
pub struct PingResource {
    /// The workflow.
    #[schema(example = "ap-ping-01kax3v9s8f2m7c4t0q6w5z1re")]
    pub workflow_id: String,
    /// Its run.
    pub run_id: String,
    /// `completed` when it answered, `running` while it may; another one when it was ended.
    pub status: RunStatus,
    /// `ok`; absent while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ok")]
    pub result: Option<String>,
    /// Why there will be no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failure: Option<FailureResource>,
    /// Milliseconds from the start to the answer, or to the end of the wait.
    pub duration_ms: u64,
    /// Where it can be watched.
    pub links: SelfLink,
}

/// 200 with the end, or 202 while it runs.
pub fn pinged(ping: Ping, waited: Duration, applied: Option<HeaderValue>) -> Response<Body> {
    let done = ping.status != RunStatus::Running;
    let used = if ping.known { Idempotency::Replay } else { Idempotency::New };
    let location = format!("/workflows/{}", ping.workflow_id);
    let noted = Noted {
        workflow: Some(ping.workflow_id.clone()),
        run: Some(ping.run_id.clone()),
        waited: Some(waited).filter(|took| !took.is_zero()),
        idempotency: Some(used),
        ..Noted::default()
    };
    let resource = PingResource {
        workflow_id: ping.workflow_id,
        run_id: ping.run_id,
        status: ping.status,
        result: ping.result,
        failure: ping.failure.map(Into::into),
        duration_ms: u64::try_from(ping.took.as_millis()).unwrap_or(u64::MAX),
        links: SelfLink { this: location.clone() },
    };
    let status = if done { StatusCode::OK } else { StatusCode::ACCEPTED };
    let mut response = answer::json(status, &resource);
    if !done {
        answer::set_location(&mut response, &location);
        let after = if used == Idempotency::New { 2_u64 } else { 5 };
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(after));
    }
    used.mark(response.headers_mut());
    if let Some(applied) = applied {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    noted.on(response)
}

/// A ping that was answered, for the document.
pub fn answered_example() -> Value {
    json!({
        "workflow_id": "ap-ping-01kax3v9s8f2m7c4t0q6w5z1re",
        "run_id": "019ab4f0-6c1e-7d35-9a42-0c5b7e1f2d88", "status": "completed", "result": "ok",
        "duration_ms": 9, "links": {"self": "/workflows/ap-ping-01kax3v9s8f2m7c4t0q6w5z1re"},
    })
}

/// A ping that was not answered in time, for the document.
pub fn running_example() -> Value {
    json!({
        "workflow_id": "ap-ping-01kax3v9s8f2m7c4t0q6w5z1re",
        "run_id": "019ab4f0-6c1e-7d35-9a42-0c5b7e1f2d88", "status": "running",
        "duration_ms": 10000, "links": {"self": "/workflows/ap-ping-01kax3v9s8f2m7c4t0q6w5z1re"},
    })
}
