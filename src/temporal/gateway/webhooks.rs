//! Messages to receivers.

use std::time::Duration;

use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowStartOptions};

use crate::models::refs::DeliveryId;
use crate::temporal::gateway::{Gateway, GatewayError, Start};
use crate::temporal::grpc::{bounded, within};
use crate::temporal::trace_header;
use crate::workflows::WebhookDeliveryWorkflow;
use crate::workflows::webhook::contract::{DELIVERY_LIFE, DeliveryInput};

/// Budget of a start, the making of a connection included: as for an invoice.
const START_DELIVERY: Duration = Duration::from_secs(2);

impl Gateway {
    /// Starts the workflow of a delivery, unless it runs or was done. One that was ended from
    /// outside is started anew.
    ///
    /// # Errors
    /// Whatever keeps Temporal from answering; the row in the ledger stays the promise.
    pub async fn start_delivery(
        &self,
        id: &DeliveryId,
        round: i64,
        gaps_seconds: &[u64],
    ) -> Result<Start, GatewayError> {
        bounded(START_DELIVERY, async {
            let options = WorkflowStartOptions::new(&self.0.task_queue, id.workflow_id(round))
                .maybe_header(trace_header::header())
                .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
                .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicateFailedOnly)
                .execution_timeout(DELIVERY_LIFE)
                .rpc_options(within(START_DELIVERY))
                .build();
            let gaps_seconds = gaps_seconds.to_vec();
            let input = DeliveryInput { delivery: id.clone(), round, gaps_seconds };
            let client = self.0.pool.client().await?;
            match client.start_workflow(WebhookDeliveryWorkflow::run, input, options).await {
                Ok(_) => Ok(Start::Started),
                Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(Start::Known),
                Err(error) => Err(self.start_failed(&error)),
            }
        })
        .await
    }
}
