//! What was kept as long as it had to be.

use crate::http::error::ApiError;
use crate::http::invoices::read::removed;
use crate::storage::Ledger;

/// What to answer for a statement, payment file or batch that is not there: 410 when it was
/// removed at the end of its period, else 404.
///
/// # Errors
/// 503 when the ledger is away.
pub async fn absent(ledger: &Ledger, what: &'static str, id: &str) -> Result<ApiError, ApiError> {
    Ok(match ledger.paper_removed(id).await? {
        Some(at) => removed(what, at),
        None => ApiError::not_found(what),
    })
}
