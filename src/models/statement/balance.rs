//! Balances and totals of a bank statement.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;

/// Which balance it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BalanceKind {
    /// Booked, before the first entry: `OPBD`, `:60F:`, and `:60M:` of a page.
    Opening,
    /// Booked, at the end of the last statement: `PRCD`.
    PreviousClosing,
    /// Booked, after the last entry: `CLBD`, `:62F:`, `:62M:`, `LEDGERBAL`.
    Closing,
    /// Booked so far, in the course of a day: `ITBD`.
    Interim,
    /// Can be disposed of, before the first entry: `OPAV`.
    OpeningAvailable,
    /// Can be disposed of, after the last entry: `CLAV`, `:64:`, `AVAILBAL`.
    ClosingAvailable,
    /// Can be disposed of so far: `ITAV`.
    InterimAvailable,
    /// Can be disposed of on a later day: `FWAV`, `:65:`.
    ForwardAvailable,
    /// Anything else; see its code.
    Other,
}

/// A balance on a day.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    /// Which balance it is.
    pub kind: BalanceKind,
    /// The bank's word for it: `OPBD`, `60F`, `LEDGERBAL`.
    #[schema(example = "CLBD")]
    pub code: String,
    /// Whether more pages follow (`:62M:`), or went before (`:60M:`).
    #[serde(default)]
    pub intermediate: bool,
    /// Negative when the holder owes the bank.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "-1190.00")]
    pub amount: Decimal,
    /// ISO 4217 as written.
    pub currency: Option<String>,
    /// The day.
    pub date: Option<NaiveDate>,
}

/// How many entries of a direction there are, and what they sum to.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EntryTotal {
    /// How many.
    pub count: Option<u64>,
    /// Their sum, without sign.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub amount: Option<Decimal>,
}
