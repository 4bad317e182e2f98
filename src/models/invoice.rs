//! The canonical invoice, keyed to the business terms (BT) and groups (BG) of EN 16931-1.
//!
//! Terms that the standard makes mandatory are optional here: an invalid document must be
//! representable, so that it can be shown and explained. Amounts are in the document currency
//! (BT-5); a credit note has positive amounts and the opposite effect. What is named `ext.*` is
//! outside EN 16931 and kept because orders, receipts or payments are told by it.

pub mod address;
pub mod allowance;
pub mod delivery;
pub mod document;
pub mod identifier;
pub mod line;
pub mod party;
pub mod payment;
pub mod totals;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

pub use crate::models::invoice::address::Address;
pub use crate::models::invoice::allowance::AllowanceCharge;
pub use crate::models::invoice::delivery::{Delivery, Period};
pub use crate::models::invoice::document::{
    Attachment, Note, PrecedingInvoice, SupportingDocument,
};
pub use crate::models::invoice::identifier::Identifier;
pub use crate::models::invoice::line::{Classification, InvoiceLine, ItemAttribute};
pub use crate::models::invoice::party::{Contact, Party, Payee, TaxRepresentative, normalised};
pub use crate::models::invoice::payment::{Account, Card, CashDiscount, DirectDebit, Payment};
pub use crate::models::invoice::totals::{TaxSubtotal, Totals};

/// Which way the amounts count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceKind {
    /// The supplier asks for money (UNTDID 1001: 380 and kin).
    #[default]
    Invoice,
    /// The supplier gives money back (381, 261, 396).
    CreditNote,
}

/// What a supplier sent, in one shape whatever the syntax was.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Invoice {
    /// Invoice or credit note, from the root element and BT-3.
    pub kind: InvoiceKind,
    /// BT-1, the supplier's number.
    pub number: Option<String>,
    /// BT-2.
    pub issue_date: Option<NaiveDate>,
    /// BT-3, UNTDID 1001.
    pub type_code: Option<String>,
    /// BT-5, ISO 4217 as written; it may be wrong, so it is text here.
    pub currency: Option<String>,
    /// BT-6, ISO 4217 as written.
    pub tax_currency: Option<String>,
    /// BT-7.
    pub tax_point_date: Option<NaiveDate>,
    /// BT-8, UNTDID 2005: 3, 35 or 432.
    pub tax_point_code: Option<String>,
    /// BT-9.
    pub due_date: Option<NaiveDate>,
    /// BT-10.
    pub buyer_reference: Option<String>,
    /// BT-11.
    pub project_reference: Option<String>,
    /// BT-12.
    pub contract_reference: Option<String>,
    /// BT-13, the buyer's order number; "NA" counts as absent.
    pub order_reference: Option<String>,
    /// BT-14.
    pub sales_order_reference: Option<String>,
    /// BT-15.
    pub receiving_advice_reference: Option<String>,
    /// BT-16.
    pub despatch_advice_reference: Option<String>,
    /// BT-17.
    pub tender_reference: Option<String>,
    /// BT-18.
    pub invoiced_object: Option<Identifier>,
    /// BT-19.
    pub booking_reference: Option<String>,
    /// BT-20.
    pub payment_terms: Option<String>,
    /// BG-1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// BT-23.
    pub process: Option<String>,
    /// BT-24, the rule set that the document claims.
    pub specification: Option<String>,
    /// BG-3: the invoices that this one corrects or credits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub preceding_invoices: Vec<PrecedingInvoice>,
    /// BG-4.
    pub seller: Party,
    /// BG-7.
    pub buyer: Party,
    /// BG-10.
    pub payee: Option<Payee>,
    /// BG-11.
    pub tax_representative: Option<TaxRepresentative>,
    /// BG-13.
    pub delivery: Option<Delivery>,
    /// BG-14.
    pub period: Option<Period>,
    /// BG-16.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    /// Discounts for early payment (`ext.*`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cash_discounts: Vec<CashDiscount>,
    /// BG-20 (allowances) and BG-21 (charges) of the document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowances_and_charges: Vec<AllowanceCharge>,
    /// BG-22.
    pub totals: Totals,
    /// BG-23.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tax: Vec<TaxSubtotal>,
    /// BG-24.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supporting_documents: Vec<SupportingDocument>,
    /// BG-25.
    pub lines: Vec<InvoiceLine>,
}

impl Invoice {
    /// Who sent it, as one key for duplicates and look-ups: VAT id, else tax number, legal id or
    /// name; upper case and without blanks, so that two spellings of one id are one supplier.
    pub fn seller_key(&self) -> Option<String> {
        Some(self.seller.key()).filter(|key| !key.is_empty())
    }

    /// The orders that the document names: each line's own, else BT-13; each once, in order.
    pub fn order_references(&self) -> Vec<&str> {
        let named = self.lines.iter().filter_map(|line| line.order_reference.as_deref());
        let mut references: Vec<&str> = Vec::new();
        for reference in self.order_reference.as_deref().into_iter().chain(named) {
            if !references.contains(&reference) {
                references.push(reference);
            }
        }
        references
    }

    /// BT-84 of every way to pay, in the order of the document.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        let accounts = self.payments.iter().flat_map(|payment| &payment.accounts);
        accounts.filter_map(|account| account.id.as_deref())
    }
}
