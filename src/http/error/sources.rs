//! What stores and Temporal could not do, as problems. No text of theirs reaches a caller.

use std::time::Duration;

use crate::http::error::problem::ApiError;
use crate::http::error::registry::Slug;
use crate::storage::{ArtifactError, LedgerError};
use crate::temporal::GatewayError;

/// When to come back after a store or Temporal was away: readiness looks about that often.
const AWAY: Duration = Duration::from_secs(2);

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Unavailable(_) => storage_unavailable("ledger").caused_by(error),
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
    fn from(error: GatewayError) -> Self {
        let refused = match error {
            GatewayError::Unavailable(_) => Slug::UpstreamUnavailable.error().retry_after(AWAY),
            GatewayError::Timeout => Slug::UpstreamTimeout.error().retry_after(AWAY),
            GatewayError::Credentials => Slug::UpstreamCredentials.error(),
            GatewayError::NotFound => ApiError::not_found("workflow"),
            GatewayError::NotProgressing => Slug::NoWorker.error().retry_after(AWAY),
            GatewayError::Throttled => Slug::Overloaded.error().retry_after(AWAY),
            _ => Slug::UpstreamError.error(),
        };
        refused.caused_by(error)
    }
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
        GatewayError::Unavailable(_) => "unavailable",
        GatewayError::Timeout => "timeout",
        GatewayError::Credentials => "credentials",
        GatewayError::Throttled => "throttled",
        _ => "other",
    }
}

/// The label of a problem that comes from Temporal.
pub fn upstream_kind_of(slug: Slug) -> Option<&'static str> {
    match slug {
        Slug::UpstreamUnavailable => Some("unavailable"),
        Slug::UpstreamTimeout => Some("timeout"),
        Slug::UpstreamCredentials => Some("credentials"),
        Slug::UpstreamError => Some("other"),
        _ => None,
    }
}
