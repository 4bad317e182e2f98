//! What was paid in advance, and invoices that ask for it (handbook §10).

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::models::case::Prepayment;
use crate::models::decimal;
use crate::reconciliation::orders::{Orders, Scope, Scopes};
use crate::reconciliation::positions::Positions;
use crate::reconciliation::scene::Scene;

/// The orders that an invoice names.
pub(crate) fn named(scopes: &Scopes) -> BTreeSet<usize> {
    let scopes = scopes.lines.iter().chain([&scopes.document]);
    let orders = scopes.filter_map(|scope| match scope {
        Scope::One(order) => Some(*order),
        Scope::Any | Scope::Nowhere => None,
    });
    orders.collect()
}

/// What was paid in advance for these orders, in the document's currency, with what earlier
/// invoices used of it: paid and used. The outer none: nothing was; the inner: it does not fit, or
/// there is no rate.
pub(crate) fn paid(
    scene: &Scene<'_>,
    orders: &Orders<'_>,
    named: &BTreeSet<usize>,
) -> Option<Option<(Decimal, Decimal)>> {
    let all = scene.case.prepayments.iter();
    let known = all.filter_map(|one| Some((one, order_of(orders, named, one)?)));
    let known: Vec<(&Prepayment, usize)> = known.collect();
    let sums = |(paid, used): (Decimal, Decimal), &(one, order): &(&Prepayment, usize)| {
        let rate = scene.rate_of(orders.all[order])?;
        let add = |sum: Decimal, amount: Decimal| sum.checked_add(amount.checked_mul(rate)?);
        Some((add(paid, one.paid)?, add(used, one.used)?))
    };
    let nothing = (Decimal::ZERO, Decimal::ZERO);
    (!known.is_empty()).then(|| known.iter().try_fold(nothing, sums))
}

fn order_of(orders: &Orders<'_>, named: &BTreeSet<usize>, one: &Prepayment) -> Option<usize> {
    orders.by_number(&one.po).iter().copied().find(|order| named.contains(order))
}

/// What a partial invoice uses of a payment in advance at most: gross × plan %; none where no
/// order, or more than one, has a plan.
pub(crate) fn share(
    scene: &Scene<'_>,
    orders: &Orders<'_>,
    named: &BTreeSet<usize>,
    gross: Decimal,
) -> Option<Decimal> {
    let plans = named.iter().filter_map(|&order| orders.all[order].prepayment_percent);
    let plans: Vec<Decimal> = plans.collect();
    let [percent] = plans[..] else {
        return None;
    };
    let share = gross.checked_mul(percent)?.checked_div(Decimal::ONE_HUNDRED)?;
    Some(decimal::round(share, scene.minor_digits))
}

/// What may be asked for in advance: plan % of the net of each order, in the document's currency.
/// The outer none: no order has a plan.
pub(crate) fn planned(
    scene: &Scene<'_>,
    orders: &Orders<'_>,
    positions: &Positions<'_>,
    named: &BTreeSet<usize>,
) -> Option<Option<Decimal>> {
    let plans =
        named.iter().filter_map(|&order| Some((order, orders.all[order].prepayment_percent?)));
    let plans: Vec<(usize, Decimal)> = plans.collect();
    let part = |sum: Decimal, &(order, percent): &(usize, Decimal)| {
        let mut lines = positions.all[positions.of_order(order)].iter();
        let net = lines.try_fold(Decimal::ZERO, |sum, line| sum.checked_add(line.net()?))?;
        let net = net.checked_mul(scene.rate_of(orders.all[order])?)?;
        let planned = net.checked_mul(percent)?.checked_div(Decimal::ONE_HUNDRED)?;
        sum.checked_add(decimal::round(planned, scene.minor_digits))
    };
    (!plans.is_empty()).then(|| plans.iter().try_fold(Decimal::ZERO, part))
}
