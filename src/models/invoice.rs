//! The canonical invoice, keyed to the business terms (BT) and groups (BG) of EN 16931-1.
//!
//! Terms that the standard makes mandatory are optional here: an invalid document must be
//! representable, so that it can be shown and explained. Amounts are in the document currency
//! (BT-5); a credit note has positive amounts and the opposite effect.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;

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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Invoice {
    /// Invoice or credit note, from the root element and BT-3.
    pub kind: InvoiceKind,
    /// BT-1, the supplier's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// BT-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<NaiveDate>,
    /// BT-3, UNTDID 1001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_code: Option<String>,
    /// BT-5, ISO 4217 as written; it may be wrong, so it is text here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// BT-9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date: Option<NaiveDate>,
    /// BT-10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_reference: Option<String>,
    /// BT-13, the buyer's order number; "NA" counts as absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_reference: Option<String>,
    /// BT-15.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receiving_advice_reference: Option<String>,
    /// BT-16.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub despatch_advice_reference: Option<String>,
    /// BT-24, the rule set that the document claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specification: Option<String>,
    /// BG-3: numbers (BT-25) of the invoices that this one corrects or credits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub preceding_invoices: Vec<String>,
    /// BG-4.
    pub seller: Party,
    /// BG-7.
    pub buyer: Party,
    /// BG-17: IBAN or account (BT-84), in the order of the document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// BG-20 (allowances) and BG-21 (charges) of the document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowances_and_charges: Vec<AllowanceCharge>,
    /// BG-22.
    pub totals: Totals,
    /// BG-23.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tax: Vec<TaxSubtotal>,
    /// BG-25.
    pub lines: Vec<InvoiceLine>,
}

/// A seller (BG-4) or buyer (BG-7).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Party {
    /// BT-27 or BT-44.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// BT-31 or BT-48.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_id: Option<String>,
    /// BT-32, seller only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<String>,
    /// BT-30 or BT-47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_id: Option<String>,
    /// BT-29 or BT-46, in the order of the document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// BT-34 or BT-49.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub electronic_address: Option<String>,
    /// BT-40 or BT-55, ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// BG-20, BG-21 on the document; BG-27, BG-28 on a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowanceCharge {
    /// True for a charge, false for an allowance (UBL `ChargeIndicator`).
    pub charge: bool,
    /// BT-92, BT-99, BT-136 or BT-141.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub amount: Decimal,
    /// BT-98 (UNTDID 5189), BT-105 (UNTDID 7161), BT-140 or BT-145.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// BT-97, BT-104, BT-139 or BT-144.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// BG-22.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Totals {
    /// BT-106: sum of the lines.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub lines: Option<Decimal>,
    /// BT-107.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub allowances: Option<Decimal>,
    /// BT-108.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub charges: Option<Decimal>,
    /// BT-109: without tax.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub net: Option<Decimal>,
    /// BT-110.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub tax: Option<Decimal>,
    /// BT-112: with tax.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub gross: Option<Decimal>,
    /// BT-113.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub paid: Option<Decimal>,
    /// BT-114.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub rounding: Option<Decimal>,
    /// BT-115: what is to be paid.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub payable: Option<Decimal>,
}

/// BG-23: one row for each category and rate.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TaxSubtotal {
    /// BT-116.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub base: Option<Decimal>,
    /// BT-117.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub tax: Option<Decimal>,
    /// BT-118, UNTDID 5305.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// BT-119, in percent.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub rate: Option<Decimal>,
}

/// BG-25.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InvoiceLine {
    /// BT-126.
    pub id: String,
    /// BT-129, or the credited quantity.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub quantity: Option<Decimal>,
    /// BT-130, UN/ECE Rec 20 or 21.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// BT-131: net of the line's own allowances and charges.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub net: Option<Decimal>,
    /// BT-132: the line of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_line_reference: Option<String>,
    /// The line's own order number (`ext.*`), which wins over BT-13.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_reference: Option<String>,
    /// BT-146: net price of one base quantity.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub price: Option<Decimal>,
    /// BT-149; 1 when absent.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub price_base_quantity: Option<Decimal>,
    /// BT-151, UNTDID 5305.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_category: Option<String>,
    /// BT-152, in percent.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub tax_rate: Option<Decimal>,
    /// BT-153.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// BT-154.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// BT-155.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller_item_id: Option<String>,
    /// BT-156.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_item_id: Option<String>,
    /// BT-157, mostly a GTIN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_item_id: Option<String>,
    /// BG-27 and BG-28.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowances_and_charges: Vec<AllowanceCharge>,
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
}

/// Upper case without white space.
pub fn normalised(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

impl Party {
    /// Nothing is known of it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// One key for the party: VAT id, else tax number, legal id, first own id or name; empty when
    /// nothing is known.
    pub fn key(&self) -> String {
        let ids = self.ids.first();
        let known = [self.vat_id.as_ref(), self.tax_number.as_ref(), self.legal_id.as_ref(), ids];
        let known = known.into_iter().chain([self.name.as_ref()]).flatten();
        known.map(|text| normalised(text)).find(|text| !text.is_empty()).unwrap_or_default()
    }
}
