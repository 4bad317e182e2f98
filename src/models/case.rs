//! Everything a reconciliation looks at, as one value: same case, same result.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::invoice::Invoice;
use crate::models::order::PurchaseOrder;
use crate::models::policy::Policy;
use crate::models::receipt::Receipt;

/// What other invoices, earlier in sequence, took from an order line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BilledBefore {
    /// The order's number.
    pub po: String,
    /// The order line's id.
    pub po_line: String,
    /// Sum of their quantities, in the order's unit.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub quantity: Decimal,
}

/// An invoice, and what it is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
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
    /// What earlier invoices took from the orders.
    #[serde(default)]
    pub billed_before: Vec<BilledBefore>,
    /// The earlier invoice with the same supplier and number, if there is one.
    #[serde(default)]
    pub duplicate_of: Option<String>,
    /// Codes of the fatal findings of validation, each with its reason where it is known:
    /// `BR-01`, `BR-01: the reason`.
    #[serde(default)]
    pub fatal_findings: Vec<String>,
    /// What is tolerated.
    #[serde(default)]
    pub policy: Policy,
}
