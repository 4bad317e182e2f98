//! What is read of batches: one, many, their items, and what the dispatcher has to do for them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::any::AnyRow;

use crate::models::batch::{BatchStatus, ItemState};
use crate::models::refs::{BatchId, InvoiceId};
use crate::models::status::InvoiceStatus;
use crate::models::webhook::Topic;
use crate::storage::ledger::batches::{BatchFilter, BatchRow, ItemRow, SELECT, batch_row};
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::select::Select;
use crate::storage::ledger::{Ledger, LedgerError};
use crate::trace::Trace;

/// A batch whose workflow was started is looked at again after this long: it may have been ended
/// from outside.
const AGAIN_AFTER: TimeDelta = TimeDelta::seconds(60);

/// Batches that one look may find finished; the next look finds the next ones.
const FINISHED_MAX: u32 = 50;

const ITEMS: &str = "SELECT b.batch_id AS id, b.position, b.item_key, b.name, b.state, \
     b.invoice_id, b.problem, i.status AS invoice_status \
     FROM batch_item b LEFT JOIN invoice i ON i.id = b.invoice_id";

impl Ledger {
    /// One batch.
    pub async fn batch(&self, id: &BatchId) -> Result<Option<BatchRow>, LedgerError> {
        let id = Some(id.to_string());
        let rows = Select::new(SELECT).text("id =", id).fetch("id", 1, &self.pool).await?;
        rows.first().map(batch_row).transpose()
    }

    /// Newest first, after the given last id of the page before; at most `limit` rows.
    pub async fn batches(
        &self,
        filter: &BatchFilter,
        after: Option<&BatchId>,
        limit: u32,
    ) -> Result<Vec<BatchRow>, LedgerError> {
        let words = filter.status.iter().map(|status| status.as_str().to_owned()).collect();
        let rows = Select::new(SELECT)
            .any("status", words)
            .text("id <", after.map(ToString::to_string))
            .fetch("id DESC", limit, &self.pool)
            .await?;
        rows.iter().map(batch_row).collect()
    }

    /// Items in the order of the source, after this position; at most `limit` rows.
    pub async fn batch_items(
        &self,
        id: &BatchId,
        state: Option<ItemState>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<ItemRow>, LedgerError> {
        let rows = Select::new(ITEMS)
            .text("b.batch_id =", Some(id.to_string()))
            .text("b.state =", state.map(|state| state.as_str().to_owned()))
            .number("b.position >", Some(after))
            .fetch("b.position", limit, &self.pool)
            .await?;
        rows.iter().map(item_row).collect()
    }

    /// How many items stand where: invoices by their status, the others by what became of them.
    pub async fn batch_counts(&self, id: &BatchId) -> Result<BTreeMap<String, i64>, LedgerError> {
        let sql = "SELECT b.state, i.status, COUNT(*) FROM batch_item b \
                   LEFT JOIN invoice i ON i.id = b.invoice_id WHERE b.batch_id = $1 \
                   GROUP BY b.state, i.status";
        let query = sqlx::query_as(sql).bind(id.as_str());
        let counted: Vec<(String, Option<String>, i64)> = query.fetch_all(&self.pool).await?;
        let mut counts = BTreeMap::new();
        for (state, status, count) in counted {
            *counts.entry(status.unwrap_or(state)).or_insert(0) += count;
        }
        Ok(counts)
    }

    /// Batches that accept and came before this time, oldest first; those whose workflows were
    /// started a short while ago are left out.
    pub async fn unstarted_batches(
        &self,
        created_before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<BatchId>, LedgerError> {
        let again = (created_before - AGAIN_AFTER).timestamp_micros();
        let rows = Select::new("SELECT id FROM batch")
            .text("finished_at IS NULL AND status =", Some(BatchStatus::Accepting.as_str().into()))
            .number("created_at <", Some(created_before.timestamp_micros()))
            .number("COALESCE(dispatched_at, 0) <", Some(again))
            .fetch("id", limit, &self.pool)
            .await?;
        rows.iter().map(batch_id).collect()
    }

    /// The trace of the request that brought it.
    pub async fn batch_trace(&self, id: &BatchId) -> Result<Option<Trace>, LedgerError> {
        self.kept_trace("SELECT trace FROM batch WHERE id = $1", id.as_str()).await
    }

    /// Its workflow is started: [`unstarted_batches`](Self::unstarted_batches) leaves it out for
    /// a while.
    pub async fn batch_started(&self, id: &BatchId, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        let query = sqlx::query("UPDATE batch SET dispatched_at = $2 WHERE id = $1");
        query.bind(id.as_str()).bind(at.timestamp_micros()).execute(write.on()).await?;
        write.commit().await
    }

    /// Writes down that batches have finished whose invoices all rest; answers which.
    pub async fn finish_batches(&self, at: DateTime<Utc>) -> Result<Vec<BatchId>, LedgerError> {
        let moving = InvoiceStatus::ALL.into_iter().filter(|status| status.moves());
        let moving: Vec<_> = moving.map(|status| format!("'{}'", status.as_str())).collect();
        // Words of this program alone.
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT id FROM batch WHERE finished_at IS NULL AND status <> 'accepting' \
             AND NOT EXISTS (SELECT 1 FROM batch_item b JOIN invoice i ON i.id = b.invoice_id \
             WHERE b.batch_id = batch.id AND i.status IN ({})) ORDER BY id LIMIT $1",
            moving.join(",")
        ));
        let query = sqlx::query(sql).bind(i64::from(FINISHED_MAX));
        let rows = query.fetch_all(&self.pool).await?;
        let finished: Vec<BatchId> = rows.iter().map(batch_id).collect::<Result<_, _>>()?;
        if finished.is_empty() {
            return Ok(finished);
        }
        let mut write = self.write().await?;
        for id in &finished {
            let sql = "UPDATE batch SET finished_at = $2 WHERE id = $1 AND finished_at IS NULL";
            let query = sqlx::query(sql).bind(id.as_str()).bind(at.timestamp_micros());
            if query.execute(write.on()).await?.rows_affected() == 1 {
                write.announce(Topic::BatchFinished, (id.as_str(), "finished"), at).await?;
            }
        }
        write.commit().await?;
        Ok(finished)
    }
}

fn batch_id(row: &AnyRow) -> Result<BatchId, LedgerError> {
    Fields::of("batch", row)?.parsed("id", |id| BatchId::parse(id).ok())
}

fn item_row(row: &AnyRow) -> Result<ItemRow, LedgerError> {
    let fields = Fields::of("batch_item", row)?;
    let invoice = match fields.text_if("invoice_id")? {
        None => None,
        Some(_) => Some((
            fields.parsed("invoice_id", |id| InvoiceId::parse(id).ok())?,
            fields.parsed("invoice_status", InvoiceStatus::parse)?,
        )),
    };
    Ok(ItemRow {
        position: fields.number("position")?,
        item_key: fields.text("item_key")?,
        name: fields.text_if("name")?,
        state: fields.parsed("state", ItemState::parse)?,
        invoice,
        problem: fields.json_if("problem")?,
    })
}
