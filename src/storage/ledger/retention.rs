//! What is past its period: found, and removed with a row in the trail.
//!
//! The row of an invoice stays, and so do its allocations, charges and payments: an order must not
//! give the same goods twice because an old invoice was tidied away, and a copy of it must still be
//! seen for one.

pub mod papers;

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

use crate::models::refs::{InvoiceId, Sha256};
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::select::Select;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError};

/// What is removed of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The document as it was received.
    Document,
    /// What was read out of it, what it was compared with, what was decided, and by whom.
    Rows,
}

/// When what was removed of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    /// Its document.
    pub document: Option<DateTime<Utc>>,
    /// Its rows.
    pub rows: Option<DateTime<Utc>>,
}

/// The tables of [`Part::Rows`].
const ROWS: [&str; 8] = [
    "extraction",
    "reconciliation",
    "invoice_event",
    "decision",
    "notice",
    "invoice_named",
    "invoice_identity",
    "invoice_seller",
];

impl Part {
    fn column(self) -> &'static str {
        match self {
            Self::Document => "document_removed_at",
            Self::Rows => "rows_removed_at",
        }
    }

    fn deed(self) -> &'static str {
        match self {
            Self::Document => "remove_document",
            Self::Rows => "remove_rows",
        }
    }
}

/// The states after which nothing is to come. A payment may come back; periods are years.
fn finished() -> impl Iterator<Item = InvoiceStatus> {
    let over = |status: &InvoiceStatus| status.is_final() || *status == InvoiceStatus::Paid;
    InvoiceStatus::ALL.into_iter().filter(over)
}

impl Ledger {
    /// Finished invoices that came to their end before this time and still have this part, with
    /// the address of their document; by their ids, behind `after`.
    pub async fn expired(
        &self,
        part: Part,
        before: DateTime<Utc>,
        after: Option<&InvoiceId>,
        limit: u32,
    ) -> Result<Vec<(InvoiceId, Sha256)>, LedgerError> {
        let kept = match part {
            Part::Document => "document_removed_at IS NULL",
            // What tells of a document stays as long as that.
            Part::Rows => "rows_removed_at IS NULL AND document_removed_at IS NOT NULL",
        };
        let rows = Select::new("SELECT id, sha256 FROM invoice")
            .same(kept)
            .any("status", finished().map(|status| status.as_str().to_owned()).collect())
            .number("updated_at <", Some(before.timestamp_micros()))
            .text("id >", after.map(ToString::to_string))
            .fetch("id", limit, &self.pool)
            .await?;
        let read = |row| {
            let fields = Fields::of("invoice", row)?;
            let id = fields.parsed("id", |id| InvoiceId::parse(id).ok())?;
            Ok((id, fields.parsed("sha256", |digest| Sha256::parse(digest).ok())?))
        };
        rows.iter().map(read).collect()
    }

    /// Whether somebody else than `owner` still needs the bytes under this address: an invoice
    /// whose document is kept, a bank statement, a payment file, the source of a batch.
    pub async fn needed_elsewhere(
        &self,
        sha256: &Sha256,
        owner: &str,
    ) -> Result<bool, LedgerError> {
        let sql = "SELECT (SELECT COUNT(*) FROM invoice WHERE sha256 = $1 AND id <> $2 \
                   AND document_removed_at IS NULL) \
                   + (SELECT COUNT(*) FROM bank_statement WHERE sha256 = $1 AND id <> $2) \
                   + (SELECT COUNT(*) FROM payment_file WHERE sha256 = $1 AND id <> $2) \
                   + (SELECT COUNT(*) FROM batch WHERE source = $1 AND id <> $2)";
        let query = sqlx::query_scalar(sql).bind(sha256.as_str()).bind(owner);
        let needed: i64 = query.fetch_one(&self.pool).await?;
        Ok(needed > 0)
    }

    /// Removes a part of an invoice, unless it moved on since it was found, with a row in the
    /// trail; answers whether it did.
    pub async fn remove(
        &self,
        part: Part,
        id: &InvoiceId,
        before: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let mut write = self.write().await?;
        if !write.mark_removed(part, id, before, at).await? {
            return Ok(false);
        }
        if part == Part::Rows {
            for table in ROWS {
                // Words of this program alone.
                let sql = AssertSqlSafe(format!("DELETE FROM {table} WHERE invoice_id = $1"));
                sqlx::query(sql).bind(id.as_str()).execute(write.on()).await?;
            }
        }
        write.audit(&Deed::done(part.deed(), id.as_str())).await?;
        write.commit().await?;
        Ok(true)
    }

    /// What was removed of an invoice.
    pub async fn removed(&self, id: &InvoiceId) -> Result<Removed, LedgerError> {
        let sql = "SELECT id, document_removed_at, rows_removed_at FROM invoice WHERE id = $1";
        let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(&self.pool).await?;
        let Some(row) = row else {
            return Ok(Removed::default());
        };
        let fields = Fields::of("invoice", &row)?;
        Ok(Removed {
            document: fields.time_if("document_removed_at")?,
            rows: fields.time_if("rows_removed_at")?,
        })
    }
}

impl Write {
    /// The condition is the one that it was found by: a payment may have come back meanwhile.
    async fn mark_removed(
        &mut self,
        part: Part,
        id: &InvoiceId,
        before: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let states: Vec<_> = finished().map(|status| format!("'{}'", status.as_str())).collect();
        let states = states.join(",");
        let column = part.column();
        // The bytes that it stood for are gone: sent again, they are another document.
        let also = if part == Part::Document { ", content_key = NULL" } else { "" };
        // Words of this program alone.
        let sql = AssertSqlSafe(format!(
            "UPDATE invoice SET {column} = $2{also} WHERE id = $1 AND {column} IS NULL \
             AND updated_at < $3 AND status IN ({states})"
        ));
        let query = sqlx::query(sql).bind(id.as_str()).bind(at.timestamp_micros());
        let marked = query.bind(before.timestamp_micros()).execute(self.on()).await?;
        Ok(marked.rows_affected() == 1)
    }
}
