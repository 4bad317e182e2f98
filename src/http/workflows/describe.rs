//! How a run stands, as Temporal describes it now.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;

use crate::http::answer::{self, IfNoneMatch};
use crate::http::error::ApiError;
use crate::http::error::openapi::Upstream;
use crate::http::extract::path::WorkflowId;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::intent::IfNoneMatchHeader;
use crate::http::noted::Noted;
use crate::http::openapi::SelfLink;
use crate::temporal::Gateway;
use crate::temporal::gateway::{RunStatus, WorkflowRow};

/// A run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Workflow)]
pub struct WorkflowResource {
    /// The workflow.
    pub workflow_id: String,
    /// Its run.
    pub run_id: String,
    /// Name of its type.
    #[serde(rename = "type")]
    #[schema(example = "PingWorkflow")]
    pub kind: String,
    /// How it stands.
    pub status: RunStatus,
    /// When it started.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub closed_at: Option<DateTime<Utc>>,
    /// Events in its history.
    pub history_length: i64,
    /// Where it can be watched.
    pub links: SelfLink,
}

/// Look at a workflow
///
/// The current run, as Temporal describes it now. Only runs of the gateway's own types are here.
#[utoipa::path(
    get, path = "/workflows/{id}", tag = "workflows", operation_id = "get_workflow",
    params(
        ("id" = String, Path, description = "The workflow id",
            example = "ap-ping-01kax3v9s8f2m7c4t0q6w5z1re", max_length = 1000),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The run", body = WorkflowResource,
            headers(
                ("ETag" = String, description = "Its validator"),
                ("Retry-After" = u64, description = "Seconds after which to look again, while it runs"),
                ("X-Request-Id" = String, description = "Finds the request in the log"),
            ),
            example = json!({"workflow_id": "ap-ping-01kax3v9s8f2m7c4t0q6w5z1re",
                "run_id": "019ab4f0-6c1e-7d35-9a42-0c5b7e1f2d88", "type": "PingWorkflow",
                "status": "completed", "started_at": "2026-11-23T09:14:05.123Z",
                "closed_at": "2026-11-23T09:14:05.132Z", "history_length": 5,
                "links": {"self": "/workflows/ap-ping-01kax3v9s8f2m7c4t0q6w5z1re"}})),
        (status = 304, description = "The caller has it"),
        Upstream,
    )
)]
pub async fn get_workflow(
    State(gateway): State<Gateway>,
    Id(id): Id<WorkflowId>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let row = gateway.workflow(&id.0).await?;
    let running = row.status == RunStatus::Running;
    let noted = Noted {
        workflow: Some(row.workflow_id.clone()),
        run: Some(row.run_id.clone()),
        ..Noted::default()
    };
    let mut response = conditions.item(&WorkflowResource::from(row));
    if running {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(5_u64));
    }
    Ok(noted.on(response))
}

impl From<WorkflowRow> for WorkflowResource {
    fn from(row: WorkflowRow) -> Self {
        // Ids of Temporal may hold anything; in a link they are one path segment.
        let segment: String = form_urlencoded::byte_serialize(row.workflow_id.as_bytes()).collect();
        let this = format!("/workflows/{}", segment.replace('+', "%20"));
        Self {
            workflow_id: row.workflow_id,
            run_id: row.run_id,
            kind: row.workflow_type,
            status: row.status,
            started_at: row.started_at,
            closed_at: row.closed_at,
            history_length: row.history_length,
            links: SelfLink { this },
        }
    }
}
