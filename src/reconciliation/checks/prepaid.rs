//! BT-113 against what was paid in advance, and an invoice that asks for such a payment against
//! the plan of its order (handbook §10).

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::models::policy::{Combine, Limit, Tolerance};
use crate::models::verdict::CheckCode;
use crate::reconciliation::checks::judged::{At, Judged, Shown, Terms};
use crate::reconciliation::comparison::{Comparison, Worse};
use crate::reconciliation::limits::Source;
use crate::reconciliation::orders::Orders;
use crate::reconciliation::prepayment;
use crate::reconciliation::scene::Scene;
use crate::reconciliation::tolerance::Lower;

/// Money that was paid is used to the last unit, unless the policy says otherwise.
static EXACTLY: Tolerance = Tolerance {
    upper: Limit { percent: None, amount: Some(Decimal::ZERO) },
    lower: Limit { percent: None, amount: Some(Decimal::ZERO) },
    combine: Combine::All,
};

/// `PREPAID` of an invoice. A partial invoice may use a part; the final one uses all that remains.
/// None where nothing was paid in advance and the invoice claims nothing.
pub(crate) fn used<'s>(
    scene: &'s Scene<'_>,
    orders: &Orders<'_>,
    named: &BTreeSet<usize>,
) -> Option<Judged<'s>> {
    let totals = &scene.case.invoice.totals;
    let own = totals.paid.unwrap_or_default();
    let paid = prepayment::paid(scene, orders, named);
    if paid.is_none() && own.is_zero() {
        return None;
    }
    let expected = || {
        let (paid, used) = paid.unwrap_or(Some((Decimal::ZERO, Decimal::ZERO)))?;
        let remaining = paid.checked_sub(used)?.max(Decimal::ZERO);
        let gross = totals.gross.unwrap_or(remaining).max(Decimal::ZERO);
        Some(remaining.min(match scene.is_final {
            true => gross,
            // Without a plan, how much of it a partial invoice uses is the supplier's choice.
            false => {
                prepayment::share(scene, orders, named, gross).unwrap_or(own.max(Decimal::ZERO))
            }
        }))
    };
    let numbers = expected()
        .map(|expected| Comparison { worse: Worse::Less, ..Comparison::plain(own, expected) });
    // What others paid is not known here: without payments of ours only the policy decides.
    Some(judge(scene, numbers, paid.is_some()))
}

/// `PREPAID` of an invoice that asks for a payment in advance: its net against the plan, less what
/// was paid already. None where no order has a plan.
pub(crate) fn asked<'s>(
    scene: &'s Scene<'_>,
    planned: Option<Decimal>,
    paid: Option<(Decimal, Decimal)>,
    own: Option<Decimal>,
) -> Judged<'s> {
    let left = planned.zip(paid).and_then(|(planned, (paid, _))| planned.checked_sub(paid));
    let left = left.map(|left| left.max(Decimal::ZERO));
    let numbers = own.zip(left).map(|(own, left)| Comparison::plain(own, left));
    judge(scene, numbers, true)
}

fn judge<'s>(scene: &'s Scene<'_>, numbers: Option<Comparison>, exactly: bool) -> Judged<'s> {
    let code = CheckCode::Prepaid;
    let limit = scene.limits.of_document(code);
    let default = exactly.then_some((&EXACTLY, Source::Default));
    let terms = Terms {
        shown: Shown::Amount(scene.minor_digits),
        limit: limit.or(default),
        lower: Lower::Counts,
        rate: scene.ledger_rate,
    };
    Judged::new(code, At::Document, numbers, terms)
}
