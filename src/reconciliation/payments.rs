//! What did a payment pay? Transactions of a bank against open items, with an explained answer.
//!
//! In the order of the work: [`intake`] makes transactions of statements, [`order`] says what of
//! a case can be used, [`ledger`] keeps what is open and which rows were added, [`index`] finds
//! items by key, [`facts`] and [`numbers`] make a payment comparable; [`candidates`] and [`sets`]
//! look for explanations, [`fit`], [`difference`] and [`exchange`] say whether an amount agrees, [`evidence`]
//! weighs, [`decide`] decides; [`returns`] takes back, [`instructions`] does as a person says;
//! [`engine`] runs them in that order.
//!
//! Beside it stand [`supplier_statement`], [`remittance`], [`prepayment`], [`learning`] and
//! [`continuity`], each a question of its own.
//!
//! Same case, byte for byte the same result, in whatever order items and transactions come.

mod amount;
mod candidates;
mod continuity;
mod decide;
mod difference;
mod engine;
mod evidence;
mod exchange;
mod explain;
mod facts;
mod fit;
mod index;
mod instructions;
mod intake;
mod learning;
mod ledger;
mod numbers;
mod order;
mod prepayment;
mod refusal;
mod remittance;
mod returns;
mod sets;
mod sums;
mod supplier_statement;

use crate::models::payment::{PaymentCase, Settlement};

pub use crate::reconciliation::payments::continuity::continues;
pub use crate::reconciliation::payments::evidence::{
    CONFIRMED_TIMES, DATE_FITS_DAYS, DATE_LATE_DAYS, DECLINED_DAYS, NAME_ALIKE, NAME_EQUAL, POINTS,
    points,
};
pub use crate::reconciliation::payments::intake::transactions;
pub use crate::reconciliation::payments::learning::{learn, precision};
pub use crate::reconciliation::payments::numbers::plain;
pub use crate::reconciliation::payments::prepayment::use_prepayments;
pub use crate::reconciliation::payments::remittance::remittance_advices;
pub use crate::reconciliation::payments::sums::{ITEMS_MAX, STATES_MAX, STATES_OF_CASE_MAX};
pub use crate::reconciliation::payments::supplier_statement::compare_statement;

/// Decides what each transaction pays, and carries out instructions first. Same case, byte for
/// byte the same settlement.
pub fn settle(case: &PaymentCase) -> Settlement {
    engine::run(case)
}

/// The settlement as text that a clerk understands, payment by payment.
pub fn explain(case: &PaymentCase, settlement: &Settlement) -> String {
    explain::text(case, settlement)
}
