//! What people confirmed and declined, and how often the engine was right.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;

/// A counterparty of payments, and the supplier that people say it stands for.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LearnedPair {
    /// Its IBAN, or its name where it has none; compared normalised.
    pub counterparty: String,
    /// The supplier's number.
    pub supplier: String,
    /// The item alone, where a decline was about one item and not about the supplier.
    #[serde(default)]
    pub item: Option<String>,
    /// How often it was confirmed since it was last declined.
    #[serde(default)]
    pub confirmed: u32,
    /// When it was last declined.
    #[serde(default)]
    pub declined: Option<NaiveDate>,
}

/// All pairs, with the version that a decision names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Memory {
    /// One more with each change.
    pub version: u64,
    /// By counterparty, supplier and item.
    pub pairs: Vec<LearnedPair>,
}

impl Memory {
    /// Nothing was learned.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is so.
    Confirmed,
    /// It is not.
    Declined,
}

/// One past decision with what became of it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// IBAN or name of the counterparty.
    pub counterparty: String,
    /// The supplier's number.
    pub supplier: String,
    /// The item that was proposed.
    #[serde(default)]
    pub item: Option<String>,
    /// The score it was proposed with.
    pub score: u16,
    /// What a person said.
    pub answer: Answer,
    /// When.
    pub date: NaiveDate,
}

/// How the proposals of a range of scores fared.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Band {
    /// The lowest score of the band.
    pub from: u16,
    /// Its highest.
    pub to: u16,
    /// How many were confirmed.
    pub confirmed: u64,
    /// How many were declined.
    pub declined: u64,
    /// Confirmed of all, in percent with two decimals; absent where there are none.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub precision: Option<Decimal>,
}

/// Precision by score. Thresholds are changed by people who read it, never by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrecisionReport {
    /// From the highest scores down, in bands of fifty.
    pub bands: Vec<Band>,
    /// All decisions from the automatic score up, as if that were the threshold of each band: the
    /// precision of everything at or above the band's lowest score.
    pub at_or_above: Vec<Band>,
}
