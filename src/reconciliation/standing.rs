//! What stands on the order lines once an invoice is counted in.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::models::case::{BilledBefore, Case};
use crate::models::invoice::Invoice;
use crate::models::order::PurchaseOrder;
use crate::models::policy::Policy;
use crate::models::receipt::Receipt;
use crate::models::verdict::{Allocation, LineStanding};
use crate::reconciliation::allocation::Offers;
use crate::reconciliation::limits::Limits;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::orders::Orders;
use crate::reconciliation::positions::{Position, Positions};
use crate::reconciliation::show;
use crate::reconciliation::units::Units;

/// The order lines that an invoice was paired with, each once, in their order.
pub(crate) fn of_lines(lines: &[Option<Matched<'_>>]) -> Vec<LineStanding> {
    let mut last: BTreeMap<usize, &Matched<'_>> = BTreeMap::new();
    for line in lines.iter().flatten() {
        if line.cumulative.is_none_or(|cumulative| cumulative.last) {
            last.insert(line.at, line);
        }
    }
    let lines = last.into_values();
    lines.map(|line| of(line.position, line.cumulative.map(|found| found.total))).collect()
}

fn of(position: &Position<'_>, billed: Option<Decimal>) -> LineStanding {
    let number = |value: Option<Decimal>| show::exact(value.unwrap_or_default());
    let received = position.received();
    LineStanding {
        po: position.order.number.clone(),
        po_line: position.line.id.clone(),
        ordered: show::exact(position.ordered),
        received: number(received.net),
        accepted: received.inspected.then(|| number(received.accepted)),
        billed: number(billed),
    }
}

/// The rows of an invoice.
pub type Rows = Vec<(String, Allocation)>;

/// Who takes what from which receipt line, for the claims of all invoices in their sequence, and
/// what stands on each order line then. The rows are in the order of orders, lines and claims.
pub fn standing(
    orders: &[PurchaseOrder],
    receipts: &[Receipt],
    claims: &[BilledBefore],
    policy: &Policy,
) -> (Rows, Vec<LineStanding>) {
    let case = Case {
        invoice: Invoice::default(),
        purchase_orders: orders.to_vec(),
        receipts: receipts.to_vec(),
        billed_before: claims.to_vec(),
        policy: policy.clone(),
        ..Case::default()
    };
    let orders = Orders::new(&case);
    let units = Units::new(&case.conversions, &case.policy.unit_aliases);
    let limits = Limits::new(&case);
    let positions = Positions::new(&case, &orders, &units, &limits);
    let mut rows = Rows::new();
    let mut lines = Vec::new();
    for position in &positions.all {
        let mut offers = Offers::new(position, policy);
        for claim in &position.claims {
            let parts = offers.bind(claim.quantity, &claim.receipts);
            let parts = parts.into_iter().filter(|(_, quantity)| !quantity.is_zero());
            rows.extend(parts.map(|(came, quantity)| row(position, claim, came, quantity)));
        }
        lines.push(of(position, position.billed));
    }
    (rows, lines)
}

fn row(
    position: &Position<'_>,
    claim: &BilledBefore,
    came: Option<usize>,
    quantity: Decimal,
) -> (String, Allocation) {
    let came = came.map(|came| &position.received().lines[came]);
    let worth =
        claim.amount.and_then(|amount| amount.checked_mul(quantity)?.checked_div(claim.quantity));
    let worth = worth.or_else(|| position.price?.of(quantity)).unwrap_or_default();
    let row = Allocation {
        line: claim.line.clone().unwrap_or_default(),
        po: position.order.number.clone(),
        po_line: position.line.id.clone(),
        receipt: came.map(|came| came.receipt.number.clone()),
        receipt_line: came.map(|came| came.line.id.clone()),
        quantity: show::exact(quantity),
        amount: show::amount(worth, position.order.currency.minor_digits()),
        named_receipts: claim.receipts.clone(),
    };
    (claim.invoice.clone().unwrap_or_default(), row)
}
