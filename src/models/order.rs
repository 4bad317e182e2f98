//! A purchase order: what the buyer asked for, and at what price.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::fault::Fault;
use crate::models::invoice::Party;
use crate::models::money::Currency;
use crate::models::policy::MatchLevel;

/// Lines that one order or receipt may carry; `http.md` §4.3.
pub const LINES_MAX: usize = 5_000;

/// Characters of a number, name or reference; longer ones are mistakes or attacks.
pub const TEXT_CHARACTERS_MAX: usize = 255;

/// A purchase order as posted, in JSON or read from a UBL Order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PurchaseOrder {
    /// The buyer's order number; an invoice names it in BT-13.
    #[schema(example = "PO-1001")]
    pub number: String,
    /// Starts at 1; to replace an order send the stored revision plus one.
    #[serde(default = "first_revision")]
    #[schema(example = 1)]
    pub revision: u32,
    /// Currency of all prices.
    pub currency: Currency,
    /// Who ordered.
    #[serde(default, skip_serializing_if = "Party::is_empty")]
    pub buyer: Party,
    /// Who is to deliver.
    #[serde(default, skip_serializing_if = "Party::is_empty")]
    pub supplier: Party,
    /// When it was placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<NaiveDate>,
    /// Raises the match level of all lines; a policy's own level is never lowered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_level: Option<MatchLevel>,
    /// At least one line, at most 5,000.
    pub lines: Vec<OrderLine>,
}

/// One position of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderLine {
    /// Unique in the order; an invoice line names it in BT-132.
    #[schema(example = "1")]
    pub id: String,
    /// Ordered quantity in `unit`.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "100")]
    pub quantity: Decimal,
    /// UN/ECE Rec 20 or 21.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "C62")]
    pub unit: Option<String>,
    /// Net price of `price_base_quantity` units.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "12.50")]
    pub unit_price: Decimal,
    /// How many units the price is for; 1 when absent.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub price_base_quantity: Option<Decimal>,
    /// Net of the line; when absent, quantity × price / base, rounded to the minor unit.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub net: Option<Decimal>,
    /// What was ordered, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The seller's article number (BT-155 on the invoice).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller_item_id: Option<String>,
    /// The buyer's article number (BT-156).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_item_id: Option<String>,
    /// A GTIN mostly (BT-157).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_item_id: Option<String>,
    /// Raises the match level of this line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_level: Option<MatchLevel>,
}

fn first_revision() -> u32 {
    1
}

impl PurchaseOrder {
    /// Who the order comes from, as one key: one number may be used by two buyers.
    pub fn buyer_key(&self) -> String {
        self.buyer.key()
    }

    /// All faults of the content, each with its place; none means that the order can be kept.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        Fault::text(&mut faults, "/number", &self.number);
        if self.revision == 0 {
            faults.push(Fault::at("/revision", "out_of_range", "a revision starts at 1"));
        }
        let ids = self.lines.iter().map(|line| line.id.as_str());
        Fault::lines(&mut faults, "order", ids);
        for (index, line) in self.lines.iter().enumerate() {
            line.faults(index, &mut faults);
        }
        faults
    }
}

impl OrderLine {
    fn faults(&self, index: usize, faults: &mut Vec<Fault>) {
        let at = |member: &str| format!("/lines/{index}/{member}");
        Fault::text(faults, &at("id"), &self.id);
        if self.quantity <= Decimal::ZERO {
            faults.push(Fault::at(&at("quantity"), "out_of_range", "must be more than zero"));
        }
        if self.unit_price < Decimal::ZERO {
            faults.push(Fault::at(&at("unit_price"), "out_of_range", "must not be negative"));
        }
        if self.price_base_quantity.is_some_and(|base| base <= Decimal::ZERO) {
            let text = "must be more than zero";
            faults.push(Fault::at(&at("price_base_quantity"), "out_of_range", text));
        }
        if self.net.is_some_and(|net| net < Decimal::ZERO) {
            faults.push(Fault::at(&at("net"), "out_of_range", "must not be negative"));
        }
    }
}
