//! What we order a bank to pay.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::refs::InvoiceId;

/// Whose account pays.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Debtor {
    /// As the bank knows the holder; more than 70 characters are cut.
    #[schema(example = "Muster AG")]
    pub name: String,
    /// Blanks do not count.
    #[schema(example = "DE89370400440532013000")]
    pub iban: String,
    /// Of the bank; it finds itself where this is absent.
    #[serde(default)]
    #[schema(example = "COBADEFFXXX")]
    pub bic: Option<String>,
}

/// One transfer in euro.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Who gets it.
    pub creditor: String,
    /// Its account.
    pub iban: String,
    /// Of its bank.
    pub bic: Option<String>,
    /// Positive.
    pub amount: Decimal,
    /// Travels to the end, and comes back in the bank statement.
    pub end_to_end_id: String,
    /// The creditor's own reference where it is one of ISO 11649.
    pub reference: Option<String>,
    /// What it is for.
    pub text: String,
}

/// All transfers of one file, from one account on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentOrder {
    /// At most 35 characters; a bank takes each once.
    pub message_id: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When the bank is to pay.
    pub execution: NaiveDate,
    /// From where.
    pub debtor: Debtor,
    /// At least one.
    pub transfers: Vec<Transfer>,
}

/// One transfer of a kept file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeptTransfer {
    /// Who gets it.
    pub creditor: String,
    /// Its account.
    pub iban: String,
    /// In euro.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "1190.00")]
    pub amount: Decimal,
    /// By which the bank statement names it.
    #[schema(example = "INV01KAX3V9S8F2M7C4T0Q6W5Z1RE")]
    pub end_to_end_id: String,
    /// What it pays: invoices, and the credit notes that are set against them.
    pub invoices: Vec<InvoiceId>,
}
