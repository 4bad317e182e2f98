//! What an invoice takes from orders and receipts (handbook §4).
//!
//! Who takes from which receipt line is worked out from the claims of all invoices, oldest first,
//! and from what the receipt lines offer, first in, first out. So no receipt is consumed twice
//! whoever runs when, a receipt that arrives late is bound by whoever waits longest, and a return
//! frees what was taken last: the same facts give the same rows.
//!
//! An invoice counts from its first run, held or not (§1), so its rows are kept under a hold too,
//! also when only the currency differs: the quantity is certain. Nothing is taken by
//! - a refused invoice: nobody knows from which line;
//! - a line in another unit or without a quantity: nobody knows how much;
//! - an exact duplicate: it is the same claim as the earlier invoice, which has taken already, and
//!   counting it twice would hold back every honest invoice after it. Once a person says that it
//!   is no duplicate, the case no longer names the earlier one and it counts;
//! - a credit note: it gives back.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::models::case::NamedReceipt;
use crate::models::decimal;
use crate::models::invoice::{Invoice, InvoiceLine};
use crate::models::policy::{MatchLevel, Policy};
use crate::models::verdict::Allocation;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::positions::Position;
use crate::reconciliation::received::Came;
use crate::reconciliation::scene::Scene;
use crate::reconciliation::show;

/// What is left of the receipt lines of one order line.
pub(crate) struct Offers<'a> {
    lines: &'a [Came<'a>],
    left: Vec<Decimal>,
    /// The receipts that a claim names are its only ones.
    selected_only: bool,
}

/// A part of a claim, and where it comes from: a place in the receipt lines, or none while it
/// waits.
pub(crate) type Part = (Option<usize>, Decimal);

impl<'a> Offers<'a> {
    /// A receipt line offers what came less what was rejected and returned; four-way what was
    /// accepted. A return that names no receipt lowers the newest.
    pub(crate) fn new(position: &'a Position<'a>, policy: &Policy) -> Self {
        let lines = &position.received().lines[..];
        let four_way = position.level == MatchLevel::FourWay;
        let of = |came: &Came<'_>| if four_way { came.accepted } else { came.net };
        let mut left: Vec<Decimal> = lines.iter().map(|came| of(came).max(Decimal::ZERO)).collect();
        for came in lines.iter().filter(|came| of(came) < Decimal::ZERO) {
            let mut back = -of(came);
            let named = |other: &Came<'_>| {
                let receipt = came.line.returns_receipt.as_deref();
                let line = came.line.returns_line.as_deref();
                receipt == Some(&other.receipt.number)
                    && line.is_none_or(|line| line == other.line.id)
            };
            let places = (0..lines.len()).rev();
            let (first, rest): (Vec<usize>, Vec<usize>) =
                places.partition(|&place| named(&lines[place]));
            for place in first.into_iter().chain(rest) {
                let taken = back.min(left[place]);
                left[place] -= taken;
                back -= taken;
            }
        }
        Self { lines, left, selected_only: policy.selected_only }
    }

    /// What earlier invoices take, in their sequence.
    pub(crate) fn bind_claims(&mut self, position: &Position<'_>) {
        for claim in &position.claims {
            self.bind(claim.quantity, &claim.receipts);
        }
    }

    /// What is left of each receipt line.
    pub(crate) fn left(&self) -> &[Decimal] {
        &self.left
    }

    /// Binds a claim: the receipts that it names first, then first in, first out. What finds no
    /// receipt waits.
    pub(crate) fn bind(&mut self, quantity: Decimal, named: &[NamedReceipt]) -> Vec<Part> {
        if quantity <= Decimal::ZERO || self.lines.is_empty() {
            return vec![(None, quantity)];
        }
        let is_named = |place: &usize| named.iter().any(|named| names(named, &self.lines[*place]));
        let places = 0..self.lines.len();
        let (mut places, rest): (Vec<usize>, Vec<usize>) = match named {
            [] => (places.collect(), Vec::new()),
            _ => places.partition(is_named),
        };
        // Under `selected_only` what is named and has not come yet is waited for.
        if !self.selected_only {
            places.extend(rest);
        }
        let mut open = quantity;
        let mut parts = Vec::with_capacity(1);
        for place in places {
            let taken = open.min(self.left[place]);
            if taken > Decimal::ZERO {
                self.left[place] -= taken;
                open -= taken;
                parts.push((Some(place), taken));
            }
        }
        if open > Decimal::ZERO {
            parts.push((None, open));
        }
        parts
    }
}

