//! One payment as a bank tells it, whatever the statement was written in.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::money::Currency;

/// As the holder of the account sees it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The balance falls.
    Out,
    /// The balance rises.
    In,
}

impl Direction {
    /// The other way.
    pub fn reverse(self) -> Self {
        match self {
            Self::Out => Self::In,
            Self::In => Self::Out,
        }
    }
}

/// What was ordered, before exchange and charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instructed {
    /// Without sign.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: Currency,
}

/// One payment to match: an entry of a statement, or one payment of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    /// The key that the same payment always has: taking a file in twice changes nothing.
    pub id: String,
    /// Whether the balance fell or rose.
    pub direction: Direction,
    /// Without sign.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "1190.00")]
    pub amount: Decimal,
    /// Of the account; without it nothing is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Of booking, else of value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
    /// It may still be taken back by the bank: never allocated.
    #[serde(default)]
    pub pending: bool,
    /// It takes an earlier payment back: `RvslInd`, `RC`, `RD`, or a reason of return.
    #[serde(default)]
    pub reversal: bool,
    /// What was ordered, where the bank says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructed: Option<Instructed>,
    /// What the bank says it took and `amount` contains; without sign.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub charges: Option<Decimal>,
    /// The other side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterparty_name: Option<String>,
    /// Its account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterparty_iban: Option<String>,
    /// The payer's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_to_end_id: Option<String>,
    /// Structured references.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// What the payer wrote.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Why it came back, as the bank says it: ISO 20022 `AC04`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_reason: Option<String>,
}

impl Transaction {
    /// A transaction of which nothing but the amount is known.
    pub fn of(id: &str, direction: Direction, amount: Decimal, currency: Option<Currency>) -> Self {
        Self {
            id: id.to_owned(),
            direction,
            amount,
            currency,
            date: None,
            pending: false,
            reversal: false,
            instructed: None,
            charges: None,
            counterparty_name: None,
            counterparty_iban: None,
            end_to_end_id: None,
            references: Vec::new(),
            text: String::new(),
            return_reason: None,
        }
    }
}
