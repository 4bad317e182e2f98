//! Batches whose items are taken up by a workflow.

use std::time::Duration;

use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowStartOptions};

use crate::models::refs::BatchId;
use crate::temporal::gateway::{Gateway, GatewayError, Start};
use crate::temporal::grpc::{bounded, within};
use crate::temporal::trace_header;
use crate::workflows::BatchWorkflow;
use crate::workflows::batch::contract::{BATCH_LIFE, BatchInput};

/// Budget of a start, the making of a connection included: as for an invoice.
const START_BATCH: Duration = Duration::from_secs(2);

impl Gateway {
    /// Starts the workflow of a batch, unless it runs or was done. One that was ended from
    /// outside is started anew: the ledger knows how far it came.
    ///
    /// # Errors
    /// Whatever keeps Temporal from answering; the row in the ledger stays the promise.
    pub async fn start_batch(&self, id: &BatchId) -> Result<Start, GatewayError> {
        bounded(START_BATCH, async {
            let options = WorkflowStartOptions::new(&self.0.task_queue, id.workflow_id())
                .maybe_header(trace_header::header())
                .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
                .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicateFailedOnly)
                .execution_timeout(BATCH_LIFE)
                .rpc_options(within(START_BATCH))
                .build();
            let input = BatchInput::new(id.clone());
            let client = self.0.pool.client().await?;
            match client.start_workflow(BatchWorkflow::run, input, options).await {
                Ok(_) => Ok(Start::Started),
                Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(Start::Known),
                Err(error) => Err(self.start_failed(&error)),
            }
        })
        .await
    }
}
