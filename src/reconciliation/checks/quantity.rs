//! Billed against ordered and received quantities, cumulative.

use rust_decimal::Decimal;

use crate::models::policy::MatchLevel;
use crate::models::verdict::{Check, CheckCode, CheckVerdict};
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::result::{Judged, Shown, bare, not_applicable, or_error};
use crate::reconciliation::comparison::Comparison;
use crate::reconciliation::cumulative::Cumulative;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::received::Received;
use crate::reconciliation::show;
use crate::reconciliation::tolerance::Lower;

impl Checks<'_> {
    /// `QTY_ORDERED`, `QTY_RECEIVED` and, beside it, `RECEIPT_MISSING`.
    pub(super) fn quantity_checks(&self, line: &Matched<'_>) -> [Check; 3] {
        let codes = [CheckCode::QtyOrdered, CheckCode::QtyReceived, CheckCode::ReceiptMissing];
        let Some(quantity) = line.quantity() else {
            let reason = match line.same_unit {
                true => "the quantity is missing",
                false => "the units differ",
            };
            return codes.map(|code| not_applicable(code, Some(line), reason));
        };
        let ordered = self.ordered(line);
        let [_, received, missing] = codes;
        let (received, missing) = match &line.position.received {
            _ if line.position.level < MatchLevel::ThreeWay => {
                let reason = "a two-way line is not compared with receipts";
                let apart = |code| not_applicable(code, Some(line), reason);
                (apart(received), apart(missing))
            }
            Received::OtherUnit(_) => {
                let reason = "a receipt counts in another unit";
                let apart = |code| not_applicable(code, Some(line), reason);
                (apart(received), apart(missing))
            }
            Received::TooLarge => {
                let error = |code| or_error(None, code, Some(line));
                (error(received), error(missing))
            }
            Received::Net(came) => (
                or_error(self.received(line, *came), received, Some(line)),
                receipt_missing(line, quantity, *came),
            ),
        };
        [or_error(ordered, codes[0], Some(line)), received, missing]
    }

    fn ordered(&self, line: &Matched<'_>) -> Option<Check> {
        let code = CheckCode::QtyOrdered;
        let judged = self.judged(line, code, line.position.line.quantity)?;
        let text = format!(
            "{}, ordered {}{}",
            billed(line, &judged.actual),
            judged.expected,
            judged.difference("too many", "fewer")
        );
        Some(judged.check(code, Some(line), text))
    }

    fn received(&self, line: &Matched<'_>, came: Decimal) -> Option<Check> {
        let code = CheckCode::QtyReceived;
        let judged = self.judged(line, code, came)?;
        let text = format!(
            "{}, received {}{}",
            billed(line, &judged.actual),
            judged.expected,
            judged.difference("too many", "fewer")
        );
        Some(judged.check(code, Some(line), text))
    }

    fn judged(&self, line: &Matched<'_>, code: CheckCode, expected: Decimal) -> Option<Judged<'_>> {
        let cumulative = line.cumulative?;
        let comparison = Comparison::plain(cumulative.total, expected);
        let lower = self.lower(line, cumulative);
        Judged::new(&comparison, Shown::Number, self.tolerance(code), lower)
    }

    /// Too little counts once nothing more is to come: the order line is billed up or the invoice
    /// is final, and this is the last line of the invoice that bills it.
    fn lower(&self, line: &Matched<'_>, cumulative: Cumulative) -> Lower {
        let billed_up = cumulative.total >= line.position.line.quantity;
        match cumulative.last && (billed_up || self.final_invoice()) {
            true => Lower::Counts,
            false => Lower::PartDelivery,
        }
    }
}

/// No limit helps: what did not come at all is not paid.
fn receipt_missing(line: &Matched<'_>, quantity: Decimal, came: Decimal) -> Check {
    let missing = came <= Decimal::ZERO && quantity > Decimal::ZERO;
    let (verdict, text) = match missing {
        true => {
            let text = format!("billed {}, nothing received", show::number(quantity));
            (CheckVerdict::Fail, text)
        }
        false => (CheckVerdict::Pass, format!("received {}", show::number(came))),
    };
    bare(CheckCode::ReceiptMissing, Some(line), verdict, text)
}

/// Says what of the cumulative quantity is this line's own.
fn billed(line: &Matched<'_>, total: &str) -> String {
    let own = show::number(line.quantity().unwrap_or_default());
    if own == total {
        format!("billed {total}")
    } else {
        format!("billed {total} in all, {own} of it by this line")
    }
}
