//! Whether an amount closes items, and by what difference: exact, discount, fee, write-off, or a
//! part (handbook §17).

use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::money::Currency;
use crate::models::payment::{EvidenceCode, OpenItem, Reason, Remark, Row, Shape};
use crate::reconciliation::payments::amount::{self, TooLarge, add, less, shown, sum};
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

/// The difference between what is open and what was paid.
struct Gap {
    code: EvidenceCode,
    text: String,
    discount: bool,
    fee: Decimal,
    write_off: Decimal,
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

/// Shape, difference and rows for an amount in the currency of the items.
pub(crate) fn settle_alone(
    facts: &Facts<'_>,
    principal: Decimal,
    part: &Part<'_>,
) -> Result<Option<(Shape, Option<(EvidenceCode, String)>, Vec<Remark>, Row)>, TooLarge> {
    let settled = settle(facts, principal, std::slice::from_ref(part))?;
    Ok(settled.and_then(|(shape, gap, mut rows)| {
        let write_off = gap.as_ref().map_or(Decimal::ZERO, |gap| gap.write_off);
        let remarks = large_write_off(facts, write_off, part.item.currency);
        Some((
            shape,
            gap.map(|gap| (gap.code, gap.text)),
            remarks.into_iter().collect(),
            rows.pop()?,
        ))
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
        return Ok(Some((shape, Some(gap), closing_rows(facts, parts)?)).map(
            |(shape, gap, rows)| {
                let rows = with_gap(rows, gap.as_ref(), parts);
                (shape, gap, rows)
            },
        ));
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

impl Gap {
    fn exact(text: String) -> Self {
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
fn gap(
    facts: &Facts<'_>,
    principal: Decimal,
    (missing, discounts): (Decimal, Decimal),
    currency: Currency,
) -> Result<Option<Gap>, TooLarge> {
    if missing.is_zero() {
        return Ok(Some(Gap::exact("the amount is what is open".to_owned())));
    }
    let said = |amount: Decimal| shown(amount, currency);
    if discounts > Decimal::ZERO && missing == discounts {
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

fn large_write_off(facts: &Facts<'_>, amount: Decimal, currency: Currency) -> Option<Remark> {
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

fn closing_rows(facts: &Facts<'_>, parts: &[Part<'_>]) -> Result<Vec<Row>, TooLarge> {
    let row = |part: &Part<'_>| {
        let mut row = row_of(facts, part);
        (row.paid, row.taken) = (part.open, part.open);
        // Whether that can be added is known before it is.
        add(part.open, part.discount).map(|_| row)
    };
    parts.iter().map(row).collect()
}

/// Moves discount, fee and write-off out of what is paid; the last two from the largest item.
fn with_gap(mut rows: Vec<Row>, gap: Option<&Gap>, parts: &[Part<'_>]) -> Vec<Row> {
    let Some(gap) = gap else { return rows };
    let largest = (0..parts.len()).rev().max_by_key(|place| parts[*place].open);
    for (place, (row, part)) in rows.iter_mut().zip(parts).enumerate() {
        if gap.discount {
            row.discount = part.discount;
        }
        if Some(place) == largest {
            (row.fee, row.write_off) = (gap.fee, gap.write_off);
        }
        row.paid -= row.discount + row.fee + row.write_off;
    }
    rows.into_iter().zip(parts).map(|(row, part)| canonical(row, part.item)).collect()
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
