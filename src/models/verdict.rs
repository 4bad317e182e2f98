//! What the checks concluded, explained (reconciliation handbook §5, §13, §15).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::policy::{MatchLevel, Tolerance};

/// The comparisons of an invoice with its order and receipts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CheckCode {
    /// Cumulative billed quantity against the ordered one.
    QtyOrdered,
    /// Cumulative billed quantity against the received one, less what was rejected.
    QtyReceived,
    /// Nothing was received at all.
    ReceiptMissing,
    /// Net unit price (BT-131 / BT-129) against the order's.
    UnitPrice,
    /// BT-131 against quantity × order price.
    LineNet,
    /// BT-106 against the sum expected from order prices and invoiced quantities.
    TotalLines,
    /// Charges of the document (BG-21) against what was ordered: nothing, until orders name them.
    Charge,
    /// BT-5 against the order's currency.
    Currency,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// No variance.
    Pass,
    /// A variance inside the limits.
    PassWithin,
    /// A variance outside the limits: a hold of the same code.
    Fail,
    /// No limit is set.
    NotChecked,
    /// The level of the line does not call for it, or something it needs is held already.
    NotApplicable,
    /// It could not be worked out; counts as a fail and raises [`HoldCode::MatchError`].
    Error,
}

/// One comparison, with all that is needed to see why it ended as it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// What was compared.
    pub code: CheckCode,
    /// The invoice line (BT-126); absent for the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The order's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po: Option<String>,
    /// The order line's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_line: Option<String>,
    /// What the invoice comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// What order and receipts lead one to expect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Positive when the difference is to the buyer's disadvantage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variance: Option<String>,
    /// Of the expected value, signed, two decimals, or `unbounded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<String>,
    /// The limits that were used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Tolerance>,
    /// How it ended.
    pub verdict: CheckVerdict,
    /// The comparison in words that a clerk understands.
    pub text: String,
}

/// What a hold blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldSeverity {
    /// Blocks approval.
    Stop,
    /// Blocks payment.
    Pay,
    /// Informs.
    Warn,
}

/// Reasons not to pay. They may grow; a reader takes unknown ones as text.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HoldCode {
    /// The document breaks a rule of EN 16931 or of arithmetic.
    InvalidInvoice,
    /// The invoice names no order.
    PoRequired,
    /// The named order is not known.
    PoNotFound,
    /// The order belongs to another supplier.
    VendorMismatch,
    /// The named order line does not exist.
    PoLineNotFound,
    /// No order line fits.
    UnpairedLine,
    /// Two order lines fit equally well.
    AmbiguousPairing,
    /// The paired lines speak of different items.
    ItemMismatch,
    /// The units differ, and no conversion is known.
    UomMismatch,
    /// A value that the comparison needs is missing.
    MissingData,
    /// Same supplier and number as an earlier invoice.
    DupExact,
    /// Same supplier, and the number of an earlier invoice in another spelling.
    DupNormalised,
    /// Same supplier and amount as an earlier invoice, and nearly its date or its number.
    DupFuzzy,
    /// Number, date and amount of an earlier invoice of a supplier that seems to be the same one.
    DupOtherVendor,
    /// Invoices that together pass an approval limit which none of them passes alone.
    SplitSuspected,
    /// The seller is no supplier on file.
    VendorUnknown,
    /// The seller is two suppliers on file.
    VendorAmbiguous,
    /// The supplier is blocked for posting or for payment.
    VendorBlocked,
    /// The account to pay to (BT-84) is none that was verified for the supplier.
    BankChanged,
    /// The document came from an address that this supplier never used.
    SenderUnverified,
    /// The seller's VAT id (BT-31) is our own.
    OwnVat,
    /// The buyer is not our company.
    NotAddressedToUs,
    /// No exchange rate is on file.
    FxRateMissing,
    /// Drawn for a look by a person.
    Sampled,
    /// Check failed: see [`CheckCode`].
    QtyOrdered,
    /// Check failed: see [`CheckCode`].
    QtyReceived,
    /// Check failed: see [`CheckCode`].
    ReceiptMissing,
    /// Check failed: see [`CheckCode`].
    UnitPrice,
    /// Check failed: see [`CheckCode`].
    LineNet,
    /// Check failed: see [`CheckCode`].
    TotalLines,
    /// Check failed: see [`CheckCode`].
    Charge,
    /// Check failed: see [`CheckCode`].
    Currency,
    /// A credit note that names no invoice (BG-3): nothing says what it lowers.
    CreditRefMissing,
    /// Pairing would take more comparisons than are allowed.
    PairingLimit,
    /// The order line's own price and net disagree; the net was used.
    PoInconsistent,
    /// A person has to settle it: a credit note or a negative invoice.
    Manual,
    /// A check could not be worked out.
    MatchError,
}

/// A reason not to pay; it goes when its cause goes, or when a person releases it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    /// For machines.
    pub code: HoldCode,
    /// The invoice line; absent for the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// What it blocks.
    pub severity: HoldSeverity,
    /// What is wrong, and what releases it, for people.
    pub text: String,
}

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
    /// The invoice line names order and order line.
    Explicit,
    /// An item id is the same.
    ItemId,
    /// Price, quantity and name agree.
    PriceQuantityName,
}

/// What an invoice line takes from an order line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Allocation {
    /// The invoice line.
    pub line: String,
    /// The order's number.
    pub po: String,
    /// The order line's id.
    pub po_line: String,
    /// In the order's unit, decimal string.
    pub quantity: String,
    /// Net, in the document currency, decimal string.
    pub amount: String,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reconciliation {
    /// SHA-256 over everything that was looked at.
    pub input_hash: String,
    /// The end.
    pub outcome: Outcome,
    /// The effective level of each invoice line.
    pub level: BTreeMap<String, MatchLevel>,
    /// Every check that the level calls for, also the passing ones.
    pub checks: Vec<Check>,
    /// Which line belongs to which.
    pub pairing: Vec<Pairing>,
    /// What is taken from the orders.
    pub allocations: Vec<Allocation>,
    /// Why it may not be paid.
    pub holds: Vec<Hold>,
}
