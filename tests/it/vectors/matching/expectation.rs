//! What a vector expects of a step. Only what is listed is asserted.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use ap_gateway::models::decimal;
use ap_gateway::models::verdict::Reconciliation;

use super::world::World;

/// Every difference, in words.
pub(super) fn faults(
    expected: &Value,
    result: Option<&Reconciliation>,
    world: &World<'_>,
) -> Vec<String> {
    let result = serde_json::to_value(result).expect("a result is JSON");
    let mut faults = Vec::new();
    for (member, wanted) in expected.as_object().expect("an expectation is an object") {
        match member.as_str() {
            "step" | "invoice" => {}
            "outcome" if *wanted == result["outcome"] => {}
            "levels" if *wanted == result["level"] => {}
            "accepted_difference" if number(wanted) == number(&result["accepted_difference"]) => {}
            "outcome" | "levels" | "accepted_difference" => {
                faults.push(format!("{member} {wanted} but {result}"));
            }
            "holds" => faults.extend(of_holds(wanted, &result["holds"])),
            "checks" => {
                for check in wanted.as_array().expect("checks are a list") {
                    faults.extend(of_check(check, &result["checks"]));
                }
            }
            "allocations" => faults.extend(of_rows(wanted, world)),
            "po_lines" => faults.extend(of_order_lines(wanted, world)),
            other => faults.push(format!("nothing compares {other}")),
        }
    }
    faults
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn of_holds(wanted: &Value, found: &Value) -> Option<String> {
    let found: BTreeSet<&str> = found
        .as_array()
        .expect("holds are a list")
        .iter()
        .map(|hold| text(&hold["code"]))
        .collect();
    let wanted: BTreeSet<&str> =
        wanted.as_array().expect("holds are a list").iter().map(text).collect();
    (found != wanted).then(|| format!("holds {wanted:?} but {found:?}"))
}

fn of_check(wanted: &Value, checks: &Value) -> Option<String> {
    let same = |check: &&Value| {
        ["code", "line", "charge"].iter().all(|member| check[member] == wanted[member])
    };
    let Some(found) = checks.as_array().expect("checks are a list").iter().find(same) else {
        return Some(format!("no check {wanted}"));
    };
    let agrees = wanted.as_object().expect("a check is an object").iter().all(|(name, value)| {
        match name.as_str() {
            "actual" | "expected" | "variance" => number(value) == number(&found[name]),
            // `pass` stands for any kind of pass.
            "verdict" if value == "pass" => text(&found[name]).starts_with("pass"),
            _ => *value == found[name],
        }
    });
    (!agrees).then(|| format!("{wanted} but {found}"))
}

/// Quotients compare at six decimals.
fn number(value: &Value) -> Option<Decimal> {
    let value = decimal::parse(value.as_str()?).ok()?;
    Some(decimal::round(value, 6).normalize())
}

/// All rows of all invoices at that step.
fn of_rows(wanted: &Value, world: &World<'_>) -> Option<String> {
    let (rows, _) = world.standing();
    let found = rows.iter().map(|(invoice, row)| {
        let mut row = serde_json::to_value(row).expect("a row is JSON");
        row["invoice"] = json!(invoice);
        row
    });
    let row = |row: &Value| {
        let members = ["invoice", "line", "po", "po_line", "receipt", "receipt_line"];
        let place: Vec<&str> = members.iter().map(|member| text(&row[member])).collect();
        format!("{} {:?}", place.join(" "), number(&row["quantity"]))
    };
    let found: BTreeSet<String> = found.map(|one| row(&one)).collect();
    let wanted: BTreeSet<String> =
        wanted.as_array().expect("rows are a list").iter().map(row).collect();
    (found != wanted).then(|| format!("rows {wanted:?} but {found:?}"))
}

fn of_order_lines(wanted: &Value, world: &World<'_>) -> Vec<String> {
    let (_, lines) = world.standing();
    let mut faults = Vec::new();
    for (place, wanted) in wanted.as_object().expect("order lines are an object") {
        let line = lines.iter().find(|line| format!("{}/{}", line.po, line.po_line) == *place);
        let found = serde_json::to_value(line).expect("a line is JSON");
        for (member, value) in wanted.as_object().expect("an order line is an object") {
            if number(value) != number(&found[member]) {
                faults.push(format!("{place} {member} {value} but {found}"));
            }
        }
    }
    faults
}
