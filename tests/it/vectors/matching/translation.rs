//! From the shape of the vectors to a case of ours.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use ap_gateway::models::decimal;
use ap_gateway::models::policy::Policy;

/// Vectors have no dates where days are all that counts; any day will do.
fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).expect("a date")
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

pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

/// The invoice and what does not change while the steps go by.
pub(super) fn case(case: &Value, invoice: &Value) -> Value {
    let policy = serde_json::to_value(policy(case)).expect("a policy is JSON");
    json!({
        "invoice": self::invoice(case, invoice),
        "rates": rates(case, invoice),
        "conversions": case.get("conversions").cloned().unwrap_or_else(|| json!([])),
        "expected_totals": invoice["expected_totals"],
        "policy": policy,
    })
}

pub(super) fn policy(case: &Value) -> Policy {
    let said = &case["policy"];
    let policy = with(&[
        ("match_level", &said["match_level"]),
        ("tolerances", &said["tolerances"]),
        ("ledger_currency", &said["ledger_currency"]),
        ("small_difference", &said["small_difference"]),
        ("currency_conversion", &said["currency_conversion"]),
        ("charges_not_compared", &said["charges_not_compared"]),
        ("selected_only", &said["selected_only"]),
    ]);
    serde_json::from_value(policy).expect("a policy")
}

/// The stored rates, and the invoice's own; a rate that is not said is 1 unless rates are stored.
fn rates(case: &Value, invoice: &Value) -> Vec<Value> {
    let mut rates: Vec<Value> = list(&case["rates"]).cloned().collect();
    let (from, to) = (currency(case, invoice), &case["policy"]["ledger_currency"]);
    if from != *to && rates.is_empty() {
        let rate = invoice["rate_to_ledger"].as_str().unwrap_or("1");
        rates.push(json!({"from": from, "to": to, "rate": rate}));
    }
    rates
}

fn currency(case: &Value, document: &Value) -> Value {
    match &document["currency"] {
        Value::Null => case["policy"]["ledger_currency"].clone(),
        said => said.clone(),
    }
}

/// An order; lines that were closed have what was received then.
pub(super) fn order(
    case: &Value,
    order: &Value,
    closed: &BTreeMap<(String, String), Decimal>,
) -> Value {
    let lines = list(&order["lines"]).map(|line| {
        let key = (text(&order["number"]), text(&line["id"]));
        let closed = closed.get(&key).map(|quantity| json!(quantity.to_string()));
        let early = list(&case["invoices"]).flat_map(|invoice| list(&invoice["lines"]));
        let days = early.filter(|one| one["po_line"] == line["id"]).find_map(days);
        let promised = days.map(|days| json!(today() + Days::new(days)));
        with(&[
            ("id", &line["id"]),
            ("quantity", &line["quantity"]),
            ("unit", &line["unit"]),
            ("unit_price", &line["unit_price"]),
            ("price_base_quantity", &line["price_base"]),
            ("net", &line["net"]),
            ("description", &line["description"]),
            ("buyer_item_id", &line["item"]),
            ("receipt_rule", &line["receipt_rule"]),
            ("list_price", &line["list_price"]),
            ("charges", &line["charges"]),
            ("discount", &line["discount"]),
            ("price_quantity", &line["price_quantity"]),
            ("price_unit", &line["price_unit"]),
            ("tax_rate", &line["tax_rate"]),
            ("closed_quantity", &closed.unwrap_or_default()),
            ("promised_date", &promised.unwrap_or_default()),
        ])
    });
    let mut translated = with(&[
        ("number", &order["number"]),
        ("limit", &order["limit"]),
        ("charges", &order["charges"]),
        ("rate_to_ledger", &order["rate_to_ledger"]),
    ]);
    translated["currency"] = currency(case, order);
    translated["supplier"] = supplier(order);
    translated["lines"] = lines.collect();
    translated
}

/// Days that a line is ahead of the promised delivery; a JSON number or text.
fn days(line: &Value) -> Option<u64> {
    let said = &line["days_ahead"];
    said.as_u64().or_else(|| said.as_str()?.parse().ok())
}

