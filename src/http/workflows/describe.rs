//! How a run stands, as Temporal describes it now.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::http::answer::IfNoneMatch;
use crate::http::error::ApiError;
use crate::http::error::openapi::Upstream;
use crate::http::extract::path::WorkflowId;
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::extract::{Id, Query};
use crate::http::intent::IfNoneMatchHeader;
use crate::http::noted::Noted;
use crate::http::workflows::resource::{WorkflowResource, example};
use crate::temporal::Gateway;
use crate::temporal::gateway::{Run, RunStatus, WorkflowRow};

/// Seconds after which to look again at a run that is not finished.
pub const LOOK_AFTER: u64 = 5;

/// Which run of a workflow.
#[derive(Debug, Clone, Default, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RunQuery {
    /// Another run than the current one.
    #[param(value_type = Option<String>, example = "019ab4f0-6c1e-7d35-9a42-0c5b7e1f2d88")]
    pub run_id: Option<Uuid>,
}

impl FromQuery for RunQuery {
    fn read(parameters: &mut Parameters) -> Self {
        let expected = "the id of a run, a UUID";
        let run_id = parameters.parsed("run_id", expected, |text| Uuid::parse_str(text).ok());
        Self { run_id }
    }
}

/// The run that a path and a query name.
pub fn named<'a>(id: &'a WorkflowId, run_id: &'a Option<String>) -> Run<'a> {
    Run { workflow_id: &id.0, run_id: run_id.as_deref() }
}

/// Look at a workflow
///
/// The current run, or another one of the same workflow, as Temporal describes it now, with the
/// activities that it waits for. Only runs of the gateway's own types are here.
#[utoipa::path(
    get, path = "/workflows/{id}", tag = "workflows", operation_id = "get_workflow",
    params(
        ("id" = String, Path, description = "The workflow id",
            example = "ap-ping-01kax3v9s8f2m7c4t0q6w5z1re", max_length = 1000),
        RunQuery, IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The run", body = WorkflowResource,
            headers(
                ("ETag" = String, description = "Its validator"),
                ("Retry-After" = u64, description = "Seconds after which to look again, while it runs"),
            ),
            example = json!(example())),
        Upstream,
    )
)]
pub async fn get_workflow(
    State(gateway): State<Gateway>,
    Id(id): Id<WorkflowId>,
    Query(query): Query<RunQuery>,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let run_id = query.run_id.map(|run| run.to_string());
    let detail = gateway.run(named(&id, &run_id)).await?;
    let (running, noted) = (detail.row.status == RunStatus::Running, noted(&detail.row));
    let mut response = conditions.item(&WorkflowResource::from(detail));
    if running {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(LOOK_AFTER));
    }
    Ok(noted.on(response))
}

/// What the log line says of it.
pub fn noted(row: &WorkflowRow) -> Noted {
    Noted {
        workflow: Some(row.workflow_id.clone()),
        run: Some(row.run_id.clone()),
        ..Noted::default()
    }
}
