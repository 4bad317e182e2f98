//! Events of a run's history: what an operator may see. Payloads show as a size, workers without
//! their names, failures as their type: no document and no host gets into an answer.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use temporalio_client::grpc::WorkflowService;
use temporalio_client::tonic::{IntoRequest, Status};
use temporalio_client::{Client, NamespacedClient};
use temporalio_common::protos::temporal::api::common::v1::{
    ActivityType, Payloads, WorkflowExecution,
};
use temporalio_common::protos::temporal::api::enums::v1::HistoryEventFilterType;
use temporalio_common::protos::temporal::api::failure::v1::Failure;
use temporalio_common::protos::temporal::api::history::v1::HistoryEvent;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_common::protos::temporal::api::workflowservice::v1::GetWorkflowExecutionHistoryRequest;

use crate::temporal::run_end::cause;
use crate::temporal::runs::time;

/// Events of one call.
const PAGE: i32 = 1_000;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEvent {
    /// Its place in the history.
    pub event_id: i64,
    /// What happened: `activity_task_scheduled`.
    pub kind: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// What of it may be seen.
    pub attributes: Map<String, Value>,
}

/// Events behind `after`, oldest first.
pub(crate) async fn events(
    client: &Client,
    execution: WorkflowExecution,
    after: i64,
    limit: usize,
) -> Result<Vec<RunEvent>, Status> {
    let (mut found, mut token) = (Vec::new(), Vec::new());
    loop {
        let request = GetWorkflowExecutionHistoryRequest {
            namespace: client.namespace(),
            execution: Some(execution.clone()),
            maximum_page_size: PAGE,
            next_page_token: token,
            skip_archival: true,
            ..Default::default()
        };
        let answer = client.clone().get_workflow_execution_history(request.into_request()).await?;
        let answer = answer.into_inner();
        let page = answer.history.unwrap_or_default().events.into_iter();
        let wanted = page.filter(|event| event.event_id > after);
        found.extend(wanted.take(limit - found.len()).map(seen));
        token = answer.next_page_token;
        if token.is_empty() || found.len() >= limit {
            return Ok(found);
        }
    }
}

/// The event that ended a run; `None` when it runs, after waiting for a while if `patient`.
pub(crate) async fn close_event(
    client: &Client,
    execution: WorkflowExecution,
    patient: bool,
) -> Result<Option<HistoryEvent>, Status> {
    let request = GetWorkflowExecutionHistoryRequest {
        namespace: client.namespace(),
        execution: Some(execution),
        wait_new_event: patient,
        history_event_filter_type: HistoryEventFilterType::CloseEvent.into(),
        skip_archival: true,
        ..Default::default()
    };
    let answer = client.clone().get_workflow_execution_history(request.into_request()).await?;
    Ok(answer.into_inner().history.unwrap_or_default().events.pop())
}

fn seen(event: HistoryEvent) -> RunEvent {
    let kind = event.event_type().as_str_name();
    let kind = kind.strip_prefix("EVENT_TYPE_").unwrap_or(kind).to_ascii_lowercase();
    let attributes = event.attributes.as_ref().map(attributes).unwrap_or_default();
    let Value::Object(mut attributes) = attributes else {
        return RunEvent { event_id: event.event_id, kind, at: None, attributes: Map::new() };
    };
    attributes.retain(|_, value| !value.is_null() && value != "");
    RunEvent { event_id: event.event_id, kind, at: event.event_time.and_then(time), attributes }
}

