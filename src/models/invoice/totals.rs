//! BG-22 and BG-23: what it comes to.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;

/// BG-22.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Totals {
    /// BT-106: sum of the lines.
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
    /// BT-109: without tax.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub net: Option<Decimal>,
    /// BT-110.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub tax: Option<Decimal>,
    /// BT-111: the tax in the currency of BT-6.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub tax_in_tax_currency: Option<Decimal>,
    /// BT-112: with tax.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub gross: Option<Decimal>,
    /// BT-113.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub paid: Option<Decimal>,
    /// BT-114.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub rounding: Option<Decimal>,
    /// BT-115: what is to be paid.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub payable: Option<Decimal>,
}

/// BG-23: one row for each category and rate.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TaxSubtotal {
    /// BT-116.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub base: Option<Decimal>,
    /// BT-117.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub tax: Option<Decimal>,
    /// BT-118, UNTDID 5305.
    pub category: Option<String>,
    /// BT-119, in percent.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub rate: Option<Decimal>,
    /// BT-120.
    pub exemption_reason: Option<String>,
    /// BT-121, VATEX.
    pub exemption_code: Option<String>,
}
