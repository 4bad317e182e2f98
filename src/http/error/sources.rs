//! What stores and Temporal could not do, as problems. No text of theirs reaches a caller.

use std::time::Duration;

use aws_lc_rs::rand;

use crate::http::error::problem::ApiError;
use crate::http::error::registry::Slug;
use crate::storage::{ArtifactError, LedgerError};
use crate::temporal::GatewayError;

/// When to come back after a store or Temporal was away: readiness looks about that often.
const AWAY: Duration = Duration::from_secs(2);

/// When to come back to a run whose worker cannot go on: somebody has to mend it first.
const STUCK: Duration = Duration::from_secs(10);

/// When to come back to a run of which too much was asked at once.
const BUSY: Duration = Duration::from_secs(1);

/// When those come back at the latest whom Temporal throttles.
const THROTTLED_SECONDS_MAX: u64 = 5;

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Unavailable(_) | LedgerError::Unreachable(_) => {
                storage_unavailable("ledger").caused_by(error)
            }
            LedgerError::KeyReused(id) => {
                let detail = "The key was sent with other content before. Send a new key.";
                Slug::IdempotencyKeyReused.error().detail(detail).member("id", id)
            }
            _ => Slug::Internal.error().caused_by(error),
        }
    }
}

impl From<ArtifactError> for ApiError {
    fn from(error: ArtifactError) -> Self {
        match error {
            ArtifactError::Store(_) => storage_unavailable("artifacts").caused_by(error),
            // The ledger promised this document: that it is gone or altered is our defect.
            _ => Slug::Internal.error().caused_by(error),
        }
    }
}

impl From<GatewayError> for ApiError {
    /// HTTP handbook §3.2.
    fn from(error: GatewayError) -> Self {
        use GatewayError as E;
        let mut refused = match error {
            E::NotConnected(_) => Slug::UpstreamUnavailable.error().not_done().retry_after(AWAY),
            E::Unavailable(_) => Slug::UpstreamUnavailable.error().retry_after(AWAY),
            E::Timeout => Slug::UpstreamTimeout.error().retry_after(AWAY),
            E::Credentials => Slug::UpstreamCredentials.error(),
            E::NotFound => ApiError::not_found("workflow"),
            E::NotProgressing => Slug::NoWorker.error().retry_after(STUCK),
            E::Taken => Slug::WorkflowExists.error(),
            E::Busy => Slug::InvoiceBusy.error().retry_after(BUSY),
            E::TooLarge(limit) => too_large(limit),
            E::Throttled => Slug::Overloaded.error().retry_after(jittered()),
            E::Malformed(_) => Slug::Internal.error(),
            E::NamespaceMissing(_) | E::Other(_) => Slug::UpstreamError.error(),
        };
        refused.0.upstream = failed_call(&error);
        refused.caused_by(error)
    }
}

/// As a refusal about a `resource`: what its caller calls the workflow that there is none of.
pub fn about(resource: &str, error: GatewayError) -> ApiError {
    match error {
        GatewayError::NotFound => ApiError::not_found(resource).caused_by(error),
        other => other.into(),
    }
}

/// As a refusal to start what would be known as `id`, and would be seen at `place`.
pub fn not_started(error: GatewayError, id: &str, place: &str) -> ApiError {
    let refused = ApiError::from(error).look_at(place);
    if refused.0.slug == Slug::WorkflowExists { refused.member("id", id) } else { refused }
}

/// What is sent on is larger than Temporal takes: its bytes are not those of the request.
fn too_large(limit: Option<u64>) -> ApiError {
    let detail = "What would be sent on is larger than Temporal takes.";
    let refused = Slug::PayloadTooLarge.error().detail(detail);
    match limit {
        Some(limit) => refused.member("limit", limit).member("unit", "bytes"),
        None => refused,
    }
}

/// When to come back to a Temporal that throttles: not all at the same time.
fn jittered() -> Duration {
    let mut random = [0_u8];
    // Without random numbers they all come back first, which is as good as they come.
    let _ = rand::fill(&mut random);
    Duration::from_secs(1 + u64::from(random[0]) % THROTTLED_SECONDS_MAX)
}

