//! What happened in a run, event by event.

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::answer;
use crate::http::error::ApiError;
use crate::http::error::openapi::Visible;
use crate::http::extract::path::WorkflowId;
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::extract::{Id, Query};
use crate::http::lists::{Page, Walk};
use crate::http::openapi::PageParameters;
use crate::http::workflows::describe::{RunQuery, named, noted};
use crate::http::workflows::resource::path;
use crate::storage::Ledger;
use crate::temporal::Gateway;
use crate::temporal::gateway::RunEvent;

/// An event of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkflowEvent)]
pub struct EventResource {
    /// Its place in the history, from 1.
    pub event_id: i64,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "activity_task_scheduled")]
    pub kind: String,
    /// When.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub at: Option<DateTime<Utc>>,
    /// What of it may be seen: names, numbers and sizes, never contents.
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
}

/// A page of events.
#[derive(ToSchema)]
#[schema(as = WorkflowHistory)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct HistoryPage {
    items: Vec<EventResource>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

/// The run and the page.
#[derive(Debug, Clone)]
pub struct HistoryList {
    run: RunQuery,
    page: Page,
}

impl FromQuery for HistoryList {
    fn read(parameters: &mut Parameters) -> Self {
        Self { run: RunQuery::read(parameters), page: Page::read(parameters) }
    }
}

impl From<RunEvent> for EventResource {
    fn from(event: RunEvent) -> Self {
        let RunEvent { event_id, kind, at, attributes } = event;
        Self { event_id, kind, at, attributes }
    }
}

/// List the events of a workflow
///
/// The history of a run, oldest first. Payloads are shown as a size, failures as their type.
#[utoipa::path(
    get, path = "/workflows/{id}/history", tag = "workflows",
    operation_id = "get_workflow_history",
    params(
        ("id" = String, Path, description = "The workflow id",
            example = "ap-ping-01kax3v9s8f2m7c4t0q6w5z1re", max_length = 1000),
        RunQuery, PageParameters,
    ),
    responses(
        (status = 200, description = "A page", body = HistoryPage,
            example = json!({"items": [{"event_id": 5, "type": "activity_task_scheduled",
                "at": "2026-11-23T09:14:05.130Z", "attributes": {"activity_id": "1",
                    "activity_type": "extract", "input_bytes": 38}}],
                "next_page_token": "AQAAAA"})),
        Visible,
    )
)]
pub async fn get_workflow_history(
    State(ledger): State<Ledger>,
    State(gateway): State<Gateway>,
    Id(id): Id<WorkflowId>,
    Query(list): Query<HistoryList>,
) -> Result<Response<Body>, ApiError> {
    let run_id = list.run.run_id.map(|run| run.to_string());
    let filters = run_id.iter().map(|run| ("run_id", run.clone())).collect();
    let walk =
        Walk::new(&format!("{}/history", path(&id.0)), filters, list.page, ledger.signing_key());
    // The key of an event is its run and its number: the current run may be another one by now.
    let after = walk.after(|last| {
        let (run, event) = last.split_once(' ')?;
        Some((run.to_owned(), event.parse().ok()?))
    })?;
    let (begun, after): (Option<String>, i64) = after.map_or((None, 0), |(run, n)| (Some(run), n));
    let run_id = begun.or(run_id);
    let limit = walk.limit() as usize;
    let (row, events) = gateway.run_history(named(&id, &run_id), after, limit).await?;
    let keyed =
        events.into_iter().map(|event| (format!("{} {}", row.run_id, event.event_id), event));
    let response =
        walk.answer(keyed.collect(), |(key, _)| key, |(_, event)| EventResource::from(event));
    Ok(noted(&row).on(response))
}
