//! From the shape of the vectors to a [`Case`].

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use ap_gateway::models::case::Case;
use ap_gateway::models::decimal;
use ap_gateway::models::verdict::Reconciliation;

/// What is on file while the steps of a case go by.
pub(super) struct World<'a> {
    case: &'a Value,
    receipts: Vec<Value>,
    results: BTreeMap<String, Reconciliation>,
    sequence: Vec<String>,
}

/// The steps as written; when there are none, all receipts and then all invoices, from 1.
pub(super) fn timeline(case: &Value) -> Vec<Value> {
    if let Some(steps) = case["timeline"].as_array() {
        return steps.clone();
    }
    let receipts = list(&case["receipts"]).map(|receipt| ("receipt", receipt));
    let invoices = list(&case["invoices"]).map(|invoice| ("match", invoice));
    let steps = receipts.chain(invoices).enumerate();
    steps
        .map(|(place, (what, document))| {
            json!({"step": (place + 1).to_string(), what: document["number"]})
        })
        .collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

impl<'a> World<'a> {
    pub(super) fn new(case: &'a Value) -> Self {
        Self { case, receipts: Vec::new(), results: BTreeMap::new(), sequence: Vec::new() }
    }

    /// A receipt goes on file; a match gives the case to be matched.
    pub(super) fn take(&mut self, step: &Value) -> Option<Case> {
        let named = |kind: &str, number: &Value| {
            let mut all = list(&self.case[kind]);
            all.find(|one| one["number"] == *number).expect("a step names a document").clone()
        };
        if !step["receipt"].is_null() {
            let receipt = named("receipts", &step["receipt"]);
            self.receipts.push(receipt);
            return None;
        }
        let invoice = named("invoices", &step["match"]);
        let number = step["match"].as_str().expect("a number is text").to_owned();
        if !self.sequence.contains(&number) {
            self.sequence.push(number.clone());
        }
        let case = json!({
            "invoice": self.invoice(&invoice),
            "purchase_orders": list(&self.case["purchase_orders"]).map(|order| self.order(order)).collect::<Vec<_>>(),
            "receipts": self.receipts.iter().flat_map(receipts).collect::<Vec<_>>(),
            "billed_before": self.billed_before(&number),
            "policy": {
                "match_level": self.case["policy"]["match_level"],
                "tolerances": self.case["policy"]["tolerances"],
            },
        });
        Some(serde_json::from_value(case).expect("a translated case is a case"))
    }

    pub(super) fn keep(&mut self, invoice: &str, result: Reconciliation) {
        self.results.insert(invoice.to_owned(), result);
    }

    /// What invoices of smaller sequence took.
    fn billed_before(&self, number: &str) -> Vec<Value> {
        let earlier = self.sequence.iter().take_while(|other| *other != number);
        let rows = earlier.filter_map(|other| self.results.get(other));
        let rows = rows.flat_map(|result| &result.allocations);
        rows.map(|row| json!({"po": row.po, "po_line": row.po_line, "quantity": row.quantity}))
            .collect()
    }

    fn currency(&self, document: &Value) -> Value {
        match &document["currency"] {
            Value::Null => self.case["policy"]["ledger_currency"].clone(),
            said => said.clone(),
        }
    }

    fn order(&self, order: &Value) -> Value {
        let lines = list(&order["lines"]).map(|line| {
            with(&[
                ("id", &line["id"]),
                ("quantity", &line["quantity"]),
                ("unit", &line["unit"]),
                ("unit_price", &line["unit_price"]),
                ("price_base_quantity", &line["price_base"]),
                ("net", &line["net"]),
                ("description", &line["description"]),
                ("buyer_item_id", &line["item"]),
            ])
        });
        json!({
            "number": order["number"],
            "currency": self.currency(order),
            "supplier": supplier(order),
            "lines": lines.collect::<Vec<_>>(),
        })
    }

    /// A line without an order is to be paired: the document as a whole names the order then.
    /// A final invoice is BT-3 877. A missing net is worked out as the vectors say.
    fn invoice(&self, invoice: &Value) -> Value {
        let open = list(&invoice["lines"]).any(|line| line["po"].is_null());
        let named = match (&invoice["po"], open) {
            (Value::Null, true) => &self.case["purchase_orders"][0]["number"],
            (said, _) => said,
        };
        let lines = list(&invoice["lines"]).map(|line| {
            let net = match &line["net"] {
                Value::Null => json!(net(line).to_string()),
                said => said.clone(),
            };
            with(&[
                ("id", &line["id"]),
                ("quantity", &line["quantity"]),
                ("unit", &line["unit"]),
                ("price", &line["unit_price"]),
                ("price_base_quantity", &line["price_base"]),
                ("net", &net),
                ("name", &line["description"]),
                ("buyer_item_id", &line["item"]),
                ("order_reference", &line["po"]),
                ("order_line_reference", &line["po_line"]),
            ])
        });
        let last = invoice["final"] == true;
        json!({
            "number": invoice["number"],
            "type_code": if last { json!("877") } else { invoice["type"].clone() },
            "currency": self.currency(invoice),
            "order_reference": named,
            "seller": supplier(invoice),
            "lines": lines.collect::<Vec<_>>(),
        })
    }
}

fn with(members: &[(&str, &Value)]) -> Value {
    let said = members.iter().filter(|(_, value)| !value.is_null());
    said.map(|&(name, value)| (name.to_owned(), value.clone())).collect()
}

fn supplier(document: &Value) -> Value {
    match document["vendor"].as_str() {
        Some(vendor) => json!({"ids": [vendor]}),
        None => json!({}),
    }
}

fn number(value: &Value, otherwise: Decimal) -> Decimal {
    let text = value.as_str();
    text.map_or(otherwise, |text| decimal::parse(text).expect("a decimal"))
}

fn net(line: &Value) -> Decimal {
    let base = number(&line["price_base"], Decimal::ONE);
    let price = number(&line["unit_price"], Decimal::ZERO);
    decimal::round(number(&line["quantity"], Decimal::ZERO) * price / base, 2)
}

/// A receipt of ours concerns one order, so one of theirs becomes one for each order.
fn receipts(receipt: &Value) -> Vec<Value> {
    let mut by_order: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for line in list(&receipt["lines"]) {
        let order = line["po"].as_str().expect("a receipt line names its order");
        by_order.entry(order).or_default().push(with(&[
            ("id", &line["id"]),
            ("order_line", &line["po_line"]),
            ("received", &line["received"]),
            ("rejected", &line["rejected"]),
        ]));
    }
    let receipts = by_order.into_iter().map(|(order, lines)| {
        json!({"number": receipt["number"], "purchase_order": order, "lines": lines})
    });
    receipts.collect()
}
