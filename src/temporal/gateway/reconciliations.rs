//! Reconciliations of what callers bring.

use std::time::Duration;

use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{
    Client, WorkflowDescribeOptions, WorkflowExecutionDescription, WorkflowIdConflictPolicy,
    WorkflowIdReusePolicy, WorkflowStartOptions,
};
use temporalio_common::MemoValues;
use tokio::time::timeout;

use crate::models::refs::{ReconciliationId, Sha256};
use crate::temporal::gateway::{Gateway, GatewayError, READ, START, Start};
use crate::temporal::grpc::{bounded, waited, within};
use crate::temporal::run_end::{RunEnd, RunFailure};
use crate::temporal::runs::{RunStatus, WorkflowRow, row};
use crate::temporal::starting::once;
use crate::temporal::trace_header;
use crate::workflows::ReconciliationWorkflow;
use crate::workflows::contract::{CaseInput, RECONCILIATION_LIFE, Reconciled};

/// The memo that tells whose content a run was started with.
const FINGERPRINT: &str = "fingerprint";

/// A reconciliation of what its caller brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconciliationRun {
    /// How its workflow stands.
    pub row: WorkflowRow,
    /// Where the result is kept; `None` while there is none.
    pub result: Option<Sha256>,
    /// Why there will be none: it failed, or was ended.
    pub failure: Option<RunFailure>,
}

impl Gateway {
    /// Starts the reconciliation of a kept case, once for each id. Answers which case the run under
    /// this id compares: one that was started before may have another.
    ///
    /// # Errors
    /// Whatever keeps Temporal from starting it; `Taken` when a run without our memo has the id.
    pub async fn start_reconciliation(
        &self,
        id: &ReconciliationId,
        case: &Sha256,
    ) -> Result<(Start, Sha256), GatewayError> {
        let started = once(|| self.start_case(id, case), self.known_case(id)).await;
        let (start, known) = started?;
        Ok((start, known.unwrap_or_else(|| case.clone())))
    }

    async fn start_case(
        &self,
        id: &ReconciliationId,
        case: &Sha256,
    ) -> Result<Start, GatewayError> {
        bounded(START, async {
            let mut memo = MemoValues::new();
            memo.insert(FINGERPRINT, case.to_string());
            let options = WorkflowStartOptions::new(&self.0.task_queue, id.workflow_id())
                .maybe_header(trace_header::header())
                .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
                .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
                .execution_timeout(RECONCILIATION_LIFE)
                .memo(memo)
                .rpc_options(within(START))
                .build();
            let input = CaseInput { case: case.clone() };
            let client = self.0.pool.client().await?;
            match client.start_workflow(ReconciliationWorkflow::run, input, options).await {
                Ok(_) => Ok(Start::Started),
                Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(Start::Known),
                Err(error) => Err(self.start_failed(&error)),
            }
        })
        .await
    }

    /// The case that the run under this id was started with.
    async fn known_case(&self, id: &ReconciliationId) -> Result<Sha256, GatewayError> {
        let found = bounded(READ, async {
            let client = self.0.pool.client().await?;
            self.describe_reconciliation(&client, id).await
        });
        case_of(&found.await?).ok_or(GatewayError::Taken)
    }

    async fn describe_reconciliation(
        &self,
        client: &Client,
        id: &ReconciliationId,
    ) -> Result<WorkflowExecutionDescription, GatewayError> {
        let handle = client.get_workflow_handle::<ReconciliationWorkflow>(id.workflow_id());
        let options = WorkflowDescribeOptions::builder().rpc_options(within(READ)).build();
        handle.describe(options).await.map_err(|error| self.call_failed(&error))
    }

    /// A reconciliation as it stands, after waiting for its result at most `wait`.
    ///
    /// # Errors
    /// `NotFound` for an unknown id.
    pub async fn reconciliation(
        &self,
        id: &ReconciliationId,
        wait: Duration,
    ) -> Result<ReconciliationRun, GatewayError> {
        let client = bounded(START, async { Ok(self.0.pool.client().await?) }).await?;
        let handle = client.get_workflow_handle::<ReconciliationWorkflow>(id.workflow_id());
        // A run that failed has no result; its description says so.
        let result = waited(wait, handle.get_result(Default::default())).await;
        let mut done: Option<Reconciled> = result.and_then(Result::ok);
        let found = bounded(READ, self.describe_reconciliation(&client, id)).await?;
        // A run that somebody else started under this id is no reconciliation.
        case_of(&found).ok_or(GatewayError::NotFound)?;
        let row = row(&found)?;
        let mut failure = None;
        match row.status {
            RunStatus::Completed if done.is_none() => {
                let result = timeout(READ, handle.get_result(Default::default())).await;
                done = result.map_err(|_| GatewayError::Timeout)?.ok();
            }
            RunStatus::Running | RunStatus::Completed => {}
            _ => failure = self.failure_of(row.clone()).await?,
        }
        Ok(ReconciliationRun { row, result: done.map(|done| done.result), failure })
    }

    async fn failure_of(&self, row: WorkflowRow) -> Result<Option<RunFailure>, GatewayError> {
        match self.result_of(row).await?.end {
            Some(RunEnd::Failed(failure)) => Ok(Some(failure)),
            Some(RunEnd::Completed(_)) | None => Ok(None),
        }
    }
}

/// What its memo says; nothing when it was started by somebody else.
fn case_of(found: &WorkflowExecutionDescription) -> Option<Sha256> {
    let fingerprint: Option<String> = found.memo().get(FINGERPRINT).unwrap_or_default();
    Sha256::parse(&fingerprint?).ok()
}
