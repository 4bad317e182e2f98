//! Runs as operators see them: lists, one run in detail, its end, cancelling and ending it.
//!
//! Only runs of our own types are seen; any other is `NotFound`.

use std::sync::Arc;

use temporalio_client::errors::WorkflowInteractionError;
use temporalio_client::grpc::WorkflowService;
use temporalio_client::request_extensions::{NoRetryOnMatching, RetryConfigForCall};
use temporalio_client::tonic::{Code, IntoRequest, Request, Status};
use temporalio_client::{
    Client, NamespacedClient, RetryOptions, UntypedWorkflow, WorkflowCancelOptions,
    WorkflowTerminateOptions,
};
use temporalio_common::protos::temporal::api::common::v1::WorkflowExecution;
use temporalio_common::protos::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, ListWorkflowExecutionsRequest,
};

use crate::temporal::gateway::{Gateway, GatewayError, READ, START, WORKFLOW_ID_BYTES_MAX};
use crate::temporal::grpc::{bounded, names, request_within, within};
use crate::temporal::history::{self, RunEvent};
use crate::temporal::run_end::{self, RunEnd};
use crate::temporal::runs::{
    PendingActivity, RunStatus, WorkflowRow, pending_activity, row_of_info,
};
use crate::temporal::visibility::{Asked, RunFilter, RunPage};
use crate::workflows::WORKFLOW_TYPES;

/// The detail of a refusal that says that a run was asked to end before.
const ASKED_BEFORE: &str = "CancellationAlreadyRequestedFailure";

/// A run in detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDetail {
    /// What every view of it shows.
    pub row: WorkflowRow,
    /// Activities that were scheduled and are not done.
    pub pending: Vec<PendingActivity>,
}

/// How a run stands, and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct RunResult {
    /// What every view of it shows.
    pub row: WorkflowRow,
    /// Its end; `None` while it runs.
    pub end: Option<RunEnd>,
}

/// Which run of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<'a> {
    /// The workflow.
    pub workflow_id: &'a str,
    /// Its run; `None` is the current one.
    pub run_id: Option<&'a str>,
}

/// The name of a workflow type of ours, if it is one.
pub fn own_type(name: &str) -> Option<&'static str> {
    WORKFLOW_TYPES.iter().copied().find(|known| *known == name)
}

/// The names of all workflow types of ours.
pub fn own_types() -> &'static [&'static str] {
    &WORKFLOW_TYPES
}

impl Run<'_> {
    fn execution(self) -> WorkflowExecution {
        WorkflowExecution {
            workflow_id: self.workflow_id.to_owned(),
            run_id: self.run_id.unwrap_or_default().to_owned(),
        }
    }
}

impl Gateway {
    /// A page of runs, and where the next begins. At most eight calls a second are made, however
    /// many ask; the same question within a second is answered once.
    ///
    /// # Errors
    /// `Throttled` when too many ask.
    pub async fn runs(
        &self,
        filter: &RunFilter,
        size: u32,
        token: Vec<u8>,
    ) -> Result<Arc<RunPage>, GatewayError> {
        let asked = Asked { query: filter.query(), size, token };
        self.0.visibility.page(asked.clone(), || self.list(asked.clone())).await
    }

    async fn list(&self, asked: Asked) -> Result<RunPage, GatewayError> {
        bounded(READ, async {
            let mut client = self.0.pool.client().await?;
            let mut request = ListWorkflowExecutionsRequest {
                namespace: client.namespace(),
                page_size: i32::try_from(asked.size).unwrap_or(i32::MAX),
                next_page_token: asked.token,
                query: asked.query,
            }
            .into_request();
            once(&mut request);
            let answer = client.list_workflow_executions(request).await;
            let answer = answer.map_err(|status| self.meaning(&status))?.into_inner();
            let rows = answer.executions.into_iter().map(row_of_info);
            Ok(RunPage { rows: rows.collect::<Result<_, _>>()?, next: answer.next_page_token })
        })
        .await
    }

    /// A run, with what it waits for.
    ///
    /// # Errors
    /// `NotFound` for an unknown one, and for those that are not ours.
    pub async fn run(&self, run: Run<'_>) -> Result<RunDetail, GatewayError> {
        let id = run.workflow_id;
        if id.is_empty() || id.len() > WORKFLOW_ID_BYTES_MAX {
            return Err(GatewayError::NotFound);
        }
        let found = Box::pin(self.described(run)).await?; // large, and on the heap moved as a pointer
        own_type(&found.row.workflow_type).map(|_| found).ok_or(GatewayError::NotFound)
    }

