//! A log line when a workflow begins and when it ends; none while it is replayed.

use std::time::{Instant, SystemTime};

use temporalio_sdk::workflow_interceptors::{
    ExecuteWorkflowInput, ExecuteWorkflowResult, WorkflowInterceptor,
    WorkflowInterceptorConstructor, WorkflowInterceptorContext, WorkflowInterceptorFuture,
    WorkflowNext,
};
use temporalio_workflow::WorkflowTermination;

use crate::models::refs::InvoiceId;

/// It changes nothing, so that replays do not depend on it.
struct WorkflowLog;

/// For the worker.
pub(crate) fn constructor() -> WorkflowInterceptorConstructor {
    WorkflowInterceptorConstructor::new(|_ctx| WorkflowLog)
}

impl WorkflowInterceptor for WorkflowLog {
    fn execute<'a>(
        &'a self,
        ctx: WorkflowInterceptorContext,
        input: ExecuteWorkflowInput,
        next: WorkflowNext<
            'a,
            ExecuteWorkflowInput,
            WorkflowInterceptorFuture<'a, ExecuteWorkflowResult>,
        >,
    ) -> WorkflowInterceptorFuture<'a, ExecuteWorkflowResult> {
        WorkflowInterceptorFuture::new(async move {
            // The workflow's own clock stands still within a task; ours knows nothing of what
            // happened before a replay.
            let begun = ctx.workflow_time();
            let fresh = (!ctx.is_replaying()).then(Instant::now);
            if fresh.is_some() {
                tracing::info!(
                    workflow.kind = ctx.workflow_type(),
                    invoice.id = InvoiceId::of_workflow(ctx.workflow_id()),
                    workflow.id = ctx.workflow_id(),
                    run.id = ctx.run_id(),
                    "workflow received"
                );
            }
            let ended = next.run(input).await;
            if !ctx.is_replaying() {
                tracing::info!(
                    workflow.kind = ctx.workflow_type(),
                    invoice.id = InvoiceId::of_workflow(ctx.workflow_id()),
                    workflow.id = ctx.workflow_id(),
                    run.id = ctx.run_id(),
                    duration_ms = milliseconds(fresh, begun, ctx.workflow_time()),
                    outcome = outcome(&ended),
                    "workflow completed"
                );
            }
            ended
        })
    }
}

fn outcome(ended: &ExecuteWorkflowResult) -> &'static str {
    match ended {
        Ok(_) => "completed",
        Err(WorkflowTermination::Cancelled { .. }) => "canceled",
        Err(WorkflowTermination::ContinueAsNew(_)) => "continued_as_new",
        Err(WorkflowTermination::Evicted) => "evicted",
        Err(WorkflowTermination::Failed(_)) => "failed",
    }
}

fn milliseconds(
    fresh: Option<Instant>,
    begun: Option<SystemTime>,
    ended: Option<SystemTime>,
) -> Option<u64> {
    let lived = || ended?.duration_since(begun?).ok();
    let taken = fresh.map(|at| at.elapsed()).or_else(lived)?;
    u64::try_from(taken.as_millis()).ok()
}
