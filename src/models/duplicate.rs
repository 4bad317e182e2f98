//! What the search for duplicates compares, and what it finds (reconciliation handbook §11).

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::invoice::{InvoiceKind, Period};
use crate::models::refs::Sha256;
use crate::models::status::InvoiceStatus;

/// What of an invoice is compared with other invoices.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Candidate {
    /// Our id of the invoice.
    pub id: String,
    /// The order of arrival; one without came last.
    pub arrival: Option<i64>,
    /// Which way the amounts count.
    pub kind: InvoiceKind,
    /// BT-3.
    pub type_code: Option<String>,
    /// BT-1.
    pub number: Option<String>,
    /// BT-2.
    pub date: Option<NaiveDate>,
    /// BT-5.
    pub currency: Option<String>,
    /// BT-112, positive on a credit note.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub gross: Option<Decimal>,
    /// The same in the ledger currency; approval limits are in it.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub ledger_gross: Option<Decimal>,
    /// The supplier's id on file, or its key where it is not known.
    pub vendor: Option<String>,
    /// BT-27, or the name on file.
    pub vendor_name: Option<String>,
    /// What tells a company from others, such as `vat:DE123`: see `reconciliation::identity`.
    pub identities: Vec<String>,
    /// SHA-256 of the received bytes.
    pub file: Option<Sha256>,
    /// SHA-256 of the canonical content.
    pub content: Option<Sha256>,
    /// BG-14.
    pub period: Option<Period>,
    /// Despatch advices, of the document (BT-16) and of its lines.
    pub despatch_advices: Vec<String>,
    /// BT-25: the invoices that this one corrects or credits.
    pub preceding: Vec<String>,
    /// Order lines that it bills, as `order/line`.
    pub order_lines: Vec<String>,
    /// Normalised names of what it bills.
    pub texts: Vec<String>,
}

/// An invoice on file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownInvoice {
    /// Where it stands.
    pub status: InvoiceStatus,
    /// What of it is compared.
    pub invoice: Candidate,
}

/// How an invoice repeats another, strongest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DuplicateCode {
    /// The same bytes: no second document.
    DupFile,
    /// The same content in other bytes: a rendering of the same document.
    DupContent,
    /// Same supplier and number.
    DupExact,
    /// Same supplier, and the number in another spelling.
    DupNormalised,
    /// Same supplier and amount, and nearly the date or the number.
    DupFuzzy,
    /// Number, date and amount of another supplier that seems to be the same one.
    DupOtherVendor,
    /// Together above an approval limit that none passes alone.
    SplitSuspected,
    /// Sent again after a rejection: worth knowing, and no hold.
    ResentAfterRejection,
}

/// One finding, against one invoice on file; a suspected split is against several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateFinding {
    /// How it repeats.
    pub code: DuplicateCode,
    /// Our ids of the earlier invoices.
    pub against: Vec<String>,
    /// What was found, and what releases it, for people.
    pub text: String,
}

/// The keys under which an invoice is stored. What is empty or none is found by nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredKeys {
    /// Digest of the bytes.
    pub file: Option<Sha256>,
    /// Content key.
    pub content: Option<Sha256>,
    /// The supplier's id, or the key of an unknown seller.
    pub vendor: Option<String>,
    /// `normalised_key` of BT-1: invoices with equal exact keys share it.
    pub number: Option<String>,
    /// BT-5.
    pub currency: Option<String>,
    /// BT-112, negative on a credit note; none when zero.
    pub gross: Option<Decimal>,
    /// BT-2.
    pub date: Option<NaiveDate>,
    /// What it is for: order lines and texts.
    pub purchases: Vec<String>,
}
