//! A unit conversion that the buyer keeps: how many of one unit make another.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;

/// One `from` is `factor` `to`. It serves both directions: units, unlike rates, have no spread.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Conversion {
    /// The item it holds for; every item when absent.
    #[serde(default)]
    pub item: Option<String>,
    /// The supplier it holds for, by its id; every supplier when absent.
    #[serde(default)]
    pub vendor: Option<String>,
    /// UN/ECE Rec 20 or 21, or a word of the buyer's own.
    #[schema(example = "XBX")]
    pub from: String,
    /// UN/ECE Rec 20 or 21, or a word of the buyer's own.
    #[schema(example = "C62")]
    pub to: String,
    /// How many `to` one `from` is; more than zero, decimal string.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "12")]
    pub factor: Decimal,
}