fn storage_unavailable(store: &str) -> ApiError {
    Slug::StorageUnavailable
        .error()
        .detail(format!("The {store} cannot be reached. Send the same request again."))
        .member("store", store)
        .retry_after(AWAY)
}

/// The label of a failed call in `ap_gateway_upstream_errors_total`.
pub fn upstream_kind(error: &GatewayError) -> &'static str {
    match error {
        GatewayError::NotConnected(_) | GatewayError::Unavailable(_) => "unavailable",
        GatewayError::Timeout => "timeout",
        GatewayError::Credentials => "credentials",
        GatewayError::Busy | GatewayError::Throttled => "throttled",
        _ => "other",
    }
}

/// The same of an answer of Temporal, which need not be a failure.
fn failed_call(error: &GatewayError) -> Option<&'static str> {
    let answered = matches!(
        error,
        GatewayError::NotFound | GatewayError::NotProgressing | GatewayError::Taken
    );
    (!answered).then(|| upstream_kind(error))
}

#[cfg(test)]
mod tests {
    use axum::http::header::RETRY_AFTER;

    use super::{ApiError, GatewayError as E, Slug, about, not_started};

    fn seconds(refused: &ApiError) -> Option<u64> {
        let after = refused.0.headers.iter().find(|(name, _)| *name == RETRY_AFTER);
        after.map(|(_, value)| value.to_str().expect("ASCII").parse().expect("seconds"))
    }

    /// HTTP handbook §3.2, from our words on; `temporal::grpc` has the way to them.
    #[test]
    fn what_temporal_could_not_do_is_told_by_type_time_and_metric() {
        let text = String::new;
        let table = [
            (E::NotConnected(text()), Slug::UpstreamUnavailable, Some(2), Some("unavailable")),
            (E::Unavailable(text()), Slug::UpstreamUnavailable, Some(2), Some("unavailable")),
            (E::Timeout, Slug::UpstreamTimeout, Some(2), Some("timeout")),
            (E::Credentials, Slug::UpstreamCredentials, None, Some("credentials")),
            (E::NamespaceMissing(text()), Slug::UpstreamError, None, Some("other")),
            (E::NotFound, Slug::NotFound, None, None),
            (E::NotProgressing, Slug::NoWorker, Some(10), None),
            (E::Taken, Slug::WorkflowExists, None, None),
            (E::Busy, Slug::InvoiceBusy, Some(1), Some("throttled")),
            (E::TooLarge(Some(4_194_304)), Slug::PayloadTooLarge, None, Some("other")),
            (E::Malformed(text()), Slug::Internal, None, Some("other")),
            (E::Other(text()), Slug::UpstreamError, None, Some("other")),
        ];
        for (error, slug, after, upstream) in table {
            let refused = ApiError::from(error.clone());
            assert_eq!((refused.0.slug, seconds(&refused)), (slug, after), "{error:?}");
            assert_eq!(refused.0.upstream, upstream, "{error:?}");
            let sent = !matches!(error, E::NotConnected(_));
            assert_eq!(refused.0.not_done, !sent, "{error:?}");
        }
        let large = ApiError::from(E::TooLarge(Some(4_194_304))).0.members;
        assert_eq!((&large["limit"], &large["unit"]), (&4_194_304.into(), &"bytes".into()));
    }

    #[test]
    fn those_who_are_throttled_come_back_at_different_times() {
        let after = || seconds(&ApiError::from(E::Throttled)).expect("a time");
        let all: std::collections::BTreeSet<_> = (0..200).map(|_| after()).collect();
        assert!(all.len() > 1 && all.iter().all(|after| (1..=5).contains(after)), "{all:?}");
    }

    #[test]
    fn a_refusal_names_what_its_caller_asked_for() {
        let unknown = about("reconciliation", E::NotFound);
        assert_eq!(unknown.0.members["resource"], "reconciliation");
        assert_eq!(about("reconciliation", E::Timeout).0.slug, Slug::UpstreamTimeout);
        let taken = not_started(E::Taken, "rec_1", "/reconciliations/rec_1");
        assert_eq!(taken.0.members["id"], "rec_1");
        let late = not_started(E::Timeout, "rec_1", "/reconciliations/rec_1");
        assert_eq!(late.0.members["links"]["self"], "/reconciliations/rec_1");
    }
}
