//! One payment inside an entry: who, what for, and the references that tell it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;

/// One payment. What is said of the entry as a whole stands on the entry.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EntryDetail {
    /// Signed as the entry is; absent where the payment is the whole entry.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub amount: Option<Decimal>,
    /// ISO 4217 as written; it may differ from that of the entry.
    pub currency: Option<String>,
    /// What the bank calls the payment.
    pub bank_reference: Option<String>,
    /// The payer's own id for it, which travels to the end; `NOTPROVIDED` counts as absent.
    pub end_to_end_id: Option<String>,
    /// `InstrId`, or the customer reference of a German `KREF`.
    pub instruction_id: Option<String>,
    /// `PmtInfId`: the batch that we ordered it in.
    pub payment_information_id: Option<String>,
    /// `TxId`, `ClrSysRef` or another id of the banks between them.
    pub transaction_id: Option<String>,
    /// Number of a cheque.
    pub cheque_number: Option<String>,
    /// The mandate of a direct debit.
    pub mandate: Option<String>,
    /// The creditor identifier of a direct debit.
    pub creditor_id: Option<String>,
    /// What was ordered, before exchange and charges; without sign.
    pub instructed: Option<InstructedAmount>,
    /// As written; which way it divides is in the words of the bank.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub exchange_rate: Option<Decimal>,
    /// What was taken for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// The other side, as the account holder sees it.
    #[serde(skip_serializing_if = "Counterparty::is_empty")]
    pub counterparty: Counterparty,
    /// What it is for.
    #[serde(skip_serializing_if = "Remittance::is_empty")]
    pub remittance: Remittance,
    /// ISO 20022 purpose code, such as `SALA`.
    pub purpose: Option<String>,
    /// What kind of business it was, where it differs from the entry's.
    #[serde(skip_serializing_if = "BankCodes::is_empty")]
    pub codes: BankCodes,
    /// Why it came back: ISO 20022 `AC04`, or a national code such as `914`.
    pub return_reason: Option<String>,
    /// What the bank says of it: `AddtlTxInf`, the words of a return.
    pub information: Option<String>,
}

/// What was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstructedAmount {
    /// Without sign.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub amount: Decimal,
    /// ISO 4217 as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// What a bank took, or gave back.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// Negative when the holder paid it.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub amount: Decimal,
    /// ISO 4217 as written.
    pub currency: Option<String>,
    /// Whether the amount of the entry contains it, where the bank says so.
    pub included: Option<bool>,
    /// The bank's word for it.
    pub kind: Option<String>,
}

/// The other side of a payment.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Counterparty {
    /// Its name.
    pub name: Option<String>,
    /// For whom it acts, where that is someone else.
    pub ultimate_name: Option<String>,
    /// IBAN without blanks, or another account number.
    pub account: Option<String>,
    /// BIC of its bank, or a national code.
    pub bank: Option<String>,
}

impl Counterparty {
    /// Nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a payment is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Remittance {
    /// References with a check digit or in a place of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub structured: Vec<CreditorReference>,
    /// Text, line by line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unstructured: Vec<String>,
}

impl Remittance {
    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        self.structured.is_empty() && self.unstructured.is_empty()
    }
}

/// A reference that the creditor asked the payer to give.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditorReference {
    /// As written, without blanks where it has check digits.
    pub reference: String,
    /// `SCOR` (ISO 11649, starts with RF), `QRR`, `BBA`, or the bank's word for it.
    pub kind: Option<String>,
}

/// What kind of business a bank says it was.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BankCodes {
    /// ISO 20022: domain, family and sub-family, such as `PMNT/RCDT/ESCT`.
    pub iso: Option<String>,
    /// The bank's own: camt `Prtry`, the German transaction code (GVC), OFX `TRNTYPE`.
    pub own: Option<String>,
    /// Who made that code: `DK`, `ZKA`.
    pub issuer: Option<String>,
    /// MT940 `:61:`, such as `NTRF`.
    pub swift: Option<String>,
    /// What a national code adds to its own: German `?34`, such as 914.
    pub supplement: Option<String>,
    /// German `Primanota`.
    pub batch: Option<String>,
}

impl BankCodes {
    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
