//! What invoice lines take from order lines: rows are added, never changed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::models::case::{CreditReceived, NamedReceipt};
use crate::models::refs::InvoiceId;
use crate::models::verdict::{Charged, Reconciliation};
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{LedgerError, texts};

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    line: String,
    order: String,
    order_line: String,
    /// Of a credit note: the invoice and line that it gives back of.
    credits: Option<(String, String)>,
}

/// Quantity and amount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Share {
    quantity: Decimal,
    amount: Decimal,
}

/// What an invoice takes, by its lines.
#[derive(Debug, Default)]
pub(super) struct Shares {
    lines: BTreeMap<Line, Share>,
    named: BTreeMap<String, Vec<NamedReceipt>>,
}

/// A row to be added.
struct Entry<'a> {
    entry: i64,
    line: &'a Line,
    share: Share,
    state: &'static str,
    named: Option<&'a Vec<NamedReceipt>>,
}

impl Share {
    fn read(quantity: &str, amount: &str) -> Result<Self, rust_decimal::Error> {
        Ok(Self { quantity: decimal(quantity)?, amount: decimal(amount)? })
    }

    fn add(&mut self, other: Self) -> Option<()> {
        self.quantity = self.quantity.checked_add(other.quantity)?;
        self.amount = self.amount.checked_add(other.amount)?;
        Some(())
    }

    fn negative(self) -> Self {
        Self { quantity: -self.quantity, amount: -self.amount }
    }
}

impl Shares {
    /// What the result takes, with what credit notes gave back of it added again: that stands in
    /// their own rows. What a credit note gives back is negative.
    pub(super) fn of(
        id: &InvoiceId,
        result: &Reconciliation,
        credits: &[CreditReceived],
    ) -> Result<Self, LedgerError> {
        let mut shares = Self::default();
        let read = |line: &str, quantity: &str, amount: &str| {
            Share::read(quantity, amount).map_err(|error| LedgerError::Unreadable {
                place: format!("allocation of invoice {id}, line {line}"),
                reason: error.to_string(),
            })
        };
        for row in &result.allocations {
            let line = Line::new([&row.line, &row.po, &row.po_line], None);
            if !row.named_receipts.is_empty() {
                shares.named.insert(line.line.clone(), row.named_receipts.clone());
            }
            let share = read(&row.line, &row.quantity, &row.amount)?;
            shares.add(id, line, share)?;
        }
        for credit in credits {
            let key = texts::key(&credit.line);
            let line = shares.lines.keys().find(|line| line.line == key).cloned();
            if let Some(line) = line {
                let share = Share { quantity: credit.quantity, amount: credit.amount };
                shares.add(id, line, share)?;
            }
        }
        for credit in &result.credits {
            let credits = (credit.invoice.clone(), texts::key(&credit.invoice_line));
            let line = Line::new([&credit.line, &credit.po, &credit.po_line], Some(credits));
            let share = read(&credit.line, &credit.quantity, &credit.amount)?;
            shares.add(id, line, share.negative())?;
        }
        Ok(shares)
    }

    fn add(&mut self, id: &InvoiceId, line: Line, share: Share) -> Result<(), LedgerError> {
        let sum = self.lines.entry(line).or_default();
        sum.add(share).ok_or_else(|| overflow(id.as_str()))
    }
}

impl Line {
    fn new(place: [&str; 3], credits: Option<(String, String)>) -> Self {
        let [line, order, order_line] = place.map(texts::key);
        Self { line, order, order_line, credits }
    }
}

impl Write {
    /// Makes the rows of an invoice sum to what it takes: where a line differs, the negative of
    /// what it took before, then what it takes now. Answers whether any line differs.
    pub(super) async fn allocate(
        &mut self,
        id: &InvoiceId,
        wanted: &Shares,
        input_hash: &str,
        at: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let (taken, entries) = self.taken(id).await?;
        let mut entry = entries;
        let lines: BTreeSet<&Line> = taken.keys().chain(wanted.lines.keys()).collect();
        for line in lines {
            let before = taken.get(line).copied().unwrap_or_default();
            let now = wanted.lines.get(line).copied().unwrap_or_default();
            if before == now {
                continue;
            }
            let steps = [(before.negative(), "reversed"), (now, "reserved")];
            let steps = steps.into_iter().filter(|(share, _)| *share != Share::default());
            for (share, state) in steps {
                entry += 1;
                let named = wanted.named.get(&line.line);
                let row = Entry { entry, line, share, state, named };
                self.add(id, row, input_hash, at).await?;
            }
        }
        Ok(entry != entries)
    }

