//! From document to payment: the business rule of an invoice, and how it waits.
//!
//! A straight-through invoice costs three Temporal actions until it is approved: the start,
//! `ap.extract_and_validate` and `ap.reconcile`; when it is paid, the signal and one more look end
//! it with the fifth. Each look at an invoice that was held costs two. A decision costs two, its
//! update and `ap.decide`, and one more where the invoice is compared again. A step of more than
//! three seconds costs one more for each beat.
#![expect(missing_docs, reason = "the macro of the methods writes items of its own")]

use std::error::Error;

use temporalio_workflow::common::data_converters::RawValue;
use temporalio_workflow::{
    ContinueAsNewOptions, SyncWorkflowContext, WorkflowCancellationToken, WorkflowContext,
    WorkflowContextView, WorkflowResult, WorkflowTermination, workflow, workflow_methods,
};

use crate::models::attention::{Attention, AttentionCode};
use crate::models::decision::judge;
use crate::models::situation::Situation;
use crate::models::status::InvoiceStatus as S;
use crate::workflows::contract::{
    ApPort, AttentionInput, COMPARE, DECIDE, DecideAnswer, DecideInput, InvoiceEnd, InvoiceInput,
    READ, RECORD, Stage, StepInput,
};
use crate::workflows::failure;

/// The name that Temporal knows it by; it outlives every rename of the type.
pub const NAME: &str = "InvoiceWorkflow";

/// One invoice, from its document to its end. It never fails for a reason in the invoice: what
/// cannot be passed is handed to a person, and waits.
#[workflow]
pub struct InvoiceWorkflow {
    pub(crate) carried: InvoiceInput,
    /// Something came that the rest may end for.
    pub(crate) stirred: bool,
    /// A step is under way: the ledger may be ahead of what is known here.
    stepping: bool,
}

