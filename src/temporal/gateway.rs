//! Starting and reading workflows, in domain words, over a pool of connections.

mod batches;
mod decisions;
mod invoices;
mod reconciliations;
mod schedules;
mod statements;
mod views;
mod webhooks;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use temporalio_client::errors::{WorkflowInteractionError, WorkflowStartError};
use temporalio_client::grpc::WorkflowService;
use temporalio_client::tonic::{IntoRequest, Status};
use temporalio_client::{
    Client, NamespacedClient, WorkflowDescribeOptions, WorkflowIdConflictPolicy,
    WorkflowIdReusePolicy, WorkflowStartOptions,
};
use temporalio_common::protos::temporal::api::workflowservice::v1::{
    DescribeNamespaceRequest, GetSystemInfoRequest,
};
use temporalio_common::telemetry::metrics::TemporalMeter;
use url::form_urlencoded;

use crate::temporal::credentials::Access;
use crate::temporal::grpc::{bounded, meaning, waited, within};
use crate::temporal::pollers::{Poller, pollers};
use crate::temporal::pool::Pool;
use crate::temporal::runs::row;
use crate::temporal::trace_header;
use crate::temporal::visibility::Visibility;
use crate::workflows::contract::PING_LIFE;
use crate::workflows::{PingWorkflow, WORKFLOW_TYPES};

pub use crate::temporal::history::RunEvent;
pub use crate::temporal::pollers::TaskType;
pub use crate::temporal::run_end::{RunEnd, RunFailure};
pub use crate::temporal::runs::{PendingActivity, RunStatus, WorkflowRow};
pub use crate::temporal::visibility::{RunFilter, RunPage};
pub use crate::workflows::contract::{DecideAnswer, DecideInput};
pub use decisions::DecisionOutcome;
pub use reconciliations::ReconciliationRun;
pub use schedules::{Applied, ScheduleRow};
pub use statements::{AnswerEnd, Answering};
pub use views::{Run, RunDetail, RunResult, own_type, own_types};

/// What Temporal could not do for us, in words that do not name the SDK.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// Not reachable, or the connection broke in the middle: a write may have been done.
    #[error("temporal is not reachable: {0}")]
    Unavailable(String),
    /// It did not answer in time: the outcome is unknown.
    #[error("temporal did not answer in time")]
    Timeout,
    /// It refused our credential.
    #[error("temporal refused our credential")]
    Credentials,
    /// Our namespace is not there.
    #[error("namespace {0} does not exist")]
    NamespaceMissing(String),
    /// No such workflow.
    #[error("no such workflow")]
    NotFound,
    /// The run is there, and its worker cannot go on with it.
    #[error("the workflow cannot make progress")]
    NotProgressing,
    /// Too many calls.
    #[error("temporal throttles us")]
    Throttled,
    /// Anything else.
    #[error("temporal: {0}")]
    Other(String),
}

/// What starting an invoice came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// A new run.
    Started,
    /// The workflow of this invoice ran or runs already.
    Known,
}

/// A ping that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    /// Workflow id.
    pub workflow_id: String,
    /// Run id.
    pub run_id: String,
    /// Whether an earlier call had started it.
    pub known: bool,
    /// The workflow's answer, `ok`; `None` when it did not come in time.
    pub result: Option<String>,
    /// From the start call to the answer, or to the end of the wait.
    pub took: Duration,
}

/// A namespace as Temporal describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// How long a closed run is kept; `None` when the server does not say.
    pub retention: Option<Duration>,
}

/// Budgets of the calls, the making of a connection included (HTTP handbook §4.3).
const START: Duration = Duration::from_secs(5);
const READ: Duration = Duration::from_secs(4);

/// A worker polls again at least once a minute; the rest is for clocks that differ.
const POLLER_AGE_MAX: Duration = Duration::from_secs(90);

/// Longer ids Temporal does not take.
const WORKFLOW_ID_BYTES_MAX: usize = 1_000;

/// The pool of clients. Cheap to clone; connects by itself, and again after an outage.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    pool: Pool,
    task_queue: String,
    visibility: Visibility,
    /// Temporal's own pages of our namespace.
    ui: Option<String>,
}

