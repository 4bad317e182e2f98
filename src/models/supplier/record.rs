//! A supplier's master record as posted.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::fault::Fault;
use crate::models::money::Currency;
use crate::models::supplier::{Supplier, SupplierAccount};

/// Names, ids, accounts or addresses of one kind that a record may have: more are a mistake, for
/// each is looked up when an invoice comes.
pub const ENTRIES_MAX: usize = 100;

/// A supplier's master record as posted.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplierRecord {
    /// Our own number of it; invoices and orders may name it too (BT-29).
    #[schema(example = "V1")]
    pub supplier_number: String,
    /// Starts at 1; to replace a record send the stored revision plus one.
    #[serde(default = "first_revision")]
    #[schema(example = 1, minimum = 1)]
    pub revision: u32,
    /// As it is registered.
    #[serde(default)]
    pub name: Option<String>,
    /// Other names and ids that its invoices carry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// VAT ids (BT-31), of every country it sells from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vat_ids: Vec<String>,
    /// Tax numbers (BT-32).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_numbers: Vec<String>,
    /// Global location numbers, ISO 6523 scheme 0088.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub glns: Vec<String>,
    /// Accounts it is paid to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<SupplierAccount>,
    /// Nothing of it may be approved.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blocked_for_posting: bool,
    /// Nothing may be paid to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blocked_for_payment: bool,
    /// Addresses that its invoices came from and that were confirmed: e-mail or Peppol id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub senders: Vec<String>,
    /// The currency it bills in.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// Invoices in another currency than the order's may be converted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub currency_conversion: bool,
}

fn first_revision() -> u32 {
    1
}

impl SupplierRecord {
    /// The supplier as invoices are compared with it.
    pub fn supplier(&self) -> Supplier {
        Supplier {
            id: self.supplier_number.trim().to_owned(),
            name: self.name.clone(),
            aliases: self.aliases.clone(),
            vat_ids: self.vat_ids.clone(),
            tax_numbers: self.tax_numbers.clone(),
            glns: self.glns.clone(),
            accounts: self.accounts.clone(),
            blocked_for_posting: self.blocked_for_posting,
            blocked_for_payment: self.blocked_for_payment,
            senders: self.senders.clone(),
            currency: self.currency,
            currency_conversion: self.currency_conversion,
        }
    }

    /// All faults of the content, each with its place.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        Fault::text(&mut faults, "/supplier_number", &self.supplier_number);
        if self.revision == 0 {
            faults.push(Fault::at("/revision", "out_of_range", "a revision starts at 1"));
        }
        if let Some(name) = &self.name {
            Fault::text(&mut faults, "/name", name);
        }
        for (member, texts) in [
            ("aliases", &self.aliases),
            ("vat_ids", &self.vat_ids),
            ("tax_numbers", &self.tax_numbers),
            ("glns", &self.glns),
            ("senders", &self.senders),
        ] {
            few(&mut faults, member, texts.len());
            for (index, text) in texts.iter().enumerate() {
                Fault::text(&mut faults, &format!("/{member}/{index}"), text);
            }
        }
        few(&mut faults, "accounts", self.accounts.len());
        for (index, account) in self.accounts.iter().enumerate() {
            Fault::text(&mut faults, &format!("/accounts/{index}/id"), &account.id);
        }
        faults
    }
}

fn few(faults: &mut Vec<Fault>, member: &str, count: usize) {
    if count > ENTRIES_MAX {
        let text = format!("{count} entries; at most {ENTRIES_MAX} are taken");
        faults.push(Fault::at(&format!("/{member}"), "too_many", &text));
    }
}
