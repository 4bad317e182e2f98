//! Batches of decisions: each item is an invoice that is there already, and is decided about once.

use crate::models::batch::{BatchStatus, ItemProblem};
use crate::models::bulk::BulkFilter;
use crate::models::decision::Action;
use crate::models::refs::{BatchId, InvoiceId};
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::batches::{BatchAcceptance, BatchRow, NewBatch, SELECT, batch_row};
use crate::storage::ledger::fields::to_json;
use crate::storage::ledger::invoices::InvoiceFilter;
use crate::storage::ledger::select::Select;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// What became of an item: decided about, or why not.
pub type Settled = (i64, Result<InvoiceId, ItemProblem>);

impl InvoiceFilter {
    /// The invoices that a decision about many means.
    pub fn of_bulk(filter: &BulkFilter, action: Action) -> Self {
        Self {
            ids: filter.id.clone(),
            status: filter.states(action),
            number: filter.number.clone(),
            purchase_order: filter.purchase_order.clone(),
            currency: filter.currency.clone(),
            batch: filter.batch_id.clone(),
            received_after: filter.received_after,
            received_before: filter.received_before,
            code: filter.code.clone(),
            supplier_name: filter.supplier.clone(),
            updated_before: filter.updated_before,
            ..Self::default()
        }
    }
}

impl Ledger {
    /// The batch that a key made.
    pub async fn batch_of_key(
        &self,
        subject: &str,
        key: &str,
    ) -> Result<Option<BatchRow>, LedgerError> {
        let rows = Select::new(SELECT)
            .text("subject =", Some(texts::key(subject)))
            .text("key_hash =", Some(texts::digest(key)))
            .fetch("id", 1, &self.pool)
            .await?;
        rows.first().map(batch_row).transpose()
    }

    /// Promises that these invoices will be decided about, in one transaction; `action` is the
    /// word of it in the trail. The same key again is the same promise, whatever matches by now.
    pub async fn open_bulk(
        &self,
        new: NewBatch,
        invoices: &[InvoiceId],
        action: &str,
    ) -> Result<BatchAcceptance<()>, LedgerError> {
        let mut write = self.write().await?;
        let (batch, made) = match write.known_batch(&new).await? {
            Some(batch) => (batch, false),
            None => write.new_batch(&new, BatchStatus::Accepting).await?,
        };
        if !made {
            let same = (batch.kind, &batch.source) == (new.kind, &new.source);
            return Ok(if same {
                BatchAcceptance::Known(batch, ())
            } else {
                BatchAcceptance::KeyReused(batch.id)
            });
        }
        let items: Vec<_> = invoices.iter().map(|id| (id.as_str(), &None)).collect();
        write.list_items(&batch.id, 0, &items).await?;
        let sql = "UPDATE batch SET items = $2 WHERE id = $1";
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        sqlx::query(sql).bind(batch.id.as_str()).bind(count).execute(write.on()).await?;
        let batch = write.batch(&batch.id).await?;
        write.audit(&Deed::done(action, batch.id.as_str())).await?;
        write.commit().await?;
        Ok(BatchAcceptance::New(batch, ()))
    }

    /// Writes down what became of items. What was decided counts also when the batch was cancelled
    /// meanwhile. Answers how it stands with the batch.
    pub async fn settle_items(
        &self,
        id: &BatchId,
        settled: &[Settled],
    ) -> Result<BatchStatus, LedgerError> {
        let mut write = self.write().await?;
        let batch = write.batch(id).await?;
        for (position, outcome) in settled {
            let (state, invoice, problem) = match outcome {
                Ok(invoice) => ("accepted", Some(invoice.as_str()), None),
                Err(problem) => ("refused", None, Some(to_json(problem)?)),
            };
            let sql = "UPDATE batch_item SET state = $3, invoice_id = $4, problem = $5 \
                       WHERE batch_id = $1 AND position = $2 AND state IN ('pending', 'cancelled')";
            let query = sqlx::query(sql).bind(id.as_str()).bind(position).bind(state);
            query.bind(invoice).bind(problem).execute(write.on()).await?;
        }
        write.commit().await?;
        Ok(batch.status)
    }
}
