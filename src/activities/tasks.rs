//! Every activity passes here: it is counted, its log line is written, and a failure that nobody
//! foresaw gets a type, so that the workflow knows a defect from a store that is away.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use temporalio_sdk::activities::ActivityError;
use temporalio_sdk::interceptors::{
    ActivityInboundInterceptor, ExecuteActivityInput, ExecuteActivityOutput, Next,
};

use crate::activities::trouble::{PANICKED, Trouble};
use crate::models::refs::InvoiceId;
use crate::trace;
use crate::trace::{Kind, Span, TEMPORAL_HEADER, Trace};

/// What the tasks of this process came to, since it started. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    running: AtomicU64,
    done: AtomicU64,
    failed: AtomicU64,
}

impl Tally {
    /// Tasks that run now.
    pub fn running(&self) -> u64 {
        self.0.running.load(Ordering::Relaxed)
    }

    /// Tasks that were done.
    pub fn done(&self) -> u64 {
        self.0.done.load(Ordering::Relaxed)
    }

    /// Tasks that ended, well or not.
    pub fn ended(&self) -> u64 {
        self.done() + self.failed()
    }

    /// Attempts that failed or were dropped; most of them are tried again.
    pub fn failed(&self) -> u64 {
        self.0.failed.load(Ordering::Relaxed)
    }
}

/// Counts and logs tasks.
pub struct TaskLog {
    tally: Tally,
}

impl TaskLog {
    /// Counts into `tally`.
    pub fn new(tally: Tally) -> Self {
        Self { tally }
    }
}

/// A task that runs. Dropped before it was told the end, it counts as failed.
struct Running<'a> {
    counts: &'a Counts,
    done: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.counts.running.fetch_sub(1, Ordering::Relaxed);
        let end = if self.done { &self.counts.done } else { &self.counts.failed };
        end.fetch_add(1, Ordering::Relaxed);
    }
}

impl ActivityInboundInterceptor for TaskLog {
    fn execute_activity<'a>(
        &'a self,
        input: ExecuteActivityInput,
        next: Next<'a, ExecuteActivityInput, ExecuteActivityOutput<'a>>,
    ) -> ExecuteActivityOutput<'a> {
        let task = Task::of(&input);
        Box::pin(async move {
            let begun = Instant::now();
            let span = task.span();
            task.received();
            self.tally.0.running.fetch_add(1, Ordering::Relaxed);
            let mut running = Running { counts: &self.tally.0, done: false };
            let ended = trace::within(Some(span.trace().clone()), next.run(input)).await;
            let ended = ended.map_err(|error| typed(error, &task));
            running.done = ended.is_ok();
            task.ended(ended.as_ref().err(), begun, span);
            ended
        })
    }
}

/// What log lines say of a task.
#[derive(Default)]
struct Task {
    activity: String,
    workflow: String,
    run: String,
    attempt: u32,
    trace: Option<Trace>,
}

impl Task {
    fn of(input: &ExecuteActivityInput) -> Self {
        let info = input.activity_info();
        let header = input.headers().get(TEMPORAL_HEADER);
        Self {
            activity: info.activity_type.clone(),
            workflow: info.workflow_id.clone().unwrap_or_default(),
            run: info.workflow_run_id.clone().unwrap_or_default(),
            attempt: info.attempt,
            trace: header.and_then(|payload| Trace::of_json(&payload.data)),
        }
    }

    /// Names are those of the SDKs, so that one search finds all.
    fn span(&self) -> Span {
        let name = format!("RunActivity:{}", self.activity);
        let mut span = Span::start(Kind::Consumer, name, self.trace.clone());
        span.set("temporalWorkflowID", self.workflow.clone());
        span.set("temporalRunID", self.run.clone());
        span.set("attempt", i64::from(self.attempt));
        span
    }

    fn trace_id(&self) -> Option<String> {
        self.trace.as_ref().map(Trace::id)
    }

    fn received(&self) {
        tracing::info!(
            activity = self.activity,
            invoice.id = InvoiceId::of_workflow(&self.workflow),
            workflow.id = self.workflow,
            trace.id = self.trace_id(),
            attempt = self.attempt,
            "task received"
        );
    }

    fn ended(&self, error: Option<&ActivityError>, begun: Instant, mut span: Span) {
        if error.is_some() {
            span.fail("failed");
        }
        let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let invoice = InvoiceId::of_workflow(&self.workflow);
        match error {
            None => tracing::info!(
                activity = self.activity,
                invoice.id = invoice,
                workflow.id = self.workflow,
                trace.id = self.trace_id(),
                attempt = self.attempt,
                duration_ms,
                "task completed"
            ),
            Some(error) => tracing::warn!(
                activity = self.activity,
                invoice.id = invoice,
                workflow.id = self.workflow,
                trace.id = self.trace_id(),
                attempt = self.attempt,
                duration_ms,
                error = told(error),
                "task failed"
            ),
        }
    }
}

fn told(error: &ActivityError) -> String {
    match error {
        ActivityError::Application(failure) => failure.source_error().to_string(),
        ActivityError::Cancelled { .. } => "cancelled".to_owned(),
        _ => "left open".to_owned(),
    }
}

/// A failure without a type is one that our own code did not make: a defect.
fn typed(error: ActivityError, task: &Task) -> ActivityError {
    let ActivityError::Application(failure) = &error else {
        return error;
    };
    if failure.type_name().is_some() {
        return error;
    }
    let text = failure.source_error().to_string();
    let text = if text.contains("panicked") { PANICKED.to_owned() } else { text };
    Trouble::Defect(text).into_error(task.attempt)
}

#[cfg(test)]
mod tests {
    use super::{Task, typed};
    use crate::workflows::contract::DEFECT;
    use temporalio_sdk::activities::ActivityError;

    #[test]
    fn a_failure_that_nobody_foresaw_is_a_defect_and_quotes_no_panic() {
        let task = Task { activity: "ap.reconcile".to_owned(), attempt: 3, ..Task::default() };
        let raw = std::io::Error::other("Activity function panicked: Müller GmbH");
        let ActivityError::Application(failure) = typed(raw.into(), &task) else {
            panic!("no application failure")
        };
        assert_eq!(failure.type_name(), Some(DEFECT));
        assert!(failure.is_non_retryable());
        assert!(!failure.source_error().to_string().contains("Müller"));
    }
}
