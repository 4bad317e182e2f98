//! What came of an order line (handbook §1: R, R', A), and the receipt lines that offer it.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::models::case::Case;
use crate::models::receipt::{Receipt, ReceiptKind, ReceiptLine};
use crate::reconciliation::orders::Orders;
use crate::reconciliation::reference::Names;
use crate::reconciliation::units::Units;
use crate::reconciliation::units::fraction::Fraction;

/// A receipt line of an order line; quantities in the order's unit.
#[derive(Debug, Clone)]
pub(crate) struct Came<'a> {
    pub(crate) receipt: &'a Receipt,
    pub(crate) line: &'a ReceiptLine,
    /// Received less rejected; negative for a return.
    pub(crate) net: Decimal,
    /// Accepted after inspection; a return counts against it.
    pub(crate) accepted: Decimal,
}

impl Came<'_> {
    /// First in, first out: by date, number and line. What has no date came first.
    pub(crate) fn rank(&self) -> (Option<NaiveDate>, &str, &str) {
        (self.receipt.date, &self.receipt.number, &self.line.id)
    }
}

/// All that came of an order line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received<'a> {
    /// First in, first out.
    pub(crate) lines: Vec<Came<'a>>,
    /// R: received net of returns, with what was rejected.
    pub(crate) gross: Option<Decimal>,
    /// R'; none when it does not fit.
    pub(crate) net: Option<Decimal>,
    /// A; none when it does not fit.
    pub(crate) accepted: Option<Decimal>,
    /// Some receipt line says how it was inspected.
    pub(crate) inspected: bool,
    /// Value of what came, for lines that are compared by amount; the quantity's where none says.
    pub(crate) value: Option<Decimal>,
    /// A receipt that counts in a unit without a conversion.
    pub(crate) other_unit: Option<&'a str>,
    /// Goods went back.
    pub(crate) returned: bool,
    /// Nothing more will come.
    pub(crate) last: bool,
}

/// What came for each line of each order.
pub(crate) struct Receipts<'a> {
    /// By order and line.
    lines: Vec<Vec<Received<'a>>>,
    orders: Vec<bool>,
}

impl<'a> Receipts<'a> {
    /// Sorts the receipts of the case; despatch advices are the supplier's own word and do not
    /// count.
    pub(crate) fn new(
        case: &'a Case,
        orders: &Orders<'a>,
        names: &[Names<'a>],
        units: &Units,
    ) -> Self {
        let nothing = Some(Decimal::ZERO);
        let none = Received {
            gross: nothing,
            net: nothing,
            accepted: nothing,
            value: nothing,
            ..Received::default()
        };
        let lines = orders.all.iter().map(|order| vec![none.clone(); order.lines.len()]);
        let mut all = Self { lines: lines.collect(), orders: vec![false; orders.all.len()] };
        let booked = case.receipts.iter().filter(|one| one.kind == ReceiptKind::Receipt);
        for receipt in booked {
            for &order in orders.by_number(&receipt.purchase_order) {
                all.orders[order] = true;
                for came in &receipt.lines {
                    for &place in names[order].find(&came.order_line) {
                        let line = &orders.all[order].lines[place];
                        let item = line.buyer_item_id.as_deref();
                        let factor = match (came.unit.as_deref(), line.unit.as_deref()) {
                            (Some(from), Some(to)) if from != to => {
                                units.factor(item, None, from, to).and_then(Fraction::parts)
                            }
                            _ => Some((Decimal::ONE, Decimal::ONE)),
                        };
                        all.lines[order][place].add(receipt, came, factor);
                    }
                }
            }
        }
        for received in all.lines.iter_mut().flatten() {
            received.lines.sort_by(|one, other| one.rank().cmp(&other.rank()));
        }
        all
    }

    /// Whether anything was booked in for the order.
    pub(crate) fn booked_in(&self, order: usize) -> bool {
        self.orders[order]
    }

    /// What came of a line of an order.
    pub(crate) fn take(&mut self, order: usize, line: usize) -> Received<'a> {
        std::mem::take(&mut self.lines[order][line])
    }
}

impl<'a> Received<'a> {
    fn add(
        &mut self,
        receipt: &'a Receipt,
        line: &'a ReceiptLine,
        factor: Option<(Decimal, Decimal)>,
    ) {
        let Some((times, per)) = factor else {
            let number = receipt.number.as_str();
            self.other_unit = Some(self.other_unit.map_or(number, |other| other.min(number)));
            return;
        };
        let convert = |quantity: Decimal| quantity.checked_mul(times)?.checked_div(per);
        let rejected = line.rejected.unwrap_or_default();
        let net = line.received.checked_sub(rejected).and_then(convert);
        let is_return = line.received < Decimal::ZERO;
        let accepted = match (line.accepted, is_return) {
            (_, true) => convert(line.received),
            (Some(accepted), _) => convert(accepted),
            (None, _) => Some(Decimal::ZERO),
        };
        let add = |sum: &mut Option<Decimal>, part: Option<Decimal>| {
            *sum = sum.zip(part).and_then(|(sum, part)| sum.checked_add(part));
        };
        add(&mut self.gross, convert(line.received));
        add(&mut self.net, net);
        add(&mut self.accepted, accepted);
        self.value = match (self.value, line.amount) {
            (Some(sum), Some(amount)) => sum.checked_add(amount),
            (sum, _) => sum,
        };
        self.inspected |= line.accepted.is_some();
        self.returned |= is_return;
        self.last |= line.last;
        if let Some((net, accepted)) = net.zip(accepted) {
            self.lines.push(Came { receipt, line, net, accepted });
        }
    }
}
