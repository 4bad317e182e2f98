//! Decisions of people, carried to the workflow of their invoice: sent first, then waited for.

use std::time::Duration;

use temporalio_client::grpc::WorkflowService;
use temporalio_client::tonic::Status;
use temporalio_client::{Client, NamespacedClient};
use temporalio_common::UpdateDefinition;
use temporalio_common::data_converters::{SerializationContextData, WorkflowSerializationContext};
use temporalio_common::protos::temporal::api::common::v1::{Payloads, WorkflowExecution};
use temporalio_common::protos::temporal::api::enums::v1::UpdateWorkflowExecutionLifecycleStage;
use temporalio_common::protos::temporal::api::update::v1::outcome::Value;
use temporalio_common::protos::temporal::api::update::v1::{
    Input, Meta, Outcome, Request, UpdateRef, WaitPolicy,
};
use temporalio_common::protos::temporal::api::workflowservice::v1::{
    PollWorkflowExecutionUpdateRequest, UpdateWorkflowExecutionRequest,
};

use crate::models::decision::{Action, Refusal};
use crate::temporal::gateway::{Gateway, GatewayError, Start};
use crate::temporal::grpc::{bounded, request_within, waited};
use crate::temporal::trace_header;
use crate::workflows::InvoiceWorkflow;
use crate::workflows::contract::{DecideAnswer, DecideInput};

type Stage = UpdateWorkflowExecutionLifecycleStage;

/// Budget of sending a decision, the making of a connection and of a run included (HTTP handbook
/// §4.3).
const UPDATE: Duration = Duration::from_secs(8);

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

/// How far a decision has come that was sent.
pub enum Sent {
    /// To its end: there is nothing to wait for.
    Ended(DecisionOutcome),
    /// It was accepted, which is durable; its answer comes.
    Accepted(AcceptedDecision),
}

/// A decision that was accepted, and where its answer can be had.
pub struct AcceptedDecision {
    client: Client,
    update: UpdateRef,
    anew: Anew,
}

/// Whether a decision was sent to a run that was started for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Anew {
    No,
    /// A retry, and the new run may go on before it hears of it: that is what a retry asks for.
    Retried,
}

impl Anew {
    /// What an end means that came from such a run.
    fn meaning(self, outcome: DecisionOutcome) -> DecisionOutcome {
        match outcome {
            DecisionOutcome::Refused(Refusal::NotNow { .. })
            | DecisionOutcome::Answered(DecideAnswer::Refused {
                refusal: Refusal::NotNow { .. },
            }) if self == Self::Retried => DecisionOutcome::Accepted,
            outcome => outcome,
        }
    }
}

impl Gateway {
    /// Sends a decision to the workflow of its invoice, whatever became of that: one that was not
    /// started yet, or has ended while its invoice goes on, is started first. The decision's id is
    /// the update's: sent twice, it is taken once. Takes at most 8 seconds.
    ///
    /// # Errors
    /// `NotProgressing` when the worker of the run cannot go on with it; `Timeout` when nothing is
    /// known.
    pub async fn send_decision(&self, input: &DecideInput) -> Result<Sent, GatewayError> {
        bounded(UPDATE, async {
            match self.update(input, Anew::No).await {
                Err(GatewayError::NotFound) => {}
                sent => return sent,
            }
            if self.start_invoice(&input.invoice_id).await? == Start::Known {
                self.resume_invoice(&input.invoice_id).await?;
            }
            let retries = input.asked.action == Action::Retry;
            self.update(input, if retries { Anew::Retried } else { Anew::No }).await
        })
        .await
    }

    /// Sends a decision as [`send_decision`](Self::send_decision) does, and waits for its answer at
    /// most `wait`.
    ///
    /// # Errors
    /// Those of [`send_decision`](Self::send_decision), and an end of the update that is no answer.
    pub async fn carry_decision(
        &self,
        input: DecideInput,
        wait: Duration,
    ) -> Result<DecisionOutcome, GatewayError> {
        match self.send_decision(&input).await? {
            Sent::Ended(outcome) => Ok(outcome),
            Sent::Accepted(decision) => decision.outcome(wait).await,
        }
    }

