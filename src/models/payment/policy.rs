//! What a company lets pass when it settles payments. Nothing here changes by itself.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;

/// Points, in thousandths, from which a payment is allocated without a person.
pub const AUTOMATIC_SCORE: u16 = 900;

/// Points from which it is suggested.
pub const SUGGESTION_SCORE: u16 = 500;

/// Points by which the best explanation must lead every different one.
pub const LEAD: u16 = 150;

/// Limits of differences, in the currency of the item, and thresholds of decisions. A limit that
/// is not set allows nothing; a difference equal to the limit passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentPolicy {
    /// A difference up to here may be a fee of the bank.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "5.00")]
    pub fee_limit: Option<Decimal>,
    /// A difference up to here may be written off.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "1.00")]
    pub write_off_limit: Option<Decimal>,
    /// A write-off up to here needs no person.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "0.50")]
    pub auto_write_off: Option<Decimal>,
    /// Percent of the booked amount that the exchange rate may make.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2")]
    pub fx_percent: Option<Decimal>,
    /// Days after the discount's last day that still count; banks need them.
    pub discount_grace_days: u16,
    /// Points of an automatic allocation; 0 to 1000.
    pub automatic_score: u16,
    /// Points of a suggestion.
    pub suggestion_score: u16,
    /// Points of the lead over every different explanation.
    pub lead: u16,
}

impl Default for PaymentPolicy {
    /// No difference passes; the thresholds of the handbook.
    fn default() -> Self {
        Self {
            fee_limit: None,
            write_off_limit: None,
            auto_write_off: None,
            fx_percent: None,
            discount_grace_days: 0,
            automatic_score: AUTOMATIC_SCORE,
            suggestion_score: SUGGESTION_SCORE,
            lead: LEAD,
        }
    }
}
