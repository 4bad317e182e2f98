//! The comparisons of a matched invoice (handbook §5.2, §5.3). All of them appear, also those
//! that pass. They are numbers and verdicts here; [`words`](crate::reconciliation::words) says
//! them.

mod amount;
mod charge;
pub(crate) mod credit;
pub(crate) mod currency;
mod exchange;
pub(crate) mod judged;
mod order;
pub(crate) mod prepaid;
mod price;
mod quantity;
mod ratio;
mod tax;
mod total;

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::models::order::MatchBasis;
use crate::models::policy::MatchLevel;
use crate::models::verdict::CheckCode;
use crate::reconciliation::checks::charge::Charges;
use crate::reconciliation::checks::judged::{At, Judged, Shown, Terms};
use crate::reconciliation::comparison::Comparison;
use crate::reconciliation::figures::Figures;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::orders::Orders;
use crate::reconciliation::pairing::Fate;
use crate::reconciliation::positions::Positions;
use crate::reconciliation::scene::Scene;
use crate::reconciliation::tolerance::Lower;

/// What all checks of an invoice look at.
pub(crate) struct Checks<'s, 'a> {
    pub(crate) scene: &'s Scene<'a>,
    pub(crate) orders: &'s Orders<'a>,
    /// The orders that the invoice names and was paired with.
    pub(crate) named: &'s BTreeSet<usize>,
    pub(crate) positions: &'s Positions<'a>,
    pub(crate) fates: &'s [Fate<'a>],
    pub(crate) lines: &'s [Option<Matched<'a>>],
    pub(crate) figures: &'s [Figures],
}

impl<'s, 'a> Checks<'s, 'a> {
    /// Currency of each order, then the lines in their order, then what the document comes to.
    /// Each check is handed out as soon as it is made.
    pub(crate) fn all(&self, charges: &Charges<'a>, out: &mut impl FnMut(Judged<'s>)) {
        for &order in self.named {
            out(currency::of(self.scene, self.orders, order));
        }
        let mut all_lines_pass = true;
        {
            let mut out = |check: Judged<'s>| {
                all_lines_pass &= !check.failed();
                out(check);
            };
            for (place, line) in self.lines.iter().enumerate() {
                self.line(place, line.as_ref(), &mut out);
            }
        }
        self.order_checks(out);
        if let Some(check) = prepaid::used(self.scene, self.orders, self.named) {
            out(check);
        }
        if let Some(check) = exchange::converted_tax(self.scene) {
            out(check);
        }
        self.charge_checks(charges, out);
        self.total_checks(charges, all_lines_pass, out);
    }

    fn line(&self, place: usize, line: Option<&'s Matched<'a>>, out: &mut impl FnMut(Judged<'s>)) {
        let Some(line) = line else {
            return out(self.item_amount(place, None));
        };
        if line.position.level != MatchLevel::None {
            match line.position.line.match_basis {
                MatchBasis::Quantity => {
                    self.quantity_checks(line, out);
                    self.price_checks(line, out);
                }
                // There is no usable quantity, so there is no price of one either (§2).
                MatchBasis::Amount => {
                    self.amount_checks(line, out);
                    out(self.line_total(line));
                }
            }
            self.tax_checks(line, out);
            self.exchange_checks(line, out);
        }
        out(self.item_amount(place, Some(line)));
    }

    /// A check of a line with the limits that its order line has.
    fn judge_line(
        &self,
        code: CheckCode,
        line: &'s Matched<'a>,
        (numbers, shown): (Option<Comparison>, Shown),
        lower: Lower,
    ) -> Judged<'s> {
        let limit = line.position.limits.of(code);
        let rate = match shown {
            Shown::Number => Some(Decimal::ONE),
            Shown::Amount(_) => self.scene.ledger_rate,
        };
        let terms = Terms { shown, limit, lower, rate };
        Judged::new(code, At::Line(line.place), numbers, terms)
    }

    /// A check of the document with the limits of entity and supplier.
    fn judge_document(
        &self,
        code: CheckCode,
        at: At<'s>,
        numbers: Option<Comparison>,
        shown: Shown,
    ) -> Judged<'s> {
        let limit = self.scene.limits.of_document(code);
        let rate = match shown {
            Shown::Number => Some(Decimal::ONE),
            Shown::Amount(_) => self.scene.ledger_rate,
        };
        let terms = Terms { shown, limit, lower: Lower::Counts, rate };
        Judged::new(code, at, numbers, terms)
    }

    /// Money of the document.
    fn money(&self) -> Shown {
        Shown::Amount(self.scene.minor_digits)
    }
}

/// The sum of what may not fit.
fn sum(mut values: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    values.try_fold(Decimal::ZERO, |sum, value| sum.checked_add(value?))
}
