//! Charges of the document (BG-21) against what was ordered. Orders name no charges, so each one
//! is unplanned: nothing is expected (handbook §7).

use rust_decimal::Decimal;

use crate::models::verdict::{Check, CheckCode};
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::result::{Judged, Shown, or_error};
use crate::reconciliation::comparison::Comparison;
use crate::reconciliation::tolerance::Lower;

impl Checks<'_> {
    /// `CHARGE`, where the document has charges. Those of a line are in its net price.
    pub(super) fn charge_check(&self) -> Option<Check> {
        let all = &self.case.invoice.allowances_and_charges;
        let charges: Vec<Decimal> =
            all.iter().filter(|entry| entry.charge).map(|entry| entry.amount).collect();
        if charges.iter().all(Decimal::is_zero) {
            return None;
        }
        Some(or_error(self.charges(&charges), CheckCode::Charge, None))
    }

    fn charges(&self, charges: &[Decimal]) -> Option<Check> {
        let code = CheckCode::Charge;
        let add = |sum: Decimal, charge: &Decimal| sum.checked_add(*charge);
        let actual = charges.iter().try_fold(Decimal::ZERO, add)?;
        let comparison = Comparison::plain(actual, Decimal::ZERO);
        let shown = Shown::Amount(self.minor_digits);
        let judged = Judged::new(&comparison, shown, self.tolerance(code), Lower::Counts)?;
        let text = format!("charges of the document (BG-21) {}, none ordered", judged.actual);
        Some(judged.check(code, None, text))
    }
}
