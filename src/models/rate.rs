//! An exchange rate on file.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::money::Currency;

/// `amount in to = amount in from × rate`. It serves this direction alone, because banks buy and
/// sell at different rates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// ISO 4217.
    pub from: Currency,
    /// ISO 4217.
    pub to: Currency,
    /// More than zero, decimal string.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "0.92")]
    pub rate: Decimal,
}