/// A line without an order is to be paired: the document as a whole names the order then.
/// A final invoice is BT-3 877. A missing net is worked out as the vectors say.
fn invoice(case: &Value, invoice: &Value) -> Value {
    let open = list(&invoice["lines"]).any(|line| line["po"].is_null());
    let named = match (&invoice["po"], open) {
        (Value::Null, true) => &case["purchase_orders"][0]["number"],
        (said, _) => said,
    };
    let last = invoice["final"] == true;
    let type_code = if last { json!("877") } else { invoice["type"].clone() };
    let credit = ["381", "261", "396"].iter().any(|code| invoice["type"] == *code);
    let preceding = invoice["preceding_invoice"].as_str();
    let preceding: Vec<Value> =
        preceding.map(|number| json!({"number": number})).into_iter().collect();
    let charges = list(&invoice["charges"]).map(
        |charge| json!({"charge": true, "amount": charge["amount"], "reason_code": charge["code"]}),
    );
    let mut translated = with(&[("order_reference", named), ("totals", &invoice["totals"])]);
    translated["kind"] = json!(if credit { "credit_note" } else { "invoice" });
    translated["number"] = invoice["number"].clone();
    translated["type_code"] = type_code;
    translated["issue_date"] = json!(today());
    translated["currency"] = currency(case, invoice);
    translated["seller"] = supplier(invoice);
    translated["preceding_invoices"] = json!(preceding);
    translated["allowances_and_charges"] = charges.collect();
    translated["lines"] = list(&invoice["lines"]).map(line).collect();
    translated
}

fn line(line: &Value) -> Value {
    let net = match &line["net"] {
        Value::Null => json!(net(line).to_string()),
        said => said.clone(),
    };
    let own = [("charges", true), ("discount", false)];
    let own = own.into_iter().filter(|(name, _)| !line[name].is_null());
    let own: Vec<Value> =
        own.map(|(name, charge)| json!({"charge": charge, "amount": line[name]})).collect();
    let price =
        if line["list_price"].is_null() { &line["unit_price"] } else { &line["list_price"] };
    let receipts: Vec<&Value> = list(&line["receipts"]).collect();
    let receipt = receipts.first().map(|named| named["receipt"].clone());
    let mut translated = with(&[
        ("id", &line["id"]),
        ("quantity", &line["quantity"]),
        ("unit", &line["unit"]),
        ("price", price),
        ("price_base_quantity", &line["price_base"]),
        ("price_base_unit", &line["price_unit"]),
        ("net", &net),
        ("name", &line["description"]),
        ("buyer_item_id", &line["item"]),
        ("order_reference", &line["po"]),
        ("order_line_reference", &line["po_line"]),
        ("receiving_advice_reference", &receipt.unwrap_or_default()),
    ]);
    translated["allowances_and_charges"] = json!(own);
    translated
}

fn with(members: &[(&str, &Value)]) -> Value {
    let said = members.iter().filter(|(_, value)| !value.is_null());
    said.map(|&(name, value)| (name.to_owned(), value.clone())).collect()
}

fn supplier(document: &Value) -> Value {
    match document["vendor"].as_str() {
        Some(vendor) => json!({"ids": [{"value": vendor}]}),
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
pub(super) fn receipts(receipt: &Value) -> Vec<Value> {
    let mut by_order: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for line in list(&receipt["lines"]) {
        let order = line["po"].as_str().expect("a receipt line names its order");
        by_order.entry(order).or_default().push(with(&[
            ("id", &line["id"]),
            ("order_line", &line["po_line"]),
            ("received", &line["received"]),
            ("rejected", &line["rejected"]),
            ("accepted", &line["accepted"]),
            ("returns_receipt", &line["returns_receipt"]),
            ("returns_line", &line["returns_line"]),
        ]));
    }
    let receipts = by_order.into_iter().map(|(order, lines)| {
        let mut translated = with(&[("number", &receipt["number"]), ("date", &receipt["date"])]);
        translated["purchase_order"] = json!(order);
        translated["lines"] = json!(lines);
        translated
    });
    receipts.collect()
}
