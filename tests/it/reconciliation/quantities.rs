//! Quantities at their edges: what converting leaves, what is too little, lines without any.

use ap_gateway::models::verdict::{CheckCode, CheckVerdict, HoldCode};
use ap_gateway::reconciliation::{explain, reconcile};

use crate::reconciliation::causes::with;
use crate::reconciliation::sample::{check, codes};

/// Two pieces are two thirds of a box, which no decimal says: three times that are two boxes.
#[test]
fn what_converting_units_leaves_is_no_variance() {
    let line = |id: &str| {
        format!(
            r#"{{"id":"{id}","quantity":"2","unit":"C62","price":"10","net":"20.00",
                "order_line_reference":"20"}}"#
        )
    };
    let lines = ["2", "3", "4"].map(line);
    let result = reconcile(&with(&[
        ("conversions", r#"[{"from":"XBX","to":"C62","factor":"3"}]"#),
        ("purchase_orders/0/lines/1/unit", r#""XBX""#),
        ("purchase_orders/0/lines/1/unit_price", r#""30""#),
        ("invoice/lines/1", &lines[0]),
        ("invoice/lines/-", &lines[1]),
        ("invoice/lines/-", &lines[2]),
        ("invoice/totals/lines", r#""185.00""#),
    ]));
    assert_eq!(codes(&result), [], "{:?}", result.holds);
    for code in [CheckCode::QtyOrdered, CheckCode::QtyReceived] {
        let all = check(&result, code, Some("4"));
        assert_eq!((all.variance.as_deref(), all.verdict), (Some("0"), CheckVerdict::Pass));
    }
}

#[test]
fn only_what_bills_goods_misses_their_receipt() {
    let verdict = |type_code: &str, quantity: &str| {
        let result = reconcile(&with(&[
            ("policy/match_level", r#""three_way""#),
            ("receipts", "[]"),
            ("invoice/type_code", type_code),
            ("invoice/lines/1/quantity", quantity),
        ]));
        check(&result, CheckCode::ReceiptMissing, Some("2")).verdict
    };
    assert_eq!(verdict(r#""380""#, r#""2""#), CheckVerdict::Fail);
    assert_eq!(verdict(r#""380""#, r#""0.01""#), CheckVerdict::Fail);
    assert_eq!(verdict(r#""380""#, r#""0""#), CheckVerdict::Pass);
    // A debit note adds money and no quantity.
    assert_eq!(verdict(r#""383""#, r#""2""#), CheckVerdict::Pass);
}

/// One kilogram is billed of two that were ordered and came.
#[test]
fn too_little_counts_once_nothing_more_is_to_come() {
    let less = |more: (&str, &str)| {
        reconcile(&with(&[
            ("policy/tolerances/QTY_ORDERED", r#"{"lower":{"amount":"0"}}"#),
            ("policy/tolerances/QTY_RECEIVED", r#"{"lower":{"amount":"0"}}"#),
            ("invoice/lines/1/quantity", r#""1""#),
            ("invoice/lines/1/net", r#""48.25""#),
            ("invoice/totals/lines", r#""173.25""#),
            more,
        ]))
    };
    let part = less(("invoice/type_code", r#""380""#));
    assert_eq!(codes(&part), []);
    for over in [
        ("invoice/type_code", r#""877""#),
        ("purchase_orders/0/status", r#""closed""#),
        ("purchase_orders/0/lines/1/closed_quantity", r#""2""#),
    ] {
        let result = less(over);
        let told = |code: HoldCode| {
            let hold = result.holds.iter().find(|hold| hold.code == code);
            hold.unwrap_or_else(|| panic!("{over:?}: {:?}", result.holds)).text.as_str()
        };
        let ordered = "releases when a person accepts the short delivery or the order is lowered";
        assert!(told(HoldCode::QtyOrdered).ends_with(ordered), "{}", told(HoldCode::QtyOrdered));
        let received = "releases when 1 more are billed, returned or accepted as unbilled";
        assert!(told(HoldCode::QtyReceived).ends_with(received), "{}", told(HoldCode::QtyReceived));
    }
}

#[test]
fn a_service_needs_no_quantity() {
    let result = reconcile(&with(&[
        ("purchase_orders/0/lines/1/match_basis", r#""amount""#),
        ("receipts/1/lines/0/amount", r#""96.50""#),
        ("invoice/lines/1/quantity", "null"),
        ("invoice/lines/1/price", "null"),
    ]));
    assert_eq!(codes(&result), [], "{:?}", result.holds);
}

#[test]
fn a_line_that_nothing_asks_to_compare_is_told_as_such() {
    let case = with(&[("policy/match_level", r#""none""#), ("receipts", "[]")]);
    let text = explain(&case, &reconcile(&case));
    let told = "line 1: order PO-1 line 10, named by the invoice, not compared";
    assert!(text.lines().any(|line| line == told), "{text}");
}
