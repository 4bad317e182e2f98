//! Purchase orders, every revision of them.

use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;

use crate::models::order::{OrderStatus, PurchaseOrder};
use crate::models::refs::OrderId;
use crate::storage::ledger::registry::{Draft, Kept, Tables};
use crate::storage::ledger::select::Select;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// What posting an order or a receipt came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Registration<Row> {
    /// Kept as new, or as the next revision.
    New(Row),
    /// The same content is there already.
    Known(Row),
    /// Other content is there: its id and revision.
    Conflict {
        /// Id of what is there.
        id: String,
        /// Its revision; to replace it, send this plus one.
        revision: u32,
    },
}

/// An order that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// Its id; the same for every revision.
    pub id: OrderId,
    /// When this revision came.
    pub created_at: DateTime<Utc>,
    /// What it says.
    pub order: PurchaseOrder,
}

/// What narrows the list of orders.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// The order's number, equal.
    pub number: Option<String>,
    /// Whether it may still be invoiced.
    pub open: Option<bool>,
}

impl<Row> Registration<Row> {
    /// The same outcome with the row read further.
    pub(super) fn read<Other>(
        self,
        read: impl FnOnce(Row) -> Result<Other, LedgerError>,
    ) -> Result<Registration<Other>, LedgerError> {
        Ok(match self {
            Self::New(row) => Registration::New(read(row)?),
            Self::Known(row) => Registration::Known(read(row)?),
            Self::Conflict { id, revision } => Registration::Conflict { id, revision },
        })
    }
}

const TABLES: Tables = Tables {
    name: "purchase_order",
    deed: "create_purchase_order",
    find: "SELECT id, revision FROM purchase_order WHERE buyer_key = $1 AND number_key = $2",
    insert: "INSERT INTO purchase_order (buyer_key, number_key, lookup_key, id, revision) \
             VALUES ($1, $2, $3, $4, $5)",
    raise: "UPDATE purchase_order SET revision = $2 WHERE id = $1",
    keep: "INSERT INTO purchase_order_revision (id, revision, created_at, content) \
           VALUES ($1, $2, $3, $4)",
    read: "SELECT id, created_at, content FROM purchase_order_revision \
           WHERE id = $1 AND revision = $2",
};

/// Each order with its newest revision.
const NEWEST: &str = "SELECT o.id, r.created_at, r.content FROM purchase_order o \
     JOIN purchase_order_revision r ON r.id = o.id AND r.revision = o.revision";

impl Ledger {
    /// Keeps an order under its natural key: buyer and number. The first one may have any
    /// revision. Waits for invoices that are being matched with this number: they see it all or
    /// not at all, and those that did not are `held` when this returns.
    pub async fn register_order(
        &self,
        id: OrderId,
        order: &PurchaseOrder,
        at: DateTime<Utc>,
    ) -> Result<Registration<OrderRow>, LedgerError> {
        let lookup = texts::order_lookup(&order.number);
        let mut write = self.write().await?;
        write.lock_order(&lookup).await?;
        let draft = Draft {
            natural_key: vec![texts::key(&order.buyer_key()), texts::order_key(&order.number)],
            lookups: vec![lookup],
            id: id.as_str(),
            revision: order.revision,
            document: order,
            at,
        };
        let registered = write.register(&TABLES, draft).await?.read(order_row)?;
        match &registered {
            Registration::New(row) => {
                write.keep_state(&row.id, order.status).await?;
                write.wake_waiting(&order.number).await?;
                write.registered(&TABLES, row.id.as_str(), order.revision).await?;
            }
            // The claim of a key, if there is one.
            Registration::Known(_) => write.commit().await?,
            Registration::Conflict { .. } => {}
        }
        Ok(registered)
    }

    /// The newest revision of an order.
    pub async fn order(&self, id: &OrderId) -> Result<Option<OrderRow>, LedgerError> {
        let id = Some(id.to_string());
        let rows = Select::new(NEWEST).text("o.id =", id).fetch("o.id", 1, &self.pool).await?;
        rows.first().map(read).transpose()
    }

    /// One revision of an order, old ones too.
    pub async fn order_revision(
        &self,
        id: &OrderId,
        revision: u32,
    ) -> Result<Option<OrderRow>, LedgerError> {
        let query = sqlx::query(TABLES.read).bind(id.as_str()).bind(i64::from(revision));
        let row = query.fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// Newest first, newest revisions.
    pub async fn orders(
        &self,
        filter: &OrderFilter,
        after: Option<&OrderId>,
        limit: u32,
    ) -> Result<Vec<OrderRow>, LedgerError> {
        let mut select = Select::new(NEWEST);
        select.text("o.number_key =", filter.number.as_deref().map(texts::order_key));
        if let Some(open) = filter.open {
            // As the index says it.
            select.same(if open { "o.state = 'open'" } else { "o.state <> 'open'" });
        }
        let select = select.text("o.id <", after.map(ToString::to_string));
        let rows = select.fetch("o.id DESC", limit, &self.pool).await?;
        rows.iter().map(read).collect()
    }
}

impl Write {
    /// Keeps whether an order may still be invoiced.
    async fn keep_state(&mut self, id: &OrderId, status: OrderStatus) -> Result<(), LedgerError> {
        let sql = "UPDATE purchase_order SET state = $2 WHERE id = $1";
        let query = sqlx::query(sql).bind(id.as_str()).bind(status.as_str());
        query.execute(self.on()).await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<OrderRow, LedgerError> {
    order_row(Kept::read(TABLES.name, row)?)
}

fn order_row(kept: Kept<PurchaseOrder>) -> Result<OrderRow, LedgerError> {
    let id = OrderId::parse(&kept.id);
    Ok(OrderRow {
        id: id.map_err(|error| kept.unreadable(TABLES.name, &error))?,
        created_at: kept.created_at,
        order: kept.document,
    })
}
