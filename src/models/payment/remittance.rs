//! What a payment of ours says it pays.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::money::Currency;

/// One item of a payment.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemittanceLine {
    /// The item's number, as its sender wrote it.
    pub number: String,
    /// The item's currency.
    pub currency: Currency,
    /// What is paid for it; negative for a credit note that is set off.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub paid: Decimal,
    /// Early payment discount.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub discount: Decimal,
    /// Everything else that is kept back.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub deduction: Decimal,
    /// What the deduction is.
    pub reason: Option<String>,
    /// What stays open of the item.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub open: Decimal,
}

/// All items of one payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemittanceAdvice {
    /// The payment.
    pub transaction: String,
    /// What left the account for these items, in the payment's currency.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub total: Decimal,
    /// In the order of the rows.
    pub lines: Vec<RemittanceLine>,
}
