//! Many documents from one archive or manifest: taken up in chunks, a few at a time, resumable.
//!
//! Everything that matters is in the ledger: which items there are, and what became of each. The
//! workflow knows how far it came and nothing else, so it costs four events for each hundred items,
//! and who starts it anew loses nothing.
//!
//! It starts no invoice: those are rows that the dispatcher starts and paces, as it does for all
//! others. Children would write each invoice into this history again, and end with it.
#![expect(missing_docs, reason = "the macro of the methods writes items of its own")]

pub mod contract;

use temporalio_workflow::{
    ContinueAsNewOptions, WorkflowCancellationToken, WorkflowContext, WorkflowContextView,
    WorkflowResult, WorkflowTermination, join_all, workflow, workflow_methods,
};

use crate::models::batch::BatchStatus;
use crate::workflows::batch::contract::{
    BatchChunk, BatchEnd, BatchInput, BatchPort, CHUNK_ITEMS, PARALLEL, TAKE_UP,
};
use crate::workflows::contract::RECORD;

/// The name that Temporal knows it by; it outlives every rename of the type.
pub const NAME: &str = "BatchWorkflow";

/// One batch, from its source to rows.
#[workflow]
pub struct BatchWorkflow {
    carried: BatchInput,
}

#[workflow_methods]
impl BatchWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, carried: BatchInput) -> Self {
        Self { carried }
    }

    /// Takes all items up; marks the rest when it is cancelled from outside.
    #[run(name = "BatchWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<BatchStatus> {
        let end = Self::take_up(ctx).await;
        if ctx.cancellation_token().is_cancelled() {
            let batch_id = ctx.state(|s| s.carried.batch_id.clone());
            let mut detached = RECORD.options();
            detached.cancellation_token = Some(WorkflowCancellationToken::new());
            let end = BatchEnd { batch_id, status: BatchStatus::Cancelled };
            ctx.execute_activity(BatchPort::end_batch, end, detached).await?;
            return Err(WorkflowTermination::cancelled());
        }
        end
    }

    async fn take_up(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<BatchStatus> {
        let carried = ctx.state(|s| s.carried.clone());
        let batch_id = carried.batch_id;
        let items = match carried.items {
            Some(items) => items,
            None => {
                let id = batch_id.clone();
                let opened = ctx.execute_activity(BatchPort::open_batch, id, TAKE_UP.options());
                let opened = opened.await?;
                if opened.status != BatchStatus::Accepting {
                    return Ok(opened.status);
                }
                ctx.state_mut(|s| s.carried.items = Some(opened.items));
                opened.items
            }
        };
        loop {
            let next = ctx.state(|s| s.carried.next);
            if next > items {
                break;
            }
            if let Some(ended) = Self::round(ctx, next, items).await? {
                return Ok(ended);
            }
            // Nothing is under way between two rounds: a long history may be left behind here.
            if ctx.continue_as_new_suggested() && !ctx.cancellation_token().is_cancelled() {
                let carried = ctx.state(|s| s.carried.clone());
                ctx.continue_as_new(carried, ContinueAsNewOptions::default())?;
            }
        }
        let end = BatchEnd { batch_id, status: BatchStatus::Accepted };
        Ok(ctx.execute_activity(BatchPort::end_batch, end, RECORD.options()).await?)
    }

    /// Some chunks at once. Answers the status of a batch that was ended meanwhile.
    async fn round(
        ctx: &mut WorkflowContext<Self>,
        next: u32,
        items: u32,
    ) -> WorkflowResult<Option<BatchStatus>> {
        let batch_id = ctx.state(|s| s.carried.batch_id.clone());
        let chunks: Vec<_> = (next..=items).step_by(CHUNK_ITEMS as usize).take(PARALLEL).collect();
        let chunks: Vec<_> = chunks
            .into_iter()
            .map(|from| BatchChunk {
                batch_id: batch_id.clone(),
                from,
                to: from.saturating_add(CHUNK_ITEMS).min(items + 1),
            })
            .collect();
        let calls = chunks.iter().map(|chunk| {
            ctx.execute_activity(BatchPort::take_items, chunk.clone(), TAKE_UP.options())
        });
        let done = join_all(calls).await;
        let mut ended = None;
        for (chunk, done) in chunks.into_iter().zip(done) {
            match done {
                Ok(BatchStatus::Accepting) => {}
                Ok(status) => ended = Some(status),
                Err(error) if error.as_cancelled().is_some() => return Err(error.into()),
                // A store that is away is waited for without end, so this is a defect of ours at
                // one of these items: they are refused, and the rest goes on.
                Err(_) => {
                    let giving_up = BatchPort::give_up_items;
                    ctx.execute_activity(giving_up, chunk, RECORD.options()).await?;
                }
            }
        }
        let past = next.saturating_add(CHUNK_ITEMS.saturating_mul(PARALLEL as u32));
        ctx.state_mut(|s| s.carried.next = past.min(items + 1));
        Ok(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::{BatchWorkflow, NAME};
    use crate::models::refs::BatchId;
    use crate::workflows::batch::contract::BatchInput;
    use temporalio_workflow::common::WorkflowDefinition;

    #[test]
    fn the_constant_is_the_registered_name() {
        let carried = BatchInput::new(BatchId::new(uuid::Uuid::nil()));
        let workflow = BatchWorkflow { carried };
        assert_eq!(<BatchWorkflow as WorkflowDefinition>::name(&workflow), NAME);
    }
}
