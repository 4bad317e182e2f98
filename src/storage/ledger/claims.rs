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

/// Rejected, cancelled and superseded invoices count nowhere; a duplicate is no second claim.
const BILLED: &str = "SELECT a.invoice_id AS id, i.sequence AS sequence, a.line, \
     a.order_number, a.order_line, a.quantity, a.amount, a.named_receipts, \
     i.currency AS currency FROM allocation a JOIN invoice i ON i.id = a.invoice_id \
     WHERE a.order_key = $1 AND a.credits_invoice IS NULL AND i.sequence < $2 \
     AND i.status NOT IN ('rejected', 'cancelled', 'superseded', 'duplicate')";

/// What credit notes gave back of those invoices, whichever order it was taken from at that time:
/// the invoice may take the line from another one since.
const GIVEN_BACK: &str = "SELECT a.invoice_id AS id, a.entry, a.credits_invoice, a.credits_line, \
     a.order_number, a.order_line, a.quantity, a.amount \
     FROM allocation a JOIN invoice i ON i.id = a.invoice_id \
     WHERE a.credits_invoice IN (SELECT b.invoice_id FROM allocation b \
     WHERE b.order_key = $1 AND b.credits_invoice IS NULL) \
     AND i.status NOT IN ('rejected', 'cancelled', 'superseded', 'duplicate')";

const CREDITED: &str = "SELECT a.invoice_id AS id, a.credits_line AS line, a.quantity, a.amount \
     FROM allocation a JOIN invoice i ON i.id = a.invoice_id WHERE a.credits_invoice = $1 \
     AND i.status NOT IN ('rejected', 'cancelled', 'superseded', 'duplicate')";

const CHARGED: &str = "SELECT c.invoice_id AS id, c.order_number, c.code, c.allowance, c.amount \
     FROM charge c JOIN invoice i ON i.id = c.invoice_id \
     WHERE c.order_key = $1 AND i.sequence < $2 \
     AND i.status NOT IN ('rejected', 'cancelled', 'superseded', 'duplicate')";

/// Sequence, invoice, line, order, order line: the order in which claims count.
type Claim = (i64, String, String, String, String);

/// What an invoice line takes, or what was given back of it: that is negative.
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

    /// Gives back of it, and never more than it takes; what is left to give back stays in `credit`.
    fn give_back(&mut self, credit: &mut Self) {
        give_back(&mut self.quantity, &mut credit.quantity);
        give_back(&mut self.amount, &mut credit.amount);
    }
}

fn give_back(taken: &mut Decimal, credit: &mut Decimal) {
    if taken.is_sign_positive() && credit.is_sign_negative() {
        let given = (*credit).max(-*taken);
        *taken += given;
        *credit -= given;
    }
}

/// Order, code, invoice, and whether it is an allowance; rows of before that was kept say nothing.
type Charge = (String, String, String, Option<bool>);

/// The row of a credit note: read once, also when the invoice took from several orders.
struct Credit {
    /// The invoice, and its line.
    of: (String, String),
    /// The order and order line that it was taken from.
    from: (String, String),
    share: Share,
}

/// The claims of earlier invoices, before they are sorted out.
#[derive(Default)]
pub(super) struct Claims {
    shares: BTreeMap<Claim, Share>,
    /// By credit note and entry.
    credits: BTreeMap<(String, i64), Credit>,
    charges: BTreeMap<Charge, Decimal>,
}

impl Claims {
    /// Gives back what was credited: of the order line that it was taken from, else of whatever
    /// the invoice line takes now. An invoice that takes nothing any more gives nothing back.
    pub(super) fn settle(&mut self) -> Result<(), LedgerError> {
        let mut open: BTreeMap<(String, String), BTreeMap<(String, String), Share>> =
            BTreeMap::new();
        for Credit { of, from, share } in std::mem::take(&mut self.credits).into_values() {
            let sum = open.entry(of).or_default().entry(from).or_default();
            for (sum, part) in
                [(&mut sum.quantity, share.quantity), (&mut sum.amount, share.amount)]
            {
                *sum = sum.checked_add(part).ok_or_else(|| overflow("credit notes"))?;
            }
        }
        for here in [true, false] {
            for ((_, invoice, line, order, order_line), share) in &mut self.shares {
                let credits = open.get_mut(&(invoice.clone(), line.clone()));
                for (from, credit) in credits.into_iter().flatten() {
                    if !here || (&from.0, &from.1) == (order, order_line) {
                        share.give_back(credit);
                    }
                }
            }
        }
        Ok(())
    }

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

    /// Sums by order, code and invoice: what a correction replaces does not count for it.
    pub(super) fn charged(&self) -> Vec<ChargedBefore> {
        let charges = self.charges.iter().filter(|(_, amount)| !amount.is_zero());
        let charged = charges.map(|((po, code, invoice, allowance), amount)| ChargedBefore {
            invoice: Some(invoice.clone()),
            po: po.clone(),
            code: code.clone(),
            allowance: *allowance,
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
                fields.text("id")?,
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
        self.given_back(order_key, claims).await?;
        let query = sqlx::query(CHARGED).bind(order_key).bind(sequence);
        for row in query.fetch_all(self.on()).await? {
            let fields = Fields::of("charge of invoice", &row)?;
            let allowance = fields.number_if("allowance")?.map(|one| one != 0);
            let of = fields.text("id")?;
            let key = (fields.text("order_number")?, fields.text("code")?, of, allowance);
            add(claims.charges.entry(key).or_default(), &fields, "amount", order_key)?;
        }
        Ok(())
    }

    async fn given_back(
        &mut self,
        order_key: &str,
        claims: &mut Claims,
    ) -> Result<(), LedgerError> {
        for row in sqlx::query(GIVEN_BACK).bind(order_key).fetch_all(self.on()).await? {
            let fields = Fields::of("allocation of credit note", &row)?;
            let mut share = Share::default();
            add(&mut share.quantity, &fields, "quantity", order_key)?;
            add(&mut share.amount, &fields, "amount", order_key)?;
            let of = (fields.text("credits_invoice")?, fields.text("credits_line")?);
            let from = (fields.text("order_number")?, fields.text("order_line")?);
            let entry = (fields.text("id")?, fields.number("entry")?);
            claims.credits.insert(entry, Credit { of, from, share });
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
