//! Open items: what is to be paid of invoices, worked out once for each of their revisions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::models::hold::Hold;
use crate::models::payment::of_invoice::is_held;
use crate::models::payment::{LearnedPair, Memory, OpenItem, Row};
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::invoices::invoice_id;
use crate::storage::ledger::select::Select;
use crate::storage::ledger::{Ledger, LedgerError};

/// More open items than this are not taken into one run: some hundred megabytes of memory, and an
/// answer that nobody waits for.
pub const ITEMS_MAX: u32 = 200_000;

/// Invoices that were paid a short while ago and are looked at, so that a payment that comes
/// twice is told from one that nobody knows.
pub const CLOSED_MAX: u32 = 20_000;

/// Pairs that were learned and are looked at.
const PAIRS_MAX: u32 = 100_000;

/// States in which something is to be paid.
const OPEN: [InvoiceStatus; 3] =
    [InvoiceStatus::Approved, InvoiceStatus::Scheduled, InvoiceStatus::PartPaid];

/// An item that was worked out.
#[derive(Debug, Clone)]
pub struct ListedItem {
    /// Of which invoice.
    pub id: InvoiceId,
    /// Of which of its revisions.
    pub revision: i64,
    /// `None` where nothing can be paid of it.
    pub item: Option<OpenItem>,
}

/// What payments are matched with.
#[derive(Debug, Clone, Default)]
pub struct OpenBook {
    /// Open items, those that were paid a short while ago, and those that were asked for.
    pub items: Vec<OpenItem>,
    /// All rows of these items.
    pub rows: Vec<Row>,
}

const ITEM: &str = "SELECT o.invoice_id AS id, o.content, i.holds FROM invoice i \
                    CROSS JOIN open_item o";
const CLOSED: &str = "SELECT o.invoice_id AS id, o.content, i.holds FROM open_item o \
                      CROSS JOIN invoice i";
const ROWS: &str = "SELECT r.invoice_id AS id, r.content FROM invoice i CROSS JOIN payment_row r";
const CLOSED_ROWS: &str =
    "SELECT r.invoice_id AS id, r.content FROM open_item o CROSS JOIN payment_row r";
const ORDERS: &str = "SELECT f.invoice_id AS id, f.end_to_end_id FROM invoice i \
                      CROSS JOIN payment_file_item f";

impl Ledger {
    /// Invoices to pay whose item was not worked out since they changed.
    pub async fn unlisted(&self, limit: u32) -> Result<Vec<(InvoiceId, i64)>, LedgerError> {
        let rows = Select::new(
            "SELECT i.id, i.revision FROM invoice i LEFT JOIN open_item o ON o.invoice_id = i.id",
        )
        .same("(o.revision IS NULL OR o.revision < i.revision)")
        .any("i.status", open_words())
        .fetch("i.id", limit, &self.pool)
        .await?;
        let read =
            |row: &AnyRow| Ok((invoice_id(row)?, Fields::of("invoice", row)?.number("revision")?));
        rows.iter().map(read).collect()
    }

