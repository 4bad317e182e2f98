//! Units that an item is sold in.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;

/// How many `to` one `from` is.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Conversion {
    /// For this item alone.
    #[serde(default)]
    pub item: Option<String>,
    /// For this supplier alone.
    #[serde(default)]
    pub vendor: Option<String>,
    /// A unit.
    pub from: String,
    /// Another.
    pub to: String,
    /// More than zero.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub factor: Decimal,
}
