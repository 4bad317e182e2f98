//! What an invoice is compared with, read under its locks.
//!
//! Everything is sorted here, not by the database: the two compare texts differently, and the
//! same rows must give the same input hash on both.

use serde::de::DeserializeOwned;

use crate::models::order::PurchaseOrder;
use crate::models::receipt::Receipt;
use crate::models::refs::InvoiceId;
use crate::storage::ledger::LedgerError;
use crate::storage::ledger::claims::Claims;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::matching::{EarlierInvoice, LedgerView, Place};
use crate::storage::ledger::write::Write;

const ORDERS: &str = "SELECT o.id, r.content FROM purchase_order o \
     JOIN purchase_order_revision r ON r.id = o.id AND r.revision = o.revision \
     WHERE o.lookup_key = $1";

const RECEIPTS: &str = "SELECT o.id, r.content FROM receipt o \
     JOIN receipt_revision r ON r.id = o.id AND r.revision = o.revision \
     WHERE o.order_lookup = $1";

/// An invoice and a credit note with one number are no duplicates of each other.
const EARLIER: &str = "SELECT id FROM invoice WHERE seller_key = $1 AND number_key = $2 \
     AND sequence < $3 AND kind = $4 AND status NOT IN ('rejected', 'cancelled') \
     ORDER BY sequence, id LIMIT 1";

impl Write {
    /// The orders, their receipts, what earlier invoices took, and an earlier invoice of the
    /// same claim.
    pub(super) async fn view(&mut self, place: &Place) -> Result<LedgerView, LedgerError> {
        let mut view = LedgerView::default();
        let mut claims = Claims::default();
        for key in &place.orders {
            let orders: Vec<PurchaseOrder> = self.documents("purchase_order", ORDERS, key).await?;
            view.orders.extend(orders);
            let receipts: Vec<Receipt> = self.documents("receipt", RECEIPTS, key).await?;
            view.receipts.extend(receipts);
            self.claims(place.sequence, key, &mut claims).await?;
        }
        claims.settle()?;
        view.orders.sort_by_key(|order| (order.number.clone(), order.buyer_key()));
        view.receipts.sort_by_key(|receipt| {
            let order = receipt.purchase_order.clone();
            (order, receipt.kind.as_str(), receipt.number.clone())
        });
        view.billed_before = claims.billed(&view.orders);
        view.charged_before = claims.charged();
        view.duplicate_of = self.earlier(place).await?;
        Ok(view)
    }

    async fn documents<T: DeserializeOwned>(
        &mut self,
        table: &str,
        sql: &'static str,
        order_key: &str,
    ) -> Result<Vec<T>, LedgerError> {
        let rows = sqlx::query(sql).bind(order_key).fetch_all(self.on()).await?;
        let read = |row| Fields::of(table, row)?.json("content");
        rows.iter().map(read).collect()
    }

    async fn earlier(&mut self, place: &Place) -> Result<Option<EarlierInvoice>, LedgerError> {
        let Some((seller, number)) = &place.claim else {
            return Ok(None);
        };
        let query = sqlx::query(EARLIER).bind(seller).bind(number);
        let query = query.bind(place.sequence).bind(&place.kind);
        let Some(row) = query.fetch_optional(self.on()).await? else {
            return Ok(None);
        };
        let id = Fields::of("invoice", &row)?.parsed("id", |id| InvoiceId::parse(id).ok())?;
        Ok(Some(EarlierInvoice { id }))
    }
}
