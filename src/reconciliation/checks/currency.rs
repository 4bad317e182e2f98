//! BT-5 against the order's currency (handbook §9).

use crate::models::verdict::{CheckCode, CheckVerdict};
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::judged::{At, Judged};

impl<'s, 'a> Checks<'s, 'a> {
    /// `CURRENCY` for one order. Where the policy allows conversion, another currency passes; a
    /// missing rate is told by its own hold.
    pub(super) fn currency_check(&self, order: usize) -> Judged<'s> {
        let at = At::Order(order);
        let code = CheckCode::Currency;
        if self.scene.currency.is_none() {
            let reason = "the invoice names no currency (BT-5)";
            return Judged::not_applicable(code, at, reason);
        }
        let same = self.scene.same_currency(self.orders.all[order]);
        let verdict = match (same, self.scene.may_convert()) {
            (true, _) => CheckVerdict::Pass,
            (false, true) => CheckVerdict::PassWithin,
            (false, false) => CheckVerdict::Fail,
        };
        Judged::bare(code, at, verdict)
    }
}
