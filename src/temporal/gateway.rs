//! Starting and reading workflows, in domain words, over a pool of connections.

mod batches;
mod decisions;
mod invoices;
mod namespace;
mod pings;
mod reconciliations;
mod schedules;
mod statements;
mod views;
mod webhooks;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use temporalio_client::WorkflowDescribeOptions;
use temporalio_client::errors::{WorkflowInteractionError, WorkflowStartError};
use temporalio_client::grpc::WorkflowService;
use temporalio_client::tonic::{IntoRequest, Status};
use temporalio_common::protos::temporal::api::workflowservice::v1::GetSystemInfoRequest;
use temporalio_common::telemetry::metrics::TemporalMeter;
use url::form_urlencoded;

use crate::temporal::credentials::Access;
use crate::temporal::grpc::{bounded, meaning, within};
use crate::temporal::pollers::{Poller, pollers};
use crate::temporal::pool::Pool;
use crate::temporal::runs::row;
use crate::temporal::visibility::Visibility;
use crate::workflows::{PingWorkflow, WORKFLOW_TYPES};

pub use crate::temporal::history::RunEvent;
pub use crate::temporal::pollers::TaskType;
pub use crate::temporal::run_end::{RunEnd, RunFailure};
pub use crate::temporal::runs::{PendingActivity, RunStatus, WorkflowRow};
pub use crate::temporal::visibility::{RunFilter, RunPage};
pub use crate::workflows::contract::{DecideAnswer, DecideInput};
pub use decisions::{AcceptedDecision, DecisionOutcome, Sent};
pub use namespace::Namespace;
pub use pings::Ping;
pub use reconciliations::ReconciliationRun;
pub use schedules::{Applied, ScheduleRow};
pub use statements::{AnswerEnd, Answering};
pub use views::{Run, RunDetail, RunResult, own_type, own_types};

/// What Temporal could not do for us, in words that do not name the SDK.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// There is no connection: nothing was sent, so nothing was done.
    #[error("temporal is not reachable: {0}")]
    NotConnected(String),
    /// The connection broke in the middle: a write may have been done.
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
    /// The workflow id belongs to a run that was not started for this.
    #[error("another run has this workflow id")]
    Taken,
    /// Too much at once on one run.
    #[error("too much at once on one run")]
    Busy,
    /// What was sent is larger than it takes; so many bytes are taken, where it says so.
    #[error("the message is larger than temporal takes")]
    TooLarge(Option<u64>),
    /// Too many calls.
    #[error("temporal throttles us")]
    Throttled,
    /// It calls what we sent malformed: our own checks let it through.
    #[error("temporal calls the request malformed: {0}")]
    Malformed(String),
    /// Anything else.
    #[error("temporal: {0}")]
    Other(String),
}

impl GatewayError {
    /// Whether it is the trouble of what was asked about alone: others may be asked about meanwhile.
    pub fn is_of_one(&self) -> bool {
        use GatewayError as E;
        match self {
            E::NotFound | E::NotProgressing | E::Taken | E::Busy => true,
            E::TooLarge(_) | E::Malformed(_) | E::Other(_) => true,
            E::NotConnected(_) | E::Unavailable(_) | E::Timeout => false,
            E::Credentials | E::NamespaceMissing(_) | E::Throttled => false,
        }
    }

    /// The same behind a write that was made: who cannot be asked any more, or does not know of it,
    /// leaves open how it stands.
    #[must_use]
    pub fn after_a_write(self) -> Self {
        match self {
            Self::NotConnected(text) => Self::Unavailable(text),
            Self::NotFound => Self::Unavailable("what was written is not found".to_owned()),
            other => other,
        }
    }
}

/// What starting an invoice came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// A new run.
    Started,
    /// The workflow of this invoice ran or runs already.
    Known,
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

    #[test]
    fn what_was_written_is_not_called_undone_because_nobody_can_be_asked_about_it() {
        let away = || "away".to_owned();
        let table = [
            (GatewayError::NotConnected(away()), GatewayError::Unavailable(away())),
            (GatewayError::Timeout, GatewayError::Timeout),
            (GatewayError::Throttled, GatewayError::Throttled),
        ];
        for (error, afterwards) in table {
            assert_eq!(error.after_a_write(), afterwards);
        }
        let lost = GatewayError::NotFound.after_a_write();
        assert!(matches!(lost, GatewayError::Unavailable(_)), "{lost:?}");
    }

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
