//! From a request to rows: the batch with its key, and the items that came with it.

use chrono::{DateTime, Utc};

use crate::models::batch::{BatchStatus, ItemProblem};
use crate::models::refs::BatchId;
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::batches::{
    BatchAcceptance, BatchRow, ItemResult, NewBatch, NewItem, SELECT, batch_row,
};
use crate::storage::ledger::database::Engine;
use crate::storage::ledger::fields::to_json;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};
use crate::trace;

impl Ledger {
    /// Accepts what came inline, all in one transaction: the batch, its items, and an invoice for
    /// each document. The same key again replays what was accepted, and takes a document for an
    /// item that was refused.
    pub async fn accept_batch(
        &self,
        new: NewBatch,
        items: &[NewItem],
    ) -> Result<BatchAcceptance<Vec<ItemResult>>, LedgerError> {
        let mut write = self.write().await?;
        let known = write.known_batch(&new).await?;
        let (batch, made) = match known {
            Some(batch) => (batch, false),
            None => write.new_batch(&new, BatchStatus::Accepted).await?,
        };
        if !made && (batch.kind != new.kind || batch.known != new.known) {
            return Ok(BatchAcceptance::KeyReused(batch.id));
        }
        if made {
            let listed: Vec<_> = items.iter().map(|item| (&*item.item_key, &item.name)).collect();
            write.list_items(&batch.id, 0, &listed).await?;
        } else if write.lacks_any(&batch.id, items).await? {
            return Ok(BatchAcceptance::KeyReused(batch.id));
        }
        let mut results = vec![None; items.len()];
        // In the order of their digests: transactions that wait for each other's documents wait
        // in one direction.
        let mut order: Vec<usize> = (0..items.len()).collect();
        let digest = |index: &usize| items[*index].document.as_ref().ok().map(|d| d.sha256.clone());
        order.sort_by_key(digest);
        for index in order {
            let result = write.take_item(&batch, &items[index], new.created_at).await?;
            results[index] = Some(result);
        }
        let sql = "UPDATE batch SET items = (SELECT COUNT(*) FROM batch_item WHERE batch_id = $1) \
                   WHERE id = $1";
        sqlx::query(sql).bind(batch.id.as_str()).execute(write.on()).await?;
        let batch = write.batch(&batch.id).await?;
        if made {
            write.audit(&Deed::done("submit_batch", batch.id.as_str())).await?;
        }
        write.commit().await?;
        let results = results.into_iter().flatten().collect();
        Ok(if made {
            BatchAcceptance::New(batch, results)
        } else {
            BatchAcceptance::Known(batch, results)
        })
    }

    /// Keeps the promise that an archive or a manifest will be taken up.
    pub async fn open_batch(&self, new: NewBatch) -> Result<BatchAcceptance<()>, LedgerError> {
        let mut write = self.write().await?;
        let known = write.known_batch(&new).await?;
        let (batch, made) = match known {
            Some(batch) => (batch, false),
            None => write.new_batch(&new, BatchStatus::Accepting).await?,
        };
        if made {
            write.audit(&Deed::done("submit_batch", batch.id.as_str())).await?;
        }
        write.commit().await?;
        let same = (batch.kind, batch.known, &batch.source) == (new.kind, new.known, &new.source);
        Ok(match (made, same) {
            (true, _) => BatchAcceptance::New(batch, ()),
            (false, true) => BatchAcceptance::Known(batch, ()),
            (false, false) => BatchAcceptance::KeyReused(batch.id),
        })
    }

    /// Ends the taking up of items, unless it has ended; items that were not looked at share the
    /// end. Answers the row as it was before and as it is now.
    pub async fn end_batch(
        &self,
        id: &BatchId,
        end: BatchStatus,
        problem: Option<&ItemProblem>,
        at: DateTime<Utc>,
    ) -> Result<(BatchStatus, BatchRow), LedgerError> {
        let mut write = self.write().await?;
        let before = write.batch(id).await?;
        if before.status == BatchStatus::Accepting {
            let problem = problem.map(to_json).transpose()?;
            let sql = "UPDATE batch SET status = $2, problem = $3, items = COALESCE(items, 0) \
                       WHERE id = $1";
            let query = sqlx::query(sql).bind(id.as_str()).bind(end.as_str()).bind(problem);
            query.execute(write.on()).await?;
            let sql = "UPDATE batch_item SET state = 'cancelled' \
                       WHERE batch_id = $1 AND state = 'pending'";
            sqlx::query(sql).bind(id.as_str()).execute(write.on()).await?;
        }
        let now = write.batch(id).await?;
        if before.status != now.status {
            write.audit(&Deed::done("cancel_batch", id.as_str())).await?;
        }
        write.commit().await?;
        tracing::info!(batch.id = %id, status = now.status.as_str(), %at, "batch ended");
        Ok((before.status, now))
    }
}

impl Write {
    /// The batch of this key, kept from others until the transaction ends.
    pub(super) async fn known_batch(
        &mut self,
        new: &NewBatch,
    ) -> Result<Option<BatchRow>, LedgerError> {
        let lock = self.for_update();
        let sql = format!("{SELECT} WHERE subject = $1 AND key_hash = $2{lock}");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql));
        let query = query.bind(texts::key(&new.subject)).bind(texts::digest(&new.key));
        let row = query.fetch_optional(self.on()).await?;
        row.as_ref().map(batch_row).transpose()
    }

    /// The batch, kept from others until the transaction ends.
    pub(super) async fn batch(&mut self, id: &BatchId) -> Result<BatchRow, LedgerError> {
        let lock = self.for_update();
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1{lock}"));
        let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(self.on()).await?;
        let row = row.ok_or_else(|| LedgerError::Missing(format!("batch {id}")))?;
        batch_row(&row)
    }

    /// Whether it was made; of two at once with one key, one is, and the other finds it.
    pub(super) async fn new_batch(
        &mut self,
        new: &NewBatch,
        status: BatchStatus,
    ) -> Result<(BatchRow, bool), LedgerError> {
        let sql = "INSERT INTO batch (id, kind, status, subject, key_hash, known, source, \
                   created_at, trace) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                   ON CONFLICT DO NOTHING";
        let query = sqlx::query(sql)
            .bind(new.id.as_str())
            .bind(new.kind.as_str())
            .bind(status.as_str())
            .bind(texts::key(&new.subject))
            .bind(texts::digest(&new.key))
            .bind(new.known.as_str())
            .bind(new.source.as_ref().map(|source| source.as_str().to_owned()))
            .bind(new.created_at.timestamp_micros())
            .bind(trace::current().map(|trace| trace.to_json()));
        let made = query.execute(self.on()).await?.rows_affected() == 1;
        let row = self.known_batch(new).await?;
        let row = row.ok_or_else(|| LedgerError::Missing(format!("batch {}", new.id)))?;
        Ok((row, made))
    }

    /// A transaction of SQLite holds the whole file.
    fn for_update(&self) -> &'static str {
        match self.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE",
        }
    }
}
