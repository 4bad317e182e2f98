//! What a caller does in Temporal, in the audit trail: one row before it, one after it, because
//! it is in no transaction of the ledger.

use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::storage::Ledger;
use crate::storage::ledger::audit::Deed;

/// Records that `action` on `resource` begins, does it, and records how it ended.
///
/// # Errors
/// 503 when the beginning cannot be recorded: then nothing is done. The effect's own.
pub async fn around<T, E: Into<ApiError>>(
    caller: &Caller,
    ledger: &Ledger,
    (action, resource): (&str, &str),
    effect: impl Future<Output = Result<T, E>>,
) -> Result<T, ApiError> {
    let ledger = caller.ledger(ledger);
    let deed = Deed { outcome: "begun", ..Deed::done(action, resource) };
    ledger.record(&deed).await?;
    let result = effect.await.map_err(Into::into);
    let reason = result.as_ref().err().map(|error| error.0.slug.as_str());
    let outcome = match &result {
        Ok(_) => "done",
        Err(error) if error.0.slug.status().is_client_error() => "refused",
        Err(_) => "failed",
    };
    // It is done now: what can be told of it is told to the log at least.
    if let Err(error) = ledger.record(&Deed { outcome, reason, ..deed }).await {
        tracing::warn!(%error, action, resource, outcome, "the end of a deed is not recorded");
    }
    result
}
