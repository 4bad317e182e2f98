//! What came of an order line (handbook §1: R, R', A), and the receipt lines that offer it.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::models::case::Case;
use crate::models::order::OrderLine;
use crate::models::receipt::{Receipt, ReceiptKind, ReceiptLine};
use crate::reconciliation::item::known_by::KnownBy;
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
#[derive(Debug)]
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

/// Most order lines of a large order wait for their goods.
pub(crate) static NOTHING: Received<'static> = Received::NOTHING;

/// The newest revision of each receipt, once.
fn newest(receipts: &[Receipt]) -> impl Iterator<Item = &Receipt> {
    let booked = receipts.iter().filter(|one| one.kind == ReceiptKind::Receipt);
    let mut newest: BTreeMap<(&str, &str), &Receipt> = BTreeMap::new();
    for receipt in booked {
        let key = (receipt.purchase_order.trim(), receipt.number.trim());
        let kept = newest.entry(key).or_insert(receipt);
        if receipt.revision > kept.revision {
            *kept = receipt;
        }
    }
    newest.into_values()
}

/// What came for each line of each order.
pub(crate) struct Receipts<'a> {
    /// By the places of order and line.
    lines: HashMap<(usize, usize), Box<Received<'a>>>,
    orders: Vec<bool>,
}

impl<'a> Receipts<'a> {
    /// Sorts the receipts of the case; despatch advices are the supplier's own word and do not
    /// count.
    pub(crate) fn new(
        case: &'a Case,
        orders: &Orders<'a>,
        (lines, names): (&[Vec<&'a OrderLine>], &[Names<'a>]),
        (units, known_by): (&Units, &KnownBy<'a>),
    ) -> Self {
        let vendor = case.invoice.seller.vat_id.as_deref();
        let mut all = Self { lines: HashMap::new(), orders: vec![false; orders.all.len()] };
        for receipt in newest(&case.receipts) {
            for &order in orders.by_number(&receipt.purchase_order) {
                all.orders[order] = true;
                for came in &receipt.lines {
                    for &place in names[order].find(&came.order_line) {
                        let line = lines[order][place];
                        let factor = match (came.unit.as_deref(), line.unit.as_deref()) {
                            (Some(from), Some(to)) if from != to => {
                                let items = known_by.of((order, place), line);
                                units.factor(&items, vendor, from, to).and_then(Fraction::parts)
                            }
                            _ => Some((Decimal::ONE, Decimal::ONE)),
                        };
                        let received = all.lines.entry((order, place)).or_default();
                        received.add(receipt, came, factor);
                    }
                }
            }
        }
        for received in all.lines.values_mut() {
            received.lines.sort_by(|one, other| one.rank().cmp(&other.rank()));
        }
        all
    }

    /// Whether anything was booked in for the order.
    pub(crate) fn booked_in(&self, order: usize) -> bool {
        self.orders[order]
    }

    /// What came of a line of an order.
    pub(crate) fn take(&mut self, order: usize, line: usize) -> Option<Box<Received<'a>>> {
        // Where nothing came at all, a million lines are not looked up.
        if self.lines.is_empty() { None } else { self.lines.remove(&(order, line)) }
    }
}

impl Default for Received<'_> {
    fn default() -> Self {
        Self::NOTHING
    }
}

impl<'a> Received<'a> {
    const NOTHING: Self = Self {
        lines: Vec::new(),
        gross: Some(Decimal::ZERO),
        net: Some(Decimal::ZERO),
        accepted: Some(Decimal::ZERO),
        inspected: false,
        value: Some(Decimal::ZERO),
        other_unit: None,
        returned: false,
        last: false,
    };

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
