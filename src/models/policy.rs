//! What a company tolerates: match level and limits, as written in its configuration.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::verdict::CheckCode;

/// How much must agree before an invoice passes; later levels include the earlier ones.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MatchLevel {
    /// The order: pairing, price, ordered quantity, totals.
    #[default]
    TwoWay,
    /// And the receipts: nothing is paid that did not come.
    ThreeWay,
}

/// Limits of one side of a check. A limit that is not set is not tested; a limit of zero allows
/// no variance; a variance equal to the limit passes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limit {
    /// Percent of the expected value.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "5")]
    pub percent: Option<Decimal>,
    /// In the unit of the check: money, price or quantity.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "0.05")]
    pub amount: Option<Decimal>,
}

/// How two limits of one side join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// Both must hold.
    #[default]
    All,
    /// One is enough.
    Any,
}

/// Limits of one check. `upper` is the side of the buyer's disadvantage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tolerance {
    /// The invoice asks for more than expected.
    pub upper: Limit,
    /// The invoice asks for less than expected.
    pub lower: Limit,
    /// Percent and amount both set.
    pub combine: Combine,
}

/// What decides: the level everybody gets, and the limits by check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// The entity's level. An order or its line may raise it, and a receipt on file raises it to
    /// three-way: goods that are booked in are compared.
    pub match_level: MatchLevel,
    /// Limits by check; a check without an entry is not tested.
    pub tolerances: BTreeMap<CheckCode, Tolerance>,
}

impl Default for Policy {
    /// Nothing over order or receipt passes; prices and totals may differ by rounding alone.
    fn default() -> Self {
        let limit = |text: &str| Limit { amount: decimal::parse(text).ok(), percent: None };
        let upper = |text: &str| Tolerance { upper: limit(text), ..Tolerance::default() };
        let both = |text: &str| Tolerance {
            upper: limit(text),
            lower: limit(text),
            combine: Combine::All,
        };
        let tolerances = [
            (CheckCode::QtyOrdered, upper("0")),
            (CheckCode::QtyReceived, upper("0")),
            (CheckCode::UnitPrice, upper("0")),
            (CheckCode::LineNet, upper("0.01")),
            (CheckCode::TotalLines, both("0.05")),
            (CheckCode::Charge, upper("0")),
        ];
        Self { match_level: MatchLevel::TwoWay, tolerances: tolerances.into() }
    }
}
