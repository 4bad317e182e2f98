//! What the difference between a payment and what is open may be (handbook §17).

use rust_decimal::Decimal;

use crate::models::money::Currency;
use crate::models::payment::{EvidenceCode, Reason, Remark};
use crate::reconciliation::payments::amount::{TooLarge, less, shown};
use crate::reconciliation::payments::facts::Facts;

/// The difference between what is open and what was paid.
pub(crate) struct Gap {
    /// What kind of difference it is.
    pub(crate) code: EvidenceCode,
    /// In words.
    pub(crate) text: String,
    /// The discounts of all items are taken.
    pub(crate) discount: bool,
    /// Negative when it came on top.
    pub(crate) fee: Decimal,
    /// Negative when too much was paid.
    pub(crate) write_off: Decimal,
}

impl Gap {
    /// None at all.
    pub(crate) fn exact(text: String) -> Self {
        Self {
            code: EvidenceCode::AmountExact,
            text,
            discount: false,
            fee: Decimal::ZERO,
            write_off: Decimal::ZERO,
        }
    }
}

/// What the missing amount is, in the order of the handbook's table. Both a discount and a small
/// difference count as the weaker of the two.
pub(crate) fn gap(
    facts: &Facts<'_>,
    principal: Decimal,
    (missing, discounts): (Decimal, Decimal),
    currency: Currency,
) -> Result<Option<Gap>, TooLarge> {
    if missing.is_zero() {
        return Ok(Some(Gap::exact("the amount is what is open".to_owned())));
    }
    let said = |amount: Decimal| shown(amount, currency);
    if missing == discounts {
        let text = format!("the amount is what is open less the discount of {}", said(discounts));
        let gap = Gap { code: EvidenceCode::AmountDiscount, discount: true, ..Gap::exact(text) };
        return Ok(Some(gap));
    }
    if let Some(gap) = small(facts, principal, missing, currency) {
        return Ok(Some(gap));
    }
    if discounts > Decimal::ZERO
        && let Some(mut gap) = small(facts, principal, less(missing, discounts)?, currency)
    {
        gap.discount = true;
        gap.text = format!("with the discount of {}: {}", said(discounts), gap.text);
        return Ok(Some(gap));
    }
    Ok(None)
}

/// A fee or write-off. What is as large as the payment itself is neither, whatever the limit.
fn small(
    facts: &Facts<'_>,
    principal: Decimal,
    missing: Decimal,
    currency: Currency,
) -> Option<Gap> {
    let size = missing.abs();
    let within =
        |limit: Option<Decimal>| size < principal && limit.is_some_and(|limit| size <= limit);
    let side = if missing > Decimal::ZERO { "less" } else { "more" };
    let said = format!("{} {side} than is open", shown(size, currency));
    if facts.transaction.charges.is_some_and(|charges| charges == size)
        && currency == facts.currency
    {
        let text = format!("{said}: the charge that the bank names");
        return Some(Gap { code: EvidenceCode::AmountFee, fee: missing, ..Gap::exact(text) });
    }
    if within(facts.policy.fee_limit) {
        let text = format!("{said}: within the limit of bank fees");
        return Some(Gap { code: EvidenceCode::AmountFee, fee: missing, ..Gap::exact(text) });
    }
    if within(facts.policy.write_off_limit) {
        let text = format!("{said}: within the limit of write-offs");
        let code = EvidenceCode::AmountWriteOff;
        return Some(Gap { code, write_off: missing, ..Gap::exact(text) });
    }
    None
}

/// What a person has to decide about a write-off.
pub(crate) fn large_write_off(
    facts: &Facts<'_>,
    amount: Decimal,
    currency: Currency,
) -> Option<Remark> {
    let most = facts.policy.auto_write_off.unwrap_or_default();
    (amount.abs() > most).then(|| Remark {
        code: Reason::WriteOffTooLarge,
        text: format!(
            "a write-off of {} needs a person: without one, at most {}",
            shown(amount.abs(), currency),
            shown(most, currency)
        ),
    })
}