fn attributes(event: &Attributes) -> Value {
    use Attributes as A;
    match event {
        A::WorkflowExecutionStartedEventAttributes(e) => json!({
            "workflow_type": e.workflow_type.as_ref().map(|kind| &kind.name),
            "attempt": e.attempt, "input_bytes": size(e.input.as_ref()),
            "continued_from": e.continued_execution_run_id,
        }),
        A::WorkflowExecutionCompletedEventAttributes(e) => {
            json!({"result_bytes": size(e.result.as_ref())})
        }
        A::WorkflowExecutionFailedEventAttributes(e) => {
            json!({"failure_type": kind(e.failure.as_ref())})
        }
        A::WorkflowExecutionContinuedAsNewEventAttributes(e) => {
            json!({"continued_as": e.new_execution_run_id, "input_bytes": size(e.input.as_ref())})
        }
        A::WorkflowExecutionTerminatedEventAttributes(e) => json!({"reason": e.reason}),
        A::WorkflowExecutionCancelRequestedEventAttributes(e) => json!({"reason": e.cause}),
        A::WorkflowExecutionSignaledEventAttributes(e) => {
            json!({"signal": e.signal_name, "input_bytes": size(e.input.as_ref())})
        }
        A::WorkflowExecutionUpdateAcceptedEventAttributes(e) => {
            json!({"update_id": e.protocol_instance_id})
        }
        A::WorkflowExecutionUpdateCompletedEventAttributes(e) => json!({
            "update_id": e.meta.as_ref().map(|meta| &meta.update_id),
            "accepted_event_id": e.accepted_event_id,
        }),
        A::MarkerRecordedEventAttributes(e) => json!({"marker": e.marker_name}),
        A::TimerStartedEventAttributes(e) => json!({
            "timer_id": e.timer_id,
            "seconds": e.start_to_fire_timeout.as_ref().map(|timer| timer.seconds),
        }),
        A::TimerFiredEventAttributes(e) => json!({"timer_id": e.timer_id}),
        A::TimerCanceledEventAttributes(e) => json!({"timer_id": e.timer_id}),
        task => of_task(task),
    }
}

fn of_task(event: &Attributes) -> Value {
    use Attributes as A;
    match event {
        A::WorkflowTaskScheduledEventAttributes(e) => json!({"attempt": e.attempt}),
        A::WorkflowTaskStartedEventAttributes(e) => {
            json!({"scheduled_event_id": e.scheduled_event_id})
        }
        A::WorkflowTaskCompletedEventAttributes(e) => {
            json!({"scheduled_event_id": e.scheduled_event_id})
        }
        A::WorkflowTaskFailedEventAttributes(e) => json!({
            "scheduled_event_id": e.scheduled_event_id, "failure_type": kind(e.failure.as_ref()),
            "cause": e.cause().as_str_name().trim_start_matches("WORKFLOW_TASK_FAILED_CAUSE_")
                .to_ascii_lowercase(),
        }),
        A::ActivityTaskScheduledEventAttributes(e) => json!({
            "activity_id": e.activity_id, "activity_type": name(e.activity_type.as_ref()),
            "input_bytes": size(e.input.as_ref()),
        }),
        A::ActivityTaskStartedEventAttributes(e) => json!({
            "scheduled_event_id": e.scheduled_event_id, "attempt": e.attempt,
            "last_failure_type": e.last_failure.as_ref().map(|failure| cause(failure).kind),
        }),
        A::ActivityTaskCompletedEventAttributes(e) => json!({
            "scheduled_event_id": e.scheduled_event_id, "result_bytes": size(e.result.as_ref()),
        }),
        A::ActivityTaskFailedEventAttributes(e) => json!({
            "scheduled_event_id": e.scheduled_event_id, "failure_type": kind(e.failure.as_ref()),
        }),
        A::ActivityTaskTimedOutEventAttributes(e) => json!({
            "scheduled_event_id": e.scheduled_event_id, "failure_type": kind(e.failure.as_ref()),
        }),
        A::ActivityTaskCancelRequestedEventAttributes(e) => {
            json!({"scheduled_event_id": e.scheduled_event_id})
        }
        A::ActivityTaskCanceledEventAttributes(e) => {
            json!({"scheduled_event_id": e.scheduled_event_id})
        }
        _ => json!({}),
    }
}

fn size(payloads: Option<&Payloads>) -> Option<usize> {
    let payloads = &payloads?.payloads;
    Some(payloads.iter().map(|payload| payload.data.len()).sum())
}

fn kind(failure: Option<&Failure>) -> Option<String> {
    failure.map(|failure| cause(failure).kind)
}

fn name(activity: Option<&ActivityType>) -> Option<&str> {
    activity.map(|activity| activity.name.as_str())
}
