//! BG-20, BG-21, BG-27, BG-28: what is taken off, and what is added.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;

/// BG-20, BG-21 on the document; BG-27, BG-28 on a line.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowanceCharge {
    /// True for a charge, false for an allowance (UBL `ChargeIndicator`).
    pub charge: bool,
    /// BT-92, BT-99, BT-136 or BT-141.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub amount: Decimal,
    /// BT-93, BT-100, BT-137 or BT-142: what the percentage is of.
    #[serde(default, with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub base: Option<Decimal>,
    /// BT-94, BT-101, BT-138 or BT-143.
    #[serde(default, with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub percent: Option<Decimal>,
    /// BT-95 or BT-102, UNTDID 5305; on the document only.
    #[serde(default)]
    pub tax_category: Option<String>,
    /// BT-96 or BT-103, in percent; on the document only.
    #[serde(default, with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub tax_rate: Option<Decimal>,
    /// BT-98, BT-140 (UNTDID 5189), BT-105 or BT-145 (UNTDID 7161).
    #[serde(default)]
    pub reason_code: Option<String>,
    /// BT-97, BT-104, BT-139 or BT-144.
    #[serde(default)]
    pub reason: Option<String>,
}
