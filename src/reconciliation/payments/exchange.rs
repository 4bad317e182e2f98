//! Payments in another currency than the item's: the books say what it should have cost.

use rust_decimal::Decimal;

use crate::models::payment::{EvidenceCode, Exchange, Reason, Remark, Shape};
use crate::reconciliation::payments::amount::{self, TooLarge, less, shown, written};
use crate::reconciliation::payments::facts::Facts;
use crate::reconciliation::payments::fit::{Alone, Fit, Part, alone, canonical, row_of};

/// Fits one item. With the ordered amount in the item's currency the item is settled by that;
/// without it, it is closed when the payment is near its booked amount. Sets are not tried: how a
/// rate was spread over items cannot be known.
///
/// # Errors
/// Numbers out of range.
pub(crate) fn fit(facts: &Facts<'_>, part: &Part<'_>) -> Result<Option<Fit>, TooLarge> {
    let principal = facts.in_currency(part.item.currency);
    let settled = match principal {
        Some(principal) => alone(facts, principal, part)?,
        None => {
            let mut row = row_of(facts, part);
            (row.paid, row.taken) = (part.open, part.open);
            Some(Alone { shape: Shape::One, amount: None, remarks: Vec::new(), row })
        }
    };
    let Some(Alone { shape, amount: gap, mut remarks, mut row }) = settled else {
        return Ok(None);
    };
    let mut evidence = Vec::new();
    let booked = part.item.booked.filter(|_| facts.ledger_currency == Some(facts.currency));
    let Some(booked) = booked else {
        if principal.is_none() {
            return Ok(None);
        }
        remarks.push(Remark {
            code: Reason::BookedAmountMissing,
            text: format!(
                "what item {} is booked with in {} is not known, so the exchange difference is \
                 not either",
                part.item.called(),
                facts.currency.code()
            ),
        });
        evidence.extend(gap);
        return Ok(Some(Fit { shape, evidence, remarks, rows: Vec::new() }));
    };
    let settles = row.paid;
    let digits = facts.currency.minor_digits();
    let booked = amount::share(booked, (settles, part.item.amount), digits)?;
    let difference = less(booked, facts.amount)?;
    let within = within(facts, difference, booked)?;
    if principal.is_none() && !within {
        return Ok(None);
    }
    let said = shown(difference.abs(), facts.currency);
    if within {
        let near = format!("{said} off the booked amount, within the exchange limit");
        let text = format!("{} for {}", facts.currency.code(), part.item.currency.code());
        evidence.extend(gap.or_else(|| {
            let closes = principal.is_none() && shape == Shape::One;
            closes.then(|| (EvidenceCode::AmountExact, near.clone()))
        }));
        evidence.push((EvidenceCode::OtherCurrency, format!("{text}, {near}")));
    } else {
        evidence.extend(gap);
        let text = format!("the exchange difference of {said} is outside its limit");
        remarks.push(Remark { code: Reason::ExchangeTooLarge, text });
    }
    row.exchange = Some(Exchange {
        currency: facts.currency,
        settles: written(settles, part.item.currency),
        booked: written(booked, facts.currency),
        difference: written(difference, facts.currency),
    });
    row.paid = facts.amount;
    Ok(Some(Fit { shape, evidence, remarks, rows: vec![canonical(row, part.item)] }))
}

/// |difference| ≤ limit % of the booked amount, not rounded. Without a limit nothing is allowed.
fn within(facts: &Facts<'_>, difference: Decimal, booked: Decimal) -> Result<bool, TooLarge> {
    let limit = facts.policy.fx_percent.unwrap_or_default();
    Ok(difference.abs() <= amount::percent(booked, limit)?)
}
