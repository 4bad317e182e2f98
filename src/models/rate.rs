//! A stored exchange rate.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::money::Currency;

/// `amount_to = amount_from × rate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The currency that is converted.
    pub from: Currency,
    /// The currency it becomes.
    pub to: Currency,
    /// More than zero.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub rate: Decimal,
}
