//! From document to approval: the business rule of an invoice, and how it waits.
//!
//! A straight-through invoice costs three Temporal actions: the start, `ap.extract_and_validate`
//! and `ap.reconcile`. Each look at an invoice that was held costs two: the signal and
//! `ap.reconcile`. A step of more than three seconds costs one more for each beat.
#![expect(missing_docs, reason = "the macro of the methods writes items of its own")]

use std::iter::successors;

use temporalio_workflow::common::data_converters::RawValue;
use temporalio_workflow::common::error::IncomingError;
use temporalio_workflow::{
    ActivityExecutionError, ContinueAsNewOptions, SyncWorkflowContext, WorkflowCancellationToken,
    WorkflowContext, WorkflowContextView, WorkflowResult, WorkflowTermination, workflow,
    workflow_methods,
};

use crate::models::attention::{Attention, AttentionCode};
use crate::models::status::InvoiceStatus;
use crate::workflows::contract::{
    ApPort, AttentionInput, COMPARE, InvoiceEnd, InvoiceInput, READ, RECORD, STORE_AWAY, Stage,
    StepInput, Verdict,
};

/// The name that Temporal knows it by; it outlives every rename of the type.
pub const NAME: &str = "InvoiceWorkflow";

/// One invoice, from its document to its end. It never fails for a reason in the invoice: what
/// cannot be passed is handed to a person, and waits.
#[workflow]
pub struct InvoiceWorkflow {
    carried: InvoiceInput,
}

#[workflow_methods]
impl InvoiceWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, carried: InvoiceInput) -> Self {
        Self { carried }
    }

    /// Carries the invoice to its end; withdraws it when that is asked for.
    #[run(name = "InvoiceWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<InvoiceEnd> {
        let end = Self::carry(ctx).await;
        if ctx.cancellation_token().is_cancelled() {
            return Self::withdraw(ctx).await;
        }
        end
    }

    /// Something changed that the invoice may have waited for, or a person asks for another look.
    /// Many of them before the next look are one look. It takes any payload and reads none: one
    /// that cannot be decoded would stop the workflow for ever.
    #[signal(name = "look_again")]
    pub fn look_again(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _anything: RawValue) {
        self.carried.look_again = true;
    }

    async fn carry(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<InvoiceEnd> {
        loop {
            match Self::step(ctx).await? {
                Verdict::Validated => ctx.state_mut(|s| s.carried.stage = Stage::Orders),
                Verdict::Approved => return Ok(end(InvoiceStatus::Approved)),
                Verdict::Settled { status } => return Ok(end(status)),
                Verdict::Held | Verdict::Approval | Verdict::NeedsAttention { .. } => {
                    Self::wait_to_look_again(ctx).await?;
                }
            }
        }
    }

    /// One step. When its retries are over, a person gets the invoice, with the cause.
    async fn step(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Verdict> {
        // The step sees everything that was said up to here; what is said from now on may come
        // too late for it, and asks for another look.
        let carried = ctx.state_mut(|s| {
            s.carried.look_again = false;
            s.carried.clone()
        });
        let invoice_id = carried.invoice_id;
        let input = StepInput { invoice_id: invoice_id.clone() };
        let done = match carried.stage {
            Stage::Document => {
                ctx.execute_activity(ApPort::extract_and_validate, input, READ.options()).await
            }
            Stage::Orders => {
                ctx.execute_activity(ApPort::reconcile, input, COMPARE.options()).await
            }
        };
        let error = match done {
            Ok(verdict) => return Ok(verdict),
            Err(error) if error.as_cancelled().is_some() => return Err(error.into()),
            Err(error) => error,
        };
        let why = AttentionInput { invoice_id, attention: attention(&error) };
        Ok(ctx.execute_activity(ApPort::record_attention, why, RECORD.options()).await?)
    }

    /// Rests until something changed. A long history is left behind first; a signal that came
    /// meanwhile goes along.
    async fn wait_to_look_again(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        if ctx.continue_as_new_suggested() && !ctx.cancellation_token().is_cancelled() {
            let carried = ctx.state(|s| s.carried.clone());
            ctx.continue_as_new(carried, ContinueAsNewOptions::default())?;
        }
        Ok(ctx.wait_condition(|s| s.carried.look_again).await?)
    }

    /// Writes the withdrawal down, whatever was cancelled with the workflow, then ends.
    async fn withdraw(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<InvoiceEnd> {
        let invoice_id = ctx.state(|s| s.carried.invoice_id.clone());
        let mut detached = RECORD.options();
        detached.cancellation_token = Some(WorkflowCancellationToken::new());
        ctx.execute_activity(ApPort::close, StepInput { invoice_id }, detached).await?;
        Err(WorkflowTermination::cancelled())
    }
}

fn end(status: InvoiceStatus) -> InvoiceEnd {
    InvoiceEnd { status }
}

/// What a person is told when a step could not be done. The outer failures only say that an
/// activity failed: the reason is the innermost.
fn attention(error: &ActivityExecutionError) -> Attention {
    let causes = successors(error.cause(), |cause| cause.cause());
    let store_away = causes.clone().any(|cause| match cause {
        IncomingError::Application(failure) => failure.type_name() == Some(STORE_AWAY),
        _ => false,
    });
    let text = match causes.last() {
        Some(innermost) => innermost.failure().message.clone(),
        None => error.to_string(),
    };
    if store_away {
        return Attention {
            code: AttentionCode::RetriesExhausted,
            text: format!("gave up after ten minutes: {text}; retry when it is back"),
            retryable: true,
        };
    }
    Attention {
        code: AttentionCode::InternalError,
        text: format!("the gateway failed at this invoice: {text}; tell whoever runs it"),
        retryable: true,
    }
}
