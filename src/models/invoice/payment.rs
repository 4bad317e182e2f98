//! How to pay: BG-16 to BG-19, and discount for early payment.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;

/// BG-16. EN 16931 has one of them; writers of UBL repeat the group, and each is kept.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Payment {
    /// BT-81, UNTDID 4461.
    pub means_code: Option<String>,
    /// BT-82.
    pub means_text: Option<String>,
    /// BT-83: what the payer should quote.
    pub remittance: Option<String>,
    /// BG-17, in the order of the document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
    /// BG-18.
    pub card: Option<Card>,
    /// BG-19.
    pub direct_debit: Option<DirectDebit>,
}

/// BG-17: where to pay to.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// BT-84: an IBAN, or another number of an account.
    pub id: Option<String>,
    /// BT-85.
    pub name: Option<String>,
    /// BT-86: BIC.
    pub bic: Option<String>,
}

/// BG-18: the card that was charged.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Card {
    /// BT-87: its last digits.
    pub number: Option<String>,
    /// BT-88.
    pub holder: Option<String>,
}

/// BG-19.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DirectDebit {
    /// BT-89.
    pub mandate: Option<String>,
    /// BT-90.
    pub creditor: Option<String>,
    /// BT-91: the account that is charged.
    pub account: Option<String>,
}

/// A discount for paying early. EN 16931 has words for it alone (BT-20); national and extended
/// profiles have the figures (`ext.*`).
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CashDiscount {
    /// The last day.
    pub until: Option<NaiveDate>,
    /// Days after the issue date, where no day is said.
    pub days: Option<u32>,
    /// In percent of `base`.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub percent: Option<Decimal>,
    /// What the percentage is of; the gross amount when absent.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub base: Option<Decimal>,
    /// The discount itself.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub amount: Option<Decimal>,
}
