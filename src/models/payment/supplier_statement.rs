//! A supplier's list of what is open, beside our own.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::money::Currency;
use crate::models::payment::item::OpenItem;

/// One line. Debit is what the supplier claims, credit what it grants or received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplierStatementLine {
    /// The number of the invoice or credit note; compared normalised.
    pub number: String,
    /// Claimed.
    #[serde(default, with = "decimal")]
    #[schema(value_type = String)]
    pub debit: Decimal,
    /// Granted.
    #[serde(default, with = "decimal")]
    #[schema(value_type = String)]
    pub credit: Decimal,
}

/// What a supplier says is open on a day.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplierStatement {
    /// The supplier's number; items of others are not compared.
    #[serde(default)]
    pub supplier: Option<String>,
    /// Items in other currencies are not compared.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// The day up to which it counts.
    pub date: NaiveDate,
    /// Its total.
    #[serde(default, with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub balance: Option<Decimal>,
    /// In the order of the document.
    pub lines: Vec<SupplierStatementLine>,
}

/// A payment of ours for an item; those after the statement's day explain a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LatePayment {
    /// The item's id.
    pub item: String,
    /// What it took from the item, discount and deductions included.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub taken: Decimal,
    /// When it left our account.
    pub date: NaiveDate,
}

/// A supplier's statement and what we know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplierStatementCase {
    /// Ours, with what is open now; closed ones with an amount of zero.
    #[serde(default)]
    pub open_items: Vec<OpenItem>,
    /// What we paid lately.
    #[serde(default)]
    pub payments: Vec<LatePayment>,
    /// Theirs.
    pub statement: SupplierStatement,
}

/// What became of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineClass {
    /// Both say the same.
    Agrees,
    /// Both know it, with different amounts.
    AmountDiffers,
    /// We do not know it: an invoice that did not arrive, or was refused.
    MissingHere,
    /// The supplier does not list it.
    MissingThere,
    /// The difference is what we paid after the statement's day.
    PaidInTransit,
    /// It cannot be computed.
    Error,
}

/// One number on both sides.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComparedLine {
    /// As we write it, or as the supplier does, in capitals and without blanks and leading zeros.
    pub number: String,
    /// What became of it.
    pub class: LineClass,
    /// What the supplier claims; negative for a credit.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub amount: Option<Decimal>,
    /// What is open with us.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub ours: Option<Decimal>,
    /// What we paid after the statement's day.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub in_transit: Option<Decimal>,
    /// In words.
    pub text: String,
}

/// Both lists side by side.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementComparison {
    /// The sum of the supplier's lines.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub balance: Option<Decimal>,
    /// Whether the supplier's total is the sum of its lines; absent without a total.
    pub balance_agrees: Option<bool>,
    /// What is open with us.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub ours: Option<Decimal>,
    /// Of those, what we paid after the statement's day and the supplier still claims.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub in_transit: Option<Decimal>,
    /// The supplier's numbers in their order, then ours that it does not list.
    pub lines: Vec<ComparedLine>,
}
