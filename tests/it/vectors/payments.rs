//! Cases of the kinds `payment`, `statement` and `prepayment`: what they expect and do not find, in
//! words.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use ap_gateway::models::decimal;
use ap_gateway::models::payment::{PaymentCase, PrepaymentCase, SupplierStatementCase};
use ap_gateway::reconciliation::payments;

fn number(value: &Value) -> Decimal {
    let text = value.as_str().unwrap_or("0");
    decimal::parse(text).unwrap_or_else(|error| panic!("{error}")).normalize()
}

/// Members of the vectors under the names of the product; a list where the product has one.
fn renamed(value: &Value, names: &[(&str, &str, bool)]) -> Value {
    let mut made = Map::new();
    for (name, value) in value.as_object().expect("an object") {
        let known = names.iter().find(|(theirs, ..)| theirs == name);
        let (name, list) = known.map_or((name.as_str(), false), |(_, ours, list)| (ours, *list));
        let value = if list && !value.is_array() { json!([value]) } else { value.clone() };
        made.insert(name.to_owned(), value);
    }
    made.into()
}

fn all(value: &Value, names: &[(&str, &str, bool)]) -> Value {
    value.as_array().into_iter().flatten().map(|one| renamed(one, names)).collect()
}

const ITEM: &[(&str, &str, bool)] = &[
    ("vendor", "supplier", false),
    ("vendor_name", "supplier_name", false),
    ("vendor_iban", "verified_ibans", true),
    ("vendor_ibans", "verified_ibans", true),
    ("reference", "references", true),
    ("end_to_end_id", "end_to_end_ids", true),
    ("ledger_amount", "booked", false),
    ("booked_amount", "booked", false),
];

const TRANSACTION: &[(&str, &str, bool)] = &[
    ("name", "counterparty_name", false),
    ("iban", "counterparty_iban", false),
    ("reference", "references", true),
    ("structured_reference", "references", true),
];

pub(super) fn payment(case: &Value) -> Vec<String> {
    let mut input = json!({
        "open_items": all(&case["open_items"], ITEM),
        "transactions": all(&case["transactions"], TRANSACTION),
        "instructions": all(&case["instructions"], &[("offset_by", "offset_by", true)]),
        "policy": renamed(&case["policy"], &[]),
    });
    let currency = input["policy"].as_object_mut().and_then(|one| one.remove("ledger_currency"));
    input["ledger_currency"] =
        currency.unwrap_or_else(|| case["transactions"][0]["currency"].clone());
    let input: PaymentCase = match serde_json::from_value(input) {
        Ok(input) => input,
        Err(error) => return vec![error.to_string()],
    };
    let settlement = payments::settle(&input);
    assert_eq!(settlement, payments::settle(&input), "the same case, another settlement");
    assert!(!payments::explain(&input, &settlement).is_empty());
    let result = serde_json::to_value(&settlement).expect("a settlement is JSON");
    if input.instructions.is_empty() { decided(case, &result) } else { instructed(case, &result) }
}

/// What is open or left before anything, by id.
fn amounts(things: &Value) -> BTreeMap<&str, Decimal> {
    let things = things.as_array().into_iter().flatten();
    things.map(|one| (one["id"].as_str().unwrap_or_default(), number(&one["amount"]))).collect()
}

fn instructed(case: &Value, result: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = amounts(&case["open_items"]);
    let mut left = amounts(&case["transactions"]);
    for step in result["steps"].as_array().into_iter().flatten() {
        for (state, member) in [(&mut open, "open"), (&mut left, "unallocated")] {
            for (id, amount) in step[member].as_object().into_iter().flatten() {
                state.insert(id, number(amount));
            }
        }
        let expected = case["expect"].as_array().into_iter().flatten();
        for expected in expected.filter(|one| one["step"] == step["step"]) {
            let at = format!("step {}", step["step"]);
            found.extend(rows(expected, &step["rows"]).map(|fault| format!("{at}: {fault}")));
            for (state, member) in [(&open, "open"), (&left, "unallocated")] {
                found.extend(state_of(expected, member, state));
            }
        }
    }
    found
}

fn state_of(expected: &Value, member: &str, state: &BTreeMap<&str, Decimal>) -> Vec<String> {
    let wanted = expected[member].as_object().into_iter().flatten();
    let differs = wanted.filter(|(id, amount)| state.get(id.as_str()) != Some(&number(amount)));
    let words = |(id, amount): (&String, &Value)| {
        format!("{member} of {id} is {:?} and not {amount}", state.get(id.as_str()))
    };
    differs.map(words).collect()
}