impl Gateway {
    /// A gateway that starts workflows on `task_queue`. Nothing is connected yet: the first call
    /// does that, and each one after it while Temporal is away.
    pub fn new(access: impl Into<Access>, task_queue: &str, meter: Option<TemporalMeter>) -> Self {
        let access = access.into();
        let settings = access.settings();
        let pages = |ui| format!("{ui}/namespaces/{}", segment(&settings.namespace));
        Self(Arc::new(Inner {
            task_queue: task_queue.to_owned(),
            visibility: Visibility::default(),
            ui: settings.ui.clone().map(pages),
            pool: Pool::new(access, meter),
        }))
    }

    /// Where people look at a run in Temporal's own pages, if it is said where these are.
    pub fn ui(&self, workflow_id: &str, run_id: &str) -> Option<String> {
        let (workflow, run) = (segment(workflow_id), segment(run_id));
        Some(format!("{}/workflows/{workflow}/{run}/history", self.0.ui.as_ref()?))
    }

    /// Starts a ping under `id` and waits for its answer, at most `wait`. An id that is known
    /// already gives the answer of its run.
    ///
    /// # Errors
    /// Whatever keeps Temporal from starting it. No answer in time is no error.
    pub async fn ping(&self, id: &str, wait: Duration) -> Result<Ping, GatewayError> {
        let begun = Instant::now();
        let (client, run_id, start) = bounded(START, self.start_ping(id)).await?;
        let handle = client.get_workflow_handle::<PingWorkflow>(id);
        // The SDK's own time-out for this call spins instead of ending it.
        let result = match waited(wait, handle.get_result(Default::default())).await {
            Some(Ok(answer)) => Some(answer),
            // A run that was ended from outside, or a connection that broke while we waited: the
            // ping was started all the same, and its run says what became of it.
            Some(Err(error)) => {
                tracing::warn!(workflow.id = id, %error, "a ping has no answer");
                None
            }
            None => None,
        };
        Ok(Ping {
            workflow_id: id.to_owned(),
            run_id,
            known: start == Start::Known,
            result,
            took: begun.elapsed(),
        })
    }

    async fn start_ping(&self, id: &str) -> Result<(Client, String, Start), GatewayError> {
        let options = WorkflowStartOptions::new(&self.0.task_queue, id)
            .maybe_header(trace_header::header())
            .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
            .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
            .execution_timeout(PING_LIFE)
            .rpc_options(within(START))
            .build();
        let client = self.0.pool.client().await?;
        let started = client.start_workflow(PingWorkflow::run, (), options).await;
        let (run_id, start) = match started {
            Ok(handle) => (handle.run_id().map(str::to_owned), Start::Started),
            Err(WorkflowStartError::AlreadyStarted { run_id, .. }) => (run_id, Start::Known),
            Err(error) => return Err(self.start_failed(&error)),
        };
        Ok((client, run_id.unwrap_or_default(), start))
    }

    /// The current run of a workflow of ours.
    ///
    /// # Errors
    /// `NotFound` for an unknown id, and for workflows that are not ours.
    pub async fn workflow(&self, id: &str) -> Result<WorkflowRow, GatewayError> {
        if id.is_empty() || id.len() > WORKFLOW_ID_BYTES_MAX {
            return Err(GatewayError::NotFound);
        }
        let options = WorkflowDescribeOptions::builder().rpc_options(within(READ)).build();
        bounded(READ, async {
            let client = self.0.pool.client().await?;
            let handle = client.get_workflow_handle::<PingWorkflow>(id);
            let found = handle.describe(options).await;
            let found = found.map_err(|error| self.call_failed(&error))?;
            if !WORKFLOW_TYPES.contains(&found.workflow_type()) {
                return Err(GatewayError::NotFound);
            }
            row(&found)
        })
        .await
    }

