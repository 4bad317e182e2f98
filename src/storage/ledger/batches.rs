//! Batches: how they are accepted, what each item came to, and when all came to rest.
//!
//! The row of a batch is its idempotency record, and its items carry their own: the documents of
//! one transaction are accepted together with what the batch says of them, so no process that
//! dies can part the two.

mod bulk;
mod intake;
mod items;
mod lists;

use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;

use crate::models::batch::{BatchKind, BatchStatus, ItemProblem, ItemState, Known};
use crate::models::media_type::MediaType;
use crate::models::refs::{BatchId, InvoiceId, Sha256};
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::LedgerError;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::invoices::InvoiceRow;

pub use crate::storage::ledger::batches::bulk::Settled;

/// A batch about to be accepted.
#[derive(Debug, Clone)]
pub struct NewBatch {
    /// The id it gets, unless its key is known.
    pub id: BatchId,
    /// How its documents come.
    pub kind: BatchKind,
    /// The subject that sends it; part of every key.
    pub subject: String,
    /// The caller's `Idempotency-Key`.
    pub key: String,
    /// What documents mean that are known already.
    pub known: Known,
    /// The archive or manifest; `None` for what comes inline.
    pub source: Option<Sha256>,
    /// When it came.
    pub created_at: DateTime<Utc>,
}

/// An item as it comes.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Its key within the batch.
    pub item_key: String,
    /// What its sender calls it.
    pub name: Option<String>,
    /// The kept document, or why it is none.
    pub document: Result<NewDocument, ItemProblem>,
}

/// A document that is kept already.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Its size.
    pub bytes: u64,
    /// What it was sent as.
    pub media_type: MediaType,
    /// The order that it belongs to, for documents that do not say.
    pub purchase_order: Option<String>,
}

/// What accepting a batch came to.
#[derive(Debug, Clone)]
pub enum BatchAcceptance<T> {
    /// A new row.
    New(BatchRow, T),
    /// The row of that key.
    Known(BatchRow, T),
    /// The key belongs to a batch of another kind, with another source or with other items.
    KeyReused(BatchId),
}

/// What an item that came inline came to.
#[derive(Debug, Clone)]
pub enum ItemResult {
    /// It is this invoice.
    Accepted(Box<InvoiceRow>),
    /// It is none.
    Refused(ItemProblem),
    /// Its key belongs to this invoice, which is another document.
    KeyReused(InvoiceId),
}

/// A batch as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// Its id.
    pub id: BatchId,
    /// How its documents came.
    pub kind: BatchKind,
    /// Whether its items are taken up still.
    pub status: BatchStatus,
    /// Who sent it.
    pub subject: String,
    /// What documents mean that are known already.
    pub known: Known,
    /// The archive or manifest.
    pub source: Option<Sha256>,
    /// How many items it has; `None` until its source was read.
    pub items: Option<i64>,
    /// Why the whole of it was refused.
    pub problem: Option<ItemProblem>,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// When all its invoices had come to rest for the first time.
    pub finished_at: Option<DateTime<Utc>>,
}

/// An item as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// From 1.
    pub position: i64,
    /// Its key within the batch.
    pub item_key: String,
    /// What its sender calls it.
    pub name: Option<String>,
    /// Whether it was taken.
    pub state: ItemState,
    /// The invoice that it is, and where that stands.
    pub invoice: Option<(InvoiceId, InvoiceStatus)>,
    /// Why it was refused.
    pub problem: Option<ItemProblem>,
}

/// What a list of batches may ask for; every member narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchFilter {
    /// Any of these; empty is all.
    pub status: Vec<BatchStatus>,
}

/// Everything that [`BatchRow`] is made of.
const SELECT: &str = "SELECT id, kind, status, subject, known, source, items, problem, created_at, \
     finished_at FROM batch";

fn batch_row(row: &AnyRow) -> Result<BatchRow, LedgerError> {
    let fields = Fields::of("batch", row)?;
    let source = fields.text_if("source")?;
    let source = source.map(|digest| Sha256::parse(&digest)).transpose();
    let finished = fields.number_if("finished_at")?;
    Ok(BatchRow {
        id: fields.parsed("id", |id| BatchId::parse(id).ok())?,
        kind: fields.parsed("kind", BatchKind::parse)?,
        status: fields.parsed("status", BatchStatus::parse)?,
        subject: fields.text("subject")?,
        known: fields.parsed("known", Known::parse)?,
        source: source.map_err(|error| fields.unreadable("source", &error))?,
        items: fields.number_if("items")?,
        problem: fields.json_if("problem")?,
        created_at: fields.time("created_at")?,
        finished_at: finished.and_then(DateTime::from_timestamp_micros),
    })
}

/// The key of an item's invoice: no caller's key has blanks, so none can be the same.
fn invoice_key(batch: &BatchId, item_key: &str) -> String {
    format!("{batch} item {item_key}")
}
