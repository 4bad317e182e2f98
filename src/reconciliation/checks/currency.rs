//! BT-5 against the order's currency; conversion is not built yet.

use crate::models::order::PurchaseOrder;
use crate::models::verdict::{Check, CheckCode, CheckVerdict};
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::result::{bare, not_applicable};
use crate::reconciliation::show;

impl Checks<'_> {
    /// `CURRENCY` for one order.
    pub(super) fn currency_check(&self, order: &PurchaseOrder) -> Option<Check> {
        let code = CheckCode::Currency;
        let number = show::name(&order.number);
        let wanted = order.currency.code();
        let check = match self.currency.as_deref() {
            None => not_applicable(code, None, "the invoice names no currency (BT-5)"),
            Some(billed) if billed == wanted => {
                let text = format!("invoice and order {number} are in {wanted}");
                bare(code, None, CheckVerdict::Pass, text)
            }
            Some(billed) => {
                let billed = show::name(billed);
                let text = format!("billed in {billed}, order {number} is in {wanted}");
                bare(code, None, CheckVerdict::Fail, text)
            }
        };
        Some(Check {
            po: Some(order.number.clone()),
            actual: self.currency.clone(),
            expected: Some(wanted.to_owned()),
            ..check
        })
    }
}
