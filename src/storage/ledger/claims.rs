//! What invoices take from orders, what credit notes give back of them, and what they charge.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::models::case::{BilledBefore, ChargedBefore, CreditReceived, NamedReceipt};
use crate::models::order::PurchaseOrder;
use crate::models::refs::InvoiceId;
use crate::storage::ledger::LedgerError;
use crate::storage::ledger::allocations::{decimal, overflow};
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::write::Write;

/// A row counts with the invoice that it takes for, or gives back of. Rejected, cancelled and
/// superseded invoices count nowhere; a duplicate is no second claim.
const BILLED: &str = "SELECT a.invoice_id AS id, o.id AS owner, o.sequence AS sequence, \
     COALESCE(a.credits_line, a.line) AS line, a.order_number, a.order_line, a.quantity, \
     a.amount, a.named_receipts, o.currency AS currency \
     FROM allocation a JOIN invoice i ON i.id = a.invoice_id \
     JOIN invoice o ON o.id = COALESCE(a.credits_invoice, a.invoice_id) \
     WHERE a.order_key = $1 AND o.sequence < $2 \
     AND i.status NOT IN ('rejected', 'cancelled', 'superseded', 'duplicate') \
     AND o.status NOT IN ('rejected', 'cancelled', 'superseded', 'duplicate')";

const CREDITED: &str = "SELECT a.invoice_id AS id, a.credits_line AS line, a.quantity, a.amount \
     FROM allocation a JOIN invoice i ON i.id = a.invoice_id WHERE a.credits_invoice = $1 \
     AND i.status NOT IN ('rejected', 'cancelled', 'superseded', 'duplicate')";

const CHARGED: &str = "SELECT c.invoice_id AS id, c.order_number, c.code, c.amount \
     FROM charge c JOIN invoice i ON i.id = c.invoice_id \
     WHERE c.order_key = $1 AND i.sequence < $2 \
     AND i.status NOT IN ('rejected', 'cancelled', 'superseded', 'duplicate')";

/// Sequence, invoice, line, order, order line: the order in which claims count.
type Claim = (i64, String, String, String, String);

/// What an invoice line takes.
#[derive(Default)]
struct Share {
    quantity: Decimal,
    /// In the invoice's currency.
    amount: Decimal,
    currency: Option<String>,
    named: Vec<NamedReceipt>,
}

impl Share {
    fn is_nothing(&self) -> bool {
        self.quantity.is_zero() && self.amount.is_zero()
    }
}

/// The claims of earlier invoices, before they are sorted out.
#[derive(Default)]
pub(super) struct Claims {
    shares: BTreeMap<Claim, Share>,
    charges: BTreeMap<(String, String), Decimal>,
}

impl Claims {
    /// In the order of the sequence; what was reversed or credited to nothing is left out. Money in
    /// another currency than the order's is not told: the quantity at the order's price stands for
    /// it.
    pub(super) fn billed(&self, orders: &[PurchaseOrder]) -> Vec<BilledBefore> {
        let in_currency = |number: &str, currency: &Option<String>| {
            let mut named = orders.iter().filter(|order| order.number.trim() == number.trim());
            named.all(|order| currency.as_deref().is_none_or(|code| code == order.currency.code()))
        };
        let counting = self.shares.iter().filter(|(_, share)| !share.is_nothing());
        let billed = counting.map(|(claim, share)| BilledBefore {
            invoice: Some(claim.1.clone()),
            line: Some(claim.2.clone()),
            po: claim.3.clone(),
            po_line: claim.4.clone(),
            quantity: share.quantity,
            amount: Some(share.amount).filter(|_| in_currency(&claim.3, &share.currency)),
            receipts: share.named.clone(),
        });
        billed.collect()
    }

    /// Sums by order and code.
    pub(super) fn charged(&self) -> Vec<ChargedBefore> {
        let charges = self.charges.iter().filter(|(_, amount)| !amount.is_zero());
        let charged = charges.map(|((po, code), amount)| ChargedBefore {
            invoice: None,
            allowance: None,
            po: po.clone(),
            code: code.clone(),
            amount: *amount,
        });
        charged.collect()
    }
}

impl Write {
    /// What invoices of smaller sequence took from an order and charged on it.
    pub(super) async fn claims(
        &mut self,
        sequence: i64,
        order_key: &str,
        claims: &mut Claims,
    ) -> Result<(), LedgerError> {
        let query = sqlx::query(BILLED).bind(order_key).bind(sequence);
        for row in query.fetch_all(self.on()).await? {
            let fields = Fields::of("allocation of invoice", &row)?;
            let claim = (
                fields.number("sequence")?,
                fields.text("owner")?,
                fields.text("line")?,
                fields.text("order_number")?,
                fields.text("order_line")?,
            );
            let share = claims.shares.entry(claim).or_default();
            add(&mut share.quantity, &fields, "quantity", order_key)?;
            add(&mut share.amount, &fields, "amount", order_key)?;
            share.currency = fields.text_if("currency")?;
            if let Some(named) = fields.json_if("named_receipts")? {
                share.named = named;
            }
        }
        let query = sqlx::query(CHARGED).bind(order_key).bind(sequence);
        for row in query.fetch_all(self.on()).await? {
            let fields = Fields::of("charge of invoice", &row)?;
            let key = (fields.text("order_number")?, fields.text("code")?);
            add(claims.charges.entry(key).or_default(), &fields, "amount", order_key)?;
        }
        Ok(())
    }

    /// What credit notes gave back of an invoice, by its lines.
    pub(super) async fn credits_of(
        &mut self,
        id: &InvoiceId,
    ) -> Result<Vec<CreditReceived>, LedgerError> {
        let mut lines: BTreeMap<String, (Decimal, Decimal)> = BTreeMap::new();
        for row in sqlx::query(CREDITED).bind(id.as_str()).fetch_all(self.on()).await? {
            let fields = Fields::of("allocation of invoice", &row)?;
            let share = lines.entry(fields.text("line")?).or_default();
            add(&mut share.0, &fields, "quantity", id.as_str())?;
            add(&mut share.1, &fields, "amount", id.as_str())?;
        }
        let given_back = lines.into_iter().filter(|(_, share)| *share != Default::default());
        let credits = given_back.map(|(line, (quantity, amount))| CreditReceived {
            line,
            quantity: -quantity,
            amount: -amount,
        });
        Ok(credits.collect())
    }
}

/// Adds a column to a sum.
pub(super) fn add(
    sum: &mut Decimal,
    fields: &Fields<'_>,
    column: &str,
    place: &str,
) -> Result<(), LedgerError> {
    let value =
        decimal(&fields.text(column)?).map_err(|error| fields.unreadable(column, &error))?;
    *sum = sum.checked_add(value).ok_or_else(|| overflow(place))?;
    Ok(())
}
