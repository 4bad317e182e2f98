//! Pings: a workflow that answers at once, where gateway, Temporal and worker work together.

use std::time::{Duration, Instant};

use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{
    Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowStartOptions,
};

use crate::temporal::gateway::{Gateway, GatewayError, Run, RunResult, START, Start};
use crate::temporal::grpc::{bounded, waited, within};
use crate::temporal::run_end::{RunEnd, RunFailure};
use crate::temporal::runs::{RunStatus, WorkflowRow};
use crate::temporal::starting::unless_made;
use crate::temporal::trace_header;
use crate::workflows::PingWorkflow;
use crate::workflows::contract::PING_LIFE;
use crate::workflows::ping::NAME;

/// A ping that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    /// Workflow id.
    pub workflow_id: String,
    /// Run id.
    pub run_id: String,
    /// Whether an earlier call had started it.
    pub known: bool,
    /// How its run stands; `Running` when it began now and no answer came in time.
    pub status: RunStatus,
    /// The workflow's answer, `ok`; `None` while there is none.
    pub result: Option<String>,
    /// Why there will be none.
    pub failure: Option<RunFailure>,
    /// From the start call to the answer, or to the end of the wait.
    pub took: Duration,
}

impl Ping {
    fn begun(workflow_id: &str, run_id: String, known: bool) -> Self {
        Self {
            workflow_id: workflow_id.to_owned(),
            run_id,
            known,
            status: RunStatus::Running,
            result: None,
            failure: None,
            took: Duration::ZERO,
        }
    }

    fn answered(&mut self, answer: String) {
        self.status = RunStatus::Completed;
        self.result = Some(answer);
    }

    fn stands(&mut self, found: RunResult) {
        self.run_id = found.row.run_id;
        self.status = found.row.status;
        match found.end {
            Some(RunEnd::Completed(answer)) => {
                self.result = answer.and_then(|answer| Some(answer.as_str()?.to_owned()));
            }
            Some(RunEnd::Failed(failure)) => self.failure = Some(failure),
            None => {}
        }
    }
}

impl Gateway {
    /// Starts a ping under `id` and waits for its answer, at most `wait`. An id that is known
    /// already gives the state of its run, whatever became of it.
    ///
    /// # Errors
    /// Whatever keeps Temporal from starting it; `Taken` when the id is another workflow's. No
    /// answer in time is no error.
    pub async fn ping(&self, id: &str, wait: Duration) -> Result<Ping, GatewayError> {
        // Calls are large: on the heap they are moved as pointers.
        match Box::pin(self.pinged(id, wait)).await {
            // Known to the start and then not found: it was forgotten in between.
            Err(GatewayError::NotFound) => {
                let pinged = Box::pin(self.pinged(id, wait)).await;
                pinged.map_err(GatewayError::after_a_write)
            }
            pinged => pinged,
        }
    }

    async fn pinged(&self, id: &str, wait: Duration) -> Result<Ping, GatewayError> {
        let begun = Instant::now();
        let (client, mut ping) = match bounded(START, self.start_ping(id)).await {
            Ok(started) => started,
            Err(failed) => unless_made(failed, self.made_ping(id)).await?,
        };
        let handle = client.get_workflow_handle::<PingWorkflow>(id);
        // The SDK's own time-out for this call spins instead of ending it.
        let answer = waited(wait, handle.get_result(Default::default())).await;
        let answer = answer.map(|answer| {
            answer.map_err(|error| tracing::warn!(workflow.id = id, %error, "a ping has no answer"))
        });
        match answer {
            Some(Ok(answer)) => ping.answered(answer),
            None if !ping.known => {}
            // An earlier one may be over; this one was ended from outside, or the connection broke
            // while we waited: its run says what became of it.
            _ => match self.ping_result(id).await {
                Ok(found) => ping.stands(found),
                Err(error) if ping.known => return Err(error),
                // It was started all the same.
                Err(_) => {}
            },
        }
        ping.took = begun.elapsed();
        Ok(ping)
    }

    async fn start_ping(&self, id: &str) -> Result<(Client, Ping), GatewayError> {
        let options = WorkflowStartOptions::new(&self.0.task_queue, id)
            .maybe_header(trace_header::header())
            .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
            .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
            .execution_timeout(PING_LIFE)
            .rpc_options(within(START))
            .build();
        let client = self.0.pool.client().await?;
        let started = client.start_workflow(PingWorkflow::run, (), options).await;
        let (run_id, start) = match started {
            Ok(handle) => (handle.run_id().map(str::to_owned), Start::Started),
            Err(WorkflowStartError::AlreadyStarted { run_id, .. }) => (run_id, Start::Known),
            Err(error) => return Err(self.start_failed(&error)),
        };
        Ok((client, Ping::begun(id, run_id.unwrap_or_default(), start == Start::Known)))
    }

    /// The ping of a start whose answer did not come, when it was made.
    async fn made_ping(&self, id: &str) -> Result<(Client, Ping), GatewayError> {
        let row = self.ping_row(id).await?;
        Ok((self.0.pool.client().await?, Ping::begun(id, row.run_id, false)))
    }

    async fn ping_result(&self, id: &str) -> Result<RunResult, GatewayError> {
        let row = self.ping_row(id).await?;
        self.result_of(row).await
    }

    async fn ping_row(&self, id: &str) -> Result<WorkflowRow, GatewayError> {
        let row = self.described(Run { workflow_id: id, run_id: None }).await?.row;
        if row.workflow_type == NAME { Ok(row) } else { Err(GatewayError::Taken) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ping, RunEnd, RunFailure, RunResult, RunStatus, WorkflowRow};

    fn ended(status: RunStatus, end: Option<RunEnd>) -> RunResult {
        let row = WorkflowRow {
            workflow_id: "ap-ping-1".to_owned(),
            run_id: "r1".to_owned(),
            workflow_type: "PingWorkflow".to_owned(),
            task_queue: "ap-default".to_owned(),
            status,
            started_at: None,
            closed_at: None,
            history_length: 3,
        };
        RunResult { row, end }
    }

    #[test]
    fn a_known_ping_shows_how_its_run_stands() {
        let failure = RunFailure {
            kind: "Terminated".to_owned(),
            message: "the run was ended from outside".to_owned(),
            retryable: true,
        };
        let table = [
            (RunStatus::Running, None, None, None),
            (RunStatus::Completed, Some(RunEnd::Completed(Some("ok".into()))), Some("ok"), None),
            (RunStatus::Completed, Some(RunEnd::Completed(None)), None, None),
            (RunStatus::Terminated, Some(RunEnd::Failed(failure.clone())), None, Some(failure)),
        ];
        for (status, end, result, failure) in table {
            let mut ping = Ping::begun("ap-ping-1", String::new(), true);
            ping.stands(ended(status, end));
            let shown = (ping.status, ping.result.as_deref(), ping.failure);
            assert_eq!(shown, (status, result, failure));
            assert_eq!(ping.run_id, "r1");
        }
    }
}
