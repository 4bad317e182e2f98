//! A goods receipt, or a supplier's despatch advice: what came, what was turned away.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::fault::Fault;

/// Whose word it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptKind {
    /// The buyer received the goods (UBL ReceiptAdvice); counts in a three-way match.
    #[default]
    Receipt,
    /// The supplier says that it sent them (UBL DespatchAdvice); kept, and never counted as
    /// received: the supplier's own word is no proof of a delivery.
    Despatch,
}

impl ReceiptKind {
    /// The word on the wire and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Despatch => "despatch",
        }
    }
}

/// A receipt as posted, in JSON or read from a UBL ReceiptAdvice or DespatchAdvice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Receipt or despatch advice.
    #[serde(default)]
    pub kind: ReceiptKind,
    /// Number of the receipt.
    #[schema(example = "GR-7")]
    pub number: String,
    /// Starts at 1; to replace a receipt send the stored revision plus one.
    #[serde(default = "first_revision")]
    #[schema(example = 1, minimum = 1)]
    pub revision: u32,
    /// The order that the goods belong to.
    #[schema(example = "PO-1001")]
    pub purchase_order: String,
    /// The day the goods came (or were sent).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
    /// At least one line, at most 5,000.
    pub lines: Vec<ReceiptLine>,
}

/// What came for one order line.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptLine {
    /// Unique in the receipt.
    #[schema(example = "1")]
    pub id: String,
    /// The line of the order.
    #[schema(example = "1")]
    pub order_line: String,
    /// Quantity that came, in the order's unit; negative is a return.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "100")]
    pub received: Decimal,
    /// Of it, turned away; never billable.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub rejected: Option<Decimal>,
    /// Of it, accepted after inspection; absent while nothing is said of an inspection.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub accepted: Option<Decimal>,
    /// Net value that was received, for order lines that are compared by amount; when absent,
    /// the quantity at the order's price.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub amount: Option<Decimal>,
    /// Of a return: the number of the receipt that brought the goods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns_receipt: Option<String>,
    /// Of a return: the line of that receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns_line: Option<String>,
    /// The despatch advice that the goods came with (BT-16 on the invoice).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub despatch_reference: Option<String>,
    /// Nothing more will come for the order line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last: bool,
    /// UN/ECE Rec 20 or 21; the order's unit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

fn first_revision() -> u32 {
    1
}

impl Receipt {
    /// All faults of the content, each with its place.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        Fault::text(&mut faults, "/number", &self.number);
        Fault::text(&mut faults, "/purchase_order", &self.purchase_order);
        if self.revision == 0 {
            faults.push(Fault::at("/revision", "out_of_range", "a revision starts at 1"));
        }
        let ids = self.lines.iter().map(|line| line.id.as_str());
        Fault::lines(&mut faults, "receipt", ids);
        for (index, line) in self.lines.iter().enumerate() {
            line.faults(index, &mut faults);
        }
        faults
    }
}

impl ReceiptLine {
    fn faults(&self, index: usize, faults: &mut Vec<Fault>) {
        let at = |member: &str| format!("/lines/{index}/{member}");
        Fault::text(faults, &at("id"), &self.id);
        Fault::text(faults, &at("order_line"), &self.order_line);
        let rejected = self.rejected.unwrap_or_default();
        if rejected < Decimal::ZERO || rejected > self.received.max(Decimal::ZERO) {
            let text = "must be between zero and what was received";
            faults.push(Fault::at(&at("rejected"), "out_of_range", text));
        }
        let accepted = self.accepted.unwrap_or_default();
        if accepted < Decimal::ZERO || accepted > self.received.max(Decimal::ZERO) {
            let text = "must be between zero and what was received";
            faults.push(Fault::at(&at("accepted"), "out_of_range", text));
        }
    }
}
