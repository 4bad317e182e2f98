//! What an invoice would be compared with now: read as one snapshot, without a lock and without a
//! trace, for who only wants to know.

use sqlx::Row;

use crate::models::refs::InvoiceId;
use crate::storage::ledger::matching::{Concerns, LedgerView, Place};
use crate::storage::ledger::{Ledger, LedgerError};

impl Ledger {
    /// As [`matching`](Self::matching) reads it; an invoice that was never matched stands behind
    /// all others. Nobody waits for this, and it waits for nobody: whatever is written meanwhile
    /// is not seen.
    pub async fn present(
        &self,
        id: &InvoiceId,
        concerns: Concerns<'_>,
    ) -> Result<LedgerView, LedgerError> {
        let mut look = self.look().await?;
        let (orders, claim) = concerns.keys();
        let named = look.orders_of_named(id, concerns.seller, concerns.preceding).await?;
        let orders = orders.into_iter().chain(named).collect();
        let sql = "SELECT i.sequence, i.kind, l.kept_at FROM invoice i \
                   LEFT JOIN likeness l ON l.invoice_id = i.id WHERE i.id = $1";
        let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(look.on()).await?;
        let row = row.ok_or_else(|| LedgerError::Missing(format!("invoice {id}")))?;
        let (sequence, kind) = (row.try_get::<Option<i64>, _>("sequence")?, row.try_get("kind")?);
        let kept_at: Option<i64> = row.try_get("kept_at")?;
        let place = Place { sequence: sequence.unwrap_or(i64::MAX), kind, orders, claim };
        let mut view = look.whole_view(id, &place, &concerns).await?;
        if let Some(likeness) = &concerns.likeness {
            let kept_at = kept_at.unwrap_or(i64::MAX);
            view.known_invoices = look.known_invoices(id, kept_at, likeness).await?;
        }
        // Dropped, the transaction is rolled back: it has nothing to keep.
        Ok(view)
    }
}
