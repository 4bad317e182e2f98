//! A judged comparison in words that a clerk understands, and as it stands in the result.

use rust_decimal::Decimal;

use crate::models::verdict::{Check, CheckCode, CheckVerdict};
use crate::reconciliation::checks::judged::{At, Judged, Shown};
use crate::reconciliation::comparison::{Comparison, Worse};
use crate::reconciliation::limits::Source;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::orders::Orders;
use crate::reconciliation::scene::Scene;
use crate::reconciliation::show;

/// Says checks.
pub(crate) struct Words<'s, 'a> {
    pub(crate) scene: &'s Scene<'a>,
    pub(crate) orders: &'s Orders<'a>,
    pub(crate) lines: &'s [Option<Matched<'a>>],
}

/// The numbers of a check as text.
struct Told {
    actual: String,
    expected: String,
    variance: Decimal,
    percent: Option<Decimal>,
}

impl Words<'_, '_> {
    /// The check as it stands in the result.
    pub(crate) fn check(&self, judged: &Judged<'_>) -> Check {
        let told = judged.numbers.and_then(|numbers| told(&numbers, judged.shown));
        let text = self.text(judged, told.as_ref());
        let (line, charge) = match judged.at {
            At::Line(place) => (Some(&self.scene.case.invoice.lines[place].id), None),
            At::Charge(code) => (None, Some(code.to_owned())),
            At::Document | At::Order(_) => (None, None),
        };
        let matched = self.matched(judged);
        let order = match judged.at {
            At::Order(place) => Some(self.orders.all[place]),
            _ => matched.map(|matched| matched.position.order),
        };
        let (actual, expected, variance, percent) = match &told {
            // A currency or a missing receipt is no variance.
            Some(told) if !is_plain(judged.code) => (
                Some(told.actual.clone()),
                Some(told.expected.clone()),
                Some(judged.shown.text(told.variance)),
                Some(told.percent.map_or_else(|| "unbounded".to_owned(), show::percent)),
            ),
            _ => (None, None, None, None),
        };
        Check {
            code: judged.code,
            line: line.cloned(),
            charge,
            po: order.map(|order| order.number.clone()),
            po_line: matched.map(|matched| matched.position.line.id.clone()),
            actual,
            expected,
            variance,
            percent,
            tolerance: judged.limit.map(|(tolerance, _)| tolerance.clone()),
            tolerance_from: judged.limit.map(|(_, source)| Source::text(source)),
            verdict: judged.verdict,
            text,
        }
    }

