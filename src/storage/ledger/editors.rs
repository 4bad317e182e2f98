//! Who changed the accounts of a supplier: for some days they do not approve its invoices
//! (reconciliation handbook §14).

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AnyConnection;

use crate::models::policy::COOLING_DAYS_MAX;
use crate::models::refs::{InvoiceId, SupplierId};
use crate::models::supplier::SupplierAccount;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{LedgerError, texts};

/// Somebody who changed the accounts of an invoice's supplier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    /// Who.
    pub subject: String,
    /// How long ago, at most.
    pub age: TimeDelta,
}

/// Those of the suppliers that the seller of an invoice may be; who did it longer ago than any
/// policy asks for is left out.
pub(super) async fn of_invoice(
    connection: &mut AnyConnection,
    id: &InvoiceId,
) -> Result<Vec<Editor>, LedgerError> {
    let now = Utc::now();
    let since = now - TimeDelta::days(COOLING_DAYS_MAX.into());
    let sql = "SELECT e.subject, MAX(e.changed_at) FROM invoice_seller s \
               JOIN supplier_editor e ON e.supplier_id = s.supplier_id \
               WHERE s.invoice_id = $1 AND e.changed_at > $2 GROUP BY e.subject ORDER BY e.subject";
    let query = sqlx::query_as(sql).bind(id.as_str()).bind(since.timestamp_micros());
    let rows: Vec<(String, i64)> = query.fetch_all(connection).await?;
    let age = |micros| now.timestamp_micros().saturating_sub(micros);
    let editor = |(subject, micros)| Editor { subject, age: TimeDelta::microseconds(age(micros)) };
    Ok(rows.into_iter().map(editor).collect())
}

impl Write {
    /// Remembers who changed the accounts, where they did and somebody asked for it.
    pub(super) async fn note_editor(
        &mut self,
        id: &SupplierId,
        before: &[SupplierAccount],
        now: &[SupplierAccount],
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let Some(author) = self.author().filter(|_| before != now) else {
            return Ok(());
        };
        let sql = "INSERT INTO supplier_editor (supplier_id, subject, changed_at) \
                   VALUES ($1, $2, $3) \
                   ON CONFLICT (supplier_id, subject) DO UPDATE SET changed_at = excluded.changed_at";
        let query = sqlx::query(sql).bind(id.as_str()).bind(&author.subject);
        query.bind(at.timestamp_micros()).execute(self.on()).await?;
        Ok(())
    }

    /// Remembers which suppliers the seller of an invoice may be.
    pub(super) async fn keep_sellers(
        &mut self,
        id: &InvoiceId,
        identities: &[String],
    ) -> Result<(), LedgerError> {
        let sql = "DELETE FROM invoice_seller WHERE invoice_id = $1";
        sqlx::query(sql).bind(id.as_str()).execute(self.on()).await?;
        for identity in identities {
            let sql = "INSERT INTO invoice_seller (invoice_id, supplier_id) \
                       SELECT CAST($1 AS TEXT), supplier_id FROM supplier_identity \
                       WHERE identity = $2 ON CONFLICT DO NOTHING";
            let query = sqlx::query(sql).bind(id.as_str()).bind(texts::key(identity));
            query.execute(self.on()).await?;
        }
        Ok(())
    }
}
