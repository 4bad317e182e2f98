//! Prepayments, and what later invoices use of them (BT-113).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::money::Currency;

/// A prepayment that was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Prepayment {
    /// The order that it was paid for.
    pub po: String,
    /// What was paid.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub paid: Decimal,
}

/// An invoice of an order with prepayments.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrepaidInvoice {
    /// BT-1.
    pub number: String,
    /// The order.
    pub po: String,
    /// BT-112.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub gross: Decimal,
    /// Whether it is the last of its order: it uses all that remains.
    #[serde(default, rename = "final")]
    pub last: bool,
    /// BT-113, where the invoice says what it used.
    #[serde(default, with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub stated: Option<Decimal>,
}

/// Prepayments, and the invoices in the order in which they use them.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PrepaymentCase {
    /// Percent of each invoice that a prepayment covers; absent, as much as remains.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>, example = "25")]
    pub percent: Option<Decimal>,
    /// For the minor unit; two digits without it.
    pub currency: Option<Currency>,
    /// What was paid.
    pub prepayments: Vec<Prepayment>,
    /// What uses it, in sequence.
    pub invoices: Vec<PrepaidInvoice>,
}

/// What one invoice uses.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrepaymentUse {
    /// BT-1.
    pub number: String,
    /// Taken from the order's prepayments.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub used: Option<Decimal>,
    /// What is left of them.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub remaining: Option<Decimal>,
    /// BT-115: what is to pay.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub payable: Option<Decimal>,
    /// Whether BT-113 says the same; absent where the invoice says nothing.
    pub agrees: Option<bool>,
    /// Why there are no figures, or what to look at.
    pub remark: Option<String>,
}
