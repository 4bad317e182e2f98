//! Acceptance: the row of an invoice is its idempotency record (HTTP handbook §2).

use serde_json::json;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::models::webhook::Topic;
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::invoices::{Acceptance, InvoiceRow, NewInvoice, SELECT, invoice_row};
use crate::storage::ledger::steps::event;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};
use crate::trace;

/// The row with its event makes revision 1.
const FIRST: i64 = 1;

impl Ledger {
    /// Inserts the row that is the promise, or finds the one that was made before. One
    /// transaction; of two at once with one key, one wins and the other finds it.
    ///
    /// Keys belong to a subject; documents do not: known bytes without a key find the invoice
    /// whoever sent it, the oldest if there are several. A new key with known bytes is a new
    /// invoice, for the duplicate check to hold.
    pub async fn accept_invoice(&self, new: NewInvoice) -> Result<Acceptance, LedgerError> {
        let mut write = self.write().await?;
        let accepted = write.accept(&new).await?;
        write.commit().await?;
        Ok(accepted)
    }
}

impl Write {
    /// The same, within a transaction that has more to do.
    pub(super) async fn accept(&mut self, new: &NewInvoice) -> Result<Acceptance, LedgerError> {
        let record = Record::of(new);
        if let Some(row) = record.find(new, self.on()).await? {
            return record.judge(new, &row);
        }
        if record.insert(new, self.on()).await? {
            let to = InvoiceStatus::Received.as_str();
            event(self.on(), (&new.id, FIRST), "status", &json!({ "to": to }), new.received_at)
                .await?;
            let place = (InvoiceStatus::Received, FIRST);
            self.announce_invoice(Topic::InvoiceReceived, &new.id, place, new.received_at).await?;
            let row = record.find(new, self.on()).await?;
            let row = row.ok_or_else(|| LedgerError::Missing(format!("invoice {}", new.id)))?;
            let row = invoice_row(&row)?;
            let deed = Deed::done("submit_invoice", new.id.as_str());
            self.audit(&deed.at_revision(FIRST)).await?;
            return Ok(Acceptance::New(row));
        }
        // Another transaction was faster; its row can be seen now.
        match record.find(new, self.on()).await? {
            Some(row) => record.judge(new, &row),
            None => Err(LedgerError::Unavailable(format!(
                "the id {} is taken by another document; try again with a new one",
                new.id
            ))),
        }
    }
}

impl Write {
    /// An invoice that was accepted, and the hint that came with it.
    pub(super) async fn accepted(
        &mut self,
        id: &InvoiceId,
    ) -> Result<(InvoiceRow, Option<String>), LedgerError> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1"));
        let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(self.on()).await?;
        let row = row.ok_or_else(|| LedgerError::Missing(format!("invoice {id}")))?;
        let hint = Fields::of("invoice", &row)?.text_if("order_hint")?;
        Ok((invoice_row(&row)?, hint))
    }
}

/// What makes two posts the same.
struct Record {
    subject: String,
    key_hash: Option<String>,
    hint: Option<String>,
    reference: Option<String>,
}

impl Record {
    fn of(new: &NewInvoice) -> Self {
        Self {
            subject: texts::key(&new.subject),
            // A hash, so that any key fits and no caller's key can be read here.
            key_hash: new.key.as_deref().map(texts::digest),
            hint: new.purchase_order.as_deref().map(texts::shown),
            reference: new.reference.as_deref().map(texts::shown),
        }
    }

    /// The row that this post would repeat. Without a key each row with its bytes is one.
    async fn find(
        &self,
        new: &NewInvoice,
        connection: &mut AnyConnection,
    ) -> Result<Option<AnyRow>, LedgerError> {
        let condition = match self.key_hash {
            Some(_) => "subject = $1 AND key_hash = $2",
            // Who sends again what was removed years ago has a new document.
            None => "sha256 = $1 AND document_removed_at IS NULL",
        };
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE {condition} ORDER BY id LIMIT 1"));
        let query = match &self.key_hash {
            Some(key_hash) => sqlx::query(sql).bind(&self.subject).bind(key_hash),
            None => sqlx::query(sql).bind(new.sha256.as_str()),
        };
        Ok(query.fetch_optional(connection).await?)
    }

    /// False when the unique indexes say that there is such a row.
    async fn insert(
        &self,
        new: &NewInvoice,
        connection: &mut AnyConnection,
    ) -> Result<bool, LedgerError> {
        let sql = "INSERT INTO invoice (id, status, revision, received_at, updated_at, subject, \
                   key_hash, content_key, sha256, bytes, media_type, order_hint, purchase_order, \
                   findings_fatal, findings_warning, holds, wake, trace, reference) \
                   VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11, $11, 0, 0, '[]', 0, \
                   $12, $13) \
                   ON CONFLICT DO NOTHING";
        let bytes = i64::try_from(new.bytes).unwrap_or(i64::MAX);
        let content_key = self.key_hash.is_none().then_some(new.sha256.as_str());
        let query = sqlx::query(sql)
            .bind(new.id.as_str())
            .bind(InvoiceStatus::Received.as_str())
            .bind(FIRST)
            .bind(new.received_at.timestamp_micros())
            .bind(&self.subject)
            .bind(&self.key_hash)
            .bind(content_key)
            .bind(new.sha256.as_str())
            .bind(bytes)
            .bind(new.media_type.as_str())
            .bind(&self.hint)
            .bind(trace::current().map(|trace| trace.to_json()))
            .bind(&self.reference);
        Ok(query.execute(connection).await?.rows_affected() == 1)
    }

    /// A key stands for one intent: its bytes, its type and its hints.
    fn judge(&self, new: &NewInvoice, row: &AnyRow) -> Result<Acceptance, LedgerError> {
        let hint = Fields::of("invoice", row)?.text_if("order_hint")?;
        let found = invoice_row(row)?;
        let same = found.sha256 == new.sha256
            && found.media_type == new.media_type
            && hint == self.hint
            && found.reference == self.reference;
        if self.key_hash.is_some() && !same {
            return Ok(Acceptance::KeyReused(found.id));
        }
        Ok(Acceptance::Known(found))
    }
}
