//! An open item: an approved invoice still to pay, or a credit note still to come in.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::money::Currency;
use crate::models::payment::transaction::Direction;

/// Which way the money goes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// To pay out.
    Invoice,
    /// To come in, or to be offset against invoices.
    CreditNote,
}

impl ItemKind {
    /// Where the money of a payment goes that settles it.
    pub fn direction(self) -> Direction {
        match self {
            Self::Invoice => Direction::Out,
            Self::CreditNote => Direction::In,
        }
    }
}

/// Early payment discount (Skonto).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Discount {
    /// Of the open amount, such as 2 for 2 %.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "2")]
    pub percent: Decimal,
    /// The last day to pay for it, without the days of grace.
    pub until: NaiveDate,
}

/// One invoice or credit note with what is open of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenItem {
    /// Unique among the open items.
    pub id: String,
    /// Invoice or credit note.
    pub kind: ItemKind,
    /// BT-1; the id where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The supplier's number in the master data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<String>,
    /// BT-27, or the name in the master data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier_name: Option<String>,
    /// What is open, before the rows of the case; zero or more.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "1190.00")]
    pub amount: Decimal,
    /// BT-5.
    pub currency: Currency,
    /// BT-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
    /// BT-9.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<NaiveDate>,
    /// Structured references that the supplier asks for: BT-83, ISO 11649.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Ids of our own payment orders that pay it, as they travel to the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub end_to_end_ids: Vec<String>,
    /// The supplier's accounts in the master data that somebody verified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified_ibans: Vec<String>,
    /// Early payment discount, once for the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Discount>,
    /// A pay hold stands on it: nothing is allocated by itself.
    #[serde(default)]
    pub pay_hold: bool,
    /// `amount` as booked, in the currency of the books; needed where that is another one.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub booked: Option<Decimal>,
}

impl OpenItem {
    /// What people call it.
    pub fn called(&self) -> &str {
        self.number.as_deref().unwrap_or(&self.id)
    }
}