    async fn add(
        &mut self,
        id: &InvoiceId,
        row: Entry<'_>,
        input_hash: &str,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO allocation (invoice_id, entry, line, order_key, order_number, \
                   order_line, quantity, amount, state, input_hash, at, named_receipts, \
                   credits_invoice, credits_line) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
        let Line { line, order, order_line, credits } = row.line;
        let (invoice, invoice_line) = credits.clone().unzip();
        let query = sqlx::query(sql)
            .bind(id.as_str())
            .bind(row.entry)
            .bind(line)
            .bind(texts::order_lookup(order))
            .bind(order)
            .bind(order_line)
            .bind(row.share.quantity.to_string())
            .bind(row.share.amount.to_string())
            .bind(row.state)
            .bind(input_hash)
            .bind(at.timestamp_micros())
            .bind(row.named.map(to_json).transpose()?)
            .bind(invoice)
            .bind(invoice_line);
        query.execute(self.on()).await?;
        Ok(())
    }

    /// What the rows of an invoice sum to, and how many there are.
    async fn taken(&mut self, id: &InvoiceId) -> Result<(BTreeMap<Line, Share>, i64), LedgerError> {
        let sql = "SELECT invoice_id AS id, line, order_number, order_line, quantity, amount, \
                   credits_invoice, credits_line \
                   FROM allocation WHERE invoice_id = $1 ORDER BY entry";
        let rows = sqlx::query(sql).bind(id.as_str()).fetch_all(self.on()).await?;
        let mut taken: BTreeMap<Line, Share> = BTreeMap::new();
        for row in &rows {
            let fields = Fields::of("allocation of invoice", row)?;
            let credits = fields.text_if("credits_invoice")?.zip(fields.text_if("credits_line")?);
            let line = Line {
                line: fields.text("line")?,
                order: fields.text("order_number")?,
                order_line: fields.text("order_line")?,
                credits,
            };
            let share = Share::read(&fields.text("quantity")?, &fields.text("amount")?);
            let share = share.map_err(|error| fields.unreadable("quantity or amount", &error))?;
            let sum = taken.entry(line).or_default();
            sum.add(share).ok_or_else(|| overflow(id.as_str()))?;
        }
        let entries = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        Ok((taken, entries))
    }

    /// Replaces what an invoice charges on orders.
    pub(super) async fn charge(
        &mut self,
        id: &InvoiceId,
        charges: &[Charged],
    ) -> Result<(), LedgerError> {
        let sql = "DELETE FROM charge WHERE invoice_id = $1";
        sqlx::query(sql).bind(id.as_str()).execute(self.on()).await?;
        let sql = "INSERT INTO charge (invoice_id, entry, order_key, order_number, code, \
                   allowance, amount) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        for (entry, charge) in (1_i64..).zip(charges) {
            let query = sqlx::query(sql)
                .bind(id.as_str())
                .bind(entry)
                .bind(texts::order_lookup(&charge.po))
                .bind(texts::key(&charge.po))
                .bind(texts::key(&charge.code))
                .bind(i64::from(charge.allowance))
                .bind(&charge.amount);
            query.execute(self.on()).await?;
        }
        Ok(())
    }
}

/// Exactly, or not at all: a quantity that is rounded on the way is another quantity.
pub(super) fn decimal(text: &str) -> Result<Decimal, rust_decimal::Error> {
    Decimal::from_str_exact(text)
}

/// A sum that no decimal holds.
pub(super) fn overflow(place: &str) -> LedgerError {
    LedgerError::Unreadable {
        place: format!("allocations of {place}"),
        reason: "their sum has more than 28 digits".to_owned(),
    }
}
