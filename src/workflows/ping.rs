//! The smallest workflow: its answer proves client, server and worker at once.
#![expect(missing_docs, reason = "the macro of the methods writes items of its own")]

use temporalio_workflow::{WorkflowContext, WorkflowResult, workflow, workflow_methods};

/// The name that Temporal knows it by; it outlives every rename of the type.
pub const NAME: &str = "PingWorkflow";

/// Answers `ok`. It asks for no activity, so it costs one Temporal action.
#[workflow]
#[derive(Default)]
pub struct PingWorkflow;

#[workflow_methods]
impl PingWorkflow {
    /// The whole of it.
    #[run(name = "PingWorkflow")]
    pub async fn run(_ctx: &mut WorkflowContext<Self>) -> WorkflowResult<String> {
        Ok("ok".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{NAME, PingWorkflow};
    use temporalio_workflow::common::WorkflowDefinition;

    #[test]
    fn the_constant_is_the_registered_name() {
        assert_eq!(<PingWorkflow as WorkflowDefinition>::name(&PingWorkflow), NAME);
    }
}
