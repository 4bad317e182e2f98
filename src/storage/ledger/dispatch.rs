//! What the dispatcher has to do: rows to start, and rows to tell that something came.
//!
//! Both are marks in rows, made in the transaction that makes the work: a process that dies
//! leaves them behind, and any replica takes them up.

use chrono::{DateTime, TimeDelta, Utc};

use crate::models::hold::{Hold, HoldSeverity};
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::invoices::invoice_id;
use crate::storage::ledger::select::Select;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};
use crate::trace::Trace;

/// A row that was started and is `received` still has no worker: it is looked at again after
/// this long, so that rows behind it come first.
const AGAIN_AFTER: TimeDelta = TimeDelta::seconds(60);

/// An invoice that is to be told that something came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wake {
    /// Which one.
    pub id: InvoiceId,
    /// How many things had come when this was read.
    pub count: i64,
}

impl Ledger {
    /// Rows that came before this time and are `received` still, oldest first; those that were
    /// started a short while ago are left out.
    pub async fn unstarted(
        &self,
        received_before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<InvoiceId>, LedgerError> {
        let received = InvoiceStatus::Received.as_str().to_owned();
        let again = (received_before - AGAIN_AFTER).timestamp_micros();
        let rows = Select::new("SELECT id FROM invoice")
            .text("status =", Some(received))
            .number("received_at <", Some(received_before.timestamp_micros()))
            .number("COALESCE(dispatched_at, 0) <", Some(again))
            .fetch("id", limit, &self.pool)
            .await?;
        rows.iter().map(invoice_id).collect()
    }

    /// The trace of the request that brought it.
    pub async fn invoice_trace(&self, id: &InvoiceId) -> Result<Option<Trace>, LedgerError> {
        self.kept_trace("SELECT trace FROM invoice WHERE id = $1", id.as_str()).await
    }

    /// The trace that stands in the row of this id.
    pub(super) async fn kept_trace(
        &self,
        sql: &'static str,
        id: &str,
    ) -> Result<Option<Trace>, LedgerError> {
        let query = sqlx::query_scalar(sql).bind(id);
        let trace: Option<Option<String>> = query.fetch_optional(&self.pool).await?;
        Ok(trace.flatten().and_then(|trace| Trace::of_json(trace.as_bytes())))
    }

    /// Its workflow is started: [`unstarted`](Self::unstarted) leaves it out for a while.
    pub async fn started(&self, id: &InvoiceId, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        let sql = "UPDATE invoice SET dispatched_at = $2 WHERE id = $1";
        let query = sqlx::query(sql).bind(id.as_str()).bind(at.timestamp_micros());
        query.execute(write.on()).await?;
        write.commit().await
    }

    /// Rows that should move and did not since this time, oldest first: their workflows may have
    /// been ended from outside.
    pub async fn stalled(
        &self,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<InvoiceId>, LedgerError> {
        let moving = InvoiceStatus::ALL.into_iter().filter(|status| status.moves());
        let rows = Select::new("SELECT id FROM invoice")
            .any("status", moving.map(|status| status.as_str().to_owned()).collect())
            .number("updated_at <", Some(since.timestamp_micros()))
            .fetch("id", limit, &self.pool)
            .await?;
        rows.iter().map(invoice_id).collect()
    }

    /// When the oldest row came that is still `received`; `None` when all were started.
    pub async fn dispatch_oldest(&self) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let received = InvoiceStatus::Received.as_str().to_owned();
        let rows = Select::new("SELECT id, received_at FROM invoice")
            .text("status =", Some(received))
            .fetch("id", 1, &self.pool)
            .await?;
        let read = |row| Fields::of("invoice", row)?.time("received_at");
        rows.first().map(read).transpose()
    }

    /// Invoices that something came for, in the order in which they may take from it.
    pub async fn to_wake(&self, limit: u32) -> Result<Vec<Wake>, LedgerError> {
        let rows = Select::new("SELECT id, wake FROM invoice")
            // As the index says it: a bound number would not tell the planner that it fits.
            .same("wake > 0")
            .fetch("sequence, id", limit, &self.pool)
            .await?;
        let read = |row| {
            let count = Fields::of("invoice", row)?.number("wake")?;
            Ok(Wake { id: invoice_id(row)?, count })
        };
        rows.iter().map(read).collect()
    }

    /// Marks an invoice, so that the dispatcher looks where its workflow stands.
    pub async fn mark_to_wake(&self, id: &InvoiceId) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        write.wake(id.as_str()).await?;
        write.commit().await
    }