/// A receipt is named by its number, or by its despatch advice.
pub(crate) fn names(named: &NamedReceipt, came: &Came<'_>) -> bool {
    let wanted = named.receipt.trim();
    let despatch = came.line.despatch_reference.as_deref().map(str::trim);
    (came.receipt.number.trim() == wanted || despatch == Some(wanted))
        && named.line.as_deref().is_none_or(|line| line.trim() == came.line.id.trim())
}

/// The receipts that an invoice line names: its own references, else BT-15 and BT-16.
pub(crate) fn named_by(invoice: &Invoice, line: Option<&InvoiceLine>) -> Vec<NamedReceipt> {
    let own = line.map(|line| [&line.receiving_advice_reference, &line.despatch_advice_reference]);
    let header = [&invoice.receiving_advice_reference, &invoice.despatch_advice_reference];
    let said = |texts: [&Option<String>; 2]| -> Vec<NamedReceipt> {
        let texts = texts.into_iter().flatten();
        texts.map(|text| NamedReceipt { receipt: text.clone(), line: None }).collect()
    };
    match own.map(said) {
        Some(own) if !own.is_empty() => own,
        _ => said(header),
    }
}

/// The rows, in the order of the invoice lines. A net that is missing is held elsewhere and counts
/// nothing here.
pub(crate) fn rows(scene: &Scene<'_>, lines: &[Option<Matched<'_>>]) -> Vec<Allocation> {
    let mut offers: HashMap<usize, Offers<'_>> = HashMap::new();
    let mut rows = Vec::new();
    for line in lines.iter().flatten() {
        let Some(quantity) = line.quantity else {
            continue;
        };
        let position = line.position;
        if position.received().lines.is_empty() {
            rows.extend(of_line(scene, line, quantity, &[(None, quantity)]));
            continue;
        }
        let offers = offers.entry(line.at).or_insert_with(|| {
            let mut offers = Offers::new(position, &scene.case.policy);
            offers.bind_claims(position);
            offers
        });
        let named = named_by(&scene.case.invoice, Some(line.line));
        let parts = offers.bind(quantity, &named);
        rows.extend(of_line(scene, line, quantity, &parts));
    }
    rows
}

/// The net of a line is spread over its rows by quantity; the last takes what rounding leaves.
fn of_line(
    scene: &Scene<'_>,
    line: &Matched<'_>,
    quantity: Decimal,
    parts: &[Part],
) -> Vec<Allocation> {
    let net = line.net.unwrap_or(Decimal::ZERO);
    let mut left = net;
    let last = parts.len() - 1;
    let rows = parts.iter().enumerate().map(|(place, &(came, part))| {
        let share = net.checked_mul(part).and_then(|share| share.checked_div(quantity));
        let amount = match share {
            Some(share) if place < last => decimal::round(share, scene.minor_digits),
            _ => left,
        };
        left -= amount;
        let came = came.map(|came| &line.position.received().lines[came]);
        Allocation {
            line: line.line.id.clone(),
            po: line.position.order.number.clone(),
            po_line: line.position.line.id.clone(),
            receipt: came.map(|came| came.receipt.number.clone()),
            receipt_line: came.map(|came| came.line.id.clone()),
            quantity: show::exact(part),
            amount: show::exact_amount(amount, scene.minor_digits),
            named_receipts: named_by(&scene.case.invoice, Some(line.line)),
        }
    });
    rows.collect()
}

/// A held invoice may reserve, and never gives back: a line with a negative quantity frees what an
/// earlier invoice took, and who frees it may turn out to be wrong.
pub(crate) fn give_nothing_back(rows: &mut Vec<Allocation>) {
    rows.retain(|row| !row.quantity.starts_with('-'));
}
