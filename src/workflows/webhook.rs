//! One message to one receiver: attempts with the gaps of the schedule between them, until the
//! receiver takes it or the schedule is over.
#![expect(missing_docs, reason = "the macro of the methods writes items of its own")]

pub mod contract;

use std::time::Duration;

use temporalio_workflow::{
    WorkflowContext, WorkflowContextView, WorkflowResult, workflow, workflow_methods,
};

use crate::workflows::contract::RECORD;
use crate::workflows::webhook::contract::{
    AttemptEnd, AttemptInput, BUSY_MAX, BUSY_MIN, DeliveryInput, GiveUpInput, PAUSE_MIN,
    WebhookPort, attempt_options,
};

/// The name that Temporal knows it by; it outlives every rename of the type.
pub const NAME: &str = "WebhookDeliveryWorkflow";

/// A delivery that succeeds at once: two Temporal actions; each attempt more, two more.
#[workflow]
pub struct WebhookDeliveryWorkflow {
    input: DeliveryInput,
}

#[workflow_methods]
impl WebhookDeliveryWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: DeliveryInput) -> Self {
        Self { input }
    }

    /// The whole of it. What became of the message is in the ledger.
    #[run(name = "WebhookDeliveryWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        let DeliveryInput { delivery, round, gaps_seconds } = ctx.state(|s| s.input.clone());
        let mut gaps = gaps_seconds.into_iter();
        let mut busy = BUSY_MIN;
        let mut gap_seconds = gaps.next();
        loop {
            let attempt = AttemptInput { delivery: delivery.clone(), round, gap_seconds };
            let made =
                ctx.execute_activity(WebhookPort::attempt_delivery, attempt, attempt_options());
            let pause = match made.await {
                Ok(AttemptEnd::Settled) => return Ok(()),
                Ok(AttemptEnd::Busy) => {
                    ctx.timer(busy).await;
                    busy = (busy * 2).min(BUSY_MAX);
                    continue;
                }
                Ok(AttemptEnd::Again { milliseconds }) => Some(Duration::from_millis(milliseconds)),
                Err(error) if error.as_cancelled().is_some() => return Err(error.into()),
                // The worker died in the middle, or the ledger was away: it may have been sent.
                Err(_) => gap_seconds.map(Duration::from_secs),
            };
            let Some(pause) = pause else {
                let input = GiveUpInput { delivery, round };
                let giving_up = WebhookPort::give_up_delivery;
                return Ok(ctx.execute_activity(giving_up, input, RECORD.options()).await?);
            };
            gap_seconds = gaps.next();
            ctx.timer(pause.max(PAUSE_MIN)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::contract::DeliveryInput;
    use super::{NAME, WebhookDeliveryWorkflow};
    use crate::models::refs::DeliveryId;
    use temporalio_workflow::common::WorkflowDefinition;
    use uuid::Uuid;

    #[test]
    fn the_constant_is_the_registered_name() {
        let delivery = DeliveryId::new(Uuid::nil());
        let input = DeliveryInput { delivery, round: 0, gaps_seconds: Vec::new() };
        let workflow = WebhookDeliveryWorkflow { input };
        assert_eq!(<WebhookDeliveryWorkflow as WorkflowDefinition>::name(&workflow), NAME);
    }
}