    fn matched(&self, judged: &Judged<'_>) -> Option<&Matched<'_>> {
        match judged.at {
            // A credit note has no lines that are paired with orders.
            At::Line(place) => self.lines.get(place)?.as_ref(),
            _ => None,
        }
    }

    fn text(&self, judged: &Judged<'_>, told: Option<&Told>) -> String {
        if judged.code == CheckCode::Currency {
            return self.currency(judged);
        }
        let told = match (judged.verdict, told) {
            (CheckVerdict::NotApplicable, _) => return judged.reason.to_owned(),
            (_, Some(told)) => told,
            (CheckVerdict::Error, None) => {
                return "the numbers are too large to be compared, or a rate is missing".to_owned();
            }
            (_, None) => return judged.reason.to_owned(),
        };
        match judged.at {
            At::Line(_) => self.of_line(judged, told),
            _ => self.of_document(judged, told),
        }
    }

    fn of_line(&self, judged: &Judged<'_>, told: &Told) -> String {
        let Told { actual, expected, .. } = told;
        let more = difference(judged, told, "too much", "less");
        let many = difference(judged, told, "too many", "fewer");
        match judged.code {
            CheckCode::QtyOrdered => {
                format!("{}, ordered {expected}{many}", self.billed(judged, actual))
            }
            CheckCode::QtyReceived => {
                format!("{}, received {expected}{many}", self.billed(judged, actual))
            }
            CheckCode::QtyAccepted => {
                format!("{}, accepted {expected}{many}", self.billed(judged, actual))
            }
            CheckCode::ReceiptMissing if judged.failed() => {
                format!("billed {actual}, nothing received")
            }
            CheckCode::ReceiptMissing => format!("received {expected}"),
            CheckCode::QtyValue => {
                format!("quantity billed is worth {actual}, expected {expected}{more}")
            }
            CheckCode::AmtOrdered => format!("billed {actual} in all, ordered {expected}{more}"),
            CheckCode::AmtReceived => {
                format!("billed {actual} in all, received for {expected}{more}")
            }
            CheckCode::ListPrice => format!("list price {actual}, ordered at {expected}{more}"),
            CheckCode::PriceBase => format!("price is for {actual}, ordered for {expected}{more}"),
            CheckCode::LineCharges => {
                format!("charges of the line {actual}, ordered {expected}{more}")
            }
            CheckCode::LineDiscount => {
                let less = difference(judged, told, "more", "missing");
                format!("discount of the line {actual}, agreed {expected}{less}")
            }
            CheckCode::UnitPrice => {
                format!("price {actual} for one, {} at {expected}{more}", self.said_price(judged))
            }
            CheckCode::LineNet => self.line_net(judged, told, &more),
            CheckCode::LineTotal => {
                format!("billed {actual} of the order line in all, ordered {expected}{more}")
            }
            CheckCode::PriceUomRatio => {
                format!("{actual} price units in one order unit, ordered with {expected}{more}")
            }
            CheckCode::ItemAmount => format!("net {actual}"),
            CheckCode::DateVariance => {
                format!("ahead of the promised delivery: {actual} (net × days)")
            }
            CheckCode::TaxRate => format!("tax {actual} %, ordered with {expected} %"),
            CheckCode::TaxLine => format!("tax {actual}, {expected} at the order's rate{more}"),
            CheckCode::FxRate => {
                format!("{actual} in the ledger currency, {expected} at the order's rate{more}")
            }
            CheckCode::FxTotal => {
                format!("{actual} in the ledger currency, ordered for {expected}{more}")
            }
            CheckCode::CreditQty => format!("credited {actual} in all, billed {expected}{many}"),
            CheckCode::CreditAmount => format!("credited {actual} in all, billed {expected}{more}"),
            _ => format!("{actual}, expected {expected}{more}"),
        }
    }

    fn of_document(&self, judged: &Judged<'_>, told: &Told) -> String {
        let Told { actual, expected, .. } = told;
        let more = difference(judged, told, "too much", "less");
        let less = difference(judged, told, "more", "missing");
        match (judged.code, judged.at) {
            (CheckCode::Charge, At::Charge(code)) => {
                let code = show::name(code);
                let ordered = match judged.numbers.is_some_and(|numbers| numbers.expected.is_zero())
                {
                    true => "none ordered".to_owned(),
                    false => format!("ordered {expected}"),
                };
                let worse = judged.numbers.map(|numbers| numbers.worse);
                let (what, more) = match worse {
                    Some(Worse::Less) => ("allowance (BG-20)", less),
                    _ => ("charge (BG-21)", more),
                };
                format!("{what} {code} {actual}, {ordered}{more}")
            }
            (CheckCode::PoLimit, At::Order(place)) => {
                let order = show::name(&self.orders.all[place].number);
                format!("billed {actual} on order {order} in all, its limit is {expected}{more}")
            }
            (CheckCode::PoValidity, At::Order(place)) => {
                let order = show::name(&self.orders.all[place].number);
                format!("{actual} days outside the validity of order {order}")
            }
            (CheckCode::TotalLines, _) => {
                let source = match self.scene.case.invoice.totals.lines {
                    Some(_) => "total of the lines (BT-106)",
                    None => "sum of the lines",
                };
                format!("{source} {actual}, expected {expected} at order prices{more}")
            }
            (CheckCode::TotalAllowances, _) => {
                format!("allowances (BT-107) {actual}, expected {expected}{less}")
            }
            (CheckCode::TotalCharges, _) => {
                format!("charges (BT-108) {actual}, expected {expected}{more}")
            }
            (CheckCode::TotalTax, _) => {
                format!("tax (BT-110) {actual}, expected {expected} at the order's rates{more}")
            }
            (CheckCode::TotalRounding, _) => {
                format!("rounding (BT-114) {actual}, expected {expected}{more}")
            }
            (CheckCode::TotalPayable, _) => {
                format!("amount due (BT-115) {actual}, expected {expected}{more}")
            }
            (CheckCode::FxRate, _) => {
                format!("tax in its own currency (BT-111) {actual}, {expected} at the rate{more}")
            }
            (CheckCode::Prepaid, _) if self.scene.is_prepayment() => {
                format!("asked for in advance {actual}, still planned {expected}{more}")
            }
            (CheckCode::Prepaid, _) => {
                format!("paid in advance (BT-113) {actual}, expected {expected}{more}")
            }
            _ => format!("{actual}, expected {expected}{more}"),
        }
    }

    /// Says what of the cumulative quantity is this line's own.
    fn billed(&self, judged: &Judged<'_>, total: &str) -> String {
        let own = self.matched(judged).and_then(|line| line.quantity);
        let own = show::number(own.unwrap_or_default());
        if own == total {
            format!("billed {total}")
        } else {
            format!("billed {total} in all, {own} of it by this line")
        }
    }

    fn said_price(&self, judged: &Judged<'_>) -> &'static str {
        match self.matched(judged) {
            Some(_) => "ordered",
            None => "billed",
        }
    }

    fn line_net(&self, judged: &Judged<'_>, told: &Told, more: &str) -> String {
        let Told { actual, expected, .. } = told;
        let At::Line(place) = judged.at else {
            return format!("net {actual}, expected {expected}{more}");
        };
        let derived = match self.scene.case.invoice.lines[place].net {
            Some(_) => "",
            None => " (worked out, BT-131 is missing)",
        };
        let matched = self.matched(judged);
        let product = matched.and_then(|line| {
            let each = line.price?.each()?;
            Some(format!("{} × {} = ", show::number(line.invoiced?), show::number(each)))
        });
        let product = product
            .filter(|_| matched.is_some_and(|line| line.position.line.price_quantity.is_none()));
        format!("net {actual}{derived}, expected {}{expected}{more}", product.unwrap_or_default())
    }

    fn currency(&self, judged: &Judged<'_>) -> String {
        let At::Order(place) = judged.at else {
            return String::new();
        };
        let order = self.orders.all[place];
        let (number, wanted) = (show::name(&order.number), order.currency.code());
        let billed = show::name(self.scene.currency.as_deref().unwrap_or_default());
        match judged.verdict {
            CheckVerdict::NotApplicable => judged.reason.to_owned(),
            CheckVerdict::Pass => format!("invoice and order {number} are in {wanted}"),
            CheckVerdict::PassWithin => {
                format!("billed in {billed}, order {number} is in {wanted}: converted")
            }
            _ => format!("billed in {billed}, order {number} is in {wanted}"),
        }
    }
}

/// Checks whose numbers are no variance.
fn is_plain(code: CheckCode) -> bool {
    matches!(code, CheckCode::Currency | CheckCode::ReceiptMissing)
}

fn told(numbers: &Comparison, shown: Shown) -> Option<Told> {
    Some(Told {
        actual: shown.text(numbers.value(numbers.actual)?),
        expected: shown.text(numbers.value(numbers.expected)?),
        variance: numbers.value(numbers.variance()?)?,
        percent: numbers.percent()?,
    })
}

/// `: 10 too many (11.11 %)`, and how it stands to the limits; empty when nothing differs.
fn difference(judged: &Judged<'_>, told: &Told, more: &str, less: &str) -> String {
    if told.variance.is_zero() {
        return String::new();
    }
    let bad = !told.variance.is_sign_negative();
    let worse = judged.numbers.map_or(Worse::More, |numbers| numbers.worse);
    let word = if bad == (worse == Worse::More) { more } else { less };
    let size = judged.shown.text(told.variance.abs());
    let percent = match told.percent {
        Some(percent) => format!(" ({} %)", show::percent(percent.abs())),
        None => String::new(),
    };
    let limit = match judged.verdict {
        CheckVerdict::Pass => ", more may follow",
        CheckVerdict::PassWithin => ", within the limits",
        CheckVerdict::PassAccepted => ", small enough to be posted apart",
        CheckVerdict::NotChecked => ", no limit is set",
        _ => "",
    };
    format!(": {size} {word}{percent}{limit}")
}
