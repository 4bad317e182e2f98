//! A credit note against the invoice that it names (handbook §10).

use rust_decimal::Decimal;

use crate::models::case::BilledLine;
use crate::models::policy::{Limit, Tolerance};
use crate::models::verdict::CheckCode;
use crate::reconciliation::checks::judged::{At, Judged, Shown, Terms};
use crate::reconciliation::checks::sum;
use crate::reconciliation::comparison::{Comparison, Worse};
use crate::reconciliation::figures::Figures;
use crate::reconciliation::limits::Source;
use crate::reconciliation::scene::Scene;
use crate::reconciliation::tolerance::Lower;

/// A line of a credit note, and what it credits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CreditedLine<'a> {
    /// The place of the line in the credit note.
    pub(crate) place: usize,
    /// The line as it was billed.
    pub(crate) billed: &'a BilledLine,
    /// The invoice that it was billed with, by its place in [`Case::preceding`].
    ///
    /// [`Case::preceding`]: crate::models::case::Case::preceding
    pub(crate) invoice: usize,
    /// In the unit that was billed; zero where only the price is credited.
    pub(crate) quantity: Decimal,
    /// Net.
    pub(crate) net: Decimal,
    /// What earlier lines of this credit note credit of the same billed line.
    pub(crate) before: (Decimal, Decimal),
}

/// More than was billed is never credited, unless the policy says so.
static NOTHING_MORE: Tolerance = Tolerance {
    upper: Limit { percent: None, amount: Some(Decimal::ZERO) },
    lower: Limit { percent: None, amount: None },
    combine: crate::models::policy::Combine::All,
};

/// `CREDIT_QTY`, `CREDIT_AMOUNT` and `UNIT_PRICE` of each line, then `TOTAL_LINES`.
pub(crate) fn checks<'s>(
    scene: &'s Scene<'_>,
    lines: &'s [CreditedLine<'s>],
    figures: &[Figures],
    out: &mut impl FnMut(Judged<'s>),
) {
    for line in lines {
        for check in of_line(scene, line) {
            out(check);
        }
    }
    out(total_lines(scene, lines, figures));
}

fn of_line<'s>(scene: &'s Scene<'_>, line: &CreditedLine<'_>) -> [Judged<'s>; 3] {
    let billed = line.billed;
    let so_far =
        |before: Decimal, here: Decimal, this: Decimal| before.checked_add(here)?.checked_add(this);
    let quantity = so_far(billed.credited_quantity, line.before.0, line.quantity);
    let net = so_far(billed.credited_net, line.before.1, line.net);
    let quantity = quantity.map(|credited| Comparison::plain(credited, billed.quantity));
    let net = net.map(|credited| Comparison::plain(credited, billed.net));
    let money = Shown::Amount(scene.minor_digits);
    [
        judge(scene, CheckCode::CreditQty, line.place, quantity, Shown::Number),
        judge(scene, CheckCode::CreditAmount, line.place, net, money),
        unit_price(scene, line),
    ]
}

fn judge<'s>(
    scene: &'s Scene<'_>,
    code: CheckCode,
    place: usize,
    numbers: Option<Comparison>,
    shown: Shown,
) -> Judged<'s> {
    let limit = scene.limits.of_document(code);
    let terms = Terms {
        shown,
        limit: limit.or(Some((&NOTHING_MORE, Source::Default))),
        lower: Lower::PartDelivery,
        rate: if shown == Shown::Number { Some(Decimal::ONE) } else { scene.ledger_rate },
    };
    Judged::new(code, At::Line(place), numbers, terms)
}

/// The price that is given back against the price that was billed: less is worse.
fn unit_price<'s>(scene: &'s Scene<'_>, line: &CreditedLine<'_>) -> Judged<'s> {
    let code = CheckCode::UnitPrice;
    let at = At::Line(line.place);
    if line.quantity.is_zero() || line.billed.quantity.is_zero() {
        return Judged::not_applicable(code, at, "only the price is credited");
    }
    let limit = scene.limits.of_document(code);
    let terms =
        Terms { shown: Shown::Number, limit, lower: Lower::Counts, rate: Some(Decimal::ONE) };
    Judged::new(code, at, price_comparison(line, scene.minor_digits), terms)
}

/// Credited net over quantity against billed net over quantity.
pub(crate) fn price_comparison(line: &CreditedLine<'_>, minor_digits: u32) -> Option<Comparison> {
    let billed = line.billed;
    let plain = Comparison {
        per: line.quantity.checked_mul(billed.quantity)?,
        worse: Worse::Less,
        ..Comparison::plain(
            line.net.checked_mul(billed.quantity)?,
            billed.net.checked_mul(line.quantity)?,
        )
    };
    let half = Decimal::new(5, minor_digits + 1).checked_mul(billed.quantity)?;
    let rounding = plain.variance()?.abs() < half.abs();
    Some(Comparison { rounding, ..plain }).filter(|comparison| comparison.per > Decimal::ZERO)
}

/// BT-106 against what the credited quantities were billed for.
fn total_lines<'s>(
    scene: &'s Scene<'_>,
    lines: &[CreditedLine<'_>],
    figures: &[Figures],
) -> Judged<'s> {
    let code = CheckCode::TotalLines;
    if lines.len() != figures.len() || lines.is_empty() {
        let reason = "not every line can be compared with the invoice that is credited";
        return Judged::not_applicable(code, At::Document, reason);
    }
    let own = || sum(figures.iter().map(|figures| figures.net));
    // A negative invoice says less than nothing of what a credit note says of itself.
    let actual = scene.case.invoice.totals.lines.or_else(own).map(|total| total.abs());
    let expected = sum(lines.iter().map(|line| match line.quantity.is_zero() {
        true => Some(line.net),
        false => {
            let comparison = price_comparison(line, scene.minor_digits)?;
            if comparison.rounding {
                return Some(line.net);
            }
            line.billed.net.checked_mul(line.quantity)?.checked_div(line.billed.quantity)
        }
    }));
    let numbers = actual.zip(expected).map(|(actual, expected)| Comparison {
        worse: Worse::Less,
        ..Comparison::plain(actual, expected)
    });
    let terms = Terms {
        shown: Shown::Amount(scene.minor_digits),
        limit: scene.limits.of_document(code),
        lower: Lower::Counts,
        rate: scene.ledger_rate,
    };
    Judged::new(code, At::Document, numbers, terms)
}
