//! The invoices that a document names in BG-3, as they were billed and credited so far.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::models::case::{BilledLine, Preceding};
use crate::models::extraction::Extraction;
use crate::models::order::PurchaseOrder;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::claims::add;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{LedgerError, texts};

/// Corrections that are followed from one to the next; who corrects more often than this is in a
/// circle or should be looked at.
const CORRECTIONS_MAX: usize = 16;

/// The first that came under that number and still counts.
const NAMED: &str = "SELECT id, number, currency, status FROM invoice WHERE seller_key = $1 \
     AND number_key = $2 AND id <> $3 AND kind = 'invoice' \
     AND status NOT IN ('rejected', 'cancelled', 'duplicate') ORDER BY sequence, id LIMIT 1";

const BILLED: &str = "SELECT a.invoice_id AS id, a.line, a.order_number, a.order_line, \
     a.quantity, a.amount FROM allocation a \
     WHERE a.invoice_id = $1 AND a.credits_invoice IS NULL ORDER BY a.entry";

/// What other credit notes gave back.
const CREDITED: &str = "SELECT a.invoice_id AS id, a.credits_line AS line, a.quantity, a.amount \
     FROM allocation a JOIN invoice i ON i.id = a.invoice_id \
     WHERE a.credits_invoice = $1 AND a.invoice_id <> $2 \
     AND i.status NOT IN ('rejected', 'cancelled', 'superseded', 'duplicate')";

/// A named invoice.
struct Named {
    id: String,
    /// As the document writes it.
    number: String,
    currency: Option<String>,
    status: InvoiceStatus,
}

/// Items and unit of the order line that was billed.
fn describe(line: &mut BilledLine, orders: &[PurchaseOrder]) {
    let order = orders.iter().find(|order| Some(order.number.as_str()) == line.po.as_deref());
    let lines = order.into_iter().flat_map(|order| &order.lines);
    let ordered = lines.filter(|ordered| Some(ordered.id.as_str()) == line.po_line.as_deref());
    for ordered in ordered {
        let ids = [&ordered.buyer_item_id, &ordered.seller_item_id, &ordered.standard_item_id];
        line.items = ids.into_iter().flatten().cloned().collect();
        line.unit.clone_from(&ordered.unit);
    }
}

impl Write {
    /// Keeps which invoices a document names, so that it is found when one of them comes.
    pub(super) async fn keep_named(
        &mut self,
        id: &InvoiceId,
        extraction: &Extraction,
    ) -> Result<(), LedgerError> {
        let sql = "DELETE FROM invoice_named WHERE invoice_id = $1";
        sqlx::query(sql).bind(id.as_str()).execute(self.on()).await?;
        let invoice = &extraction.invoice;
        let Some(seller) = invoice.seller_key().as_deref().map(texts::key) else {
            return Ok(());
        };
        let named = invoice.preceding_invoices.iter();
        for number in named.filter_map(|one| one.number.as_deref()) {
            let sql = "INSERT INTO invoice_named (seller_key, number_key, invoice_id) \
                       VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
            let query = sqlx::query(sql).bind(&seller).bind(texts::claim_number(number));
            query.bind(id.as_str()).execute(self.on()).await?;
        }
        Ok(())
    }

    /// The keys of the orders that the named invoices took from: a credit note changes what
    /// stands on them.
    pub(super) async fn orders_of_named(
        &mut self,
        own: &InvoiceId,
        seller: Option<&str>,
        numbers: &[&str],
    ) -> Result<BTreeSet<String>, LedgerError> {
        let mut orders = BTreeSet::new();
        for number in numbers {
            if let Some(Named { id, .. }) = self.named(own, seller, number).await? {
                let sql = "SELECT DISTINCT order_key FROM allocation WHERE invoice_id = $1";
                let keys: Vec<String> =
                    sqlx::query_scalar(sql).bind(&id).fetch_all(self.on()).await?;
                orders.extend(keys);
            }
        }
        Ok(orders)
    }

    /// The named invoices that are on file; `orders` tell items and units of their lines.
    pub(super) async fn preceding(
        &mut self,
        own: &InvoiceId,
        seller: Option<&str>,
        numbers: &[&str],
        orders: &[PurchaseOrder],
    ) -> Result<Vec<Preceding>, LedgerError> {
        let mut all = Vec::new();
        for number in numbers {
            let Some(named) = self.named(own, seller, number).await? else {
                continue;
            };
            let corrects = self.corrects(own, &named.id, seller).await?;
            let lines = self.billed_lines(own, &named.id, orders).await?;
            let Named { id, number, currency, status } = named;
            let paid = matches!(
                status,
                InvoiceStatus::Scheduled | InvoiceStatus::PartPaid | InvoiceStatus::Paid
            );
            let id = Some(id);
            all.push(Preceding { number, id, currency, paid, same_vendor: true, corrects, lines });
        }
        Ok(all)
    }

