//! What the checks concluded, explained (reconciliation handbook §15).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::case::NamedReceipt;
use crate::models::policy::MatchLevel;

pub use crate::models::check::{Check, CheckCode, CheckVerdict};
pub use crate::models::hold::{Hold, HoldCode, HoldSeverity, Release, Role};

/// Which order line an invoice line belongs to, and how that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pairing {
    /// The invoice line.
    pub line: String,
    /// The order's number.
    pub po: String,
    /// The order line's id.
    pub po_line: String,
    /// The rule that paired them.
    pub step: PairingStep,
}

/// The rules of pairing, strongest first (handbook §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PairingStep {
    /// A person paired them.
    Decision,
    /// The invoice line names order and order line.
    Explicit,
    /// The invoice names a receipt or despatch advice of that order line.
    Receipt,
    /// An item id is the same.
    ItemId,
    /// Price, quantity and name agree.
    PriceQuantityName,
    /// The invoice has no usable lines, and exactly these come to its net total.
    Sum,
}

/// What an invoice line takes from an order line and at most one receipt line of it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Allocation {
    /// The invoice line.
    pub line: String,
    /// The order's number.
    pub po: String,
    /// The order line's id.
    pub po_line: String,
    /// The receipt that it takes from; absent while it waits for one.
    #[serde(default)]
    pub receipt: Option<String>,
    /// The line of that receipt.
    #[serde(default)]
    pub receipt_line: Option<String>,
    /// In the order's unit, decimal string.
    pub quantity: String,
    /// Net, in the document currency, decimal string.
    pub amount: String,
    /// The receipts that the line names, which it takes from first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named_receipts: Vec<NamedReceipt>,
}

/// A charge or allowance of the document, and the order that it counts on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Charged {
    /// The order's number.
    pub po: String,
    /// The charge's code.
    pub code: String,
    /// It is an allowance: a charge of the same code may be billed beside it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allowance: bool,
    /// Net, in the document currency; negative for an allowance, and for what is taken back of a
    /// charge.
    pub amount: String,
}

/// What a credit note without a stop hold gives back to the invoice it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Credited {
    /// The credit note's line.
    pub line: String,
    /// The invoice.
    pub invoice: String,
    /// That invoice's line.
    pub invoice_line: String,
    /// The order's number.
    pub po: String,
    /// The order line's id.
    pub po_line: String,
    /// In the order's unit; zero when only the price is credited.
    pub quantity: String,
    /// Net, in the document currency.
    pub amount: String,
}

/// What stands on an order line with this invoice counted in, in the order's unit.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineStanding {
    /// The order's number.
    pub po: String,
    /// The order line's id.
    pub po_line: String,
    /// O; for a closed line what was received when it was closed.
    pub ordered: String,
    /// R', received less rejected and returned.
    pub received: String,
    /// A, accepted after inspection; absent where nothing was inspected.
    pub accepted: Option<String>,
    /// C, billed by this and earlier invoices, less what was credited.
    pub billed: String,
}

/// The end of a reconciliation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// No stop hold and no pay hold.
    Matched,
    /// Pay holds only.
    MatchedUnpaid,
    /// At least one stop hold.
    Held,
    /// The lines can be paired in more than one way; nothing was taken.
    Refused,
}

/// The explainable result: same input, byte for byte the same output.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reconciliation {
    /// SHA-256 over everything that was looked at.
    pub input_hash: String,
    /// The version of the policy that decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub policy_version: String,
    /// The end.
    pub outcome: Outcome,
    /// The effective level of each invoice line.
    pub level: BTreeMap<String, MatchLevel>,
    /// Every check that the level calls for, also the passing ones.
    pub checks: Vec<Check>,
    /// Which line belongs to which.
    pub pairing: Vec<Pairing>,
    /// What is taken from orders and receipts.
    pub allocations: Vec<Allocation>,
    /// What a credit note gives back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<Credited>,
    /// Charges and allowances of the document that count on orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charged>,
    /// Ids of the invoices that this correction replaces: they take nothing any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<String>,
    /// The order lines that were looked at, with this invoice counted in.
    #[serde(default)]
    pub po_lines: Vec<LineStanding>,
    /// Why it may not be paid.
    pub holds: Vec<Hold>,
    /// The difference that is posted apart because it is small; absent where a line check failed.
    #[serde(default)]
    pub accepted_difference: Option<String>,
}
