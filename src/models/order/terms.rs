//! What an order may say beyond its lines: kind, state, limit, validity, planned charges.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;

/// How an order is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// Ordered once, delivered, invoiced.
    #[default]
    Standard,
    /// Called off over time, up to a limit.
    Blanket,
    /// Paid by consumption: no invoice is expected.
    Consignment,
    /// Paid by receipt: no invoice is expected.
    EvaluatedReceipt,
}

/// Whether an order may still be invoiced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// It may.
    #[default]
    Open,
    /// Nothing more is expected.
    Closed,
    /// It was called off.
    Cancelled,
}

impl OrderStatus {
    /// The word in documents and columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What a missing or short receipt does to an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptRule {
    /// The invoice is held until the goods come.
    #[default]
    GoodsFirst,
    /// The invoice may be approved, and is paid when the goods come.
    InvoiceFirst,
}

/// What is compared on an order line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchBasis {
    /// Quantity and price.
    #[default]
    Quantity,
    /// Money alone: services without a usable quantity.
    Amount,
}

/// How a planned charge is spread over invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChargeBasis {
    /// Once, whatever is delivered.
    #[default]
    LumpSum,
    /// In proportion to what is billed of the order.
    PerQuantity,
}

/// A charge or allowance that was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedCharge {
    /// UNTDID 7161 of a charge such as `FC`, UNTDID 5189 of an allowance, or a word of your own.
    #[schema(example = "FC")]
    pub code: String,
    /// Net, in the order's currency, for the whole order.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "90.00")]
    pub amount: Decimal,
    /// How it is spread over invoices.
    #[serde(default)]
    pub basis: ChargeBasis,
    /// True for an allowance: it lowers the total.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allowance: bool,
}
