//! Whom we buy from, and who we are: master records.

pub mod record;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::money::Currency;

/// A supplier on file.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Supplier {
    /// Our own id of it; invoices and orders may name it too (BT-29).
    #[schema(example = "V1")]
    pub id: String,
    /// As it is registered.
    pub name: Option<String>,
    /// Other names and ids that its invoices carry.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// VAT ids (BT-31), of every country it sells from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vat_ids: Vec<String>,
    /// Tax numbers (BT-32).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tax_numbers: Vec<String>,
    /// Global location numbers, ISO 6523 scheme 0088.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub glns: Vec<String>,
    /// Accounts it is paid to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<SupplierAccount>,
    /// Nothing of it may be approved.
    pub blocked_for_posting: bool,
    /// Nothing may be paid to it.
    pub blocked_for_payment: bool,
    /// Addresses that its invoices came from and that were confirmed: e-mail or Peppol id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub senders: Vec<String>,
    /// The currency it bills in.
    pub currency: Option<Currency>,
    /// Invoices in another currency than the order's may be converted.
    pub currency_conversion: bool,
}

/// An account of a supplier.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplierAccount {
    /// An IBAN, or another number of an account.
    pub id: String,
    /// The day from which it counts as verified; until then nothing is paid to it.
    #[serde(default)]
    pub verified_since: Option<NaiveDate>,
}

/// A company of ours.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Entity {
    /// Our id of it.
    pub id: String,
    /// Names that suppliers write.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// VAT ids, of every country it buys in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vat_ids: Vec<String>,
}