#[workflow_methods]
impl InvoiceWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, carried: InvoiceInput) -> Self {
        Self { carried, stirred: false, stepping: false }
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
        self.stirred = true;
    }

    /// Where the invoice stands, as far as the workflow knows; none until its first step is over.
    #[query(name = "situation")]
    pub fn situation(&self, _ctx: &WorkflowContextView) -> Option<Situation> {
        self.carried.situation.clone()
    }

    /// Says no to what the rules forbid, before anything is recorded: with the refusal as JSON.
    /// While a step runs nobody is refused here: what it wrote down shows before its answer comes.
    #[update_validator(decide)]
    fn check_decide(
        &self,
        _ctx: &WorkflowContextView,
        input: &DecideInput,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Some(situation) = self.carried.situation.as_ref().filter(|_| !self.stepping) else {
            return Ok(());
        };
        // Others change the ledger too: only it knows a later revision than this.
        if input.asked.expected_revision > Some(situation.revision) {
            return Ok(());
        }
        match judge(situation, &input.asked) {
            Ok(_) => Ok(()),
            Err(refusal) => Err(serde_json::to_string(&refusal)?.into()),
        }
    }

    /// Takes a decision of a person. The answer comes when the invoice rests again.
    #[update(name = "decide")]
    pub async fn decide(ctx: &mut WorkflowContext<Self>, input: DecideInput) -> DecideAnswer {
        let taken = ctx.execute_activity(ApPort::decide, input, DECIDE.options()).await;
        let (fingerprint, situation) = match taken {
            Ok(DecideAnswer::Taken { fingerprint, situation }) => (fingerprint, situation),
            Ok(answer) => return answer,
            Err(error) => return DecideAnswer::Failed { text: failure::innermost(&error) },
        };
        ctx.state_mut(|s| {
            s.learn(situation.clone());
            s.stirred = true;
        });
        // A cancelled workflow answers with what it knows.
        let _ = ctx.wait_condition(|s| !s.moves()).await;
        let situation = ctx.state(|s| s.carried.situation.clone()).unwrap_or(situation);
        DecideAnswer::Taken { fingerprint, situation }
    }

    async fn carry(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<InvoiceEnd> {
        loop {
            Self::leave_a_long_history(ctx)?;
            let status = ctx.state(Self::status);
            // A paid invoice may be looked at again: its payment may have come back.
            let look_again = ctx.state(|s| s.carried.look_again || s.moves());
            if look_again && !status.is_final() {
                Self::step(ctx).await?;
                ctx.state_mut(|s| s.stepping = false);
                continue;
            }
            if status == S::Paid || status.is_final() {
                let handlers = ctx.clone();
                ctx.wait_condition(|_| handlers.all_handlers_finished()).await?;
                return Ok(InvoiceEnd { status: ctx.state(Self::status) });
            }
            Self::rest(ctx).await?;
        }
    }

    /// One step. When its retries are over, or it leads nowhere, a person gets the invoice.
    async fn step(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        // The step sees everything that was said up to here; what is said from now on may come
        // too late for it, and asks for another look.
        let (stage, invoice_id) = ctx.state_mut(|s| {
            s.carried.look_again = false;
            s.stepping = true;
            (s.stage(), s.carried.invoice_id.clone())
        });
        let input = StepInput { invoice_id: invoice_id.clone() };
        let done = match stage {
            Stage::Document => {
                ctx.execute_activity(ApPort::extract_and_validate, input, READ.options()).await
            }
            Stage::Orders => {
                ctx.execute_activity(ApPort::reconcile, input, COMPARE.options()).await
            }
        };
        let attention = match done {
            Ok(situation) => {
                let stuck = ctx.state(|s| s.leads_nowhere(stage, &situation));
                ctx.state_mut(|s| s.learn(situation));
                if !stuck {
                    return Ok(());
                }
                led_nowhere()
            }
            Err(error) if error.as_cancelled().is_some() => return Err(error.into()),
            Err(error) => failure::attention(&error),
        };
        let why = AttentionInput { invoice_id, attention };
        let done = ctx.execute_activity(ApPort::record_attention, why, RECORD.options()).await?;
        ctx.state_mut(|s| s.learn(done));
        Ok(())
    }

    /// A long history is left behind; a signal that came meanwhile goes along.
    fn leave_a_long_history(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        let busy = ctx.cancellation_token().is_cancelled() || !ctx.all_handlers_finished();
        if ctx.continue_as_new_suggested() && !busy {
            let carried = ctx.state(|s| s.carried.clone());
            ctx.continue_as_new(carried, ContinueAsNewOptions::default())?;
        }
        Ok(())
    }

    /// Writes the withdrawal down, whatever was cancelled with the workflow, then ends. What is in
    /// payment already cannot be withdrawn: it goes on in a run that nobody cancelled.
    async fn withdraw(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<InvoiceEnd> {
        let invoice_id = ctx.state(|s| s.carried.invoice_id.clone());
        let mut detached = RECORD.options();
        detached.cancellation_token = Some(WorkflowCancellationToken::new());
        let step = StepInput { invoice_id: invoice_id.clone() };
        let situation = ctx.execute_activity(ApPort::close, step, detached).await?;
        if situation.status == S::Paid || situation.status.is_final() {
            return Err(WorkflowTermination::cancelled());
        }
        let again = InvoiceInput { situation: Some(situation), ..InvoiceInput::again(invoice_id) };
        ctx.continue_as_new(again, ContinueAsNewOptions::default())?;
        Err(WorkflowTermination::cancelled())
    }
}

impl InvoiceWorkflow {
    /// The later of two accounts of an invoice counts: steps and decisions run side by side.
    pub(crate) fn learn(&mut self, situation: Situation) {
        let known = self.carried.situation.as_ref().map(|known| known.revision);
        if known <= Some(situation.revision) {
            self.carried.situation = Some(situation);
        }
    }

    /// Nobody knows yet, or the gateway is at work.
    fn moves(&self) -> bool {
        self.carried.situation.as_ref().is_none_or(|situation| situation.status.moves())
    }

    /// Where it stands, as far as is known.
    pub(crate) fn status(&self) -> S {
        self.carried.situation.as_ref().map_or(S::Received, |situation| situation.status)
    }

    /// The next step.
    fn stage(&self) -> Stage {
        self.carried.situation.as_ref().map_or(self.carried.stage, stage_of)
    }

    /// The step asks for itself again, and nothing changed: it would be repeated for ever.
    fn leads_nowhere(&self, stage: Stage, found: &Situation) -> bool {
        let known = self.carried.situation.as_ref().map(|known| known.revision);
        found.status.moves() && stage_of(found) == stage && known == Some(found.revision)
    }
}

/// What was not read yet is read, all else is compared.
fn stage_of(situation: &Situation) -> Stage {
    let stuck = situation.status == S::NeedsAttention;
    let at = situation.came_from.filter(|_| stuck).unwrap_or(situation.status);
    match at {
        S::Received | S::Extracting | S::NeedsAttention => Stage::Document,
        S::Validated if stuck => Stage::Document,
        _ => Stage::Orders,
    }
}

fn led_nowhere() -> Attention {
    Attention {
        code: AttentionCode::InternalError,
        text: "a step left the invoice where it was; tell whoever runs the gateway".to_owned(),
        retryable: true,
    }
}
