//! gRPC in our words, and the budget of a call (HTTP handbook §3.2, §4.3).

use std::future::Future;
use std::time::Duration;

use temporalio_client::tonic::{Code, Status};
use temporalio_client::{RetryOptions, RpcOptions};
use tokio::time::timeout;

use crate::temporal::connect::ConnectError;
use crate::temporal::gateway::GatewayError;

/// Options for a call that must end within `budget`, its retries included. One try may take the
/// whole of it; a second one is made when the first failed early.
pub(crate) fn within(budget: Duration) -> RpcOptions {
    let retry = RetryOptions::builder()
        .max_retries(3) // three tries in all
        .max_elapsed_time(Some(budget / 2))
        .build();
    RpcOptions::builder().timeout(budget).retry_options(retry).build()
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
        Code::NotFound if lacks_namespace(status) => {
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
        Code::ResourceExhausted => GatewayError::Throttled,
        code => GatewayError::Other(format!("{code:?}: {}", status.message())),
    }
}

/// The type of the detail stands in its bytes as text.
fn lacks_namespace(status: &Status) -> bool {
    let wanted = b"NamespaceNotFoundFailure";
    let found = |bytes: &[u8]| bytes.windows(wanted.len()).any(|part| part == wanted);
    found(status.details()) || status.message().starts_with("Namespace ")
}

impl From<ConnectError> for GatewayError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Credentials(_) => Self::Credentials,
            other => Self::Unavailable(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GatewayError as E, bounded, meaning};
    use std::time::Duration;
    use temporalio_client::tonic::{Code, Status};

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
            (Code::InvalidArgument, "bad", E::Other("InvalidArgument: bad".into())),
        ];
        for (code, text, wanted) in cases {
            assert_eq!(meaning(&Status::new(code, text), "n"), wanted, "{code:?} {text}");
        }
    }

    #[tokio::test]
    async fn a_call_that_never_ends_is_ended() {
        let never = std::future::pending::<Result<(), E>>();
        assert_eq!(bounded(Duration::from_millis(5), never).await, Err(E::Timeout));
    }
}
