//! Who polls a task queue, as the server sees it.

use std::time::{Duration, SystemTime};

use temporalio_client::grpc::WorkflowService;
use temporalio_client::tonic::{IntoRequest, Status};
use temporalio_client::{Client, NamespacedClient};
use temporalio_common::protos::temporal::api::enums::v1::TaskQueueType;
use temporalio_common::protos::temporal::api::taskqueue::v1::TaskQueue;
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeTaskQueueRequest;

/// What is polled for: a queue hands out both, and a worker may poll for one alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskType {
    /// The next step of a workflow.
    Workflow,
    /// An activity.
    Activity,
}

impl TaskType {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Workflow, Self::Activity];

    /// The word in labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Workflow => "workflow",
            Self::Activity => "activity",
        }
    }
}

impl From<TaskType> for TaskQueueType {
    fn from(task_type: TaskType) -> Self {
        match task_type {
            TaskType::Workflow => Self::Workflow,
            TaskType::Activity => Self::Activity,
        }
    }
}

/// One poller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Poller {
    /// What its client calls itself.
    pub(crate) identity: String,
    /// How long ago it polled, by our clock; `None` when the server does not say.
    pub(crate) idle: Option<Duration>,
}

/// Pollers for tasks of this type, those of the last five minutes.
pub(crate) async fn pollers(
    client: &Client,
    task_queue: &str,
    task_type: TaskType,
) -> Result<Vec<Poller>, Status> {
    let request = DescribeTaskQueueRequest {
        namespace: client.namespace(),
        task_queue: Some(TaskQueue { name: task_queue.to_owned(), ..Default::default() }),
        task_queue_type: TaskQueueType::from(task_type).into(),
        ..Default::default()
    };
    let answer = client.clone().describe_task_queue(request.into_request()).await?;
    let now = SystemTime::now();
    let seen = answer.into_inner().pollers.into_iter().map(|poller| {
        let at: Option<SystemTime> = poller.last_access_time.and_then(|at| at.try_into().ok());
        Poller {
            identity: poller.identity,
            // The server's clock may be ahead of ours.
            idle: at.map(|at| now.duration_since(at).unwrap_or_default()),
        }
    });
    Ok(seen.collect())
}
