//! A purchase order: what the buyer asked for, and at what price.

mod terms;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::fault::Fault;
use crate::models::invoice::Party;
use crate::models::money::Currency;
use crate::models::policy::MatchLevel;

pub use terms::{ChargeBasis, MatchBasis, OrderKind, OrderStatus, PlannedCharge, ReceiptRule};

/// Lines that one order or receipt may carry; `http.md` §4.3.
pub const LINES_MAX: usize = 5_000;

/// Characters of a number, name or reference; longer ones are mistakes or attacks.
pub const TEXT_CHARACTERS_MAX: usize = 255;

/// A purchase order as posted, in JSON or read from a UBL Order.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PurchaseOrder {
    /// The buyer's order number; an invoice names it in BT-13.
    #[schema(example = "PO-1001")]
    pub number: String,
    /// Starts at 1; to replace an order send the stored revision plus one.
    #[serde(default = "first_revision")]
    #[schema(example = 1, minimum = 1)]
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
    /// How it is settled.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: OrderKind,
    /// Whether it may still be invoiced.
    #[serde(default, skip_serializing_if = "is_default")]
    pub status: OrderStatus,
    /// Net value that all invoices together may not exceed.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub limit: Option<Decimal>,
    /// Part of its net value that may be asked for before the delivery, in percent; partial
    /// invoices deduct the same part of what they come to.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "25")]
    pub prepayment_percent: Option<Decimal>,
    /// First day of delivery that it is for.
    #[serde(default)]
    pub valid_from: Option<NaiveDate>,
    /// Last day of delivery that it is for.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// Rate from `currency` to the ledger currency that the order was made at.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub rate_to_ledger: Option<Decimal>,
    /// Charges and allowances that were ordered with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<PlannedCharge>,
    /// At least one line, at most 5,000.
    pub lines: Vec<OrderLine>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One position of an order.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
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
    /// What a missing receipt does.
    #[serde(default, skip_serializing_if = "is_default")]
    pub receipt_rule: ReceiptRule,
    /// Quantity and price, or money alone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub match_basis: MatchBasis,
    /// Price before discounts of `price_base_quantity` units; `unit_price` when absent.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub list_price: Option<Decimal>,
    /// Charges of the line that were ordered, net.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub charges: Option<Decimal>,
    /// Discounts of the line that were agreed, net.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub discount: Option<Decimal>,
    /// Priced quantity of the whole line when it is not priced by `unit`: 120 (kg) for 10 rolls.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub price_quantity: Option<Decimal>,
    /// Unit of `price_quantity`.
    #[serde(default)]
    pub price_unit: Option<String>,
    /// UNTDID 5305, as BT-151.
    #[serde(default)]
    pub tax_category: Option<String>,
    /// In percent, as BT-152.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "19")]
    pub tax_rate: Option<Decimal>,
    /// The day the goods were promised for.
    #[serde(default)]
    pub promised_date: Option<NaiveDate>,
    /// What was received when the line was closed; present only on a closed line.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub closed_quantity: Option<Decimal>,
    /// How much more than ordered may come, in percent.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub over_delivery_percent: Option<Decimal>,
    /// How much less than ordered a last delivery may bring, in percent.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub under_delivery_percent: Option<Decimal>,
    /// Who asked for it.
    #[serde(default)]
    pub requester: Option<String>,
}

fn first_revision() -> u32 {
    1
}

impl PurchaseOrder {
    /// An open standard order without lines.
    pub fn new(number: String, currency: Currency) -> Self {
        Self {
            number,
            revision: first_revision(),
            currency,
            buyer: Party::default(),
            supplier: Party::default(),
            issue_date: None,
            match_level: None,
            kind: OrderKind::default(),
            status: OrderStatus::default(),
            limit: None,
            prepayment_percent: None,
            valid_from: None,
            valid_to: None,
            rate_to_ledger: None,
            charges: Vec::new(),
            lines: Vec::new(),
        }
    }

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
        if self.limit.is_some_and(|limit| limit < Decimal::ZERO) {
            faults.push(Fault::at("/limit", "out_of_range", "must not be negative"));
        }
        let hundred = Decimal::ONE_HUNDRED;
        if self.prepayment_percent.is_some_and(|part| part < Decimal::ZERO || part > hundred) {
            let text = "must be from 0 to 100";
            faults.push(Fault::at("/prepayment_percent", "out_of_range", text));
        }
        if self.rate_to_ledger.is_some_and(|rate| rate <= Decimal::ZERO) {
            faults.push(Fault::at("/rate_to_ledger", "out_of_range", "must be more than zero"));
        }
        if self.valid_from.zip(self.valid_to).is_some_and(|(from, to)| from > to) {
            let text = "must not be before valid_from";
            faults.push(Fault::at("/valid_to", "out_of_range", text));
        }
        for (index, charge) in self.charges.iter().enumerate() {
            Fault::text(&mut faults, &format!("/charges/{index}/code"), &charge.code);
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
        let not_negative = [
            ("net", self.net),
            ("list_price", self.list_price),
            ("price_quantity", self.price_quantity),
            ("tax_rate", self.tax_rate),
            ("closed_quantity", self.closed_quantity),
            ("over_delivery_percent", self.over_delivery_percent),
            ("under_delivery_percent", self.under_delivery_percent),
        ];
        for (member, value) in not_negative {
            if value.is_some_and(|value| value < Decimal::ZERO) {
                faults.push(Fault::at(&at(member), "out_of_range", "must not be negative"));
            }
        }
    }
}
