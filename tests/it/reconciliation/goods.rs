//! What came, what was inspected, what went back, and which receipt a line takes from.

use ap_gateway::models::case::Case;
use ap_gateway::models::verdict::{HoldCode, PairingStep};
use ap_gateway::reconciliation::{reconcile, release_of, standing};
use serde_json::json;

use crate::reconciliation::causes::with;
use crate::reconciliation::sample::codes;

/// The sample with other receipts of its second line, and what stands on that line then.
fn second_line(lines: &[serde_json::Value], more: &[(&str, &str)]) -> (String, Option<String>) {
    let receipts = lines.iter().enumerate().map(|(place, line)| {
        let mut line = line.clone();
        line["id"] = json!("1");
        line["order_line"] = json!("20");
        json!({"number": format!("GR-{place}"), "purchase_order": "PO-1", "lines": [line]})
    });
    let mut all = vec![crate::reconciliation::sample::receipt("GR-A", "10", "100")];
    all.extend(receipts);
    let all = serde_json::Value::from(all).to_string();
    let mut changes = vec![("receipts", all.as_str())];
    changes.extend(more);
    let result = reconcile(&with(&changes));
    let line = result.po_lines.into_iter().find(|line| line.po_line == "20").expect("the line");
    (line.received, line.accepted)
}

#[test]
fn one_inspected_receipt_makes_the_line_an_inspected_one() {
    let plain = json!({"received": "1"});
    let inspected = json!({"received": "1", "accepted": "1"});
    let none = json!({"received": "1", "accepted": "0"});
    for (lines, received, accepted) in [
        (vec![plain.clone(), plain.clone()], "2", None),
        (vec![inspected.clone(), plain.clone()], "2", Some("1")),
        (vec![plain.clone(), inspected.clone()], "2", Some("1")),
        (vec![none, inspected.clone()], "2", Some("1")),
        // What went back counts against what was accepted; a receipt of nothing does not.
        (vec![inspected.clone(), json!({"received": "-1"})], "0", Some("0")),
        (vec![inspected, json!({"received": "0", "accepted": "1"})], "1", Some("2")),
    ] {
        let found = second_line(&lines, &[]);
        assert_eq!((found.0.as_str(), found.1.as_deref()), (received, accepted), "{lines:?}");
    }
}

/// The receipts that the second line of the sample takes from, with the quantity of each.
fn taken(receipts: &str) -> Vec<(String, String)> {
    let result = reconcile(&with(&[("receipts", receipts)]));
    let rows = result.allocations.into_iter().filter(|row| row.line == "2");
    rows.map(|row| (row.receipt.unwrap_or_default(), row.quantity)).collect()
}

#[test]
fn what_came_first_is_taken_first_by_date_then_number_then_line() {
    let receipt = |number: &str, date: &str, lines: serde_json::Value| json!({"number": number, "date": date, "purchase_order": "PO-1", "lines": lines});
    let one = |id: &str| json!([{"id": id, "order_line": "20", "received": "1.5"}]);
    for (receipts, expected) in [
        (
            [receipt("A", "2026-02-01", one("1")), receipt("B", "2026-01-01", one("1"))],
            [("B", "1.5"), ("A", "0.5")],
        ),
        (
            [receipt("B", "2026-01-01", one("1")), receipt("A", "2026-01-01", one("1"))],
            [("A", "1.5"), ("B", "0.5")],
        ),
    ] {
        let found = taken(&json!(receipts).to_string());
        let found: Vec<_> = found.iter().map(|(name, many)| (&**name, &**many)).collect();
        assert_eq!(found, expected);
    }
    let lines = json!([
        {"id": "2", "order_line": "20", "received": "1.25"},
        {"id": "1", "order_line": "20", "received": "1.5"},
    ]);
    let receipts = json!([receipt("A", "2026-01-01", lines)]).to_string();
    let quantities: Vec<String> = taken(&receipts).into_iter().map(|(_, many)| many).collect();
    assert_eq!(quantities, ["1.5", "0.5"]);
}

