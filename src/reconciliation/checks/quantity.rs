//! Billed against ordered, received and accepted quantities, cumulative.

use rust_decimal::Decimal;

use crate::models::policy::MatchLevel;
use crate::models::verdict::{CheckCode, CheckVerdict};
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::judged::{At, Judged, Shown};
use crate::reconciliation::comparison::Comparison;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::tolerance::Lower;

/// A variance below this is what converting units leaves, and counts as none.
const UNSEEN: Decimal = Decimal::from_parts(1, 0, 0, false, 9);

/// Checks that compare with receipts.
const BY_RECEIPT: [CheckCode; 2] = [CheckCode::QtyReceived, CheckCode::ReceiptMissing];

impl<'s, 'a> Checks<'s, 'a> {
    /// `QTY_ORDERED`; from three-way on `QTY_RECEIVED` and, beside it, `RECEIPT_MISSING`; four-way
    /// `QTY_ACCEPTED`; and the same in money, `QTY_VALUE`.
    pub(super) fn quantity_checks(&self, line: &'s Matched<'a>, out: &mut impl FnMut(Judged<'s>)) {
        let at = At::Line(line.place);
        let level = line.position.level;
        let Some(quantity) = line.quantity else {
            let reason = match (line.factor, line.figures.quantity) {
                (None, _) => "the units differ",
                (_, None) => "the quantity is missing",
                _ => return out(Judged::error(CheckCode::QtyOrdered, at)),
            };
            out(Judged::not_applicable(CheckCode::QtyOrdered, at, reason));
            return BY_RECEIPT
                .into_iter()
                .for_each(|code| out(Judged::not_applicable(code, at, reason)));
        };
        out(self.cumulative(CheckCode::QtyOrdered, line, Some(line.position.ordered)));
        if level < MatchLevel::ThreeWay {
            let reason = "a two-way line is not compared with receipts";
            BY_RECEIPT.into_iter().for_each(|code| out(Judged::not_applicable(code, at, reason)));
        } else if line.position.received().other_unit.is_some() {
            let reason = "a receipt counts in another unit";
            BY_RECEIPT.into_iter().for_each(|code| out(Judged::not_applicable(code, at, reason)));
        } else {
            let received = line.position.received();
            out(self.cumulative(CheckCode::QtyReceived, line, received.net));
            out(receipt_missing(line, quantity));
            if level == MatchLevel::FourWay {
                out(self.cumulative(CheckCode::QtyAccepted, line, received.accepted));
            }
        }
        out(self.quantity_value(line));
    }

    /// C against what may be billed at most.
    fn cumulative(
        &self,
        code: CheckCode,
        line: &'s Matched<'a>,
        expected: Option<Decimal>,
    ) -> Judged<'s> {
        let numbers = line.cumulative.zip(expected).and_then(|(cumulative, expected)| {
            let plain = Comparison::plain(cumulative.total, expected);
            let rounding = plain.variance()?.abs() < UNSEEN;
            Some(Comparison { rounding, ..plain })
        });
        self.judge_line(code, line, (numbers, Shown::Number), self.lower(line))
    }

    /// The difference of quantity in money: a screw too many is no machine too many. Amount limits
    /// alone count, and a part delivery is no variance.
    fn quantity_value(&self, line: &'s Matched<'a>) -> Judged<'s> {
        let code = CheckCode::QtyValue;
        let Some((price, cumulative)) = line.price.zip(line.cumulative) else {
            return Judged::not_applicable(code, At::Line(line.place), "there is no price");
        };
        let most = match line.position.level >= MatchLevel::ThreeWay {
            true => line.position.received().net,
            false => Some(line.position.ordered),
        };
        let numbers = most.and_then(|most| {
            Some(Comparison {
                per: price.units,
                ..Comparison::plain(
                    cumulative.total.checked_mul(price.money)?,
                    most.checked_mul(price.money)?,
                )
            })
        });
        self.judge_line(code, line, (numbers, self.money()), self.lower(line))
    }

    /// Too little counts once nothing more is to come: the order line is billed up or closed, or
    /// the invoice is final, and this is the last line of the invoice that bills it.
    pub(super) fn lower(&self, line: &Matched<'_>) -> Lower {
        let Some(cumulative) = line.cumulative else {
            return Lower::Counts;
        };
        let billed_up = cumulative.total >= line.position.ordered;
        let over = billed_up || line.position.closed() || self.scene.is_final;
        match cumulative.last && over {
            true => Lower::Counts,
            false => Lower::PartDelivery,
        }
    }
}

/// No limit helps: what did not come at all is not paid.
fn receipt_missing<'s>(line: &'s Matched<'_>, quantity: Decimal) -> Judged<'s> {
    let code = CheckCode::ReceiptMissing;
    let Some(came) = line.position.received().net else {
        return Judged::error(code, At::Line(line.place));
    };
    let missing = came <= Decimal::ZERO && quantity > Decimal::ZERO;
    let verdict = if missing { CheckVerdict::Fail } else { CheckVerdict::Pass };
    Judged {
        numbers: Some(Comparison::plain(quantity, came)),
        ..Judged::bare(code, At::Line(line.place), verdict)
    }
}
