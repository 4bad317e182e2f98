//! BT-5 against the order's currency (handbook §9).

use crate::models::verdict::{CheckCode, CheckVerdict};
use crate::reconciliation::checks::judged::{At, Judged};
use crate::reconciliation::orders::Orders;
use crate::reconciliation::scene::Scene;

/// `CURRENCY` for one order. Where the policy allows conversion, another currency passes; a
/// missing rate is told by its own hold.
pub(crate) fn of<'s>(scene: &Scene<'_>, orders: &Orders<'_>, order: usize) -> Judged<'s> {
    let at = At::Order(order);
    let code = CheckCode::Currency;
    if scene.currency.is_none() {
        return Judged::not_applicable(code, at, "the invoice names no currency (BT-5)");
    }
    let same = scene.same_currency(orders.all[order]);
    let verdict = match (same, scene.may_convert()) {
        (true, _) => CheckVerdict::Pass,
        (false, true) => CheckVerdict::PassWithin,
        (false, false) => CheckVerdict::Fail,
    };
    Judged::bare(code, at, verdict)
}