    /// It was told of everything up to this count; what came since stays.
    pub async fn woken(&self, wake: &Wake) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        let sql = "UPDATE invoice SET wake = 0 WHERE id = $1 AND wake = $2";
        let query = sqlx::query(sql).bind(wake.id.as_str()).bind(wake.count);
        query.execute(write.on()).await?;
        write.commit().await
    }
}

/// Invoices that something may free: those that are held, and those that may be approved or are,
/// with a hold that keeps them from being paid ([`waits`]). A hold is text in a column, and its
/// severity is written in no other way; a quotation mark in its words has a backslash before it.
///
/// A CASE, because no index fits it: the few invoices that the rest of the condition names are
/// looked at, and not all that are approved.
macro_rules! waiting {
    () => {
        "UPDATE invoice SET wake = wake + 1 WHERE CASE WHEN status = 'held' THEN 1 \
         WHEN status IN ('approval', 'approved') AND holds LIKE '%\"severity\":\"pay\"%' THEN 1 \
         ELSE 0 END = 1"
    };
}

pub(super) use waiting;

/// Whether an invoice in this state waits for something that may free it.
pub fn waits(status: InvoiceStatus, holds: &[Hold]) -> bool {
    match status {
        InvoiceStatus::Held => true,
        InvoiceStatus::Approval | InvoiceStatus::Approved => {
            holds.iter().any(|hold| hold.severity == HoldSeverity::Pay)
        }
        _ => false,
    }
}

impl Write {
    /// Marks an invoice: its workflow looks where it stands.
    pub(super) async fn wake(&mut self, id: &str) -> Result<(), LedgerError> {
        let sql = "UPDATE invoice SET wake = wake + 1 WHERE id = $1";
        sqlx::query(sql).bind(id).execute(self.on()).await?;
        Ok(())
    }

    /// Marks the waiting invoices that name the same orders as this one, which takes nothing of
    /// them any more.
    pub(super) async fn wake_neighbours(&mut self, id: &InvoiceId) -> Result<(), LedgerError> {
        let sql = concat!(
            waiting!(),
            " AND id IN (SELECT o.invoice_id FROM invoice_order o JOIN invoice_order own \
             ON own.order_key = o.order_key WHERE own.invoice_id = $1) AND id <> $1"
        );
        sqlx::query(sql).bind(id.as_str()).execute(self.on()).await?;
        Ok(())
    }

    /// Marks the waiting invoices that name this order, by header, line or hint: one indexed
    /// look-up, in the transaction that keeps what came.
    pub(super) async fn wake_waiting(&mut self, order_number: &str) -> Result<(), LedgerError> {
        let sql = concat!(
            waiting!(),
            " AND id IN (SELECT invoice_id FROM invoice_order WHERE order_key = $1)"
        );
        let query = sqlx::query(sql).bind(texts::order_lookup(order_number));
        query.execute(self.on()).await?;
        Ok(())
    }

    /// Marks the waiting documents that name this invoice (BG-3): what they credit or correct has
    /// come, or took something else than before.
    pub(super) async fn wake_naming(&mut self, id: &InvoiceId) -> Result<(), LedgerError> {
        let sql = concat!(
            waiting!(),
            " AND id <> $1 AND id IN (SELECT n.invoice_id FROM invoice i JOIN invoice_named n \
             ON n.seller_key = i.seller_key AND n.number_key = i.number_key \
             WHERE i.id = $1 AND i.kind = 'invoice')"
        );
        sqlx::query(sql).bind(id.as_str()).execute(self.on()).await?;
        Ok(())
    }
}
