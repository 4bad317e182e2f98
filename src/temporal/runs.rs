//! A run as Temporal describes it, in our words.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use temporalio_client::{WorkflowExecutionDescription, WorkflowExecutionStatus};
use utoipa::ToSchema;

use crate::temporal::gateway::GatewayError;

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
    /// State of the run.
    pub status: RunStatus,
    /// When it started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// Events in its history.
    pub history_length: i64,
}

/// What we show of a run.
pub(crate) fn row(found: &WorkflowExecutionDescription) -> Result<WorkflowRow, GatewayError> {
    Ok(WorkflowRow {
        workflow_id: found.id().to_owned(),
        run_id: found.run_id().to_owned(),
        workflow_type: found.workflow_type().to_owned(),
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
