//! Where and when goods came or work was done: BG-13 to BG-15, BG-26.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::invoice::address::Address;
use crate::models::invoice::identifier::Identifier;

/// BG-13.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Delivery {
    /// BT-70.
    pub name: Option<String>,
    /// BT-71.
    pub location: Option<Identifier>,
    /// BT-72.
    pub date: Option<NaiveDate>,
    /// BG-15.
    pub address: Option<Address>,
}

/// BG-14 on the document, BG-26 on a line.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Period {
    /// BT-73 or BT-134.
    pub start: Option<NaiveDate>,
    /// BT-74 or BT-135.
    pub end: Option<NaiveDate>,
}
