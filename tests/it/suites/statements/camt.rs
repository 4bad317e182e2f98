//! camt.052, .053 and .054.

use ap_gateway::extraction::statement::{StatementReading, read_statement};
use ap_gateway::models::statement::{BankEntry, BankStatement, EntryDetail, EntryStatus};
use serde_json::{Map, Value};

use super::{Comparison, samples};

#[test]
#[cfg_attr(no_suite_camt, ignore = "camt is not in the suites")]
fn camt_messages_are_read_as_expected() {
    let mut comparison = Comparison::default();
    for (file, bytes, expected) in samples("camt", "xml") {
        comparison.files += 1;
        comparison.names.insert(file.clone());
        let statements = expected["statements"].as_array().expect("a list");
        match read_statement(&bytes) {
            Err(error) => {
                comparison.refused += 1;
                assert!(statements.is_empty(), "{file}: {error}");
                assert!(error.to_string().contains("Stmt"), "{file}: {error}");
            }
            Ok(reading) => compare(&file, &reading, &expected, &mut comparison),
        }
    }
    println!("{}", comparison.figures("camt"));
    assert!(comparison.files > 0, "no message is there");
    comparison.judge(&[]);
}

fn compare(file: &str, reading: &StatementReading, expected: &Value, into: &mut Comparison) {
    let namespace = expected["namespace"].as_str().expect("a namespace");
    assert!(namespace.ends_with(reading.message.as_deref().expect("a name")), "{file}");
    let statements = expected["statements"].as_array().expect("a list");
    assert_eq!(reading.statements.len(), statements.len(), "{file}");
    for (ours, theirs) in reading.statements.iter().zip(statements) {
        let theirs = theirs.as_object().expect("a statement");
        for (field, value) in theirs {
            let list = value.as_array();
            match (field.as_str(), list) {
                ("balances", Some(list)) => balances(file, ours, list, into),
                ("entries", Some(list)) => entries(file, ours, list, into),
                _ => texts((file, field), head(ours, field), value, into),
            }
        }
    }
}

fn head(ours: &BankStatement, field: &str) -> Option<String> {
    match field {
        "id" => ours.id.clone(),
        "account" => ours.account.clone(),
        "currency" => ours.currency.clone(),
        "sequence" => ours.number.clone(),
        _ => panic!("{field} is not compared"),
    }
}

fn texts(at: (&str, &str), ours: Option<String>, theirs: &Value, into: &mut Comparison) {
    let ours = ours.unwrap_or_default();
    into.value(at, Some(ours.as_str()) == theirs.as_str(), (ours, theirs));
}

fn balances(file: &str, ours: &BankStatement, list: &[Value], into: &mut Comparison) {
    assert_eq!(ours.balances.len(), list.len(), "{file}");
    for (ours, theirs) in ours.balances.iter().zip(list) {
        for (field, value) in theirs.as_object().expect("a balance") {
            let own = match field.as_str() {
                "code" => Some(ours.code.clone()),
                "amount" => Some(ours.amount.to_string()),
                "currency" => ours.currency.clone(),
                "date" => ours.date.map(|date| date.to_string()),
                _ => panic!("{field} is not compared"),
            };
            texts((file, field), own, value, into);
        }
    }
}

fn entries(file: &str, ours: &BankStatement, list: &[Value], into: &mut Comparison) {
    assert_eq!(ours.entries.len(), list.len(), "{file}");
    for (ours, theirs) in ours.entries.iter().zip(list) {
        into.entries += 1;
        for (field, value) in theirs.as_object().expect("an entry") {
            if let Some(list) = value.as_array() {
                assert_eq!(ours.details.len(), list.len(), "{file}");
                for (ours, theirs) in ours.details.iter().zip(list) {
                    detail(file, ours, theirs.as_object().expect("a detail"), into);
                }
            } else {
                texts((file, field), entry(ours, field), value, into);
            }
        }
    }
}

fn entry(ours: &BankEntry, field: &str) -> Option<String> {
    match field {
        "amount" => Some(ours.amount.to_string()),
        "currency" => ours.currency.clone(),
        "status" => Some(if ours.status == EntryStatus::Booked { "BOOK" } else { "" }.to_owned()),
        "reversal" => Some(ours.reversal.to_string()),
        "booking_date" => ours.booking_date.map(|date| date.to_string()),
        "value_date" => ours.value_date.map(|date| date.to_string()),
        "bank_reference" => ours.bank_reference.clone(),
        "information" => ours.text.clone(),
        _ => panic!("{field} is not compared"),
    }
}

fn detail(file: &str, ours: &EntryDetail, theirs: &Map<String, Value>, into: &mut Comparison) {
    let other = &ours.counterparty;
    for (field, value) in theirs {
        let own = match field.as_str() {
            "amount" => ours.amount.map(|amount| amount.to_string()),
            "currency" => ours.currency.clone(),
            "end_to_end_id" => ours.end_to_end_id.clone(),
            "counterparty_name" => other.name.clone(),
            "counterparty_account" => other.account.clone(),
            "creditor_reference" => {
                ours.remittance.structured.first().map(|one| one.reference.clone())
            }
            "remittance" => {
                // Ours has the additional lines of structured remittance behind those.
                let lines: Vec<&str> =
                    value.as_array().expect("lines").iter().filter_map(Value::as_str).collect();
                let equal = ours.remittance.unstructured.iter().zip(&lines).all(|(a, b)| a == b)
                    && ours.remittance.unstructured.len() >= lines.len();
                let own = format!("{:?}", ours.remittance.unstructured);
                into.value((file, field), equal, (own, value));
                continue;
            }
            _ => panic!("{field} is not compared"),
        };
        texts((file, field), own, value, into);
    }
}
