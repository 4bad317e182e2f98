//! The trace of a run: it comes with the header of its start, moves on with each update and signal
//! that brings another, and goes with every activity and child.
//!
//! The header and its form are those that the SDKs share, so that workers of others read it too.

use std::cell::RefCell;
use std::collections::HashMap;

use temporalio_common::protos::temporal::api::common::v1::{Header, Payload};
use temporalio_sdk::workflow_interceptors::{
    CancellableWorkflowOutboundFuture, ContinueAsNewInput, ContinueAsNewResult,
    ExecuteWorkflowInput, ExecuteWorkflowResult, HandleSignalInput, HandleSignalResult,
    HandleUpdateInput, HandleUpdateResult, ScheduleActivityInput, ScheduleActivityResult,
    StartChildWorkflowInput, StartChildWorkflowResult, SyncWorkflowInterceptorContext,
    WorkflowInterceptor, WorkflowInterceptorConstructor, WorkflowInterceptorContext,
    WorkflowInterceptorFuture, WorkflowNext,
};

use crate::trace;
use crate::trace::TEMPORAL_HEADER;

/// For the start of a run, or an update: the trace of whoever asks.
pub(crate) fn header() -> Option<Header> {
    let trace = trace::current()?;
    let metadata = HashMap::from([("encoding".to_owned(), b"json/plain".to_vec())]);
    let payload = Payload { metadata, data: trace.to_json().into_bytes(), ..Payload::default() };
    Some(Header { fields: HashMap::from([(TEMPORAL_HEADER.to_owned(), payload)]) })
}

/// It changes headers alone, which no replay compares.
#[derive(Default)]
struct Carrier(RefCell<Option<Payload>>);

/// For the worker.
pub(crate) fn constructor() -> WorkflowInterceptorConstructor {
    WorkflowInterceptorConstructor::new(|_ctx| Carrier::default())
}

impl Carrier {
    fn take(&self, headers: &HashMap<String, Payload>) {
        if let Some(payload) = headers.get(TEMPORAL_HEADER) {
            *self.0.borrow_mut() = Some(payload.clone());
        }
    }

    fn give(&self, headers: &mut HashMap<String, Payload>) {
        if let Some(payload) = self.0.borrow().as_ref() {
            headers.insert(TEMPORAL_HEADER.to_owned(), payload.clone());
        }
    }
}

impl WorkflowInterceptor for Carrier {
    fn execute<'a>(
        &'a self,
        _ctx: WorkflowInterceptorContext,
        input: ExecuteWorkflowInput,
        next: WorkflowNext<
            'a,
            ExecuteWorkflowInput,
            WorkflowInterceptorFuture<'a, ExecuteWorkflowResult>,
        >,
    ) -> WorkflowInterceptorFuture<'a, ExecuteWorkflowResult> {
        self.take(input.headers());
        next.run(input)
    }

    fn handle_signal<'a>(
        &'a self,
        _ctx: WorkflowInterceptorContext,
        input: HandleSignalInput,
        next: WorkflowNext<
            'a,
            HandleSignalInput,
            WorkflowInterceptorFuture<'a, HandleSignalResult>,
        >,
    ) -> WorkflowInterceptorFuture<'a, HandleSignalResult> {
        self.take(input.headers());
        next.run(input)
    }

    fn handle_update<'a>(
        &'a self,
        _ctx: WorkflowInterceptorContext,
        input: HandleUpdateInput,
        next: WorkflowNext<
            'a,
            HandleUpdateInput,
            WorkflowInterceptorFuture<'a, HandleUpdateResult>,
        >,
    ) -> WorkflowInterceptorFuture<'a, HandleUpdateResult> {
        self.take(input.headers());
        next.run(input)
    }

    fn schedule_activity(
        &self,
        _ctx: WorkflowInterceptorContext,
        mut input: ScheduleActivityInput,
        next: WorkflowNext<
            'static,
            ScheduleActivityInput,
            CancellableWorkflowOutboundFuture<ScheduleActivityResult>,
        >,
    ) -> CancellableWorkflowOutboundFuture<ScheduleActivityResult> {
        self.give(input.headers_mut());
        next.run(input)
    }

    fn start_child_workflow(
        &self,
        _ctx: WorkflowInterceptorContext,
        mut input: StartChildWorkflowInput,
        next: WorkflowNext<
            'static,
            StartChildWorkflowInput,
            CancellableWorkflowOutboundFuture<StartChildWorkflowResult>,
        >,
    ) -> CancellableWorkflowOutboundFuture<StartChildWorkflowResult> {
        self.give(input.headers_mut());
        next.run(input)
    }

    fn continue_as_new(
        &self,
        _ctx: SyncWorkflowInterceptorContext,
        mut input: ContinueAsNewInput,
        next: WorkflowNext<'static, ContinueAsNewInput, ContinueAsNewResult>,
    ) -> ContinueAsNewResult {
        self.give(input.headers_mut());
        next.run(input)
    }
}
