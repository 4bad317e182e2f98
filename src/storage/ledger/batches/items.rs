//! The items of a batch: listed, taken one by one, each under a key of its own.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::models::batch::{BatchStatus, ItemProblem, ItemState, Known};
use crate::models::refs::{BatchId, InvoiceId};
use crate::storage::ledger::batches::{BatchRow, ItemResult, NewDocument, NewItem, invoice_key};
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::invoices::{Acceptance, NewInvoice};
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// How an item stands before it is taken.
struct Standing {
    state: ItemState,
    invoice: Option<InvoiceId>,
}

impl Ledger {
    /// Writes down items that were found in the source of a batch, from `after` on; the same
    /// twice changes nothing. Once all are written, `items` says how many they are.
    pub async fn list_batch_items(
        &self,
        id: &BatchId,
        after: i64,
        items: &[(&str, &Option<String>)],
    ) -> Result<BatchStatus, LedgerError> {
        let mut write = self.write().await?;
        let batch = write.batch(id).await?;
        if batch.status == BatchStatus::Accepting {
            write.list_items(id, after, items).await?;
            write.commit().await?;
        }
        Ok(batch.status)
    }

    /// All items of the source are listed: there are so many.
    pub async fn batch_listed(&self, id: &BatchId, items: i64) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        let query = sqlx::query("UPDATE batch SET items = $2 WHERE id = $1");
        query.bind(id.as_str()).bind(items).execute(write.on()).await?;
        write.commit().await
    }

    /// Takes items up while the batch accepts: each becomes an invoice or is refused. An item that
    /// was taken before stays as it is. Answers how it stands with the batch.
    pub async fn take_batch_items(
        &self,
        id: &BatchId,
        items: &[NewItem],
        at: DateTime<Utc>,
    ) -> Result<BatchStatus, LedgerError> {
        let mut write = self.write().await?;
        let batch = write.batch(id).await?;
        if batch.status != BatchStatus::Accepting {
            return Ok(batch.status);
        }
        let mut order: Vec<_> = items.iter().collect();
        order.sort_by_key(|item| item.document.as_ref().ok().map(|d| d.sha256.clone()));
        for item in order {
            write.take_item(&batch, item, at).await?;
        }
        write.commit().await?;
        Ok(batch.status)
    }

    /// Refuses the items of these positions that nobody took, all for one reason.
    pub async fn refuse_batch_items(
        &self,
        id: &BatchId,
        (from, to): (i64, i64),
        problem: &ItemProblem,
    ) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        let sql = "UPDATE batch_item SET state = 'refused', problem = $4 WHERE batch_id = $1 \
                   AND position >= $2 AND position < $3 AND state = 'pending'";
        let query = sqlx::query(sql).bind(id.as_str()).bind(from).bind(to);
        query.bind(to_json(problem)?).execute(write.on()).await?;
        write.commit().await
    }
}

impl Write {
    pub(super) async fn list_items(
        &mut self,
        batch: &BatchId,
        after: i64,
        items: &[(&str, &Option<String>)],
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO batch_item (batch_id, position, item_key, name, state) \
                   VALUES ($1, $2, $3, $4, 'pending') ON CONFLICT DO NOTHING";
        for (position, (item_key, name)) in (after + 1..).zip(items) {
            let query = sqlx::query(sql).bind(batch.as_str()).bind(position).bind(*item_key);
            let name = name.as_deref().map(texts::shown);
            query.bind(name).execute(self.on()).await?;
        }
        Ok(())
    }

