//! Step 5: an invoice without lines (profiles MINIMUM and BASIC WL) is for the order lines or
//! receipts that alone come to its net total.
//!
//! What is found stands in for the lines of the invoice, each with the quantity that is still open
//! and the order's price, so that all checks, rows and holds are those of any other invoice.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::invoice::InvoiceLine;
use crate::models::policy::MatchLevel;
use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::allocation::Offers;
use crate::reconciliation::holds;
use crate::reconciliation::orders::{Orders, Scope};
use crate::reconciliation::pairing::class::Classes;
use crate::reconciliation::positions::{Position, Positions};
use crate::reconciliation::scene::Scene;
use crate::reconciliation::show;

/// Order lines or receipts that are tried: with more of them, some subset comes to almost any
/// total (handbook §3). Not more than the bits of [`Chosen`].
const CANDIDATES_MAX: usize = 40;

/// Sums that are worked out, over all candidates, before the search gives up.
const STATES_MAX: usize = 200_000;

/// How far, in minor units, a sum of rounded amounts may be from the total.
const ROUNDING: i128 = 2;

/// Order lines that a text lists.
const LISTED_MAX: usize = 5;

/// Candidates, each by its bit.
type Chosen = u64;

/// What an invoice without lines turns out to be for.
pub(crate) enum Found {
    /// These, written as lines of the invoice, and what is wrong with the order that it names
    /// itself: the lines name others.
    Lines(Vec<InvoiceLine>, Vec<Hold>),
    /// Several answers, or too long a search.
    Refused(Box<Hold>),
    /// It has lines, or nothing comes to its total.
    Nothing,
}

/// What is still open of an order line, or of one receipt of it.
struct Candidate<'p, 'a> {
    position: &'p Position<'a>,
    receipt: Option<&'a str>,
    class: usize,
    quantity: Decimal,
    net: Decimal,
    /// `net` in minor units.
    units: i128,
}

/// Looks for the order lines of an invoice that has no lines.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let invoice = &scene.case.invoice;
    let total = total(scene).filter(|&total| total > 0);
    let (true, Some(total)) = (invoice.lines.is_empty(), total) else {
        return Found::Nothing;
    };
    let orders = Orders::new(scene.case);
    let (scopes, raised) = orders.scopes(scene.case, scene.level);
    if scopes.document == Scope::Nowhere || scene.level == MatchLevel::None {
        return Found::Nothing;
    }
    let positions = Positions::new(scene.case, &orders, &scene.units, &scene.limits);
    let classes = Classes::new(&positions.all, &scene.units);
    let places = match scopes.document {
        Scope::One(order) => positions.of_order(order),
        Scope::Any | Scope::Nowhere => 0..positions.all.len(),
    };
    let named = matches!(scopes.document, Scope::One(_));
    let open = places.filter(|&place| named || orders.usable(positions.all[place].order_place));
    let mut candidates: Vec<Candidate<'_, '_>> = open
        .flat_map(|place| of_position(scene, &positions.all[place], classes.of(place)))
        .collect();
    if candidates.len() > CANDIDATES_MAX {
        return Found::Refused(limit(&format!(
            "more than {CANDIDATES_MAX} order lines may be meant"
        )));
    }
    // Those that may stand for each other side by side; sorting keeps the order of the lines.
    candidates.sort_by_key(|candidate| (candidate.class, candidate.units));
    match solutions(&candidates, total) {
        None => Found::Refused(limit(&format!("more than {STATES_MAX} sums would be tried"))),
        Some(found) => match found[..] {
            [] => Found::Nothing,
            [one] => Found::Lines(lines(&pick(&candidates, one)), raised),
            [one, other, ..] => {
                Found::Refused(ambiguous(&pick(&candidates, one), &pick(&candidates, other)))
            }
        },
    }
}

/// BT-106; where only BT-109 is said, that without the charges and allowances of the document.
/// In minor units.
fn total(scene: &Scene<'_>) -> Option<i128> {
    let totals = &scene.case.invoice.totals;
    let of_net = || {
        let net = totals.net?.checked_add(totals.allowances.unwrap_or_default())?;
        net.checked_sub(totals.charges.unwrap_or_default())
    };
    in_units(totals.lines.or_else(of_net)?, scene.minor_digits)
}

fn in_units(amount: Decimal, minor_digits: u32) -> Option<i128> {
    let mut rounded = decimal::round(amount, minor_digits);
    rounded.rescale(minor_digits);
    (rounded.scale() == minor_digits).then(|| rounded.mantissa())
}

