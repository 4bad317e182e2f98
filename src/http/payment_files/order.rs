//! What a caller orders.

use chrono::{NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::models::fault::Fault;
use crate::models::iban;
use crate::models::invoice::normalised;
use crate::models::payment::Debtor;
use crate::models::refs::InvoiceId;

/// Invoices of one file: they are stepped in one transaction, and a bank's page shows them all.
const INVOICES_MAX: usize = 500;

/// Which invoices are to be paid, from where and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentRequest {
    /// Approved invoices in euro; credit notes too, with `net_credit_notes`.
    #[schema(min_items = 1, max_items = 500)]
    pub invoices: Vec<InvoiceId>,
    /// Whose account pays.
    pub debtor: Debtor,
    /// When the bank is to pay; not in the past.
    pub execution_date: NaiveDate,
    /// Whether credit notes among the invoices lower the transfer to their supplier; all invoices
    /// of that supplier are then one transfer.
    #[serde(default)]
    pub net_credit_notes: bool,
}

impl PaymentRequest {
    /// What can be said without looking at the invoices.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.invoices.is_empty() {
            faults.push(Fault::at("/invoices", "empty", "name at least one invoice"));
        }
        if self.invoices.len() > INVOICES_MAX {
            let text = format!("at most {INVOICES_MAX} are taken; make more than one file");
            faults.push(Fault::at("/invoices", "too_many", &text));
        }
        for (place, id) in self.invoices.iter().enumerate() {
            if self.invoices[..place].contains(id) {
                let pointer = format!("/invoices/{place}");
                faults.push(Fault::at(&pointer, "duplicate", "is named twice"));
            }
        }
        Fault::text(&mut faults, "/debtor/name", &self.debtor.name);
        if !iban::is_registered(&normalised(&self.debtor.iban)) {
            let text = "is no IBAN: check its country, length and check digits";
            faults.push(Fault::at("/debtor/iban", "not_an_iban", text));
        }
        if self.execution_date < Utc::now().date_naive() {
            faults.push(Fault::at("/execution_date", "in_the_past", "is over"));
        }
        faults
    }

    /// The debtor as it is kept and ordered.
    pub fn debtor(&self) -> Debtor {
        Debtor {
            name: self.debtor.name.trim().to_owned(),
            iban: normalised(&self.debtor.iban),
            bic: self.debtor.bic.as_deref().map(normalised),
        }
    }
}

/// One with all its members, for the document and for finding faults.
pub fn example() -> Value {
    json!({
        "invoices": ["inv_01kax3v9s8f2m7c4t0q6w5z1re"],
        "debtor": {"name": "Muster AG", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX"},
        "execution_date": "2099-11-27", "net_credit_notes": false,
    })
}
