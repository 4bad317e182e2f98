//! Bounded work: 800 × 800 lines under 200 ms (handbook §18) in a release build; what is more is
//! refused. How long it takes exactly `benches/reconciliation.rs` says.

use std::time::{Duration, Instant};

use ap_gateway::models::case::Case;
use ap_gateway::models::verdict::{HoldCode, Outcome};
use ap_gateway::reconciliation::{explain, reconcile};
use serde_json::{Value, json};

use crate::reconciliation::sample::codes;

/// An unoptimised build is this much slower.
const SLOWER: u32 = if cfg!(debug_assertions) { 60 } else { 1 };

fn case(count: usize, line: impl Fn(usize) -> Value, order: impl Fn(usize) -> Value) -> Case {
    let lines: Vec<Value> = (0..count).map(line).collect();
    let ordered: Vec<Value> = (0..count).map(order).collect();
    let case = json!({
        "invoice": {"currency": "EUR", "order_reference": "P", "lines": lines},
        "purchase_orders": [{"number": "P", "currency": "EUR", "lines": ordered}],
    });
    serde_json::from_value(case).expect("a case")
}

/// Names of 100 characters that share most of them: the worst for the comparison.
fn name(place: usize) -> String {
    format!("{:0>8} {}", place * 7_919, "stainless hexagon socket head cap screw ".repeat(2))
}

#[test]
fn eight_hundred_lines_of_one_price_are_compared() {
    let line = |place: usize| {
        json!({"id": place.to_string(), "quantity": "1", "price": "1", "net": "1",
               "name": name(place)})
    };
    let order = |place: usize| {
        json!({"id": place.to_string(), "quantity": "1", "unit_price": "1",
               "description": name(place)})
    };
    let case = case(800, line, order);
    let start = Instant::now();
    let result = reconcile(&case);
    let taken = start.elapsed();
    assert!(taken < Duration::from_millis(200) * SLOWER, "{taken:?}");
    assert_eq!(codes(&result), [HoldCode::UnpairedLine]);
    assert!(explain(&case, &result).lines().count() > 800);
}

#[test]
fn eight_hundred_interchangeable_lines_are_spread() {
    let line = |place: usize| {
        json!({"id": place.to_string(), "quantity": "1", "price": "1", "net": "1",
               "buyer_item_id": "B"})
    };
    let order = |place: usize| json!({"id": place.to_string(), "quantity": "1", "unit_price": "1", "buyer_item_id": "B"});
    let case = case(800, line, order);
    let start = Instant::now();
    let result = reconcile(&case);
    let taken = start.elapsed();
    assert!(taken < Duration::from_millis(200) * SLOWER, "{taken:?}");
    assert_eq!((codes(&result), result.outcome), (vec![], Outcome::Matched));
}

#[test]
fn beyond_the_limit_the_answer_is_refused() {
    let line = |place: usize| json!({"id": place.to_string(), "quantity": "1", "price": "1", "net": "1", "name": "x"});
    let order = |place: usize| json!({"id": place.to_string(), "quantity": "1", "unit_price": "1", "description": "x"});
    let result = reconcile(&case(1_001, line, order));
    assert_eq!((codes(&result), result.outcome), (vec![HoldCode::PairingLimit], Outcome::Refused));
}
