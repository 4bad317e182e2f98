//! The third-party cases of `shared/vectors/reconciliation`, run where they stand.
//!
//! A case that uses a rule which is not built yet is listed by that rule and never skipped in
//! silence: [`NOT_BUILT`] shrinks as rules are built, and the test says so when it should.

mod expectation;
mod payments;
mod translation;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::suites;

use ap_gateway::models::verdict::Reconciliation;
use ap_gateway::reconciliation::reconcile;

const FILES: [&str; 3] = ["tolerance-boundaries", "dynamics365", "design-examples"];

/// A rule of the handbook that is not built: its row (§19), its name, and whether a case uses it.
type NotBuilt = (u32, &'static str, fn(&Value) -> bool);

const NOT_BUILT: &[NotBuilt] = &[
    (1, "levels none and four_way, levels by item or vendor", |case| {
        let level = &case["policy"]["match_level"];
        is_match(case) && level != "two_way" && level != "three_way"
    }),
    (2, "lines that are invoiced before they are received", |case| mentions(case, "receipt_rule")),
    (4, "rows that are bound to receipt lines, reversals", |case| {
        let bound = mentions(case, "allocations") && !case["receipts"].is_null();
        is_match(case) && (bound || mentions(case, "reverse"))
    }),
    (5, "closed order lines", |case| mentions(case, "close")),
    (6, "list price, price base, line charges and discounts, item ceiling", |case| {
        ["LIST_PRICE", "PRICE_BASE", "LINE_CHARGES", "LINE_DISCOUNT", "ITEM_AMOUNT"]
            .iter()
            .any(|code| limits(case, code))
    }),
    (7, "line totals", |case| limits(case, "LINE_TOTAL")),
    (8, "accepted quantity, date variance", |case| {
        limits(case, "QTY_ACCEPTED") || limits(case, "DATE_VARIANCE")
    }),
    (9, "quantities weighed in money", |case| limits(case, "QTY_VALUE")),
    (12, "unit conversion, price units", |case| {
        let converted = mentions(case, "DZN") || mentions(case, "KGM");
        converted || limits(case, "PRICE_UOM_RATIO")
    }),
    (13, "charges", |case| mentions(case, "charges")),
    (14, "totals other than the lines, small difference", |case| {
        mentions(case, "totals") || mentions(case, "small_difference")
    }),
    (15, "tax", |case| limits(case, "TOTAL_TAX")),
    (16, "rates and conversion", |case| {
        case["kind"] == "conversion"
            || mentions(case, "rate_to_ledger")
            || mentions(case, "currency_conversion")
    }),
    (17, "limits of blanket orders", |case| limits(case, "PO_LIMIT")),
    (19, "credit notes and returns", |case| mentions(case, "preceding_invoice")),
    (20, "prepayments", |case| case["kind"] == "prepayment"),
    (22, "duplicates but exact ones", |case| case["kind"] == "duplicate"),
    (26, "sampling", |case| case["kind"] == "sampling"),
    (29, "payments", |case| case["kind"] == "payment"),
    (30, "supplier statements", |case| case["kind"] == "statement"),
];

fn is_match(case: &Value) -> bool {
    case["kind"] == "match"
}

/// Does a member of that name, or that very text, stand anywhere in the case?
fn mentions(value: &Value, word: &str) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(name, value)| name == word || mentions(value, word))
        }
        Value::Array(values) => values.iter().any(|value| mentions(value, word)),
        Value::String(text) => text == word,
        _ => false,
    }
}

fn limits(case: &Value, code: &str) -> bool {
    !case["policy"]["tolerances"][code].is_null()
}

fn cases(file: &str) -> Vec<Value> {
    let path = suites::folder("vectors/reconciliation").join(format!("{file}.json"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file: Value = serde_json::from_str(&text).expect("a file of vectors is JSON");
    file["cases"].as_array().expect("a file of vectors has cases").clone()
}

/// Runs the steps of a case; the faults it finds, in words.
fn run(case: &Value) -> Vec<String> {
    let mut world = translation::World::new(case);
    let mut faults = Vec::new();
    for step in translation::timeline(case) {
        let result: Option<Reconciliation> = world.take(&step).map(|input| {
            let result = reconcile(&input);
            assert_eq!(result, reconcile(&input), "the same case, another result");
            result
        });
        let expected = case["expect"].as_array().expect("a case expects something");
        for expected in expected.iter().filter(|one| one["step"] == step["step"]) {
            let result = result.as_ref().expect("only a match step has a result");
            let found = expectation::faults(expected, result);
            faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", case["id"])));
        }
        if let (Some(invoice), Some(result)) = (step["match"].as_str(), result) {
            world.keep(invoice, result);
        }
    }
    faults
}

#[test]
fn every_case_passes_or_is_listed_by_the_rule_it_waits_for() {
    let mut passed = BTreeMap::new();
    let mut waiting: BTreeMap<(u32, &str), Vec<String>> = BTreeMap::new();
    let mut faults = Vec::new();
    for file in FILES {
        for case in cases(file) {
            let rules = NOT_BUILT.iter().filter(|(_, _, uses)| uses(&case));
            let rules: Vec<_> = rules.collect();
            for (row, name, _) in &rules {
                let id = case["id"].as_str().expect("a case has an id");
                waiting.entry((*row, name)).or_default().push(id.to_owned());
            }
            if rules.is_empty() {
                *passed.entry(file).or_insert(0) += 1;
                faults.extend(run(&case));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(waiting.len(), NOT_BUILT.len(), "a rule that no case waits for leaves the table");
    let waiting = waiting
        .iter()
        .map(|((row, name), cases)| format!("[{row}] {name}\n  {}", cases.join("\n  ")));
    let waiting: Vec<String> = waiting.collect();
    let report = format!("{passed:?}\n{}\n", waiting.join("\n"));
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("cases_by_the_rule_they_wait_for", report);
    });
}
