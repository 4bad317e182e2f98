//! What came of an order line: received less rejected, returns included (handbook §1, R').

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::models::receipt::{Receipt, ReceiptKind};
use crate::reconciliation::orders::Orders;
use crate::reconciliation::reference::Names;
use crate::reconciliation::unit;

/// Received quantity of an order line, in its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Received {
    /// R' = received − returned − rejected.
    Net(Decimal),
    /// This receipt counts in another unit; 1 is never assumed.
    OtherUnit(String),
    /// The sum does not fit.
    TooLarge,
}

impl Received {
    fn add(self, receipt: &Receipt, quantity: Option<Decimal>, same_unit: bool) -> Self {
        match (self, quantity) {
            (Self::OtherUnit(first), _) if same_unit => Self::OtherUnit(first),
            (Self::OtherUnit(first), _) => Self::OtherUnit(first.min(receipt.number.clone())),
            _ if !same_unit => Self::OtherUnit(receipt.number.clone()),
            (Self::Net(sum), Some(quantity)) => {
                sum.checked_add(quantity).map_or(Self::TooLarge, Self::Net)
            }
            _ => Self::TooLarge,
        }
    }
}

/// What the buyer received, by order and order line.
#[derive(Debug, Default)]
pub(crate) struct Receipts {
    lines: BTreeMap<(usize, usize), Received>,
    orders: Vec<bool>,
}

impl Receipts {
    /// Adds up all receipts. Despatch advices are the supplier's own word and count nothing.
    pub(crate) fn new(receipts: &[Receipt], orders: &Orders<'_>) -> Self {
        let mut all = Self { lines: BTreeMap::new(), orders: vec![false; orders.all.len()] };
        let lines: Vec<Names<'_>> = orders
            .all
            .iter()
            .map(|order| Names::new(order.lines.iter().map(|line| line.id.as_str())))
            .collect();
        let booked = receipts.iter().filter(|one| one.kind == ReceiptKind::Receipt);
        for receipt in booked {
            for &order in orders.by_number(&receipt.purchase_order) {
                all.orders[order] = true;
                all.book(receipt, orders, order, &lines[order]);
            }
        }
        all
    }

    fn book(&mut self, receipt: &Receipt, orders: &Orders<'_>, order: usize, names: &Names<'_>) {
        for came in &receipt.lines {
            for &line in names.find(&came.order_line) {
                let rejected = came.rejected.unwrap_or_default();
                let quantity = came.received.checked_sub(rejected);
                let wanted = orders.all[order].lines[line].unit.as_deref();
                let same_unit = unit::same(came.unit.as_deref(), wanted);
                let key = (order, line);
                let before = self.lines.remove(&key).unwrap_or(Received::Net(Decimal::ZERO));
                self.lines.insert(key, before.add(receipt, quantity, same_unit));
            }
        }
    }

    /// Is any receipt on file that names this order?
    pub(crate) fn booked_in(&self, order: usize) -> bool {
        self.orders[order]
    }

    /// R' of an order line; zero when nothing came.
    pub(crate) fn of(&self, order: usize, line: usize) -> Received {
        let found = self.lines.get(&(order, line)).cloned();
        found.unwrap_or(Received::Net(Decimal::ZERO))
    }
}
