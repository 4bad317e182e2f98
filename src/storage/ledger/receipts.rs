//! Goods receipts and despatch advices, every revision of them.

use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;

use crate::models::receipt::Receipt;
use crate::models::refs::ReceiptId;
use crate::storage::ledger::orders::Registration;
use crate::storage::ledger::registry::{Draft, Kept, Tables};
use crate::storage::ledger::select::Select;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// A receipt that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiptRow {
    /// Its id; the same for every revision.
    pub id: ReceiptId,
    /// When this revision came.
    pub created_at: DateTime<Utc>,
    /// What it says.
    pub receipt: Receipt,
}

const TABLES: Tables = Tables {
    name: "receipt",
    deed: "create_receipt",
    find: "SELECT id, revision FROM receipt \
           WHERE order_key = $1 AND number_key = $2 AND kind = $3",
    insert: "INSERT INTO receipt (order_key, number_key, kind, order_lookup, id, revision) \
             VALUES ($1, $2, $3, $4, $5, $6)",
    raise: "UPDATE receipt SET revision = $2 WHERE id = $1",
    keep: "INSERT INTO receipt_revision (id, revision, created_at, content) \
           VALUES ($1, $2, $3, $4)",
    read: "SELECT id, created_at, content FROM receipt_revision \
           WHERE id = $1 AND revision = $2",
};

/// Each receipt with its newest revision.
const NEWEST: &str = "SELECT o.id, r.created_at, r.content FROM receipt o \
     JOIN receipt_revision r ON r.id = o.id AND r.revision = o.revision";

impl Ledger {
    /// Keeps a receipt under its natural key: kind, number and order. Waits for invoices of this
    /// order that are being matched, as [`register_order`](Self::register_order) does.
    pub async fn register_receipt(
        &self,
        id: ReceiptId,
        receipt: &Receipt,
        at: DateTime<Utc>,
    ) -> Result<Registration<ReceiptRow>, LedgerError> {
        let order_key = texts::order_key(&receipt.purchase_order);
        let number_key = texts::order_key(&receipt.number);
        let lookup = texts::order_lookup(&receipt.purchase_order);
        let mut write = self.write().await?;
        write.lock_order(&lookup).await?;
        let draft = Draft {
            natural_key: vec![order_key, number_key, receipt.kind.as_str().to_owned()],
            lookups: vec![lookup],
            id: id.as_str(),
            revision: receipt.revision,
            document: receipt,
            at,
        };
        let registered = write.register(&TABLES, draft).await?.read(receipt_row)?;
        match &registered {
            Registration::New(row) => {
                write.wake_waiting(&receipt.purchase_order).await?;
                write.registered(&TABLES, row.id.as_str(), receipt.revision).await?;
            }
            // The claim of a key, if there is one.
            Registration::Known(_) => write.commit().await?,
            Registration::Conflict { .. } => {}
        }
        Ok(registered)
    }

    /// The newest revision of a receipt.
    pub async fn receipt(&self, id: &ReceiptId) -> Result<Option<ReceiptRow>, LedgerError> {
        let id = Some(id.to_string());
        let rows = Select::new(NEWEST).text("o.id =", id).fetch("o.id", 1, &self.pool).await?;
        rows.first().map(read).transpose()
    }

    /// One revision of a receipt, old ones too.
    pub async fn receipt_revision(
        &self,
        id: &ReceiptId,
        revision: u32,
    ) -> Result<Option<ReceiptRow>, LedgerError> {
        let query = sqlx::query(TABLES.read).bind(id.as_str()).bind(i64::from(revision));
        let row = query.fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// Newest first, newest revisions; both arguments narrow.
    pub async fn receipts(
        &self,
        number: Option<&str>,
        purchase_order: Option<&str>,
        after: Option<&ReceiptId>,
        limit: u32,
    ) -> Result<Vec<ReceiptRow>, LedgerError> {
        let rows = Select::new(NEWEST)
            .text("o.number_key =", number.map(texts::order_key))
            .text("o.order_key =", purchase_order.map(texts::order_key))
            .text("o.id <", after.map(ToString::to_string))
            .fetch("o.id DESC", limit, &self.pool)
            .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &AnyRow) -> Result<ReceiptRow, LedgerError> {
    receipt_row(Kept::read(TABLES.name, row)?)
}

fn receipt_row(kept: Kept<Receipt>) -> Result<ReceiptRow, LedgerError> {
    let id = ReceiptId::parse(&kept.id);
    Ok(ReceiptRow {
        id: id.map_err(|error| kept.unreadable(TABLES.name, &error))?,
        created_at: kept.created_at,
        receipt: kept.document,
    })
}