    /// Id, number as written and currency.
    async fn named(
        &mut self,
        own: &InvoiceId,
        seller: Option<&str>,
        number: &str,
    ) -> Result<Option<Named>, LedgerError> {
        let Some(seller) = seller else {
            return Ok(None);
        };
        let query = sqlx::query(NAMED).bind(texts::key(seller));
        let query = query.bind(texts::claim_number(number)).bind(own.as_str());
        let Some(row) = query.fetch_optional(self.on()).await? else {
            return Ok(None);
        };
        let fields = Fields::of("invoice", &row)?;
        Ok(Some(Named {
            id: fields.text("id")?,
            number: number.trim().to_owned(),
            currency: fields.text_if("currency")?,
            status: fields.parsed("status", InvoiceStatus::parse)?,
        }))
    }

    /// Numbers that an invoice names, and those that these name.
    async fn corrects(
        &mut self,
        own: &InvoiceId,
        id: &str,
        seller: Option<&str>,
    ) -> Result<Vec<String>, LedgerError> {
        let mut found: BTreeSet<String> = BTreeSet::new();
        let mut next = Some(id.to_owned());
        for _ in 0..CORRECTIONS_MAX {
            let Some(id) = next.take() else {
                break;
            };
            let numbers = self.numbers_named_by(&id).await?;
            for number in numbers {
                if found.insert(number.clone()) && next.is_none() {
                    next = self.named(own, seller, &number).await?.map(|named| named.id);
                }
            }
        }
        Ok(found.into_iter().collect())
    }

    async fn numbers_named_by(&mut self, id: &str) -> Result<Vec<String>, LedgerError> {
        let sql = "SELECT invoice_id AS id, content FROM extraction WHERE invoice_id = $1";
        let Some(row) = sqlx::query(sql).bind(id).fetch_optional(self.on()).await? else {
            return Ok(Vec::new());
        };
        let extraction: Extraction = Fields::of("extraction of invoice", &row)?.json("content")?;
        let named = extraction.invoice.preceding_invoices;
        Ok(named.into_iter().filter_map(|one| one.number).collect())
    }

    async fn billed_lines(
        &mut self,
        own: &InvoiceId,
        id: &str,
        orders: &[PurchaseOrder],
    ) -> Result<Vec<BilledLine>, LedgerError> {
        let mut lines: BTreeMap<(String, String, String), BilledLine> = BTreeMap::new();
        for row in sqlx::query(BILLED).bind(id).fetch_all(self.on()).await? {
            let fields = Fields::of("allocation of invoice", &row)?;
            let (line, po) = (fields.text("line")?, fields.text("order_number")?);
            let po_line = fields.text("order_line")?;
            let key = (line.clone(), po.clone(), po_line.clone());
            let billed = lines.entry(key).or_insert(BilledLine {
                line,
                po: Some(po),
                po_line: Some(po_line),
                items: Vec::new(),
                unit: None,
                quantity: Decimal::ZERO,
                net: Decimal::ZERO,
                credited_quantity: Decimal::ZERO,
                credited_net: Decimal::ZERO,
            });
            add(&mut billed.quantity, &fields, "quantity", id)?;
            add(&mut billed.net, &fields, "amount", id)?;
        }
        // Paired with another order line since, a line stands there alone.
        let takes = |line: &BilledLine| !line.quantity.is_zero() || !line.net.is_zero();
        let taking: BTreeSet<String> =
            (lines.values().filter(|line| takes(line))).map(|line| line.line.clone()).collect();
        let mut lines: Vec<BilledLine> = lines.into_values().collect();
        lines.retain(|line| takes(line) || !taking.contains(&line.line));
        for line in &mut lines {
            describe(line, orders);
        }
        let query = sqlx::query(CREDITED).bind(id).bind(own.as_str());
        for row in query.fetch_all(self.on()).await? {
            let fields = Fields::of("allocation of invoice", &row)?;
            let line = fields.text("line")?;
            if let Some(billed) = lines.iter_mut().find(|billed| billed.line == line) {
                // Kept as what is taken: a credit is negative there.
                let (mut quantity, mut net) = (-billed.credited_quantity, -billed.credited_net);
                add(&mut quantity, &fields, "quantity", id)?;
                add(&mut net, &fields, "amount", id)?;
                (billed.credited_quantity, billed.credited_net) = (-quantity, -net);
            }
        }
        Ok(lines)
    }
}
