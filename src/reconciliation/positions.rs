//! What is known of each order line when the invoice comes: price, billed before, received
//! (handbook §1, "ledger view of a PO line").

use std::collections::BTreeMap;
use std::ops::Range;

use rust_decimal::Decimal;

use crate::models::case::Case;
use crate::models::order::{OrderLine, PurchaseOrder};
use crate::models::policy::MatchLevel;
use crate::reconciliation::orders::Orders;
use crate::reconciliation::policy;
use crate::reconciliation::received::{Receipts, Received};
use crate::reconciliation::reference::{Names, rank};

/// The net price of one unit, p, kept as a fraction: nothing is lost before a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    /// Money.
    pub(crate) money: Decimal,
    /// For so many units; more than zero.
    pub(crate) units: Decimal,
    /// Price and net of the order line disagree by more than one minor unit; the net wins.
    pub(crate) from_net: bool,
}

impl Price {
    fn new(order: &PurchaseOrder, line: &OrderLine) -> Option<Self> {
        let base = line.price_base_quantity.unwrap_or(Decimal::ONE);
        let stated = (base > Decimal::ZERO).then_some((line.unit_price, base));
        let net = line.net.filter(|_| line.quantity > Decimal::ZERO);
        let from_net = match (stated, net) {
            (None, None) => return None,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (Some((price, base)), Some(net)) => {
                let gap = price.checked_mul(line.quantity).zip(net.checked_mul(base));
                let gap = gap.and_then(|(one, other)| one.checked_sub(other));
                let minor_unit = Decimal::new(1, order.currency.minor_digits());
                // A gap that cannot be worked out is left to the checks, which will say so.
                gap.zip(minor_unit.checked_mul(base))
                    .is_some_and(|(gap, allowed)| gap.abs() > allowed)
            }
        };
        let (money, units) = match (from_net, stated, net) {
            (false, Some(stated), _) => stated,
            (_, _, Some(net)) => (net, line.quantity),
            (_, stated, None) => stated?,
        };
        Some(Self { money, units, from_net })
    }

    /// The price of one unit, rounded to what a decimal holds.
    pub(crate) fn each(&self) -> Option<Decimal> {
        Some(self.money.checked_div(self.units)?.normalize())
    }
}

/// One order line, as this invoice sees it.
#[derive(Debug)]
pub(crate) struct Position<'a> {
    /// Its order.
    pub(crate) order: &'a PurchaseOrder,
    /// The place of the order in [`Orders::all`].
    pub(crate) order_place: usize,
    /// The line itself.
    pub(crate) line: &'a OrderLine,
    /// p; none when the order says no usable price.
    pub(crate) price: Option<Price>,
    /// B: what invoices earlier in sequence took; none when the sum does not fit.
    pub(crate) billed: Option<Decimal>,
    /// R'.
    pub(crate) received: Received,
    /// How much must agree.
    pub(crate) level: MatchLevel,
}

impl Position<'_> {
    /// What may still be billed: O − B, and for a three-way line no more than came.
    pub(crate) fn room(&self, received_only: bool) -> Option<Decimal> {
        let ordered = self.line.quantity;
        let limit = match (&self.received, self.level) {
            (Received::Net(received), MatchLevel::ThreeWay) if received_only => {
                ordered.min(*received)
            }
            _ => ordered,
        };
        limit.checked_sub(self.billed?)
    }
}

/// All order lines: by order, then by line id.
pub(crate) struct Positions<'a> {
    /// Every order line of the case, in a total order.
    pub(crate) all: Vec<Position<'a>>,
    ranges: Vec<Range<usize>>,
}

impl<'a> Positions<'a> {
    /// Gathers what the case says of each order line.
    pub(crate) fn new(case: &'a Case, orders: &Orders<'a>) -> Self {
        let receipts = Receipts::new(&case.receipts, orders);
        let billed = billed_before(case, orders);
        let mut positions = Self { all: Vec::new(), ranges: Vec::new() };
        for (order_place, &order) in orders.all.iter().enumerate() {
            let start = positions.all.len();
            let booked_in = receipts.booked_in(order_place);
            let lines = order.lines.iter().enumerate().map(|(place, line)| Position {
                order,
                order_place,
                line,
                price: Price::new(order, line),
                billed: billed.get(&(order_place, place)).copied().unwrap_or(Some(Decimal::ZERO)),
                received: receipts.of(order_place, place),
                level: policy::level(&case.policy, order, line, booked_in),
            });
            positions.all.extend(lines);
            positions.all[start..].sort_by_key(|position| rank(&position.line.id));
            positions.ranges.push(start..positions.all.len());
        }
        positions
    }

    /// The places of an order's lines.
    pub(crate) fn of_order(&self, order: usize) -> Range<usize> {
        self.ranges[order].clone()
    }
}

/// B by order and order line.
fn billed_before(case: &Case, orders: &Orders<'_>) -> BTreeMap<(usize, usize), Option<Decimal>> {
    let mut sums: BTreeMap<(usize, usize), Option<Decimal>> = BTreeMap::new();
    let mut names: BTreeMap<usize, Names<'_>> = BTreeMap::new();
    for before in &case.billed_before {
        for &order in orders.by_number(&before.po) {
            let lines = &orders.all[order].lines;
            let names = names
                .entry(order)
                .or_insert_with(|| Names::new(lines.iter().map(|line| line.id.as_str())));
            for &line in names.find(&before.po_line) {
                let sum = sums.entry((order, line)).or_insert(Some(Decimal::ZERO));
                *sum = sum.and_then(|sum| sum.checked_add(before.quantity));
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::Price;
    use crate::models::order::PurchaseOrder;

    #[test]
    fn the_stated_net_wins_when_it_differs_by_more_than_one_minor_unit() {
        for (price, base, net, money, units) in [
            ("0.0135", "1", "0.09", "0.0135", "1"),
            ("10", "1", "70.01", "10", "1"),
            ("10", "1", "70.02", "70.02", "7"),
            ("850", "100", "59.50", "850", "100"),
            ("10", "0", "70", "70", "7"),
        ] {
            let order = format!(
                r#"{{"number":"P","currency":"EUR","lines":[{{"id":"1","quantity":"7",
                "unit_price":"{price}","price_base_quantity":"{base}","net":"{net}"}}]}}"#
            );
            let order: PurchaseOrder = serde_json::from_str(&order).expect("an order");
            let found = Price::new(&order, &order.lines[0]).expect("a price");
            let expected = (money.parse(), units.parse());
            assert_eq!((Ok(found.money), Ok(found.units)), expected, "{price} {base} {net}");
        }
    }
}
