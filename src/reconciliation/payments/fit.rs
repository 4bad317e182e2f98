//! Whether an amount closes items, and by what difference: exact, discount, fee, write-off, or a
//! part (handbook §17).

use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::payment::{EvidenceCode, OpenItem, Remark, Row, Shape};
use crate::reconciliation::payments::amount::{self, TooLarge, less, shown, sum};
use crate::reconciliation::payments::difference::{Gap, gap, large_write_off};
use crate::reconciliation::payments::exchange;
use crate::reconciliation::payments::facts::Facts;
use crate::reconciliation::payments::ledger::Ledger;

/// How items and payment go together, with the rows that would say so.
#[derive(Debug)]
pub(crate) struct Fit {
    /// The shape.
    pub(crate) shape: Shape,
    /// What the amount says, and the currency: kind and words.
    pub(crate) evidence: Vec<(EvidenceCode, String)>,
    /// What a person has to look at.
    pub(crate) remarks: Vec<Remark>,
    /// Not yet numbered.
    pub(crate) rows: Vec<Row>,
}

/// An item of an explanation, as the payment sees it.
pub(crate) struct Part<'a> {
    pub(crate) item: &'a OpenItem,
    /// What is open, negative when the item goes the other way.
    pub(crate) open: Decimal,
    discount: Decimal,
}

/// The items with what is open of them, and their discounts where the payment was in time.
pub(crate) fn parts<'a>(
    facts: &Facts<'_>,
    ledger: &Ledger<'a>,
    places: &[u32],
) -> Result<Vec<Part<'a>>, TooLarge> {
    let part = |place: &u32| {
        let item = ledger.item(*place);
        let open = ledger.open(*place);
        if item.kind.direction() != facts.direction() {
            return Ok(Part { item, open: -open, discount: Decimal::ZERO });
        }
        let discount = item.discount.as_ref().filter(|discount| {
            let grace = chrono::Days::new(facts.policy.discount_grace_days.into());
            let last = discount.until.checked_add_days(grace);
            let paid = facts.transaction.date;
            let in_time = paid.zip(last).is_some_and(|(paid, last)| paid <= last);
            in_time && !ledger.discounted(*place)
        });
        let discount = match discount {
            Some(discount) => {
                let off = amount::percent(open, discount.percent)?;
                decimal::round(off, item.currency.minor_digits())
            }
            None => Decimal::ZERO,
        };
        Ok(Part { item, open, discount })
    };
    places.iter().map(part).collect()
}

/// Whether the payment closes all of these items, or is a part of the only one. None when it does
/// neither, or the items are in more than one currency.
///
/// # Errors
/// Numbers out of range.
pub(crate) fn fit(
    facts: &Facts<'_>,
    ledger: &Ledger<'_>,
    places: &[u32],
) -> Result<Option<Fit>, TooLarge> {
    let parts = parts(facts, ledger, places)?;
    let Some(currency) = parts.first().map(|part| part.item.currency) else { return Ok(None) };
    if parts.iter().any(|part| part.item.currency != currency) {
        return Ok(None);
    }
    if currency != facts.currency {
        let [only] = parts.as_slice() else { return Ok(None) };
        return if only.open > Decimal::ZERO { exchange::fit(facts, only) } else { Ok(None) };
    }
    let Some((shape, gap, rows)) = settle(facts, facts.amount, &parts)? else { return Ok(None) };
    let mut remarks = Vec::new();
    let mut evidence = Vec::new();
    if let Some(gap) = gap {
        remarks.extend(large_write_off(facts, gap.write_off, currency));
        evidence.push((gap.code, gap.text));
    }
    evidence.push((EvidenceCode::SameCurrency, format!("both in {}", currency.code())));
    Ok(Some(Fit { shape, evidence, remarks, rows }))
}

/// One item, with an amount in its own currency.
pub(crate) struct Alone {
    pub(crate) shape: Shape,
    /// What the amount says.
    pub(crate) amount: Option<(EvidenceCode, String)>,
    pub(crate) remarks: Vec<Remark>,
    pub(crate) row: Row,
}

