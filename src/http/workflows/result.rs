//! How a run ended.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{RETRY_AFTER, VARY};
use axum::http::{HeaderValue, Response, StatusCode};

use crate::http::Edge;
use crate::http::answer;
use crate::http::error::ApiError;
use crate::http::error::openapi::Upstream;
use crate::http::extract::path::WorkflowId;
use crate::http::extract::{Id, Query};
use crate::http::intent::{Intent, PreferHeader};
use crate::http::noted::Noted;
use crate::http::prefer::PREFERENCE_APPLIED;
use crate::http::waiting::Waited;
use crate::http::workflows::describe::{LOOK_AFTER, RunQuery, named, noted};
use crate::http::workflows::resource::{ResultResource, path, result_example};
use crate::temporal::gateway::{Run, RunEnd, RunResult, WorkflowRow};

/// Look at the result of a workflow
///
/// What a finished run came to, or why it failed; with `Prefer: wait=N` after waiting for its end.
/// No worker is needed.
#[utoipa::path(
    get, path = "/workflows/{id}/result", tag = "workflows", operation_id = "get_workflow_result",
    params(
        ("id" = String, Path, description = "The workflow id",
            example = "ap-ping-01kax3v9s8f2m7c4t0q6w5z1re", max_length = 1000),
        RunQuery, PreferHeader,
    ),
    responses(
        (status = 200, description = "It is finished", body = ResultResource,
            headers(
                ("Preference-Applied" = String, description = "The preference that was applied"),
            ),
            example = json!(result_example("completed"))),
        (status = 202, description = "It runs", body = ResultResource,
            headers(
                ("Location" = String, description = "The workflow"),
                ("Retry-After" = u64, description = "Seconds after which to look again"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
            ),
            example = json!(result_example("running"))),
        Upstream,
    )
)]
pub async fn get_workflow_result(
    State(edge): State<Edge>,
    Id(id): Id<WorkflowId>,
    Query(query): Query<RunQuery>,
    intent: Intent,
) -> Result<Response<Body>, ApiError> {
    let run_id = query.run_id.map(|run| run.to_string());
    let run = named(&id, &run_id);
    let wait = intent.prefer.wait(Duration::ZERO, edge.parts.limits.wait_seconds_max);
    let gateway = &edge.parts.gateway;
    let mut found = gateway.run_result(run).await?;
    let mut waited = Waited::at_once();
    if found.end.is_none() {
        waited = ended(&edge, &found.row, wait.at_most, &intent).await;
        if let Some(end) = waited.value.take() {
            let row = gateway.run(Run { run_id: Some(&found.row.run_id), ..run }).await?.row;
            found = RunResult { row, end: Some(end) };
        }
    }
    let applied = wait.applied().filter(|_| waited.applied);
    let took = Some(waited.took).filter(|took| !took.is_zero());
    let noted = Noted { waited: took, ..noted(&found.row) };
    let ended = found.end.is_some();
    let status = if ended { StatusCode::OK } else { StatusCode::ACCEPTED };
    let mut response = answer::json(status, &ResultResource::from(found));
    if !ended {
        answer::set_location(&mut response, &path(&id.0));
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(LOOK_AFTER));
    }
    response.headers_mut().insert(VARY, HeaderValue::from_static("Prefer"));
    if let Some(applied) = applied {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    Ok(noted.on(response))
}

/// Waits for the end of a run with everybody who does.
async fn ended(
    edge: &Edge,
    row: &WorkflowRow,
    at_most: Duration,
    intent: &Intent,
) -> Waited<RunEnd> {
    let following = (&edge.followers.ends, row.run_id.as_str());
    let (gateway, row) = (edge.parts.gateway.clone(), row.clone());
    let end = async move { gateway.run_end(&row).await };
    let waited = edge.follow_together(following, at_most, &intent.place, end).await;
    Waited { value: waited.value.flatten(), applied: waited.applied, took: waited.took }
}
