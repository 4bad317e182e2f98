//! Everything a reconciliation looks at, as one value: same case, same result.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::conversion::Conversion;
use crate::models::decimal;
use crate::models::duplicate::KnownInvoice;
use crate::models::invoice::Invoice;
use crate::models::order::PurchaseOrder;
use crate::models::policy::{MatchLevel, Policy};
use crate::models::rate::Rate;
use crate::models::receipt::Receipt;
use crate::models::supplier::{Entity, Supplier};
use crate::models::verdict::Release;

/// What a line of another invoice, earlier in sequence, takes from an order line: its quantity
/// less the quantity credits that name it. In the order of the sequence.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BilledBefore {
    /// The other invoice.
    #[serde(default)]
    pub invoice: Option<String>,
    /// Its line.
    #[serde(default)]
    pub line: Option<String>,
    /// The order's number.
    pub po: String,
    /// The order line's id.
    pub po_line: String,
    /// In the order's unit.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub quantity: Decimal,
    /// Net, in the order's currency, less what was credited; quantity × order price when absent.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub amount: Option<Decimal>,
    /// The receipts that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<NamedReceipt>,
}

/// A receipt, or one line of it, that an invoice line names.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedReceipt {
    /// Number of the receipt or of its despatch advice.
    pub receipt: String,
    /// Its line; all lines when absent.
    #[serde(default)]
    pub line: Option<String>,
}

/// What other invoices, earlier in sequence, charged on an order.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChargedBefore {
    /// The other invoice: when this document replaces it, its charges do not count. A sum over
    /// several has none.
    #[serde(default)]
    pub invoice: Option<String>,
    /// The order's number.
    pub po: String,
    /// The charge's code.
    pub code: String,
    /// It is an allowance, or a charge. When absent, less than nothing is what was taken back of a
    /// charge where a charge of that code is known and no allowance, else an allowance.
    #[serde(default)]
    pub allowance: Option<bool>,
    /// Net; an allowance is less than nothing, and so is what was taken back of a charge.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub amount: Decimal,
}

/// What was paid in advance for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Prepayment {
    /// The order's number.
    pub po: String,
    /// Paid, gross, in the order's currency.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub paid: Decimal,
    /// Of it, what earlier invoices deducted (BT-113).
    #[serde(default, with = "decimal")]
    #[schema(value_type = String)]
    pub used: Decimal,
}

/// A line of an invoice that this document credits or corrects, as it was billed.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BilledLine {
    /// The line (BT-126).
    pub line: String,
    /// The order line that it was paired with: the order's number.
    #[serde(default)]
    pub po: Option<String>,
    /// The order line's id.
    #[serde(default)]
    pub po_line: Option<String>,
    /// Item ids of that order line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// Unit of that order line, which the quantities count in.
    #[serde(default)]
    pub unit: Option<String>,
    /// Billed, in the order's unit.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub quantity: Decimal,
    /// Billed, net.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub net: Decimal,
    /// Credited of it by earlier credit notes, in the order's unit.
    #[serde(default, with = "decimal")]
    #[schema(value_type = String)]
    pub credited_quantity: Decimal,
    /// Credited of it by earlier credit notes, net.
    #[serde(default, with = "decimal")]
    #[schema(value_type = String)]
    pub credited_net: Decimal,
}

/// An invoice that this document names in BG-3.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preceding {
    /// Its number (BT-1).
    pub number: String,
    /// Its id with us, which `billed_before` may name it by.
    #[serde(default)]
    pub id: Option<String>,
    /// Its currency.
    #[serde(default)]
    pub currency: Option<String>,
    /// It is scheduled or paid: a correction cannot take its place any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paid: bool,
    /// False when it is another supplier's.
    #[serde(default = "yes")]
    pub same_vendor: bool,
    /// Numbers of the invoices that it names itself, directly or through others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrects: Vec<String>,
    /// Its lines as billed.
    #[serde(default)]
    pub lines: Vec<BilledLine>,
}

fn yes() -> bool {
    true
}

/// What credit notes gave back of this invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditReceived {
    /// This invoice's line.
    pub line: String,
    /// In the order's unit.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub quantity: Decimal,
    /// Net.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub amount: Decimal,
}

/// What people decided about the comparison itself.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Decisions {
    /// Order lines that a person chose for invoice lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pairings: Vec<ChosenLine>,
    /// Lines of this credit note that lower a price and return nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub price_credits: Vec<String>,
    /// Raises the level of all lines.
    pub match_level: Option<MatchLevel>,
    /// Holds that may go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Release>,
}

impl Decisions {
    /// Nobody decided anything.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An order line that a person chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenLine {
    /// The invoice line.
    pub line: String,
    /// The order's number.
    pub po: String,
    /// The order line's id.
    pub po_line: String,
}

/// Totals that are expected whatever the order says, such as those that another system computed.
// Apart from the `Totals` of an invoice on purpose: that is BG-22 as a supplier wrote it, with sums
// that are never expected (gross, paid); a total may be stated here without the others.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ExpectedTotals {
    /// BT-106.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub lines: Option<Decimal>,
    /// BT-107.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub allowances: Option<Decimal>,
    /// BT-108.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub charges: Option<Decimal>,
    /// BT-110.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub tax: Option<Decimal>,
    /// BT-114.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub rounding: Option<Decimal>,
    /// BT-115.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub payable: Option<Decimal>,
}

/// An invoice, and what it is compared with.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the supplier asks for.
    pub invoice: Invoice,
    /// The orders that may concern it.
    #[serde(default)]
    pub purchase_orders: Vec<PurchaseOrder>,
    /// Their receipts.
    #[serde(default)]
    pub receipts: Vec<Receipt>,
    /// What earlier invoices took from the orders, in their sequence.
    #[serde(default)]
    pub billed_before: Vec<BilledBefore>,
    /// What earlier invoices charged on the orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charged_before: Vec<ChargedBefore>,
    /// What was paid in advance for the orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prepayments: Vec<Prepayment>,
    /// The invoices that this document names in BG-3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preceding: Vec<Preceding>,
    /// What credit notes gave back of this invoice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<CreditReceived>,
    /// Exchange rates on the day of BT-2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<Rate>,
    /// Units that items are sold in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conversions: Vec<Conversion>,
    /// Totals that are expected whatever the order says.
    #[serde(default)]
    pub expected_totals: Option<ExpectedTotals>,
    /// Our id of the invoice: what sampling draws by.
    #[serde(default)]
    pub id: Option<String>,
    /// The day that counts as today: accounts have to be verified by then.
    #[serde(default)]
    pub as_of: Option<NaiveDate>,
    /// The company of ours that the invoice should be for; without it nobody asks who sent it.
    #[serde(default)]
    pub entity: Option<Entity>,
    /// Suppliers on file that share an identity with the seller.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppliers: Vec<Supplier>,
    /// The address that the document came from.
    #[serde(default)]
    pub sender: Option<String>,
    /// Invoices on file that may be the same one, or parts of one purchase.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_invoices: Vec<KnownInvoice>,
    /// The earlier invoice with the same supplier and number, if there is one.
    #[serde(default)]
    pub duplicate_of: Option<String>,
    /// Codes of the fatal findings of validation, each with its reason where it is known:
    /// `BR-01`, `BR-01: the reason`.
    #[serde(default)]
    pub fatal_findings: Vec<String>,
    /// What people decided.
    #[serde(default, skip_serializing_if = "Decisions::is_empty")]
    pub decisions: Decisions,
    /// What is tolerated.
    #[serde(default)]
    pub policy: Policy,
}
