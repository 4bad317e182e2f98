//! Decisions of people, carried to the workflow of their invoice.

use std::time::Duration;

use temporalio_client::WorkflowStartUpdateOptions;
use temporalio_client::errors::WorkflowUpdateError;
use temporalio_client::tonic::Code;
use tokio::time::timeout;

use crate::models::decision::{Action, Refusal};
use crate::temporal::gateway::{Gateway, GatewayError, START, Start};
use crate::temporal::grpc::{bounded, within};
use crate::temporal::trace_header;
use crate::workflows::InvoiceWorkflow;
use crate::workflows::contract::{DecideAnswer, DecideInput};

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecisionOutcome {
    /// The workflow's answer.
    Answered(DecideAnswer),
    /// Its validator said no; nothing was recorded.
    Refused(Refusal),
    /// It was accepted, which is durable, and is not finished yet.
    Accepted,
}

impl Gateway {
    /// Asks the workflow of the invoice to take a decision, and waits for the answer at most
    /// `wait`. The decision's id is the update's: sent twice, it is taken once.
    ///
    /// # Errors
    /// `NotFound` when the workflow has ended or never began; `NotProgressing` when its worker
    /// cannot go on with it; `Timeout` when nothing is known.
    pub async fn decide(
        &self,
        input: DecideInput,
        wait: Duration,
    ) -> Result<DecisionOutcome, GatewayError> {
        let accepted = bounded(START, async {
            let client = self.0.pool.client().await?;
            let handle =
                client.get_workflow_handle::<InvoiceWorkflow>(input.invoice_id.workflow_id());
            let options = WorkflowStartUpdateOptions::builder()
                .update_id(input.decision_id.to_string())
                .maybe_header(trace_header::header())
                .rpc_options(within(START))
                .build();
            match handle.start_update(InvoiceWorkflow::decide, input, options).await {
                Ok(update) => Ok(Ok(update)),
                Err(error) => self.refused(error).map(Err),
            }
        });
        let update = match accepted.await? {
            Ok(update) => update,
            Err(refusal) => return Ok(DecisionOutcome::Refused(refusal)),
        };
        match timeout(wait, update.get_result(within(wait))).await {
            Ok(Ok(answer)) => Ok(DecisionOutcome::Answered(answer)),
            Ok(Err(WorkflowUpdateError::Failed(failure))) => match refusal(&failure.message) {
                Some(refusal) => Ok(DecisionOutcome::Refused(refusal)),
                None => Err(GatewayError::Other(failure.message.clone())),
            },
            // It was accepted, whatever became of this connection since.
            Ok(Err(_)) | Err(_) => Ok(DecisionOutcome::Accepted),
        }
    }

    /// The same, whatever became of the workflow: one that was not started yet, or has ended while
    /// its invoice goes on, is started first.
    ///
    /// # Errors
    /// Those of [`decide`](Self::decide).
    pub async fn carry_decision(
        &self,
        input: DecideInput,
        wait: Duration,
    ) -> Result<DecisionOutcome, GatewayError> {
        match self.decide(input.clone(), wait).await {
            Err(GatewayError::NotFound) => {}
            answered => return answered,
        }
        if self.start_invoice(&input.invoice_id).await? == Start::Known {
            self.resume_invoice(&input.invoice_id).await?;
        }
        let retries = input.asked.action == Action::Retry;
        match self.decide(input, wait).await? {
            // The new run went on before it heard of the decision: that is what a retry asks for.
            DecisionOutcome::Refused(Refusal::NotNow { .. })
            | DecisionOutcome::Answered(DecideAnswer::Refused {
                refusal: Refusal::NotNow { .. },
            }) if retries => Ok(DecisionOutcome::Accepted),
            outcome => Ok(outcome),
        }
    }

    /// The validator's refusal, or what kept the update from being accepted.
    fn refused(&self, error: WorkflowUpdateError) -> Result<Refusal, GatewayError> {
        match error {
            WorkflowUpdateError::Failed(failure) => {
                refusal(&failure.message).ok_or(GatewayError::Other(failure.message))
            }
            WorkflowUpdateError::Rpc(status) if status.code() == Code::FailedPrecondition => {
                Err(GatewayError::NotProgressing)
            }
            WorkflowUpdateError::NotFound(status) | WorkflowUpdateError::Rpc(status) => {
                Err(self.meaning(&status))
            }
            other => Err(GatewayError::Other(other.to_string())),
        }
    }
}

/// The validator speaks JSON; anything else is a failure of another kind.
fn refusal(message: &str) -> Option<Refusal> {
    serde_json::from_str(message).ok()
}
