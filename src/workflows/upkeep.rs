//! What is done again and again: one round of a chore, part by part.
//!
//! A schedule starts it. It knows how far it came and nothing else: what is there to do, and what
//! was done, the stores say. One type for all chores, because they differ in their activity alone.
#![expect(missing_docs, reason = "the macro of the methods writes items of its own")]

pub mod contract;

use temporalio_workflow::{
    ContinueAsNewOptions, WorkflowContext, WorkflowContextView, WorkflowResult, workflow,
    workflow_methods,
};

use crate::models::upkeep::Chore;
use crate::workflows::upkeep::contract::{
    PART, PARTS_MAX, UpkeepInput, UpkeepPart, UpkeepPort, UpkeepTally,
};

/// The name that Temporal knows it by; it outlives every rename of the type.
pub const NAME: &str = "UpkeepWorkflow";

/// One round: two Temporal actions, and one more for each further part.
#[workflow]
pub struct UpkeepWorkflow {
    carried: UpkeepInput,
}

#[workflow_methods]
impl UpkeepWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, carried: UpkeepInput) -> Self {
        Self { carried }
    }

    /// Does parts until nothing is left.
    #[run(name = "UpkeepWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<UpkeepTally> {
        for _ in 0..PARTS_MAX {
            let UpkeepInput { chore, after, .. } = ctx.state(|s| s.carried.clone());
            let part = UpkeepPart { after };
            let done = match chore {
                Chore::ImportStatements => {
                    ctx.execute_activity(UpkeepPort::import_statements, part, PART.options()).await
                }
                Chore::RetryAttention => {
                    ctx.execute_activity(UpkeepPort::retry_attention, part, PART.options()).await
                }
                Chore::RemoveExpired => {
                    ctx.execute_activity(UpkeepPort::remove_expired, part, PART.options()).await
                }
            }?;
            ctx.state_mut(|s| {
                s.carried.tally += done.tally;
                s.carried.after.clone_from(&done.next);
            });
            if done.next.is_none() {
                return Ok(ctx.state(|s| s.carried.tally));
            }
        }
        let carried = ctx.state(|s| s.carried.clone());
        ctx.continue_as_new(carried, ContinueAsNewOptions::default())?;
        Ok(ctx.state(|s| s.carried.tally))
    }
}

#[cfg(test)]
mod tests {
    use super::contract::UpkeepInput;
    use super::{Chore, NAME, UpkeepWorkflow};
    use temporalio_workflow::common::WorkflowDefinition;

    #[test]
    fn the_constant_is_the_registered_name() {
        let workflow = UpkeepWorkflow { carried: UpkeepInput::new(Chore::RetryAttention) };
        assert_eq!(<UpkeepWorkflow as WorkflowDefinition>::name(&workflow), NAME);
    }
}