    /// The update itself. The SDK's own call keeps to itself whether an end came with the answer:
    /// whoever does not wait would take the validator's refusal for an acceptance.
    async fn update(&self, input: &DecideInput, anew: Anew) -> Result<Sent, GatewayError> {
        let mut client = self.0.pool.client().await?;
        let update = reference(input);
        let request = update_request(&client, &update, input).await?;
        loop {
            let answer =
                client.update_workflow_execution(request_within(request.clone(), UPDATE)).await;
            let answer = answer.map_err(|status| self.meaning(&status))?.into_inner();
            // The server's patience may end before ours: it says so, and is asked again.
            if answer.stage < i32::from(Stage::Accepted) {
                continue;
            }
            let Some(outcome) = answer.outcome else {
                // With the run: a later one does not know it.
                let update = answer.update_ref.unwrap_or(update);
                return Ok(Sent::Accepted(AcceptedDecision { client, update, anew }));
            };
            let outcome = read(&client, outcome).await?;
            return Ok(Sent::Ended(anew.meaning(outcome)));
        }
    }
}

impl AcceptedDecision {
    /// Waits for the answer, at most `wait`: a long poll. It was accepted, whatever becomes of the
    /// connection meanwhile.
    ///
    /// # Errors
    /// An end of the update that is no answer.
    pub async fn outcome(&self, wait: Duration) -> Result<DecisionOutcome, GatewayError> {
        match waited(wait, self.end(wait)).await {
            Some(Ok(outcome)) => Ok(self.anew.meaning(read(&self.client, outcome).await?)),
            Some(Err(_)) | None => Ok(DecisionOutcome::Accepted),
        }
    }

    async fn end(&self, wait: Duration) -> Result<Outcome, Status> {
        let mut client = self.client.clone();
        loop {
            let request = PollWorkflowExecutionUpdateRequest {
                namespace: client.namespace(),
                update_ref: Some(self.update.clone()),
                identity: client.identity(),
                wait_policy: Some(until(Stage::Completed)),
            };
            let answer = client.poll_workflow_execution_update(request_within(request, wait)).await;
            if let Some(outcome) = answer?.into_inner().outcome {
                return Ok(outcome);
            }
        }
    }
}

/// The update of a decision in the current run of its invoice.
fn reference(input: &DecideInput) -> UpdateRef {
    UpdateRef {
        workflow_execution: Some(WorkflowExecution {
            workflow_id: input.invoice_id.workflow_id(),
            run_id: String::new(),
        }),
        update_id: input.decision_id.to_string(),
    }
}

async fn update_request(
    client: &Client,
    update: &UpdateRef,
    input: &DecideInput,
) -> Result<UpdateWorkflowExecutionRequest, GatewayError> {
    let payloads = client.data_converter().to_payloads(&context(), input).await;
    let payloads = payloads.map_err(|error| GatewayError::Other(error.to_string()))?;
    let request = Request {
        meta: Some(Meta { update_id: update.update_id.clone(), identity: client.identity() }),
        input: Some(Input {
            header: trace_header::header(),
            name: InvoiceWorkflow::decide.name().to_owned(),
            args: Some(Payloads { payloads }),
        }),
        ..Request::default()
    };
    Ok(UpdateWorkflowExecutionRequest {
        namespace: client.namespace(),
        workflow_execution: update.workflow_execution.clone(),
        wait_policy: Some(until(Stage::Accepted)),
        request: Some(request),
        ..UpdateWorkflowExecutionRequest::default()
    })
}

fn until(stage: Stage) -> WaitPolicy {
    WaitPolicy { lifecycle_stage: stage.into() }
}

fn context() -> SerializationContextData {
    SerializationContextData::Workflow(WorkflowSerializationContext::new())
}

/// What the end of an update says. The validator speaks JSON; anything else is a failure of another
/// kind.
async fn read(client: &Client, outcome: Outcome) -> Result<DecisionOutcome, GatewayError> {
    match outcome.value {
        Some(Value::Success(success)) => {
            let answer = client.data_converter().from_payloads(&context(), success.payloads).await;
            // It was taken up: what cannot be read is seen in the ledger.
            Ok(answer.map_or(DecisionOutcome::Accepted, DecisionOutcome::Answered))
        }
        Some(Value::Failure(failure)) => match serde_json::from_str(&failure.message) {
            Ok(refusal) => Ok(DecisionOutcome::Refused(refusal)),
            Err(_) => Err(GatewayError::Other(failure.message)),
        },
        None => Ok(DecisionOutcome::Accepted),
    }
}
