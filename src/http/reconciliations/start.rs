//! A comparison that survives its caller: started, waited for, looked at.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response, StatusCode};

use crate::http::Edge;
use crate::http::answer::{self, IfNoneMatch};
use crate::http::error::openapi::{Body as BodyRefusals, Started, Upstream};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::followers::AS_LONG_AS_ANYBODY;
use crate::http::idempotency::Idempotency;
use crate::http::intent::{IfNoneMatchHeader, Intent, KeyHeader, PreferHeader};
use crate::http::noted::Noted;
use crate::http::prefer::PREFERENCE_APPLIED;
use crate::http::reconciliations::body;
use crate::http::reconciliations::resource::{
    ReconciliationResource, case_example, done_example, location, running_example,
};
use crate::http::recorded;
use crate::models::case::Case;
use crate::models::refs::{ReconciliationId, Sha256, named_after};
use crate::storage::Artifacts;
use crate::temporal::Gateway;
use crate::temporal::gateway::{GatewayError, ReconciliationRun, RunStatus, Start};

/// When a running one may be done.
const LOOK_AFTER: u64 = 2;

/// Compare an invoice with orders and receipts, durably
///
/// All of it is the caller's own: no order of the ledger is looked at or changed. The same key with
/// the same body is the same reconciliation; the key is required.
#[utoipa::path(
    post, path = "/reconciliations", tag = "reconciliations", operation_id = "start_reconciliation",
    params(KeyHeader, PreferHeader),
    request_body(content = Case, content_type = "application/json",
        description = "An invoice, and what it is compared with.",
        example = json!(case_example())),
    responses(
        (status = 200, description = "Done in time", body = ReconciliationResource,
            headers(
                ("Location" = String, description = "The reconciliation"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was there already"),
            ),
            example = json!(done_example())),
        (status = 202, description = "Started", body = ReconciliationResource,
            headers(
                ("Location" = String, description = "The reconciliation"),
                ("Retry-After" = u64, description = "Seconds after which to look"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was there already"),
            ),
            example = json!(running_example())),
        Started, BodyRefusals,
    )
)]
pub async fn start_reconciliation(
    State(edge): State<Edge>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let id = reconciliation_id(&intent)?;
    let (bytes, _) = body::read(request).await?;
    // It may be larger than what Temporal carries, and holds what histories must not.
    let case = edge.parts.artifacts.put(bytes).await?;
    let start = edge.parts.gateway.start_reconciliation(&id, &case);
    let deed = ("start_reconciliation", id.as_str());
    let begun = recorded::around(&intent.caller, &edge.parts.ledger, deed, start).await?;
    let wait = intent.prefer.wait(Duration::ZERO, edge.parts.limits.wait_seconds_max);
    let (run, waited) = look(&edge, &intent, &id, wait.at_most).await?;
    let used = same_case(begun, &run, &case);
    used.count(&edge.parts.metrics);
    if used == Idempotency::Mismatch {
        let detail = "This Idempotency-Key was sent with another body.";
        return Err(Slug::IdempotencyKeyReused.error().detail(detail).member("id", id.as_str()));
    }
    let applied = wait.applied().filter(|_| waited);
    let resource = resource(&edge.parts.artifacts, id, &run).await?;
    Ok(noted(&run).on(started(&resource, used, applied)))
}

/// How it stands after the wait, and whether there was a place to wait in.
async fn look(
    edge: &Edge,
    intent: &Intent,
    id: &ReconciliationId,
    wait: Duration,
) -> Result<(ReconciliationRun, bool), ApiError> {
    let gateway = &edge.parts.gateway;
    let following = (&edge.followers.reconciliations, id.as_str());
    let done = until_done(gateway.clone(), id.clone());
    let waited = edge.follow_together(following, wait, &intent.place, done).await;
    let run = match waited.value {
        Some(run) => run?,
        None => gateway.reconciliation(id, Duration::ZERO).await?,
    };
    Ok((run, waited.applied))
}

async fn until_done(
    gateway: Gateway,
    id: ReconciliationId,
) -> Result<ReconciliationRun, GatewayError> {
    gateway.reconciliation(&id, AS_LONG_AS_ANYBODY).await
}

/// Look at a reconciliation
///
/// How its workflow stands, and the result once there is one.
#[utoipa::path(
    get, path = "/reconciliations/{id}", tag = "reconciliations",
    operation_id = "get_reconciliation",
    params(
        ("id" = ReconciliationId, Path, description = "The reconciliation",
            example = "rec_01kax40b2t9v3m8q1d6h5n0ws4"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "How it stands", body = ReconciliationResource,
            headers(
                ("ETag" = String, description = "Its validator"),
                ("Retry-After" = u64, description = "Seconds after which to look again, while it runs"),
            ),
            example = json!(done_example())),
        Upstream,
    )
)]
pub async fn get_reconciliation(
    State(edge): State<Edge>,
    Id(id): Id<ReconciliationId>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let run = edge.parts.gateway.reconciliation(&id, Duration::ZERO).await?;
    let resource = resource(&edge.parts.artifacts, id, &run).await?;
    let mut response = conditions.item(&resource);
    if resource.status == RunStatus::Running {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(LOOK_AFTER));
    }
    Ok(noted(&run).on(response))
}

/// The same key of the same subject is the same reconciliation.
fn reconciliation_id(intent: &Intent) -> Result<ReconciliationId, ApiError> {
    let Some(key) = &intent.key.0 else {
        return Err(Slug::IdempotencyKeyMissing.error());
    };
    let subject = &intent.caller.subject;
    Ok(ReconciliationId::new(named_after(&format!("/reconciliations\n{subject}\n{key}"))))
}

/// What was started under this key must be this case.
fn same_case(begun: Start, run: &ReconciliationRun, case: &Sha256) -> Idempotency {
    match (begun, &run.case) {
        (_, Some(known)) if known != case => Idempotency::Mismatch,
        (Start::Known, _) => Idempotency::Replay,
        (Start::Started, _) => Idempotency::New,
    }
}

async fn resource(
    artifacts: &Artifacts,
    id: ReconciliationId,
    run: &ReconciliationRun,
) -> Result<ReconciliationResource, ApiError> {
    let result = match &run.result {
        None => None,
        Some(sha256) => {
            let bytes = artifacts.get(sha256).await?;
            let result = serde_json::from_slice(&bytes);
            Some(result.map_err(|error| Slug::Internal.error().caused_by(error))?)
        }
    };
    Ok(ReconciliationResource::new(id, run.row.status, result))
}

fn noted(run: &ReconciliationRun) -> Noted {
    Noted {
        workflow: Some(run.row.workflow_id.clone()),
        run: Some(run.row.run_id.clone()),
        ..Noted::default()
    }
}

/// 200 with the result, or 202 while there is none.
fn started(
    resource: &ReconciliationResource,
    used: Idempotency,
    applied: Option<HeaderValue>,
) -> Response<Body> {
    let running = resource.status == RunStatus::Running;
    let status = if running { StatusCode::ACCEPTED } else { StatusCode::OK };
    let mut response = answer::json(status, resource);
    answer::set_location(&mut response, &location(&resource.id));
    let headers = response.headers_mut();
    if running {
        headers.insert(RETRY_AFTER, HeaderValue::from(LOOK_AFTER));
    }
    used.mark(headers);
    if let Some(applied) = applied {
        headers.insert(PREFERENCE_APPLIED, applied);
    }
    response
}
