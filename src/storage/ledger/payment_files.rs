//! Files of payment orders: kept with the step of their invoices, in one transaction.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::any::AnyRow;

use crate::models::payment::{Debtor, KeptTransfer};
use crate::models::refs::{InvoiceId, PaymentFileId, Sha256};
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::select::Select;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// A file about to be kept.
#[derive(Debug, Clone)]
pub struct NewPaymentFile {
    /// Its id.
    pub id: PaymentFileId,
    /// The subject that orders it.
    pub subject: String,
    /// The caller's `Idempotency-Key`.
    pub key: String,
    /// What the key stands for.
    pub fingerprint: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Where its document is kept.
    pub sha256: Sha256,
    /// What is ordered.
    pub content: PaymentFileContent,
    /// The invoices, each with the revision in which it was looked at.
    pub invoices: Vec<(InvoiceId, i64)>,
}

/// What is ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentFileContent {
    /// From where.
    pub debtor: Debtor,
    /// When the bank is to pay.
    pub execution_date: NaiveDate,
    /// Each transfer with what it pays.
    pub transfers: Vec<KeptTransfer>,
}

/// A file as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct PaymentFileRow {
    /// Its id.
    pub id: PaymentFileId,
    /// Who ordered it.
    pub submitted_by: String,
    /// What its key stands for.
    pub fingerprint: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was withdrawn.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Where its document is kept.
    pub sha256: Sha256,
    /// What is ordered.
    pub content: PaymentFileContent,
}

/// What keeping or withdrawing a file came to.
#[derive(Debug, Clone)]
pub enum Ordering {
    /// It is done.
    Done(PaymentFileRow),
    /// It was done before.
    Known(PaymentFileRow),
    /// These invoices are not where they were, or where they must be; nothing was changed.
    Moved(Vec<(InvoiceId, InvoiceStatus)>),
}

const SELECT: &str = "SELECT id, subject, fingerprint, created_at, cancelled_at, sha256, content \
                      FROM payment_file";

impl Ledger {
    /// The file that a key of a subject made.
    pub async fn payment_file_by_key(
        &self,
        subject: &str,
        key: &str,
    ) -> Result<Option<PaymentFileRow>, LedgerError> {
        let rows = Select::new(SELECT)
            .text("subject =", Some(texts::key(subject)))
            .text("key_hash =", Some(texts::digest(key)))
            .fetch("id", 1, &self.pool)
            .await?;
        rows.first().map(file_row).transpose()
    }

    /// One file.
    pub async fn payment_file(
        &self,
        id: &PaymentFileId,
    ) -> Result<Option<PaymentFileRow>, LedgerError> {
        let id = Some(id.to_string());
        let rows = Select::new(SELECT).text("id =", id).fetch("id", 1, &self.pool).await?;
        rows.first().map(file_row).transpose()
    }

    /// Newest first, after the last id of the page before.
    pub async fn payment_files(
        &self,
        after: Option<&PaymentFileId>,
        limit: u32,
    ) -> Result<Vec<PaymentFileRow>, LedgerError> {
        let rows = Select::new(SELECT)
            .text("id <", after.map(ToString::to_string))
            .fetch("id DESC", limit, &self.pool)
            .await?;
        rows.iter().map(file_row).collect()
    }

    /// Keeps a file and schedules its invoices, when each is approved and as it was looked at.
    pub async fn order_payments(&self, new: &NewPaymentFile) -> Result<Ordering, LedgerError> {
        let mut write = self.write().await?;
        let mut invoices = new.invoices.clone();
        invoices.sort();
        let mut standings = Vec::with_capacity(invoices.len());
        let mut moved = Vec::new();
        for (id, revision) in &invoices {
            let now = write.standing(id).await?;
            if now.status != InvoiceStatus::Approved || now.revision != *revision {
                moved.push((id.clone(), now.status));
            }
            standings.push(now);
        }
        if !write.keep_file(new).await? {
            // Another request with this key was faster; its row can be seen now.
            drop(write);
            let known = self.payment_file_by_key(&new.subject, &new.key).await?;
            let missing = || LedgerError::Missing(format!("payment file {}", new.id));
            return Ok(Ordering::Known(known.ok_or_else(missing)?));
        }
        if !moved.is_empty() {
            return Ok(Ordering::Moved(moved));
        }
        for now in &mut standings {
            let data = json!({ "payment_file": new.id });
            let scheduled = InvoiceStatus::Scheduled;
            write.step_from_outside(now, scheduled, data, new.created_at).await?;
        }
        write.audit(&Deed::done("create_payment_file", new.id.as_str())).await?;
        write.commit().await?;
        standings.iter().for_each(|now| self.notices.tell(&now.id));
        let row = self.payment_file(&new.id).await?;
        let missing = || LedgerError::Missing(format!("payment file {}", new.id));
        Ok(Ordering::Done(row.ok_or_else(missing)?))
    }

