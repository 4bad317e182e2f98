//! What people decide: the order line, the kind of a credit, the level, and that a hold may go.

use ap_gateway::models::policy::MatchLevel;
use ap_gateway::models::verdict::{CheckCode, CheckVerdict, HoldCode, Outcome, PairingStep};
use ap_gateway::reconciliation::{explain, reconcile};

use crate::reconciliation::causes::with;
use crate::reconciliation::sample::{check, codes};

#[test]
fn a_chosen_order_line_counts_whatever_the_invoice_says() {
    for changes in [
        &[("invoice/lines/1/order_line_reference", r#""10""#)][..],
        &[("invoice/lines/1/order_line_reference", "null")],
        &[("invoice/lines/1/order_line_reference", r#""99""#)],
        &[
            ("invoice/lines/0/order_reference", r#""PO-1""#),
            ("invoice/lines/1/order_line_reference", "null"),
            ("invoice/order_reference", "null"),
        ],
    ] {
        let mut changes = changes.to_vec();
        changes.push(("decisions", r#"{"pairings":[{"line":"2","po":"PO-1","po_line":"0020"}]}"#));
        let result = reconcile(&with(&changes));
        let pair = result.pairing.iter().find(|pair| pair.line == "2").expect("it is paired");
        assert_eq!((pair.po_line.as_str(), pair.step), ("20", PairingStep::Decision));
        assert_eq!(result.outcome, Outcome::Matched, "{changes:?}: {:?}", result.holds);
    }
}

#[test]
fn a_chosen_order_line_that_is_gone_is_no_choice() {
    let result = reconcile(&with(&[
        ("decisions", r#"{"pairings":[{"line":"2","po":"PO-1","po_line":"99"}]}"#),
        ("invoice/lines/1/order_line_reference", "null"),
        ("invoice/lines/1/name", r#""Paint""#),
    ]));
    assert_eq!(codes(&result), [HoldCode::UnpairedLine]);
}

#[test]
fn a_choice_names_one_line_and_not_one_that_looks_like_it() {
    let chosen = |line: &str| {
        let chosen = format!(r#"{{"pairings":[{{"line":"2","po":"PO-1","po_line":{line:?}}}]}}"#);
        let result = reconcile(&with(&[
            ("decisions", &chosen),
            ("purchase_orders/0/lines/-", r#"{"id":"020","quantity":"2","unit_price":"48.25"}"#),
        ]));
        let pair = result.pairing.into_iter().find(|pair| pair.line == "2");
        pair.map(|pair| (pair.po_line, pair.step))
    };
    for (line, found, step) in [
        ("020", "020", PairingStep::Decision),
        ("20", "20", PairingStep::Decision),
        // Either may be meant: what the invoice says counts.
        ("0020", "20", PairingStep::Explicit),
    ] {
        assert_eq!(chosen(line), Some((found.to_owned(), step)), "{line}");
    }
}

#[test]
fn a_person_raises_the_level_of_this_invoice() {
    let two_way = [("receipts", "[]")];
    assert_eq!(reconcile(&with(&two_way)).outcome, Outcome::Matched);
    let raised = with(&[("receipts", "[]"), ("decisions", r#"{"match_level":"three_way"}"#)]);
    let result = reconcile(&raised);
    assert_eq!(codes(&result), [HoldCode::ReceiptMissing]);
    assert!(result.level.values().all(|&level| level == MatchLevel::ThreeWay));
}

/// Fifty bolts and the grease, of an invoice over a hundred bolts.
const CREDIT_NOTE: [(&str, &str); 4] = [
    ("invoice/kind", r#""credit_note""#),
    ("invoice/preceding_invoices", r#"[{"number":"R-0"}]"#),
    (
        "preceding",
        r#"[{"number":"R-0","id":"inv_0","lines":[
            {"line":"7","quantity":"100","net":"125.00","po":"PO-1","po_line":"10"},
            {"line":"8","quantity":"2","net":"96.50","po":"PO-1","po_line":"20",
             "credited_quantity":"1","credited_net":"48.25"}]}]"#,
    ),
    ("invoice/totals/lines", "null"),
];

#[test]
fn a_price_credit_returns_nothing() {
    let less = |more: &[(&str, &str)]| {
        let mut changes = CREDIT_NOTE.to_vec();
        changes.push(("invoice/lines/0/quantity", r#""50""#));
        changes.push(("invoice/lines/0/net", r#""20.00""#));
        changes.push(("invoice/lines/1/quantity", r#""1""#));
        changes.push(("invoice/lines/1/net", r#""48.25""#));
        changes.extend(more);
        reconcile(&with(&changes))
    };
    let unclear = less(&[]);
    assert!(codes(&unclear).contains(&HoldCode::CreditKindUnclear), "{:?}", unclear.holds);
    assert!(unclear.credits.is_empty());
    let told = less(&[("decisions", r#"{"price_credits":["1"]}"#)]);
    assert_eq!((codes(&told), told.outcome), (vec![], Outcome::Matched));
    let given: Vec<_> = told
        .credits
        .iter()
        .map(|row| (row.invoice.as_str(), row.invoice_line.as_str(), &*row.quantity, &*row.amount))
        .collect();
    assert_eq!(given, [("inv_0", "7", "0", "20.00"), ("inv_0", "8", "1", "48.25")]);
}

#[test]
fn what_was_credited_before_counts() {
    let mut changes = CREDIT_NOTE.to_vec();
    changes.push(("invoice/lines/1/quantity", r#""2""#));
    let result = reconcile(&with(&changes));
    let quantity = check(&result, CheckCode::CreditQty, Some("2"));
    assert_eq!((quantity.actual.as_deref(), quantity.verdict), (Some("3"), CheckVerdict::Fail));
    assert_eq!(check(&result, CheckCode::CreditQty, Some("1")).verdict, CheckVerdict::Pass);
}

#[test]
fn a_release_holds_for_its_values_line_and_charge_alone() {
    let dear = ("invoice/lines/1/net", r#""97.50""#);
    let untotalled = ("invoice/totals/lines", r#""222.50""#);
    for (release, counts) in [
        (r#"{"code":"UNIT_PRICE","line":"2","actual":"48.75","expected":"48.25"}"#, false),
        (r#"{"code":"UNIT_PRICE","line":"2","actual":"48.70","expected":"48.25"}"#, true),
        (r#"{"code":"UNIT_PRICE","line":"2","actual":"48.75"}"#, true),
        (r#"{"code":"UNIT_PRICE","line":"1","actual":"48.75","expected":"48.25"}"#, true),
        (r#"{"code":"LINE_NET","line":"2","actual":"48.75","expected":"48.25"}"#, true),
    ] {
        let mut release: serde_json::Value = serde_json::from_str(release).expect("JSON");
        release["by"] = "b. uyer".into();
        release["reason"] = "agreed by mail".into();
        let decisions = serde_json::json!({ "releases": [release] }).to_string();
        let case = with(&[dear, untotalled, ("decisions", &decisions)]);
        let result = reconcile(&case);
        let hold = result.holds.iter().find(|hold| hold.code == HoldCode::UnitPrice);
        assert_eq!(hold.expect("it is raised").released.is_none(), counts, "{release}");
        let told = explain(&case, &result).contains("(released by b. uyer: agreed by mail)");
        assert_eq!(told, !counts, "{release}");
        assert_eq!(result.outcome, Outcome::Held, "the net and the total are held too");
    }
}

#[test]
fn a_release_for_one_order_says_nothing_about_another() {
    // Both orders are over their limits by the same numbers, and both are closed.
    let second = r#"{"number":"PO-2","currency":"EUR","limit":"100","status":"closed",
        "lines":[{"id":"1","quantity":"5","unit_price":"44.30"}]}"#;
    let line = r#"{"id":"3","quantity":"5","net":"221.50","order_reference":"PO-2",
        "order_line_reference":"1"}"#;
    let over = r#""code":"PO_LIMIT","actual":"221.50","expected":"100.00""#;
    let other = r#""code":"PO_LIMIT","actual":"221.50","expected":"90.00""#;
    let closed = r#""code":"PO_CLOSED""#;
    for (release, order, released) in [
        (over, Some("PO-1"), vec![(HoldCode::PoLimit, "PO-1")]),
        (over, Some("PO-2"), vec![(HoldCode::PoLimit, "PO-2")]),
        (over, None, vec![]),
        (other, Some("PO-1"), vec![]),
        (closed, Some("PO-2"), vec![(HoldCode::PoClosed, "PO-2")]),
        (closed, None, vec![]),
    ] {
        let of_order = order.map(|order| format!(r#","po":{order:?}"#)).unwrap_or_default();
        let decisions =
            format!(r#"{{"releases":[{{{release}{of_order},"by":"b. uyer","reason":"agreed"}}]}}"#);
        let result = reconcile(&with(&[
            ("purchase_orders/0/limit", r#""100""#),
            ("purchase_orders/0/status", r#""closed""#),
            ("purchase_orders/-", second),
            ("invoice/lines/-", line),
            ("invoice/totals/lines", r#""443.00""#),
            ("decisions", &decisions),
        ]));
        let mut held: Vec<_> =
            result.holds.iter().map(|hold| (hold.code, hold.po.as_deref())).collect();
        held.sort();
        let both = |code| [(code, Some("PO-1")), (code, Some("PO-2"))];
        let (closed, limit) = (both(HoldCode::PoClosed), both(HoldCode::PoLimit));
        assert_eq!(held, [closed, limit].concat(), "{:?}", result.holds);
        let gone = result.holds.iter().filter(|hold| hold.released.is_some());
        let gone: Vec<_> = gone.map(|hold| (hold.code, hold.po.as_deref().unwrap_or(""))).collect();
        assert_eq!(gone, released, "{release} {order:?}");
    }
}
