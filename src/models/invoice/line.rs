//! BG-25: a line, its price and its item.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::invoice::allowance::AllowanceCharge;
use crate::models::invoice::delivery::Period;
use crate::models::invoice::identifier::Identifier;

/// BG-25.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InvoiceLine {
    /// BT-126.
    pub id: String,
    /// BT-127.
    pub note: Option<String>,
    /// BT-128.
    pub object: Option<Identifier>,
    /// BT-129, or the credited quantity.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub quantity: Option<Decimal>,
    /// BT-130, UN/ECE Rec 20 or 21.
    pub unit: Option<String>,
    /// The unit as the document words it (`ext.*`), where that is no code: `Stk`, `heures`.
    pub unit_as_written: Option<String>,
    /// BT-131: net of the line's own allowances and charges.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub net: Option<Decimal>,
    /// BT-132: the line of the order.
    pub order_line_reference: Option<String>,
    /// The line's own order number (`ext.*`), which wins over BT-13.
    pub order_reference: Option<String>,
    /// The line's own despatch advice (`ext.*`).
    pub despatch_advice_reference: Option<String>,
    /// The line's own receiving advice (`ext.*`).
    pub receiving_advice_reference: Option<String>,
    /// BT-133.
    pub booking_reference: Option<String>,
    /// BG-26.
    pub period: Option<Period>,
    /// BT-146: net price of one base quantity.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub price: Option<Decimal>,
    /// BT-147.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub price_discount: Option<Decimal>,
    /// BT-148.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub gross_price: Option<Decimal>,
    /// BT-149; 1 when absent.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub price_base_quantity: Option<Decimal>,
    /// BT-150.
    pub price_base_unit: Option<String>,
    /// BT-151, UNTDID 5305.
    pub tax_category: Option<String>,
    /// BT-152, in percent.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub tax_rate: Option<Decimal>,
    /// BT-153.
    pub name: Option<String>,
    /// BT-154.
    pub description: Option<String>,
    /// BT-155.
    pub seller_item_id: Option<String>,
    /// BT-156.
    pub buyer_item_id: Option<String>,
    /// BT-157, mostly a GTIN.
    pub standard_item_id: Option<Identifier>,
    /// BT-158.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classifications: Vec<Classification>,
    /// BT-159, ISO 3166-1 alpha-2.
    pub origin_country: Option<String>,
    /// BG-32.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<ItemAttribute>,
    /// BG-27 and BG-28.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowances_and_charges: Vec<AllowanceCharge>,
    /// Sub-lines (`ext.*`, EXTENDED): the line that this one is a part of.
    pub parent: Option<String>,
    /// Sub-lines (`ext.*`, EXTENDED): `DETAIL`, `GROUP` or `INFORMATION`; only `DETAIL` is added up.
    pub status: Option<String>,
}

/// BT-158.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Classification {
    /// The class.
    pub code: Option<String>,
    /// UNTDID 7143.
    pub scheme: Option<String>,
    /// Release of the scheme.
    pub version: Option<String>,
}

/// BG-32.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ItemAttribute {
    /// BT-160.
    pub name: Option<String>,
    /// BT-161.
    pub value: Option<String>,
}

impl InvoiceLine {
    /// Whether the line's amount counts: groups and information lines of EXTENDED do not.
    pub fn counts(&self) -> bool {
        self.status.as_deref().is_none_or(|status| !matches!(status, "GROUP" | "INFORMATION"))
    }
}