    /// Withdraws a file: its invoices are approved again. Not when money moved already.
    pub async fn withdraw_payments(
        &self,
        file: &PaymentFileRow,
        reason: &str,
        at: DateTime<Utc>,
    ) -> Result<Ordering, LedgerError> {
        let mut write = self.write().await?;
        let mut ids: Vec<InvoiceId> =
            file.content.transfers.iter().flat_map(|one| one.invoices.clone()).collect();
        ids.sort();
        let mut standings = Vec::with_capacity(ids.len());
        for id in &ids {
            standings.push(write.standing(id).await?);
        }
        let sql =
            "UPDATE payment_file SET cancelled_at = $2 WHERE id = $1 AND cancelled_at IS NULL";
        let query = sqlx::query(sql).bind(file.id.as_str()).bind(at.timestamp_micros());
        let first = query.execute(write.on()).await?.rows_affected() == 1;
        if first {
            let elsewhere = standings.iter().filter(|now| now.status != InvoiceStatus::Scheduled);
            let moved: Vec<_> = elsewhere.map(|now| (now.id.clone(), now.status)).collect();
            if !moved.is_empty() {
                return Ok(Ordering::Moved(moved));
            }
            for now in &mut standings {
                let data = json!({ "payment_file": file.id, "reason": reason });
                write.step_from_outside(now, InvoiceStatus::Approved, data, at).await?;
            }
            let deed = Deed::done("cancel_payment_file", file.id.as_str());
            write.audit(&Deed { reason: Some(reason), ..deed }).await?;
        }
        write.commit().await?;
        standings.iter().for_each(|now| self.notices.tell(&now.id));
        let row = self.payment_file(&file.id).await?;
        let row = row.ok_or_else(|| LedgerError::Missing(format!("payment file {}", file.id)))?;
        Ok(if first { Ordering::Done(row) } else { Ordering::Known(row) })
    }
}

impl Write {
    /// False when the key is taken.
    async fn keep_file(&mut self, new: &NewPaymentFile) -> Result<bool, LedgerError> {
        let sql = "INSERT INTO payment_file (id, subject, key_hash, fingerprint, created_at, \
                   sha256, content) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
        let query = sqlx::query(sql)
            .bind(new.id.as_str())
            .bind(texts::key(&new.subject))
            .bind(texts::digest(&new.key))
            .bind(&new.fingerprint)
            .bind(new.created_at.timestamp_micros())
            .bind(new.sha256.as_str())
            .bind(to_json(&new.content)?);
        if query.execute(self.on()).await?.rows_affected() == 0 {
            return Ok(false);
        }
        for transfer in &new.content.transfers {
            for invoice in &transfer.invoices {
                let sql = "INSERT INTO payment_file_item (file_id, invoice_id, end_to_end_id) \
                           VALUES ($1, $2, $3)";
                let query = sqlx::query(sql).bind(new.id.as_str()).bind(invoice.as_str());
                query.bind(&transfer.end_to_end_id).execute(self.on()).await?;
            }
        }
        Ok(true)
    }
}

fn file_row(row: &AnyRow) -> Result<PaymentFileRow, LedgerError> {
    let fields = Fields::of("payment file", row)?;
    let cancelled_at = match fields.number_if("cancelled_at")? {
        Some(_) => Some(fields.time("cancelled_at")?),
        None => None,
    };
    Ok(PaymentFileRow {
        id: fields.parsed("id", |id| PaymentFileId::parse(id).ok())?,
        submitted_by: fields.text("subject")?,
        fingerprint: fields.text("fingerprint")?,
        created_at: fields.time("created_at")?,
        cancelled_at,
        sha256: fields.parsed("sha256", |digest| Sha256::parse(digest).ok())?,
        content: fields.json("content")?,
    })
}
