//! What a vector expects of a result. Only what is listed is asserted.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::Value;

use ap_gateway::models::decimal;
use ap_gateway::models::verdict::Reconciliation;

/// Every difference, in words.
pub(super) fn faults(expected: &Value, result: &Reconciliation) -> Vec<String> {
    let result = serde_json::to_value(result).expect("a result is JSON");
    let mut faults = Vec::new();
    for (member, wanted) in expected.as_object().expect("an expectation is an object") {
        match member.as_str() {
            "step" | "invoice" => {}
            "outcome" if *wanted == result["outcome"] => {}
            "levels" if *wanted == result["level"] => {}
            "outcome" | "levels" => faults.push(format!("{member} {wanted} but {result}")),
            "holds" => {
                let found = result["holds"].as_array().expect("holds are a list");
                let found: BTreeSet<&str> = found.iter().map(|hold| text(&hold["code"])).collect();
                let wanted = wanted.as_array().expect("holds are a list");
                let wanted: BTreeSet<&str> = wanted.iter().map(text).collect();
                if found != wanted {
                    faults.push(format!("holds {wanted:?} but {found:?}"));
                }
            }
            "checks" => {
                for check in wanted.as_array().expect("checks are a list") {
                    faults.extend(of_check(check, &result["checks"]));
                }
            }
            "allocations" => faults.extend(of_rows(wanted, &result["allocations"])),
            other => faults.push(format!("nothing compares {other}")),
        }
    }
    faults
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn of_check(wanted: &Value, checks: &Value) -> Option<String> {
    let same = |check: &&Value| check["code"] == wanted["code"] && check["line"] == wanted["line"];
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

fn number(value: &Value) -> Option<Decimal> {
    let value = decimal::parse(value.as_str()?).ok()?;
    Some(decimal::round(value, 6).normalize())
}

/// Rows without a receipt are all there are so far.
fn of_rows(wanted: &Value, found: &Value) -> Option<String> {
    let rows = |rows: &Value| -> BTreeSet<String> {
        let rows = rows.as_array().expect("rows are a list").iter();
        let row = |row: &Value| {
            let quantity = number(&row["quantity"]);
            format!("{} {} {} {quantity:?}", row["line"], row["po"], row["po_line"])
        };
        rows.map(row).collect()
    };
    (rows(wanted) != rows(found)).then(|| format!("rows {wanted} but {found}"))
}
