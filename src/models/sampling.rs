//! How many invoices a person looks at although nothing is wrong with them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;

/// Invoices at or above the threshold are sampled at the full percentage, smaller ones at a part
/// of it that grows with their amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// In the ledger currency, decimal string.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "2000")]
    pub threshold: Decimal,
    /// Of the invoices at or above the threshold; 0 to 100, decimal string.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "40")]
    pub percent: Decimal,
}
