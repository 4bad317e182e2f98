//! Invoices that together pass an approval limit which none of them passes alone.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use crate::models::duplicate::{Candidate, DuplicateCode, DuplicateFinding};
use crate::models::invoice::InvoiceKind;
use crate::reconciliation::duplicates::pair;
use crate::reconciliation::duplicates::words;

/// Days from the first to the last invoice of a split.
pub(super) const DAYS_MAX: u64 = 10;

/// Invoices that one finding names.
const NAMED_MAX: usize = 20;

/// One invoice of a possible split.
#[derive(Clone, Copy)]
struct Part<'a> {
    date: NaiveDate,
    amount: Decimal,
    invoice: &'a Candidate,
}

/// Looks at the lowest limit first and reports one. Invoices that repeat each other are told
/// already, and are none of the `others`.
pub(super) fn suspected(
    candidate: &Candidate,
    others: &[&Candidate],
    approval_limits: &[Decimal],
) -> Option<DuplicateFinding> {
    let own = part(candidate, candidate)?;
    let limits: BTreeSet<Decimal> = approval_limits.iter().copied().collect();
    let belongs = |other: &&&Candidate| {
        pair::same_vendor(candidate, other) && concern_the_same(candidate, other)
    };
    let parts: Vec<Part<'_>> =
        others.iter().filter(belongs).filter_map(|other| part(other, candidate)).collect();
    limits.into_iter().find_map(|limit| {
        if own.amount > limit {
            return None;
        }
        let under = parts.iter().filter(|part| part.amount <= limit).copied().collect::<Vec<_>>();
        let (sum, window) = highest(own, &under)?;
        (sum > limit).then(|| finding(own, sum, limit, &window))
    })
}

/// A part of a split is money that we are to pay, on a day, in the currency of the limits or, where
/// the caller knows no such amount, in the currency of the candidate.
fn part<'a>(invoice: &'a Candidate, candidate: &Candidate) -> Option<Part<'a>> {
    let amount = match (invoice.ledger_gross, candidate.ledger_gross) {
        (Some(amount), Some(_)) => amount,
        (None, None) if invoice.currency == candidate.currency => invoice.gross?,
        _ => return None,
    };
    let owed = invoice.kind == InvoiceKind::Invoice && amount > Decimal::ZERO;
    owed.then_some(Part { date: invoice.date?, amount, invoice })
}

fn concern_the_same(one: &Candidate, other: &Candidate) -> bool {
    let others: BTreeSet<String> = purchases(other).collect();
    purchases(one).any(|purchase| others.contains(&purchase))
}

/// What an invoice is for, as keys: its order lines and its texts.
pub(super) fn purchases(of: &Candidate) -> impl Iterator<Item = String> {
    let lines = of.order_lines.iter().map(|line| format!("line:{line}"));
    lines.chain(of.texts.iter().map(|text| format!("text:{text}")))
}

/// The ten days around the candidate in which most is billed; none when it is alone in all.
fn highest<'a>(own: Part<'a>, others: &[Part<'a>]) -> Option<(Decimal, Vec<Part<'a>>)> {
    let starts = others.iter().map(|part| part.date).chain([own.date]);
    // A set: no more starts than days, however many invoices there are.
    let starts: BTreeSet<NaiveDate> =
        starts.filter(|start| *start <= own.date && within(*start, own.date)).collect();
    let mut best: Option<(Decimal, Vec<Part<'a>>)> = None;
    for start in starts {
        let inside = |part: &&Part<'_>| part.date >= start && within(start, part.date);
        let window: Vec<Part<'a>> = others.iter().filter(inside).copied().collect();
        let mut amounts = window.iter().map(|part| part.amount);
        let sum = amounts.try_fold(own.amount, Decimal::checked_add).unwrap_or(Decimal::MAX);
        let better = best.as_ref().is_none_or(|(most, _)| sum > *most);
        if !window.is_empty() && better {
            best = Some((sum, window));
        }
    }
    best
}

fn within(start: NaiveDate, date: NaiveDate) -> bool {
    start.checked_add_days(Days::new(DAYS_MAX)).is_none_or(|last| date <= last)
}

fn finding(own: Part<'_>, sum: Decimal, limit: Decimal, window: &[Part<'_>]) -> DuplicateFinding {
    let named: Vec<&Candidate> = window.iter().take(NAMED_MAX).map(|part| part.invoice).collect();
    DuplicateFinding {
        code: DuplicateCode::SplitSuspected,
        against: named.iter().map(|invoice| invoice.id.clone()).collect(),
        text: words::of_split(own.invoice, &named, window.len(), (sum, limit)),
    }
}
