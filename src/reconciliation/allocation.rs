//! What an invoice takes from its order lines: one row for each paired line.
//!
//! An invoice counts from its first run, held or not (handbook §1), so its rows are kept under a
//! hold too, also when only the currency differs: the quantity is certain. Nothing is taken by
//! - a refused invoice: nobody knows from which line;
//! - a line in another unit or without a quantity: nobody knows how much;
//! - an exact duplicate: it is the same claim as the earlier invoice, which has taken already, and
//!   counting it twice would hold back every honest invoice after it. Once a person says that it
//!   is no duplicate, the case no longer names the earlier one and it counts;
//! - a credit note: it counts only without a stop hold, and has one.

use rust_decimal::Decimal;

use crate::models::verdict::Allocation;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::show;

/// The rows, in the order of the invoice lines. A net that is missing is held elsewhere and counts
/// nothing here.
pub(crate) fn rows(lines: &[Option<Matched<'_>>], minor_digits: u32) -> Vec<Allocation> {
    let rows = lines.iter().flatten().filter_map(|line| {
        let quantity = line.quantity()?;
        let amount = line.figures.net.unwrap_or(Decimal::ZERO);
        Some(Allocation {
            line: line.line.id.clone(),
            po: line.position.order.number.clone(),
            po_line: line.position.line.id.clone(),
            quantity: exact(quantity),
            amount: exact_amount(amount, minor_digits),
        })
    });
    rows.collect()
}

/// A held invoice may reserve, and never gives back: a line with a negative quantity frees what an
/// earlier invoice took, and who frees it may turn out to be wrong.
pub(crate) fn give_nothing_back(rows: &mut Vec<Allocation>) {
    rows.retain(|row| !row.quantity.starts_with('-'));
}

/// What is kept is never rounded, unlike what is shown.
fn exact(value: Decimal) -> String {
    let value = value.normalize();
    if value.is_zero() { "0".to_owned() } else { value.to_string() }
}

fn exact_amount(value: Decimal, minor_digits: u32) -> String {
    if value.normalize().scale() > minor_digits {
        exact(value)
    } else {
        show::amount(value, minor_digits)
    }
}