    /// Whether Temporal answers: for readiness.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn probe(&self) -> Result<(), GatewayError> {
        bounded(READ, async {
            let mut client = self.0.pool.client().await?;
            let request = GetSystemInfoRequest::default().into_request();
            let answered = client.get_system_info(request).await;
            answered.map(drop).map_err(|status| self.meaning(&status))
        })
        .await
    }

    /// Our namespace, as Temporal knows it.
    ///
    /// # Errors
    /// `NamespaceMissing` when it does not know it.
    pub async fn describe_namespace(&self) -> Result<Namespace, GatewayError> {
        bounded(READ, async {
            let mut client = self.0.pool.client().await?;
            let request =
                DescribeNamespaceRequest { namespace: client.namespace(), ..Default::default() };
            let answer = client.describe_namespace(request.into_request()).await;
            let answer = answer.map_err(|status| self.meaning(&status))?.into_inner();
            let kept = answer.config.and_then(|c| c.workflow_execution_retention_ttl);
            let retention = kept.and_then(|ttl| ttl.try_into().ok());
            Ok(Namespace { retention })
        })
        .await
    }

    /// How many workers poll our task queue for tasks of this type. One that is gone counts for a
    /// minute and a half more, so a ping that is answered says more than this.
    ///
    /// # Errors
    /// Why Temporal does not say.
    pub async fn pollers(&self, task_type: TaskType) -> Result<usize, GatewayError> {
        bounded(READ, async {
            let client = self.0.pool.client().await?;
            let seen = pollers(&client, &self.0.task_queue, task_type).await;
            let seen = seen.map_err(|status| self.meaning(&status))?;
            let recent = |poller: &&Poller| poller.idle.is_none_or(|idle| idle < POLLER_AGE_MAX);
            let names = seen.iter().filter(recent).map(|poller| &poller.identity);
            Ok(names.collect::<HashSet<_>>().len())
        })
        .await
    }

    fn meaning(&self, status: &Status) -> GatewayError {
        meaning(status, self.0.pool.namespace())
    }

    fn start_failed(&self, error: &WorkflowStartError) -> GatewayError {
        match error {
            WorkflowStartError::Rpc(status) => self.meaning(status),
            other => GatewayError::Other(other.to_string()),
        }
    }

    fn call_failed(&self, error: &WorkflowInteractionError) -> GatewayError {
        match error {
            WorkflowInteractionError::NotFound(status) | WorkflowInteractionError::Rpc(status) => {
                self.meaning(status)
            }
            other => GatewayError::Other(other.to_string()),
        }
    }
}

/// As one segment of a path.
fn segment(text: &str) -> String {
    let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    text.replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::{Gateway, GatewayError, Start};
    use crate::config;
    use crate::models::refs::InvoiceId;
    use std::time::{Duration, Instant};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_run_leads_to_temporals_own_pages_where_these_are_known() {
        let mut settings = config::Temporal::local(1).expect("settings");
        let gateway = |settings: &_| Gateway::new(settings, "ap-default", None);
        assert_eq!(gateway(&settings).ui("ap-ping-1", "r1"), None);
        settings.ui = Some("https://temporal.example/ui".to_owned());
        settings.namespace = "ap.a1b2c".to_owned();
        let shown = gateway(&settings).ui("ap ping/..\"", "r1").expect("an address");
        let expected = "https://temporal.example/ui/namespaces/ap.a1b2c/workflows/\
                        ap%20ping%2F..%22/r1/history";
        assert_eq!(shown, expected);
    }

    #[tokio::test]
    async fn a_server_that_swallows_everything_costs_no_more_than_the_budget() {
        let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = silent.local_addr().expect("an address").port();
        let settings = config::Temporal::local(port).expect("settings");
        let gateway = Gateway::new(&settings, "ap-default", None);
        let id = InvoiceId::new(uuid::Uuid::nil());
        let begun = Instant::now();
        // More callers than connections: nobody waits for the attempts of the others.
        let started: [Result<Start, GatewayError>; 4] = tokio::join!(
            gateway.start_invoice(&id),
            gateway.start_invoice(&id),
            gateway.start_invoice(&id),
            gateway.start_invoice(&id),
        )
        .into();
        assert_eq!(started, [const { Err(GatewayError::Timeout) }; 4]);
        assert!(begun.elapsed() < Duration::from_millis(2_300));
    }
}