/// Fits one item to an amount in its currency, whatever the payment's is.
///
/// # Errors
/// Numbers out of range.
pub(crate) fn alone(
    facts: &Facts<'_>,
    principal: Decimal,
    part: &Part<'_>,
) -> Result<Option<Alone>, TooLarge> {
    let settled = settle(facts, principal, std::slice::from_ref(part))?;
    Ok(settled.and_then(|(shape, gap, mut rows)| {
        let write_off = gap.as_ref().map_or(Decimal::ZERO, |gap| gap.write_off);
        let remarks = large_write_off(facts, write_off, part.item.currency);
        let amount = gap.map(|gap| (gap.code, gap.text));
        Some(Alone { shape, amount, remarks: remarks.into_iter().collect(), row: rows.pop()? })
    }))
}

type Settled = (Shape, Option<Gap>, Vec<Row>);

fn settle(
    facts: &Facts<'_>,
    principal: Decimal,
    parts: &[Part<'_>],
) -> Result<Option<Settled>, TooLarge> {
    let total = sum(parts.iter().map(|part| part.open))?;
    let discounts = sum(parts.iter().map(|part| part.discount))?;
    let currency = parts[0].item.currency;
    if total <= Decimal::ZERO || principal <= Decimal::ZERO {
        return Ok(None);
    }
    let missing = less(total, principal)?;
    if let Some(gap) = gap(facts, principal, (missing, discounts), currency)? {
        let shape = if parts.len() == 1 { Shape::One } else { Shape::Several };
        let rows = closing_rows(facts, parts, &gap);
        return Ok(Some((shape, Some(gap), rows)));
    }
    let [only] = parts else { return Ok(None) };
    let mut row = row_of(facts, only);
    if missing > Decimal::ZERO {
        (row.paid, row.taken) = (principal, principal);
        let text = format!("{} of {} open", shown(principal, currency), shown(only.open, currency));
        let gap = Gap { code: EvidenceCode::AmountPartial, text, ..Gap::exact(String::new()) };
        return Ok(Some((Shape::Partial, Some(gap), vec![canonical(row, only.item)])));
    }
    // More than is open: the rest stays on the payment, and the amount speaks for nothing.
    (row.paid, row.taken) = (only.open, only.open);
    Ok(Some((Shape::One, None, vec![canonical(row, only.item)])))
}

/// Everything that is open, less discount, fee and write-off; the last two on the largest item.
/// The sum of all was added up before, so no part of it is too large.
fn closing_rows(facts: &Facts<'_>, parts: &[Part<'_>], gap: &Gap) -> Vec<Row> {
    let largest = (0..parts.len()).rev().max_by_key(|place| parts[*place].open);
    let row = |(place, part): (usize, &Part<'_>)| {
        let mut row = row_of(facts, part);
        row.taken = part.open;
        if gap.discount {
            row.discount = part.discount;
        }
        if Some(place) == largest {
            (row.fee, row.write_off) = (gap.fee, gap.write_off);
        }
        row.paid = row.taken - row.discount - row.fee - row.write_off;
        canonical(row, part.item)
    };
    parts.iter().enumerate().map(row).collect()
}

/// A row of this payment for an item, still without amounts.
pub(crate) fn row_of(facts: &Facts<'_>, part: &Part<'_>) -> Row {
    Row {
        sequence: 0,
        transaction: Some(facts.transaction.id.clone()),
        item: part.item.id.clone(),
        direction: facts.direction(),
        paid: Decimal::ZERO,
        discount: Decimal::ZERO,
        fee: Decimal::ZERO,
        write_off: Decimal::ZERO,
        offset: Decimal::ZERO,
        offset_by: None,
        exchange: None,
        taken: Decimal::ZERO,
        step: None,
        reverses: None,
    }
}

/// Amounts as they are written.
pub(crate) fn canonical(mut row: Row, item: &OpenItem) -> Row {
    let currency = item.currency;
    let paid_in = row.exchange.as_ref().map_or(currency, |exchange| exchange.currency);
    row.paid = amount::written(row.paid, paid_in);
    for amount in
        [&mut row.discount, &mut row.fee, &mut row.write_off, &mut row.offset, &mut row.taken]
    {
        *amount = amount::written(*amount, currency);
    }
    row
}
