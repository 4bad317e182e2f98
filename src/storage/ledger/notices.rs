//! Who was told that an invoice rests: rows that webhooks and pages read.

use chrono::{DateTime, Utc};

use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::{Ledger, LedgerError};

/// A reminder or an escalation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice<'a> {
    /// `reminder` or `escalation`.
    pub kind: &'a str,
    /// Where the invoice rests.
    pub status: InvoiceStatus,
    /// Its revision.
    pub revision: i64,
    /// Whom; none for whoever may decide.
    pub recipient: Option<&'a str>,
    /// Which of its kind at this revision: the same one twice is one.
    pub count: u64,
}

/// A notice that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// `reminder` or `escalation`.
    pub kind: String,
    /// Where the invoice rested.
    pub status: InvoiceStatus,
    /// Whom; none for whoever may decide.
    pub recipient: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Ledger {
    /// The notices of an invoice, oldest first.
    pub async fn notices(&self, id: &InvoiceId) -> Result<Vec<NoticeRow>, LedgerError> {
        let sql = "SELECT invoice_id AS id, kind, status, recipient, at FROM notice \
                   WHERE invoice_id = $1 ORDER BY at, kind, entry";
        let rows = sqlx::query(sql).bind(id.as_str()).fetch_all(&self.pool).await?;
        let read = |row| {
            let fields = Fields::of("notice", row)?;
            Ok(NoticeRow {
                kind: fields.text("kind")?,
                status: fields.parsed("status", InvoiceStatus::parse)?,
                recipient: fields.text_if("recipient")?,
                at: fields.time("at")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Keeps a notice; the same one again changes nothing.
    pub async fn keep_notice(
        &self,
        id: &InvoiceId,
        notice: &Notice<'_>,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        let sql = "INSERT INTO notice (invoice_id, kind, revision, entry, status, recipient, at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
        let query = sqlx::query(sql)
            .bind(id.as_str())
            .bind(notice.kind)
            .bind(notice.revision)
            .bind(i64::try_from(notice.count).unwrap_or(i64::MAX))
            .bind(notice.status.as_str())
            .bind(notice.recipient)
            .bind(at.timestamp_micros());
        query.execute(write.on()).await?;
        write.commit().await
    }
}