    /// Whether an item came that the batch of this key has not.
    pub(super) async fn lacks_any(
        &mut self,
        batch: &BatchId,
        items: &[NewItem],
    ) -> Result<bool, LedgerError> {
        for item in items {
            if self.item(batch, &item.item_key).await?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn item(
        &mut self,
        batch: &BatchId,
        item_key: &str,
    ) -> Result<Option<Standing>, LedgerError> {
        let sql = "SELECT batch_id AS id, state, invoice_id FROM batch_item \
                   WHERE batch_id = $1 AND item_key = $2";
        let query = sqlx::query(sql).bind(batch.as_str()).bind(item_key);
        let Some(row) = query.fetch_optional(self.on()).await? else {
            return Ok(None);
        };
        let fields = Fields::of("batch_item", &row)?;
        let invoice = fields.text_if("invoice_id")?;
        let invoice = invoice.map(|id| InvoiceId::parse(&id)).transpose();
        let invoice = invoice.map_err(|error| fields.unreadable("invoice_id", &error))?;
        Ok(Some(Standing { state: fields.parsed("state", ItemState::parse)?, invoice }))
    }

    /// Takes one item: what was accepted stays, what was refused may come corrected.
    pub(super) async fn take_item(
        &mut self,
        batch: &BatchRow,
        item: &NewItem,
        at: DateTime<Utc>,
    ) -> Result<ItemResult, LedgerError> {
        let standing = self.item(&batch.id, &item.item_key).await?;
        let standing = standing.ok_or_else(|| {
            LedgerError::Missing(format!("item {:?} of batch {}", item.item_key, batch.id))
        })?;
        match (&item.document, standing) {
            (Ok(document), Standing { state: ItemState::Accepted, invoice: Some(id) }) => {
                self.replay(&id, document).await
            }
            (Err(_), Standing { state: ItemState::Accepted, invoice: Some(id) }) => {
                Ok(ItemResult::KeyReused(id))
            }
            (Ok(document), _) => self.accept_item(batch, &item.item_key, document, at).await,
            (Err(problem), _) => {
                let sql = "UPDATE batch_item SET state = 'refused', problem = $3 \
                           WHERE batch_id = $1 AND item_key = $2";
                let query = sqlx::query(sql).bind(batch.id.as_str()).bind(&item.item_key);
                query.bind(to_json(problem)?).execute(self.on()).await?;
                Ok(ItemResult::Refused(problem.clone()))
            }
        }
    }

    async fn replay(
        &mut self,
        id: &InvoiceId,
        document: &NewDocument,
    ) -> Result<ItemResult, LedgerError> {
        let (row, hint) = self.accepted(id).await?;
        let hint_sent = document.purchase_order.as_deref().map(texts::shown);
        let sent = (&document.sha256, document.media_type, hint_sent);
        if (&row.sha256, row.media_type, hint) == sent {
            return Ok(ItemResult::Accepted(Box::new(row)));
        }
        Ok(ItemResult::KeyReused(id.clone()))
    }

    async fn accept_item(
        &mut self,
        batch: &BatchRow,
        item_key: &str,
        document: &NewDocument,
        at: DateTime<Utc>,
    ) -> Result<ItemResult, LedgerError> {
        let key = match batch.known {
            Known::New => Some(invoice_key(&batch.id, item_key)),
            Known::Replay => None,
        };
        let new = NewInvoice {
            id: InvoiceId::new(Uuid::now_v7()),
            subject: batch.subject.clone(),
            key,
            sha256: document.sha256.clone(),
            bytes: document.bytes,
            media_type: document.media_type,
            purchase_order: document.purchase_order.clone(),
            reference: None,
            received_at: at,
        };
        let row = match self.accept(&new).await? {
            Acceptance::New(row) | Acceptance::Known(row) => row,
            Acceptance::KeyReused(id) => return Ok(ItemResult::KeyReused(id)),
        };
        let sql = "UPDATE batch_item SET state = 'accepted', invoice_id = $3, problem = NULL \
                   WHERE batch_id = $1 AND item_key = $2";
        let query = sqlx::query(sql).bind(batch.id.as_str()).bind(item_key);
        query.bind(row.id.as_str()).execute(self.on()).await?;
        // It moves again: it has not finished after all.
        let sql = "UPDATE batch SET finished_at = NULL WHERE id = $1 AND finished_at IS NOT NULL";
        sqlx::query(sql).bind(batch.id.as_str()).execute(self.on()).await?;
        Ok(ItemResult::Accepted(Box::new(row)))
    }
}
