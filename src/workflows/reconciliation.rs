//! A comparison of what its caller brought: durable, and nobody's order is touched.
#![expect(missing_docs, reason = "the macro of the methods writes items of its own")]

use temporalio_workflow::{
    WorkflowContext, WorkflowContextView, WorkflowResult, workflow, workflow_methods,
};

use crate::workflows::contract::{ApPort, COMPARE, CaseInput, Reconciled};

/// The name that Temporal knows it by; it outlives every rename of the type.
pub const NAME: &str = "ReconciliationWorkflow";

/// One activity works it out: two Temporal actions.
#[workflow]
pub struct ReconciliationWorkflow {
    input: CaseInput,
}

#[workflow_methods]
impl ReconciliationWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: CaseInput) -> Self {
        Self { input }
    }

    /// The whole of it.
    #[run(name = "ReconciliationWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Reconciled> {
        let input = ctx.state(|state| state.input.clone());
        let done = ctx.execute_activity(ApPort::reconcile_case, input, COMPARE.options()).await?;
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::{NAME, ReconciliationWorkflow};
    use crate::models::refs::Sha256;
    use crate::workflows::contract::CaseInput;
    use temporalio_workflow::common::WorkflowDefinition;

    #[test]
    fn the_constant_is_the_registered_name() {
        let input = CaseInput { case: Sha256::from_bytes(&[0; 32]) };
        let workflow = ReconciliationWorkflow { input };
        assert_eq!(<ReconciliationWorkflow as WorkflowDefinition>::name(&workflow), NAME);
    }
}
