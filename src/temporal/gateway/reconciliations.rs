//! Reconciliations of what callers bring.

use std::time::Duration;

use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{
    WorkflowDescribeOptions, WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowStartOptions,
};
use temporalio_common::MemoValues;
use tokio::time::timeout;

use crate::models::refs::{ReconciliationId, Sha256};
use crate::temporal::gateway::{Gateway, GatewayError, READ, START, Start};
use crate::temporal::grpc::{bounded, waited, within};
use crate::temporal::runs::{RunStatus, WorkflowRow, row};
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
    /// The case that it compares, by its address.
    pub case: Option<Sha256>,
    /// Where the result is kept; `None` while there is none.
    pub result: Option<Sha256>,
}

impl Gateway {
    /// Starts the reconciliation of a kept case, once for each id.
    ///
    /// # Errors
    /// Whatever keeps Temporal from starting it.
    pub async fn start_reconciliation(
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
        let options = WorkflowDescribeOptions::builder().rpc_options(within(READ)).build();
        let found = bounded(READ, async {
            handle.describe(options).await.map_err(|error| self.call_failed(&error))
        });
        let found = found.await?;
        let fingerprint: Option<String> = found.memo().get(FINGERPRINT).unwrap_or_default();
        let row = row(&found)?;
        if done.is_none() && row.status == RunStatus::Completed {
            let result = timeout(READ, handle.get_result(Default::default())).await;
            done = result.map_err(|_| GatewayError::Timeout)?.ok();
        }
        Ok(ReconciliationRun {
            row,
            case: fingerprint.and_then(|text| Sha256::parse(&text).ok()),
            result: done.map(|done| done.result),
        })
    }
}
