//! Does the invoice agree with order and receipts? A pure function with an explained answer.
//!
//! In the order of the work:
//! [`orders`] finds the orders that the invoice names, [`positions`] says what is known of each of
//! their lines, [`figures`] what each invoice line asks for; [`pairing`] joins the two; [`checks`]
//! compares them within the limits of [`tolerance`]; [`holds`] says why it may not be paid, and
//! [`allocation`] what it takes from the orders; [`engine`] runs them in that order.
//!
//! This module reads no clock, no store and no network, and never picks one of two equal answers.
//! Money is never a float, and arithmetic that does not fit is a held check, never a panic.
//!
//! It is the first form of the rules: line charges, tax, exchange rates, unit conversion, receipt
//! rows, credit notes and near duplicates are not compared yet.
#![deny(clippy::disallowed_methods)]
#![expect(rustdoc::private_intra_doc_links, reason = "the map is for who reads the source")]

mod engine;
mod explain;

mod orders;
mod party;
mod reference;

mod figures;
mod item;
mod policy;
mod positions;
mod received;
mod unit;

mod pairing;

pub mod payments;

mod checks;
mod comparison;
mod cumulative;
mod matched;
mod tolerance;

mod allocation;
mod document;
mod holds;
mod show;

use crate::models::case::Case;
use crate::models::verdict::Reconciliation;

/// Compares an invoice with its orders and receipts. Same case, byte for byte the same result.
pub fn reconcile(case: &Case) -> Reconciliation {
    engine::run(case)
}

/// The result as text that a clerk understands, line by line.
pub fn explain(case: &Case, result: &Reconciliation) -> String {
    explain::text(case, result)
}