    /// Keeps items that were worked out.
    pub async fn list_items(&self, items: &[ListedItem]) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        for listed in items {
            let sql = "INSERT INTO open_item (invoice_id, revision, content) VALUES ($1, $2, $3) \
                       ON CONFLICT (invoice_id) DO UPDATE SET revision = excluded.revision, \
                       content = excluded.content WHERE open_item.revision < excluded.revision";
            let query = sqlx::query(sql).bind(listed.id.as_str()).bind(listed.revision);
            let query = query.bind(listed.item.as_ref().map(to_json).transpose()?);
            query.execute(write.on()).await?;
        }
        write.commit().await
    }

    /// Everything that payments are matched with: by the index over states and the one over days
    /// of closing, and by id for the `others`.
    pub async fn open_book(
        &self,
        closed_after: DateTime<Utc>,
        others: &[InvoiceId],
    ) -> Result<OpenBook, LedgerError> {
        let closed_after = Some(closed_after.timestamp_micros());
        let mut items: BTreeMap<String, OpenItem> = BTreeMap::new();
        let open = Select::new(ITEM)
            .same("o.invoice_id = i.id AND o.content IS NOT NULL")
            .any("i.status", open_words())
            .fetch("o.invoice_id", ITEMS_MAX, &self.pool)
            .await?;
        let closed = Select::new(CLOSED)
            .same("o.invoice_id = i.id AND o.content IS NOT NULL")
            .number("o.closed_at >", closed_after)
            .fetch("o.closed_at DESC", CLOSED_MAX, &self.pool)
            .await?;
        for row in open.iter().chain(&closed) {
            let item = open_item(row)?;
            items.insert(item.id.clone(), item);
        }
        let mut rows: BTreeMap<u64, Row> = BTreeMap::new();
        let open = Select::new(ROWS)
            .same("r.invoice_id = i.id")
            .any("i.status", open_words())
            .fetch("r.sequence", u32::MAX, &self.pool)
            .await?;
        let closed = Select::new(CLOSED_ROWS)
            .same("r.invoice_id = o.invoice_id")
            .number("o.closed_at >", closed_after)
            .fetch("r.sequence", u32::MAX, &self.pool)
            .await?;
        for row in open.iter().chain(&closed) {
            let row: Row = Fields::of("payment row of", row)?.json("content")?;
            rows.insert(row.sequence, row);
        }
        for id in others.iter().filter(|id| !items.contains_key(id.as_str())).collect::<Vec<_>>() {
            items.extend(self.item_of(id).await?.map(|item| (item.id.clone(), item)));
            rows.extend(self.rows_of(id).await?.into_iter().map(|row| (row.sequence, row)));
        }
        self.orders_of(&mut items).await?;
        // The rows of an item that fell to the limit would have nothing to stand on.
        let rows = rows.into_values().filter(|row| items.contains_key(&row.item)).collect();
        Ok(OpenBook { items: items.into_values().collect(), rows })
    }

    /// Adds the ids of our own payment orders, where they are not the item's own.
    async fn orders_of(&self, items: &mut BTreeMap<String, OpenItem>) -> Result<(), LedgerError> {
        let orders = Select::new(ORDERS)
            .same("f.invoice_id = i.id")
            .any("i.status", open_words())
            .fetch("f.invoice_id, f.file_id", u32::MAX, &self.pool)
            .await?;
        for row in &orders {
            let fields = Fields::of("order of", row)?;
            let ordered = fields.text("end_to_end_id")?;
            if let Some(item) = items.get_mut(&fields.text("id")?)
                && !item.end_to_end_ids.contains(&ordered)
            {
                item.end_to_end_ids.push(ordered);
            }
        }
        Ok(())
    }

    async fn item_of(&self, id: &InvoiceId) -> Result<Option<OpenItem>, LedgerError> {
        let found = Select::new(CLOSED)
            .same("o.invoice_id = i.id AND o.content IS NOT NULL")
            .text("o.invoice_id =", Some(id.to_string()))
            .fetch("o.invoice_id", 1, &self.pool)
            .await?;
        found.first().map(open_item).transpose()
    }

    /// What payments took from an invoice, in order.
    pub async fn rows_of(&self, id: &InvoiceId) -> Result<Vec<Row>, LedgerError> {
        let rows = Select::new("SELECT r.invoice_id AS id, r.content FROM payment_row r")
            .text("r.invoice_id =", Some(id.to_string()))
            .fetch("r.sequence", u32::MAX, &self.pool)
            .await?;
        rows.iter().map(|row| Fields::of("payment row of", row)?.json("content")).collect()
    }

    /// What entries took, in order.
    pub async fn rows_of_entries(&self, entries: &[String]) -> Result<Vec<Row>, LedgerError> {
        let mut all = Vec::new();
        for entry in entries {
            let rows = Select::new("SELECT r.invoice_id AS id, r.content FROM payment_row r")
                .text("r.entry_id =", Some(entry.clone()))
                .fetch("r.sequence", u32::MAX, &self.pool)
                .await?;
            for row in &rows {
                all.push(Fields::of("payment row of", row)?.json("content")?);
            }
        }
        Ok(all)
    }

    /// What people confirmed and declined.
    pub async fn memory(&self) -> Result<Memory, LedgerError> {
        let rows = Select::new(
            "SELECT counterparty AS id, supplier, item, confirmed, declined FROM payment_pair",
        )
        .fetch("counterparty, supplier, item", PAIRS_MAX, &self.pool)
        .await?;
        let pairs = rows.iter().map(pair).collect::<Result<Vec<_>, _>>()?;
        Ok(Memory { version: 0, pairs })
    }
}

/// Reads a row of [`Ledger::memory`].
pub(super) fn pair(row: &AnyRow) -> Result<LearnedPair, LedgerError> {
    let fields = Fields::of("payment pair", row)?;
    Ok(LearnedPair {
        counterparty: fields.text("id")?,
        supplier: fields.text("supplier")?,
        item: Some(fields.text("item")?).filter(|item| !item.is_empty()),
        confirmed: u32::try_from(fields.number("confirmed")?).unwrap_or(u32::MAX),
        declined: fields.date_if("declined")?,
    })
}

/// Reads `id`, `content` and `holds`.
pub(super) fn open_item(row: &AnyRow) -> Result<OpenItem, LedgerError> {
    let fields = Fields::of("open item", row)?;
    let mut item: OpenItem = fields.json("content")?;
    // Nearly all have none, and fifty thousand empty lists are not worth reading.
    if row.try_get::<String, _>("holds")? != "[]" {
        item.pay_hold = is_held(&fields.json::<Vec<Hold>>("holds")?);
    }
    Ok(item)
}

fn open_words() -> Vec<String> {
    OPEN.iter().map(|status| status.as_str().to_owned()).collect()
}