    /// The same of a run of whatever type.
    pub(super) async fn described(&self, run: Run<'_>) -> Result<RunDetail, GatewayError> {
        bounded(READ, async {
            let mut client = self.0.pool.client().await?;
            let request = DescribeWorkflowExecutionRequest {
                namespace: client.namespace(),
                execution: Some(run.execution()),
            };
            let mut request = request_within(request, READ);
            // The pauses behind a refusal for too many calls are longer than the budget: whoever
            // asks would hear of a time-out instead.
            let predicate = |status: &Status| status.code() == Code::ResourceExhausted;
            request.extensions_mut().insert(NoRetryOnMatching { predicate });
            let answer = client.describe_workflow_execution(request).await;
            let answer = answer.map_err(|status| self.meaning(&status))?.into_inner();
            let info = answer.workflow_execution_info.ok_or(GatewayError::NotFound)?;
            let row = row_of_info(info)?;
            let pending = answer.pending_activities.into_iter().map(pending_activity);
            Ok(RunDetail { row, pending: pending.collect() })
        })
        .await
    }

    /// How a run stands, and how it ended.
    ///
    /// # Errors
    /// `NotFound` for an unknown one, and for those that are not ours.
    pub async fn run_result(&self, run: Run<'_>) -> Result<RunResult, GatewayError> {
        let RunDetail { row, .. } = self.run(run).await?;
        self.result_of(row).await
    }

    /// The end that belongs to a run as it was described.
    pub(super) async fn result_of(&self, row: WorkflowRow) -> Result<RunResult, GatewayError> {
        let end = match row.status {
            RunStatus::Running => None,
            _ => bounded(READ, self.end_of(&row, false)).await?,
        };
        Ok(RunResult { row, end })
    }

    /// Waits for the end of a run, however long that takes: a long poll, which those who wait for
    /// the same run should share. `None` when the poll broke, which is no end of the run.
    pub async fn run_end(&self, row: &WorkflowRow) -> Option<RunEnd> {
        self.end_of(row, true).await.ok().flatten()
    }

    /// The end of a run; waits for it when told to.
    async fn end_of(
        &self,
        row: &WorkflowRow,
        patient: bool,
    ) -> Result<Option<RunEnd>, GatewayError> {
        let client = self.0.pool.client().await?;
        let run = Run { workflow_id: &row.workflow_id, run_id: Some(&row.run_id) };
        loop {
            let event = history::close_event(&client, run.execution(), patient).await;
            let event = event.map_err(|status| self.meaning(&status))?;
            match event {
                Some(event) => return Ok(run_end::of(event)),
                None if patient => {}
                None => return Ok(None),
            }
        }
    }

    /// Events of a run behind `after`, at most `limit`. Histories of ours are short (they are left
    /// behind when they grow), so they are read from their beginning.
    ///
    /// # Errors
    /// `NotFound` for an unknown one, and for those that are not ours.
    pub async fn run_history(
        &self,
        run: Run<'_>,
        after: i64,
        limit: usize,
    ) -> Result<(WorkflowRow, Vec<RunEvent>), GatewayError> {
        let RunDetail { row, .. } = self.run(run).await?;
        let this = Run { workflow_id: &row.workflow_id, run_id: Some(&row.run_id) };
        let events = bounded(READ, async {
            let client = self.0.pool.client().await?;
            let events = history::events(&client, this.execution(), after, limit).await;
            events.map_err(|status| self.meaning(&status))
        });
        let events = events.await?;
        Ok((row, events))
    }

    /// Asks a run to end itself. The same request id asks once.
    ///
    /// # Errors
    /// `NotFound` for an unknown workflow. One that has ended meanwhile is no error.
    pub async fn cancel_run(
        &self,
        workflow_id: &str,
        reason: &str,
        request_id: &str,
    ) -> Result<(), GatewayError> {
        bounded(START, async {
            let client: Client = self.0.pool.client().await?;
            // By id, not by run: a workflow that went on under a new run is asked all the same.
            let handle = client.get_workflow_handle::<UntypedWorkflow>(workflow_id);
            let options = WorkflowCancelOptions::builder()
                .reason(reason)
                .request_id(request_id)
                .rpc_options(within(START))
                .build();
            match handle.cancel(options).await {
                Err(WorkflowInteractionError::Rpc(status)) if names(&status, ASKED_BEFORE) => {
                    Ok(())
                }
                asked => asked.map_err(|error| self.call_failed(&error)),
            }
        })
        .await
    }

    /// Ends a run at once; it cannot tidy up.
    ///
    /// # Errors
    /// `NotFound` for an unknown workflow, and for one that has ended.
    pub async fn terminate_run(&self, workflow_id: &str, reason: &str) -> Result<(), GatewayError> {
        bounded(START, async {
            let client: Client = self.0.pool.client().await?;
            let handle = client.get_workflow_handle::<UntypedWorkflow>(workflow_id);
            let options = WorkflowTerminateOptions::builder()
                .reason(reason)
                .rpc_options(within(START))
                .build();
            handle.terminate(options).await.map_err(|error| self.call_failed(&error))
        })
        .await
    }
}

/// A call that is made once: what Temporal throttles must not be sent again by the client itself.
fn once<T>(request: &mut Request<T>) {
    request.extensions_mut().insert(RetryConfigForCall(RetryOptions::no_retries()));
    request.set_timeout(READ);
}
