//! gRPC in our words, and the budget of a call (HTTP handbook §3.2, §4.3).

use std::future::Future;
use std::time::Duration;

use temporalio_client::request_extensions::RetryConfigForCall;
use temporalio_client::tonic::{Code, Request, Status};
use temporalio_client::{RetryOptions, RpcOptions};
use temporalio_common::protos::temporal::api::enums::v1::ResourceExhaustedCause;
use temporalio_common::protos::temporal::api::errordetails::v1::ResourceExhaustedFailure;
use temporalio_common::protos::utilities::decode_status_detail;
use tokio::time::timeout;

use crate::temporal::connect::ConnectError;
use crate::temporal::gateway::GatewayError;

/// Options for a call that must end within `budget`, its retries included. One try may take the
/// whole of it; a second one is made when the first failed early.
pub(crate) fn within(budget: Duration) -> RpcOptions {
    RpcOptions::builder().timeout(budget).retry_options(tries(budget)).build()
}

/// The same for a request that is written by hand.
pub(crate) fn request_within<T>(message: T, budget: Duration) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(budget);
    request.extensions_mut().insert(RetryConfigForCall(tries(budget)));
    request
}

fn tries(budget: Duration) -> RetryOptions {
    RetryOptions::builder()
        .max_retries(3) // three tries in all
        .max_elapsed_time(Some(budget / 2))
        .build()
}

/// Ends a call that does not end by itself.
pub(crate) async fn bounded<T>(
    budget: Duration,
    call: impl Future<Output = Result<T, GatewayError>>,
) -> Result<T, GatewayError> {
    timeout(budget, call).await.unwrap_or(Err(GatewayError::Timeout))
}

/// What comes within the time. For no time nothing is asked: a call that is dropped at once is work
/// for nothing, and one that is dropped while it reads stops the dev server's SQLite for good
/// (`interrupted (9)`, Temporal CLI 1.5.1).
pub(crate) async fn waited<T>(wait: Duration, coming: impl Future<Output = T>) -> Option<T> {
    if wait.is_zero() {
        return None;
    }
    timeout(wait, coming).await.ok()
}

/// What a status means. Its text is for the log alone.
pub(crate) fn meaning(status: &Status, namespace: &str) -> GatewayError {
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied => GatewayError::Credentials,
        Code::NotFound
            if names(status, "NamespaceNotFoundFailure")
                || status.message().starts_with("Namespace ") =>
        {
            GatewayError::NamespaceMissing(namespace.to_owned())
        }
        Code::NotFound => GatewayError::NotFound,
        Code::DeadlineExceeded => GatewayError::Timeout,
        // Our own time-out has this text; else the connection broke.
        Code::Cancelled if status.message().contains("Timeout expired") => GatewayError::Timeout,
        Code::Cancelled | Code::Unavailable | Code::Aborted | Code::OutOfRange => {
            GatewayError::Unavailable(status.message().to_owned())
        }
        Code::Unknown if status.message().contains("transport error") => {
            GatewayError::Unavailable(status.message().to_owned())
        }
        Code::ResourceExhausted => exhausted(status),
        Code::InvalidArgument => GatewayError::Malformed(status.message().to_owned()),
        // A workflow task that keeps failing, or nobody who would carry it out.
        Code::FailedPrecondition if !OF_THE_SERVER.iter().any(|name| names(status, name)) => {
            GatewayError::NotProgressing
        }
        code => GatewayError::Other(format!("{code:?}: {}", status.message())),
    }
}

/// Details of a failed precondition that speak of server and namespace, not of a run.
const OF_THE_SERVER: [&str; 4] = [
    "ClientVersionNotSupportedFailure",
    "ServerVersionNotSupportedFailure",
    "NamespaceInvalidStateFailure",
    "NamespaceNotActiveFailure",
];

/// What there is too much of: one message, calls on one run, or calls as a whole.
fn exhausted(status: &Status) -> GatewayError {
    let text = status.message();
    // gRPC refuses it before Temporal sees it, so its text is all there is.
    if text.starts_with("grpc: ") && text.contains("larger than max") {
        let limit = text.rsplit_once("vs. ").map(|(_, limit)| limit.trim_end_matches(')'));
        return GatewayError::TooLarge(limit.and_then(|limit| limit.parse().ok()));
    }
    if !names(status, "ResourceExhaustedFailure") {
        return GatewayError::Throttled;
    }
    let detail = decode_status_detail::<ResourceExhaustedFailure>(status.details());
    match detail.map(|detail| detail.cause()) {
        Some(ResourceExhaustedCause::BusyWorkflow) => GatewayError::Busy,
        _ => GatewayError::Throttled,
    }
}

/// Whether the status has a detail of this type: its name stands in the bytes as text.
pub(crate) fn names(status: &Status, detail: &str) -> bool {
    let wanted = detail.as_bytes();
    status.details().windows(wanted.len()).any(|part| part == wanted)
}

