//! A run as callers see it: in lists, alone, and at its end.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use url::form_urlencoded;
use utoipa::ToSchema;

use crate::http::answer;
use crate::http::openapi::SelfLink;
use crate::temporal::gateway::{
    PendingActivity, RunDetail, RunEnd, RunFailure, RunResult, RunStatus, WorkflowRow,
};

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
    /// Whose workers carry it.
    #[schema(example = "ap-default")]
    pub task_queue: String,
    /// When it started.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub closed_at: Option<DateTime<Utc>>,
    /// Events in its history. Lists know it of finished runs alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub history_length: Option<i64>,
    /// Activities that were scheduled and are not done; not in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub pending_activities: Vec<PendingActivityResource>,
    /// Where to look.
    pub links: WorkflowLinks,
}

/// Where a run can be looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkflowLinks {
    /// The workflow.
    #[serde(rename = "self")]
    #[schema(example = "/workflows/ap-ping-01kax3v9s8f2m7c4t0q6w5z1re")]
    pub this: String,
    /// How it ended.
    pub result: String,
    /// What happened.
    pub history: String,
}

/// An activity that was scheduled and is not done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PendingActivity)]
pub struct PendingActivityResource {
    /// Its id within the run.
    pub activity_id: String,
    /// Name of its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// `scheduled`, `started`, `cancel_requested` or `paused`.
    pub state: String,
    /// Tries so far.
    pub attempt: i32,
    /// When it was scheduled.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub scheduled_at: Option<DateTime<Utc>>,
    /// When it is tried again.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The type of what went wrong last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_failure_type: Option<String>,
}

/// How a run ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkflowResult)]
pub struct ResultResource {
    /// The workflow.
    pub workflow_id: String,
    /// Its run.
    pub run_id: String,
    /// How it stands.
    pub status: RunStatus,
    /// What it came to; absent while it runs and when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Value)]
    pub result: Option<Value>,
    /// Why it has no result.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failure: Option<FailureResource>,
    /// Where to look.
    pub links: SelfLink,
}

/// Why a run has no result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkflowFailure)]
pub struct FailureResource {
    /// For machines; `Canceled`, `Terminated`, `TimedOut` or one of the gateway's own.
    #[serde(rename = "type")]
    #[schema(example = "Canceled")]
    pub kind: String,
    /// For people.
    pub message: String,
    /// Whether the same again may end well.
    pub retryable: bool,
}

/// The path of a workflow. Ids of Temporal may hold anything; in a link they are one segment.
pub fn path(workflow_id: &str) -> String {
    let segment: String = form_urlencoded::byte_serialize(workflow_id.as_bytes()).collect();
    format!("/workflows/{}", segment.replace('+', "%20"))
}

impl From<WorkflowRow> for WorkflowResource {
    fn from(row: WorkflowRow) -> Self {
        let this = path(&row.workflow_id);
        Self {
            workflow_id: row.workflow_id,
            run_id: row.run_id,
            kind: row.workflow_type,
            status: row.status,
            task_queue: row.task_queue,
            started_at: row.started_at,
            closed_at: row.closed_at,
            history_length: Some(row.history_length).filter(|length| *length > 0),
            pending_activities: Vec::new(),
            links: WorkflowLinks {
                result: format!("{this}/result"),
                history: format!("{this}/history"),
                this,
            },
        }
    }
}

impl From<RunDetail> for WorkflowResource {
    fn from(detail: RunDetail) -> Self {
        let pending_activities = detail.pending.into_iter().map(Into::into).collect();
        Self { pending_activities, ..Self::from(detail.row) }
    }
}

impl From<PendingActivity> for PendingActivityResource {
    fn from(activity: PendingActivity) -> Self {
        Self {
            activity_id: activity.activity_id,
            kind: activity.activity_type,
            state: activity.state,
            attempt: activity.attempt,
            scheduled_at: activity.scheduled_at,
            next_attempt_at: activity.next_attempt_at,
            last_failure_type: activity.last_failure_type,
        }
    }
}

impl From<RunResult> for ResultResource {
    fn from(run: RunResult) -> Self {
        let (result, failure) = match run.end {
            None => (None, None),
            Some(RunEnd::Completed(result)) => (result, None),
            Some(RunEnd::Failed(failure)) => (None, Some(failure)),
        };
        let this = path(&run.row.workflow_id);
        Self {
            workflow_id: run.row.workflow_id,
            run_id: run.row.run_id,
            status: run.row.status,
            result,
            failure: failure.map(Into::into),
            links: SelfLink { this },
        }
    }
}

impl From<RunFailure> for FailureResource {
    fn from(RunFailure { kind, message, retryable }: RunFailure) -> Self {
        Self { kind, message, retryable }
    }
}

/// A run, for the document.
pub fn example() -> Value {
    let this = "/workflows/ap-ping-01kax3v9s8f2m7c4t0q6w5z1re";
    json!({
        "workflow_id": "ap-ping-01kax3v9s8f2m7c4t0q6w5z1re",
        "run_id": "019ab4f0-6c1e-7d35-9a42-0c5b7e1f2d88", "type": "PingWorkflow",
        "status": "completed", "task_queue": "ap-default", "started_at": "2026-11-23T09:14:05.123Z",
        "closed_at": "2026-11-23T09:14:05.132Z", "history_length": 5,
        "links": {"self": this, "result": format!("{this}/result"),
            "history": format!("{this}/history")},
    })
}

/// A run that is not finished, for the document.
pub fn running_example() -> Value {
    let mut running = example();
    running["status"] = "running".into();
    for member in ["closed_at", "history_length"] {
        running.as_object_mut().and_then(|members| members.remove(member));
    }
    running
}

/// The end of a run, for the document.
pub fn result_example(status: &str) -> Value {
    let mut ended = json!({
        "workflow_id": "ap-ping-01kax3v9s8f2m7c4t0q6w5z1re",
        "run_id": "019ab4f0-6c1e-7d35-9a42-0c5b7e1f2d88", "status": status,
        "links": {"self": "/workflows/ap-ping-01kax3v9s8f2m7c4t0q6w5z1re"},
    });
    if status == "completed" {
        ended["result"] = "ok".into();
    }
    ended
}
