//! Where a party or a delivery is: BG-5, BG-8, BG-12, BG-15.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A postal address. The terms are those of seller (BG-5), buyer (BG-8), tax representative (BG-12)
/// and delivery (BG-15), in this order.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Address {
    /// BT-35, BT-50, BT-64 or BT-75: mostly the street.
    pub line_1: Option<String>,
    /// BT-36, BT-51, BT-65 or BT-76.
    pub line_2: Option<String>,
    /// BT-162, BT-163, BT-164 or BT-165.
    pub line_3: Option<String>,
    /// BT-37, BT-52, BT-66 or BT-77.
    pub city: Option<String>,
    /// BT-38, BT-53, BT-67 or BT-78.
    pub post_code: Option<String>,
    /// BT-39, BT-54, BT-68 or BT-79: region, province, state.
    pub subdivision: Option<String>,
    /// BT-40, BT-55, BT-69 or BT-80: ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

impl Address {
    /// Nothing is known of it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