#[test]
fn the_amount_of_a_line_is_spread_over_its_receipts_and_the_last_takes_the_rest() {
    let parts = |received: [&str; 3]| {
        let receipts: Vec<_> = received
            .iter()
            .enumerate()
            .map(|(place, received)| {
                json!({"number": format!("GR-{place}"), "purchase_order": "PO-1",
                       "lines": [{"id": "1", "order_line": "20", "received": received}]})
            })
            .collect();
        let receipts = json!(receipts).to_string();
        let changes = [
            ("receipts", receipts.as_str()),
            ("invoice/lines/1/quantity", r#""3""#),
            ("invoice/lines/1/net", r#""100.00""#),
            ("purchase_orders/0/lines/1/quantity", r#""3""#),
        ];
        let rows = reconcile(&with(&changes)).allocations.into_iter();
        rows.filter(|row| row.line == "2").map(|row| row.amount).collect::<Vec<_>>()
    };
    assert_eq!(parts(["1", "1", "1"]), ["33.33", "33.33", "33.34"]);
    assert_eq!(parts(["2", "0.5", "0.5"]), ["66.67", "16.67", "16.66"]);
}

/// One hundred were ordered, and as many billed.
#[test]
fn limits_of_delivery_are_inclusive() {
    let run = |member: &str, percent: &str, received: &str, last: &str| {
        let member = format!("purchase_orders/0/lines/0/{member}");
        codes(&reconcile(&with(&[
            (&member, percent),
            ("receipts/0/lines/0/received", received),
            ("receipts/0/lines/0/last", last),
        ])))
    };
    let over = |received| run("over_delivery_percent", r#""10""#, received, "false");
    assert!(!over(r#""110""#).contains(&HoldCode::OverReceipt));
    assert!(over(r#""110.01""#).contains(&HoldCode::OverReceipt));
    let short = |received, last| run("under_delivery_percent", r#""10""#, received, last);
    assert!(!short(r#""90""#, "true").contains(&HoldCode::ShortShipment));
    assert!(short(r#""89.99""#, "true").contains(&HoldCode::ShortShipment));
    assert!(!short(r#""89.99""#, "false").contains(&HoldCode::ShortShipment));
}

#[test]
fn a_credit_is_expected_for_what_went_back_beyond_what_is_billed() {
    let returned = r#"{"number":"GR-3","purchase_order":"PO-1",
        "lines":[{"id":"1","order_line":"10","received":"-10"}]}"#;
    let run = |received: &str| {
        codes(&reconcile(&with(&[
            ("receipts/-", returned),
            ("receipts/0/lines/0/received", received),
            ("policy/tolerances/QTY_RECEIVED", r#"{"upper":{"amount":"5"}}"#),
        ])))
    };
    assert_eq!(run(r#""110""#), []);
    assert_eq!(run(r#""109""#), [HoldCode::CreditExpected]);
    // What a stop hold of the line says is not said again.
    assert_eq!(run(r#""104""#), [HoldCode::QtyReceived]);
}

#[test]
fn a_receipt_is_named_with_its_line_or_as_a_whole() {
    let receipts = json!([
        crate::reconciliation::sample::receipt("GR-1", "10", "100"),
        {"number": "GR-2", "purchase_order": "PO-1", "lines": [
            {"id": "1", "order_line": "20", "received": "1"},
            {"id": "2", "order_line": "20", "received": "2"},
        ]},
    ]);
    let receipts = receipts.to_string();
    let claim = |line: &str| {
        let before = format!(
            r#"[{{"invoice":"inv_0","line":"1","po":"PO-1","po_line":"20","quantity":"1",
                "receipts":[{{"receipt":"GR-2","line":{line}}}]}}]"#
        );
        let result = reconcile(&with(&[
            ("receipts", &receipts),
            ("billed_before", &before),
            ("purchase_orders/0/lines/1/quantity", r#""3""#),
        ]));
        let rows = result.allocations.into_iter().filter(|row| row.line == "2");
        rows.map(|row| (row.receipt_line.unwrap_or_default(), row.quantity)).collect::<Vec<_>>()
    };
    let pair = |line: &str, many: &str| (line.to_owned(), many.to_owned());
    assert_eq!(claim("null"), [pair("2", "2")]);
    assert_eq!(claim(r#""1""#), [pair("2", "2")]);
    assert_eq!(claim(r#"" 2 ""#), [pair("1", "1"), pair("2", "1")]);
}

#[test]
fn what_else_is_wrong_says_nothing_of_the_goods_that_went_back() {
    let returned = r#"{"number":"GR-3","purchase_order":"PO-1",
        "lines":[{"id":"1","order_line":"10","received":"-10"}]}"#;
    let run = |more: (&str, &str)| {
        codes(&reconcile(&with(&[
            ("receipts/-", returned),
            ("policy/tolerances/QTY_RECEIVED", r#"{"upper":{"amount":"10"}}"#),
            more,
        ])))
    };
    // Another hold of that line, and such a hold of another line.
    let dear = run(("invoice/lines/0/net", r#""130.00""#));
    assert!(dear.contains(&HoldCode::UnitPrice) && dear.contains(&HoldCode::CreditExpected));
    let missing = run(("receipts/1/lines/0/received", r#""0""#));
    assert_eq!(missing, [HoldCode::ReceiptMissing, HoldCode::CreditExpected]);
}

/// Two order lines of one item, of which only the second came.
#[test]
fn goods_that_came_are_billed_before_goods_that_did_not() {
    let line =
        |id: &str| json!({"id": id, "quantity": "5", "unit_price": "4.20", "buyer_item_id": "B"});
    let ordered = json!([line("10"), line("20")]).to_string();
    let billed = json!([{"id": "1", "quantity": "5", "price": "4.20", "net": "21.00",
        "buyer_item_id": "B"}])
    .to_string();
    let receipts = json!([crate::reconciliation::sample::receipt("GR-2", "20", "5")]).to_string();
    for (level, expected) in [
        (r#""two_way""#, "20"),
        // Where receipts are not compared, the first line is as good as the second.
        (r#"{"entity":"two_way","override":"any"}"#, "10"),
    ] {
        let result = reconcile(&with(&[
            ("purchase_orders/0/lines", &ordered),
            ("invoice/lines", &billed),
            ("invoice/totals/lines", r#""21.00""#),
            ("receipts", &receipts),
            ("policy/match_level", level),
        ]));
        assert_eq!(codes(&result), [], "{level}");
        assert_eq!(result.pairing[0].po_line, expected, "{level}");
    }
}

/// Three order lines of one item, none of which has the price that is asked.
#[test]
fn the_receipt_that_is_named_says_which_order_line_is_meant() {
    let line =
        |id: &str| json!({"id": id, "quantity": "100", "unit_price": id, "buyer_item_id": "B"});
    let ordered = json!([line("10"), line("20"), line("30")]).to_string();
    let receipt = crate::reconciliation::sample::receipt;
    let receipts = [("GR-1", "10"), ("GR-2", "20"), ("GR-3", "30")];
    let receipts = json!(receipts.map(|(number, line)| receipt(number, line, "100"))).to_string();
    for (named, expected) in [("GR-1", "10"), ("GR-2", "20"), ("GR-3", "30")] {
        let billed = json!([{"id": "1", "quantity": "100", "price": "9", "net": "900.00",
            "buyer_item_id": "B", "receiving_advice_reference": named}])
        .to_string();
        let result = reconcile(&with(&[
            ("purchase_orders/0/lines", &ordered),
            ("receipts", &receipts),
            ("invoice/lines", &billed),
        ]));
        let pairs = result.pairing.iter().map(|pair| (pair.po_line.as_str(), pair.step));
        assert_eq!(pairs.collect::<Vec<_>>(), [(expected, PairingStep::Receipt)]);
    }
}

/// Five came, three were accepted, and the line may be invoiced before it is inspected.
#[test]
fn a_release_is_bound_to_the_values_of_the_check_that_failed() {
    let run = |accepted: &str, decisions: &str| {
        reconcile(&with(&[
            ("policy/match_level", r#""four_way""#),
            ("receipts/0/lines/0/accepted", r#""100""#),
            ("receipts/1/lines/0/accepted", accepted),
            ("purchase_orders/0/lines/1/receipt_rule", r#""invoice_first""#),
            ("decisions", decisions),
        ]))
    };
    let waits = run(r#""1""#, "{}");
    let hold = waits.holds.iter().find(|hold| hold.code == HoldCode::ReceiptPending);
    let release = release_of(hold.expect("it waits"), &waits.checks, "r. eceiver", "on its way");
    let values = [release.actual.as_deref(), release.expected.as_deref()];
    assert_eq!(values, [Some("2"), Some("1")]);
    let decisions = json!({ "releases": [release] }).to_string();
    for (accepted, released) in [(r#""1""#, true), (r#""0.5""#, false)] {
        let result = run(accepted, &decisions);
        let hold = result.holds.iter().find(|hold| hold.code == HoldCode::ReceiptPending);
        assert_eq!(hold.expect("it waits").released.is_some(), released, "{accepted}");
    }
}

/// The quantities that what was billed before takes, where orders are matched at this level.
fn parts_of_claims(case: &Case, level: &str) -> Vec<String> {
    let mut policy = case.policy.clone();
    policy.match_level =
        serde_json::from_value(json!({"entity": level, "override": "any"})).expect("levels");
    let (rows, _) = standing(&case.purchase_orders, &case.receipts, &case.billed_before, &policy);
    rows.into_iter().map(|(_, row)| row.quantity).collect()
}

/// Five came of the grease and three were accepted; five are claimed.
#[test]
fn four_way_only_what_was_accepted_is_given_to_who_claims_it() {
    let case = with(&[
        ("receipts/1/lines/0/received", r#""5""#),
        ("receipts/1/lines/0/accepted", r#""3""#),
        (
            "billed_before",
            r#"[{"invoice":"inv_0","line":"1","po":"PO-1","po_line":"20","quantity":"5"}]"#,
        ),
    ]);
    assert_eq!(parts_of_claims(&case, "two_way"), ["5"]);
    assert_eq!(parts_of_claims(&case, "four_way"), ["3", "2"]);
}

/// Receipts that contradict themselves: more was rejected than came, and some of it accepted.
#[test]
fn four_way_what_was_accepted_is_offered_once_however_much_was_rejected() {
    let case = with(&[
        ("receipts/1/lines/0/received", r#""2""#),
        ("receipts/1/lines/0/rejected", r#""9""#),
        ("receipts/1/lines/0/accepted", r#""3""#),
        (
            "billed_before",
            r#"[{"invoice":"inv_0","line":"1","po":"PO-1","po_line":"20","quantity":"7"}]"#,
        ),
    ]);
    assert_eq!(parts_of_claims(&case, "four_way"), ["3", "4"]);
}
