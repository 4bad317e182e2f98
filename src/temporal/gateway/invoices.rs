//! Workflows of invoices: started once, woken, and taken up again.

use std::time::Duration;

use temporalio_client::errors::{WorkflowQueryError, WorkflowStartError};
use temporalio_client::{
    WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowQueryOptions, WorkflowSignalOptions,
    WorkflowStartOptions,
};
use temporalio_common::data_converters::RawValue;
use uuid::Uuid;

use crate::models::refs::InvoiceId;
use crate::models::situation::Situation;
use crate::temporal::gateway::{Gateway, GatewayError, START, Start};
use crate::temporal::grpc::{bounded, within};
use crate::temporal::trace_header;
use crate::workflows::InvoiceWorkflow;
use crate::workflows::contract::{INVOICE_LIFE, InvoiceInput};

/// Budget of the call, the making of a connection included (HTTP handbook §4.3).
const START_INVOICE: Duration = Duration::from_secs(2);

impl Gateway {
    /// Starts the workflow of an invoice: at most one for each invoice, for ever. Takes at most
    /// 2 seconds (HTTP handbook §4.3).
    ///
    /// # Errors
    /// Whatever keeps Temporal from answering; the row in the ledger stays the promise.
    pub async fn start_invoice(&self, id: &InvoiceId) -> Result<Start, GatewayError> {
        let (conflict, reuse) =
            (WorkflowIdConflictPolicy::Fail, WorkflowIdReusePolicy::RejectDuplicate);
        self.run_invoice(InvoiceInput::new(id.clone()), conflict, reuse).await
    }

    /// Begins with an invoice once more, whose workflow has ended: a step that was done changes
    /// nothing. One that still runs is left alone.
    ///
    /// # Errors
    /// Whatever keeps Temporal from answering.
    pub async fn begin_invoice_again(&self, id: &InvoiceId) -> Result<Start, GatewayError> {
        let (conflict, reuse) =
            (WorkflowIdConflictPolicy::Fail, WorkflowIdReusePolicy::AllowDuplicate);
        self.run_invoice(InvoiceInput::new(id.clone()), conflict, reuse).await
    }

    /// Takes up an invoice whose workflow has ended: it goes on with what the ledger says. One that
    /// still runs is left alone.
    ///
    /// # Errors
    /// Whatever keeps Temporal from answering.
    pub async fn resume_invoice(&self, id: &InvoiceId) -> Result<Start, GatewayError> {
        let (conflict, reuse) =
            (WorkflowIdConflictPolicy::Fail, WorkflowIdReusePolicy::AllowDuplicate);
        self.run_invoice(InvoiceInput::again(id.clone()), conflict, reuse).await
    }

    async fn run_invoice(
        &self,
        input: InvoiceInput,
        conflict: WorkflowIdConflictPolicy,
        reuse: WorkflowIdReusePolicy,
    ) -> Result<Start, GatewayError> {
        bounded(START_INVOICE, async {
            let id = input.invoice_id.workflow_id();
            let options = WorkflowStartOptions::new(&self.0.task_queue, id)
                .maybe_header(trace_header::header())
                .id_conflict_policy(conflict)
                .id_reuse_policy(reuse)
                .execution_timeout(INVOICE_LIFE)
                .rpc_options(within(START_INVOICE))
                .build();
            let client = self.0.pool.client().await?;
            match client.start_workflow(InvoiceWorkflow::run, input, options).await {
                Ok(_) => Ok(Start::Started),
                Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(Start::Known),
                Err(error) => Err(self.start_failed(&error)),
            }
        })
        .await
    }

    /// Where the workflow of the invoice believes it to be; none until its first step is over.
    ///
    /// # Errors
    /// `NotFound` when there is no such run; `Timeout` when no worker answers.
    pub async fn invoice_situation(
        &self,
        id: &InvoiceId,
    ) -> Result<Option<Situation>, GatewayError> {
        bounded(START, async {
            let client = self.0.pool.client().await?;
            let handle = client.get_workflow_handle::<InvoiceWorkflow>(id.workflow_id());
            let options = WorkflowQueryOptions::builder().rpc_options(within(START)).build();
            match handle.query(InvoiceWorkflow::situation, (), options).await {
                Ok(situation) => Ok(situation),
                Err(WorkflowQueryError::NotFound(status) | WorkflowQueryError::Rpc(status)) => {
                    Err(self.meaning(&status))
                }
                Err(other) => Err(GatewayError::Other(other.to_string())),
            }
        })
        .await
    }

    /// Tells a resting invoice to look again: an order or receipt came, or a person asked.
    ///
    /// # Errors
    /// `NotFound` when its workflow has ended, or never began.
    pub async fn wake_invoice(&self, id: &InvoiceId) -> Result<(), GatewayError> {
        bounded(START, async {
            let client = self.0.pool.client().await?;
            let handle = client.get_workflow_handle::<InvoiceWorkflow>(id.workflow_id());
            // One id for all tries of this call: the signal arrives once.
            let options = WorkflowSignalOptions::builder()
                .request_id(Uuid::now_v7().to_string())
                .rpc_options(within(START))
                .build();
            let signalled = handle.signal(InvoiceWorkflow::look_again, RawValue::empty(), options);
            signalled.await.map_err(|error| self.call_failed(&error))
        })
        .await
    }
}
