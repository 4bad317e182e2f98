//! A run as Temporal describes it, in our words.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use temporalio_client::{WorkflowExecutionDescription, WorkflowExecutionStatus};
use temporalio_common::protos::temporal::api::enums::v1::{
    PendingActivityState, WorkflowExecutionStatus as RawStatus,
};
use temporalio_common::protos::temporal::api::workflow::v1::{
    PendingActivityInfo, WorkflowExecutionInfo,
};
use utoipa::ToSchema;

use crate::temporal::gateway::GatewayError;
use crate::temporal::run_end::cause;

/// State of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Not finished.
    Running,
    /// Finished well.
    Completed,
    /// Finished with an error.
    Failed,
    /// Cancelled.
    Canceled,
    /// Terminated.
    Terminated,
    /// Ran out of time.
    TimedOut,
    /// Went on under a new run.
    ContinuedAsNew,
}

/// A run as Temporal describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowRow {
    /// Workflow id.
    pub workflow_id: String,
    /// Run id.
    pub run_id: String,
    /// Name of the workflow type.
    pub workflow_type: String,
    /// Whose workers carry it.
    pub task_queue: String,
    /// State of the run.
    pub status: RunStatus,
    /// When it started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// Events in its history.
    pub history_length: i64,
}

/// An activity that was scheduled and is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingActivity {
    /// Its id within the run.
    pub activity_id: String,
    /// Name of its type.
    pub activity_type: String,
    /// `scheduled`, `started`, `cancel_requested`, `paused`.
    pub state: String,
    /// Tries so far, the present one included.
    pub attempt: i32,
    /// When it was scheduled.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// When it is tried again.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The type of what went wrong last.
    pub last_failure_type: Option<String>,
}

impl RunStatus {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Canceled,
        Self::Terminated,
        Self::TimedOut,
        Self::ContinuedAsNew,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Terminated => "terminated",
            Self::TimedOut => "timed_out",
            Self::ContinuedAsNew => "continued_as_new",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// The word of Temporal's query language.
    pub(crate) fn in_queries(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
            Self::Terminated => "Terminated",
            Self::TimedOut => "TimedOut",
            Self::ContinuedAsNew => "ContinuedAsNew",
        }
    }
}

/// A time as it comes over gRPC.
pub(crate) fn time(at: impl TryInto<SystemTime>) -> Option<DateTime<Utc>> {
    at.try_into().ok().map(DateTime::from)
}

/// The same from what lists and descriptions have in common.
pub(crate) fn row_of_info(info: WorkflowExecutionInfo) -> Result<WorkflowRow, GatewayError> {
    let status = match info.status() {
        RawStatus::Running | RawStatus::Paused => RunStatus::Running,
        RawStatus::Completed => RunStatus::Completed,
        RawStatus::Failed => RunStatus::Failed,
        RawStatus::Canceled => RunStatus::Canceled,
        RawStatus::Terminated => RunStatus::Terminated,
        RawStatus::TimedOut => RunStatus::TimedOut,
        RawStatus::ContinuedAsNew => RunStatus::ContinuedAsNew,
        other => return Err(GatewayError::Other(format!("a run is {other:?}"))),
    };
    let execution = info.execution.unwrap_or_default();
    Ok(WorkflowRow {
        workflow_id: execution.workflow_id,
        run_id: execution.run_id,
        workflow_type: info.r#type.unwrap_or_default().name,
        task_queue: info.task_queue,
        status,
        started_at: info.start_time.and_then(time),
        closed_at: info.close_time.and_then(time),
        history_length: info.history_length,
    })
}

/// What we show of an activity. The text of a failure may speak of a document; its type does not.
pub(crate) fn pending_activity(info: PendingActivityInfo) -> PendingActivity {
    let state = match info.state() {
        PendingActivityState::Started => "started",
        PendingActivityState::CancelRequested => "cancel_requested",
        PendingActivityState::Paused | PendingActivityState::PauseRequested => "paused",
        _ => "scheduled",
    };
    PendingActivity {
        state: state.to_owned(),
        activity_id: info.activity_id,
        activity_type: info.activity_type.unwrap_or_default().name,
        attempt: info.attempt,
        scheduled_at: info.scheduled_time.and_then(time),
        next_attempt_at: info.next_attempt_schedule_time.and_then(time),
        last_failure_type: info.last_failure.as_ref().map(|failure| cause(failure).kind),
    }
}

/// What we show of a run.
pub(crate) fn row(found: &WorkflowExecutionDescription) -> Result<WorkflowRow, GatewayError> {
    Ok(WorkflowRow {
        workflow_id: found.id().to_owned(),
        run_id: found.run_id().to_owned(),
        workflow_type: found.workflow_type().to_owned(),
        task_queue: found.task_queue().to_owned(),
        status: run_status(found.status())?,
        started_at: found.start_time().map(DateTime::from),
        closed_at: found.close_time().map(DateTime::from),
        history_length: i64::try_from(found.history_length()).unwrap_or(i64::MAX),
    })
}

fn run_status(status: WorkflowExecutionStatus) -> Result<RunStatus, GatewayError> {
    use WorkflowExecutionStatus as W;
    match status {
        W::Running | W::Paused => Ok(RunStatus::Running),
        W::Completed => Ok(RunStatus::Completed),
        W::Failed => Ok(RunStatus::Failed),
        W::Canceled => Ok(RunStatus::Canceled),
        W::Terminated => Ok(RunStatus::Terminated),
        W::TimedOut => Ok(RunStatus::TimedOut),
        W::ContinuedAsNew => Ok(RunStatus::ContinuedAsNew),
        other => Err(GatewayError::Other(format!("a run is {other:?}"))),
    }
}
