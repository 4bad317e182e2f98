//! What invoice lines take from order lines: rows are added, never changed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::models::refs::InvoiceId;
use crate::models::verdict::Reconciliation;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{LedgerError, texts};

/// Invoice line, order number, order line.
type Line = (String, String, String);

/// Quantity and amount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Share {
    quantity: Decimal,
    amount: Decimal,
}

/// A row to be added.
struct Entry<'a> {
    entry: i64,
    line: &'a Line,
    share: Share,
    state: &'static str,
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

impl Write {
    /// Makes the rows of an invoice sum to what the result takes: where a line differs, the
    /// negative of what it took before, then what it takes now.
    pub(super) async fn allocate(
        &mut self,
        id: &InvoiceId,
        result: &Reconciliation,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let (taken, entries) = self.taken(id).await?;
        let wanted = wanted(id, result)?;
        let mut entry = entries;
        let lines: BTreeSet<&Line> = taken.keys().chain(wanted.keys()).collect();
        for line in lines {
            let before = taken.get(line).copied().unwrap_or_default();
            let now = wanted.get(line).copied().unwrap_or_default();
            if before == now {
                continue;
            }
            let steps = [(before.negative(), "reversed"), (now, "reserved")];
            let steps = steps.into_iter().filter(|(share, _)| *share != Share::default());
            for (share, state) in steps {
                entry += 1;
                let row = Entry { entry, line, share, state };
                self.add(id, row, &result.input_hash, at).await?;
            }
        }
        Ok(())
    }

    async fn add(
        &mut self,
        id: &InvoiceId,
        row: Entry<'_>,
        input_hash: &str,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO allocation (invoice_id, entry, line, order_key, order_number, \
                   order_line, quantity, amount, state, input_hash, at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let (line, order, order_line) = row.line;
        let query = sqlx::query(sql)
            .bind(id.as_str())
            .bind(row.entry)
            .bind(line)
            .bind(texts::order_key(order))
            .bind(order)
            .bind(order_line)
            .bind(row.share.quantity.to_string())
            .bind(row.share.amount.to_string())
            .bind(row.state)
            .bind(input_hash)
            .bind(at.timestamp_micros());
        query.execute(self.on()).await?;
        Ok(())
    }

    /// What the rows of an invoice sum to, and how many there are.
    async fn taken(&mut self, id: &InvoiceId) -> Result<(BTreeMap<Line, Share>, i64), LedgerError> {
        let sql = "SELECT invoice_id AS id, line, order_number, order_line, quantity, amount \
                   FROM allocation WHERE invoice_id = $1 ORDER BY entry";
        let rows = sqlx::query(sql).bind(id.as_str()).fetch_all(self.on()).await?;
        let mut taken: BTreeMap<Line, Share> = BTreeMap::new();
        for row in &rows {
            let fields = Fields::of("allocation of invoice", row)?;
            let line = (fields.text("line")?, fields.text("order_number")?);
            let line = (line.0, line.1, fields.text("order_line")?);
            let share = Share::read(&fields.text("quantity")?, &fields.text("amount")?);
            let share = share.map_err(|error| fields.unreadable("quantity or amount", &error))?;
            let sum = taken.entry(line).or_default();
            sum.add(share).ok_or_else(|| overflow(id.as_str()))?;
        }
        let entries = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        Ok((taken, entries))
    }
}

fn wanted(id: &InvoiceId, result: &Reconciliation) -> Result<BTreeMap<Line, Share>, LedgerError> {
    let mut wanted: BTreeMap<Line, Share> = BTreeMap::new();
    for allocation in &result.allocations {
        let share = Share::read(&allocation.quantity, &allocation.amount);
        let share = share.map_err(|error| LedgerError::Unreadable {
            place: format!("allocation of invoice {id}, line {}", allocation.line),
            reason: error.to_string(),
        })?;
        let [line, po, po_line] = [&allocation.line, &allocation.po, &allocation.po_line];
        let line = (texts::key(line), texts::key(po), texts::key(po_line));
        let sum = wanted.entry(line).or_default();
        sum.add(share).ok_or_else(|| overflow(id.as_str()))?;
    }
    Ok(wanted)
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
