//! A comparison that survives its caller: started, waited for, looked at.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response, StatusCode};

use crate::http::Edge;
use crate::http::answer::{self, IfNoneMatch};
use crate::http::error::openapi::{Body as BodyRefusals, Started, Taken, Upstream};
use crate::http::error::sources::{about, not_started};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::followers::AS_LONG_AS_ANYBODY;
use crate::http::idempotency::{Carrier, Idempotency};
use crate::http::intent::{IfNoneMatchHeader, Intent, KeyHeader, PreferHeader};
use crate::http::noted::Noted;
use crate::http::prefer::PREFERENCE_APPLIED;
use crate::http::reconciliations::body;
use crate::http::reconciliations::resource::{
    ReconciliationResource, case_example, done_example, location, running_example,
};
use crate::http::recorded;
use crate::http::waiting::Waited;
use crate::models::case::Case;
use crate::models::refs::{ReconciliationId, Sha256, named_after};
use crate::storage::Artifacts;
use crate::temporal::Gateway;
use crate::temporal::gateway::{GatewayError, ReconciliationRun, RunStatus, Start};

/// Seconds after which one that was started now may be done.
const DONE_AFTER: u64 = 2;

/// Seconds after which to look again at one that runs.
const LOOK_AFTER: u64 = 5;

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
        (status = 200, description = "Done in time; on a replay, how it ended",
            body = ReconciliationResource,
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
        Started, BodyRefusals, Taken,
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
    let used = begin(&edge, &intent, &id, &case).await?;
    used.carried_by(Carrier::Workflow, &edge.parts.metrics);
    let wait = intent.prefer.wait(Duration::ZERO, edge.parts.limits.wait_seconds_max);
    let looked = look(&edge, &intent, &id, wait.at_most).await;
    let (run, waited) = looked.map_err(|error| {
        // It was started, whoever can tell of it now.
        ApiError::from(error.after_a_write()).look_at(&location(&id))
    })?;
    let applied = wait.applied().filter(|_| waited.applied);
    let took = Some(waited.took).filter(|took| !took.is_zero());
    let noted = Noted { idempotency: Some(used), waited: took, ..noted(&run) };
    let resource = resource(&edge.parts.artifacts, id, run).await?;
    Ok(noted.on(started(&resource, used, applied)))
}

/// Starts it, or finds it started. What was started under this key must be this case.
async fn begin(
    edge: &Edge,
    intent: &Intent,
    id: &ReconciliationId,
    case: &Sha256,
) -> Result<Idempotency, ApiError> {
    let starting = async {
        let started = edge.parts.gateway.start_reconciliation(id, case).await;
        started.map_err(|error| not_started(error, id.as_str(), &location(id)))
    };
    let deed = ("start_reconciliation", id.as_str());
    let begun = recorded::around(&intent.caller, &edge.parts.ledger, deed, starting).await?;
    match begun {
        (_, known) if known != *case => {
            let detail = "This Idempotency-Key was sent with another body.";
            Err(Slug::IdempotencyKeyReused.error().detail(detail).member("id", id.as_str()))
        }
        (Start::Known, _) => Ok(Idempotency::Replay),
        (Start::Started, _) => Ok(Idempotency::New),
    }
}

/// How it stands after the wait, and how the wait ended.
async fn look(
    edge: &Edge,
    intent: &Intent,
    id: &ReconciliationId,
    wait: Duration,
) -> Result<(ReconciliationRun, Waited<()>), GatewayError> {
    let gateway = &edge.parts.gateway;
    let following = (&edge.followers.reconciliations, id.as_str());
    let done = until_done(gateway.clone(), id.clone());
    let waited = edge.follow_together(following, wait, &intent.place, done).await;
    let Waited { value, applied, took } = waited;
    let run = match value {
        Some(run) => run?,
        None => gateway.reconciliation(id, Duration::ZERO).await?,
    };
    Ok((run, Waited { value: None, applied, took }))
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
    let run = edge.parts.gateway.reconciliation(&id, Duration::ZERO).await;
    let run = run.map_err(|error| about("reconciliation", error))?;
    let noted = noted(&run);
    let resource = resource(&edge.parts.artifacts, id, run).await?;
    let mut response = conditions.item(&resource);
    if resource.status == RunStatus::Running {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(LOOK_AFTER));
    }
    Ok(noted.on(response))
}

/// The same key of the same subject is the same reconciliation.
fn reconciliation_id(intent: &Intent) -> Result<ReconciliationId, ApiError> {
    let Some(key) = &intent.key.0 else {
        return Err(Slug::IdempotencyKeyMissing.error());
    };
    let subject = &intent.caller.subject;
    Ok(ReconciliationId::new(named_after(&format!("/reconciliations\n{subject}\n{key}"))))
}

async fn resource(
    artifacts: &Artifacts,
    id: ReconciliationId,
    run: ReconciliationRun,
) -> Result<ReconciliationResource, ApiError> {
    let result = match &run.result {
        None => None,
        Some(sha256) => {
            let bytes = artifacts.get(sha256).await?;
            let result = serde_json::from_slice(&bytes);
            Some(result.map_err(|error| Slug::Internal.error().caused_by(error))?)
        }
    };
    let resource = ReconciliationResource::new(id, run.row.status, result);
    Ok(ReconciliationResource { failure: run.failure.map(Into::into), ..resource })
}

fn noted(run: &ReconciliationRun) -> Noted {
    Noted {
        workflow: Some(run.row.workflow_id.clone()),
        run: Some(run.row.run_id.clone()),
        ..Noted::default()
    }
}

/// 200 with the end, or 202 while it runs.
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
        let after = if used == Idempotency::New { DONE_AFTER } else { LOOK_AFTER };
        headers.insert(RETRY_AFTER, HeaderValue::from(after));
    }
    used.mark(headers);
    if let Some(applied) = applied {
        headers.insert(PREFERENCE_APPLIED, applied);
    }
    response
}
