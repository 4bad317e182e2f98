//! Bank statements: read, matched with what is open, recorded; and what people say of entries.
#![expect(missing_docs, reason = "the macro of the methods writes items of its own")]

pub mod contract;

use temporalio_workflow::{
    WorkflowContext, WorkflowContextView, WorkflowResult, workflow, workflow_methods,
};

use crate::workflows::contract::{READ, RECORD};
use crate::workflows::statement::contract::{
    AnswerInput, Answered, ROUNDS_MAX, Read, RecordInput, StatementEnd, StatementInput,
    StatementPort,
};

/// The name that Temporal knows it by; it outlives every rename of the type.
pub const NAME: &str = "StatementWorkflow";

/// The same of the workflow of an answer.
pub const ANSWER_NAME: &str = "EntryAnswerWorkflow";

/// A file of bank statements, from bytes to allocations: four Temporal actions, and two more for
/// each further round.
#[workflow]
pub struct StatementWorkflow {
    input: StatementInput,
}

#[workflow_methods]
impl StatementWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: StatementInput) -> Self {
        Self { input }
    }

    /// The whole of it. When a step cannot be done, the ledger says so, and the run fails: the
    /// same file may then be handed in again.
    #[run(name = "StatementWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<StatementEnd> {
        let done = Self::carry(ctx).await;
        if done.is_err() && !ctx.cancellation_token().is_cancelled() {
            let input = ctx.state(|state| state.input.clone());
            ctx.execute_activity(StatementPort::fail_statement, input, RECORD.options()).await?;
        }
        done
    }

    async fn carry(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<StatementEnd> {
        let input = ctx.state(|state| state.input.clone());
        let statement = input.statement.clone();
        let reading =
            ctx.execute_activity(StatementPort::read_statement, input.clone(), READ.options());
        if reading.await? == Read::Failed {
            return Ok(StatementEnd { read: Read::Failed, rounds: 0 });
        }
        let mut rounds = 0;
        loop {
            rounds += 1;
            let matching =
                ctx.execute_activity(StatementPort::match_entries, input.clone(), READ.options());
            let Some(proposals) = matching.await?.proposals else { break };
            let last = rounds >= ROUNDS_MAX;
            let record = RecordInput { statement: statement.clone(), proposals, last };
            let recording =
                ctx.execute_activity(StatementPort::record_matches, record, READ.options());
            if recording.await?.moved == 0 || last {
                break;
            }
        }
        Ok(StatementEnd { read: Read::Entries, rounds })
    }
}

/// What a person says of an entry, done once.
#[workflow]
pub struct EntryAnswerWorkflow {
    input: AnswerInput,
}

#[workflow_methods]
impl EntryAnswerWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: AnswerInput) -> Self {
        Self { input }
    }

    /// The whole of it.
    #[run(name = "EntryAnswerWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Answered> {
        let input = ctx.state(|state| state.input.clone());
        let options = READ.options();
        Ok(ctx.execute_activity(StatementPort::answer_entry, input, options).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::contract::{AnswerInput, StatementInput};
    use super::{ANSWER_NAME, EntryAnswerWorkflow, NAME, StatementWorkflow};
    use crate::models::refs::{EntryId, Sha256, StatementId};
    use temporalio_workflow::common::WorkflowDefinition;
    use uuid::Uuid;

    #[test]
    fn the_constants_are_the_registered_names() {
        let input = StatementInput { statement: StatementId::new(Uuid::nil()) };
        let workflow = StatementWorkflow { input };
        assert_eq!(<StatementWorkflow as WorkflowDefinition>::name(&workflow), NAME);
        let answer = Sha256::from_bytes(&[0; 32]);
        let input = AnswerInput { entry: EntryId::new(Uuid::nil()), answer };
        let workflow = EntryAnswerWorkflow { input };
        assert_eq!(<EntryAnswerWorkflow as WorkflowDefinition>::name(&workflow), ANSWER_NAME);
    }
}
