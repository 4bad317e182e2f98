//! How a run ended, from the last event of its history.

use serde_json::Value;
use temporalio_common::protos::temporal::api::common::v1::{Payload, Payloads};
use temporalio_common::protos::temporal::api::failure::v1::Failure;
use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;
use temporalio_common::protos::temporal::api::history::v1::HistoryEvent;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;

/// Characters of a failure's text that are shown.
const MESSAGE_CHARACTERS_MAX: usize = 500;

/// The end of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEnd {
    /// With this result; `None` when it is no JSON.
    Completed(Option<Value>),
    /// Without one.
    Failed(RunFailure),
}

/// Why a run has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFailure {
    /// For machines: the type that our own code gave it, or `Canceled`, `Terminated`, `TimedOut`,
    /// `ContinuedAsNew`.
    pub kind: String,
    /// For people.
    pub message: String,
    /// Whether the same again may end well.
    pub retryable: bool,
}

/// Reads a close event.
pub(crate) fn of(event: HistoryEvent) -> Option<RunEnd> {
    use Attributes as A;
    let failure = |kind: &str, message: &str, retryable| {
        let message = message.chars().take(MESSAGE_CHARACTERS_MAX).collect();
        RunEnd::Failed(RunFailure { kind: kind.to_owned(), message, retryable })
    };
    Some(match event.attributes? {
        A::WorkflowExecutionCompletedEventAttributes(done) => RunEnd::Completed(value(done.result)),
        A::WorkflowExecutionFailedEventAttributes(failed) => {
            let cause = cause(&failed.failure.unwrap_or_default());
            failure(&cause.kind, &cause.message, cause.retryable)
        }
        A::WorkflowExecutionCanceledEventAttributes(_) => {
            failure("Canceled", "the run was cancelled", true)
        }
        A::WorkflowExecutionTerminatedEventAttributes(ended) => failure(
            "Terminated",
            &format!("the run was ended from outside: {}", ended.reason),
            true,
        ),
        A::WorkflowExecutionTimedOutEventAttributes(_) => {
            failure("TimedOut", "the run took longer than it may", true)
        }
        A::WorkflowExecutionContinuedAsNewEventAttributes(next) => {
            let next = next.new_execution_run_id;
            failure("ContinuedAsNew", &format!("the workflow went on as run {next}"), false)
        }
        _ => return None,
    })
}

/// The last cause says what happened; the ones around it where it was felt.
pub(crate) fn cause(failure: &Failure) -> RunFailure {
    let mut last = failure;
    while let Some(next) = &last.cause {
        last = next;
    }
    let (kind, retryable) = match &last.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => {
            (info.r#type.as_str(), !info.non_retryable)
        }
        Some(FailureInfo::TimeoutFailureInfo(_)) => ("TimedOut", true),
        Some(FailureInfo::CanceledFailureInfo(_)) => ("Canceled", true),
        Some(FailureInfo::TerminatedFailureInfo(_)) => ("Terminated", true),
        _ => ("Failure", false),
    };
    let kind = if kind.is_empty() { "Failure" } else { kind };
    RunFailure { kind: kind.to_owned(), message: last.message.clone(), retryable }
}

/// The one payload of a result, when it is plain JSON.
fn value(payloads: Option<Payloads>) -> Option<Value> {
    let payload: Payload = payloads?.payloads.into_iter().next()?;
    let plain = payload.metadata.get("encoding").is_some_and(|kind| kind == b"json/plain");
    plain.then(|| serde_json::from_slice(&payload.data).ok())?
}

#[cfg(test)]
mod tests {
    use super::{Failure, FailureInfo, cause};
    use temporalio_common::protos::temporal::api::failure::v1::{
        ActivityFailureInfo, ApplicationFailureInfo,
    };

    #[test]
    fn the_last_cause_is_told() {
        let inner = Failure {
            message: "the ledger is away".to_owned(),
            failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
                r#type: "LedgerAway".to_owned(),
                ..Default::default()
            })),
            ..Default::default()
        };
        let outer = Failure {
            message: "activity error".to_owned(),
            cause: Some(Box::new(inner)),
            failure_info: Some(FailureInfo::ActivityFailureInfo(ActivityFailureInfo::default())),
            ..Default::default()
        };
        let told = cause(&outer);
        assert_eq!((told.kind.as_str(), told.retryable), ("LedgerAway", true));
        assert_eq!(told.message, "the ledger is away");
    }
}