fn decided(case: &Value, result: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = amounts(&case["open_items"]);
    let left = amounts(&case["transactions"]);
    for expected in case["expect"].as_array().into_iter().flatten() {
        let decisions = result["decisions"].as_array().expect("decisions are a list");
        let mut decisions = decisions.iter();
        let Some(made) = decisions.find(|one| one["transaction"] == expected["transaction"]) else {
            found.push(format!("nothing is decided of {}", expected["transaction"]));
            continue;
        };
        if expected.get("decision").is_some_and(|wanted| *wanted != made["verdict"]) {
            found.push(format!("{} and not {}", made["verdict"], expected["decision"]));
        }
        if expected.get("score").is_some_and(|wanted| *wanted != made["score"]) {
            found.push(format!("score {} and not {}", made["score"], expected["score"]));
        }
        found.extend(rows(expected, &made["rows"]));
        found.extend(candidates(expected, made));
        let mut rest = left.get(made["transaction"].as_str().unwrap_or_default()).copied();
        for row in made["rows"].as_array().into_iter().flatten() {
            let id = row["item"].as_str().unwrap_or_default();
            let item = case["open_items"].as_array().into_iter().flatten();
            let item = item.clone().find(|item| item["id"] == row["item"]).expect("an item");
            let with = (item["kind"] == "invoice") == (row["direction"] == "out");
            let taken = if with { number(&row["taken"]) } else { -number(&row["taken"]) };
            *open.entry(id).or_default() -= taken;
            rest = rest.map(|rest| rest - number(&row["paid"]));
        }
        found.extend(state_of(expected, "open", &open));
        let unallocated = made["transaction"].as_str().zip(rest).into_iter().collect();
        found.extend(state_of(expected, "unallocated", &unallocated));
    }
    found
}

fn candidates(expected: &Value, made: &Value) -> Option<String> {
    let wanted = expected.get("candidates")?;
    let shown = made["candidates"].as_array().into_iter().flatten();
    let items = |one: &Value| -> Value {
        one["items"].as_array().into_iter().flatten().map(|item| item["item"].clone()).collect()
    };
    let shown: Vec<Value> = shown.map(items).collect();
    (json!(shown) != *wanted).then(|| format!("candidates {} and not {wanted}", json!(shown)))
}

/// The complete list, in order; of each row the members that are listed.
fn rows(expected: &Value, made: &Value) -> Option<String> {
    let wanted = expected.get("rows")?.as_array()?;
    let made = made.as_array().expect("rows are a list");
    let same = |(wanted, made): (&Value, &Value)| {
        wanted.as_object().expect("a row").iter().all(|(name, value)| match name.as_str() {
            "fx" | "exchange" => number(value) == number(&made["exchange"]["difference"]),
            "item" | "transaction" | "direction" => *value == made[name],
            "offset_by" => *value == made["offset_by"],
            _ => number(value) == number(&made[name]),
        })
    };
    let agrees = wanted.len() == made.len() && wanted.iter().zip(made).all(same);
    (!agrees).then(|| format!("rows {} and not {}", json!(made), json!(wanted)))
}

pub(super) fn statement(case: &Value) -> Vec<String> {
    let mut statement = renamed(&case["statement"], &[("vendor", "supplier", false)]);
    if let Some(lines) = statement["lines"].as_array_mut() {
        for line in lines {
            for other in ["date", "text"] {
                line.as_object_mut().and_then(|line| line.remove(other));
            }
        }
    }
    let input = json!({
        "open_items": all(&case["open_items"], ITEM),
        "payments": all(&case["payments"], &[("amount", "taken", false)]),
        "statement": statement,
    });
    let input: SupplierStatementCase = match serde_json::from_value(input) {
        Ok(input) => input,
        Err(error) => return vec![error.to_string()],
    };
    let result = serde_json::to_value(payments::compare_statement(&input)).expect("JSON");
    let mut found = Vec::new();
    for expected in case["expect"].as_array().into_iter().flatten() {
        if let Some(balance) = expected.get("balance")
            && number(balance) != number(&result["balance"])
        {
            found.push(format!("balance {} and not {balance}", result["balance"]));
        }
        let wanted = expected["lines"].as_array().into_iter().flatten();
        let made = result["lines"].as_array().expect("lines are a list");
        let same = |(wanted, made): (&Value, &Value)| {
            wanted.as_object().expect("a line").iter().all(|(name, value)| match name.as_str() {
                "number" | "class" => *value == made[name],
                _ => number(value) == number(&made[name]),
            })
        };
        let count = expected["lines"].as_array().map_or(made.len(), Vec::len);
        if count != made.len() || !wanted.zip(made).all(same) {
            found.push(format!("lines {} and not {}", json!(made), expected["lines"]));
        }
    }
    found
}

pub(super) fn prepayment(case: &Value) -> Vec<String> {
    let input = json!({
        "percent": case["policy"]["prepayment_percent"],
        "prepayments": case["prepayments"],
        "invoices": case["invoices"],
    });
    let input: PrepaymentCase = match serde_json::from_value(input) {
        Ok(input) => input,
        Err(error) => return vec![error.to_string()],
    };
    let uses = serde_json::to_value(payments::use_prepayments(&input)).expect("JSON");
    let mut found = Vec::new();
    for expected in case["expect"].as_array().into_iter().flatten() {
        let made = uses.as_array().into_iter().flatten();
        let made = made.clone().find(|one| one["number"] == expected["invoice"]);
        let wanted = expected["prepayment"].as_object().into_iter().flatten();
        for (name, wanted) in wanted {
            let is = made.map_or(&Value::Null, |made| &made[name]);
            if number(is) != number(wanted) {
                found.push(format!("{} {name} {is} and not {wanted}", expected["invoice"]));
            }
        }
    }
    found
}
