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
#![deny(clippy::disallowed_methods)]
#![expect(rustdoc::private_intra_doc_links, reason = "the map is for who reads the source")]

mod engine;
mod explain;
mod scene;

mod orders;
mod party;
mod place;
mod reference;

mod figures;
mod item;
mod levels;
mod limits;
mod positions;
mod received;

pub mod exchange;
pub mod units;

mod arrival;
pub mod duplicates;
pub mod identity;
pub mod policy;
pub mod sampling;
pub mod vendor;

pub mod payments;

mod pairing;
mod prepayment;

mod charge_code;
mod checks;
mod comparison;
mod credit;
mod cumulative;
mod matched;
mod tolerance;

mod allocation;
mod document;
mod goods;
mod holds;
mod release;
mod show;
mod standing;
mod words;

use crate::models::case::Case;
use crate::models::verdict::{CheckCode, CheckVerdict, Reconciliation};

pub use release::release_of;
pub use standing::{Rows, standing};

/// Compares an invoice with its orders and receipts. Same case, byte for byte the same result.
pub fn reconcile(case: &Case) -> Reconciliation {
    engine::run(case)
}

/// Hands out every comparison of an invoice as code and verdict, without words or result: for who
/// counts them over many lines.
pub fn verdicts(case: &Case, mut out: impl FnMut(CheckCode, CheckVerdict)) {
    engine::verdicts(case, &mut out);
}

/// The result as text that a clerk understands, line by line.
pub fn explain(case: &Case, result: &Reconciliation) -> String {
    explain::text(case, result)
}