impl From<ConnectError> for GatewayError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Credentials(_) => Self::Credentials,
            // As when our own time ends first, which is a matter of chance.
            ConnectError::Silent(..) => Self::Timeout,
            other => Self::NotConnected(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ConnectError, GatewayError as E, bounded, meaning};
    use std::time::Duration;
    use temporalio_client::tonic::{Code, Status};
    use temporalio_common::protos::google::rpc;
    use temporalio_common::protos::temporal::api::enums::v1::ResourceExhaustedCause as Cause;
    use temporalio_common::protos::temporal::api::errordetails::v1::{
        NamespaceNotActiveFailure, ResourceExhaustedFailure, WorkflowNotReadyFailure,
    };
    use temporalio_common::protos::utilities::{encode_status_details, pack_any};

    #[test]
    fn statuses_are_told_apart() {
        let cases = [
            (Code::PermissionDenied, "no", E::Credentials),
            (Code::NotFound, "workflow not found for ID: x", E::NotFound),
            (Code::NotFound, "Namespace default is not found.", E::NamespaceMissing("n".into())),
            (Code::Cancelled, "Timeout expired", E::Timeout),
            (
                Code::Cancelled,
                "operation was canceled",
                E::Unavailable("operation was canceled".into()),
            ),
            (Code::Unknown, "transport error", E::Unavailable("transport error".into())),
            (Code::DeadlineExceeded, "", E::Timeout),
            (Code::ResourceExhausted, "rate limit", E::Throttled),
            (Code::ResourceExhausted, "the answer is larger than max", E::Throttled),
            (
                Code::ResourceExhausted,
                "grpc: received message larger than max (5000000 vs. 4194304)",
                E::TooLarge(Some(4_194_304)),
            ),
            (
                Code::ResourceExhausted,
                "grpc: message after decompression larger than max",
                E::TooLarge(None),
            ),
            (Code::FailedPrecondition, "no poller seen", E::NotProgressing),
            (Code::InvalidArgument, "bad", E::Malformed("bad".into())),
            (Code::Unimplemented, "no", E::Other("Unimplemented: no".into())),
        ];
        for (code, text, wanted) in cases {
            assert_eq!(meaning(&Status::new(code, text), "n"), wanted, "{code:?} {text}");
        }
    }

    /// A status with this one detail.
    macro_rules! detailed {
        ($code:ident, $name:literal, $failure:expr) => {{
            let kind = concat!("type.googleapis.com/temporal.api.errordetails.v1.", $name);
            let details = vec![pack_any(kind.to_owned(), &$failure).expect("encoded")];
            let code = Code::$code as i32;
            let details = rpc::Status { code, message: String::new(), details };
            Status::with_details(
                Code::$code,
                "see its detail",
                encode_status_details(&details).into(),
            )
        }};
    }

    fn exhausted(cause: Cause) -> Status {
        let failure = ResourceExhaustedFailure { cause: cause.into(), scope: 1 };
        detailed!(ResourceExhausted, "ResourceExhaustedFailure", failure)
    }

    #[test]
    fn the_detail_of_a_status_tells_what_its_code_does_not() {
        let not_ready =
            detailed!(FailedPrecondition, "WorkflowNotReadyFailure", WorkflowNotReadyFailure {});
        let elsewhere = NamespaceNotActiveFailure::default();
        let elsewhere = detailed!(FailedPrecondition, "NamespaceNotActiveFailure", elsewhere);
        let table = [
            (exhausted(Cause::BusyWorkflow), E::Busy),
            (exhausted(Cause::RpsLimit), E::Throttled),
            (exhausted(Cause::SystemOverloaded), E::Throttled),
            (not_ready, E::NotProgressing),
            (elsewhere, E::Other("FailedPrecondition: see its detail".to_owned())),
        ];
        for (status, wanted) in table {
            assert_eq!(meaning(&status, "n"), wanted, "{status:?}");
        }
    }

    #[test]
    fn who_was_never_connected_to_is_told_apart_from_who_fell_silent() {
        let at = || "http://127.0.0.1:1".to_owned();
        let refused = E::from(ConnectError::NothingListens(at()));
        assert!(matches!(refused, E::NotConnected(_)), "{refused:?}");
        let silent = ConnectError::Silent(at(), Duration::from_secs(5));
        assert_eq!(E::from(silent), E::Timeout);
        assert_eq!(E::from(ConnectError::Credentials(at())), E::Credentials);
    }

    #[tokio::test]
    async fn a_call_that_never_ends_is_ended() {
        let never = std::future::pending::<Result<(), E>>();
        assert_eq!(bounded(Duration::from_millis(5), never).await, Err(E::Timeout));
    }
}