/// What is open of an order line; from three-way on, what came of it, receipt by receipt.
fn of_position<'p, 'a>(
    scene: &Scene<'a>,
    position: &'p Position<'a>,
    class: usize,
) -> Vec<Candidate<'p, 'a>> {
    let parts: Vec<(Option<&str>, Option<Decimal>)> = match position.level {
        MatchLevel::None | MatchLevel::TwoWay => vec![(None, position.room(false))],
        MatchLevel::ThreeWay | MatchLevel::FourWay => {
            let mut offers = Offers::new(position, &scene.case.policy);
            offers.bind_claims(position);
            let left = position.received().lines.iter().zip(offers.left());
            left.map(|(came, &left)| (Some(came.receipt.number.as_str()), Some(left))).collect()
        }
    };
    let price = position.price.zip(scene.rate_of(position.order));
    let price = price.and_then(|(price, rate)| price.at_rate(rate));
    let candidates = parts.into_iter().filter_map(|(receipt, quantity)| {
        let quantity = quantity.filter(|quantity| *quantity > Decimal::ZERO)?;
        let net = decimal::round(price?.of(quantity)?, scene.minor_digits);
        let units = in_units(net, scene.minor_digits).filter(|units| *units > 0)?;
        Some(Candidate { position, receipt, class, quantity, net, units })
    });
    candidates.collect()
}

/// At most two subsets that come to the total. Of candidates that may stand for each other the
/// first are taken, so that two equal lines are one answer and not two. None when the search takes
/// too long.
fn solutions(candidates: &[Candidate<'_, '_>], total: i128) -> Option<Vec<Chosen>> {
    let most = total.checked_add(ROUNDING)?;
    let mut sums: BTreeMap<i128, Vec<Chosen>> = [(0, vec![0])].into();
    let mut states = 0;
    let alike = |one: &Candidate<'_, '_>, other: &Candidate<'_, '_>| {
        (one.class, one.units) == (other.class, other.units)
    };
    let mut first = 0;
    for group in candidates.chunk_by(alike) {
        let mut next = sums.clone();
        for (&sum, chosen) in &sums {
            let (mut sum, mut added) = (sum, 0);
            for (at, candidate) in group.iter().enumerate() {
                sum = sum.checked_add(candidate.units)?;
                if sum > most {
                    break;
                }
                added |= 1 << (first + at);
                let known = next.entry(sum).or_default();
                let room = 2_usize.saturating_sub(known.len());
                known.extend(chosen.iter().take(room).map(|chosen| chosen | added));
                states += 1;
            }
        }
        if states > STATES_MAX {
            return None;
        }
        first += group.len();
        sums = next;
    }
    let near = sums.range((total - ROUNDING).max(1)..=most);
    Some(near.flat_map(|(_, chosen)| chosen).copied().take(2).collect())
}

fn pick<'c, 'p, 'a>(
    candidates: &'c [Candidate<'p, 'a>],
    chosen: Chosen,
) -> Vec<&'c Candidate<'p, 'a>> {
    let all = candidates.iter().enumerate();
    all.filter(|(at, _)| chosen & (1 << at) != 0).map(|(_, candidate)| candidate).collect()
}

fn lines(chosen: &[&Candidate<'_, '_>]) -> Vec<InvoiceLine> {
    let lines = chosen.iter().enumerate().map(|(at, candidate)| InvoiceLine {
        id: (at + 1).to_string(),
        quantity: Some(candidate.quantity),
        net: Some(candidate.net),
        order_reference: Some(candidate.position.order.number.clone()),
        order_line_reference: Some(candidate.position.line.id.clone()),
        receiving_advice_reference: candidate.receipt.map(str::to_owned),
        ..InvoiceLine::default()
    });
    lines.collect()
}

fn ambiguous(one: &[&Candidate<'_, '_>], other: &[&Candidate<'_, '_>]) -> Box<Hold> {
    let text = format!(
        "the invoice has no lines (BG-25), and its total is that of {} and also that of {}, so \
         nothing was taken from the orders; releases when an invoice with lines arrives",
        list(one),
        list(other)
    );
    Box::new(holds::document(HoldCode::AmbiguousPairing, &text))
}

fn limit(what: &str) -> Box<Hold> {
    let text = format!(
        "the invoice has no lines (BG-25), and what comes to its total cannot be found: {what}; \
         releases when an invoice with lines arrives"
    );
    Box::new(holds::document(HoldCode::PairingLimit, &text))
}

fn list(chosen: &[&Candidate<'_, '_>]) -> String {
    let shown = chosen.iter().take(LISTED_MAX).map(|candidate| {
        let (order, line) = (&candidate.position.order.number, &candidate.position.line.id);
        let receipt = candidate.receipt.map(|receipt| format!(", receipt {}", show::name(receipt)));
        let receipt = receipt.unwrap_or_default();
        format!("order {} line {}{receipt}", show::name(order), show::name(line))
    });
    let more = chosen.len().saturating_sub(LISTED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.collect::<Vec<_>>().join(" + "))
}
