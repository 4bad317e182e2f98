//! Payments of more than one item: the named ones, else exactly one set that sums to it, else
//! the oldest on account (handbook §17).

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::models::payment::{EvidenceCode, Reason, Remark, Row, Shape};
use crate::reconciliation::payments::amount::{self, TooLarge, less, shown};
use crate::reconciliation::payments::candidates::Search;
use crate::reconciliation::payments::fit::{self, Fit};
use crate::reconciliation::payments::sums::{self, Found};

/// Items that a payment on account is spread over: more is no suggestion that a person reads.
const ON_ACCOUNT_MAX: usize = 40;

/// The explanations by what the payment names.
///
/// # Errors
/// Numbers out of range.
pub(crate) fn named(search: &mut Search<'_, '_>) -> Result<(), TooLarge> {
    let mut groups: BTreeMap<(u32, &str), Vec<u32>> = BTreeMap::new();
    let mut ours: BTreeMap<(u32, &str), Vec<u32>> = BTreeMap::new();
    let named = search.named.clone();
    for (place, how) in named {
        let item = search.ledger.item(place);
        if search.ledger.open(place) <= Decimal::ZERO {
            search.remark(Reason::Closed, format!("it names {}, which is closed", item.called()));
            continue;
        }
        let key = (search.index.supplier_of(place), item.currency.code());
        groups.entry(key).or_default().push(place);
        if how.end_to_end {
            ours.entry(key).or_default().push(place);
        }
    }
    for group in ours.into_values().chain(groups.into_values()) {
        of_group(search, &group)?;
    }
    Ok(())
}

fn of_group(search: &mut Search<'_, '_>, group: &[u32]) -> Result<(), TooLarge> {
    let direction = search.facts.direction();
    let goes = |place: &&u32| search.ledger.item(**place).kind.direction() == direction;
    let with: Vec<u32> = group.iter().filter(goes).copied().collect();
    if with.is_empty() {
        let names: Vec<&str> =
            group.iter().take(3).map(|place| search.ledger.item(*place).called()).collect();
        let text = format!("it goes the other way than {}", names.join(", "));
        search.remark(Reason::WrongDirection, text);
        return Ok(());
    }
    if let [only] = group {
        if let Some(fit) = fit::fit(search.facts, search.ledger, &[*only])? {
            search.add(&[*only], fit);
        }
        return Ok(());
    }
    let mut explained = search.closing(group)?;
    for place in &with {
        explained |= search.closing(&[*place])?;
    }
    if !explained {
        explained = some_of(search, group)?;
    }
    if !explained {
        in_order(search, group, Shape::SumDiffers)?;
    }
    Ok(())
}

/// One set among the items that sums to the payment, or two that compete.
fn some_of(search: &mut Search<'_, '_>, places: &[u32]) -> Result<bool, TooLarge> {
    let Some(first) = places.first() else { return Ok(false) };
    let currency = search.ledger.item(*first).currency;
    let Some(target) = search.facts.in_currency(currency) else { return Ok(false) };
    let direction = search.facts.direction();
    let amounts: Vec<Decimal> = places
        .iter()
        .map(|place| {
            let open = search.ledger.open(*place);
            let same = search.ledger.item(*place).kind.direction() == direction;
            if same { open } else { -open }
        })
        .collect();
    let of = |set: &[usize]| -> Vec<u32> { set.iter().map(|at| places[*at]).collect() };
    match sums::find(&amounts, (target, currency.minor_digits()), search.budget) {
        Found::None => Ok(false),
        Found::One(set) => search.closing(&of(&set)),
        Found::Two(one, other) => {
            let first = search.closing(&of(&one))?;
            Ok(search.closing(&of(&other))? || first)
        }
        Found::GaveUp => {
            let text = format!(
                "the search for items that sum to {} was given up: {} items, where at most {} are \
                 tried with {} combinations, and {} in one run",
                shown(target, currency),
                places.len(),
                sums::ITEMS_MAX,
                sums::STATES_MAX,
                sums::STATES_OF_CASE_MAX
            );
            search.remark(Reason::SearchLimit, text);
            Ok(false)
        }
    }
}

/// The sets of a supplier that sum to the payment.
///
/// # Errors
/// Numbers out of range.
pub(crate) fn sums(search: &mut Search<'_, '_>, supplier: u32) -> Result<(), TooLarge> {
    let currency = search.facts.currency;
    let places: Vec<u32> = open_of(search, supplier)
        .filter(|place| search.ledger.item(*place).currency == currency)
        .take(sums::ITEMS_MAX + 1)
        .collect();
    some_of(search, &places).map(|_| ())
}

/// The oldest items of a supplier, as far as the payment goes. Never more than a suggestion.
///
/// # Errors
/// Numbers out of range.
pub(crate) fn on_account(search: &mut Search<'_, '_>, supplier: u32) -> Result<(), TooLarge> {
    let (currency, direction) = (search.facts.currency, search.facts.direction());
    let fits = |place: &u32| {
        let item = search.ledger.item(*place);
        item.currency == currency && item.kind.direction() == direction
    };
    let places: Vec<u32> = open_of(search, supplier).filter(fits).take(ON_ACCOUNT_MAX).collect();
    in_order(search, &places, Shape::OnAccount)
}

fn open_of(search: &Search<'_, '_>, supplier: u32) -> impl Iterator<Item = u32> {
    let items = &search.index.suppliers[supplier as usize].items;
    items.iter().copied().filter(|place| search.ledger.open(*place) > Decimal::ZERO)
}

/// Spreads the payment over items in the order of due dates. Credit notes among them go first:
/// they add to what can be paid.
fn in_order(search: &mut Search<'_, '_>, places: &[u32], shape: Shape) -> Result<(), TooLarge> {
    let facts = search.facts;
    let parts = fit::parts(facts, search.ledger, places)?;
    let Some(first) = parts.first() else { return Ok(()) };
    if first.item.currency != facts.currency {
        return Ok(());
    }
    let mut rest = facts.amount;
    let mut rows: Vec<(u32, Row)> = Vec::new();
    let credits_first = parts.iter().zip(places).filter(|(part, _)| part.open < Decimal::ZERO);
    let then = parts.iter().zip(places).filter(|(part, _)| part.open > Decimal::ZERO);
    for (part, place) in credits_first.chain(then) {
        let taken = part.open.min(rest);
        if taken.is_zero() {
            break;
        }
        rest = less(rest, taken)?;
        let mut row = fit::row_of(facts, part);
        (row.paid, row.taken) = (taken, taken);
        rows.push((*place, fit::canonical(row, part.item)));
    }
    // Credits that nothing is left to set against would have nothing to pay.
    let paid = amount::sum(rows.iter().map(|(_, row)| row.paid))?;
    if paid < Decimal::ZERO {
        return Ok(());
    }
    let (code, text) = match shape {
        Shape::OnAccount => {
            (Reason::OnAccount, "it names nothing: the oldest items of the supplier".to_owned())
        }
        _ => {
            let names: Vec<&str> = parts.iter().take(5).map(|part| part.item.called()).collect();
            let (names, said) = (names.join(", "), shown(facts.amount, facts.currency));
            (Reason::SumDiffers, format!("{names} and others that it names are not {said}"))
        }
    };
    let (places, rows): (Vec<u32>, Vec<Row>) = rows.into_iter().unzip();
    let same = format!("both in {}", facts.currency.code());
    let evidence = vec![(EvidenceCode::SameCurrency, same)];
    search.add(&places, Fit { shape, evidence, remarks: vec![Remark { code, text }], rows });
    Ok(())
}
